"""Leaflets on paper: one page, tagged, and the letters that were written in every script."""

from __future__ import annotations

import io
import subprocess
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from brug.core import leaflet as core
from brug.core.fonts import missing_for
from brug.core.leaflet import LANGUAGES, Kind, Leaflet
from brug.core.protocol.document import load
from brug.face.web.leaflet_paper import picture, printed, qr_code
from tests.conftest import PROTOCOL_TEXT

WESTERLO = load(PROTOCOL_TEXT)
READ_BY_A_CAMERA = ("nl", "ar")
EVERY = [(kind, language) for kind in Kind for language in LANGUAGES]


def of(kind: Kind, language: str) -> Leaflet:
    return core.leaflet(WESTERLO, kind, language, consent_years=5)


@cache
def pdf(kind: Kind, language: str) -> bytes:
    address = f"https://brug.opgroeien.example/info/{kind}/{language}/{WESTERLO.id}/"
    return printed(of(kind, language), of(kind, "nl"), address=address)


def letters(text: str) -> list[str]:
    """The letters and digits of a text, sorted: what stands there, whatever the lines and the direction.

    pdftotext puts words of right-to-left lines in the order of the page and turns a ligature such as lam-alif round, so
    a right-to-left text is compared as a bag of letters. Marks of direction and the joiners between Persian letters go.
    """
    shown = unicodedata.normalize("NFKC", text)
    return sorted(letter for letter in shown if unicodedata.category(letter)[0] in "LMN")


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_letter_is_printed_once(kind: Kind, language: str) -> None:
    own, dutch = of(kind, language), of(kind, "nl")
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf(kind, language), capture_output=True, check=True)
    found = shown.stdout.decode()
    marks = [f"{own.mark} {own.protocol}", own.scan, own.check]
    facts = [word for fact in own.facts for word in fact]
    if language != "nl":
        beside = [label for (label, _), (theirs, _) in zip(dutch.facts, own.facts, strict=True) if label != theirs]
        facts += [*dutch.spoken(), *beside, dutch.check]
    assert letters(found) == letters(" ".join([*own.spoken(), *facts, *marks]))
    if own.direction == "ltr":  # then the sentences stand in their order too
        bare = "".join(found.split()).replace("-", "")
        for sentence in own.spoken():
            assert "".join(sentence.split()).replace("-", "") in bare


def words(text: str) -> Counter[str]:
    """The words of a text, each as its letters: a ligature that is turned round is still its word."""
    return Counter(word for each in text.split() if (word := "".join(letters(each))))


@pytest.mark.parametrize(
    ("kind", "language"), [(kind, code) for kind, code in EVERY if code in ("ar", "fa", "prs", "ps")]
)
def test_words_from_right_to_left_are_printed_whole(kind: Kind, language: str) -> None:
    own = of(kind, language)
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf(kind, language), capture_output=True, check=True)
    found = words(shown.stdout.decode())
    assert words(" ".join(own.spoken())) - found == Counter()


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_it_is_one_tagged_page_in_its_language(kind: Kind, language: str) -> None:
    assert not missing_for(language)
    with pikepdf.open(io.BytesIO(pdf(kind, language))) as document:
        assert len(document.pages) == 1
        assert document.Root.MarkInfo.Marked and document.Root.ViewerPreferences.DisplayDocTitle
        assert str(document.Root.Lang) == language
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1" and metadata["dc:title"] == of(kind, language).title


def test_every_section_has_a_drawing_of_its_own_and_the_code_is_one() -> None:
    for kind in Kind:
        for part in of(kind, "nl").sections:
            assert picture(part.picture).startswith("<svg") and "currentColor" in picture(part.picture)
    assert qr_code("https://a.example/").count("<path") == 1 and qr_code("a") != qr_code("b")


@pytest.mark.parametrize(
    ("kind", "language"),
    [pytest.param(*each, marks=() if each[1] in READ_BY_A_CAMERA else pytest.mark.soak(only=True)) for each in EVERY],
)
def test_a_telephone_reads_the_address_of_the_page_from_the_paper(kind: Kind, language: str, tmp_path: Path) -> None:
    """In one language of each direction; in the soak in all."""
    shot = ["pdftoppm", "-r", "100", "-gray", "-png", "-singlefile", "-", str(tmp_path / "page")]
    subprocess.run(shot, input=pdf(kind, language), check=True)
    read = ["zbarimg", "--quiet", "--raw", str(tmp_path / "page.png")]
    found = subprocess.run(read, capture_output=True, text=True, check=True).stdout.split()
    assert found == [f"https://brug.opgroeien.example/info/{kind}/{language}/{WESTERLO.id}/"]
