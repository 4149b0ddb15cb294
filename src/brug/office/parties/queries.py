"""Who is here, as the desks ask for it (art. 9: the data protection officers are the contacts)."""

from __future__ import annotations

from django.db.models import QuerySet

from brug.office.parties.models import Member
from brug.office.parties.states import Role


def officers() -> QuerySet[Member, Member]:
    """This party's data protection officers in service."""
    return Member.objects.filter(role=Role.DPO, is_active=True).order_by("pk")
