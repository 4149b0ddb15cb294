"""A node in which every role has something of its own, something of a colleague's and something of another team's.

The clients' names are canaries: a page that has no business showing a person is searched for them. Add a sample for an
address with an argument to `World.arguments`, so that the matrix can also look from inside.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from brug.core import message
from brug.core.protocol.document import Protocol
from brug.desks.casework import services as casework
from brug.desks.casework.models import ClientFile, Intake, Origin
from brug.desks.casework.states import IntakeState
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Counterparty, Member, Team
from brug.office.parties.states import Role
from brug.office.registry import services as registry
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from tests.conftest import OPGROEIEN, PROTOCOL_TEXT, WESTERLO
from tests.desks.casework.conftest import referral as content_of
from tests.desks.referrals.test_services import FACTS

CANARIES = ("Kanariana", "Vogelzang", "Kooistraat", "470999991", "0470 99 99 91", "kanarie@")
SECOND = ("Merelinda", "Zangvogel", "Neststraat", "470999992", "0470 99 99 92", "merel@")  # another client


class Standing(enum.StrEnum):
    """How the member stands to what the address names."""

    OWN = "own"
    OTHERS = "other's"
    OTHER_TEAMS = "other team's"
    NOBODYS = "nobody's"
    LAPSED = "own, secrecy lapsed"


@dataclass
class Things:
    """One of each, of somebody."""

    intake: Intake
    file: ClientFile
    referral: Referral


@dataclass
class World:
    """Members by role (bound, and lapsed), and what each of them has."""

    at: datetime
    protocol: Protocol
    bound: dict[Role, Member] = field(default_factory=dict)
    lapsed: dict[Role, Member] = field(default_factory=dict)
    things: dict[tuple[Role, Standing], Things] = field(default_factory=dict)
    browsers: dict[tuple[Role, bool], Client] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)

    def browser(self, role: Role | None, standing: Standing = Standing.OWN) -> Client:
        """The browser in which this member is logged in; without a role nobody's."""
        if role is None:
            return Client(raise_request_exception=False)
        is_lapsed = standing == Standing.LAPSED
        if (role, is_lapsed) not in self.browsers:
            client = Client(raise_request_exception=False)
            client.force_login((self.lapsed if is_lapsed else self.bound)[role])
            self.browsers[role, is_lapsed] = client
        return self.browsers[role, is_lapsed]

    def address(self, name: str, kind: str, role: Role | None, standing: Standing) -> str | None:
        """The address `name` of a thing of this standing; None when no sample is there for its arguments."""
        things = self.things[role or Role.SOCIAL_WORKER, standing]
        of = {"case": things.intake.reference, "file": things.file.reference, "referral": things.referral.reference}
        given = {"reference": of[kind], "case": of[kind]} if kind in of else {}
        known = self.samples | given
        for route in routes()[name]:
            wanted = {argument: known.get(f"{name}.{argument}", known.get(argument)) for argument in route}
            if None not in wanted.values():
                try:
                    return reverse(name, kwargs=wanted)
                except NoReverseMatch:
                    continue
        return None


def routes() -> dict[str, list[tuple[str, ...]]]:
    """Address name → the arguments of each of its routes. An address without a name is called by its route."""
    found: dict[str, list[tuple[str, ...]]] = {}

    def walk(patterns: list[URLPattern | URLResolver], given: frozenset[str], route: str) -> Iterator[None]:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            names = tuple(pattern.pattern.converters or (getattr(pattern.pattern, "regex", None) and ()))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, given | set(names), here)
            else:
                found.setdefault(pattern.name or here, []).append((*given, *names))
                yield

    list(walk(get_resolver().url_patterns, frozenset(), ""))
    return found


