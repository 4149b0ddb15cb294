"""Small counts leave no trace: which cells of a table may be shown, so that no other can be recomputed (GDPR 89).

A table of counts is shown with the totals of its rows and columns. Every cell and total of 1 to 4 is hidden. Then each
hidden cell gets a way to be another number: three more hidden cells that with it make a rectangle (totals count as a
last row and a last column), so that one more here and one less there leaves everything that is shown as it is. What
can be two numbers cannot be recomputed; what would become less than one by that may not take part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

LEAST = 5  # a count below this, and above nothing, is of too few people
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """The table as it may be published: None for what is hidden. The last row and the last column are the totals."""

    cells: tuple[tuple[int | None, ...], ...]

    @property
    def total(self) -> int | None:
        return self.cells[-1][-1]


def suppress(counts: Sequence[Sequence[int]]) -> Shown:
    """`counts` (rows of equal length, none below zero) with its totals, and hidden what must not be known.

    Where no rectangle protects a hidden cell everything is hidden.
    """
    table = with_totals(counts)
    hidden = {place for place in _places(table) if 0 < _at(table, place) < LEAST}
    for place in sorted(hidden):
        corners = min(_rectangles(table, place), key=lambda corners: _cost(table, corners - hidden), default=None)
        if corners is None:
            return Shown(tuple(tuple(None for _ in row) for row in table))
        hidden |= corners
    return Shown(
        tuple(tuple(None if (r, c) in hidden else n for c, n in enumerate(row)) for r, row in enumerate(table))
    )


def with_totals(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """The same with a column and a row of totals."""
    rows = [[*row, sum(row)] for row in counts]
    width = len(rows[0]) if rows else 1
    return [*rows, [sum(row[column] for row in rows) for column in range(width)]]


def _rectangles(table: list[list[int]], place: Place) -> Iterator[set[Place]]:
    """The rectangles on `place` along which it could be one more: whatever becomes less stays at least one."""
    row, column = place
    for other_row, other_column in product(range(len(table)), range(len(table[0]))):
        if other_row == row or other_column == column:
            continue
        corners = {(row, column): 1, (row, other_column): -1, (other_row, column): -1, (other_row, other_column): 1}
        signs = {corner: sign * _side(table, corner) for corner, sign in corners.items()}
        less = [corner for corner, sign in signs.items() if sign * signs[place] < 0]
        if all(_at(table, corner) >= 2 for corner in less):
            yield set(corners)


def _side(table: list[list[int]], place: Place) -> int:
    """A total stands on the other side of the sum than what it is the total of; the grand total on the same again."""
    return (-1 if place[0] == len(table) - 1 else 1) * (-1 if place[1] == len(table[0]) - 1 else 1)


def _cost(table: list[list[int]], more: set[Place]) -> tuple[int, int]:
    """What it costs to hide `more`: totals are missed most, then large counts."""
    totals = sum(row == len(table) - 1 or column == len(table[0]) - 1 for row, column in more)
    return totals, sum(_at(table, place) for place in more)


def _places(table: list[list[int]]) -> Iterator[Place]:
    return product(range(len(table)), range(len(table[0])))


def _at(table: list[list[int]], place: Place) -> int:
    return table[place[0]][place[1]]
