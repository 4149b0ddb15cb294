"""Who is here, as the desks ask for it (art. 9: the data protection officers are the contacts)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from brug.core.calendar import legal_day
from brug.office.parties.models import Absence, Counterparty, Member, Proposal
from brug.office.parties.states import Joint
from brug.office.roles import Role


def officers(at: datetime) -> QuerySet[Member, Member]:
    """This party's data protection officers in service, and who stands in for one today."""
    return _in_role(Role.DPO, at)


def officer_hears(at: datetime) -> bool:
    """Whether a mail reaches any data protection officer, or who stands in."""
    return officers(at).exclude(email="").exists()


def administrators(at: datetime) -> QuerySet[Member, Member]:
    """Who arranges accounts and keys here, in service; and who stands in for one today."""
    return _in_role(Role.ADMINISTRATOR, at)


def phones() -> dict[str, str]:
    """The numbers that a family can call (E.164), by KBO: this party's own, and those of the parties it has met."""
    return dict(Counterparty.objects.values_list("kbo", "phone")) | {settings.PARTY: settings.PHONE}


def _in_role(role: Role, at: datetime) -> QuerySet[Member, Member]:
    stand_ins = Absence.objects.on(legal_day(at)).filter(member__role=role).values("stand_in")
    return Member.objects.filter(Q(role=role) | Q(pk__in=stand_ins), is_active=True).order_by("pk")


def proposed(joint: Joint) -> QuerySet[Proposal, Proposal]:
    """What one person proposed and waits for a second, the oldest first."""
    return Proposal.objects.filter(joint=joint).order_by("at", "pk")
