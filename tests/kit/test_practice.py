"""What a practice node prints says so across each page, whatever it is; what another one prints does not (art. 6)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

import brug
from brug.core import leaflet
from brug.core.leaflet import Kind
from brug.core.leaflet.letter import Sender, letter
from brug.core.protocol.document import load
from brug.desks.protocols.publication import publication
from brug.desks.referrals.receipt_paper import receipt
from brug.desks.requests.letter_paper import printed as letter_on_paper
from brug.desks.window.paper import printed as window_paper
from brug.face.web.leaflet_paper import printed
from brug.kit.press import press, qr_code
from tests.conftest import PROTOCOL_TEXT

WESTERLO = load(PROTOCOL_TEXT)
ADDRESS = "https://brug.opgroeien.example/info/"


def a_leaflet(language: str) -> leaflet.Leaflet:
    return leaflet.leaflet(WESTERLO, next(iter(Kind)), language, consent_years=5)


PAPERS: dict[str, Callable[[], bytes]] = {  # by template, which is what the mark could be forgotten in
    "account.typ": lambda: press("account.typ", {"title": "T", "lede": "L", "mark": "M", "parts": []}),
    "leaflet.typ": lambda: printed(a_leaflet("fr"), a_leaflet("nl"), address=ADDRESS),
    "letter.typ": lambda: letter_on_paper(
        *(letter([], each, sender=Sender("P", Kind.CONTACT, WESTERLO), on=date(2026, 11, 23)) for each in ("fr", "nl")),
        party="P",
        request="V",
        on=date(2026, 11, 23),
    ),
    "paper.typ": lambda: window_paper(" ".join(["1234"] * 7), "fr", address=ADDRESS, qr=qr_code(ADDRESS)),
    "publication.typ": lambda: publication(WESTERLO, on=date(2026, 11, 23), standing="in werking"),
    "receipt.typ": lambda: receipt("T", [("a", "b")], back="B", back_heading="H", scan="S", address=ADDRESS),
}


def pages(pdf: bytes) -> list[str]:
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return ["".join(page.split()) for page in shown.decode().rstrip("\f").split("\f")]


def test_each_template_above_the_core_is_printed_here() -> None:
    above = [path for path in Path(brug.__file__).parent.rglob("*.typ") if "core" not in path.parts]
    assert set(PAPERS) == {path.name for path in above}


@pytest.mark.parametrize("template", PAPERS)
def test_each_page_says_that_it_is_an_exercise_and_only_then(template: str, settings: Settings) -> None:
    real = pages(PAPERS[template]())
    settings.PRACTICE = True
    exercise = pages(PAPERS[template]())
    assert not any("OEFENING" in page for page in real)
    assert [page.replace("OEFENING", "", 1) for page in exercise] == real
    assert all("OEFENING" in page for page in exercise)
