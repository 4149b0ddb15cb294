"""Periods that count enough people: time is cut so that every total can be shown, and none tells of few (GDPR 89).

A figure is told of disjoint periods, one after the other, each once: k-anonymous periods. A period begins with a
quarter and ends with the first quarter through which at least `LEAST` were counted since it began; a quarter in which
nobody was counted ends at once, for nought counts nobody. A quarter that is a period of its own, and counts somebody,
is cut into its months when each of them has nobody or at least `LEAST`. Every larger total is a sum of what is shown,
so that no subtraction gives less than a period.

The cut grows by whole quarters that are over and never changes: what is told later, minus what was told before, is a
period. It starts at one fixed quarter for every node. Decision 32 has the argument, and the attacks that were tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from brug.core.calendar import add_months
from brug.desks.oversight.suppression import LEAST

EPOCH = date(2024, 1, 1)  # where the cut begins, for ever: the first day of the first protocol
QUARTER = 3  # months


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months from the one that begins on `first`."""

    first: date
    months: int

    @property
    def after(self) -> date:
        """The first day that is no longer in it."""
        return add_months(self.first, self.months)

    def each_month(self) -> Iterator[date]:
        """The first day of each of its months."""
        return (add_months(self.first, n) for n in range(self.months))


def cut(count: Callable[[date], int], today: date, epoch: date = EPOCH) -> tuple[list[Period], Period | None]:
    """The periods that may be told on the legal day `today`, the first one first; and what is not yet enough.

    `count`: how many in the month that begins on a day. Quarters count that are over before `today`.
    """
    told: list[Period] = []
    begins, total, quarter = epoch, 0, epoch
    while add_months(quarter, QUARTER) <= today:
        months = [count(month) for month in Period(quarter, QUARTER).each_month()]
        total += sum(months)
        quarter = add_months(quarter, QUARTER)
        if 0 < total < LEAST:
            continue
        is_one = add_months(begins, QUARTER) == quarter
        if total and is_one and not any(0 < each < LEAST for each in months):
            told += [Period(month, 1) for month in Period(begins, QUARTER).each_month()]
        else:
            told += [Period(begins, _months(begins, quarter))]
        begins, total = quarter, 0
    return told, Period(begins, _months(begins, quarter)) if begins < quarter else None


def _months(first: date, after: date) -> int:
    return 12 * (after.year - first.year) + after.month - first.month


def years(told: list[Period], totals: dict[Period, int]) -> list[tuple[int, int]]:
    """Each calendar year that periods fill exactly, and its total: a sum of what is told."""
    found = []
    for year in sorted({period.first.year for period in told}):
        inside = [period for period in told if period.first < date(year + 1, 1, 1) and period.after > date(year, 1, 1)]
        fills = inside and inside[0].first == date(year, 1, 1) and inside[-1].after == date(year + 1, 1, 1)
        if fills:
            found.append((year, sum(totals[period] for period in inside)))
    return found
