"""One text, one digest: what says the same has the same, what says something else has another."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.protocol import source
from brug.core.protocol.digest import digest
from brug.core.protocol.document import load
from brug.core.protocol.standard import written
from tests import examples
from tests.core.protocol.samples import TEXT, WESTERLO, text_with


def test_a_digest_is_sixty_four_hexadecimal_digits() -> None:
    assert re.fullmatch("[0-9a-f]{64}", digest(WESTERLO))


@pytest.mark.parametrize(
    "text",
    [
        written(dict(reversed(source.read(TEXT).values.items()))),
        unicodedata.normalize("NFD", TEXT),
        re.sub(r" *in_force_through: null.*\n", "", TEXT),
        re.sub(r"signed_on: 2024-01-29", "signed_on: null", TEXT),
        re.sub(r"    electronic: .*\n", "", TEXT),
        text_with(("kept_by: both", "kept_by: people")),
        text_with(("Samen, of elk apart?", "Samen of apart?")),
    ],
    ids=["written otherwise", "decomposed", "default", "unsigned", "no code", "keeper", "remark"],
)
def test_what_says_the_same_has_the_same_digest(text: str) -> None:
    assert text != TEXT
    assert digest(load(text)) == digest(WESTERLO)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("notice_months: 6", "notice_months: 3"),
        ("version: 1\n", "version: 2\n"),
        ("schriftelijk opzeggen", "mondeling opzeggen"),
        ('residences: ["13049"]', 'residences: ["13049", "13013"]'),
    ],
)
def test_another_term_or_another_word_has_another_digest(old: str, new: str) -> None:
    text = text_with((old, new))
    if old.startswith("notice_months"):
        text = text.replace("opzegtermijn van 6", "opzegtermijn van 3")
    assert digest(load(text)) != digest(WESTERLO)


def _words(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in _words(part, (*path, key))]
    if isinstance(value, list):
        return [found for number, part in enumerate(value) for found in _words(part, (*path, number))]
    return [path] if path and path[-1] == "text" else []


VALUES = source.read(TEXT).values


@settings(max_examples=examples(40), deadline=None)
@given(st.sampled_from(_words(VALUES)), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8))
def test_one_word_more_anywhere_in_the_text_is_another_text(path: tuple[str | int, ...], word: str) -> None:
    values = source.read(TEXT).values
    place = values
    for part in path[:-1]:
        place = place[part]
    place["text"] += f" {word}"
    assert digest(load(written(values))) != digest(WESTERLO)
