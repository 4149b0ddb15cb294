"""Who is here, as the desks ask for it (art. 9: the data protection officers are the contacts)."""

from __future__ import annotations

from django.db.models import QuerySet

from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint, Role


def officers() -> QuerySet[Member, Member]:
    """This party's data protection officers in service."""
    return Member.objects.filter(role=Role.DPO, is_active=True).order_by("pk")


def administrators() -> QuerySet[Member, Member]:
    """Who arranges accounts and keys here, in service."""
    return Member.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")


def proposed(joint: Joint) -> QuerySet[Proposal, Proposal]:
    """What one person proposed and waits for a second, the oldest first."""
    return Proposal.objects.filter(joint=joint).order_by("at", "pk")
