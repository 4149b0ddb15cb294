"""What waits for who answers or reports: reports on data without an answer, and answers not seen yet (art. 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from brug.desks.quality import queries
from brug.desks.quality.models import Report
from brug.desks.quality.states import UNANSWERED, ReportState, Side
from brug.office.parties.models import Member
from brug.office.parties.states import Role
from brug.office.parties.waiting import Waiting

ANSWERERS = frozenset({Role.TEAM_MEMBER, Role.TEAM_LEAD})


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each report of one's own (a lead's: of the team); the number, never a name."""
    open_ones = queries.visible_to(member, (), at).filter(closed_at=None)
    if member.role in ANSWERERS:
        for report in open_ones.filter(side=Side.DISCLOSER, state__in=UNANSWERED)[:50]:
            if queries.may_work_on(member, report, (), at):
                yield _line(_("%(number)s: ask the client what is right, and answer"), report, at)
    else:
        for report in open_ones.filter(side=Side.RECIPIENT, whose=member).exclude(state=ReportState.CLOSED)[:50]:
            if report.state not in UNANSWERED:
                yield _line(_("%(number)s is answered: look at it"), report, at)


def _line(words: str, report: Report, at: datetime) -> Waiting:
    where = reverse("quality-detail", args=[report.reference])
    return Waiting(words % {"number": report.number}, where, report.reported_at, queries.row(report, at).is_late)
