"""A sender without a node: a person opens the archive, types what it says, and calls back (art. 6, art. 7).

Nothing in such an archive is proven to come from anybody. What is taken in is what a member typed and vouches for; it
stays marked until somebody called the number that we know. What the archive held beside it is erased (art. 7, excess).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.identity import Invalid
from brug.core.parcel import Rejection, manifest
from brug.core.protocol.decide import Denial, Denied
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival, Take
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act, Actor
from brug.office.moves import move
from brug.office.parties.may import NotAllowed, Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.post import by_hand
from brug.office.post.models import Accepted, ByHand, Incoming
from brug.office.post.states import ByHandEvent, ByHandState
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

TYPED_HERE = frozenset({Rejection.NO_PASSWORD, Rejection.WRONG_PASSWORD})  # a signed parcel whose password is phoned


@dataclass(frozen=True, slots=True)
class Typed:
    """What the member read in the archive, or heard over the phone, of one referral."""

    protocol: Protocol
    client: message.Client
    residence: str  # REFNIS
    notifier: message.Notifier
    attestation: message.Attestation


def protocols(at: datetime) -> list[Protocol]:
    """Under which somebody may refer to us, and whose discloser we know."""
    known = set(Counterparty.objects.values_list("kbo", flat=True))
    return [found for found in registry.by_recipient(settings.PARTY, at) if found.discloser.kbo.digits in known]


def upload(archive: bytes, *, by: Member, at: datetime) -> ByHand:
    """Keep an archive that came by another way than the mailbox. Raises `Rejected`."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    return by_hand.keep_upload(archive, by=by.actor, at=at)


def open_archive(archive: ByHand, password: str, *, by: Member, at: datetime) -> None:
    """Open it with the phoned password. Raises `Rejected`, `WrongState` when somebody was first."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    if archive.state != ByHandState.WAITING:
        raise WrongState
    account = partial(_record, Act.BY_HAND_OPENED, archive, by=by, at=at)
    by_hand.open_with(archive, password, by=by.pseudonym.hex, account=account, at=at)


def take_over(archive: ByHand, *, by: Member, at: datetime) -> None:
    """Go on with what a colleague opened: from now on it is `by`'s and no longer hers. Raises `WrongState`."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    with transaction.atomic():
        by_hand.hand_over_to(archive, by.pseudonym.hex, before=archive.opened_by)
        _record(Act.BY_HAND_TAKEN_OVER, archive, by=by, at=at)


def is_of(archive: ByHand, by: Member) -> bool:
    """Whether `by` may see what is inside: who opened it, or took it over. Nobody has to, while it is shut."""
    return archive.state != ByHandState.OPENED or archive.opened_by == by.pseudonym.hex


def _check_is_of(archive: ByHand, by: Member) -> None:
    if not is_of(archive, by):
        raise NotAllowed(Verb.TAKE_IN_BY_HAND)


def look_inside(archive: ByHand, *, by: Member, at: datetime) -> dict[str, Any]:
    """What the mail says of itself, and the files once it is opened. An act; raises `vault.Erased`.

    Raises `NotAllowed` for what a colleague opened.
    """
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    _check_is_of(archive, by)
    with transaction.atomic():
        _record(Act.BY_HAND_READ, archive, by=by, at=at)
        kept = vault.read(archive.record)
    return {name: kept.get(name) for name in ("claims", "name", "files")}


def take_in_list(
    mailed: Sequence[tuple[datetime, Typed]], digest: str, *, receive: Take, by: Actor, at: datetime
) -> None:
    """Referrals that were mailed before this node, each with the instant it came: all of them, or none.

    The protocol decides as of the day on which each came; the terms run from there. `digest` (64 hexadecimal digits)
    is of the list: the same list has an effect once. Nobody gets a receipt of what was answered long ago. Raises
    `Denied` of the first that it denies, `Invalid` for a list that was taken in before.
    """
    if Accepted.objects.filter(manifest_sha256=digest).exists():
        raise Invalid("list_known", "This list was taken in before.")
    with transaction.atomic():
        for came_at, typed in mailed:
            arrival, referral = _as_sent(typed, at, came_at)
            if denial := disclosure.why_denied(referral, arrival, came_at):
                raise Denied(denial)
            Accepted.objects.create(
                parcel_id=arrival.parcel_id, sender=arrival.sender, manifest_sha256=digest, accepted_at=at
            )
            ledger.record(Act.TAKEN_IN_BY_HAND, arrival.parcel_id, by=by, at=at)
            receive(referral, arrival, at)


