"""What families are told: from the protocol, complete in each language, in Dutch that most people read (GDPR 12)."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from brug.core import leaflet as core
from brug.core.leaflet import LANGUAGES, Kind, Leaflet, NotWritten
from brug.core.protocol.document import Protocol, load
from tests.conftest import PROTOCOL_TEXT
from tests.core.leaflet.readability import douma, syllables

WESTERLO = load(PROTOCOL_TEXT)
BOTH = list(Kind)
TOLD = {  # what GDPR 13 and 14 ask and domain words: a part of the leaflet, and Dutch words that must stand in it
    Kind.BEFORE: [
        ("what", "naam", "13: the data"),
        ("why", "hulp", "13(1)(c): the purposes"),
        ("whom", "maatschappelijk werker", "13(1)(e): the recipients"),
        ("then", "10 jaar", "13(2)(a): how long"),
        ("then", "alleen als u dat wilt", "others"),
        ("choice", "Nee", "13(2)(e): no obligation, no consequence"),
        ("mind", "Dat kan altijd", "13(2)(c): taking it back"),
        ("keep", "5 jaar", "13(2)(a): how long the proof"),
        ("rights", "bekijken", "13(2)(b): access"),
        ("rights", "verbeteren", "13(2)(b): rectification"),
        ("rights", "wissen", "13(2)(b): erasure"),
        ("rights", "niet te gebruiken", "13(2)(b): restriction and objection"),
    ],
    Kind.CONTACT: [
        ("source", "Kind en Gezin", "14(2)(f): the source"),
        ("source", "dit mocht", "14(2)(f): with permission"),
        ("us", "OCMW Westerlo", "14(1)(a): who"),
        ("what", "adres", "14(1)(d): the data"),
        ("why", "hulp", "14(1)(c): the purposes"),
        ("choice", "beslist zelf", "no obligation"),
        ("keep", "10 jaar", "14(2)(a): how long"),
        ("others", "tenzij u dat zelf wilt", "14(1)(e): other recipients"),
        ("mind", "Dat kan altijd", "14(2)(d): taking it back"),
        ("rights", "bekijken", "14(2)(c): access"),
        ("rights", "verbeteren", "14(2)(c): rectification"),
        ("rights", "wissen", "14(2)(c): erasure"),
        ("rights", "niet te gebruiken", "14(2)(c): restriction and objection"),
    ],
}


def of(kind: Kind, language: str, protocol: Protocol = WESTERLO) -> Leaflet:
    return core.leaflet(protocol, kind, language, consent_years=5)


@pytest.mark.parametrize("kind", BOTH)
def test_the_dutch_is_easier_than_b1_asks(kind: Kind, record_property: Callable[[str, str], None]) -> None:
    """The names of the parties count as words too; the facts at the foot (addresses, laws) do not."""
    lines = list(of(kind, "nl").spoken())
    score, words = douma(lines), [word for line in lines for word in line.split()]
    longest = max(len(sentence.split()) for line in lines for sentence in line.split("? "))
    figures = f"leaflet {kind}: Flesch-Douma {score:.1f}, {len(words)} words, longest sentence {longest} words"
    record_property("figure", figures)
    assert score >= 75 and longest <= 16


def test_the_measure_tells_easy_from_hard() -> None:
    signed = [" ".join(WESTERLO.clauses["art. 6"].paragraphs())]
    assert douma(["De kat zit op de mat."]) > 100 > 50 > douma(signed)
    assert [syllables(word) for word in ("maatschappelijk", "gegevens", "OCMW", "nee")] == [4, 3, 1, 1]


def shape(text: object) -> object:
    """The keys of a file and the places in each sentence, whatever the language."""
    if isinstance(text, dict):
        return {key: shape(value) for key, value in text.items() if key not in ("name", "direction", "separator")}
    if isinstance(text, list):
        return [shape(value) for value in text]
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} if isinstance(text, str) else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_says_all_that_the_dutch_says(language: str) -> None:
    """As many sentences, in the same places, about the same parties; whether a translator looked is on it."""
    text, dutch = core.texts(language), core.texts("nl")
    assert shape({**text, "version": None, "checked_by_translator": None}) == shape(
        {**dutch, "version": None, "checked_by_translator": None}
    )
    assert text["direction"] == ("rtl" if language in ("ar", "fa", "prs", "ps") else "ltr")
    assert text["version"] >= 1 and text["checked_by_translator"] in (True, False)
    leaflet = of(Kind.BEFORE, language)
    assert leaflet.check == text["labels"]["checked" if leaflet.is_checked else "unchecked"]
    assert leaflet.mark == f"before-{language}-{text['version']}" == core.mark(Kind.BEFORE, language)


@pytest.mark.parametrize("kind", BOTH)
def test_all_that_must_be_told_is_told(kind: Kind) -> None:
    """In Dutch; every translation says as much, part by part, as `test_a_translation_says_all` holds."""
    parts = {part.picture: " ".join(part.sentences) for part in of(kind, "nl").sections}
    assert {part for part, _, _ in TOLD[kind]} == set(parts)
    assert [asked for part, words, asked in TOLD[kind] if words not in parts[part]] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", BOTH)
def test_who_and_how_long_come_from_the_protocol(kind: Kind, language: str) -> None:
    said = " ".join([*of(kind, language).spoken(), *(value for _, value in of(kind, language).facts)])
    assert WESTERLO.recipient.short_name in said and "10" in said and "{" not in said
    assert "Kind en Gezin Zuiderkempen" in said
    officer = {Kind.BEFORE: "dpo@opgroeien.be", Kind.CONTACT: "informatieveiligheid@iok.be"}[kind]
    assert officer in said and "Gegevensbeschermingsautoriteit" in said


def test_another_protocol_gives_another_leaflet() -> None:
    changed = load(PROTOCOL_TEXT.replace("OCMW Westerlo", "OCMW Geel"))
    said = " ".join(of(Kind.BEFORE, "tr", changed).spoken())
    assert "OCMW Geel" in said and "Westerlo" not in said


def test_no_leaflet_rather_than_one_that_keeps_silent() -> None:
    for old, new in (("fields: [given_name", "fields: [sex, given_name"), ("prevent_underprotection", "count")):
        with pytest.raises(NotWritten):
            of(Kind.BEFORE, "nl", load(PROTOCOL_TEXT.replace(old, new)))
    with pytest.raises(NotWritten):
        of(Kind.BEFORE, "la")
