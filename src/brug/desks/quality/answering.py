"""The notifier's verbs: see the report, look into it, answer; her team lead's when she is away (art. 7)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from brug.core import message
from brug.core.codes import Result
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.quality import queries
from brug.desks.quality.models import Report
from brug.desks.quality.records import record
from brug.desks.quality.states import UNANSWERED, ReportEvent, ReportState, Side
from brug.office.asks import Gone
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.moves import move
from brug.office.parties.may import NotAllowed, Verb
from brug.office.parties.models import Member, Team
from brug.office.plug import referrals
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from brug.office.roles import Role


def receive(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A report came in: it goes to the notifier, or to her team lead when she has left; a neutral mail tells so.

    Called by the worker inside the transaction that accepts the parcel. A referral that this node no longer knows, or
    that never went to this sender, leaves an entry in the ledger and nothing else.
    """
    if not isinstance(content, message.QualityReport):
        raise TypeError("receive takes quality reports")
    try:
        sent = referrals().sent(content.referral_id)
    except Gone:
        sent = None
    protocol = f"{arrival.protocol.id}@{arrival.protocol.version}"
    if sent is None or sent.recipient != arrival.sender:
        by = WORKER
        ledger.record(Act.QUALITY_REPORT_UNKNOWN, content.report_id, by=by, at=at, protocol=protocol)
        return
    whose = sent.notifier if sent.notifier.is_active else next(iter(_leads(sent.notifier.team)), sent.notifier)
    made, is_new = Report.objects.get_or_create(
        reference=content.report_id,
        side=Side.DISCLOSER,
        defaults={
            "referral_id": content.referral_id,
            "protocol": protocol,
            "field": content.field,
            "defect": content.defect,
            "state": ReportState.RECEIVED,
            "whose": whose,
            "team": sent.notifier.team,
            "reported_at": content.reported_at,
        },
    )
    if not is_new:
        return
    if sent.is_withdrawn:  # the consent is gone: the other side erases, nothing may be asked or sent any more
        move(made, ReportEvent.DROP, closed_at=at, is_gone=True)
    record(Act.QUALITY_REPORT_TAKEN_IN, made, by=None, at=at)


def recognise(report: Report, given_name: str, family_name: str, *, by: Member, at: datetime) -> bool:
    """Whether the client of this report has that name; the contact data are gone here, the keyed digest is not.

    From then on she looks into it. Raises `NotAllowed`, `WrongState`.
    """
    _check(report, by, at)
    with transaction.atomic():
        if report.state != ReportState.INVESTIGATING:
            move(report, ReportEvent.INVESTIGATE)
            record(Act.QUALITY_LOOKED_INTO, report, by=by, at=at)
        return referrals().recognise(report.referral_id, given_name, family_name, by=by, at=at)


def answer(
    report: Report,
    result: Result,
    correction: message.Correction | None,
    *,
    folded_name: str = "",
    by: Member,
    at: datetime,
) -> None:
    """Tell the recipient what was found: the right value, that the field goes, or that it was right.

    `folded_name`: of the client as she is called now, when her name was corrected. The value travels and is not kept.
    Raises `Invalid` once the consent is withdrawn or when she lives where the recipient does not serve, `NotAllowed`,
    `WrongState`.
    """
    _check(report, by, at)
    if report.state not in UNANSWERED:
        raise WrongState
    _check_consent(report)
    protocol = registry.kept(report.protocol)
    content = message.QualityAnswer(
        report_id=report.reference,
        referral_id=report.referral_id,
        result=result.value,  # type: ignore[arg-type]  # the same three codes
        correction=correction,
        answered_at=at,
    )
    owed = disclosure.owe(content, protocol, at=at)
    with transaction.atomic():
        _check_consent(report)  # it may have been taken back while the parcel was sealed
        move(report, ReportEvent.ANSWER, answered_at=at, result=result, parcel_id=owed[0].id)
        details = (
            referrals().remember_correction(report.referral_id, correction, folded_name, at=at) if correction else ""
        )
        disclosure.hand_over(*owed, subject=report.reference, by=by.actor, at=at, details=details)


def stop_withdrawn(at: datetime) -> int:
    """Stop the answers about clients who took the consent back since; how many. A duty before each sending.

    Also what was sent and is due again: the consent wins over the receipt (GDPR 7(3)).
    """
    stopped = 0
    due = Outgoing.objects.filter(kind="quality_answer").exclude(due_at=None)
    for report in Report.objects.filter(side=Side.DISCLOSER, reference__in=due.values("subject")):
        if _stands(report):
            continue
        with transaction.atomic():
            for parcel in due.filter(subject=report.reference):
                with suppress(WrongState):  # stopped meanwhile, with what holds the same
                    post.stop(parcel.first_id)
            if report.state == ReportState.ANSWERED:
                move(report, ReportEvent.DROP, closed_at=at, is_gone=True)
            record(Act.QUALITY_ANSWER_STOPPED, report, by=None, at=at)
        stopped += 1
    return stopped


def drop_withdrawn(at: datetime) -> int:
    """Close the reports on clients who took the consent back since, or whose record is gone; how many. Every turn."""
    dropped = 0
    for report in Report.objects.filter(side=Side.DISCLOSER, state__in=UNANSWERED):
        if not _stands(report):
            with transaction.atomic():
                move(report, ReportEvent.DROP, closed_at=at, is_gone=True)
                record(Act.QUALITY_REPORT_DROPPED, report, by=None, at=at)
            dropped += 1
    return dropped


def _leads(team: Team | None) -> list[Member]:
    return list(Member.objects.filter(team=team, role=Role.TEAM_LEAD, is_active=True).order_by("name")) if team else []


def _stands(report: Report) -> bool:
    """Whether there is a referral still, and the consent for it."""
    try:
        return not referrals().sent(report.referral_id).is_withdrawn
    except Gone:
        return False


def _check_consent(report: Report) -> None:
    if not _stands(report):
        raise Invalid("consent_withdrawn", "A referral whose consent stands.")


def _check(report: Report, by: Member, at: datetime) -> None:
    if report.side != Side.DISCLOSER or not queries.may_work_on(by, report, (), at):
        raise NotAllowed(Verb.ANSWER_QUALITY)
