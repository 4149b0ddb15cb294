"""The recipient's verbs: report a field to the notifier, note what she answered, put it in the case (art. 7)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from brug.core import message
from brug.core.codes import Defect, Result
from brug.core.identity import Invalid
from brug.core.protocol.document import Field
from brug.core.states import WrongState
from brug.desks.quality import queries
from brug.desks.quality.models import Report
from brug.desks.quality.records import record
from brug.desks.quality.states import NEEDED, UNANSWERED, ReportEvent, ReportState, Side
from brug.office.asks import Case, Value
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import Act
from brug.office.moves import move
from brug.office.parties.may import NotAllowed, Relation, Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.plug import cases
from brug.office.registry import queries as registry
from brug.office.vault import services as vault


def report(case: Case, field: Field, defect: Defect, *, by: Member, at: datetime) -> Report:
    """Send the notifier a parcel: which field of her referral, and how. What is in excess is erased here at once.

    Raises `Invalid` (reported already, or a name in excess), `NotAllowed`.
    """
    check(by, Verb.REPORT_QUALITY, Relation.OWN, at=at)
    _check(case, field, defect)
    protocol = registry.kept(case.protocol)
    content = message.QualityReport(
        report_id=uuid.uuid4(),
        referral_id=case.referral_id,
        field=field,
        defect=defect.value,  # type: ignore[arg-type]  # the same six codes
        reported_at=at,
    )
    owed = disclosure.owe(content, protocol, at=at)
    with transaction.atomic():
        made = _create(case, field, defect, by=by, at=at, reference=content.report_id, parcel_id=owed[0].id)
        _erase_excess(made, by, at)
        disclosure.hand_over(*owed, subject=made.reference, by=by.actor, at=at)
    return made


def report_by_phone(case: Case, field: Field, defect: Defect, *, by: Member, at: datetime) -> Report:
    """Note that the notifier was told on the phone; nothing is sent. Raises as `report`."""
    check(by, Verb.REPORT_QUALITY, Relation.OWN, at=at)
    _check(case, field, defect)
    with transaction.atomic():
        made = _create(case, field, defect, by=by, at=at, by_phone=True, state=ReportState.RECEIVED)
        _erase_excess(made, by, at)
        record(Act.QUALITY_REPORTED_BY_PHONE, made, by=by, at=at)
    return made


def _check(case: Case, field: Field, defect: Defect) -> None:
    if defect == Defect.EXCESS and field in NEEDED:
        raise Invalid("name_in_excess", "A field beside the name: without a name nobody can be found.")
    if queries.open_on(case.referral_id).filter(field=field).exists():
        raise Invalid("reported_already", "A field on which no report is open.")


def _create(case: Case, field: Field, defect: Defect, *, by: Member, at: datetime, **more: object) -> Report:
    try:
        with transaction.atomic():
            return Report.objects.create(
                side=Side.RECIPIENT,
                referral_id=case.referral_id,
                case=case.reference,
                protocol=case.protocol,
                field=field,
                defect=defect,
                whose=by,
                reported_at=at,
                **more,
            )
    except IntegrityError:
        raise Invalid("reported_already", "A field on which no report is open.") from None


def _erase_excess(made: Report, by: Member, at: datetime) -> None:
    if made.defect == Defect.EXCESS:
        protocol = registry.kept(made.protocol)
        cases().correct(made.referral_id, _field(made), None, protocol=protocol, at=at, by=by)
        transaction.on_commit(vault.truncate_log)


def note_answer(report: Report, result: Result, value: Value | None, *, by: Member, at: datetime) -> None:
    """What the notifier answered on the phone goes into the case; the old value is erased. Raises `WrongState`."""
    if not queries.may_work_on(by, report, cases().referrals_of(by), at):
        raise NotAllowed(Verb.REPORT_QUALITY)
    if report.state not in UNANSWERED:
        raise WrongState
    with transaction.atomic():
        _apply(report, result, value, by=by, at=at)
        record(Act.QUALITY_ANSWER_NOTED, report, by=by, at=at)


def take_answer(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The answer came by parcel: the case has the right value, the old one is erased, the worker is told.

    Called by the worker inside the transaction that accepts the parcel. An answer to what was not asked, or asked of
    somebody else, changes nothing; a second one to what was answered neither.
    """
    if not isinstance(content, message.QualityAnswer):
        raise TypeError("take_answer takes answers")
    asked = Report.objects.filter(reference=content.report_id, side=Side.RECIPIENT).first()
    is_fitting = asked is not None and asked.referral_id == content.referral_id
    if asked is None or not is_fitting or asked.protocol.rpartition("@")[0] != arrival.protocol.id:
        return
    value = getattr(content.correction, asked.field) if content.correction else None
    if (content.correction and value is None) or not _is_awaited(asked):
        return
    _apply(asked, Result(content.result), value, by=None, at=at)
    record(Act.QUALITY_ANSWER_TAKEN_IN, asked, by=None, at=at)


def _is_awaited(asked: Report) -> bool:
    """No answer yet; also when the worker closed it without one: what the client said is right stays right."""
    return asked.state in UNANSWERED or (asked.state == ReportState.CLOSED and not asked.result and not asked.is_gone)


def _apply(asked: Report, result: Result, value: Value | None, *, by: Member | None, at: datetime) -> None:
    move(asked, ReportEvent.ANSWER, answered_at=at, result=result)
    if result == Result.UNCHANGED:
        return
    protocol = registry.kept(asked.protocol)
    if cases().correct(asked.referral_id, _field(asked), value, protocol=protocol, at=at, by=by):
        transaction.on_commit(vault.truncate_log)
        move(asked, ReportEvent.APPLY)
    else:
        move(asked, ReportEvent.DROP, closed_at=at, is_gone=True)


def close(report: Report, *, by: Member, at: datetime) -> None:
    """The worker has seen the answer, or needs none any more. Raises `WrongState`."""
    if report.side != Side.RECIPIENT or not queries.may_work_on(by, report, cases().referrals_of(by), at):
        raise NotAllowed(Verb.REPORT_QUALITY)
    event = ReportEvent.DROP if report.state in UNANSWERED else ReportEvent.CLOSE
    with transaction.atomic():
        move(report, event, closed_at=at)
        record(Act.QUALITY_REPORT_CLOSED, report, by=by, at=at)


def record_receipt(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Our report has arrived; or our answer, which closes it at our side. Called by the worker, as `take_answer`.

    Only who it was sent to confirms it: another party that knows the number of a parcel says nothing of it.
    """
    if not isinstance(content, message.Receipt) or content.result != "accepted":
        return
    for sent in Report.objects.filter(parcel_id=content.parcel_id):
        agreed = registry.kept(sent.protocol)
        addressee = agreed.discloser if sent.side == Side.RECIPIENT else agreed.recipient
        if addressee.kbo.digits != arrival.sender:
            continue
        if sent.side == Side.RECIPIENT and sent.state == ReportState.REPORTED:
            move(sent, ReportEvent.RECEIPT)
        elif sent.side == Side.DISCLOSER and sent.state == ReportState.ANSWERED:
            move(sent, ReportEvent.CLOSE, closed_at=at)


def has_node(protocol: str) -> bool:
    """Whether the notifier's node under this version opens a parcel by itself; else a person does, and is called."""
    party = Counterparty.objects.filter(kbo=registry.kept(protocol).discloser.kbo.digits).first()
    return party is not None and party.has_node


def _field(report: Report) -> Field:
    field: Field = report.field  # written by `report` only
    return field
