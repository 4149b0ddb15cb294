"""The verbs on who takes part: teams, members, what they may, and its end (art. 4). The ledger says what, not who.

Professional secrecy is attested by the controller for a year and for a role: another role asks for another attestation.
Who opens accounts and who attests are made by the operator, or one of them alone could make the other, and so a reader.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act, Actor
from brug.office.parties.may import NotAllowed, Relation, Verb, check
from brug.office.parties.models import Grant, Invitation, Member, Team
from brug.office.parties.states import OVERSIGHT, GlassReason
from brug.office.roles import Role

INVITED_FOR = timedelta(hours=72)
GLASS_FOR = timedelta(hours=1)


def add_team(code: str, name: str, *, by: Actor, at: datetime) -> Team:
    """Add a local team, or rename it."""
    with transaction.atomic():
        team, _ = Team.objects.update_or_create(code=code, defaults={"name": name})
        ledger.record(Act.TEAM_ADDED, "node", by=by, at=at)
    return team


def add_member(
    username: str,
    *,
    name: str,
    role: Role,
    team_code: str,
    email: str,
    phone: str,
    remit: str = "",
    by: Actor,
    at: datetime,
    password: str | None = None,
    secrecy_attested_on: date | None = None,
) -> Member:
    """Add somebody who works with this node. `phone` in E.164. They are invited, or come through OpenID Connect;
    password and attestation are for a demo. Raises `Invalid` for a taken name, an unknown team, a DPO whom no mail
    reaches; `NotAllowed` for a role that this one may not give."""
    _may_arrange(by, role)
    if role == Role.DPO and not email:
        raise Invalid("dpo_unreachable", "A data protection officer has an e-mail address: every change is told there.")
    if Member.objects.filter(username=username).exists():
        raise Invalid("username_taken", gettext_noop("There is a member with this user name already."))
    team = Team.objects.filter(code=team_code).first() if team_code else None
    if team_code and team is None:
        raise Invalid("no_such_team", "There is no team with this code; add it first: brug team add CODE NAME.")
    member = Member(
        username=username,
        name=name,
        role=role,
        team=team,
        email=email,
        phone=phone,
        remit=remit,
        secrecy_attested_on=secrecy_attested_on,
    )
    member.set_password(password)
    with transaction.atomic():
        member.save()
        ledger.record(Act.MEMBER_ADDED, member.pseudonym, by=by, at=at)
    return member


def invite(member: Member, *, by: Actor, at: datetime) -> str:
    """A new way in; its secret is returned once. Whatever opened the account before does so no longer, and the
    attestation of secrecy ends: nobody reads on with another's. Raises `NotAllowed`."""
    _may_arrange(by, Role(member.role))
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        shut(member)
        Invitation.objects.update_or_create(
            member=member, defaults={"digest": _digest(secret), "expires_at": at + INVITED_FOR}
        )
        ledger.record(Act.MEMBER_INVITED, member.pseudonym, by=by, at=at)
    return secret


def invited(secret: str, at: datetime) -> Member | None:
    """Whom this secret lets in, while it does: nobody who came in by another way meanwhile."""
    found = Invitation.objects.filter(digest=_digest(secret), expires_at__gt=at, member__is_active=True)
    invitation = found.select_related("member").first()
    return invitation.member if invitation and not has_a_way_in(invitation.member) else None


def accept_invitation(secret: str, password: str, *, at: datetime) -> Member | None:
    """Use the secret, once: the password is the member's own. None if somebody was first, or too late."""
    with transaction.atomic():
        Member.objects.select_for_update().filter(invitation__digest=_digest(secret)).first()
        member = invited(secret, at)
        if member is None or not Invitation.objects.filter(digest=_digest(secret)).delete()[0]:
            return None
        member.set_password(password)
        member.save(update_fields=["password"])
        ledger.record(Act.INVITATION_ACCEPTED, member.pseudonym, by=member.actor, at=at)
    return member


def come_in_elsewhere(member: Member) -> bool:
    """Somebody comes in by the log-in of the organisation: no invitation opens this account any more. False when it
    was accepted meanwhile. In the transaction that links the two; it waits for who accepts at this moment."""
    now = Member.objects.select_for_update().get(pk=member.pk)
    Invitation.objects.filter(member=member).delete()
    return not now.has_usable_password()


