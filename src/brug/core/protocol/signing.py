"""The end of a published text: whose names stand there, in which capacity, with which day (art. 11)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from brug.core.protocol import notation
from brug.core.protocol.words import Word, keys

Values = dict[str, Any]


def without(words: Sequence[Word], printed: Sequence[str]) -> list[Word]:
    """The words that are more than those of `printed`, each counted as often as it stands there."""
    left, counted = [], Counter(printed)
    for word in words:
        if word.key and counted[word.key] > 0:
            counted[word.key] -= 1
        elif word.key:
            left.append(word)
    return left


def without_signatures(
    words: Sequence[Word], people: Sequence[tuple[str, Values]], names: Sequence[str], days: Sequence[str]
) -> list[Word]:
    """The words of the closing before the signatures, and what stands among these beside names and capacities."""
    start = next(
        (n for n, word in enumerate(words) if word.key == "voor" and _names(words[n + 1 :], names)), len(words)
    )
    expected = [sign for name in names for sign in keys(f"Voor {name}")]
    for _, person in people:
        expected += keys(f"{person['name']} {person['capacity']}")
    behind = list(words[start:])
    text = " ".join(word.text for word in behind)
    for found in COLOPHON.finditer(text):
        expected += keys(found[0])
    return [*words[:start], *without(behind, [*expected, *keys(" ".join(days))])]


COLOPHON = re.compile(
    r"Kenmerk: \S+, versie \d+|Gemeenten \(REFNIS\): \d{5}(?:, \d{5})*|Verificatiecode \w+: \S+", re.I
)


def _names(words: Sequence[Word], names: Sequence[str]) -> bool:
    signs = [word.key for word in words[:8]]
    return any(parts and signs[: len(parts)] == parts for parts in map(keys, names))


_SIGNED = re.compile(rf"(?:(?:getekend|ondertekend)\s+op\s+)?(?:{notation.DAY.pattern})", re.I | re.X)


def days_of(printed: str, names: Sequence[str]) -> dict[str, re.Match[str]]:
    """Under whose name which day stands; of nobody where it is not certain whose each is.

    A day that follows «ondertekend op» is of the name before it; others only where name and day come in turn.
    """
    first = min((printed.find(name) for name in names if name in printed), default=len(printed))
    found = [*_SIGNED.finditer(printed, first)]
    told = {}
    for number, name in enumerate(names):
        until = next((printed.find(each) for each in names[number + 1 :] if each in printed), len(printed))
        own = [day for day in found if printed.find(name) < day.start() < until]
        if name in printed and len(own) == 1:
            told[name] = own[0]
    in_turn = len(told) == len(names) == len(found)
    return {name: day for name, day in told.items() if in_turn or "tekend" in day[0].casefold()}


def signature(side: str, person: Values, printed: str, day: re.Match[str] | None) -> Values:
    """One signature: the capacity as it is printed under it, the day if one is."""
    capacity = re.search(re.escape(person["capacity"]), printed, re.I)
    on = next(notation.days(day[0]), None) if day else None
    return {
        "side": side,
        "name": person["name"],
        "capacity": capacity[0] if capacity else person["capacity"],
        "signed_on": on.isoformat() if on else None,
    }
