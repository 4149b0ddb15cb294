"""The answer to a family that asks what is kept of it, as a letter in plain words of its language (GDPR 12, 15).

Which data, from whom, why, who saw them, who got them, until when and why, the rights. Its sentences stand beside those
of the leaflets, under the same mark of review; what is a name, a day or a value is left as it is. Every code that
stands for something becomes words here or is left out: the technical record is an annex, for who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Any

from brug.core import datum
from brug.core.identity import municipality
from brug.core.leaflet import LANGUAGES, Kind, capital, facts_of, texts
from brug.core.protocol.document import Protocol
from brug.core.protocol.retention import rule_for

Text = Mapping[str, Any]  # of one language, as its file has it
ISOLATE, ISOLATE_END = "\u2066", "\u2069"  # of Unicode's algorithm for two directions


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a record is here (a code of the vault's reasons), and the first day on which it is no longer."""

    reason: str
    gone_on: date | None


@dataclass(frozen=True, slots=True)
class Account:
    """What one record says to the person it is about. Days are legal days, names are left as they are written.

    `clients`: what is kept of each referral, as `message.Client` spells it, and the municipality (REFNIS). `came`: day,
    and from whom ("": from the person). `gave`: day, and to whom; `reported` the same, of an error told to who gave the
    data (art. 7). `asked`, `got`: kinds of aid by name. `seen`: day, and the code of a role.
    """

    protocol: Protocol | None
    clients: tuple[tuple[Mapping[str, Any], str], ...] = ()
    came: tuple[tuple[date, str], ...] = ()
    gave: tuple[tuple[date, str], ...] = ()
    reported: tuple[tuple[date, str], ...] = ()
    asked: tuple[str, ...] = ()
    got: tuple[str, ...] = ()
    seen: tuple[tuple[date, str], ...] = ()
    kept: tuple[Kept, ...] = ()
    has_notes: bool = False
    language: str = ""  # of the leaflet that the family got, where that is known


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language: a question and its answers, line by line; the facts as under a leaflet."""

    language: str
    direction: str
    title: str
    lede: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    facts: tuple[tuple[str, str], ...]
    check: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the party, of which leaflet its facts are, under which protocol, whom a family can call (E.164)."""

    name: str
    kind: Kind
    protocol: Protocol | None
    phones: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def letter(accounts: Sequence[Account], language: str, *, sender: Sender, on: date) -> Letter:
    """The letter about these records on the legal day `on`, in one of `LANGUAGES`. Raises `NotWritten` for another."""
    text = texts(language)
    sections: list[tuple[str, Iterable[str]]] = [(text["contact"]["what"][0], _what(accounts, text, on))]
    if accounts:
        sections += [
            (text["contact"]["source"][0], _came(accounts, text)),
            (text["before"]["why"][0], _why(accounts, text)),
            (text["letter"]["seen"], _seen(accounts, text)),
            (text["letter"]["went"], _went(accounts, text)),
            (text["contact"]["keep"][0], _kept(accounts, text)),
        ]
    sections.append((text["rights"][0], text["rights"][1:]))
    return Letter(
        language=language,
        direction=text["direction"],
        title=_say(text, "title", party=sender.name),
        lede=_say(text, "lede"),
        sections=tuple((heading, _once(lines)) for heading, lines in sections),
        facts=facts_of(sender.protocol, sender.kind, text["labels"], sender.phones) if sender.protocol else (),
        check=text["labels"]["checked" if text["checked_by_translator"] else "unchecked"],
    )


def language_of(accounts: Iterable[Account]) -> str:
    """The language of the leaflet that the family got, Dutch where nobody noted one that is written."""
    known = (account.language for account in accounts if account.language in LANGUAGES)
    return next(known, "nl")


def _say(text: Text, name: str, **values: str | date) -> str:
    """A sentence of the letter with its names and days."""
    sentence: str = text["letter"][name]
    return sentence.format(**{place: _apart(text, value) for place, value in values.items()})


