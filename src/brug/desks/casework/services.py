"""The verbs of the OCMW's desk; each is one transaction with one ledger entry (art. 2, art. 3, art. 4).

Everything about a person stands in one envelope of the vault, so that one erasure takes all of it:

    {"referral": the message as it came, "joined": [what joined the file later],
     "journal": [its history: what happened, oldest first], "aids": [what a client file says was granted]}

"journal" is the name that envelopes have given the history since 0.2.0 (`HISTORY` of history.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from brug.core import message
from brug.core.calendar import legal_day, working_days
from brug.core.identity import Invalid
from brug.core.protocol import retention
from brug.core.protocol.terms import Retention
from brug.desks.casework import aids, glass, undoing
from brug.desks.casework.history import (
    HISTORY,
    Content,
    check_case,
    done,
    end_intake,
    happened,
    indexes,
    make_entry,
    move,
    move_file,
    next_number,
    protocol_of,
    record,
    write_down,
)
from brug.desks.casework.models import ClientFile, Intake, Origin, Promptness, Retracted
from brug.desks.casework.states import (
    RESULTS,
    Channel,
    FileEvent,
    IntakeEvent,
    OnwardState,
    Reassignment,
    Result,
)
from brug.office.disclosure import calls
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.may import Relation, Verb, check, may
from brug.office.parties.models import Member
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

APART = timedelta(hours=1)
STILL_RUNS = frozenset(
    {"aid_still_runs", "call_still_open"}
)  # what a file may be closed with, when it is said once more
CLOCK_TOLERANCE = timedelta(minutes=5)
TOLD_IN = frozenset({Result.REACHED, Result.ASKED_TO_CALL_BACK})  # there was somebody to tell


def receive(content: message.Message, arrival: disclosure.Arrival, at: datetime) -> None:
    """Make an intake of a referral. Called by the worker inside the transaction that accepts the parcel, once."""
    if not isinstance(content, message.Referral):
        raise TypeError("receive takes referrals")
    if Retracted.objects.filter(referral_id=content.referral_id).exists():
        _turn_away(content, arrival, at)
        return
    protocol = f"{arrival.protocol.id}@{arrival.protocol.version}"
    came_at = arrival.came_at or at
    intake = Intake.objects.create(
        number=next_number("W", at),
        parcel_id=arrival.parcel_id,
        referral_id=content.referral_id,
        residence=content.residence,
        protocol=protocol,
        arrived_at=came_at,
    )
    entry = make_entry("received", by=None, at=came_at, version=intake.version)
    kept: Content = {"referral": message.dump(content), HISTORY: [entry]}
    vault.put(
        intake.record,
        kept,
        reason=Reason.INTAKE,
        due_on=None,
        at=at,
        protocol=protocol,
        indexes=indexes(kept["referral"]["client"]),
    )
    record(Act.INTAKE_RECEIVED, intake, entry, by=None, at=at)


def _turn_away(content: message.Referral, arrival: disclosure.Arrival, at: datetime) -> None:
    """The withdrawal was faster than the referral: nothing is kept, nobody sees it."""
    ledger.record(
        Act.RETRACTED_BEFORE_ARRIVAL,
        content.referral_id,
        by=WORKER,
        at=at,
        protocol=f"{arrival.protocol.id}@{arrival.protocol.version}",
    )


def assign(
    intake: Intake, worker: Member, *, by: Member, at: datetime, version: int, reason: Reassignment | None = None
) -> None:
    """Give the intake to `worker`, or for a `reason` to another one than before.

    Raises `Invalid` if it is not theirs to have or the reason is missing, `Changed`.
    """
    check(by, Verb.ASSIGN, at=at)
    if intake.worker_id and intake.version == version and reason is None:
        raise Invalid("reason_needed", "Why the case goes to another colleague.")
    if code := why_not_assignable(worker, by=by, at=at):
        raise Invalid(code, "A social worker of this OCMW, in service and bound by professional secrecy.")
    taken_from, is_taken = intake.worker, takes_over(intake, worker, by=by)
    with transaction.atomic():
        move(intake, IntakeEvent.ASSIGN, version=version, worker=worker, assigned_at=at)
        act, to = Act.REASSIGNED if reason else Act.ASSIGNED, {"to": worker.pseudonym.hex}
        facts: dict[str, Any] = to | ({"reason": reason.value} if reason else {})
        write_down(intake, "assigned", act, by=by, at=at, why=reason or "", **facts)
        calls.give(intake.reference, worker, at=at)
        if taken_from and is_taken:
            glass.take_over(intake, taken_from, by=by, at=at)


def takes_over(intake: Intake | ClientFile, worker: Member, *, by: Member) -> bool:
    """Whether `by` takes for themselves what is a colleague's: that is told, and asks once more who they are."""
    return worker == by and intake.worker is not None and intake.worker != by


