"""The one door: ask the protocol, seal and hand over; open, ask again and take in (recital C, art. 1, art. 6).

Out:  authorise → Permit → prepare → Parcel → hand_over (outbox row and ledger entry, in the verb's transaction)
In:   take_in: manifest → seen before? → archive → message → decide again → the desk's verb, receipt and ledger entry
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, Rejection, card, manifest, seal, unseal
from brug.core.protocol.answering import answer
from brug.core.protocol.decide import Consent, Denial, Permit, Request, decide
from brug.core.protocol.digest import written
from brug.core.protocol.document import DocumentError, Protocol, load
from brug.office.disclosure import witness
from brug.office.disclosure.outgoing import (
    TRANSPORT,
    Owed,
    authorise,
    hand_over,
    keep_password,
    key_of,
    owe,
    permit_of,
    prepare,
)
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.models import Counterparty
from brug.office.post import alerts, aside, by_hand, lives, mail, receipts
from brug.office.post import services as post
from brug.office.post.models import Accepted, Incoming
from brug.office.registry import queries as registry
from brug.office.registry import services as registry_services

__all__ = [
    "TRANSPORT",
    "Owed",
    "authorise",
    "hand_over",
    "keep_password",
    "key_of",
    "owe",
    "permit_of",
    "prepare",
]  # the way out, which is asked for here
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a desk learns beside the message itself: from whom, in which parcel, under which version."""

    sender: str  # KBO digits
    parcel_id: UUID
    protocol: Protocol
    incarnation: int = 1
    came_at: datetime | None = None  # when it came, where that was before this node: of a list


Take = Callable[[message.Message, Arrival, datetime], None]
"""A desk's verb for one kind of message; called inside the transaction that accepts the parcel."""


def take_in(arrived: Incoming, *, verbs: Mapping[str, Take], at: datetime, password: str | None = None) -> None:
    """Give one incoming mail its effect, once. What cannot be accepted goes to quarantine with the first failed check.

    `password`: what a person was told over the phone. An archive without a manifest waits for a person.
    Any other exception leaves everything as it was; the mail comes back by itself, three times at the most.
    """
    known: manifest.Manifest | None = None
    seen = witness.NOTHING
    try:
        signed, archive = mail.split(bytes(arrived.raw))
        known = read_manifest(signed, archive, at)
        seen = witness.hear(known, at)
        if was_accepted(known):
            _answer_again(arrived, known, seen, at)
            return
        lost_once = lives.was_sent_before_our_restore(known.sent_at, at=at)
        as_of = known.sent_at if lost_once else at
        content = unseal.open_archive(known, archive, at=as_of, private_keys=keys.parcel_keys(), password=password)
        if isinstance(content, message.KeyCard):
            check_key_card(content, known, signed, at)
        if isinstance(content, message.Receipt) and not is_of_present_key(known, signed):
            arrived.delete()  # what it confirms stays due: sent again, it is confirmed with the key of now
            return
        arrival = Arrival(known.sender, known.id, protocol_of(known, content, at), known.incarnation)
        if is_denied(content, arrival, as_of):
            raise Rejected(Rejection.PROTOCOL_DENIES)
    except Rejected as rejected:
        made = known is None and settings.BY_HAND and mail.made_by_hand(bytes(arrived.raw))
        if made and (made.archives or made.refused):
            by_hand.keep_mail(arrived, made, at=at)
        else:
            _refuse(arrived, known, seen, rejected.rejection, at)
        return
    _accept(arrived, known, seen, content, arrival, verbs[content.kind], at)


def read_manifest(signed: bytes, archive: bytes, at: datetime) -> manifest.Manifest:
    """Size, shape, signature by a known counterparty, addressed to us, practice with practice. Raises `Rejected`."""
    return unseal.read_manifest(
        signed,
        len(archive),
        recipient=settings.PARTY,
        practice=settings.PRACTICE,
        keys_of=partial(_keys_of, at=at),
    )


def _keys_of(party: str, at: datetime) -> list[bytes]:
    known = Counterparty.objects.filter(kbo=party).exclude(parcel_key=b"").first()
    return known.signing_keys(at) if known else []


def check_key_card(content: message.KeyCard, known: manifest.Manifest, signed: bytes, at: datetime) -> None:
    """Signed with the key that is theirs now: who stole the one before it can name no next one. Raises `Rejected`.

    Nor was it made later than clocks differ: it would bar every card to come. And its keys are keys.
    """
    if not is_of_present_key(known, signed):
        raise Rejected(Rejection.UNKNOWN_SENDER)
    try:
        card.public_keys(content)
    except ValueError:
        raise Rejected(Rejection.BAD_MESSAGE) from None
    if content.made_at > at + unseal.CLOCKS_DIFFER:
        raise Rejected(Rejection.BAD_MESSAGE)


