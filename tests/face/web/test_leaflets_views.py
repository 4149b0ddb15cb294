"""Leaflets on screen: for everybody, in every language, of the controller whose node this is."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import timedelta

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from brug.core.leaflet import LANGUAGES
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.face.web.leaflet_paper import qr_code
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty
from brug.office.registry import services as registry
from tests.conftest import OPGROEIEN, WESTERLO, OtherParty

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


@pytest.mark.parametrize(
    ("kind", "party", "numbers"),
    [
        ("before", OPGROEIEN, ["OCMW Westerlo, 014 53 92 20", "Opgroeien regie, 02 533 12 11"]),
        ("contact", WESTERLO, ["OCMW Westerlo, 02 533 12 11"]),
    ],
)
def test_it_says_whom_to_call_where_a_number_is_known(
    client: Client,
    protocol: Protocol,
    westerlo: OtherParty,
    settings: Settings,
    kind: str,
    party: str,
    numbers: list[str],
) -> None:
    """On screen and on paper, in the family's language and in Dutch; with no number known nothing is promised."""
    settings.PARTY = party
    page, pdf = reverse("leaflet", args=(kind, "so", ID)), reverse("leaflet-pdf", args=(kind, "so", ID))
    assert "Bellen" not in client.get(page).content.decode() and "Bellen" not in printed(client.get(pdf).content)
    Counterparty.objects.update(phone="+3214539220")
    settings.PHONE = "+3225331211"
    for shown in (client.get(page).content.decode(), printed(client.get(pdf).content)):
        assert "Wac" in shown and "Bellen" in shown and all(number in shown for number in numbers)


def printed(pdf: bytes) -> str:
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(shown.stdout.decode().split())


def test_the_pdf_carries_the_address_of_the_page(client: Client, protocol: Protocol) -> None:
    answer = client.get(reverse("leaflet-pdf", args=("before", "ti", ID)))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert 'filename="before-ti-1.pdf"' in answer["Content-Disposition"]


def test_the_code_on_screen_and_on_paper_leads_to_the_page_itself(client: Client, protocol: Protocol) -> None:
    path = reverse("leaflet", args=("before", "uk", ID))
    page = client.get(path).content.decode()
    assert qr_code(f"http://testserver{path}") in page
    with pikepdf.open(io.BytesIO(client.get(reverse("leaflet-pdf", args=("before", "uk", ID))).content)) as document:
        alternatives = [
            str(each.Alt) for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]
    assert [text for text in alternatives if text.endswith(f"http://testserver{path}")] == alternatives != []


def test_after_an_end_it_is_offered_no_more_but_who_has_it_still_reads_it(client: Client, protocol: Protocol) -> None:
    address = reverse("leaflet", args=("before", "nl", ID))
    assert client.get(address).status_code == 200
    yesterday = timezone.now() - timedelta(days=1)
    registry.record_event(protocol, EventKind.AGREEMENT_ENDED, by=OPERATOR, at=timezone.now(), happened_at=yesterday)
    assert client.get(address).status_code == 200
    assert client.get(reverse("leaflet-pdf", args=("before", "nl", ID))).status_code == 200
    assert ID not in client.get(reverse("leaflets")).content.decode()


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