def why_not_assignable(worker: Member, *, by: Member, at: datetime) -> str | None:
    """Why `by` cannot give a case to `worker`: a code, or None (art. 4: a social worker, bound by the same secrecy)."""
    if worker.role != Role.SOCIAL_WORKER and worker != by:
        return "not_a_social_worker"
    return None if may(worker, Verb.WORK_CASE, Relation.OWN, at=at) else "not_bound_by_secrecy"


def open_case(intake: Intake, *, by: Member, at: datetime) -> Content:
    """The person and the history. Reading is an act: it stands in the ledger, or there is nothing to read."""
    check_case(intake, Verb.OPEN_CASE, by=by, at=at)
    with transaction.atomic():
        record(Act.OPENED, intake, None, by=by, at=at)
        Intake.objects.filter(pk=intake.pk, seen_at=None).update(seen_at=at)
        return vault.read(intake.record)


def open_list(cases: Sequence[Intake | ClientFile], *, by: Member, at: datetime) -> list[Content]:
    """The contents of one's own cases, for a list with names. Of each case that is shown the ledger says so."""
    check(by, Verb.SEE_OWN_CASES, at=at)
    for case in cases:
        check_case(case, Verb.OPEN_CASE, by=by, at=at)
    if not cases:
        return []
    with transaction.atomic():
        ledger.record_all(Act.LIST_OPENED, [case.reference for case in cases], by=by.actor, at=at)
        Intake.objects.filter(pk__in=[case.pk for case in cases], seen_at=None).update(seen_at=at)
        return vault.read_all([case.record for case in cases])


def record_attempt(
    intake: Intake,
    channel: Channel,
    result: Result,
    *,
    told: bool,
    by: Member,
    at: datetime,
    version: int,
    happened_at: datetime | None = None,
) -> None:
    """Note that a person tried to reach the client, or did. `told`: what GDPR 14 says a client must hear was told.

    `happened_at`: when it was, if that is not `at`; days, targets and attempts count by it, and `at` is kept beside it.

    Reached counts only when the client was told, now or before (GDPR 14(3)(b)).
    Raises `Invalid`, `Changed`, `WrongState`.
    """
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    if result not in RESULTS[channel]:
        raise Invalid("result_of_another_channel", "A result that this way of contact can have.")
    if told and result not in TOLD_IN:
        raise Invalid("told_to_nobody", "Nobody was spoken with, so nobody was told.")
    moment = happened_at or at
    if moment > at + CLOCK_TOLERANCE:
        raise Invalid("happened_in_future", "Now, or a moment before.")
    if moment < intake.arrived_at.replace(second=0, microsecond=0):
        raise Invalid("happened_before_arrival", "A moment after the referral arrived.")
    reached, content = result == Result.REACHED, vault.read(intake.record)
    if reached and not told and not was_told(content):
        raise Invalid("not_told", "The client was told where the data come from, why, how long, and the rights.")
    moments = [*(happened(entry) for entry in content[HISTORY] if entry["kind"] == "attempt"), moment]
    first = intake.is_before_contact
    with transaction.atomic():
        move(
            intake,
            IntakeEvent.REACH if reached else IntakeEvent.ATTEMPT,
            version=version,
            attempts=count_apart(moments),
            last_attempt_at=max(moments),
            **done(intake, moment),
        )
        if reached and first:
            _count_promptness(intake, moment, at)
        facts: dict[str, Any] = {"channel": channel, "result": result, "told": told, "happened_at": moment.isoformat()}
        write_down(intake, "attempt", Act.ATTEMPT_RECORDED, by=by, at=at, **facts)


def count_apart(moments: Iterable[datetime]) -> int:
    """How many attempts these are: what was tried again within the hour is one attempt (this OCMW's policy)."""
    count, last = 0, None
    for moment in sorted(moments):
        if last is None or moment - last >= APART:
            count, last = count + 1, moment
    return count


def _count_promptness(intake: Intake, spoken_at: datetime, at: datetime) -> None:
    """One more first conversation, within the OCMW's own target or after it: a figure, joinable to nothing.

    It stands in the month in which it was written down: what was published of a month stays as it was.
    """
    month = legal_day(at).replace(day=1)
    in_time = working_days(legal_day(intake.arrived_at), legal_day(spoken_at)) <= settings.CONTACT_DAYS
    tally, _ = Promptness.objects.get_or_create(month=month)
    name = "in_time" if in_time else "late"
    Promptness.objects.filter(pk=tally.pk).update(**{name: F(name) + 1})


def was_told(content: Content) -> bool:
    """Whether the client has heard what GDPR 14 asks."""
    return any(entry.get("told") for entry in content[HISTORY])


