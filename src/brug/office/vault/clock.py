"""The clock guard: nothing is erased while the clock may be wrong (art. 3); the mark is the latest instant seen.

A step is believed up to `AHEAD`; so are several, together: what the machine's own counter does not explain is added
up, until a person or another party's clock says that it is right. Else a step a day would bring any term to its end.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from brug.office.vault.models import ClockMark

BACK = timedelta(minutes=5)
ASIDE = timedelta(hours=24)  # from what another party's clock said, when it signed last
AHEAD = timedelta(hours=48)
STEP = timedelta(minutes=1)  # how often the mark is written at the most
Witnessed = tuple[datetime, datetime]
BOOT = Path("/proc/sys/kernel/random/boot_id")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticks:
    """The counter of the machine that no clock sets: seconds since this boot, sleep included."""

    boot: str
    seconds: float


def ticks() -> Ticks:
    """As it stands now."""
    return Ticks(BOOT.read_text().strip(), time.clock_gettime(time.CLOCK_BOOTTIME))


class Jumped(Exception):
    """The clock stands too far before or after what this node has seen; nothing is erased until a person confirms."""


def mark() -> ClockMark | None:
    """The latest instant that was seen and trusted, or None on the first day of a node."""
    return ClockMark.objects.first()


def is_of_a_person(seen: ClockMark) -> bool:
    """Whether whoever confirmed the clock made the mark, and no worker looked since."""
    return seen.at == seen.confirmed_at


def has_jumped(seen: ClockMark | None, at: datetime) -> bool:
    return seen is not None and not seen.at - BACK <= at <= seen.at + AHEAD


def contradicts(witnessed: Witnessed | None, seen: ClockMark | None, at: datetime) -> bool:
    """Whether another clock says otherwise: `witnessed` is when we signed what a party cosigned last, and when it did.

    It cosigned in the past, so a clock a day before that is wrong; and it cosigned after we signed, so one by which we
    had signed a day later is wrong as well. What a person confirmed since, another party does not contradict.
    """
    if witnessed is None or (seen and seen.confirmed_at and witnessed[0] <= seen.confirmed_at):
        return False
    signed_at, cosigned_at = witnessed
    return at < cosigned_at - ASIDE or (signed_at > cosigned_at + ASIDE and at >= signed_at)


def unexplained(seen: ClockMark | None, at: datetime, witnessed: Witnessed | None, counted: Ticks | None) -> float:
    """The seconds that the clock went further than the counter since somebody last said that it was right, all steps
    together. Over a boot the counter explains nothing. What another party cosigned less than a day ago says so too."""
    if seen is None or counted is None or (witnessed and abs(at - witnessed[1]) <= ASIDE):
        return 0.0
    explained = counted.seconds - seen.counted if counted.boot == seen.boot else 0.0
    return seen.unexplained + max(0.0, (at - seen.at).total_seconds() - explained)


def is_doubtful(seen: ClockMark | None, at: datetime, witnessed: Witnessed | None, counted: Ticks | None) -> bool:
    """Whether `at` may not be believed: it jumped, another clock says otherwise, or its steps came to too much."""
    too_much = unexplained(seen, at, witnessed, counted) > AHEAD.total_seconds()
    return too_much or has_jumped(seen, at) or contradicts(witnessed, seen, at)


def check(at: datetime, witnessed: Witnessed | None = None, counted: Ticks | None = None) -> None:
    """Raise `Jumped` unless `at` may be believed, also beside what another party cosigned last, and by the counter."""
    if is_doubtful(mark(), at, witnessed, counted):
        raise Jumped


def observe(at: datetime, witnessed: Witnessed | None = None, counted: Ticks | None = None) -> bool:
    """Look at the clock: move the mark and answer True, or leave it and answer False when time has jumped."""
    now: dict[str, Any] = {"boot": counted.boot, "counted": counted.seconds} if counted else {}
    with transaction.atomic():
        seen = mark()
        if seen is None:
            ClockMark.objects.create(at=at, **now)
        elif is_doubtful(seen, at, witnessed, counted):
            if seen.refused_at is None:
                ClockMark.objects.filter(pk=seen.pk).update(refused_at=at)
                log.error("the clock has jumped: nothing is erased until a person confirms it")
            return False
        elif at - seen.at >= STEP or seen.refused_at or is_of_a_person(seen):
            now |= {"unexplained": unexplained(seen, at, witnessed, counted)} if counted else {}
            ClockMark.objects.filter(pk=seen.pk).update(at=max(at, seen.at), refused_at=None, **now)
    return True


def confirm(at: datetime) -> None:
    """A person says that `at` is right. Call inside the transaction that records who."""
    seen = mark()
    if seen is None:
        ClockMark.objects.create(at=at, confirmed_at=at)
    else:
        right = {"at": at, "refused_at": None, "confirmed_at": at, "unexplained": 0.0, "boot": ""}
        ClockMark.objects.filter(pk=seen.pk).update(**right)
