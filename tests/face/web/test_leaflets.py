"""Leaflets on screen: for everybody, in every language, of the controller whose node this is."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brug.core.leaflet import LANGUAGES
from brug.core.protocol.document import Protocol
from brug.office.ledger.models import Entry
from tests.conftest import WESTERLO

ID = "opgroeien-ocmw-westerlo"


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_log_in_in_every_language(client: Client, protocol: Protocol, language: str) -> None:
    page = client.get(reverse("leaflet", args=("before", language, ID)))
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count("<section") == 9 and ("Mogen wij uw naam" in text)
    is_rtl = re.search(rf'<h1[^>]*><span lang="{language}" dir="rtl"', text) is not None
    assert is_rtl == (language in ("ar", "fa", "prs", "ps"))
    aloud = client.get(reverse("leaflet-aloud", args=("before", language, ID)))
    assert aloud.status_code == 200 and "OCMW Westerlo" in aloud.content.decode()


def test_the_pdf_carries_the_address_of_the_page(client: Client, protocol: Protocol) -> None:
    answer = client.get(reverse("leaflet-pdf", args=("before", "ti", ID)))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert 'filename="before-ti-1.pdf"' in answer["Content-Disposition"]


def test_each_controller_gives_its_own(client: Client, protocol: Protocol, settings: Settings) -> None:
    assert client.get(reverse("leaflet", args=("contact", "nl", ID))).status_code == 404
    settings.PARTY = WESTERLO
    assert client.get(reverse("leaflet", args=("contact", "nl", ID))).status_code == 200
    assert client.get(reverse("leaflet", args=("before", "nl", ID))).status_code == 404


def test_what_does_not_exist_is_not_there(client: Client, protocol: Protocol) -> None:
    for args in (("before", "la", ID), ("after", "nl", ID), ("before", "nl", "another-one")):
        assert client.get(reverse("leaflet", args=args)).status_code == 404
    assert client.get(reverse("leaflet", args=("before", "ar"))).url.endswith(f"/ar/{ID}/")  # type: ignore[attr-defined]


def test_reading_leaves_no_trace(client: Client, protocol: Protocol) -> None:
    before = Entry.objects.count()
    page = client.get(reverse("leaflets"))
    assert page.content.decode().count('class="ds-button"') == len(LANGUAGES)
    client.get(reverse("leaflet", args=("before", "so", ID)))
    assert Entry.objects.count() == before and not client.cookies.get("sessionid")


def test_letters_that_are_not_set_up_are_said_in_one_line(
    client: Client, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brug.core.fonts.families", lambda: ("Noto Sans",))
    page = client.get(reverse("leaflet", args=("before", "ti", ID)))
    assert page.status_code == 200 and "Noto Sans Ethiopic" in page.content.decode()
    assert client.get(reverse("leaflet-pdf", args=("before", "ti", ID))).status_code == 404