def why_denied(typed: Typed, came_at: datetime) -> Denial | None:
    """What the protocol says against it as of the day on which it came; None: it agrees."""
    arrival, referral = _as_sent(typed, came_at, came_at)
    return disclosure.why_denied(referral, arrival, came_at)


def _as_sent(typed: Typed, at: datetime, came_at: datetime | None = None) -> tuple[Arrival, message.Referral]:
    """What was typed, as if a node had sent it: under a number of its own."""
    parcel_id = manifest.make_id(at)
    arrival = Arrival(typed.protocol.discloser.kbo.digits, parcel_id, typed.protocol, came_at=came_at)
    return arrival, message.Referral(
        referral_id=parcel_id,
        client=typed.client,
        residence=typed.residence,
        attestation=typed.attestation,
        notifier=typed.notifier,
    )


def take_in(archive: ByHand, typed: Typed, *, receive: Take, excess: bool, by: Member, at: datetime) -> None:
    """Put what was typed to the protocol, and let it have its effect as a referral; everything else in it goes.

    `receive`: the verb of the desk for a referral. `excess`: it held more than was agreed. The sender gets a receipt as
    every sender does. Raises `Denied`, `WrongState`, `NotAllowed`; then nothing has changed.
    """
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    _check_is_of(archive, by)
    arrival, referral = _as_sent(typed, at)
    sender = arrival.sender
    denial = disclosure.why_denied(referral, arrival, at)
    if denial is not None:
        raise Denied(denial)
    answer = message.Receipt(parcel_id=arrival.parcel_id, received_at=at, result="accepted")
    owed = disclosure.owe(answer, typed.protocol, at=at)
    with transaction.atomic():
        move(archive, ByHandEvent.TAKE_IN, sender=sender, parcel_id=arrival.parcel_id)
        Accepted.objects.create(
            parcel_id=arrival.parcel_id, sender=sender, manifest_sha256=archive.archive_sha256, accepted_at=at
        )
        _record(Act.TAKEN_IN_BY_HAND, archive, by=by, at=at)
        if excess:
            _record(Act.EXCESS_ERASED, archive, by=by, at=at)
        receive(referral, arrival, at)
        vault.erase(archive.record)
        subject = arrival.parcel_id
        disclosure.hand_over(*owed, subject=subject, by=by.actor, at=at)
        transaction.on_commit(vault.truncate_log)


def called_back(archive: ByHand, *, sent_it: bool, by: Member, at: datetime) -> None:
    """Somebody called the number that we know of the sender: they sent it, or they did not. Raises `WrongState`."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    with transaction.atomic():
        move(archive, ByHandEvent.PROVE if sent_it else ByHandEvent.DENY, ended_at=at)
        _record(Act.BY_HAND_PROVEN if sent_it else Act.BY_HAND_DENIED, archive, by=by, at=at)


def discard(archive: ByHand, *, by: Member, at: datetime) -> None:
    """Throw it away, opened or not. Raises `WrongState`, and `NotAllowed` for what a colleague opened."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    _check_is_of(archive, by)
    with transaction.atomic():
        by_hand.discard(archive)
        _record(Act.BY_HAND_DISCARDED, archive, by=by, at=at)


def open_signed(arrived: Incoming, password: str, *, take_in: Callable[..., None], by: Member, at: datetime) -> bool:
    """A signed parcel without a wrapped password, opened with the phoned one; whether it had its effect."""
    check(by, Verb.TAKE_IN_BY_HAND, at=at)
    if arrived.due_at is not None or arrived.rejection not in TYPED_HERE:
        raise WrongState
    with transaction.atomic():
        subject = arrived.parcel_id or UUID(int=0)
        ledger.record(Act.PASSWORD_TYPED, subject, by=by.actor, at=at)
    take_in(arrived, password=password, at=at)
    return not Incoming.objects.filter(pk=arrived.pk).exists()


def _record(act: Act, archive: ByHand, *, by: Member, at: datetime) -> None:
    ledger.record(act, archive.reference, by=by.actor, at=at)
