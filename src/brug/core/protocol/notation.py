"""Days and numbers as Dutch texts write them: «29 januari 2024», «25/11/2024», «drie maanden» (art. 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from brug.core.calendar import add_months
from brug.core.identity import KboNumber

MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
_FOREIGN = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_OF = {name: number for names in (MONTHS, _FOREIGN) for number, name in enumerate(names, 1)}
_MONTH_OF |= {name[:3]: number for name, number in _MONTH_OF.items()} | {"mrt": 3, "sept": 9, "okt": 10}
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_UNITS = (
    *("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
    *("dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"),
)
_TENS = ("twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")


def _in_words() -> Iterator[tuple[str, int]]:
    yield from ((word, number) for number, word in enumerate(_UNITS))
    for tens, word in enumerate(_TENS, 2):
        yield word, tens * 10
        for unit, name in enumerate(_UNITS[1:10], 1):
            yield f"{name}ën{word}", tens * 10 + unit
            yield f"{name}en{word}", tens * 10 + unit


NUMBERS = {"één": 1, "eén": 1, **dict(_in_words())}
"""Numbers below a hundred by their Dutch words."""
_WORD = rf"(?:(?:{'|'.join(_UNITS[1:10])})[eë]n)?(?:{'|'.join(_TENS)})|één|eén|{'|'.join(reversed(_UNITS))}"
NUMBER = rf"(?:\d{{1,3}}|{_WORD})"
_YEAR_IN_WORDS = rf"tweeduizend\s*(?:en\s*)?(?P<year_words>{_WORD})"
DAY = re.compile(
    rf"""(?<![\w./-])(?:
      (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})
    | (?P<figures>\d{{1,2}}(?P<sep>\s?[/.-]\s?)\d{{1,2}}(?P=sep)(?:\d{{4}}|\d{{2}}))
    | (?P<day>\d{{1,2}}|{_WORD})(?:e|ste|de)?\s+(?P<month>{_MONTH})\b\.?\s+(?:(?P<year>\d{{4}})|{_YEAR_IN_WORDS})
    )(?![\w/-]|\.\d)""",
    re.IGNORECASE | re.VERBOSE,
)
LENGTH = re.compile(
    rf"(?<![\w])(?P<number>{NUMBER}|half)(?:\s*\((?P<again>{NUMBER})\))?\s+(?P<unit>maand(?:en)?|jaar|jaren)\b",
    re.IGNORECASE,
)
LENGTH_IN_DAYS = re.compile(
    rf"(?<![\w])(?P<number>{NUMBER})(?:\s*\((?P<again>{NUMBER})\))?\s+(?:opeenvolgende\s+)?"
    r"(?P<unit>(?:kalender)?dag(?:en)?|we(?:ek|ken))\b",
    re.IGNORECASE,
)
TERM = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", each.pattern) for each in (LENGTH, LENGTH_IN_DAYS)), re.I)
"""A length of time in months, years, days or weeks."""
COPIES = re.compile(
    rf"(?<![\w])(?:(?P<number>{NUMBER})(?:\s*\((?:{NUMBER})\))?\s+(?:originele\s+)?exempla(?:ren|ar)|"
    r"(?P<fold>twee|drie|vier|vijf|zes)voud)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Months:
    """A length of time in months, as a term of a protocol."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} maanden"


@dataclass(frozen=True, slots=True)
class Days:
    """A length of time in days, every day of the calendar counted."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} dagen"


@dataclass(frozen=True, slots=True)
class Copies:
    """In how many copies a protocol was drawn up."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} exemplaren"


def last_days(text: str, since: date) -> Iterator[date]:
    """Every day in `text`, and the last one of every length of time in it that begins on `since`.

    >>> [str(day) for day in last_days("voor een duur van drie jaar", date(2025, 1, 1))]
    ['2027-12-31']
    """
    yield from days(text)
    for count in months(text):
        yield add_months(since, count) - timedelta(days=1)


