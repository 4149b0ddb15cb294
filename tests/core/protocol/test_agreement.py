"""One agreement, one life: random events on its versions; after an end nothing holds, and nothing ever revives."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.protocol.decide import Permit, decide
from brug.core.protocol.document import Protocol, load
from brug.core.protocol.life import ENDED, Event, EventKind, Phase, first_moment, state
from tests import examples
from tests.core.protocol.samples import ALLOWED, TEXT

UNSIGNED = re.sub("signed_on: 2024-01-29", "signed_on: null", TEXT)


def version(number: int, since: str, through: str = "") -> Protocol:
    """A version of the agreement that nobody has signed yet."""
    year, _, words = since.partition("-")
    text = UNSIGNED.replace("version: 1", f"version: {number}", 1).replace("2024-01-01", since)
    text = text.replace("in werking op 1 januari 2024", f"in werking op 1 januari {year}")
    if through:
        text = text.replace("in_force_through: null", f"in_force_through: {through}")
        text = text.replace(f"op 1 januari {year}.", f"op 1 januari {year} en geldt tot en met {through}.")
    assert words == "01-01"
    return load(text)


VERSIONS = (version(1, "2024-01-01"), version(2, "2025-01-01", "2027-12-31"), version(3, "2026-01-01"))
PEOPLE = sorted(VERSIONS[0].representatives())
REQUEST = ALLOWED
instants = st.datetimes(datetime(2023, 6, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
told = st.builds(
    Event,
    st.sampled_from([*EventKind]),
    instants,
    st.sampled_from(["discloser", "recipient", None]),
    st.just(""),
)
signatures = instants.map(lambda at: [Event(EventKind.SIGNED, at, side, who) for side, who in PEOPLE])
put_right = st.tuples(signatures, st.sampled_from(PEOPLE), st.sampled_from(["", *(who for _, who in PEOPLE)])).map(
    lambda told: [*told[0], Event(EventKind.SIGNED, told[0][0].at, told[1][0], told[2], told[1][1])]
)
of_one = st.lists(told, max_size=4).flatmap(
    lambda some: st.one_of(st.just(some), st.one_of(signatures, put_right).map(lambda signed: [*some, *signed]))
)
lives = st.tuples(of_one, of_one, of_one)


def alive(happened: tuple[list[Event], list[Event], list[Event]]) -> list[Protocol]:
    """The three versions, each knowing the events of all."""
    single = [protocol.with_events(events) for protocol, events in zip(VERSIONS, happened, strict=True)]
    return [one.with_events(one.events, (other for other in single if other.version != one.version)) for one in single]


def holds(found: list[Protocol], at: datetime) -> list[int]:
    return [one.version for one in found if state(one, one.events, at).is_in_force]


@settings(deadline=None)
@given(lives, instants)
def test_at_most_one_text_holds_at_any_instant(
    happened: tuple[list[Event], list[Event], list[Event]], at: datetime
) -> None:
    assert len(holds(alive(happened), at)) <= 1


@settings(deadline=None)
@given(lives, instants, st.timedeltas(timedelta(0), timedelta(days=2000)))
def test_after_an_end_of_the_agreement_no_text_ever_holds_again(
    happened: tuple[list[Event], list[Event], list[Event]], at: datetime, later: timedelta
) -> None:
    found = alive(happened)
    over = ENDED - {Phase.REPLACED}
    by_then = [one for one in found if holds([one], at) or state(one, one.events, at).phase in over]
    ended = any(state(one, one.events, at).phase in over for one in by_then) and not holds(found, at)
    was_held = any(
        end.phase in over and end.at <= at and holds(found, end.at - timedelta(microseconds=1))
        for one in found
        for end in one.as_known(at).ends
    )
    if ended and was_held:
        assert holds(found, at + later) == []


@settings(deadline=None)
@given(lives, instants, st.timedeltas(timedelta(0), timedelta(days=2000)))
def test_a_text_never_falls_back_to_a_former_one(
    happened: tuple[list[Event], list[Event], list[Event]], at: datetime, later: timedelta
) -> None:
    found = alive(happened)
    if (now := holds(found, at)) and (then := holds(found, at + later)):
        assert then >= now


@settings(deadline=None, max_examples=examples(50))
@given(lives, instants)
def test_what_is_disclosed_is_disclosed_under_the_text_that_holds(
    happened: tuple[list[Event], list[Event], list[Event]], at: datetime
) -> None:
    found = alive(happened)
    permits = [one.version for one in found if isinstance(decide(one, REQUEST, at), Permit)]
    assert set(permits) <= set(holds(found, at))


@settings(deadline=None)
@given(lives, instants)
def test_whoever_knows_the_same_events_says_the_same(
    happened: tuple[list[Event], list[Event], list[Event]], at: datetime
) -> None:
    """Both nodes, whatever the order in which their messages arrived."""
    one, other = alive(happened), alive(tuple(events[::-1] for events in happened))  # type: ignore[arg-type]
    assert holds(one, at) == holds(other, at)
    assert [state(each, each.events, at).phase in ENDED for each in one] == [
        state(each, each.events, at).phase in ENDED for each in other
    ]


def signed(on: date) -> list[Event]:
    return [Event(EventKind.SIGNED, first_moment(on), side, who) for side, who in PEOPLE]


def test_a_signature_that_was_put_right_counts_no_more_and_the_right_one_does() -> None:
    on = first_moment(date(2023, 12, 1))
    all_of_them = signed(date(2023, 12, 1))
    one, other = (event for event in all_of_them if event.side == "recipient")
    without = [event for event in all_of_them if event != other]
    nobodys = Event(EventKind.SIGNED, on, one.side, "", one.who)
    theirs = Event(EventKind.SIGNED, on, one.side, other.who, one.who)
    at = first_moment(date(2026, 1, 2))
    for happened, phase in (
        (all_of_them, Phase.IN_FORCE),
        ([*all_of_them, nobodys], Phase.PARTLY_SIGNED),
        ([nobodys, *all_of_them], Phase.PARTLY_SIGNED),
        ([*without, theirs], Phase.PARTLY_SIGNED),
        ([*without, theirs, Event(EventKind.SIGNED, at, one.side, one.who)], Phase.IN_FORCE),
    ):
        assert state(VERSIONS[0].with_events(happened), happened, at).phase is phase


@pytest.mark.parametrize("under", [1, 2])
def test_an_end_under_any_version_ends_all(under: int) -> None:
    """The second version holds since 2025; a sanction told under either ends the agreement."""
    ended = first_moment(date(2026, 6, 1))
    sanction = [Event(EventKind.ENDED_AT_ONCE, ended, "discloser")]
    happened = [signed(date(2023, 12, 1)), signed(date(2024, 12, 1)), []]
    happened[under - 1] += sanction
    found = alive(tuple(happened))  # type: ignore[arg-type]
    assert holds(found, ended - timedelta(seconds=1)) == [2]
    assert holds(found, ended) == []
    assert all(not isinstance(decide(one, REQUEST, ended), Permit) for one in found)


def test_a_text_that_was_offered_holds_once_it_is_accepted() -> None:
    offered = Event(EventKind.OFFERED, first_moment(date(2024, 11, 1)), "discloser")
    accepted = Event(EventKind.ACCEPTED, first_moment(date(2025, 2, 1)), "recipient")
    first, second = signed(date(2023, 12, 1)), signed(date(2024, 12, 1))
    waiting = alive((first, [*second, offered], []))
    assert holds(waiting, first_moment(date(2025, 3, 1))) == [1], "the former text holds as long as the other waits"
    agreed = alive((first, [*second, offered, accepted], []))
    assert holds(agreed, accepted.at - timedelta(seconds=1)) == [1]
    assert holds(agreed, accepted.at) == [2]
    refused = alive((first, [*second, offered, Event(EventKind.REFUSED, accepted.at, "recipient")], []))
    assert holds(refused, first_moment(date(2026, 1, 1))) == [1]


def test_a_last_day_ends_the_agreement_unless_the_next_text_holds_by_then() -> None:
    happened = ([], signed(date(2024, 12, 1)), [])
    after = first_moment(date(2028, 1, 1))
    assert holds(alive(happened), after - timedelta(seconds=1)) == [2]
    assert holds(alive(happened), after) == []
    in_time = ([], signed(date(2024, 12, 1)), signed(date(2027, 12, 30)))
    assert holds(alive(in_time), after) == [3]
    too_late = ([], signed(date(2024, 12, 1)), signed(date(2028, 1, 2)))
    assert holds(alive(too_late), first_moment(date(2028, 2, 1))) == []
