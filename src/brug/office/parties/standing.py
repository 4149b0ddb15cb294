"""Who stands in for whom: what a member may do for a colleague who is away, through the last day of it (art. 2, 9)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act
from brug.office.parties.may import STANDS_IN, NotAllowed, Verb, may
from brug.office.parties.models import Absence, Member
from brug.office.parties.states import OVERSIGHT
from brug.office.roles import Role

LONGEST_DAYS = 366


def colleagues(member: Member) -> QuerySet[Member, Member]:
    """Who may stand in for `member`: of a role that can do this work, and of the same team where there are teams."""
    found = Member.objects.filter(is_active=True, role__in=STANDS_IN.get(Role(member.role), ())).exclude(pk=member.pk)
    return (found.filter(team=member.team_id) if member.team_id else found).order_by("name")


def may_arrange(by: Member, member: Member, at: datetime) -> bool:
    """One's own absence; the dispatcher that of a colleague who fell ill, the administrator any but an officer's.

    An officer's stand-in has an officer's rights, and these come from the operator only (`brug member away`).
    """
    if member.role in OVERSIGHT:
        return False
    if by.pk == member.pk or may(by, Verb.MANAGE_MEMBERS, at=at):
        return True
    return may(by, Verb.ASSIGN, at=at) and member.role == Role.SOCIAL_WORKER


def arranged_by(by: Member, at: datetime) -> list[Member]:
    """Whose absence `by` may write down."""
    found = Member.objects.filter(is_active=True).order_by("name")
    return [member for member in found if may_arrange(by, member, at)]


def begin(
    member: Member, stand_in: Member | None, from_on: date, through_on: date, *, by: Member | None, at: datetime
) -> Absence:
    """`member` is away from `from_on` through `through_on`; `by` None: the operator. Raises `Invalid`, `NotAllowed`."""
    if by is not None and not may_arrange(by, member, at):
        raise NotAllowed(Verb.MANAGE_MEMBERS)
    if not from_on <= through_on or through_on < legal_day(at) or (through_on - from_on).days > LONGEST_DAYS:
        raise Invalid(
            "absence_out_of_range", gettext_noop("A last day from today on, not before the first, within a year.")
        )
    if stand_in is not None and not colleagues(member).filter(pk=stand_in.pk).exists():
        raise Invalid("cannot_stand_in", gettext_noop("A colleague in service of a role that can do this work."))
    if stand_in is not None and Absence.objects.between(from_on, through_on).filter(member=stand_in).exists():
        raise Invalid("stand_in_away", gettext_noop("A colleague who is not away then."))
    with transaction.atomic():
        made = Absence.objects.create(member=member, stand_in=stand_in, from_on=from_on, through_on=through_on)
        _record(Act.ABSENCE_BEGUN, member, by=by, at=at)
    return made


def end(absence: Absence, *, by: Member | None, at: datetime) -> None:
    """It does not begin, or is over now. Raises `NotAllowed`."""
    if by is not None and not may_arrange(by, absence.member, at):
        raise NotAllowed(Verb.MANAGE_MEMBERS)
    with transaction.atomic():
        absence.delete()
        _record(Act.ABSENCE_ENDED, absence.member, by=by, at=at)


def _record(act: Act, member: Member, *, by: Member | None, at: datetime) -> None:
    ledger.record(act, member.pseudonym, by=by.actor if by else OPERATOR, at=at)
