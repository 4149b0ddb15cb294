"""One mail a person for all that began to wait, or waits again: never one each, on working days (art. 2, 6).

Who is told, and when, follows from the table of what waits. What is kept is when each was told last: a node that stood
still tells in one mail what it missed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.cache import cache
from django.db import transaction

from brug.core.calendar import BRUSSELS, is_working_day, legal_day
from brug.office.parties.models import Digest, Member
from brug.office.parties.waiting import MORNING, Staff, last_call
from brug.office.plug import rows
from brug.office.post import notices

GATHER = timedelta(minutes=10)  # what begins to wait together is told together
APART = timedelta(hours=2)  # between two mails to one person
EVENING = time(19, 0)  # in Brussels: what comes later is told the next working day
LOOKED = "digest-looked-at"
EVERY = timedelta(minutes=2)  # between two looks at the whole table


def tell(at: datetime) -> int:
    """Mail whoever has something that was not told yet; how many. A duty of every turn, that looks now and then."""
    looked_at: datetime | None = cache.get(LOOKED)
    if looked_at is not None and timedelta() <= at - looked_at < EVERY:
        return 0
    cache.set(LOOKED, at, timeout=None)
    if not is_working_day(legal_day(at)) or not MORNING <= at.astimezone(BRUSSELS).time() < EVENING:
        return 0
    told = {each.member_id: each.told_at for each in Digest.objects.all()}
    return sum(_tell(Member.objects.get(pk=pk), told.get(pk), at) for pk in sorted(due(told, at)))


def due(told: dict[int, datetime], at: datetime) -> set[int]:
    """Whom something waits for since they were told last (`told`: by primary key), and long enough to be gathered."""
    staff, found = Staff(at), set()
    for row in rows():
        if not row.mails:
            continue
        for thing in row.find(at, None):
            for pk, since in staff.told(row, thing).items():
                call, before = last_call(since, row.again, at), told.get(pk)
                is_new = before is None or before < call
                if is_new and call <= at - GATHER and (before is None or before <= at - APART - GATHER):
                    found.add(pk)
    return found


def _tell(member: Member, before: datetime | None, at: datetime) -> bool:
    """Mail her, unless another worker was first: the UPDATE decides. What is newer than `GATHER` is for the next."""
    if not member.email:
        return False
    with transaction.atomic():
        known, is_new = Digest.objects.get_or_create(member=member, defaults={"told_at": at - GATHER})
        mine = Digest.objects.filter(pk=known.pk, told_at=known.told_at)
        if not is_new and (known.told_at != before or not mine.update(told_at=at - GATHER)):
            return False
        notices.tell(member.email, "waiting", at=at)
    return True
