"""The demo's fictional people, one team, and the signed protocol, in a node that says it is a demo."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.conf import settings

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.casework import partners
from brug.node.demo import OPGROEIEN, PASSWORD, PEOPLE, TEAM
from brug.office.ledger.acts import OPERATOR
from brug.office.parties import services as parties
from brug.office.parties.models import Member
from brug.office.parties.states import Category
from brug.office.registry import queries
from brug.office.registry import services as registry
from brug.office.roles import Role
from brug.office.vault import clock

PROTOCOL = "opgroeien-ocmw-westerlo"


def settle(*, at: datetime) -> None:
    """Accounts, team and protocol; what is there already stays. Raises `Invalid` in a node that is no demo."""
    if not settings.DEMO:
        raise Invalid("no_demo", "Demo accounts exist only in the demo.")
    if settings.PARTY not in PEOPLE:
        raise Invalid("no_demo", f"One of the parties of the demo, {' or '.join(PEOPLE)}; or leave --demo out.")
    clock.confirm(at)  # a demo may lie still for weeks; no person has to say that the clock is right
    if not queries.versions(PROTOCOL):
        registry.adopt(protocol_text(), by=OPERATOR, at=at)
    team = TEAM if settings.PARTY == OPGROEIEN else ""
    if team:
        parties.add_team(team, "Lokaal team Kind en Gezin Zuiderkempen", by=OPERATOR, at=at)
    for username, name, role in PEOPLE[settings.PARTY]:
        with suppress(Invalid):  # there already
            parties.add_member(
                username,
                name=name,
                role=role,
                team_code=team,
                email=f"{username}@{'opgroeien' if team else 'westerlo'}.example",
                phone="",
                secrecy_attested_on=legal_day(at),
                password=PASSWORD,
                by=OPERATOR,
                at=at,
            )
    if not team:
        _know_a_partner(at)


def _know_a_partner(at: datetime) -> None:
    """One helper of the broad intake that a social worker may involve; there is no such CAW."""
    dispatcher = Member.objects.filter(role=Role.DISPATCHER).first()
    caw = partners.Facts(
        kbo="0207654333",
        name="CAW Voorbeeld",
        category=Category.CAW,
        mailbox="onthaal@caw.example",
        phone="014 00 00 01",
        proof="Samenwerkingsovereenkomst breed onthaal",
        proven_on=legal_day(at),
    )
    if dispatcher:
        with suppress(Invalid):  # there already
            partners.add(caw, by=dispatcher, at=at)


def protocol_text() -> str:
    """The signed protocol, as it comes with Brug."""
    text: str = (settings.PARTS / "protocols" / f"{PROTOCOL}.yaml").read_text()
    return text
