"""The client takes the consent back: what has not left never leaves, what may have left is retracted (GDPR 7(3))."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.core import message
from brug.core.states import WrongState, advance
from brug.desks.referrals import queries
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import DISCARDABLE, TRANSITIONS, ReferralEvent, ReferralState
from brug.office.disclosure import calls
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import FAMILY, Act, Actor
from brug.office.ledger.models import Entry
from brug.office.moves import move
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Member
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

WORDS_OF_IT = ("retraction", "rights_notice")  # by which the OCMW hears that there is no consent any more


def can_be_withdrawn(referral: Referral) -> bool:
    """Whether something was sent: a draft is thrown away instead."""
    return ReferralEvent.WITHDRAW in TRANSITIONS[ReferralState(referral.state)]


def is_untold(referral: Referral) -> bool:
    """Whether the OCMW could not take in, or never confirmed, that the consent was taken back: somebody must call."""
    return referral.state == ReferralState.WITHDRAWN and post.is_untold(referral.reference, WORDS_OF_IT)


def withdraw(referral: Referral, *, by: Member | None, at: datetime) -> None:
    """Stop what has not left; else stop sending and tell the OCMW, in one transaction with the new state.

    The consent record stays, with the withdrawal in it; the contact data go. `by`: None is the family itself, by its
    own window. Raises `NotAllowed`, and `WrongState` for a draft or a second click.
    """
    if by:
        check(by, Verb.REFER, queries.relation(by, referral), at=at)
    who = by.actor if by else FAMILY
    advance(TRANSITIONS, ReferralState(referral.state), ReferralEvent.WITHDRAW)
    if _withdraw_unsent(referral, by=who, at=at):
        return
    protocol = registry.kept(f"{referral.protocol_id}@{referral.protocol_version}")
    content = message.Retraction(referral_id=referral.reference, withdrawn_at=at)
    owed = disclosure.owe(content, protocol, at=at)
    with transaction.atomic():
        _end(referral, by=who, at=at)
        if referral.parcel_id:
            with suppress(WrongState, Outgoing.DoesNotExist):  # stopped already, or forgotten long ago
                post.stop(referral.parcel_id)
        stop_notices(referral)
        disclosure.hand_over(*owed, subject=referral.reference, by=who, at=at)
        if by is None:  # an OCMW without a node is called: that is the notifier's
            calls.give(referral.reference, referral.notifier, at=at)


def _withdraw_unsent(referral: Referral, *, by: Actor, at: datetime) -> bool:
    """The parcel lies in the outbox and no worker has touched it: it is stopped, and nothing needs to be retracted."""
    with transaction.atomic():
        if not referral.parcel_id or not post.stop_unsent(referral.parcel_id):
            return False
        _end(referral, by=by, at=at)
        stop_notices(referral)
        ledger.record(
            Act.WITHDRAWN_UNSENT,
            referral.reference,
            by=by,
            at=at,
            protocol=f"{referral.protocol_id}@{referral.protocol_version}",
        )
    return True


def withdraw_again(reference: UUID, *, withdrawn_at: datetime, told_to: str, at: datetime) -> str:
    """The ledger says that the consent was taken back, a backup did not know: nothing leaves. The number, "" if none.

    What the backup knows as a draft goes whole. Call inside a transaction.
    """
    referral = Referral.objects.filter(reference=reference).exclude(state=ReferralState.WITHDRAWN).first()
    if referral is None:
        return ""
    number = referral.number
    if referral.parcel_id:
        with suppress(WrongState, Outgoing.DoesNotExist):  # stopped already, or forgotten long ago
            post.stop(referral.parcel_id)
    stop_notices(referral)
    vault.erase(referral.client)
    if referral.state in DISCARDABLE:
        vault.erase(referral.consent)
        referral.delete()
    else:
        move(referral, ReferralEvent.WITHDRAW)
        with suppress(vault.Erased):
            kept = vault.read(referral.consent)
            told = {"withdrawn_at": withdrawn_at.isoformat(), "told_to": told_to}
            vault.amend(referral.consent, kept | told, at=at)
    transaction.on_commit(vault.truncate_log)
    return number


def do_again(entry: Entry, at: datetime) -> Iterator[str]:
    """What the family took back stays back. The letter that told the OCMW so may be lost: a person tells it."""
    number = withdraw_again(UUID(entry.subject), withdrawn_at=entry.at, told_to=entry.by, at=at)
    if number:
        told = "" if entry.what is Act.WITHDRAWN_UNSENT else "; tell the OCMW by phone, the letter may be lost"
        yield f"{number} withdrawn again{told}"


def stop_notices(referral: Referral) -> None:
    """A correction that has not arrived brings nobody the data of who took the consent back (GDPR 7(3))."""
    for notice in Outgoing.objects.filter(kind="rights_notice", subject=referral.reference, received_at=None):
        with suppress(WrongState):  # stopped already
            post.stop(notice.first_id)


def _end(referral: Referral, *, by: Actor, at: datetime) -> None:
    """The new state, if nobody was first; the contact data go, the consent record says that it was taken back."""
    move(referral, ReferralEvent.WITHDRAW)
    vault.erase(referral.client)
    kept = vault.read(referral.consent)
    vault.amend(referral.consent, kept | {"withdrawn_at": at.isoformat(), "told_to": by.who}, at=at)
    transaction.on_commit(vault.truncate_log)
