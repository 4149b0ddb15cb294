"""The verbs of the OCMW's desk: the table walked completely, one ledger entry for each move, and who may (art. 2-4)."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core import message
from brug.core.calendar import add_months, first_day_after_years
from brug.core.identity import Invalid
from brug.core.states import Changed, WrongState
from brug.desks.casework import endings, queries, services
from brug.desks.casework.history import HISTORY, proof
from brug.desks.casework.models import ClientFile, Intake, Outcome
from brug.desks.casework.states import (
    AFTER_WITHDRAWAL,
    FILE_TRANSITIONS,
    RESULTS,
    TRANSITIONS,
    WHILE_RESTRICTED,
    Aid,
    Channel,
    Ending,
    FileEvent,
    FileState,
    GiveUp,
    IntakeEvent,
    IntakeState,
    KeepTrying,
    Reassignment,
    Result,
)
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.vault import services as vault
from brug.office.vault.models import BlindIndex, DataEncryptionKey, Envelope
from brug.office.vault.reasons import Reason
from tests.desks.casework.conftest import PERSON, acts, member, referral

LIVING = [state for state in IntakeState if TRANSITIONS[state]]
ACT = {
    IntakeEvent.ASSIGN: "reassigned.absence",  # every living state of the walk has a worker
    IntakeEvent.ATTEMPT: "attempt_recorded",
    IntakeEvent.REACH: "attempt_recorded",
    IntakeEvent.CLARIFY: "clarified",
    IntakeEvent.ACCEPT: "help_wanted",
    IntakeEvent.DECLINE: "help_declined",
    IntakeEvent.KEEP_TRYING: "keep_trying.away",
    IntakeEvent.GIVE_UP: "not_reached.no_answer",
    IntakeEvent.MOVE_AWAY: "ended.not_ours",
    IntakeEvent.BURY: "ended.deceased",
    IntakeEvent.WITHDRAW: "ended.withdrawn",
    IntakeEvent.DISOWN: "ended.not_sent",
    IntakeEvent.LAPSE: "ended.no_ground",
    IntakeEvent.JOIN: "joined_to_file",
}


def verb(event: IntakeEvent, intake: Intake, by: Member, dispatcher: Member, at: datetime) -> object:
    """Do what makes `event` happen."""
    doing = {"by": by, "at": at, "version": intake.version}
    return {
        IntakeEvent.ASSIGN: lambda: services.assign(
            intake, by, reason=Reassignment.ABSENCE if intake.worker else None, **(doing | {"by": dispatcher})
        ),
        IntakeEvent.ATTEMPT: lambda: services.record_attempt(
            intake, Channel.PHONE, Result.NO_ANSWER, told=False, **doing
        ),
        IntakeEvent.REACH: lambda: services.record_attempt(intake, Channel.PHONE, Result.REACHED, told=True, **doing),
        IntakeEvent.CLARIFY: lambda: services.clarify(intake, [Aid.OTHER], **doing),
        IntakeEvent.ACCEPT: lambda: services.accept_help(intake, **doing),
        IntakeEvent.DECLINE: lambda: services.decline_help(intake, **doing),
        IntakeEvent.KEEP_TRYING: lambda: endings.keep_trying(intake, KeepTrying.AWAY, **(doing | {"by": dispatcher})),
        IntakeEvent.GIVE_UP: lambda: endings.give_up(intake, GiveUp.NO_ANSWER, **(doing | {"by": dispatcher})),
        IntakeEvent.MOVE_AWAY: lambda: endings.end_case(intake, Ending.NOT_OURS, **doing),
        IntakeEvent.BURY: lambda: endings.end_case(intake, Ending.DECEASED, **doing),
        IntakeEvent.WITHDRAW: lambda: endings.end_case(intake, Ending.WITHDRAWN, **doing),
        IntakeEvent.DISOWN: lambda: endings.end_case(intake, Ending.NOT_SENT, **doing),
        IntakeEvent.LAPSE: lambda: endings.end_case(intake, Ending.NO_GROUND, **doing),
        IntakeEvent.JOIN: lambda: endings.join_file(intake, file_of(by, at, intake.protocol), **doing),
    }[event]()


def file_of(worker: Member, at: datetime, protocol: str) -> ClientFile:
    """An open client file of `worker`, as one that was here before."""
    file = ClientFile.objects.create(
        reference=uuid.uuid4(), number="D-2025-0001", worker=worker, opened_on=date(2025, 1, 6), record=uuid.uuid4(),
        protocol=protocol, version=1,
    )  # fmt: skip
    content = {"referral": message.dump(referral()), HISTORY: []}
    vault.put(file.record, content, reason=Reason.CLIENT_FILE, due_on=None, at=at, indexes={"name": "amal haddou"})
    return file


@pytest.mark.parametrize(("state", "event"), list(itertools.product(LIVING, IntakeEvent)))
def test_every_verb_moves_as_the_table_says_with_one_entry_or_raises_with_none(
    state: IntakeState, event: IntakeEvent, arrived: Intake, hilde: Member, karim: Member, now: datetime
) -> None:
    long_ago = now - timedelta(days=60)
    Intake.objects.filter(pk=arrived.pk).update(state=state, worker=karim, attempts=3, arrived_at=long_ago)
    arrived.refresh_from_db()
    before = acts()
    expected = TRANSITIONS[state].get(event)
    if expected is None:
        with pytest.raises(WrongState):
            verb(event, arrived, karim, hilde, now)
        assert acts() == before
        arrived.refresh_from_db()
        assert arrived.state == state
        assert vault.read(arrived.record)[HISTORY][-1]["kind"] == "received"
        return
    verb(event, arrived, karim, hilde, now)
    sent = ["quality_reported"] if event is IntakeEvent.MOVE_AWAY else []
    assert acts() == [*before, ACT[event], *sent]
    if not TRANSITIONS[expected]:
        assert not Intake.objects.exists()
        assert Outcome.objects.get().outcome == expected
    else:
        assert Intake.objects.get().state == expected


@pytest.mark.parametrize(("mark", "left"), [("withdrawn_at", AFTER_WITHDRAWAL), ("restricted_at", WHILE_RESTRICTED)])
@pytest.mark.parametrize("event", IntakeEvent)
def test_after_a_withdrawal_or_a_restriction_little_may_still_be_done(
    event: IntakeEvent,
    mark: str,
    left: frozenset[IntakeEvent],
    arrived: Intake,
    hilde: Member,
    karim: Member,
    now: datetime,
) -> None:
    """GDPR 7(3), GDPR 18: it is given to a colleague, erased, or joined to what is here; nothing else."""
    state = IntakeState.CLARIFIED if event in TRANSITIONS[IntakeState.CLARIFIED] else IntakeState.CONTACTING
    facts = {"state": state, "worker": karim, "attempts": 3, "arrived_at": now - timedelta(days=60), mark: now}
    Intake.objects.filter(pk=arrived.pk).update(**facts)
    arrived.refresh_from_db()
    before = acts()
    if event in left:
        verb(event, arrived, karim, hilde, now)
        assert acts() == [*before, ACT[event]]
        return
    with pytest.raises(WrongState):
        verb(event, arrived, karim, hilde, now)
    assert acts() == before


@pytest.mark.parametrize(("state", "event"), list(itertools.product(FileState, (FileEvent.CLOSE, FileEvent.REOPEN))))
def test_a_file_opens_and_closes_as_the_table_says(
    state: FileState, event: FileEvent, clarified: Intake, karim: Member, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    ClientFile.objects.update(state=state)
    file.refresh_from_db()
    before, expected = acts(), FILE_TRANSITIONS[state].get(event)
    doing = {"by": karim, "at": now, "version": file.version}

    def do() -> None:
        if event is FileEvent.CLOSE:
            services.close_file(file, file.opened_on, **doing)
        else:
            services.reopen_file(file, **doing)

    if expected is None:
        with pytest.raises(WrongState):
            do()
        assert acts() == before
        return
    do()
    assert ClientFile.objects.get().state == expected
    assert acts() == [*before, f"file_{'closed' if event is FileEvent.CLOSE else 'reopened'}"]


def test_a_referral_that_comes_in_is_readable_in_the_vault_only(arrived: Intake) -> None:
    assert arrived.number == "W-2026-0001"
    assert arrived.state == IntakeState.ARRIVED
    assert vault.read(arrived.record)["referral"]["client"]["family_name"] == "Haddou"
    envelope = Envelope.objects.get()
    assert (envelope.reason, envelope.due_on, envelope.protocol) == ("intake", None, arrived.protocol)
    for needle in PERSON:
        assert needle.encode() not in bytes(envelope.content)
    assert acts()[-1] == "intake_received"


def test_a_person_is_found_by_name_phone_and_mail_without_a_readable_word(reached: Intake) -> None:
    for field, value in {"name": "amal haddou", "phone": "+32470000001", "email": "amal@voorbeeld.example"}.items():
        assert vault.candidates(field, value) == [reached.record]


def test_numbers_never_come_back(arrived: Intake, receive: Callable[..., Intake], hilde: Member, now: datetime) -> None:
    services.assign(arrived, hilde, by=hilde, at=now, version=1)
    services.record_attempt(arrived, Channel.PHONE, Result.REACHED, told=True, by=hilde, at=now, version=2)
    services.decline_help(arrived, by=hilde, at=now, version=3)
    assert receive().number == "W-2026-0002"
    assert receive(at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC)).number == "W-2027-0001"


@pytest.mark.parametrize("attested_on", [None, date(2025, 11, 22)])
def test_only_a_social_worker_bound_by_secrecy_gets_a_case(
    attested_on: date | None, arrived: Intake, hilde: Member, now: datetime
) -> None:
    before = acts()
    for role in ("social_worker", "dispatcher", "dpo", "administrator", "team_member"):
        other = member(role, role, role, secrecy_attested_on=attested_on)
        with pytest.raises(Invalid):
            services.assign(arrived, other, by=hilde, at=now, version=1)
    left = member("left", "left", "social_worker", secrecy_attested_on=date(2026, 11, 1), is_active=False)
    with pytest.raises(Invalid):
        services.assign(arrived, left, by=hilde, at=now, version=1)
    assert acts() == before


def test_a_dispatcher_may_take_a_case_but_not_see_another_one(
    arrived: Intake, receive: Callable[..., Intake], hilde: Member, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        services.open_case(arrived, by=hilde, at=now)
    services.assign(arrived, hilde, by=hilde, at=now, version=1)
    assert services.open_case(arrived, by=hilde, at=now)["referral"]["client"]["given_name"] == "Amal"
    with pytest.raises(NotAllowed):
        services.open_case(receive(), by=hilde, at=now)


def test_after_a_reassignment_the_first_worker_sees_nothing(
    assigned: Intake, hilde: Member, karim: Member, els: Member, now: datetime
) -> None:
    with pytest.raises(Invalid):
        services.assign(assigned, els, by=hilde, at=now, version=assigned.version)
    services.assign(assigned, els, by=hilde, at=now, version=assigned.version, reason=Reassignment.ABSENCE)
    assert acts()[-1] == "reassigned.absence"
    with pytest.raises(NotAllowed):
        services.open_case(assigned, by=karim, at=now)
    services.open_case(assigned, by=els, at=now)


def test_secrecy_that_lapsed_closes_the_case(assigned: Intake, karim: Member, now: datetime) -> None:
    services.open_case(assigned, by=karim, at=now)
    with pytest.raises(NotAllowed):
        services.open_case(assigned, by=karim, at=now + timedelta(days=365))


@pytest.mark.parametrize("role", ["dispatcher", "dpo", "administrator", "team_member", "team_lead", "social_worker"])
def test_nobody_else_works_a_case(role: str, clarified: Intake, now: datetime) -> None:
    other = member("other", "Other", role, secrecy_attested_on=date(2026, 11, 1))
    before = acts()
    doing = {"by": other, "at": now, "version": clarified.version}
    for act in (
        lambda: services.open_case(clarified, by=other, at=now),
        lambda: services.record_attempt(clarified, Channel.PHONE, Result.NO_ANSWER, told=False, **doing),
        lambda: services.clarify(clarified, [Aid.OTHER], **doing),
        lambda: services.accept_help(clarified, **doing),
        lambda: services.decline_help(clarified, **doing),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert acts() == before


def test_reading_is_an_act(assigned: Intake, karim: Member, now: datetime) -> None:
    before = acts()
    services.open_case(assigned, by=karim, at=now)
    assert acts() == [*before, "opened"]
    services.open_list([assigned], by=karim, at=now)
    assert acts() == [*before, "opened", "list_opened"]
    assert services.open_list([], by=karim, at=now) == []
    assert acts() == [*before, "opened", "list_opened"]


def test_a_first_conversation_counts_when_the_client_was_told(assigned: Intake, karim: Member, now: datetime) -> None:
    doing = {"by": karim, "at": now}
    with pytest.raises(Invalid) as refused:
        services.record_attempt(assigned, Channel.PHONE, Result.REACHED, told=False, version=2, **doing)
    assert refused.value.code == "not_told"
    assert (assigned.state, assigned.version) == (IntakeState.ASSIGNED, 2)
    services.record_attempt(assigned, Channel.PHONE, Result.ASKED_TO_CALL_BACK, told=True, version=2, **doing)
    doing["at"] = now + timedelta(hours=2)
    services.record_attempt(assigned, Channel.PHONE, Result.REACHED, told=False, version=3, **doing)
    assert assigned.state == IntakeState.REACHED
    assert assigned.attempts == 2


@pytest.mark.parametrize(("channel", "result"), list(itertools.product(Channel, Result)))
def test_a_result_fits_its_way_of_contact(
    channel: Channel, result: Result, assigned: Intake, karim: Member, now: datetime
) -> None:
    told = result == Result.REACHED
    doing = {"told": told, "by": karim, "at": now, "version": assigned.version}
    if result in RESULTS[channel]:
        services.record_attempt(assigned, channel, result, **doing)
        assert assigned.attempts == 1
    else:
        with pytest.raises(Invalid):
            services.record_attempt(assigned, channel, result, **doing)


def test_nobody_is_told_when_nobody_was_there(assigned: Intake, karim: Member, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        services.record_attempt(assigned, Channel.PHONE, Result.NO_ANSWER, told=True, by=karim, at=now, version=2)
    assert refused.value.code == "told_to_nobody"


def test_who_saw_an_older_version_changes_nothing(assigned: Intake, karim: Member, now: datetime) -> None:
    services.record_attempt(assigned, Channel.PHONE, Result.NO_ANSWER, told=False, by=karim, at=now, version=2)
    before = acts()
    again = {"told": False, "by": karim, "at": now}
    with pytest.raises(Changed):
        services.record_attempt(assigned, Channel.PHONE, Result.NO_ANSWER, version=2, **again)
    seen = Intake.objects.get()
    Intake.objects.update(version=9)  # between the reading and the UPDATE
    with pytest.raises(Changed):
        services.record_attempt(seen, Channel.PHONE, Result.NO_ANSWER, version=3, **again)
    assert acts() == before
    assert len(vault.read(assigned.record)[HISTORY]) == 3


def test_a_declined_client_leaves_one_more_in_a_count(clarified: Intake, karim: Member, now: datetime) -> None:
    services.decline_help(clarified, by=karim, at=now, version=clarified.version)
    assert not Intake.objects.exists()
    for kept in (Envelope, DataEncryptionKey, BlindIndex):
        assert not kept.objects.exists()
    with pytest.raises(vault.Erased):
        vault.read(clarified.record)
    tally = Outcome.objects.get()
    assert (tally.month, tally.residence, tally.outcome, tally.count) == (
        date(2026, 11, 1),
        "13049",
        "help_declined",
        1,
    )
    assert queries.ended_by(karim, clarified.reference)


def test_a_client_who_wants_help_has_a_file_with_the_same_data(clarified: Intake, karim: Member, now: datetime) -> None:
    record = clarified.record
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    assert (file.number, file.opened_on, file.state) == ("D-2026-0001", date(2026, 11, 23), FileState.OPEN)
    envelope = Envelope.objects.get(record=record)
    assert (envelope.reason, envelope.due_on) == ("client_file", None)
    content = services.open_file(file, by=karim, at=now)
    assert content["referral"]["client"]["given_name"] == "Amal"
    assert [entry["kind"] for entry in content[HISTORY]] == [
        "received", "assigned", "attempt", "clarified", "file_opened",
    ]  # fmt: skip


def test_a_closed_file_goes_ten_years_later_and_a_reopened_one_does_not(
    clarified: Intake, karim: Member, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    services.close_file(file, date(2026, 11, 23), by=karim, at=now, version=file.version)
    assert file.due_on == date(2036, 11, 24)
    assert vault.due(date(2036, 11, 23)) == []
    assert vault.due(date(2036, 11, 24)) == [file.record]
    services.reopen_file(file, by=karim, at=now, version=file.version)
    assert vault.due(date(2100, 1, 1)) == []
    assert (file.closed_on, file.due_on) == (None, None)


@pytest.mark.parametrize(("closed_on", "code"), [(date(2026, 11, 24), "closed_in_future"), (date(2026, 11, 22), "closed_before_opened")])  # fmt: skip  # noqa: E501
def test_a_file_is_not_closed_before_it_opened_nor_tomorrow(
    closed_on: date, code: str, clarified: Intake, karim: Member, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    with pytest.raises(Invalid) as refused:
        services.close_file(file, closed_on, by=karim, at=now, version=file.version)
    assert refused.value.code == code


def test_the_ledger_holds_nothing_of_a_person_and_proves_the_history_while_it_lives(
    clarified: Intake, karim: Member, now: datetime
) -> None:
    history = services.open_case(clarified, by=karim, at=now)[HISTORY]
    stored = [str(entry) for entry in Entry.objects.all()]
    for needle in (*PERSON, "phone", "reached", "milk", karim.name, karim.username):
        assert not any(needle in line.replace("attempt_recorded", "") for line in stored), needle
    details = set(Entry.objects.exclude(details="").values_list("details", flat=True))
    assert {proof(entry) for entry in history} <= details
    altered = history[2] | {"result": "no_answer"}
    assert proof(altered) not in details


def test_two_persons_are_two_envelopes(receive: Callable[..., Intake]) -> None:
    first, second = receive(), receive(referral(given_name="Sara", family_name="Peeters", phone="+32470000002"))
    vault.erase(first.record)
    assert vault.read(second.record)["referral"]["client"]["family_name"] == "Peeters"


def test_a_receipt_is_no_referral(protocol: object, now: datetime) -> None:
    from brug.core.message import Receipt
    from brug.office.disclosure.services import Arrival

    receipt = Receipt(parcel_id=uuid.uuid4(), received_at=now, result="accepted")
    with pytest.raises(TypeError):
        services.receive(receipt, Arrival("0886886638", uuid.uuid4(), protocol), now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("closed_on", "due_on"),
    [
        (date(2024, 3, 15), date(2034, 3, 16)),
        (date(2024, 2, 29), date(2034, 3, 1)),
        (date(2024, 12, 31), date(2035, 1, 1)),
    ],
)
def test_ten_years_as_the_domain_counts_them(closed_on: date, due_on: date) -> None:
    assert first_day_after_years(closed_on, 10) == due_on


@given(st.dates(date(2000, 1, 1), date(2200, 12, 31)), st.integers(0, 100))
def test_a_term_is_full_and_not_a_day_more(closed_on: date, years: int) -> None:
    due_on = first_day_after_years(closed_on, years)
    last_kept = due_on - timedelta(days=1)
    assert last_kept == add_months(closed_on, 12 * years)
    assert last_kept.year == closed_on.year + years
    assert (last_kept.month, last_kept.day) == (closed_on.month, closed_on.day) or (
        (closed_on.month, closed_on.day, last_kept.month, last_kept.day) == (2, 29, 2, 28)
    )


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_who_closes_later_is_never_erased_earlier(closed_on: date, later: int) -> None:
    assert first_day_after_years(closed_on, 10) <= first_day_after_years(closed_on + timedelta(days=later), 10)
