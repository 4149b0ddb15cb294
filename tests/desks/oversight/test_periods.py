"""Periods of figures: a small municipality reads its totals, and no attack finds how many of few there were."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.calendar import add_months
from brug.desks.oversight.periods import EPOCH, QUARTER, Period, cut, years
from brug.desks.oversight.suppression import LEAST
from tests import examples

Told = tuple[tuple[Period, int], ...]
JANUARY = date(2024, 1, 1)


def counts_of(months: list[int]) -> Callable[[date], int]:
    known = {add_months(JANUARY, n): count for n, count in enumerate(months)}
    return lambda month: known.get(month, 0)


def told_of(months: list[int]) -> Told:
    """Everything that is published when these months are over: each period, and its total."""
    count = counts_of(months)
    periods, _ = cut(count, add_months(JANUARY, len(months)), JANUARY)
    return tuple((period, sum(count(month) for month in period.each_month())) for period in periods)


@given(st.lists(st.integers(0, 9), min_size=24, max_size=24))
@settings(max_examples=examples(150))
def test_every_total_counts_nobody_or_enough_and_no_month_twice(months: list[int]) -> None:
    told = told_of(months)
    assert not [total for _, total in told if 0 < total < LEAST]
    covered = [month for period, _ in told for month in period.each_month()]
    assert covered == [add_months(JANUARY, n) for n in range(len(covered))]
    for year, total in years([period for period, _ in told], dict(told)):
        assert total == sum(counts_of(months)(date(year, month, 1)) for month in range(1, 13))


@given(st.lists(st.integers(0, 9), min_size=24, max_size=24))
@settings(max_examples=examples(100))
def test_what_was_told_stays_so_that_two_releases_tell_no_more_than_one(months: list[int]) -> None:
    """The attack by time: keep each quarter's page, and subtract the older from the newer."""
    releases = [told_of(months[:n]) for n in range(0, 25, 3)]
    for before, after in pairwise(releases):
        assert after[: len(before)] == before


MOST = 12  # tried in one place; pages whose totals are smaller have every history of theirs among those tried
Histories = dict[object, list[tuple[int, ...]]]


def test_who_knows_the_method_finds_no_small_count() -> None:
    """The attack by force: every history of a year that gives the same pages, also by when they were cut.

    In each of them every run of quarters that counted one to four could have counted another number.
    """
    pages: Histories = defaultdict(list)
    for quarters in product(range(MOST), repeat=3):  # with their people in the first month
        months = [n for quarter in quarters for n in (quarter, 0, 0)]
        pages[tuple(told_of(months[:n]) for n in (3, 6, 9))].append(quarters)
    assert pinned(pages) == []


def test_who_knows_the_method_finds_no_small_month_of_a_quarter() -> None:
    pages: Histories = defaultdict(list)
    for months in product(range(MOST), repeat=3):
        pages[told_of(list(months))].append(months)
    assert pinned(pages) == []


def test_the_attack_finds_what_a_worse_method_gives_away() -> None:
    """Months beside the total of their quarter, each hidden when it is small: one subtraction."""
    pages: Histories = defaultdict(list)
    for months in product(range(MOST), repeat=3):
        pages[(*(n if n == 0 or n >= LEAST else None for n in months), sum(months))].append(months)
    assert pinned(pages)


def pinned(pages: Histories) -> list[object]:
    """The pages from which a count of one to four follows, of a run of places."""
    found: list[object] = []
    for page, histories in pages.items():
        if max(sum(history) for history in histories) >= MOST:
            continue
        for first, last in [(a, b) for a in range(3) for b in range(a, 3)]:
            sums = {sum(history[first : last + 1]) for history in histories}
            if len(sums) == 1 and 0 < min(sums) < LEAST:
                found.append((page, first, last))
    return found


def test_a_municipality_with_forty_referrals_a_year_reads_its_figures(
    record_property: Callable[[str, str], None],
) -> None:
    """Month by month most of it was hidden; now nearly every quarter and year has its total."""
    chance = random.Random(40)  # noqa: S311 (the same families each time)
    quarters = years_read = months_before = 0
    for _ in range(200):
        months = [0] * 12
        for _family in range(40):
            months[chance.randrange(12)] += 1
        told = told_of(months)
        ends = {period.after for period, _ in told}
        quarters += sum(add_months(JANUARY, n) in ends for n in (3, 6, 9, 12))
        years_read += len(years([period for period, _ in told], dict(told)))
        months_before += sum(n == 0 or n >= LEAST for n in months)
    record_property(
        "figure",
        f"forty a year: {quarters / 8:.0f}% of quarters, {years_read / 2:.0f}% of years, "
        f"{months_before / 24:.0f}% of months before",
    )
    assert quarters >= 0.95 * 800 and years_read >= 0.95 * 200 and months_before < 0.4 * 2400


@pytest.mark.parametrize(
    ("months", "seen"),
    [
        ([5, 6, 7], [(1, 5), (1, 6), (1, 7)]),  # enough in each month
        ([5, 6, 0], [(1, 5), (1, 6), (1, 0)]),  # nobody is not too few
        ([5, 6, 1], [(3, 12)]),  # one small month: the quarter whole
        ([0, 0, 0], [(3, 0)]),
        ([1, 0, 1], []),  # not yet enough
        ([1, 0, 1, 0, 3, 0], [(6, 5)]),  # two quarters together
        ([1, 0, 1, 9, 9, 9], [(6, 29)]),  # once begun together, told together
    ],
)
def test_cuts(months: list[int], seen: list[tuple[int, int]]) -> None:
    assert [(period.months, total) for period, total in told_of(months)] == seen


def test_the_cut_begins_where_a_quarter_does() -> None:
    assert EPOCH.day == 1 and EPOCH.month % QUARTER == 1
