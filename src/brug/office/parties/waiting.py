"""What waits for a member: a line of their home page. Each room says its own (`waiting` of its AppConfig)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from brug.office.parties.models import Member


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to do now: in words with its number, where, since when; `is_late` when it should have been done."""

    words: str
    url: str
    since: datetime | None = None
    is_late: bool = False


Told = Callable[[Member, datetime], Iterator[Waiting]]
