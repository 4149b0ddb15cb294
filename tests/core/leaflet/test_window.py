"""What a family reads at its own window: complete in each language, and Dutch that most people read (GDPR 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fontTools.ttLib import TTFont

from brug.core import leaflet as core
from brug.core.leaflet import LANGUAGES, NotWritten
from tests.conftest import ROOT
from tests.core.leaflet.readability import douma
from tests.core.leaflet.test_leaflet import shape


def sentences(words: object) -> Iterator[str]:
    """Every sentence, its places filled as they are shown."""
    if isinstance(words, dict):
        for value in words.values():
            yield from sentences(value)
    elif isinstance(words, str):
        yield words.format(day="3 mei", years=10, minutes=2)


def test_the_dutch_is_as_easy_as_that_of_the_leaflets(record_property: Callable[[str, str], None]) -> None:
    lines = list(sentences(core.window("nl")))
    score = douma(lines)
    longest = max(len(part.split()) for line in lines for part in line.replace("? ", ". ").split(". "))
    record_property("figure", f"window: Flesch-Douma {score:.1f}, longest sentence {longest} words")
    assert score >= 75 and longest <= 16


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_says_all_that_the_dutch_says(language: str) -> None:
    """The same sentences with the same places in them; who has looked at it is on it, as on the leaflets."""
    text, dutch = core.window(language), core.window("nl")
    own = {"version": None, "checked_by_translator": None}
    assert shape(text | own) == shape(dutch | own)
    assert text["version"] >= 1 and text["checked_by_translator"] is False
    if language != "nl":
        same = set(sentences(text)) & set(sentences(dutch))
        assert not same


def test_the_key_to_leave_is_named_where_the_page_speaks_of_it() -> None:
    for language in LANGUAGES:
        assert core.window(language)["leave"] in core.window(language)["door"]["read_along"]
    with pytest.raises(NotWritten):
        core.window("la")


@pytest.mark.parametrize(("letters", "languages"), [("arabic", ("ar", "fa", "prs", "ps")), ("ethiopic", ("ti",))])
def test_every_letter_of_it_is_among_those_that_the_page_brings(letters: str, languages: tuple[str, ...]) -> None:
    """A telephone in Belgium has no Ethiopic: what is not in our own letters is an empty box."""
    here = TTFont(ROOT / f"src/brug/parts/static/letters/{letters}.woff2").getBestCmap()
    first = {"arabic": 0x600, "ethiopic": 0x1200}[letters]
    said = {sign for language in languages for line in sentences(core.window(language)) for sign in line}
    assert {sign for sign in said if first <= ord(sign) < first + 0x180 and ord(sign) not in here} == set()
