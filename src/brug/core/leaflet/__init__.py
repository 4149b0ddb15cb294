"""What a family is told before its yes, and at the first contact, in plain words of its language (GDPR 12, 13, 14).

Two leaflets, one of each controller. What they say follows from the protocol: its parties, fields, purposes, terms and
contacts. The sentences are data, one file a language; a protocol that agrees something for which no sentence exists has
no leaflet, rather than one that keeps silent about it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from brug.core import datum
from brug.core.identity import write_phone
from brug.core.protocol.document import Protocol
from brug.core.protocol.recitals import Party
from brug.core.protocol.terms import Instrument

LANGUAGES = tuple(datum.LANGUAGES)
"""In the order in which they are offered; `prs` is Dari, spoken as `fa` is in Iran."""
AUTHORITY = "Gegevensbeschermingsautoriteit, www.gegevensbeschermingsautoriteit.be"
DATA = {row.code: row.leaflet for row in datum.DATA}


class Kind(enum.StrEnum):
    BEFORE = "before"  # of the discloser, before the yes (GDPR 13)
    CONTACT = "contact"  # of the recipient, at the first contact (GDPR 14)


ORDER = {
    Kind.BEFORE: ("why", "what", "whom", "then", "choice", "mind", "keep", "rights"),
    Kind.CONTACT: ("source", "us", "what", "why", "choice", "keep", "others", "mind", "rights"),
}


class NotWritten(LookupError):
    """There is no leaflet in this language, or not of what this protocol agrees."""


@dataclass(frozen=True, slots=True)
class Section:
    """A question and its short answers. `picture` names a drawing."""

    picture: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaflet:
    """One leaflet in one language. `facts`: label and value; values are names, addresses and laws, left in Dutch."""

    kind: Kind
    language: str
    language_name: str
    direction: str
    version: int
    is_checked: bool
    title: str
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...]
    check: str
    scan: str
    protocol: str

    @property
    def mark(self) -> str:
        """What a consent record keeps of it: "before-ar-1"."""
        return f"{self.kind}-{self.language}-{self.version}"

    def spoken(self) -> tuple[str, ...]:
        """Every sentence in the order in which it is read aloud."""
        lines = [line for part in self.sections for line in (part.heading, *part.sentences)]
        return (self.title, *lines)


@cache
def texts(language: str) -> dict[str, Any]:
    """The sentences of a language. Raises `NotWritten`."""
    return _file("texts", language)


@cache
def window(language: str) -> dict[str, Any]:
    """The sentences of the family's own window in a language, with a version of their own. Raises `NotWritten`."""
    return _file("window", language)


def _file(folder: str, language: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise NotWritten("Nothing is written in this language.")
    found: dict[str, Any] = yaml.safe_load(files(__package__).joinpath(f"{folder}/{language}.yaml").read_text("utf-8"))
    return found


def mark(kind: Kind, language: str) -> str:
    """Which leaflet is shown now: kind, language and version of its text. Raises `NotWritten`."""
    return f"{kind}-{language}-{texts(language)['version']}"


def leaflet(
    protocol: Protocol,
    kind: Kind,
    language: str,
    *,
    consent_years: int,
    phones: Mapping[str, str] = MappingProxyType({}),
) -> Leaflet:
    """The leaflet of `protocol`; `consent_years` is how long the discloser keeps the proof of the yes (its policy).

    `phones`: the number that a family can call (E.164) of each party that has one, by KBO number. Raises `NotWritten`.
    """
    text = texts(language)
    values = _values(protocol, text, consent_years)
    sections = []
    for name in ORDER[kind]:
        heading, *sentences = text["rights"] if name == "rights" else text[kind][name]
        if name == "why":
            sentences += _purposes(protocol, text)
        filled = (capital(line.format(**values)) for line in sentences)
        sections.append(Section(name, heading.format(**values), tuple(filled)))
    return Leaflet(
        kind=kind,
        language=language,
        language_name=text["name"],
        direction=text["direction"],
        version=text["version"],
        is_checked=text["checked_by_translator"],
        title=capital(text[kind]["title"].format(**values)),
        sections=tuple(sections),
        facts=facts_of(protocol, kind, text["labels"], phones),
        check=text["labels"]["checked" if text["checked_by_translator"] else "unchecked"],
        scan=text["labels"]["scan"],
        protocol=f"{protocol.id}, {protocol.version}",
    )


def capital(sentence: str) -> str:
    """The sentence with a large first letter."""
    return sentence[:1].upper() + sentence[1:]


def _values(protocol: Protocol, text: dict[str, Any], consent_years: int) -> dict[str, str]:
    """What stands in the places of the sentences, from the protocol."""
    items = protocol.articles.data.terms.items
    fields = [field for item in items for field in item.fields]
    if not set(fields) <= set(DATA) or protocol.articles.data.terms.special_categories:
        raise NotWritten("No leaflet is written for these data.")
    names = dict.fromkeys(DATA[field] for field in fields)
    after = [rule.years_after for rule in protocol.articles.data.terms.retention if rule.keeps == "client_file"]
    if len(after) != 1 or not protocol.asks_consent:
        raise NotWritten("No leaflet is written for these terms.")
    teams = protocol.teams
    team = teams[0].name if len(teams) == 1 else f"lokaal team {protocol.discloser.short_name}"
    return {
        "recipient": protocol.recipient.short_name,
        "team": team,
        "data": text["separator"].join(text["data"][name] for name in names),
        "years": str(after[0]),
        "consent_years": str(consent_years),
    }


def _purposes(protocol: Protocol, text: dict[str, Any]) -> list[str]:
    codes = [purpose.code for purpose in protocol.recitals.ground.terms.purposes]
    if not set(codes) <= set(text["purposes"]):
        raise NotWritten("No leaflet is written for this purpose.")
    return [text["purposes"][code] for code in codes]


def facts_of(
    protocol: Protocol, kind: Kind, labels: dict[str, str], phones: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Who answers for the data, whom to call and ask, where to complain, by which law (GDPR 13(1), 14(1))."""
    is_before = kind is Kind.BEFORE
    controller: Party = protocol.discloser if is_before else protocol.recipient
    terms = protocol.articles.grounds.terms
    called = [party for party in (protocol.recipient, protocol.discloser) if phones.get(party.kbo.digits)]
    laws = (protocol.recitals.ground.terms.legal_ground,) if is_before else terms.recipient_grounds
    return (
        (labels["responsible"], f"{controller.short_name}, {controller.seat}"),
        *((labels["call"], f"{party.short_name}, {write_phone(phones[party.kbo.digits])}") for party in called),
        (labels["officer"], protocol.officer("discloser" if is_before else "recipient")),
        (labels["complaint"], AUTHORITY),
        (labels["law"], "; ".join(map(_cited, laws))),
    )


def _cited(law: Instrument) -> str:
    """A law by its day and articles, in Dutch: its subject makes it long, its day makes it found."""
    articles = f", art. {', '.join(law.articles)}" if law.articles else ""
    return f"{law.kind} {law.dated:%d/%m/%Y}{articles}"
