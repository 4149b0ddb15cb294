"""Laws of the life of a protocol: nothing in force before its start or after its end, and notice as it is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core.protocol.decide import Denial, decide
from brug.core.protocol.document import load
from brug.core.protocol.life import (
    ENDED,
    IN_FORCE,
    Event,
    EventKind,
    Phase,
    State,
    after,
    first_moment,
    same_text,
    state,
)
from tests.core.protocol.samples import ALLOWED, WESTERLO, text_with

NOON = timedelta(hours=12)
START = datetime(2024, 1, 28, 23, 0, tzinfo=UTC)  # 29 January in Brussels
instants = st.datetimes(datetime(2023, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
events = st.builds(
    Event, st.sampled_from(EventKind), instants, st.sampled_from(["discloser", "recipient", None]), st.just("")
)
lives = st.lists(events, max_size=5)


def phase(*happened: Event, on: date | None = None, at: datetime | None = None) -> State:
    instant = at or first_moment(on or date.min) + NOON
    return state(WESTERLO, happened, instant)


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ("2024-01-29", "2024-07-29"),
        ("2024-06-30", "2024-12-31"),
        ("2024-08-29", "2025-02-28"),
        ("2024-08-30", "2025-02-28"),
        ("2025-02-28", "2025-08-31"),
        ("2026-11-23", "2027-05-23"),
        ("2026-12-31", "2027-06-30"),
    ],
)
@pytest.mark.parametrize("side", ["discloser", "recipient"])
def test_six_months_from_the_day_notice_reached_the_other(received: str, last_day: str, side: Any) -> None:
    """«… mits inachtneming van een opzegtermijn van 6 maanden»: either alone, the later of two honest readings."""
    reached = Event(EventKind.NOTICE_REACHED, first_moment(date.fromisoformat(received)) + NOON, side)
    last = date.fromisoformat(last_day)
    given = state(WESTERLO, [reached], reached.at)
    assert (given.phase, given.last_day) == (Phase.NOTICE_GIVEN, last)
    assert state(WESTERLO, [reached], after(last) - timedelta(microseconds=1)).is_in_force
    assert state(WESTERLO, [reached], after(last)).phase is Phase.ENDED_BY_NOTICE


@given(lives, instants)
def test_nothing_is_in_force_before_its_start_or_after_its_end(life: list[Event], at: datetime) -> None:
    found = state(WESTERLO, life, at)
    if found.is_in_force:
        assert at >= START
        assert found.end is None or at < found.end.at
        assert found.since is not None and found.since <= at
    if found.phase in ENDED:
        assert found.end is not None and found.end.at <= at


@given(lives, instants, st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_what_has_ended_stays_ended(life: list[Event], at: datetime, later: timedelta) -> None:
    if state(WESTERLO, life, at).phase in ENDED:
        assert state(WESTERLO, life, at + later).phase in ENDED


@given(lives, events, instants)
def test_an_event_that_is_not_yet_changes_nothing(life: list[Event], event: Event, at: datetime) -> None:
    if event.at > at:
        assert state(WESTERLO, [*life, event], at) == state(WESTERLO, life, at)


@given(lives, instants)
def test_the_order_of_recording_does_not_matter(life: list[Event], at: datetime) -> None:
    one, other = state(WESTERLO, life, at), state(WESTERLO, life[::-1], at)
    assert (one.phase in IN_FORCE) == (other.phase in IN_FORCE)
    assert (one.end and one.end.at) == (other.end and other.end.at)


@given(lives, instants)
def test_the_decision_and_the_state_agree(life: list[Event], at: datetime) -> None:
    alive = WESTERLO.with_events(life)
    refused = {"not_signed_yet", "not_accepted_yet", "not_in_force_yet", *(phase.value for phase in ENDED)}
    decision = decide(alive, ALLOWED, at)
    codes = {reason.code for reason in decision.reasons} if isinstance(decision, Denial) else set()
    assert state(WESTERLO, life, at).is_in_force == (not codes & refused)


def test_the_life_of_the_seed() -> None:
    """Advised, drawn up, signed after it entered into force; in force ever since."""
    assert phase(on=date(2023, 9, 18)).phase is Phase.DRAFTED
    assert phase(on=date(2023, 12, 14)).phase is Phase.ADVISED
    assert phase(on=date(2024, 1, 15)).phase is Phase.ADVISED  # in force on paper, signed by nobody
    found = phase(on=date(2024, 1, 29))
    assert found.phase is Phase.IN_FORCE
    assert found.since == START
    assert set(found.warnings) == {
        "signed_after_entry_into_force",
        "not_published_by_discloser",
        "not_published_by_recipient",
        "end_of_agreement_unknown",
        "text_of_agreement_unknown",
    }


def test_each_party_publishes_for_itself() -> None:
    """«… bekendgemaakt op de website van beide partijen»"""
    published = Event(EventKind.PUBLISHED, first_moment(date(2024, 2, 5)), "recipient")
    warnings = phase(published, on=date(2024, 2, 6)).warnings
    assert "not_published_by_discloser" in warnings
    assert "not_published_by_recipient" not in warnings


def test_signatures_come_one_by_one() -> None:
    text = text_with((", signed_on: 2024-01-29}", "}"), ("\n        signed_on: 2024-01-29", ""))
    unsigned = load(text)
    people = [
        ("discloser", "Bruno Vanobbergen"),
        ("recipient", "Jo Vankrunkelsven"),
        ("recipient", "Maurice Van Hemelen"),
    ]
    signed = [
        Event(EventKind.SIGNED, first_moment(date(2024, 2, number)), side, who)
        for number, (side, who) in enumerate(people, 1)
    ]
    at = first_moment(date(2024, 3, 1))
    assert [state(unsigned, signed[:number], at).phase for number in range(4)] == [
        *(Phase.ADVISED, Phase.PARTLY_SIGNED, Phase.PARTLY_SIGNED, Phase.IN_FORCE),
    ]
    assert state(unsigned, signed, at).since == first_moment(date(2024, 2, 3))
    early = load(
        text_with(
            ("in_force_from: 2024-01-01", "in_force_from: 2024-06-01"), ("werking op 1 januari", "werking op 1 juni")
        )
    )
    assert state(early, [], at).phase is Phase.SIGNED


def test_an_end_that_the_protocol_does_not_know_is_none() -> None:
    """Only Opgroeien regie may end it at once (art. 8)."""
    at = first_moment(date(2025, 1, 1))
    assert phase(Event(EventKind.ENDED_AT_ONCE, at, "recipient"), at=at).phase is Phase.IN_FORCE
    assert phase(Event(EventKind.NOTICE_REACHED, at, None), at=at).phase is Phase.IN_FORCE


def test_the_earliest_end_counts() -> None:
    at = first_moment(date(2025, 1, 1))
    notice = Event(EventKind.NOTICE_REACHED, at, "recipient")
    lapse = Event(EventKind.LAPSED, at + timedelta(days=10))
    assert phase(notice, lapse, at=at + timedelta(days=5)).phase is Phase.NOTICE_GIVEN
    assert phase(notice, lapse, at=at + timedelta(days=300)).phase is Phase.LAPSED


def test_of_what_two_parcels_of_one_instant_showed_the_last_counts() -> None:
    same, differs = (Event(kind, START) for kind in (EventKind.TEXT_SAME, EventKind.TEXT_DIFFERS))
    assert same_text([]) is None and same_text([same]) is True
    assert same_text([same, differs]) is False and same_text([differs, same]) is True
