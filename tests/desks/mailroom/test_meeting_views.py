"""Our key card on its page: as a file, and as a picture that holds exactly that file (art. 6)."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import qrcode
import time_machine
from django.test import Client
from PIL import Image

from brug.core.parcel import card
from brug.office.disclosure import meeting
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.roles import Role
from tests.conftest import NOW
from tests.core.parcel.samples import AT, LEDGER, OURS, STRANGER, public
from tests.vectors.schemas import card_key

FACTS: Any = {"signing_key": OURS, "checkpoint_key": public(LEDGER), "parcel_key": card_key(), "made_at": AT}
NEW: Any = {"signing_key": STRANGER, "made_at": AT + timedelta(minutes=1)}


def drawn_in(page: str) -> set[tuple[int, int]]:
    """The dark modules of the picture on a page: column and row."""
    found = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    assert found
    with Image.open(io.BytesIO(base64.b64decode(found[1]))) as picture:
        return {(x, y) for y in range(picture.height) for x in range(picture.width) if not picture.getpixel((x, y))}


def modules(text: str) -> set[tuple[int, int]]:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, border=4)
    code.add_data(text)
    return {(x, y) for y, row in enumerate(code.get_matrix()) for x, dark in enumerate(row) if dark}


@pytest.mark.django_db
def test_the_picture_of_our_key_card_holds_the_file_and_nothing_else(client: Client) -> None:
    wim = Member.objects.create(username="wim", name="Wim Smets", role=Role.ADMINISTRATOR)
    with time_machine.travel(NOW, tick=False):
        client.force_login(wim)
        ours = client.get("/parties/ours.brug").content.decode()
        shown = drawn_in(client.get("/parties/ours").content.decode())
    assert shown == modules(ours) != modules(ours.replace("2026", "2027"))
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        later = drawn_in(client.get("/parties/ours").content.decode())
    assert later != shown  # it is drawn of the card that is given out, with its time


@pytest.mark.django_db
def test_a_party_is_shown_with_both_words_and_who_compared_them_of_these_keys_only(client: Client) -> None:
    wim = Member.objects.create(username="wim", name="Wim Smets", role=Role.ADMINISTRATOR)
    nadia = Member.objects.create(username="nadia", name="Nadia Claes", role=Role.DPO, email="nadia@brug.example")
    theirs = card.write("0207654333", "OCMW Elders", "brug@elders.example", "+3225331211", **FACTS)
    client.force_login(wim)
    with time_machine.travel(NOW, tick=False):
        kept = meeting.take_card(theirs, by=wim, at=NOW)
        proposal = meeting.confirm(kept, card.read(theirs).fingerprint, by=wim, at=NOW)
        meeting.agree(proposal, by=nadia, at=NOW + timedelta(days=1))
        page = client.get("/parties/0207654333").content.decode()
        assert card.read(theirs).fingerprint in page and card.read(meeting.our_card(NOW)).fingerprint in page
        both = "Wim Smets (23 november 2026), Nadia Claes (24 november 2026)"
        assert both in page
        greet = Member.objects.create(username="greet", name="Greet Maes", role=Role.ADMINISTRATOR)
        later = card.write("0207654333", "OCMW Elders", "brug@elders.example", "+3225331211", **FACTS | NEW)
        waits = meeting.take_card(later, by=greet, at=NOW)
        meeting.confirm(waits, card.read(later).fingerprint, by=greet, at=NOW)
        assert both in client.get("/parties/0207654333").content.decode(), "who compared others compared not these"
        Counterparty.objects.update(uncompared_since=NOW)
        page = client.get("/parties/0207654333").content.decode()
    assert "Nadia Claes (24" not in page, "these keys came by a message: nobody compared them"


@pytest.mark.django_db
def test_keys_that_a_message_brought_are_compared_on_their_page_and_said_to_stay(client: Client) -> None:
    wim = Member.objects.create(username="wim", name="Wim Smets", role=Role.ADMINISTRATOR)
    nadia = Member.objects.create(username="nadia", name="Nadia Claes", role=Role.DPO, email="nadia@brug.example")
    theirs = card.write("0207654333", "OCMW Elders", "brug@elders.example", "+3225331211", **FACTS)
    client.force_login(wim)
    with time_machine.travel(NOW, tick=False):
        kept = meeting.take_card(theirs, by=wim, at=NOW)
        said = client.post("/parties/0207654333/compare", _words(client), follow=True).content.decode()
        assert "Vergeleken. Het telt zodra een functionaris" in said
        meeting.agree(Proposal.objects.get(), by=nadia, at=NOW)
        Counterparty.objects.update(uncompared_since=NOW)
        said = client.post("/parties/0207654333/compare", _words(client), follow=True).content.decode()
    assert "Deze sleutels blijven in gebruik" in said
    assert kept.kbo == Proposal.objects.get().subject


def _words(client: Client) -> dict[str, str]:
    """What the page of comparing asks, as it was shown."""
    page = client.get("/parties/0207654333/compare").content.decode()
    shown = re.search(r'name="fingerprint" value="([^"]+)"', page)
    assert shown
    ticks = re.findall(r'type="checkbox"[^>]*name="(\w+)"|name="(\w+)"[^>]*type="checkbox"', page)
    return {"fingerprint": shown[1]} | {one or other: "on" for one, other in ticks}
