"""What this desk answers: whether windows are handed over; and what a restore ends once more (GDPR 7(3))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from brug.desks.window.queries import is_open
from brug.desks.window.services import end_again
from brug.office.ledger.models import Entry

__all__ = ["is_open"]  # `asks.Windows`


def do_again(entry: Entry, _at: datetime) -> Iterator[str]:
    """A code that was ended or replaced since the backup."""
    if end_again(UUID(entry.subject)):
        yield "the code of a family's window ended again; give the family another one"