def build(at: datetime) -> World:
    """Everything, in the current transaction."""
    protocol = registry.adopt(PROTOCOL_TEXT, by="operator", role="operator", at=at)
    ours, theirs = (
        Team.objects.create(code=code, name=f"Lokaal team {code}") for code in ("zuiderkempen", "noorderkempen")
    )
    world = World(at, protocol)
    lead = Member.objects.create(username="maker", name="Maker", role=Role.TEAM_LEAD, team=ours, **_bound(at))
    far = Member.objects.create(username="ver", name="Ver Weg", role=Role.SOCIAL_WORKER, team=theirs, **_bound(at))
    for role in Role:
        world.bound[role] = Member.objects.create(username=role, name=f"De {role}", role=role, team=ours, **_bound(at))
        world.lapsed[role] = Member.objects.create(username=f"{role}-lapsed", name=f"Oude {role}", role=role, team=ours)
    near = Member.objects.create(username="near", name="Naaste", role=Role.SOCIAL_WORKER, team=ours, **_bound(at))
    numbers = iter(range(1, 1000))
    shared = {
        Standing.OTHERS: _things(world, near, ours, lead, next(numbers)),
        Standing.OTHER_TEAMS: _things(world, far, theirs, lead, next(numbers)),
        Standing.NOBODYS: _things(world, far, theirs, lead, next(numbers)),
    }
    Intake.objects.filter(pk=shared[Standing.NOBODYS].intake.pk).update(worker=None, state=IntakeState.ARRIVED)
    for role in Role:
        world.things[role, Standing.OWN] = _things(world, world.bound[role], ours, lead, next(numbers))
        world.things[role, Standing.LAPSED] = _things(world, world.lapsed[role], ours, lead, next(numbers))
        for standing, things in shared.items():
            world.things[role, standing] = things
    world.samples = _samples(world, protocol)
    for role in Role:  # logged in here: what a test does is undone, and its sessions with it
        world.browser(role), world.browser(role, Standing.LAPSED)
    return world


def _samples(world: World, protocol: Protocol) -> dict[str, Any]:
    """Arguments that are not a case, a file or a referral. `name.argument` counts for one address only."""
    other = Member.objects.get(username="near")
    Counterparty.objects.create(
        kbo=WESTERLO, name="OCMW Westerlo", mailbox="info@westerlo.example", confirmed_at=world.at
    )
    members = {f"member{verb}.pk": other.pk for verb in ("", "-invite", "-role", "-attest", "-leave")}
    return members | {
        "protocol_id": protocol.id,
        "version": protocol.version,
        "kbo": WESTERLO,
        "token": "none-such",
        "name": "beheerder",
        "kind": "before",
        "language": "nl",
        "case-end.ending": "deceased",
        "evidence-ask.kbo": None,  # no sample: nothing was asked, nothing is compared
        "party-compare.kbo": None,
        "party-revoke.kbo": None,
        "code": "first_age_milk",
    }


def _bound(at: datetime) -> dict[str, date]:
    return {"secrecy_attested_on": (at - timedelta(days=30)).date()}


def _things(world: World, owner: Member, team: Team, maker: Member, number: int) -> Things:
    """An intake, a client file and a referral; the file is of another client than the rest."""
    words = CANARIES
    intake = _intake(world, words, number)
    Intake.objects.filter(pk=intake.pk).update(worker=owner, state=IntakeState.CLARIFIED)
    intake.refresh_from_db()
    return Things(intake, _file(world, owner, number), _referral(world, owner, team, maker))


def _client(words: tuple[str, ...]) -> dict[str, Any]:
    return {
        "given_name": words[0],
        "family_name": words[1],
        "address": message.Address(street=words[2], number="14", postal_code="2260"),
        "phone": f"+32{words[3]}",
        "email": f"{words[5]}voorbeeld.example",
    }


def _intake(world: World, words: tuple[str, ...], number: int) -> Intake:
    parcel = uuid.uuid4()
    casework.receive(content_of(**_client(words)), Arrival(OPGROEIEN, parcel, world.protocol), world.at)
    return Intake.objects.get(parcel_id=parcel)


def _file(world: World, owner: Member, number: int) -> ClientFile:
    record, sent = uuid.uuid4(), content_of(**_client(SECOND))
    file = ClientFile.objects.create(
        reference=uuid.uuid4(),
        number=f"D-2026-{number:04}",
        worker=owner,
        opened_on=world.at.date(),
        record=record,
        protocol=f"{world.protocol.id}@{world.protocol.version}",
        version=1,
    )
    Origin.objects.create(file=file, referral_id=sent.referral_id, **_origin(world))
    content = {"referral": message.dump(sent), "journal": []}
    vault.put(record, content, reason=Reason.CLIENT_FILE, due_on=None, at=world.at, protocol=file.protocol)
    return file


def _origin(world: World) -> dict[str, Any]:
    names = {f.name for f in Origin._meta.local_fields}
    return {"protocol": f"{world.protocol.id}@{world.protocol.version}"} if "protocol" in names else {}


def _referral(world: World, owner: Member, team: Team, maker: Member) -> Referral:
    made = referrals.start("13049", "2260", by=maker, at=world.at)
    referrals.record_consent(made, FACTS, world.protocol, by=maker, at=world.at)
    person = message.Client.model_validate(_client(CANARIES))
    referrals.keep_client(made, person, "13049", by=maker, at=world.at)
    Referral.objects.filter(pk=made.pk).update(notifier=owner, team=team)
    made.refresh_from_db()
    return made
