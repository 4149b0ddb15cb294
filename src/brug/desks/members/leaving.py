"""A member leaves: account and cases change in one act (art. 4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from brug.core.identity import Invalid
from brug.office.parties import services as parties
from brug.office.parties.models import Member
from brug.office.plug import handing_over


def heirs(member: Member, at: datetime) -> list[Member]:
    """Who may have what the leaving member worked on."""
    return [
        colleague
        for colleague in Member.objects.filter(is_active=True).order_by("name")
        if any(desk.may_inherit(member, colleague, at) for desk in handing_over())
    ]


def leave(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Hand over everything and shut the account; both happen or neither. Raises `Invalid` without an heir if needed."""
    desks = handing_over()
    if heir is None and any(desk.needs_heir(member) for desk in desks):
        raise Invalid("heir_needed", gettext_noop("This member has client files; choose who gets them."))
    if heir is not None and heir not in heirs(member, at):
        raise Invalid(
            "not_an_heir", gettext_noop("Choose a colleague of the same work, in service and bound by secrecy.")
        )
    with transaction.atomic():
        given = [heir if heir and desk.may_inherit(member, heir, at) else None for desk in desks]
        count = sum(desk.hand_over(member, to, by=by, at=at) for desk, to in zip(desks, given, strict=True))
        parties.close_account(member, by=by.actor, at=at)
    return count
