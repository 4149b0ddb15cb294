"""How a case ends beside yes and no, and what happens when the client takes the consent back (art. 2, GDPR 7(3)).

Only figures stay: month, municipality, class of outcome. Nothing is told to the discloser of what the client chose.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.codes import Defect
from brug.core.identity import Invalid
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.states import Changed, WrongState
from brug.desks.casework import queries
from brug.desks.casework.history import (
    check_case,
    check_free,
    end_intake,
    make_entry,
    move,
    next_state,
    protocol_of,
    record,
    rewrite,
    touch,
    write_down,
)
from brug.desks.casework.models import TO_CONTACT, ClientFile, Intake, Origin, Retracted
from brug.desks.casework.states import (
    ENDINGS,
    Ending,
    FileState,
    GiveUp,
    Ground,
    IntakeEvent,
    KeepTrying,
    TakenBack,
)
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.registry import queries as registry
from brug.office.roles import Role
from brug.office.vault import retention
from brug.office.vault import services as vault

RECEIVED = {
    TakenBack.RETRACTED: Act.RETRACTION_RECEIVED,
    TakenBack.ERASURE_TOLD: Act.ERASURE_TOLD,
    TakenBack.ERASURE_ASKED: Act.ERASURE_ASKED,
    TakenBack.NO_GROUND: Act.NO_GROUND,
    TakenBack.TAKEN_BACK: Act.TAKEN_BACK,
}


def was_never_reached(intake: Intake, at: datetime) -> bool:
    """Whether the dispatcher must decide on `intake`."""
    return queries.never_reached(at).filter(pk=intake.pk).exists()


def keep_trying(intake: Intake, reason: KeepTrying, *, by: Member, at: datetime, version: int) -> None:
    """The dispatcher lets the colleague go on; the question comes back after as many days as the policy gives.

    Raises `WrongState` when there is nothing to decide yet, `Changed`.
    """
    _check_decision(intake, IntakeEvent.KEEP_TRYING, by=by, at=at)
    again = legal_day(at) + timedelta(days=settings.NEVER_REACHED_DAYS)
    with transaction.atomic():
        move(intake, IntakeEvent.KEEP_TRYING, version=version, ask_again_on=again)
        write_down(intake, "keep_trying", Act.KEEP_TRYING, by=by, at=at, why=reason, reason=reason)


def give_up(intake: Intake, reason: GiveUp, *, by: Member, at: datetime, version: int) -> None:
    """The dispatcher ends a case of which nobody was ever reached: everything is erased, the decision stays.

    Raises `WrongState` when there is nothing to decide yet, `Changed`.
    """
    _check_decision(intake, IntakeEvent.GIVE_UP, by=by, at=at)
    _erase(intake, IntakeEvent.GIVE_UP, Act.NOT_REACHED, by=by, at=at, version=version, why=reason)


def _check_decision(intake: Intake, event: IntakeEvent, *, by: Member, at: datetime) -> None:
    check(by, Verb.DECIDE_NOT_REACHED, at=at)
    if not was_never_reached(intake, at):
        raise WrongState


def end_case(intake: Intake, ending: Ending, *, by: Member, at: datetime, version: int) -> None:
    """The client lives elsewhere, has died, or took the consent back here, or nobody sent it: all is erased at once.

    Who lives elsewhere is a report on the quality of the address, and nothing more (art. 7); of the others nothing is
    told. Raises `Changed`, and `WrongState` when that is no ending of where the case stands.
    """
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    if ending is Ending.NOT_OURS:
        _send_away(intake, by=by, at=at, version=version)
        return
    _erase(intake, ENDINGS[ending], Act.ENDED, by=by, at=at, version=version, why=ending)


def _send_away(intake: Intake, *, by: Member, at: datetime, version: int) -> None:
    """Report the address as outdated to the notifier, and erase: one transaction, the sealing before it."""
    next_state(intake, IntakeEvent.MOVE_AWAY, version)  # a key derivation is dear: not for a click that changes nothing
    protocol = protocol_of(intake)
    report = message.QualityReport(
        report_id=uuid4(), referral_id=intake.referral_id, field="address", defect=Defect.OUTDATED, reported_at=at
    )
    owed = disclosure.owe(report, protocol, at=at)
    with transaction.atomic():
        _erase(intake, IntakeEvent.MOVE_AWAY, Act.ENDED, by=by, at=at, version=version, why=Ending.NOT_OURS)
        disclosure.hand_over(*owed, subject=intake.reference, by=by.actor, at=at)


def _erase(
    intake: Intake,
    event: IntakeEvent,
    act: Act,
    *,
    by: Member | Actor | None,
    at: datetime,
    version: int,
    why: str = "",
) -> None:
    with transaction.atomic():
        end_intake(intake, event, version=version, at=at)
        retention.destroy([intake.record], about=intake.referral_id)
        record(act, intake, None, by=by, at=at, why=why)
        transaction.on_commit(vault.truncate_log)


def join_file(intake: Intake, file: ClientFile, *, by: Member, at: datetime, version: int) -> None:
    """The client has a file here: what came in joins it, and the intake goes. For who may see both.

    Raises `Invalid` for a closed file, `Changed`, `WrongState`.
    """
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    if file.state != FileState.OPEN or file.is_elsewhere:
        raise Invalid("file_is_closed", "An open client file that lives here; open it again first.")
    check_free(file, IntakeEvent.JOIN)
    with transaction.atomic():
        came = vault.read(intake.record)
        end_intake(intake, IntakeEvent.JOIN, version=version, at=at)
        touch(file, called_on=intake.called_on or file.called_on)
        Origin.objects.create(referral_id=intake.referral_id, file=file, protocol=intake.protocol)
        content = vault.read(file.record)
        content["joined"] = [*content.get("joined", []), came]
        entry = make_entry("joined", by=by, at=at, version=file.version, number=intake.number)
        rewrite(file, content, entry, at)
        vault.forget(intake.record)
        record(Act.JOINED_TO_FILE, intake, entry, by=by, at=at)
        transaction.on_commit(vault.truncate_log)


def retract(content: message.Message, arrival: disclosure.Arrival, at: datetime) -> None:
    """The client took the consent back at the discloser's. What nobody has seen goes unseen; else the worker decides.

    Called by the worker inside the transaction that accepts the parcel. Only for referrals of the same sender.
    """
    if not isinstance(content, message.Retraction):
        raise TypeError("retract takes retractions")
    if not take_back(content.referral_id, arrival.protocol, at=at):
        keep_out(content.referral_id, arrival.protocol, at=at)


def hear_end(content: message.Message, arrival: disclosure.Arrival, at: datetime) -> None:
    """The protocol ended at once (art. 8, by who may), or lost its ground in law (art. 11): what came in after that
    instant, before the notice of it, is let go of.

    Called by the worker inside the transaction that accepts the notice.
    """
    if not isinstance(content, message.Notice):
        raise TypeError("hear_end takes notices")
    protocol = arrival.protocol
    if arrival.sender != protocol.discloser.kbo.digits:
        return
    sanction = protocol.articles.sanction
    if content.about == "at_once" and sanction and sanction.terms.by == "discloser":
        let_go_since(min(content.given_at, at), protocol, at=at)
    elif content.about == "lapsed" and content.from_on:
        let_go_since(life.first_moment(content.from_on), protocol, at=at)


def let_go_where_ended(at: datetime) -> int:
    """The same for an end that a person here recorded, with its instant in the past; how many. A duty of the worker."""
    spelt = Intake.objects.filter(TO_CONTACT).values_list("protocol", flat=True).distinct()
    found = [protocol for each in spelt if (protocol := registry.named(each)) is not None]
    ended = {protocol.id: (protocol, protocol.ends[0].at) for protocol in found if protocol.ends}
    return sum(let_go_since(since, protocol, at=at) for protocol, since in ended.values() if since <= at)


def let_go_since(since: datetime, protocol: Protocol, *, at: datetime) -> int:
    """What this protocol brought from the instant `since` on, and of which nobody spoke with the client; how many.

    Who was to work on it hears of it, and so does who distributes. A family with whom somebody spoke stays: what it
    said is the OCMW's own, and the terms hold.
    """
    brought = Intake.objects.filter(TO_CONTACT, protocol__startswith=f"{protocol.id}@", arrived_at__gte=since)
    found = list(brought.values_list("referral_id", flat=True))
    with transaction.atomic():
        for referral_id in found:
            take_back(referral_id, protocol, at=at, why=TakenBack.NO_GROUND)
        for member in Member.objects.filter(role=Role.DISPATCHER, is_active=True) if found else ():
            alerts.tell(member.email, "changed", at=at)
    return len(found)


def keep_out(referral_id: UUID, protocol: Protocol, *, at: datetime) -> None:
    """What takes it back was faster than the referral, or it has ended here: it finds no way in, ever."""
    if is_kept_out(referral_id):
        return
    Retracted.objects.create(referral_id=referral_id, retracted_at=at)
    version = f"{protocol.id}@{protocol.version}"
    ledger.record(Act.RETRACTION_KEPT, referral_id, by=WORKER, at=at, protocol=version)


def is_kept_out(referral_id: UUID) -> bool:
    return Retracted.objects.filter(referral_id=referral_id).exists()


def cases_of(referral_id: UUID, protocol: Protocol) -> Iterator[Intake | ClientFile]:
    """What this referral became or joined, if this protocol brought it; the file may have come under another one."""
    brought = f"{protocol.id}@"
    yield from Intake.objects.filter(referral_id=referral_id, protocol__startswith=brought)
    for origin in Origin.objects.select_related("file").filter(referral_id=referral_id):
        if (origin.protocol or origin.file.protocol).startswith(brought):
            yield origin.file


def take_back(
    referral_id: UUID,
    protocol: Protocol,
    *,
    at: datetime,
    why: TakenBack = TakenBack.RETRACTED,
    by: Member | Actor | None = None,
) -> bool:
    """Erase what nobody has seen of a referral, or tell its worker that it must go; whether this node knows it.

    Another discloser's referral is known and not theirs to take back: it stays as it is.
    """
    case = next(cases_of(referral_id, protocol), None)
    if case is None:
        return any(model.objects.filter(referral_id=referral_id).exists() for model in (Intake, Origin))
    if isinstance(case, Intake) and case.seen_at is None:
        event = IntakeEvent.LAPSE if why is TakenBack.NO_GROUND else IntakeEvent.WITHDRAW
        worker = case.worker
        _erase(case, event, Act(f"{why}_unseen"), by=by, at=at, version=case.version)
        if worker:
            alerts.tell(worker.email, "changed", at=at)
        return True
    why_now: dict[str, Any] = {"taken_back": why} if isinstance(case, Intake) else {}
    touch(case, withdrawn_at=at, **why_now)
    write_down(case, why, RECEIVED[why], by=by, at=at)
    if case.worker:
        alerts.tell(case.worker.email, "changed", at=at)
    return True


def keep_after_withdrawal(file: ClientFile, ground: Ground, *, by: Member, at: datetime, version: int) -> None:
    """The consent is gone, the file has a ground of its own: the worker says which. Raises `Changed`, `WrongState`."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    if file.withdrawn_at is None:
        raise WrongState
    check_free(file, "keep_after_withdrawal")
    with transaction.atomic():
        touch(file, version=version, withdrawn_at=None)
        write_down(file, "kept_after_withdrawal", Act.KEPT_AFTER_WITHDRAWAL, by=by, at=at, ground=ground)


def erase_after_withdrawal(file: ClientFile, *, by: Member, at: datetime, version: int) -> None:
    """The consent is gone and no other ground is left: the file is erased at once. Raises `Changed`, `WrongState`."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    if file.withdrawn_at is None:
        raise WrongState
    if retention.hold_on(file.record, legal_day(at)):
        raise Invalid("held_back", "A file that the data protection officer does not keep back.")
    with transaction.atomic():
        came = list(file.origins.values_list("referral_id", flat=True))
        if not ClientFile.objects.filter(pk=file.pk, version=version).delete()[0]:
            raise Changed
        retention.destroy([file.record])
        for referral_id in came:  # no record: for the journal, where what joined the file is an intake in a backup
            retention.destroy([referral_id], about=referral_id)
        record(Act.ENDED, file, None, by=by, at=at, why="file_withdrawn", article="GDPR 7(3)")
        transaction.on_commit(vault.truncate_log)
