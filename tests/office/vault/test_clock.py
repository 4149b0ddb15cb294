"""The clock guard: what contradicts the mark is not believed, and a person can say that it is right (art. 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.office.vault import clock
from brug.office.vault.models import ClockMark

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("later", "believed"),
    [
        (timedelta(0), True),
        (timedelta(hours=1), True),
        (timedelta(days=1), True),
        (timedelta(days=40), False),
        (timedelta(days=-40), False),
        (timedelta(hours=-1), False),
        (timedelta(hours=48), True),
        (timedelta(hours=48, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, seconds=-1), False),
        (timedelta(days=3653), False),
        (timedelta(days=-3653), False),
    ],
)
def test_a_jump_is_not_believed(later: timedelta, believed: bool, now: datetime) -> None:
    assert clock.observe(now)
    assert clock.observe(now + later) is believed
    if believed:
        clock.check(now + later)
    else:
        with pytest.raises(clock.Jumped):
            clock.check(now + later)


def test_a_clock_that_came_back_is_believed_again(now: datetime) -> None:
    clock.observe(now)
    assert not clock.observe(now + timedelta(days=400))
    assert ClockMark.objects.get().refused_at == now + timedelta(days=400)
    assert clock.observe(now + timedelta(hours=1))
    assert ClockMark.objects.get().refused_at is None


def test_a_person_confirms_a_long_absence(now: datetime) -> None:
    clock.observe(now)
    back = now + timedelta(days=30)
    assert not clock.observe(back)
    clock.confirm(back)
    assert clock.observe(back + timedelta(minutes=1))


def test_the_mark_never_goes_back_by_itself(now: datetime) -> None:
    clock.observe(now)
    clock.observe(now - timedelta(minutes=4))
    assert ClockMark.objects.get().at == now


@given(st.integers(-(10**9), 10**9))
def test_believed_is_exactly_from_five_minutes_before_to_two_days_after(seconds: int) -> None:
    at = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
    seen = ClockMark(at=at)
    believed = -300 <= seconds <= 48 * 3600
    assert clock.has_jumped(seen, at + timedelta(seconds=seconds)) is not believed


@pytest.mark.parametrize(
    ("signed", "cosigned", "believed"),
    [
        (timedelta(0), timedelta(hours=1), True),
        (timedelta(0), timedelta(hours=25), False),  # they signed tomorrow: our clock stands behind
        (timedelta(0), timedelta(hours=-23), True),
        (timedelta(0), timedelta(hours=-25), False),  # they signed yesterday what we sign now: ours runs ahead
        (timedelta(days=-5), timedelta(days=-5), True),  # a long weekend without a word
    ],
)
def test_the_clock_of_another_party_is_heard(
    signed: timedelta, cosigned: timedelta, believed: bool, now: datetime
) -> None:
    clock.observe(now)
    witnessed = (now + signed, now + cosigned)
    assert clock.observe(now, witnessed) is believed
    if not believed:
        with pytest.raises(clock.Jumped):
            clock.check(now, witnessed)
        clock.confirm(now)
        clock.check(now, witnessed)


DAY = timedelta(hours=24).total_seconds()


def test_steps_that_nobody_confirmed_come_to_no_more_than_one(now: datetime) -> None:
    """Each of a day, while the machine counts an hour: no term of ten years is brought to its end in a week."""
    at, believed = now, 0
    clock.observe(at, None, clock.Ticks("b", 0.0))
    for step in range(1, 30):
        at += timedelta(hours=24)
        believed += clock.observe(at, None, clock.Ticks("b", 3600.0 * step))
    assert believed == 2, "two days and two hours, less what the counter explains"
    with pytest.raises(clock.Jumped):
        clock.check(now + timedelta(hours=72), None, clock.Ticks("b", 3600.0 * 3))
    seen = ClockMark.objects.get()
    assert seen.at == now + timedelta(hours=48) and seen.refused_at
    clock.confirm(at)
    assert clock.observe(at + timedelta(minutes=2), None, clock.Ticks("b", 10**6)), "a person said that it is right"
    assert ClockMark.objects.get().unexplained == 120.0, "and it is counted from there anew"


@pytest.mark.parametrize("boots", [["b"], ["b", "c"]])
def test_a_clock_that_goes_as_the_counter_does_is_believed_for_years(now: datetime, boots: list[str]) -> None:
    """A boot explains nothing of the minute that it takes; that is all that is counted of it."""
    for number in range(800):
        boot = boots[number * len(boots) // 800]
        at = now + timedelta(days=number, minutes=0 if boot == "b" else 1)
        assert clock.observe(at, None, clock.Ticks(boot, DAY * number)) is True
    assert ClockMark.objects.get().unexplained == (0.0 if boots == ["b"] else DAY + 60)


def test_what_another_party_cosigned_today_explains_a_step(now: datetime) -> None:
    """Its clock is a second one: a node that is switched off each night is no node whose clock is set."""
    for number in range(10):
        at = now + timedelta(hours=24 * number)
        cosigned = at - timedelta(hours=23)
        assert clock.observe(at, (cosigned, cosigned), clock.Ticks(f"boot {number}", 5.0))
        assert clock.unexplained(clock.mark(), at, (cosigned, cosigned), clock.Ticks("another", 5.0)) == 0.0
    late = (at - timedelta(hours=24, seconds=1),) * 2
    assert clock.unexplained(clock.mark(), at + timedelta(hours=1), late, clock.Ticks("another", 5.0)) == 3600.0


def test_the_counter_of_this_machine_goes_on_and_knows_its_boot() -> None:
    first, second = clock.ticks(), clock.ticks()
    assert first.boot == second.boot and len(first.boot) == 36 and 0 < first.seconds <= second.seconds


def test_a_person_may_confirm_before_any_worker_looked(now: datetime) -> None:
    clock.confirm(now)
    mark = ClockMark.objects.get()
    assert (mark.at, mark.confirmed_at) == (now, now)


def test_what_a_person_confirmed_leaves_nothing_of_what_was_refused(now: datetime) -> None:
    clock.observe(now)
    back = now + timedelta(days=30)
    clock.observe(back)
    ClockMark.objects.update(unexplained=7.0, boot="earlier")
    clock.confirm(back)
    mark = ClockMark.objects.get()
    assert (mark.at, mark.refused_at, mark.confirmed_at, mark.unexplained, mark.boot) == (back, None, back, 0.0, "")


def test_at_the_very_edge_a_clock_is_believed_still(now: datetime) -> None:
    second = timedelta(seconds=1)
    seen = ClockMark(at=now, boot="b", counted=100.0, unexplained=0.0)
    assert not clock.contradicts((now, now), None, now - clock.ASIDE)
    assert not clock.contradicts((now + clock.ASIDE, now), None, now + clock.ASIDE)
    assert clock.contradicts((now + clock.ASIDE + second, now), None, now + clock.ASIDE + second)
    assert clock.unexplained(seen, now + clock.ASIDE, (now, now), clock.Ticks("another", 5.0)) == 0.0
    assert clock.unexplained(seen, now + 60 * second, None, clock.Ticks("b", 150.0)) == 10.0
    assert not clock.is_doubtful(seen, now + clock.AHEAD, None, clock.Ticks("b", 100.0))
    seen.unexplained = clock.AHEAD.total_seconds()
    later, ticks = now + timedelta(hours=1), clock.Ticks("another", 5.0)
    assert clock.is_doubtful(seen, later, None, ticks) and not clock.is_doubtful(seen, later, (later, later), ticks)


def test_without_a_counter_a_step_is_noted_and_what_was_not_explained_stays(now: datetime) -> None:
    clock.observe(now)
    ClockMark.objects.update(unexplained=7.0)
    clock.observe(now + clock.STEP)
    mark = ClockMark.objects.get()
    assert (mark.at, mark.unexplained) == (now + clock.STEP, 7.0)
