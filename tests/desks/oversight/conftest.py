"""The officers of both parties at work; one process plays both nodes. All fictional."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from brug.core import message
from brug.desks.oversight.processors import Facts
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from tests.conftest import NOW, OtherParty
from tests.opening import opened

HOST = Facts(
    name="Voorbeeld Hosting nv",
    kbo="0000000097",
    country="BE",
    task="Het systeem laten draaien.",
    guarantees="ISO 27001.",
    subprocessors="Voorbeeld Rekencentrum bv, NL",
    has_client_files=True,
    agreed_on=date(2026, 1, 1),
    agreed_through=None,
)
Say = Callable[[message.Message], None]


@pytest.fixture
def nadia(db: None) -> Member:
    """The data protection officer of this node."""
    return Member.objects.create(username="nadia", name="Nadia Claes", role="dpo", email="nadia@brug.example")


@pytest.fixture
def desk(nadia: Member) -> Client:
    """Her browser."""
    browser = Client()
    browser.force_login(nadia)
    return browser


def sent(other: OtherParty) -> list[message.Message]:
    """What this node sent to `other`, opened with its key; the oldest first."""
    return [opened(parcel, other.parcel_key).message for parcel in Outgoing.objects.order_by("pk")]


def heard(content: message.Message, sender: str, number: int = 1, at=NOW) -> None:  # type: ignore[no-untyped-def]
    """Take in what `sender` tells, by the worker's table."""
    protocol = registry.protocol("opgroeien-ocmw-westerlo", 1)
    assert protocol is not None
    with transaction.atomic():
        plug.takes()[content.kind](content, Arrival(sender, UUID(int=number), protocol), at)


def acts() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))
