"""One mail a person for all that began to wait, or waits again: never one each, on working days (art. 2, 6).

Who is told, and when, follows from the table of what waits. What counts in elapsed hours is told at once, at night too,
with a sentence of its own (art. 9). What is kept is when each was told last: a node that stood still tells in one mail
what it missed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.cache import cache
from django.db import transaction

from brug.core.calendar import BRUSSELS, is_working_day, legal_day
from brug.office.parties.models import Digest, Member
from brug.office.parties.waiting import MORNING, Row, Staff, last_call
from brug.office.plug import rows
from brug.office.post import alerts

GATHER = timedelta(minutes=10)  # what begins to wait together is told together
APART = timedelta(hours=2)  # between two mails to one person
EVENING = time(19, 0)  # in Brussels: what comes later is told the next working day
LOOKED = "digest-looked-at"
EVERY = timedelta(minutes=2)  # between two looks at the whole table
Told = dict[tuple[int, str], datetime]  # primary key of a member, code of the sentence → told up to


def tell(at: datetime) -> int:
    """Mail whoever has something that was not told yet; how many. A duty of every turn, that looks now and then."""
    looked_at: datetime | None = cache.get(LOOKED)
    if looked_at is not None and timedelta() <= at - looked_at < EVERY:
        return 0
    cache.set(LOOKED, at, timeout=None)
    told = {(each.member_id, each.about): each.told_at for each in Digest.objects.all()}
    calls = due(told, at)
    return sum(_tell(pk, about, told.get((pk, about)), calls[pk, about], at) for pk, about in sorted(calls))


def due(told: Told, at: datetime) -> Told:
    """Whom something waits for since they were told last, of which sentence, and up to when that tells it.

    What has no hours of its own waits for a working day, and long enough to be gathered.
    """
    staff, found = Staff(at), Told()
    may_wait = is_working_day(legal_day(at)) and MORNING <= at.astimezone(BRUSSELS).time() < EVENING
    for row in rows():
        if not row.mails or not (row.hours or may_wait):
            continue
        until = at if row.hours else at - GATHER
        for thing in row.find(at, None):
            for pk, since in staff.told(row, thing).items():
                call, before = last_call(since, row.again, at, row.hours), told.get((pk, row.about))
                if call and call <= until and _is_new(row, call, before, until):
                    found[pk, row.about] = until
    return found


def _is_new(row: Row, call: datetime, before: datetime | None, until: datetime) -> bool:
    return before is None or (before < call and (bool(row.hours) or before <= until - APART))


def _tell(pk: int, about: str, before: datetime | None, until: datetime, at: datetime) -> bool:
    """Mail her, unless another worker was first: the UPDATE decides. What is newer than `until` is for the next."""
    member = Member.objects.get(pk=pk)
    if not member.email:
        return False
    with transaction.atomic():
        known, is_new = Digest.objects.get_or_create(member=member, about=about, defaults={"told_at": until})
        mine = Digest.objects.filter(pk=known.pk, told_at=known.told_at)
        if not is_new and (known.told_at != before or not mine.update(told_at=until)):
            return False
        alerts.tell(member.email, about, at=at)
    return True