def is_of_present_key(known: manifest.Manifest, signed: bytes) -> bool:
    """Whether it is signed with the key that is the sender's now, not with the one before it, which may be stolen."""
    present = bytes(Counterparty.objects.get(kbo=known.sender).signing_key)
    return manifest.read(signed).key_among([present]) is not None


def was_accepted(known: manifest.Manifest) -> bool:
    """Whether this very parcel had its effect already. Raises `Rejected` for the same id with other content."""
    before = Accepted.objects.filter(parcel_id=known.id).first()
    if before is None:
        return False
    if before.manifest_sha256 != known.digest:
        log.error("a parcel id came twice with other content", extra={"facts": {"parcel": str(known.id)}})
        raise Rejected(Rejection.ID_REUSED)
    return True


def protocol_of(known: manifest.Manifest, content: message.Message, at: datetime) -> Protocol:
    """The version that the manifest names, if it is one between its sender and us, and the same text. Else `Rejected`.

    A partner is no party of a protocol with us: a person opens what is sent onward (art. 4). An offer names the very
    text that it brings, which need not be here yet.
    """
    if known.protocol is None:
        raise Rejected(Rejection.PROTOCOL_DENIES)
    protocol = registry.protocol(known.protocol.id, known.protocol.version)
    if isinstance(content, message.ProtocolOffer):
        brought = _brought(content, known.protocol)
        if protocol is None and registry_services.faults(brought, at):
            raise Rejected(Rejection.PROTOCOL_DENIES)
        protocol = protocol or brought
    between = {protocol.discloser.kbo.digits, protocol.recipient.kbo.digits} if protocol else set()
    if protocol is None or between != {known.sender, settings.PARTY}:
        raise Rejected(Rejection.UNKNOWN_PROTOCOL)
    if protocol.sha256 != known.protocol.sha256:
        raise Rejected(Rejection.OTHER_TEXT)
    return protocol


def _brought(content: message.ProtocolOffer, named: manifest.Agreed) -> Protocol:
    """The text of an offer: whole, in its one form, and the one that the manifest names. Else `Rejected`."""
    try:
        brought = load(content.document)
    except DocumentError:
        raise Rejected(Rejection.BAD_MESSAGE) from None
    under = (brought.id, brought.version, brought.sha256)
    if written(brought) != content.document or under != (named.id, named.version, named.sha256):
        raise Rejected(Rejection.BAD_MESSAGE)
    return brought


def is_denied(content: message.Message, arrival: Arrival, at: datetime) -> bool:
    """The receiver asks the protocol too: of a disclosure, and of the data that a message corrects or reports on."""
    if isinstance(content, message.Referral) and why_denied(content, arrival, at) is not None:
        return True
    return not content.fields_named() <= arrival.protocol.fields


def why_denied(referral: message.Referral, arrival: Arrival, at: datetime) -> Denial | None:
    """What the receiver's own protocol says against it, given what the sender attests and its own facts; or None."""
    attested = referral.attestation
    request = Request(
        discloser=arrival.sender,
        team=referral.notifier.team,
        recipient=settings.PARTY,
        purposes=attested.purposes,
        fields=referral.client.fields_given(),
        has_one_name=bool(referral.client.has_one_name),
        residence=referral.residence,
        consent=Consent(
            informed_on=attested.informed_on,
            given_on=attested.consented_on,
            recipient=settings.PARTY,
            purposes=attested.purposes,
            fields=attested.fields,
        ),
        secrecy_through=legal_day(at) if attested.bound_by_secrecy else None,
        transport=TRANSPORT,
        mailbox=_our_mailbox(arrival.protocol, referral.residence),
        met_on_duty=attested.met_on_duty,
        judged_with_client=attested.judged_with_client,
    )
    decision = decide(arrival.protocol, request, at)
    return decision if isinstance(decision, Denial) else None


def _our_mailbox(protocol: Protocol, residence: str) -> str:
    """Where this came in. A changed mailbox, or one of several, ends in the one that this node fetches."""
    is_one = protocol.mailboxes == {protocol.transport.mailbox}
    return settings.MAILBOX if is_one else protocol.mailbox_for(residence)


def _accept(
    arrived: Incoming,
    known: manifest.Manifest,
    seen: witness.Seen,
    content: message.Message,
    arrival: Arrival,
    verb: Take,
    at: datetime,
) -> None:
    """The effect, the receipt, the ledger entry and the end of the raw mail: one transaction."""
    receipt = _receipt(known, seen, at)
    with transaction.atomic():
        about = content.referral_id if isinstance(content, message.Referral) else None
        is_first = post.accept(
            arrived, arrival.parcel_id, sender=arrival.sender, manifest_sha256=known.digest, about=about, at=at
        )
        is_forgotten = lives.is_of_an_earlier_life(arrival.sender, arrival.incarnation)
        if isinstance(content, message.Receipt):
            if is_forgotten:  # what it confirms may be lost there: the parcel stays due
                return
            _hear_receipt(content, arrival, at)
            first_id = post.first_id(content.parcel_id)
            content = content.model_copy(update={"parcel_id": first_id})  # desks know no other
            witness.keep(content, arrival.sender, at)
        if is_first:
            verb(content, arrival, at)
            if not isinstance(content, message.Receipt) or content.result == "accepted":
                registry_services.saw_text(arrival.protocol, is_same=True, at=at)
        if receipt:
            hand_over(*receipt, subject=arrival.parcel_id, by=WORKER, at=at)


