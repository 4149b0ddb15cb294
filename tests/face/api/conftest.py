"""A node with people, families and software that asks. All fictional; `CANARY` is in every family's data."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from brug.core import message
from brug.core.calendar import legal_day
from brug.desks.casework import services as casework
from brug.desks.casework.models import Intake
from brug.desks.casework.states import Aid, Channel, Result
from brug.face.api import services
from brug.face.api.models import Application
from brug.face.api.states import Scope
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import OPERATOR
from brug.office.parties.models import Counterparty, Member, Team
from brug.office.registry import services as registry
from tests.conftest import OPGROEIEN, PROTOCOL_TEXT, WESTERLO

CANARY = ("Kanarietje", "Zingaar", "Kooistraat", "470000077", "0470 00 00 77", "kooi@voorbeeld.example")
"""What no answer may hold, except the five fields of an own case."""


@dataclass
class Asking:
    """Software with a token: it asks, and gets the answer of the node."""

    application: Application
    secret: str
    client: Client

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} if self.secret else {}
        sent |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1{path}", **given, **sent)


@dataclass
class Node:
    """The people of one node, and what can be done to make software for them."""

    members: dict[str, Member]
    at: datetime

    def software(self, *scopes: Scope, name: str = "", for_: tuple[str, ...] = (), agreed: bool = True) -> Asking:
        admin, dpo = self.members["ada"], self.members["fien"]
        made = services.add_application(
            name or f"Software {uuid.uuid4()}", hook_url="", oauth_client="", by=admin, at=self.at
        )
        through = legal_day(self.at) + timedelta(days=30)
        token, secret = services.propose_token(made, scopes, through, by=admin, at=self.at)
        if agreed:
            services.agree(token, by=dpo, at=self.at)
        for who in for_:
            services.allow(made, by=self.members[who], at=self.at)
        return Asking(made, secret, Client())


def settle() -> Node:
    """Members of every role, and the protocol. Attestations hold: the clock of the API is the real one."""
    at = timezone.now()
    registry.adopt(PROTOCOL_TEXT, by=OPERATOR, at=at)
    Counterparty.objects.get_or_create(
        kbo=WESTERLO,
        defaults={"name": "OCMW Westerlo", "mailbox": "info.ocmw@westerlo.be", "confirmed_at": at},
    )
    team, _ = Team.objects.get_or_create(code="zuiderkempen", defaults={"name": "Zuiderkempen"})
    roles = {
        **{"ada": "administrator", "fien": "dpo", "hilde": "dispatcher", "karim": "social_worker"},
        **{"els": "social_worker", "lien": "team_member", "tom": "team_lead", "greet": "head_of_service"},
    }
    members = {
        name: Member.objects.create(
            username=name,
            name=name.title(),
            role=role,
            team=team if role.startswith("team") else None,
            secrecy_attested_on=legal_day(at),
        )
        for name, role in roles.items()
    }
    return Node(members, at)


def family(at: datetime, **client: Any) -> message.Referral:
    given = {
        "given_name": CANARY[0],
        "family_name": CANARY[1],
        "address": {"street": CANARY[2], "number": "14", "postal_code": "2260"},
        "phone": "+32470000077",
        "email": CANARY[5],
    }
    day: date = legal_day(at)
    return message.Referral(
        referral_id=uuid.uuid4(),
        client=message.Client.model_validate(given | client),
        residence="13049",
        attestation=message.Attestation(
            informed_on=day,
            consented_on=day,
            purposes=frozenset({"increase_access_to_social_services"}),
            fields=frozenset({"given_name", "family_name", "address", "phone", "email"}),
            bound_by_secrecy=True,
            met_on_duty=True,
            judged_with_client=True,
        ),
        notifier=message.Notifier(name="Lien Peeters", team="zuiderkempen", phone="+32470000009"),
    )


def arrive(node: Node, worker: str = "", *, until: str = "assigned", client: dict[str, Any] | None = None) -> Intake:
    """A family's referral came in, and stands where `until` says."""
    from brug.office.registry import queries

    (protocol,) = queries.all_protocols(node.at)
    parcel = uuid.uuid4()
    with transaction.atomic():
        casework.receive(family(node.at, **client or {}), Arrival(OPGROEIEN, parcel, protocol), node.at)
    intake = Intake.objects.get(parcel_id=parcel)
    if not worker:
        return intake
    who = node.members[worker]
    casework.assign(intake, who, by=node.members["hilde"], at=node.at, version=intake.version)
    if until == "clarified":
        facts = {"told": True, "by": who, "at": node.at}
        casework.record_attempt(intake, Channel.PHONE, Result.REACHED, version=intake.version, **facts)
        casework.clarify(intake, [Aid.FIRST_AGE_MILK], by=who, at=node.at, version=intake.version)
    return intake


@pytest.fixture
def node(db: None) -> Node:
    return settle()


@pytest.fixture
def nobody() -> Asking:
    return Asking(Application(), "", Client())


Ask = Callable[..., Any]
