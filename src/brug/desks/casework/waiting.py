"""What waits at the OCMW: families without a worker, families to contact, decisions, plans of today (art. 2, 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brug.core.calendar import legal_day
from brug.desks.casework import queries
from brug.desks.casework.models import ClientFile, Intake, Onward
from brug.desks.casework.states import BEFORE_CONTACT, FileState, OnwardState
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """Numbers, days and references; no person."""
    if may(member, Verb.SEE_INTAKES, at=at):
        yield from _to_give(at)
    if may(member, Verb.SEE_OVERDUE, at=at):
        yield from _overdue(member, at)
    if may(member, Verb.SEE_OWN_CASES, at=at):
        yield from _own(member, at)


def _to_give(at: datetime) -> Iterator[Waiting]:
    inbox, free = reverse("inbox"), Intake.objects.filter(worker=None)
    if count := free.count():
        words = ngettext("%(n)d referral has no worker yet", "%(n)d referrals have no worker yet", count) % {"n": count}
        yield Waiting(words, inbox, free.aggregate(first=Min("arrived_at"))["first"])
    for intake in queries.never_reached(at):
        where = reverse("case-decide", args=[intake.reference])
        yield Waiting(_("%(number)s: nobody could be reached. Go on or stop?") % {"number": intake.number}, where)


def _overdue(member: Member, at: datetime) -> Iterator[Waiting]:
    if count := queries.overdue(at):
        words = ngettext(
            "%(n)d family waits too long for a first conversation",
            "%(n)d families wait too long for a first conversation",
            count,
        )
        where = reverse("inbox") if may(member, Verb.SEE_INTAKES, at=at) else reverse("on-time")
        yield Waiting(words % {"n": count}, where, is_late=True)


def _own(member: Member, at: datetime) -> Iterator[Waiting]:
    mine, today = reverse("my-cases"), legal_day(at)
    silent = Intake.objects.filter(worker=member, state__in=BEFORE_CONTACT, withdrawn_at=None, restricted_at=None)
    if count := silent.count():
        words = ngettext("%(n)d family to get in touch with", "%(n)d families to get in touch with", count)
        yield Waiting(words % {"n": count}, mine, silent.aggregate(first=Min("assigned_at"))["first"])
    yield from _taken_back(member)
    for called in Onward.objects.filter(file__worker=member, state=OnwardState.TO_TELL).select_related("file"):
        words = _("%(number)s: call the partner, the client withdrew the consent") % {"number": called.file.number}
        yield Waiting(words, reverse("file", args=[called.file.reference]), is_late=True)
    due = {"worker": member, "next_on__lte": today, "restricted_at": None, "withdrawn_at": None}
    planned = Intake.objects.filter(**due).count() + ClientFile.objects.filter(state=FileState.OPEN, **due).count()
    if planned:
        words = ngettext("%(n)d step planned for today or earlier", "%(n)d steps planned for today or earlier", planned)
        yield Waiting(words % {"n": planned}, mine)


def _taken_back(member: Member) -> Iterator[Waiting]:
    """What the client took the ground away from: the intake goes; of a file the worker says whether it stays."""
    for intake in Intake.objects.filter(worker=member).exclude(withdrawn_at=None):
        words = _("%(number)s: the consent is withdrawn, erase it") % {"number": intake.number}
        yield Waiting(words, reverse("case", args=[intake.reference]), is_late=True)
    for file in ClientFile.objects.filter(worker=member).exclude(withdrawn_at=None).order_by("withdrawn_at"):
        words = _("%(number)s: the client withdrew the consent or asks to erase it. Does the file stay?")
        where = reverse("file", args=[file.reference])
        yield Waiting(words % {"number": file.number}, where, is_late=True)
