"""Our key card on its page: as a file, and as a picture that holds exactly that file (art. 6)."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta

import pytest
import qrcode
import time_machine
from django.test import Client
from PIL import Image

from brug.office.parties.models import Member
from brug.office.parties.states import Role
from tests.conftest import NOW


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
        card = client.get("/parties/ours.brug").content.decode()
        shown = drawn_in(client.get("/parties/ours").content.decode())
    assert shown == modules(card) != modules(card.replace("2026", "2027"))
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        later = drawn_in(client.get("/parties/ours").content.decode())
    assert later != shown  # it is drawn of the card that is given out, with its time
