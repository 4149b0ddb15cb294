"""A member leaves, or meets no clients any more: account or role and cases change in one act (art. 4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from brug.core.identity import Invalid
from brug.office.parties import services as parties
from brug.office.parties.models import Member
from brug.office.plug import handing_over
from brug.office.roles import Role


def heirs(member: Member, at: datetime) -> list[Member]:
    """Who may have what this member worked on; nobody where there is nothing of the kind."""
    if not (Role(member.role).meets_clients or needs_heir(member)):
        return []
    return [
        colleague
        for colleague in Member.objects.filter(is_active=True).order_by("name")
        if any(desk.may_inherit(member, colleague, at) for desk in handing_over())
    ]


def needs_heir(member: Member) -> bool:
    """Whether something is this member's that always has somebody: a client file."""
    return any(desk.needs_heir(member) for desk in handing_over())


def leave(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Hand over everything and shut the account; both happen or neither. Raises `Invalid` without an heir if needed."""
    with transaction.atomic():
        count = _hand_over(member, heir, by=by, at=at)
        parties.close_account(member, by=by.actor, at=at)
    return count


def change_role(member: Member, new: Role, heir: Member | None, *, by: Member, at: datetime, **more: Any) -> None:
    """Another role (`more`: as `parties.change_role`). Who meets no clients in it hands over first, as who leaves:
    they could open no case of theirs any more, and nobody would hear of it. Raises `Invalid`, `NotAllowed`."""
    with transaction.atomic():
        if not new.meets_clients and Role(member.role).meets_clients:
            _hand_over(member, heir, by=by, at=at)
        parties.change_role(member, new, by=by.actor, at=at, **more)


def _hand_over(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    desks = handing_over()
    if heir is None and needs_heir(member):
        raise Invalid("heir_needed", gettext_noop("This member has client files; choose who gets them."))
    if heir is not None and heir not in heirs(member, at):
        raise Invalid(
            "not_an_heir", gettext_noop("Choose a colleague of the same work, in service and bound by secrecy.")
        )
    given = [heir if heir and desk.may_inherit(member, heir, at) else None for desk in desks]
    return sum(desk.hand_over(member, to, by=by, at=at) for desk, to in zip(desks, given, strict=True))
