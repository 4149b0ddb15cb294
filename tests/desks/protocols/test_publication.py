"""A protocol on paper: tagged, in Dutch, with every word that was signed (recital D)."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from functools import cache

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.protocol.document import Protocol, load
from brug.desks.protocols.publication import publication
from tests import examples
from tests.conftest import PROTOCOL_TEXT

WESTERLO = load(PROTOCOL_TEXT)
ON = date(2026, 11, 23)


@cache
def pdf() -> bytes:
    return publication(WESTERLO, on=ON, standing="in werking sinds 29 januari 2024")


def words_of(document: bytes) -> str:
    """All letters, without the spaces and hyphens that lines make."""
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=document, capture_output=True, check=True)
    return bare(shown.stdout.decode())


def bare(text: str) -> str:
    return "".join(text.replace("-", "").split())


@pytest.mark.parametrize("name", [name for name in WESTERLO.clauses if name.startswith("art. ")])
def test_every_article_is_printed_whole_with_who_keeps_it(name: str) -> None:
    article = WESTERLO.clauses[name]
    shown = words_of(pdf())
    assert bare(f"Artikel {name[5:]}: {article.heading}") in shown
    for paragraph in article.printed():
        assert bare(paragraph)[:60] in shown  # the rest may stand on the next page


def test_every_reading_stands_in_it() -> None:
    shown = words_of(pdf())
    for flag_id, (_, flag) in WESTERLO.all_flags.items():
        assert bare(flag_id) in shown and bare(flag.reading)[:40] in shown


def test_it_is_tagged_and_says_that_it_is_dutch() -> None:
    with pikepdf.open(io.BytesIO(pdf())) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang).startswith("nl")
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "Protocol voor de elektronische mededeling" in metadata["dc:title"]


def test_the_same_protocol_gives_the_same_bytes() -> None:
    assert publication(WESTERLO, on=ON, standing="in werking sinds 29 januari 2024") == pdf()


@settings(max_examples=examples(10), deadline=None)
@given(st.text(alphabet="ab#*_$<>@\\\"'/[]{}=-+ ", min_size=1, max_size=40).filter(str.strip))
def test_words_are_words_and_never_markup(words: str) -> None:
    *others, law, life = WESTERLO.articles.root
    changed_too = law.model_copy(update={"text": f"x{words}x"})
    articles = WESTERLO.articles.model_copy(update={"root": (*others, changed_too, life)})
    changed: Protocol = WESTERLO.model_copy(update={"articles": articles})
    assert publication(changed, on=ON, standing="ontwerp").startswith(b"%PDF-")
