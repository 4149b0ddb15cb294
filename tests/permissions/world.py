"""A node in which every role has something of its own, something of a colleague's and something of another team's.

Each thing is about another canary (people.py). An address with an argument needs a sample: of somebody's in things.py,
of nobody's in samples.py.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from allauth.account.internal.flows import login
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from brug.desks.casework import glass
from brug.desks.casework.models import Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.office.ledger.acts import OPERATOR
from brug.office.parties.models import Counterparty, Member, Team
from brug.office.parties.states import GlassReason
from brug.office.post.models import ByHand
from brug.office.registry import services as registry
from brug.office.roles import Role
from tests.conftest import PROTOCOL_TEXT, WESTERLO
from tests.permissions.samples import TYPED_OVER, samples
from tests.permissions.things import Hands, Things, leave_to_nobody, make


class Standing(enum.StrEnum):
    """How the member stands to what the address names."""

    OWN = "own"
    OTHERS = "other's"
    OTHER_TEAMS = "other team's"
    NOBODYS = "nobody's"
    LAPSED = "own, secrecy lapsed"


@dataclass
class World:
    """Members by role (bound, and lapsed), and what each of them has."""

    at: datetime
    bound: dict[Role, Member] = field(default_factory=dict)
    lapsed: dict[Role, Member] = field(default_factory=dict)
    things: dict[tuple[Role | None, Standing], Things] = field(default_factory=dict)
    browsers: dict[tuple[Role, bool], Client] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)

    def browser(self, role: Role | None, standing: Standing = Standing.OWN) -> Client:
        """The browser in which this member is logged in; without a role nobody's."""
        if role is None:
            return Client(raise_request_exception=False)
        is_lapsed = standing == Standing.LAPSED
        if (role, is_lapsed) not in self.browsers:
            self.browsers[role, is_lapsed] = _browser((self.lapsed if is_lapsed else self.bound)[role])
        return self.browsers[role, is_lapsed]

    def people(self, role: Role, standing: Standing = Standing.OWN) -> frozenset[int]:
        """The canaries that a page about everything of a member's own may be about."""
        return frozenset({TYPED_OVER, *self.things[role, standing]["people"]})

    def references(self, number: int) -> frozenset[str]:
        """Under what the ledger knows canary `number`: case, file and referral of one's things are three in a row."""
        if number == TYPED_OVER:
            return frozenset(str(each) for each in ByHand.objects.values_list("reference", flat=True))
        for things in self.things.values():
            if number in things["people"]:
                kinds = ("case", "file", "referral")
                kind = "referral" if number == 0 else kinds[number - min(things["people"])]
                return frozenset({str(things[kind])})
        return frozenset()

    def address(
        self, name: str, kind: str, role: Role | None, standing: Standing, given: Mapping[str, str] | None = None
    ) -> str | None:
        """The address `name` of a thing of this standing; None when no sample is there for its arguments."""
        things = self.things[role or Role.SOCIAL_WORKER, standing]
        known = self.samples | things | dict(given or {})
        if kind:
            known |= dict.fromkeys(("reference", "case", "parcel_id", "pk"), things[kind])
        for space, route in routes()[name]:
            wanted = {argument: known.get(f"{name}.{argument}", known.get(argument)) for argument in route}
            if None not in wanted.values():
                try:
                    return reverse(f"{space}{name}", kwargs=wanted)
                except NoReverseMatch:
                    continue
        return None


@cache
def routes() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Address name → of each of its routes the name space and the arguments. Without a name: called by its route."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}

    def walk(patterns: list[URLPattern | URLResolver], given: frozenset[str], route: str, space: str) -> Iterator[None]:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            inner = pattern.pattern
            names = tuple(inner.converters or getattr(getattr(inner, "regex", None), "groupindex", ()))
            if isinstance(pattern, URLResolver):
                under = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, given | set(names), here, under)
            else:
                found.setdefault(pattern.name or here, []).append((space, (*given, *names)))
                yield

    list(walk(get_resolver().url_patterns, frozenset(), "", ""))
    return found


