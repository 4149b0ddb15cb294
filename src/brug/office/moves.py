"""What changes a state is its table: a row moves only as the `transitions` of its model say, if nobody was first.

In: a row as it was read, or a choice of rows, and an event. The UPDATE decides, not what was read: it names the states
that the table lets go, so of two who act at once one finds nothing. What a move means its verb records in the ledger,
in the same transaction; tests/moves.py looks at every move that any test makes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from brug.core.states import Changed, advance


def move(row: Any, event: str, *, version: int | None = None, **changes: Any) -> None:
    """Bring `row` (of a model with `state` and `transitions`) where its table says, with `changes`.

    `version`: from the version that was shown to the next, where its rows have versions.
    Raises `WrongState`; `Changed` when somebody was first.
    """
    old = row.state
    new = advance(row.transitions, old, event)
    mine = type(row)._default_manager.filter(pk=row.pk, state=old)
    if version is not None:
        mine, changes = mine.filter(version=version), changes | {"version": version + 1}
    if not mine.update(state=new, **changes):
        raise Changed
    row.state = new
    for name, value in changes.items():
        setattr(row, name, value)
    if counted := [name for name, value in changes.items() if hasattr(value, "resolve_expression")]:
        row.refresh_from_db(fields=counted)


def move_all(rows: QuerySet[Any], event: str, **changes: Any) -> int:
    """Bring all of `rows` that the table lets go where it says, at once; how many."""
    where: dict[str, list[str]] = defaultdict(list)
    for old, row in rows.model.transitions.items():
        if event in row:
            where[row[event]].append(old)
    new = Case(*(When(state__in=olds, then=Value(new)) for new, olds in where.items()))
    return rows.filter(state__in=[old for olds in where.values() for old in olds]).update(state=new, **changes)
