"""The clock guard: nothing is erased while the clock may be wrong (art. 3); the mark is the latest instant seen."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from brug.office.vault.models import ClockMark

BACK = timedelta(minutes=5)
ASIDE = timedelta(hours=24)  # from what another party's clock said, when it signed last
AHEAD = timedelta(hours=48)
STEP = timedelta(minutes=1)  # how often the mark is written at the most
Witnessed = tuple[datetime, datetime]
log = logging.getLogger(__name__)


class Jumped(Exception):
    """The clock stands too far before or after what this node has seen; nothing is erased until a person confirms."""


def mark() -> ClockMark | None:
    """The latest instant that was seen and trusted, or None on the first day of a node."""
    return ClockMark.objects.first()


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


def check(at: datetime, witnessed: Witnessed | None = None) -> None:
    """Raise `Jumped` unless `at` may be believed, also beside what another party cosigned last."""
    if has_jumped(mark(), at) or contradicts(witnessed, mark(), at):
        raise Jumped


def observe(at: datetime, witnessed: Witnessed | None = None) -> bool:
    """Look at the clock: move the mark and answer True, or leave it and answer False when time has jumped."""
    with transaction.atomic():
        seen = mark()
        if seen is None:
            ClockMark.objects.create(at=at)
        elif has_jumped(seen, at) or contradicts(witnessed, seen, at):
            if seen.refused_at is None:
                ClockMark.objects.filter(pk=seen.pk).update(refused_at=at)
                log.error("the clock has jumped: nothing is erased until a person confirms it")
            return False
        elif at - seen.at >= STEP or seen.refused_at:
            ClockMark.objects.filter(pk=seen.pk).update(at=max(at, seen.at), refused_at=None)
    return True


def confirm(at: datetime) -> None:
    """A person says that `at` is right. Call inside the transaction that records who."""
    seen = mark()
    if seen is None:
        ClockMark.objects.create(at=at, confirmed_at=at)
    else:
        ClockMark.objects.filter(pk=seen.pk).update(at=at, refused_at=None, confirmed_at=at)