Spoken = str | date | Months | Days | Copies | KboNumber
"""What the words of a clause must say: words as they are, or a value in any notation."""


def number(words: str) -> int:
    """A number in figures or in words. Raises `ValueError`.

    >>> number("6"), number("drie"), number("vierentwintig"), number("Tweeëntwintig")
    (6, 3, 24, 22)
    """
    words = words.casefold()
    if words in NUMBERS:
        return NUMBERS[words]
    if words.isascii() and words.isdecimal():
        return int(words)
    raise ValueError("not a number")


def day(words: str) -> date:
    """The one day that `words` write; day before month, as in Belgium. Raises `ValueError`.

    >>> day("25/11/2024") == day("25 nov. 2024") == day("2024-11-25") == day("25 november 2024")
    True
    """
    match = DAY.fullmatch(" ".join(words.split()))
    if match is None:
        raise ValueError("not a day")
    return _day(match)


def _day(match: re.Match[str]) -> date:
    if match["iso"]:
        return date(*map(int, match["iso"].split("-")))
    if match["figures"]:
        on, month, year = (int(part) for part in re.split(r"\D+", match["figures"]))
        return date(year if year > 99 else 2000 + year, month, on)
    year = int(match["year"]) if match["year"] else 2000 + number(match["year_words"])
    return date(year, _MONTH_OF[match["month"].casefold()], number(match["day"]))


def days(text: str) -> Iterator[date]:
    """Every day that stands in `text`, in its order; what looks like one and does not exist is none."""
    for match in DAY.finditer(text):
        try:
            yield _day(match)
        except ValueError:
            continue


def months(text: str) -> Iterator[int]:
    """Every length of time in `text` that is a number of months or years, in months.

    >>> list(months("een opzegtermijn van drie maanden, een half jaar of 6 (zes) maanden"))
    [3, 6, 6]
    """
    for match in LENGTH.finditer(text):
        if match["again"] and number(match["again"]) != number(match["number"]):
            continue
        unit = 1 if match["unit"].casefold().startswith("maand") else 12
        yield unit // 2 if match["number"].casefold() == "half" else number(match["number"]) * unit


def lengths_in_days(text: str) -> Iterator[int]:
    """Every length of time in `text` that is a number of days or weeks of the calendar, in days; working days are none.

    >>> list(lengths_in_days("dertig dagen, 90 (negentig) kalenderdagen, vier weken, tien werkdagen"))
    [30, 90, 28]
    """
    for match in LENGTH_IN_DAYS.finditer(text):
        if not match["again"] or number(match["again"]) == number(match["number"]):
            yield number(match["number"]) * (7 if match["unit"].casefold().startswith("we") else 1)


def copies(text: str) -> Iterator[int]:
    """Every number of copies in `text`.

    >>> list(copies("opgemaakt in tweevoud, in 3 exemplaren"))
    [2, 3]
    """
    for match in COPIES.finditer(text):
        yield number(match["number"] or match["fold"])


def says(printed: str, value: Spoken) -> bool:
    """Whether `printed` says `value`: a day or a number in any notation, words whatever their capitals and spaces."""
    if isinstance(value, date):
        return value in days(" ".join(printed.split()))
    if isinstance(value, Months):
        return value.count in months(printed)
    if isinstance(value, Days):
        return value.count in lengths_in_days(printed)
    if isinstance(value, Copies):
        return value.count in copies(printed)
    if isinstance(value, KboNumber):
        return value.digits in re.sub(r"[. ]", "", printed)
    return same_words(value) in same_words(printed)


def same_words(text: str) -> str:
    """Text for comparing: one space between words, no capitals."""
    return " ".join(text.split()).casefold()


def dutch_day(on: date) -> str:
    """A day as the protocols write it.

    >>> dutch_day(date(2024, 1, 29))
    '29 januari 2024'
    """
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
