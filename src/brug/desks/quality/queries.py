"""Reads of this desk: who sees which report, and how old it is. No person is in any list (art. 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from brug.core.calendar import legal_day, working_days
from brug.desks.quality.models import Report
from brug.desks.quality.states import ANSWER_DAYS, UNANSWERED, Side
from brug.office.parties.may import Relation, Verb, may, roles
from brug.office.parties.models import Member
from brug.office.roles import Role

CLOSED_SHOWN = 50
OVERSEEING = frozenset({Role.DPO, Role.DISPATCHER})


@dataclass(frozen=True, slots=True)
class Row:
    """One report as a list shows it."""

    report: Report
    working_days: int  # from the report to the answer, or until now
    is_late: bool  # no answer within the target


def row(report: Report, at: datetime) -> Row:
    waits = report.state in UNANSWERED
    until = at if waits else report.answered_at or report.closed_at or at
    days = working_days(legal_day(report.reported_at), legal_day(until))
    return Row(report, days, waits and days > ANSWER_DAYS)


def relation(member: Member, report: Report, cases: Iterable[UUID] = ()) -> Relation:
    """How a member stands to a report: her own (also since the case came to her), her team's, or none."""
    if report.whose_id == member.pk or (report.side == Side.RECIPIENT and report.referral_id in cases):
        return Relation.OWN
    is_team = report.side == Side.DISCLOSER and report.team_id is not None and report.team_id == member.team_id
    return Relation.TEAM if is_team else Relation.NONE


def visible_to(member: Member, cases: Iterable[UUID], at: datetime) -> QuerySet[Report]:
    """One's own reports, a team's for those in it, and all of them for those who oversee; open ones first, by age."""
    if not may(member, Verb.SEE_QUALITY, at=at):
        return Report.objects.none()
    found = Report.objects.select_related("whose")
    if not roles(member, at) & OVERSEEING:
        mine = Q(whose=member) | Q(side=Side.RECIPIENT, referral_id__in=list(cases))
        team = Q(side=Side.DISCLOSER, team=member.team_id) if member.team_id else Q()
        found = found.filter(mine | team if member.team_id else mine)
    return found.order_by(F("closed_at").desc(nulls_first=True), "reported_at")


def may_work_on(member: Member, report: Report, cases: Iterable[UUID], at: datetime) -> bool:
    """Whether `member` may record the answer (recipient), or answer (discloser)."""
    verb = Verb.REPORT_QUALITY if report.side == Side.RECIPIENT else Verb.ANSWER_QUALITY
    return may(member, verb, relation(member, report, cases), at=at)


def open_on(referral_id: UUID) -> QuerySet[Report]:
    """The reports of ours on this referral that wait for an answer."""
    return Report.objects.filter(side=Side.RECIPIENT, referral_id=referral_id, closed_at=None)


def reports_on(referral_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """What was reported of these referrals, as JSON values (GDPR 15)."""
    found = Report.objects.filter(referral_id__in=list(referral_ids)).order_by("reported_at")
    return [{"at": r.reported_at.isoformat(), "field": r.field, "defect": r.defect, "result": r.result} for r in found]
