"""An OCMW at work: its protocol, its people, and one referral that came in. All fictional."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from pytest_django import Settings

from brug.core import message
from brug.core.parcel.keys import generate_parcel_key
from brug.core.protocol.document import Protocol
from brug.desks.casework import services
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Channel, Result
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.registry import services as registry
from tests.conftest import OPGROEIEN, WESTERLO, OtherParty

ROOT = Path(__file__).parents[3]
SEED = ROOT / "protocols" / "opgroeien-ocmw-westerlo.yaml"
PERSON = ("Amal", "Haddou", "Polderstraat", "470000001", "0470 00 00 01", "amal@voorbeeld.example")
"""What must not be seen by who has no need to know: one of these in a page is a leak."""


def referral(**client: object) -> message.Referral:
    """Amal Haddou's referral, or one with other identification data."""
    given = {
        "given_name": "Amal",
        "family_name": "Haddou",
        "address": message.Address(street="Polderstraat", number="14", postal_code="2260"),
        "phone": "+32470000001",
        "email": "amal@voorbeeld.example",
    }
    return message.Referral(
        referral_id=uuid.uuid4(),
        client=message.Client.model_validate(given | client),
        residence="13049",
        attestation=message.Attestation(
            informed_on=date(2026, 11, 20),
            consented_on=date(2026, 11, 20),
            purposes=frozenset({"increase_access_to_social_services"}),
            fields=frozenset({"given_name", "family_name", "address", "phone", "email"}),
            bound_by_secrecy=True,
            met_on_duty=True,
            judged_with_client=True,
        ),
        notifier=message.Notifier(name="Lien Peeters", team="zuiderkempen", phone="+32470000009"),
    )


@pytest.fixture
def protocol(db: None, now: datetime, settings: Settings) -> Protocol:
    """The signed protocol; this node is OCMW Westerlo's, and knows Opgroeien regie."""
    settings.PARTY, settings.MAILBOX, settings.PARTY_NAME = WESTERLO, "info.ocmw@westerlo.be", "OCMW Westerlo"
    known = registry.adopt(SEED.read_text(), at=now)
    other = OtherParty(OPGROEIEN, Ed25519PrivateKey.generate(), generate_parcel_key())
    other.known_to_this_node("brug@opgroeien.example", "Opgroeien regie")
    return known


def member(username: str, name: str, role: str, **other: object) -> Member:
    return Member.objects.create(username=username, name=name, role=role, **other)


@pytest.fixture
def hilde(db: None) -> Member:
    return member("hilde", "Hilde Maes", "dispatcher", secrecy_attested_on=date(2026, 1, 15))


@pytest.fixture
def karim(db: None) -> Member:
    return member("karim", "Karim Aerts", "social_worker", secrecy_attested_on=date(2026, 1, 15))


@pytest.fixture
def els(db: None) -> Member:
    return member("els", "Els Wouters", "social_worker", secrecy_attested_on=date(2026, 1, 15))


@pytest.fixture
def receive(protocol: Protocol, now: datetime) -> Callable[..., Intake]:
    """Take in a referral as the worker does; the intake."""

    def take(content: message.Referral | None = None, at: datetime = now) -> Intake:
        parcel = uuid.uuid4()
        services.receive(content or referral(), Arrival("0886886638", parcel, protocol), at)
        return Intake.objects.get(parcel_id=parcel)

    return take


@pytest.fixture
def arrived(receive: Callable[..., Intake]) -> Intake:
    return receive()


@pytest.fixture
def assigned(arrived: Intake, hilde: Member, karim: Member, now: datetime) -> Intake:
    services.assign(arrived, karim, by=hilde, at=now, version=arrived.version)
    return arrived


@pytest.fixture
def reached(assigned: Intake, karim: Member, now: datetime) -> Intake:
    services.record_attempt(
        assigned, Channel.PHONE, Result.REACHED, told=True, by=karim, at=now, version=assigned.version
    )
    return assigned


@pytest.fixture
def clarified(reached: Intake, karim: Member, now: datetime) -> Intake:
    from brug.desks.casework.states import Aid

    services.clarify(reached, [Aid.FIRST_AGE_MILK], by=karim, at=now, version=reached.version)
    return reached


@pytest.fixture
def as_member() -> Callable[[Member], Client]:
    """A browser in which somebody is logged in."""

    def log_in(who: Member) -> Client:
        browser = Client()
        browser.force_login(who)
        return browser

    return log_in


def acts() -> list[str]:
    """What the ledger says was done, in order."""
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))