def clarify(intake: Intake, kinds: Sequence[str], *, by: Member, at: datetime, version: int) -> None:
    """Note what is needed: codes of `aids`. Raises `Invalid`, `Changed`, `WrongState`."""
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    if not kinds:
        raise Invalid("no_need", "At least one kind of aid.")
    with transaction.atomic():
        aids.use(kinds)
        move(intake, IntakeEvent.CLARIFY, version=version)
        write_down(intake, "clarified", Act.CLARIFIED, by=by, at=at, kinds=sorted(set(kinds)))


def accept_help(intake: Intake, *, by: Member, at: datetime, version: int) -> ClientFile:
    """The client wants help: the intake becomes a client file, same reference. Raises `Changed`, `WrongState`."""
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    with transaction.atomic():
        end_intake(intake, IntakeEvent.ACCEPT, version=version, at=at)
        file = ClientFile.objects.create(
            reference=intake.reference,
            number=next_number("D", at),
            worker=by,
            opened_on=legal_day(at),
            record=intake.record,
            protocol=intake.protocol,
            version=intake.version + 1,
            next_step=intake.next_step,  # an appointment that was made stands
            next_on=intake.next_on,
            called_on=intake.called_on,
        )
        Origin.objects.create(referral_id=intake.referral_id, file=file, protocol=intake.protocol)
        content = write_down(file, "file_opened", Act.HELP_WANTED, by=by, at=at, was=undoing.facts_of(intake))
        aids.count(content, intake.residence, at)
    return file


def decline_help(intake: Intake, *, by: Member, at: datetime, version: int) -> None:
    """The client wants no help: everything about the person is erased, now and for good.

    A number stays: month, municipality, outcome. Raises `Changed`, `WrongState`.
    """
    check_case(intake, Verb.WORK_CASE, by=by, at=at)
    with transaction.atomic():
        end_intake(intake, IntakeEvent.DECLINE, version=version, at=at)
        vault.erase(intake.record, about=intake.referral_id)
        record(Act.HELP_DECLINED, intake, None, by=by, at=at)
        transaction.on_commit(vault.truncate_log)


def open_file(file: ClientFile, *, by: Member, at: datetime) -> Content:
    """The person and the history of a client file; an act, as `open_case`."""
    check_case(file, Verb.OPEN_CASE, by=by, at=at)
    with transaction.atomic():
        record(Act.OPENED, file, None, by=by, at=at)
        return vault.read(file.record)


def close_file(
    file: ClientFile, closed_on: date, *, by: Member, at: datetime, version: int, anyway: bool = False
) -> None:
    """Close the file as of the legal day `closed_on`: from then the term of the protocol runs (art. 3: ten years).

    What was planned is off. Raises `Invalid` for a day before the opening or in the future, and unless `anyway` while
    aid runs or a partner must be called; `Changed`, `WrongState`.
    """
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    if closed_on > legal_day(at):
        raise Invalid("closed_in_future", "Today, or a day before.")
    if closed_on < file.opened_on:
        raise Invalid("closed_before_opened", "The day on which the file was opened, or a later one.")
    if not anyway:
        _check_nothing_runs(file, closed_on)
    due_on = retention.erase_on(rule_of(file), {"file_closed": closed_on})
    with transaction.atomic():
        days = {"closed_on": closed_on, "due_on": due_on, "next_on": None}
        move_file(file, FileEvent.CLOSE, version=version, next_step="", **days)
        write_down(file, "file_closed", Act.FILE_CLOSED, by=by, at=at, closed_on=closed_on.isoformat())


def _check_nothing_runs(file: ClientFile, closed_on: date) -> None:
    granted = vault.read(file.record).get("aids", [])
    if any(not aid["through_on"] or date.fromisoformat(aid["through_on"]) > closed_on for aid in granted):
        raise Invalid("aid_still_runs", "Aid that ended on that day or before.")
    if file.onwards.filter(state=OnwardState.TO_TELL).exists() or calls.waiting().filter(subject=file.pk).exists():
        raise Invalid("call_still_open", "A file about which nobody has to be called.")


def reopen_file(file: ClientFile, *, by: Member, at: datetime, version: int) -> None:
    """Open a closed file again: its term stops, the next closing starts a new one. Raises `Changed`, `WrongState`."""
    check_case(file, Verb.WORK_CASE, by=by, at=at)
    with transaction.atomic():
        move_file(file, FileEvent.REOPEN, version=version, closed_on=None, due_on=None)
        write_down(file, "file_reopened", Act.FILE_REOPENED, by=by, at=at)


def rule_of(file: ClientFile) -> Retention:
    """The rule under which the file is kept, of the protocol version that brought the data (art. 3)."""
    rule = retention.rule_for(protocol_of(file), "client_file")
    if rule is None:
        raise LookupError("No rule of the protocol keeps this client file.")
    return rule
