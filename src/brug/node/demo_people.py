"""The demo's fictional people, one team, and the signed protocol, in a node that says it is a demo."""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from pathlib import Path

from django.conf import settings
from django.db import transaction

from brug.core.calendar import legal_day
from brug.node.demo import OPGROEIEN, PASSWORD, PEOPLE
from brug.office.parties.models import Member, Team
from brug.office.registry import services as registry


def settle(*, at: datetime) -> None:
    """Accounts, team and protocol; what is there already stays. Raises `RuntimeError` in a node that is no demo."""
    if not settings.DEMO:
        raise RuntimeError("Demo accounts exist only in the demo.")
    protocol = protocol_text()
    with transaction.atomic():
        registry.adopt(protocol, by="operator", role="operator", at=at)
        team = None
        if settings.PARTY == OPGROEIEN:
            team, _ = Team.objects.get_or_create(
                code="zuiderkempen", defaults={"name": "Lokaal team Kind en Gezin Zuiderkempen"}
            )
        for username, name, role in PEOPLE[settings.PARTY]:
            if not Member.objects.filter(username=username).exists():
                member = Member(
                    username=username,
                    name=name,
                    role=role,
                    team=team,
                    email=f"{username}@{'opgroeien' if team else 'westerlo'}.example",
                    secrecy_attested_on=legal_day(at),
                )
                member.set_password(PASSWORD)
                member.save()


def protocol_text() -> str:
    """The signed protocol, from the checkout."""
    root = Path(str(resources.files("brug"))).parent.parent
    return (root / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()
