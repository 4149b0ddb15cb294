"""`brug team add` and `brug member add`: who works with this node (art. 4)."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from brug.core.calendar import Now
from brug.core.identity import Invalid, parse_phone
from brug.office.ledger.acts import OPERATOR
from brug.office.roles import Role

if TYPE_CHECKING:
    from brug.office.parties.models import Member

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(commands: Subparsers) -> None:
    """Add `team` and `member` with their verbs."""
    team = commands.add_parser("team", help="local teams").add_subparsers(dest="verb", required=True)
    adding = team.add_parser("add", help="add a team, by the code that the protocols name it with")
    adding.add_argument("code")
    adding.add_argument("name")
    adding.set_defaults(run=_add_team)
    member = commands.add_parser("member", help="who works with this node").add_subparsers(dest="verb", required=True)
    adding = member.add_parser("add", help="add a member; prints an invitation, once")
    adding.add_argument("username")
    adding.add_argument("--name", required=True)
    adding.add_argument("--role", required=True, choices=[role.value for role in Role])
    adding.add_argument("--team", default="", help="code of the team")
    adding.add_argument("--email", default="", help="for mails that something waits; a DPO must have one")
    adding.add_argument("--phone", default="")
    adding.set_defaults(run=_add_member)
    away = member.add_parser("away", help="somebody is away for a while, and who stands in; also an officer")
    away.add_argument("username")
    away.add_argument("--stand-in", default="", metavar="USERNAME")
    away.add_argument("--from", dest="from_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    away.add_argument("--through", dest="through_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    away.set_defaults(run=_away)
    inviting = member.add_parser("invite", help="a new way in for who lost theirs; prints an invitation, once")
    inviting.add_argument("username")
    inviting.set_defaults(run=_invite_again)


def _add_team(given: argparse.Namespace, now: Now) -> int:
    from brug.office.parties import services

    services.add_team(given.code, given.name, by=OPERATOR, at=now())
    return 0


def _add_member(given: argparse.Namespace, now: Now) -> int:
    from django.db import transaction

    from brug.office.parties import services
    from brug.office.post.alerts import tell_officers

    at = now()
    with transaction.atomic():
        tell_officers("members", at)
        member = services.add_member(
            given.username,
            name=given.name,
            role=Role(given.role),
            team_code=given.team,
            email=given.email,
            phone=parse_phone(given.phone) if given.phone else "",
            by=OPERATOR,
            at=at,
        )
        _invite(member, at)
    return 0


def _invite_again(given: argparse.Namespace, now: Now) -> int:
    from django.db import transaction

    from brug.office.post.alerts import tell_officers

    at = now()
    with transaction.atomic():
        member = _in_service(given.username)
        tell_officers("members", at)
        _invite(member, at)
    return 0


def _away(given: argparse.Namespace, now: Now) -> int:
    from brug.office.parties import standing

    member = _in_service(given.username)
    stand_in = _in_service(given.stand_in) if given.stand_in else None
    standing.begin(member, stand_in, given.from_on, given.through_on, by=None, at=now())
    return 0


def _in_service(username: str) -> Member:
    """Raises `Invalid`."""
    from brug.office.parties.models import Member

    member = Member.objects.filter(username=username, is_active=True).first()
    if member is None:
        raise Invalid("no_such_member", "The user name of a member in service.")
    return member


def _invite(member: Member, at: datetime) -> None:
    """Print the address at which this member chooses a password and sets up a second factor: once, for three days."""
    from django.conf import settings

    from brug.office import plug
    from brug.office.parties import services

    address = plug.invitation(services.invite(member, by=OPERATOR, at=at))
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    sys.stdout.write(f"Invitation of {member.username}: {scheme}://{settings.ALLOWED_HOSTS[0]}{address}\n")
