"""What this desk asks of the desks beside it, which it does not import: the node fills the table in (art. 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from brug.office.parties.models import Member


@dataclass(frozen=True, slots=True)
class Desks:
    """References only; no person crosses here."""

    cases_of: Callable[[Member], set[UUID]]  # what is this member's now
    told_as: Callable[[Iterable[UUID]], dict[UUID, UUID]]  # our own reference → the one that the discloser gave it
