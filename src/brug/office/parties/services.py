"""The verbs on who takes part: add a team, add a member (art. 4). What they are stands in the ledger, not who."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from brug.core.identity import Invalid
from brug.office.ledger import services as ledger
from brug.office.parties.models import Member, Team
from brug.office.parties.states import Role


def add_team(code: str, name: str, *, by: str, at: datetime) -> Team:
    """Add a local team, or rename it. `by` is a pseudonym or "operator"."""
    with transaction.atomic():
        team, _ = Team.objects.update_or_create(code=code, defaults={"name": name})
        ledger.record("team_added", "node", by=by, role="operator", at=at, article="art. 4")
    return team


def add_member(
    username: str,
    *,
    name: str,
    role: Role,
    team_code: str,
    email: str,
    phone: str,
    secrecy_attested_on: date | None,
    password: str,
    by: str,
    at: datetime,
) -> Member:
    """Add somebody who works with this node. `phone` in E.164. Raises `Invalid` for a taken name or an unknown team."""
    if Member.objects.filter(username=username).exists():
        raise Invalid("username_taken", "There is a member with this user name already.")
    team = Team.objects.filter(code=team_code).first() if team_code else None
    if team_code and team is None:
        raise Invalid("no_such_team", "There is no team with this code; add it first: brug team add CODE NAME.")
    member = Member(
        username=username,
        name=name,
        role=role,
        team=team,
        email=email,
        phone=phone,
        secrecy_attested_on=secrecy_attested_on,
    )
    member.set_password(password)
    with transaction.atomic():
        member.save()
        ledger.record("member_added", member.pseudonym, by=by, role="operator", at=at, article="art. 4")
    return member
