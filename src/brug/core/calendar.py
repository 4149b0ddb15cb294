"""How time is counted: legal days in Europe/Brussels, calendar months, whole hours (art. 3, art. 9, art. 11)."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
NOTIFICATION_HOURS = 72  # GDPR 33(1)


def legal_day(at: datetime) -> date:
    """The day it is in Brussels at the instant `at` (aware).

    >>> legal_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    datetime.date(2026, 7, 1)
    """
    return at.astimezone(BRUSSELS).date()


def add_months(start: date, months: int) -> date:
    """The same day `months` calendar months later, or the last day of that month where there is no such day.

    >>> add_months(date(2024, 2, 29), 120)
    datetime.date(2034, 2, 28)
    """
    years, month0 = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month0 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def last_day_of_notice(received: date, months: int) -> date:
    """The last day a protocol still holds after notice, end of that day included.

    `received` is the legal day on which the notice reached the other party; `months` calendar months (art. 11: 6).
    Two readings differ at month ends; the later one counts, since a party may always stop disclosing sooner.

    >>> last_day_of_notice(date(2024, 6, 30), 6)
    datetime.date(2024, 12, 31)
    """
    same_date = add_months(received, months)
    eve_of_next = add_months(received + timedelta(days=1), months) - timedelta(days=1)
    return max(same_date, eve_of_next)


def notification_due(aware_at: datetime) -> datetime:
    """When the supervisory authority must have been told: 72 elapsed hours, weekends included (GDPR 33(1))."""
    return aware_at.astimezone(UTC) + timedelta(hours=NOTIFICATION_HOURS)
