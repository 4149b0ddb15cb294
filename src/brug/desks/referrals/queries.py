"""Reads of the team member's desk: who may see which referral."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from brug.core.calendar import legal_day
from brug.core.identity import municipality
from brug.desks.referrals.models import Referral
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member

PAGE = 50  # referrals on one page of the list


def relation(member: Member, referral: Referral) -> Relation:
    if referral.notifier_id == member.pk:
        return Relation.OWN
    return Relation.TEAM if referral.team_id == member.team_id else Relation.NONE


def visible_to(member: Member, at: datetime) -> QuerySet[Referral]:
    """The referrals of which `member` may see the state: those of the own team. No person stands in them."""
    if not may(member, Verb.SEE_REFERRALS, at=at):
        return Referral.objects.none()
    theirs = Q(notifier=member) if member.team_id is None else Q(team=member.team_id)
    return Referral.objects.filter(theirs).select_related("notifier").order_by("-started_at", "-pk")


def workable_by(member: Member, reference: UUID, at: datetime) -> Referral:
    """The referral, if `member` may work on it and see the person. Raises `Referral.DoesNotExist` otherwise."""
    referral = visible_to(member, at).get(reference=reference)
    if not may(member, Verb.REFER, relation(member, referral), at=at):
        raise Referral.DoesNotExist
    return referral


def record_behind(reference: UUID) -> UUID | None:
    """The record of the client of the referral with this reference."""
    return Referral.objects.filter(reference=reference).values_list("client", flat=True).first()


def place_name(refnis: str, at: datetime) -> str:
    """What the municipality with this REFNIS code is called; the code itself when none has it."""
    found = municipality(refnis, legal_day(at))
    return found.name if found else refnis
