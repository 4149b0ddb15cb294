"""The accessibility statement: anybody finds whom to tell, whoever runs this node (Directive (EU) 2016/2102)."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brug.core.protocol.document import Protocol
from brug.face.web.views import ASSESSED_ON
from tests.conftest import WESTERLO


def test_anybody_can_reach_this_party(client: Client, protocol: Protocol, settings: Settings) -> None:
    settings.PARTY, settings.MAILBOX, settings.PHONE = WESTERLO, "info.ocmw@westerlo.example", "+3214539220"
    page = client.get(reverse("accessibility")).content.decode()
    contact = page.partition("<address>")[2].partition("</address>")[0]
    assert str(protocol.recipient.seat) in contact and protocol.recipient.name in contact
    assert "mailto:info.ocmw@westerlo.example" in contact and "014 53 92 20" in contact
    assert f"{ASSESSED_ON.day} november {ASSESSED_ON.year}" in page


def test_without_a_protocol_or_a_number_it_names_what_is_known(client: Client, db: None, settings: Settings) -> None:
    settings.PHONE = ""
    contact = client.get(reverse("accessibility")).content.decode().partition("<address>")[2]
    assert settings.PARTY_NAME in contact and f"mailto:{settings.MAILBOX}" in contact and "tel:" not in contact
