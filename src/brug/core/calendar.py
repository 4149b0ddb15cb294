"""How time is counted: legal days in Europe/Brussels, calendar months, whole hours (art. 3, art. 9, art. 11)."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

BRUSSELS = ZoneInfo("Europe/Brussels")
NOTIFICATION_HOURS = 72  # GDPR 33(1)
Now = Callable[[], datetime]
"""What tells the instant (aware) at which it is asked."""


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


def last_day_of_notice(received: date, months: int, days: int = 0) -> date:
    """The last day a protocol still holds after notice, end of that day included.

    `received` is the legal day on which the notice reached the other party; `months` calendar months (art. 11: 6), or
    `days` of the calendar, of which the first is the day after it.
    Two readings differ at month ends; the later one counts, since a party may always stop disclosing sooner.

    >>> last_day_of_notice(date(2024, 6, 30), 6)
    datetime.date(2024, 12, 31)
    """
    same_date = add_months(received, months)
    eve_of_next = add_months(received + timedelta(days=1), months) - timedelta(days=1)
    return max(same_date, eve_of_next) + timedelta(days=days)


def notification_due(aware_at: datetime) -> datetime:
    """When the supervisory authority must have been told: 72 elapsed hours, weekends included (GDPR 33(1))."""
    return hours_after(aware_at, NOTIFICATION_HOURS)


def hours_after(at: datetime, hours: int) -> datetime:
    """The instant `hours` elapsed hours later, whatever the clocks on the wall did meanwhile.

    >>> str(hours_after(datetime(2026, 3, 27, 18, tzinfo=BRUSSELS), 72).astimezone(BRUSSELS))
    '2026-03-30 19:00:00+02:00'
    """
    return at.astimezone(UTC) + timedelta(hours=hours)


def first_day_after_years(closed_on: date, years: int) -> date:
    """The first day on which data kept for `years` calendar years after `closed_on` may no longer be here (art. 3).

    >>> first_day_after_years(date(2024, 3, 15), 10), first_day_after_years(date(2024, 2, 29), 10)
    (datetime.date(2034, 3, 16), datetime.date(2034, 3, 1))
    """
    return add_months(closed_on, 12 * years) + timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Monday to Friday, no legal holiday in Belgium."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@lru_cache(maxsize=4096)
def working_days(since: date, until: date) -> int:
    """The working days after `since`, up to and with `until`; 0 when there are none.

    >>> working_days(date(2026, 11, 10), date(2026, 11, 13))  # 11 November is a holiday
    2
    """
    return sum(is_working_day(since + timedelta(days=n)) for n in range(1, (until - since).days + 1))


def after_working_days(since: date, count: int) -> date:
    """The day on which `count` (at least 1) working days after `since` have come.

    >>> after_working_days(date(2026, 11, 20), 1)  # a Friday
    datetime.date(2026, 11, 23)
    """
    day = since
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("BE", years=year))