def _apart(text: Text, value: str | date) -> str:
    """A name, a number or a day as it is written; from left to right within a line that goes the other way."""
    written = value if isinstance(value, str) else f"{value:%d/%m/%Y}"
    return f"{ISOLATE}{written}{ISOLATE_END}" if text["direction"] == "rtl" else written


def _once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _what(accounts: Sequence[Account], text: Text, on: date) -> Iterator[str]:
    if not accounts:
        yield _say(text, "nothing")
    for account in accounts:
        for client, residence in account.clients:
            yield from _values(client, residence, text, on)
        if not account.clients:
            yield _say(text, "gone")
    for name, kinds in (("asked", [each.asked for each in accounts]), ("given", [each.got for each in accounts])):
        if what := _once(kind for some in kinds for kind in some):
            yield _say(text, name, what=", ".join(what))
    if any(account.has_notes for account in accounts):
        yield _say(text, "noted")


def _values(client: Mapping[str, Any], residence: str, text: Text, on: date) -> Iterator[str]:
    """A line for each datum that is there, under the word that the leaflet has for it; a name is one line."""
    for name, rows in groupby(datum.DATA, key=lambda row: row.leaflet):
        given = [(row, client[row.code]) for row in rows if client.get(row.code)]
        if given:
            words = [_address(value, residence, on) if name == "address" else row.write(value) for row, value in given]
            yield f"{capital(text['data'][name])}: {_apart(text, ' '.join(words))}"


def _address(parts: Mapping[str, str], residence: str, on: date) -> str:
    """On one line; a person without a street has a town."""
    street = " ".join(parts[name] for name in ("street", "number") if parts.get(name))
    street += f" bus {parts['box']}" if street and parts.get("box") else ""
    place = municipality(residence, on)
    town = f"{parts.get('postal_code') or ''} {place.name if place else ''}".strip()
    return ", ".join(line for line in (street, town) if line)


def _came(accounts: Sequence[Account], text: Text) -> Iterator[str]:
    for day, who in sorted({each for account in accounts for each in account.came}):
        yield _say(text, "other" if who else "own", day=day, who=who)


def _why(accounts: Sequence[Account], text: Text) -> Iterator[str]:
    for protocol in (account.protocol for account in accounts if account.protocol):
        for purpose in protocol.recitals.ground.terms.purposes:
            yield text["purposes"].get(purpose.code) or purpose.words


def _seen(accounts: Sequence[Account], text: Text) -> Iterator[str]:
    """A line for each role: its days, the role that saw them first on top."""
    days: dict[str, set[date]] = {}
    for day, role in (each for account in accounts for each in account.seen):
        days.setdefault(role, set()).add(day)
    for role, when in sorted(days.items(), key=lambda each: min(each[1])):
        yield f"{capital(text['letter']['roles'][role])}: {', '.join(_apart(text, day) for day in sorted(when))}"
    if not days:
        yield _say(text, "unseen")


def _went(accounts: Sequence[Account], text: Text) -> Iterator[str]:
    told = {(day, who, "gave") for account in accounts for day, who in account.gave}
    told |= {(day, who, "reported") for account in accounts for day, who in account.reported}
    for day, who, how in sorted(told):
        yield _say(text, how, day=day, who=who)
    if not told:
        yield _say(text, "nobody")


def _kept(accounts: Sequence[Account], text: Text) -> Iterator[str]:
    for account in accounts:
        for kept in account.kept:
            yield from _reason(kept, account.protocol, text)


def _reason(kept: Kept, protocol: Protocol | None, text: Text) -> Iterator[str]:
    rule = rule_for(protocol, "client_file") if protocol else None
    if kept.reason == "client_file":
        yield _say(text, "closed", day=kept.gone_on) if kept.gone_on else _say(text, "file")
        if rule and not kept.gone_on:
            yield text["contact"]["keep"][3].format(years=rule.years_after)
        yield _say(text, "rule")
    elif kept.reason in text["letter"]:
        yield _say(text, kept.reason, day=kept.gone_on or "")
        if kept.reason == "intake":
            yield text["contact"]["keep"][1]
