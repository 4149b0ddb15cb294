"""What waits for who answers or reports: reports on data without an answer, and answers not seen yet (art. 7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import after_working_days, legal_day
from brug.desks.quality.models import Report
from brug.desks.quality.states import ANSWER_DAYS, UNANSWERED, ReportState, Side
from brug.office.parties.states import Verb
from brug.office.parties.waiting import Quiet, Row, Step, Thing, morning
from brug.office.roles import Role


def _open(side: Side, whose: Collection[int] | None) -> QuerySet[Report]:
    found = Report.objects.filter(side=side, closed_at=None).order_by("reported_at")
    return found if whose is None else found.filter(whose__in=whose)


def _thing(report: Report, since: datetime, *, is_late: bool = False) -> Thing:
    where = reverse("quality-detail", args=[report.reference])
    return Thing(report.number, where, since, owner=report.whose_id, team=report.team_id, is_late=is_late)


def _late_from(report: Report) -> datetime:
    return morning(after_working_days(legal_day(report.reported_at), ANSWER_DAYS + 1))


def to_answer(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    """At the notifier's: what the OCMW asked. Everything of a team: a lead stands in for who is away."""
    for report in _open(Side.DISCLOSER, whose).filter(state__in=UNANSWERED):
        yield _thing(report, report.reported_at, is_late=_late_from(report) <= at)


def no_answer(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    """At the OCMW: nobody answered within both parties' target; a phone call is as good (art. 7)."""
    for report in _open(Side.RECIPIENT, whose).filter(state__in=UNANSWERED):
        if (since := _late_from(report)) <= at:
            yield _thing(report, since, is_late=True)


def answered(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    for report in _open(Side.RECIPIENT, whose).filter(state__in=(ReportState.ANSWERED, ReportState.APPLIED)):
        yield _thing(report, report.answered_at or report.reported_at)


ROWS = (
    Row(
        "quality_to_answer",
        to_answer,
        _("%(number)s: ask the client what is right, and answer"),
        then=(Step(ANSWER_DAYS, (Role.TEAM_LEAD,)), Step(2 * ANSWER_DAYS, (Role.DPO,))),
        states=(ReportState.REPORTED, ReportState.RECEIVED, ReportState.INVESTIGATING),
        again=2,
        verb=Verb.SEE_QUALITY,
    ),
    Row(
        "quality_no_answer",
        no_answer,
        _("%(number)s has no answer yet: call the notifier"),
        then=(Step(ANSWER_DAYS, (Role.DISPATCHER,)),),
        again=5,
        verb=Verb.SEE_QUALITY,
    ),
    Row(
        "quality_answered",
        answered,
        _("%(number)s is answered: look at it"),
        then=(Step(ANSWER_DAYS, (Role.DISPATCHER,)),),
        states=(ReportState.ANSWERED, ReportState.APPLIED),
        again=5,
        verb=Verb.SEE_QUALITY,
    ),
)
QUIET: Quiet = {ReportState.CLOSED: "answered and seen, or there is nothing to correct any more"}
