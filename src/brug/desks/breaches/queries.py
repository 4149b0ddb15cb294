"""Reads of the breach desk: the register, and one case with its clock (GDPR 33(5))."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.db.models.functions import Coalesce

from brug.desks.breaches.models import Breach, Word
from brug.desks.breaches.states import BreachState

CAME = Min(Coalesce("came_at", "said_at"))


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the register shows it. `left`: whole hours until the authority must know, below zero: too late."""

    breach: Breach
    left: int | None
    unread_since: datetime | None  # what the other officer wrote, and nobody read

    @property
    def is_unread(self) -> bool:
        return self.unread_since is not None


def row(breach: Breach, at: datetime) -> Row:
    unread = Word.objects.filter(breach=breach, is_ours=False, read_at=None)
    return _row(breach, at, unread.aggregate(since=CAME)["since"])


def _row(breach: Breach, at: datetime, unread_since: datetime | None) -> Row:
    runs = breach.state == BreachState.AWARE and breach.authority_at is None and breach.due_at
    left = (breach.due_at - at) // timedelta(hours=1) if runs and breach.due_at else None
    return Row(breach, left, unread_since)


def late(at: datetime) -> int:
    """How many cases are past their 72 hours, and the authority was not told."""
    running = Breach.objects.filter(state=BreachState.AWARE, authority_at=None)
    return sum(breach.due_at is not None and breach.due_at < at for breach in running)


def register(at: datetime) -> list[Row]:
    """Every case there ever was, what is open first."""
    found = list(Breach.objects.order_by("-recorded_at"))
    found.sort(key=lambda breach: breach.state in (BreachState.CLOSED, BreachState.NO_BREACH))
    unread = dict(Word.objects.filter(is_ours=False, read_at=None).values_list("breach").annotate(since=CAME))
    return [_row(breach, at, unread.get(breach.pk)) for breach in found]


def counts(breach: Breach) -> list[tuple[str, int]]:
    """How many references each source gave."""
    found = breach.affected.values_list("source", "reference").distinct()
    return sorted(Counter(source for source, _reference in found).items())
