"""A notifier leaves: what is not finished goes to a colleague of the team; else the team lead stands in (art. 4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.disclosure import calls
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Relation, Role, Verb, may
from brug.office.parties.models import Member

HEIRS = (Role.TEAM_MEMBER, Role.TEAM_LEAD)
OVER = (ReferralState.RECEIVED, ReferralState.WITHDRAWN)


def may_inherit(member: Member, heir: Member, at: datetime) -> bool:
    """Whether `heir` may have the referrals of `member`: of the same team, bound by the same secrecy."""
    same_team = heir.team_id is not None and heir.team_id == member.team_id
    return heir.role in HEIRS and heir.pk != member.pk and same_team and may(heir, Verb.REFER, Relation.OWN, at=at)


def needs_heir(member: Member) -> bool:
    """Never: the team lead may do everything for the team."""
    return False


def hand_over(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Give what `member` has not finished to `heir`, if there is one, with the calls to make. How many went."""
    open_ones = list(Referral.objects.filter(notifier=member).exclude(state__in=OVER)) if heir else []
    with transaction.atomic():
        if heir:
            calls.give_all(member, heir)  # also those about what is over: a retraction, a right that was used
        for referral in open_ones:
            Referral.objects.filter(pk=referral.pk).update(notifier=heir)
            ledger.record(Act.REFERRAL_HANDED_OVER, referral.reference, by=by.actor, at=at)
    return len(open_ones)
