"""Reads of the connections: which token is in force, who allowed what, where the ledger stands."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, QuerySet

from brug.core.calendar import legal_day
from brug.face.api.models import Application, Delegation, Token
from brug.face.api.states import Scope
from brug.office.ledger.models import Checkpoint
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member


def in_force(at: datetime) -> QuerySet[Token]:
    """The tokens that work at this instant: agreed, not ended, not over."""
    today = legal_day(at)
    return Token.objects.filter(agreed_at__lte=at, ended_at=None, through_on__gte=today, application__ended_at=None)


def next_leaf() -> int:
    """The leaf that the next entry of the ledger gets: what is before it has been."""
    return Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0


def scopes_for(member: Member, at: datetime) -> set[Scope]:
    """The scopes in which software could act for this member, now."""
    if may(member, Verb.OPEN_CASE, Relation.OWN, at=at):
        return {Scope.CASES_READ, Scope.CASES_WRITE}
    return {Scope.DRAFTS_WRITE} if may(member, Verb.REFER, Relation.OWN, at=at) else set()


def offered_to(member: Member, at: datetime) -> list[Application]:
    """The applications that a member may let act for her, by name."""
    useful = scopes_for(member, at)
    tokens = in_force(at).select_related("application").order_by("application__name")
    return list(dict.fromkeys(token.application for token in tokens if useful & {Scope(s) for s in token.scopes}))


def members_who_allowed(application: Application, scope: Scope, at: datetime) -> list[Member]:
    """Who lets the application act for her in this scope; only who may do it herself, now (art. 4)."""
    delegations = Delegation.objects.filter(application=application).select_related("member").order_by("member__pk")
    return [each.member for each in delegations if scope in scopes_for(each.member, at)]


def scopes_of(application: Application, at: datetime) -> set[Scope]:
    """What the application's tokens in force may be used for, together."""
    return {Scope(code) for token in in_force(at).filter(application=application) for code in token.scopes}
