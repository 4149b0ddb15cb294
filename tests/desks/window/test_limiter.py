"""The key and what guessing it costs: pure, with the instant as a parameter (art. 6)."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.desks.window import code, limiter
from brug.desks.window.limiter import BUCKETS, LONGEST, Wrong

BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GUESSES = 10**6


def test_a_code_has_more_than_eighty_bits_and_every_digit_counts() -> None:
    assert math.log2(10**code.RANDOM_DIGITS) >= 80
    asked: list[int] = []
    made = code.make(lambda upper: asked.append(upper) or 7)  # type: ignore[func-returns-value]
    assert asked == [10**code.RANDOM_DIGITS] and made.startswith("0" * 26 + "7") and len(made) == code.LENGTH


@given(st.integers(0, 10**27 - 1), st.integers(0, 27), st.integers(1, 9))
def test_a_typing_error_in_one_digit_is_seen_and_is_no_guess(number: int, place: int, more: int) -> None:
    made = code.make(lambda _upper: number)
    wrong = made[:place] + str((int(made[place]) + more) % 10) + made[place + 1 :]
    assert code.read(made) == made and code.read(wrong) is None


@given(st.integers(0, 10**27 - 1), st.integers(0, 26))
def test_two_digits_that_changed_places_are_seen(number: int, place: int) -> None:
    made = code.make(lambda _upper: number)
    turned = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
    assert code.read(turned) == (made if turned == made else None)


def test_it_is_read_with_spaces_in_groups_and_in_other_digits() -> None:
    made = code.make(lambda _upper: 123456789012345678901234567)
    arabic = made.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    persian = made.translate({ord(str(n)): chr(0x6F0 + n) for n in range(10)})
    assert {
        code.read(each) for each in (code.grouped(made), f" {made}\n", made.replace("1", "1-"), arabic, persian)
    } == {made}
    assert code.read("") is None and code.read("½" * 28) is None and code.read(made + "0") is None


def test_the_wait_grows_by_address_and_by_what_all_do() -> None:
    assert [limiter.wait(own, own).total_seconds() for own in range(8)] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert limiter.wait(10**6, 10**6) == LONGEST
    assert limiter.wait(1, 10**6) > limiter.wait(1, 10) == timedelta(0)
    assert limiter.wait(0, 10**6) == timedelta(0)  # who typed nothing wrong waits for nobody
    steps = [limiter.wait(own, everybody) for everybody in (0, 64, 128, 4096) for own in range(30)]
    assert all(later >= earlier for earlier, later in zip(steps, steps[30:], strict=False))
    for row in range(4):
        grows = steps[row * 30 : row * 30 + 30]
        assert grows == sorted(grows)


def guess(buckets: int, guesses: int) -> timedelta:
    """How long `guesses` wrong codes take at least, from so many buckets, each time as soon as they may.

    In rounds, every bucket once: in a round the pressure of its beginning counts, which is in the guesser's favour.
    """
    own, everybody, at, day = Wrong(), Wrong(), BEGIN, BEGIN.date()
    while guesses > 0:
        at = max(at, limiter.free_at(own, everybody) or at)
        if at.date() != day:
            own, everybody, day = Wrong(), Wrong(), at.date()
        own, everybody = own.more(at), Wrong(everybody.count + buckets, at)
        guesses -= buckets
    return at - BEGIN


def test_a_million_guesses_take_years_from_one_address_and_days_from_all_there_can_be() -> None:
    """And find nothing: with a hundred thousand families' codes the chance is below one in 10^15."""
    one = guess(1, 10_000) * (GUESSES / 10_000)  # each day is as the one before: months are counted, not a century
    assert one > timedelta(days=20 * 365) and guess(BUCKETS, GUESSES) > timedelta(days=2)
    assert GUESSES * 100_000 / 10**code.RANDOM_DIGITS < 1e-15


@pytest.mark.parametrize("seed", range(3))
def test_an_address_is_a_network_and_never_stands_anywhere(seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 (addresses of a test)
    network = ":".join(f"{drawn.randrange(1 << 16):04x}" for _ in range(4))
    inside = {
        limiter.place_of(f"{network}:{drawn.randrange(1 << 16):x}::{drawn.randrange(1 << 16):x}") for _ in range(20)
    }
    assert inside == {network}
    assert limiter.place_of("192.0.2.7") == "192.0.2.7" and limiter.place_of("not one") == ""