def _hear_receipt(receipt: message.Receipt, arrival: Arrival, at: datetime) -> None:
    """The mail room's part. What was refused is not told yet: the mail room lists it, and the ledger says so."""
    if receipt.result == "accepted":
        receipts.record_receipt(receipt.parcel_id, sender=arrival.sender, at=at, of=receipt.manifest_sha256)
        return
    rejection = receipt.rejection or ""
    if rejection in OTHER_TEXTS and registry_services.saw_text(arrival.protocol, is_same=False, at=at):
        alerts.tell_officers("protocol", at)
    if refused := receipts.record_refusal(
        receipt.parcel_id, rejection, sender=arrival.sender, at=at, of=receipt.manifest_sha256
    ):
        protocol = f"{arrival.protocol.id}@{arrival.protocol.version}"
        subject = refused.subject or refused.first_id
        ledger.record(Act.REFUSAL_TAKEN_IN, subject, by=WORKER, at=at, protocol=protocol)


def _answer_again(arrived: Incoming, known: manifest.Manifest, seen: witness.Seen, at: datetime) -> None:
    """The same parcel once more: its receipt was lost on the way, so it gets another one; nothing else happens.

    One that waits to be sent answers them all.
    """
    receipt = None if post.waits_to_leave("receipt", about=known.id) else _receipt(known, seen, at)
    with transaction.atomic():
        arrived.delete()
        if receipt:
            hand_over(*receipt, subject=known.id, by=WORKER, at=at)


def _refuse(
    arrived: Incoming, known: manifest.Manifest | None, seen: witness.Seen, rejection: Rejection, at: datetime
) -> None:
    """To quarantine; a sender whose signature is proven is told that, and which check failed."""
    receipt = _receipt(known, seen, at, rejection) if known else None
    with transaction.atomic():
        if known is None:
            aside.account_for_stranger(at)
            aside.quarantine(arrived, rejection)
            return
        aside.quarantine(arrived, rejection, sender=known.sender, parcel_id=known.id)
        ledger.record(Act.QUARANTINED, known.id, by=WORKER, at=at)
        if rejection in OTHER_TEXTS and known.kind != "receipt":
            _tell_of_other_text(known, at)
        if receipt:
            hand_over(*receipt, subject=known.id, by=WORKER, at=at)


OTHER_TEXTS = frozenset({Rejection.OTHER_TEXT, Rejection.UNKNOWN_PROTOCOL})


def _tell_of_other_text(known: manifest.Manifest, at: datetime) -> None:
    """The two parties do not hold the same text: our officer hears it, and theirs by the receipt."""
    ours = registry.protocol(known.protocol.id, known.protocol.version) if known.protocol else None
    if ours is None or registry_services.saw_text(ours, is_same=False, at=at):
        alerts.tell_officers("protocol", at)


def answer_to(arrived: Incoming, at: datetime) -> tuple[seal.Parcel, Permit] | None:
    """The receipt of what waits in quarantine, sealed anew; None when its sender is not proven, or awaits none."""
    try:
        signed, archive = mail.split(bytes(arrived.raw))
        known = read_manifest(signed, archive, at)
        return _receipt(known, witness.hear(known, at), at, Rejection(arrived.rejection))
    except Rejected:
        return None


def _receipt(
    known: manifest.Manifest, seen: witness.Seen, at: datetime, rejection: Rejection | None = None
) -> tuple[seal.Parcel, Permit] | None:
    """The sealed answer to a parcel, under the protocol that it names, with our word on its sender's ledger.

    None for a receipt, and for what is sent onward: that is answered over the phone.
    """
    if known.kind == "receipt" or known.protocol is None:
        return None
    under = (known.protocol.id, known.protocol.version, known.protocol.sha256)
    permit = answer(*under, sender=settings.PARTY, recipient=known.sender, at=at)
    content = message.Receipt(
        parcel_id=known.id,
        received_at=at,
        result="quarantined" if rejection else "accepted",
        rejection=rejection.value if rejection else None,
        manifest_sha256=known.digest,
        witnessed=seen.size,
        cosignature=seen.cosignature or None,
    )
    return prepare(permit, content, at=at), permit