def build(at: datetime) -> World:
    """Everything, in the current transaction."""
    protocol = registry.adopt(PROTOCOL_TEXT, by=OPERATOR, at=at)
    ours, theirs = (
        Team.objects.create(code=code, name=f"Lokaal team {code}") for code in ("zuiderkempen", "noorderkempen")
    )
    world = World(at)
    lead = Member.objects.create(username="maker", name="Maker", role=Role.TEAM_LEAD, team=ours, **_bound(at))
    far = Member.objects.create(username="ver", name="Ver Weg", role=Role.SOCIAL_WORKER, team=theirs, **_bound(at))
    near = Member.objects.create(username="near", name="Naaste", role=Role.SOCIAL_WORKER, team=ours, **_bound(at))
    for role in Role:
        world.bound[role] = Member.objects.create(
            username=role.name, name=f"De {role.words}", role=role, team=ours, **_bound(at)
        )
        world.lapsed[role] = Member.objects.create(
            username=f"{role.name}-lapsed", name=f"Oude {role.words}", role=role, team=ours
        )
    hands = Hands(at, protocol, near, lead, world.bound[Role.DISPATCHER], world.bound[Role.DPO])
    _share_out(world, hands, [(near, ours), (far, theirs), (far, theirs)])
    world.samples = samples(hands, world.bound)
    for role in Role:  # logged in here: what a test does is undone, and its sessions with it
        for standing in (Standing.OWN, Standing.LAPSED):
            _enrol((world.lapsed if standing == Standing.LAPSED else world.bound)[role])
            world.browser(role, standing)
    return world


def _share_out(world: World, hands: Hands, others: list[tuple[Member, Team]]) -> None:
    """Things for everybody: those of `others` are seen by all."""
    sent, numbers = _sent(hands), iter(range(3, 600, 3))
    world.things[None, Standing.OTHERS] = {"referral": sent.reference, "people": frozenset({0})}
    shared = dict(
        zip(
            (Standing.OTHERS, Standing.OTHER_TEAMS, Standing.NOBODYS),
            (make(hands, sent, owner, team, next(numbers)) for owner, team in others),
            strict=True,
        )
    )
    leave_to_nobody(shared[Standing.NOBODYS])
    for role in Role:
        for standing, members in ((Standing.OWN, world.bound), (Standing.LAPSED, world.lapsed)):
            owner = members[role]
            world.things[role, standing] = make(hands, sent, owner, owner.team or others[0][1], next(numbers))
        for standing, things in shared.items():
            world.things[role, standing] = things
    for things in (*shared.values(), world.things[Role.DISPATCHER, Standing.OWN]):
        case = Intake.objects.get(reference=things["case"])
        glass.break_glass(case, GlassReason.DANGER, by=hands.dispatcher, at=hands.at)


def _sent(hands: Hands) -> Referral:
    """A referral of canary 0 that went to an OCMW without a node."""
    Counterparty.objects.create(
        kbo=WESTERLO, name="OCMW Westerlo", mailbox="info.ocmw@westerlo.be", phone="+3214000001", confirmed_at=hands.at
    )
    made = hands.referral(0)
    referrals.send(made, by=hands.lead, at=hands.at)
    made.refresh_from_db()
    return made


def _browser(member: Member) -> Client:
    """Logged in, and for the next hour of whom it was just shown who they are: what asks that again opens."""
    client = Client(raise_request_exception=False)
    client.force_login(member)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() + 3600}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(member.pk)
    session.save()
    return client


def _enrol(member: Member) -> None:
    """An app and codes for paper, beside the passkey that is among the member's things."""
    TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(member)


def _bound(at: datetime) -> dict[str, date]:
    return {"secrecy_attested_on": (at - timedelta(days=30)).date()}
