"""A member leaves: the table of desks that hand over, and the one act in which account and cases change (art. 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from brug.core.identity import Invalid
from brug.desks.casework import leaving as casework
from brug.desks.members.views import Leaving
from brug.desks.referrals import leaving as referrals
from brug.desks.requests import leaving as requests
from brug.office.parties import services as parties
from brug.office.parties.models import Member


@dataclass(frozen=True)
class Desk:
    """What a desk offers when somebody leaves."""

    may_inherit: Callable[[Member, Member, datetime], bool]
    needs_heir: Callable[[Member], bool]
    hand_over: Callable[..., int]


DESKS = (
    Desk(referrals.may_inherit, referrals.needs_heir, referrals.hand_over),
    Desk(casework.may_inherit, casework.needs_heir, casework.hand_over),
    Desk(requests.may_inherit, requests.needs_heir, requests.hand_over),
)


def heirs(member: Member, at: datetime) -> list[Member]:
    """Who may have what the leaving member worked on."""
    return [
        colleague
        for colleague in Member.objects.filter(is_active=True).order_by("name")
        if any(desk.may_inherit(member, colleague, at) for desk in DESKS)
    ]


def leave(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Hand over everything and shut the account; both happen or neither. Raises `Invalid` without an heir if needed."""
    if heir is None and any(desk.needs_heir(member) for desk in DESKS):
        raise Invalid("heir_needed", "This member has client files; choose who gets them.")
    if heir is not None and heir not in heirs(member, at):
        raise Invalid("not_an_heir", "Choose a colleague of the same work, in service and bound by secrecy.")
    with transaction.atomic():
        given = [heir if heir and desk.may_inherit(member, heir, at) else None for desk in DESKS]
        count = sum(desk.hand_over(member, to, by=by, at=at) for desk, to in zip(DESKS, given, strict=True))
        parties.close_account(member, by=by.pseudonym.hex, role=by.role, at=at)
    return count


LEAVING = Leaving(heirs=heirs, leave=leave)