def change_role(
    member: Member,
    new: Role,
    *,
    by: Actor,
    at: datetime,
    team: Team | None = None,
    keep_team: bool = True,
    remit: str | None = None,
) -> None:
    """Another role, another team, another district or competence (`remit`; None: as it was).

    The attestation of secrecy ends with the role it was given for (recital C).

    Raises `NotAllowed` for a role that this one may not give or take.
    """
    with transaction.atomic():
        member.refresh_from_db(from_queryset=Member.objects.select_for_update(of=("self",)))
        _may_arrange(by, new, Role(member.role))
        if new != member.role:
            member.secrecy_attested_on = None
        member.role = new
        if not keep_team:
            member.team = team
        if remit is not None:
            member.remit = remit
        member.save(update_fields=["role", "team", "remit", "secrecy_attested_on"])
        ledger.record(Act.MEMBER_CHANGED, member.pseudonym, by=by, at=at)


def attest_secrecy(member: Member, on: date, *, by: Actor, at: datetime) -> None:
    """The controller attests that this member is bound by professional secrecy: for a year, from `on` (recital C).

    Of somebody who came in themselves, or whoever holds their invitation would come in with it. Raises `Invalid`, and
    `WrongState` when the role changed meanwhile.
    """
    if not has_come_in(member):
        raise Invalid("not_come_in", "This member has to log in and set up a second factor first.")
    with transaction.atomic():
        if not Member.objects.filter(pk=member.pk, role=member.role).update(secrecy_attested_on=on):
            raise WrongState  # it was for the role that the officer saw
        member.refresh_from_db()
        ledger.record(Act.SECRECY_ATTESTED, member.pseudonym, by=by, at=at)


def has_come_in(member: Member) -> bool:
    """Whether the account is in use: its invitation was accepted and a second factor set up, or the organisation's
    log-in was used. Accounts of a demo need no second factor."""
    from allauth.mfa.models import Authenticator

    if member.has_usable_password():
        return bool(settings.DEMO or Authenticator.objects.filter(user=member).exists())
    return has_a_way_in(member)


def has_a_way_in(member: Member) -> bool:
    """Whether anything opens this account but an invitation: a password, or the log-in of the organisation."""
    from allauth.socialaccount.models import SocialAccount

    return member.has_usable_password() or bool(SocialAccount.objects.filter(user=member).exists())


def close_account(member: Member, *, by: Actor, at: datetime) -> None:
    """Out, in one act: no password, no second factor, no session, no invitation, no break-glass, no attestation.

    Raises `Invalid` for the only officer: whoever arranges accounts would be rid of whom they are told to. The operator
    may, and `brug check` says that there is none.
    """
    with transaction.atomic():
        officers = Member.objects.select_for_update(of=("self",)).filter(role=Role.DPO, is_active=True)
        if by != OPERATOR and [officer.pk for officer in officers] == [member.pk]:
            raise Invalid("last_officer", "Another data protection officer in service first; the operator adds one.")
        shut(member)
        Invitation.objects.filter(member=member).delete()
        Grant.objects.filter(member=member, until__gt=at).update(until=at)
        member.is_active = False
        member.save(update_fields=["is_active"])
        ledger.record(Act.MEMBER_CLOSED, member.pseudonym, by=by, at=at)


def grant(subject: UUID, reason: GlassReason, *, by: Member, at: datetime) -> Grant:
    """Break the glass: open what is somebody else's, for an hour. Raises `NotAllowed`. Tell the DPO in the same act."""
    check(by, Verb.BREAK_GLASS, Relation.NONE, at=at)
    with transaction.atomic():
        given = Grant.objects.create(member=by, subject=subject, reason=reason, given_at=at, until=at + GLASS_FOR)
        ledger.record(Act.GLASS_BROKEN, subject, by=by.actor, at=at, why=reason)
    return given


def has_grant(member: Member, subject: UUID, *, at: datetime) -> bool:
    """Whether `member` broke the glass of this case and the hour is not over."""
    return Grant.objects.filter(member=member, subject=subject, given_at__lte=at, until__gt=at).exists()


def shut(member: Member) -> None:
    """Nothing opens the account: every session ends too, for each is bound to the password. Whoever comes in next is
    attested anew."""
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    member.secrecy_attested_on = None
    member.set_unusable_password()
    member.save(update_fields=["secrecy_attested_on", "password"])
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()


def _may_arrange(by: Actor, *roles: Role) -> None:
    """Raises `NotAllowed` where a role of oversight is arranged by another than the operator."""
    if by != OPERATOR and OVERSIGHT & {*roles}:
        raise NotAllowed(Verb.MANAGE_MEMBERS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
