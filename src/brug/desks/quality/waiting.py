"""What waits for whoever must answer a report on the data, and for who reported it (art. 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from brug.desks.quality import queries
from brug.desks.quality.models import Report
from brug.desks.quality.states import UNANSWERED, ReportState, Side
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each report that is this member's to work on."""
    for report in Report.objects.filter(whose=member, closed_at=None).order_by("reported_at")[:50]:
        where = reverse("quality-detail", args=[report.reference])
        if report.side == Side.DISCLOSER and report.state in UNANSWERED:
            late = queries.row(report, at).is_late
            yield Waiting(_("The OCMW says that a detail is not right: answer it"), where, report.reported_at, late)
        elif report.side == Side.RECIPIENT and report.state in (ReportState.ANSWERED, ReportState.APPLIED):
            yield Waiting(_("There is an answer on a detail that you reported"), where, report.answered_at)
