"""Small counts: never shown, and never to be recomputed from what is shown."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.desks.oversight.suppression import LEAST, Shown, suppress, with_totals
from tests import examples

Counts = list[list[int]]
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=width, max_size=width),
        min_size=1,
        max_size=5,
    )
)


def forms(shown: Shown) -> list[list[Fraction]]:
    """What is published, as linear forms over the inner counts: each shown cell or total is one."""
    height, width = len(shown.cells) - 1, len(shown.cells[0]) - 1
    told = []
    for row, cells in enumerate(shown.cells):
        for column, value in enumerate(cells):
            if value is not None:
                told.append(form(row, column, height, width))
    return told


def form(row: int, column: int, height: int, width: int) -> list[Fraction]:
    return [Fraction((row in (r, height)) and (column in (c, width))) for r in range(height) for c in range(width)]


def spans(told: list[list[Fraction]], wanted: list[Fraction]) -> bool:
    """Whether `wanted` is a linear combination of what was told (exact elimination)."""
    rows = [row[:] for row in told]
    wanted = wanted[:]
    for column in range(len(wanted)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows = [_less(row, pivot, column) for row in rows if row is not pivot]
        wanted = _less(wanted, pivot, column)
    return not any(wanted)


def _less(row: list[Fraction], pivot: list[Fraction], column: int) -> list[Fraction]:
    factor = row[column] / pivot[column]
    return [a - factor * b for a, b in zip(row, pivot, strict=True)] if factor else row


@given(tables)
@settings(max_examples=examples(150))
def test_no_small_count_is_shown_and_none_follows_from_what_is_shown(counts: Counts) -> None:
    shown, whole = suppress(counts), with_totals(counts)
    told = forms(shown)
    height, width = len(counts), len(counts[0])
    for row, cells in enumerate(shown.cells):
        for column, value in enumerate(cells):
            if value is not None:
                assert value == whole[row][column] and not 0 < value < LEAST
            elif 0 < whole[row][column] < LEAST:
                assert not spans(told, form(row, column, height, width))


@given(tables)
@settings(max_examples=examples(150))
def test_every_small_count_could_be_one_more_with_the_same_table_shown(counts: Counts) -> None:
    """Not only by sums: also who knows that a count is never below nothing, nor a hidden one nothing, learns none."""
    shown, whole = suppress(counts), with_totals(counts)
    if all(value is None for row in shown.cells for value in row):
        return
    hidden = {(r, c) for r, row in enumerate(shown.cells) for c, value in enumerate(row) if value is None}
    for row, column in hidden:
        if 0 < whole[row][column] < LEAST:
            assert any(_moves(whole, hidden, (row, column), other) for other in hidden)


def _moves(whole: Counts, hidden: set[tuple[int, int]], place: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether changing the inner counts along the rectangle changes hidden cells only, and none below one."""
    if place[0] == other[0] or place[1] == other[1]:
        return False
    height, width = len(whole) - 1, len(whole[0]) - 1
    signs = {place: 1, (place[0], other[1]): -1, (other[0], place[1]): -1, other: 1}
    for sense in (1, -1):
        inner = {(r, c): sense * sign for (r, c), sign in signs.items() if r < height and c < width}
        changed = [[whole[r][c] + inner.get((r, c), 0) for c in range(width)] for r in range(height)]
        after = with_totals(changed)
        differs = {(r, c) for r in range(height + 1) for c in range(width + 1) if after[r][c] != whole[r][c]}
        is_one_more = after[place[0]][place[1]] == whole[place[0]][place[1]] + 1
        if is_one_more and differs <= hidden and all(after[r][c] >= 1 for r, c in hidden if whole[r][c] >= 1):
            return True
    return False


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ([[20, 30], [40, 50]], ((20, 30, 50), (40, 50, 90), (60, 80, 140))),  # nothing small: nothing hidden
        ([[0, 0], [0, 0]], ((0, 0, 0), (0, 0, 0), (0, 0, 0))),  # nobody is not too few people
        ([[3, 30], [40, 50]], ((None, None, 33), (None, None, 90), (43, 80, 123))),  # the rectangle
        ([[2]], ((None, None), (None, None))),
    ],
)
def test_tables(counts: Counts, seen: tuple[tuple[int | None, ...], ...]) -> None:
    assert suppress(counts).cells == seen
