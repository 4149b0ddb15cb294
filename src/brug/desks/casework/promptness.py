"""How often the OCMW reached its own target for a first conversation; who still waits beyond it counts (art. 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from brug.core.calendar import BRUSSELS, add_months, after_working_days, legal_day
from brug.desks.casework import queries
from brug.desks.casework.models import Promptness

FEW = 5  # a count below this, and above nothing, is of too few people to be told outside


@dataclass(frozen=True, slots=True)
class Share:
    """First conversations within the OCMW's own target and after it, of the months from `first` on.

    `waiting`: whose target passed in these months, and with whom nobody has spoken yet. They are not in time either.
    """

    first: date
    in_time: int
    late: int
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.in_time + self.late + self.waiting

    @property
    def percent(self) -> int | None:
        """Rounded down; None without anybody."""
        return 100 * self.in_time // self.total if self.total else None


def passed(at: datetime) -> Counter[date]:
    """Of the families with whom nobody spoke within the target, and still nobody has: the month in which it passed."""
    late = (
        queries.overdue_intakes(at, settings.CONTACT_DAYS)
        .order_by()
        .values_list(TruncDate("arrived_at", tzinfo=BRUSSELS))
    )
    months: Counter[date] = Counter()
    for arrived_on, number in late.annotate(Count("pk")):
        months[after_working_days(arrived_on, settings.CONTACT_DAYS).replace(day=1)] += number
    return months


def share_in_time(first: date, last: date, waits: Mapping[date, int]) -> Share:
    """Of the months from that of `first` through that of `last`; `waits` as `passed` gives it."""
    begin = first.replace(day=1)
    months = Promptness.objects.filter(month__gte=begin, month__lte=last)
    sums = months.aggregate(in_time=Sum("in_time"), late=Sum("late"))
    waiting = sum(n for month, n in waits.items() if begin <= month <= last)
    return Share(first, sums["in_time"] or 0, sums["late"] or 0, waiting)


def shares(at: datetime, months: int = 12) -> list[Share]:
    """Month by month, the newest first."""
    this, waits = legal_day(at).replace(day=1), passed(at)
    return [share_in_time(month, month, waits) for month in (add_months(this, -n) for n in range(months))]


def evidence(at: datetime) -> dict[str, Any]:
    """What the evidence pack says of it (art. 6): the share of the twelve months that are over; None of too few."""
    last = legal_day(at).replace(day=1) - timedelta(days=1)
    share = share_in_time(add_months(last.replace(day=1), -11), last, passed(at))
    is_shown = share.total and not any(0 < count < FEW for count in (share.in_time, share.late + share.waiting))
    return {"target_days": settings.CONTACT_DAYS, "percent": share.percent if is_shown else None}


def promptness(at: datetime) -> str:
    """The share of first conversations in time, this month and the two before, as "8 / 10"; empty without any.

    Who still waits beyond the target is one of the ten.
    """
    today = legal_day(at)
    share = share_in_time(add_months(today.replace(day=1), -2), today, passed(at))
    return f"{share.in_time} / {share.total}" if share.total else ""
