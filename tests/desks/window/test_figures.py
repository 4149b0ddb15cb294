"""What the officer's figures of windows give away to who adds and subtracts: nothing of fewer than five families."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from brug.desks.oversight.periods import Period
from brug.desks.oversight.suppression import LEAST
from brug.desks.window import services
from brug.desks.window.models import Tally, Window
from brug.desks.window.states import Counted
from brug.face.web import figures_views as figures
from tests.conftest import NOW, WESTERLO
from tests.desks.window.conftest import Family, given
from tests.flows.both_sides import BothSides

MONTH = Period(date(2026, 10, 1), 1)
Published = tuple[tuple[tuple[int | None, ...], ...], ...]


def published(counts: dict[Counted, int]) -> Published:
    """All that a month publishes of windows, where these are the counts."""
    Tally.objects.all().delete()
    for what, count in counts.items():
        Tally.objects.create(month=MONTH.first, what=what, count=count)
    return tuple(figures.figure(subject, MONTH).shown.cells for subject in figures.WINDOWS)


def test_no_small_count_can_be_told_from_another(db: None) -> None:
    """The attack: every table that could have been is made; those that look as the published one hold what is hidden.

    Nobody takes back by a window who did not use it, and the attacker knows that too.
    """
    possible = [
        dict(zip(Counted, counts, strict=True))
        for counts in product(range(LEAST + 2), repeat=3)
        if counts[2] <= counts[1] + LEAST
    ]
    looks_as: dict[Published, list[dict[Counted, int]]] = {}
    for counts in possible:
        looks_as.setdefault(published(counts), []).append(counts)
    for shown, worlds in looks_as.items():
        for what, cells in zip(Counted, shown, strict=True):
            values = {world[what] for world in worlds}
            is_small = bool(values & set(range(1, LEAST)))
            assert not is_small or (len(values) >= 2 and all(None in row for row in cells))


def test_a_family_counts_once_however_often_it_looks(sides: BothSides, family: Family) -> None:
    case = sides.case()
    for _ in range(2):
        code = given(sides, "casework", case, sides.karim)
        for _ in range(3):
            family.types(code, at=WESTERLO)
    assert dict(Tally.objects.values_list("what", "count")) == {"handed": 1, "used": 1}
    assert Window.objects.get().is_used


@pytest.mark.parametrize("is_open", [True, False])
def test_only_where_windows_are_open_and_only_of_months_that_are_over(sides: BothSides, is_open: bool) -> None:
    if not is_open:
        services.turn(False, by=sides.dw, at=NOW)
    shown = {subject.code for subject in figures.subjects(NOW)}
    assert ("windows" in shown) is is_open
    told = [figures.told(subject, NOW.date()) for subject in figures.WINDOWS]
    assert all(period.after <= NOW.date().replace(day=1) for periods, _ in told for period in periods)
    assert all(periods for periods, _ in told)
