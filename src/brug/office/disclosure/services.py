"""The one door: ask the protocol, seal and hand over; open, ask again and take in (recital C, art. 1, art. 6).

Out:  authorise → Permit → prepare → Parcel → hand_over (outbox row and ledger entry, in the verb's transaction)
In:   take_in: manifest → seen before? → archive → message → decide again → the desk's verb, receipt and ledger entry
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, Rejection, card, manifest, paper, seal, unseal
from brug.core.protocol.answering import answer
from brug.core.protocol.decide import Consent, Denial, Denied, Permit, Request, decide, duty
from brug.core.protocol.document import Protocol
from brug.office.disclosure import destination, ready, witness
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.parties.models import Counterparty
from brug.office.post import aside, by_hand, lives, mail, receipts
from brug.office.post import services as post
from brug.office.post.models import Accepted, Incoming, Outgoing
from brug.office.registry import queries as registry
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

TRANSPORT = "7z-aes-256-by-mail"
NO_PAPER = b"%PDF-1.7\n%%EOF\n"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a desk learns beside the message itself: from whom, in which parcel, under which version."""

    sender: str  # KBO digits
    parcel_id: UUID
    protocol: Protocol
    incarnation: int = 1


Take = Callable[[message.Message, Arrival, datetime], None]
"""A desk's verb for one kind of message; called inside the transaction that accepts the parcel."""


def authorise(protocol: Protocol, request: Request, *, at: datetime) -> Permit:
    """Ask the protocol. Raises `Denied` with every reason; then nothing has changed."""
    decision = decide(protocol, request, at)
    if isinstance(decision, Permit):
        return decision
    raise Denied(decision)


def prepare(
    permit: Permit,
    content: message.Message,
    *,
    at: datetime,
    signing_key: Ed25519PrivateKey | None = None,
    recipient: Counterparty | None = None,
) -> seal.Parcel:
    """Seal `content` for the counterparty that `permit` names.

    `signing_key`: an earlier one of ours, for who knows us by that. `recipient`: its row, from who has read it already.
    Costs a key derivation: call it before the transaction. Raises `Counterparty.DoesNotExist`.
    """
    recipient = recipient or Counterparty.objects.get(kbo=permit.recipient)
    recipient_key = key_of(recipient, permit.kind)
    checkpoint, consistency = witness.for_parcel_to(recipient.kbo)
    sender = seal.Sender(settings.PARTY, signing_key or keys.signing_key(), lives.incarnation(), settings.PRACTICE)
    return seal.seal(
        permit,
        content,
        paper=partial(_paper, permit=permit, for_eyes=not recipient.has_node),
        parcel_id=manifest.make_id(at, secrets.token_bytes),
        at=at,
        sender=sender,
        recipient_key=recipient_key,
        checkpoint=checkpoint,
        consistency=consistency,
        key=ready.take() if recipient_key else None,
        entropy=secrets.token_bytes,
    )


ACTS = {code: Act(kind.row.act) for code, kind in message.KINDS.items()}
"""What stands in the ledger when a message of a kind is handed over."""
Owed = tuple[seal.Parcel, Permit]
"""A sealed parcel and the leave for it, as `hand_over` takes them: `hand_over(*owed, …)`."""


def owe(
    content: message.Message,
    protocol: Protocol,
    *,
    at: datetime,
    to: str = "",
    signing_key: Ed25519PrivateKey | None = None,
) -> Owed:
    """Seal what is owed to the other party of `protocol` (`to`: its KBO digits, where there are several).

    What a kind is owed on stands in its row; a correction that it brings is checked against the protocol. Call it
    before the transaction, as `prepare`. Raises as `duty` and `prepare`.
    """
    permit = leave(content, protocol, at=at, to=to)
    return prepare(permit, content, at=at, signing_key=signing_key), permit


def leave(content: message.Message, protocol: Protocol, *, at: datetime, to: str = "") -> Permit:
    """The permit of what is owed, for who prints it and seals nothing."""
    correction: message.Correction | None = getattr(content, "correction", None)
    ours = protocol.discloser.kbo.digits == settings.PARTY
    other = protocol.recipient if ours else protocol.discloser
    return duty(
        protocol,
        content.kind,
        content.row,
        sender=settings.PARTY,
        recipient=to or other.kbo.digits,
        at=at,
        fields=correction.fields_given() if correction else frozenset(),
        residences=correction.residences(legal_day(at)) if correction else frozenset(),
    )


def key_of(recipient: Counterparty, kind: str) -> bytes | None:
    """The key that a parcel of this kind is sealed to, or None where a person opens it with a phoned password.

    An onward referral is always for a person: its recipient is no party of the protocol (art. 4).
    """
    return bytes(recipient.parcel_key) or None if kind != "onward" else None


def _paper(content: message.Message, *, permit: Permit, for_eyes: bool) -> bytes:
    """The PDF for eyes. What two mail rooms say to each other by themselves is for no eyes: a file without pages."""
    if not content.row.for_eyes or (content.kind == "receipt" and not for_eyes):
        return NO_PAPER
    return paper.render(content, permit=permit, practice=settings.PRACTICE)


def hand_over(
    parcel: seal.Parcel, permit: Permit, *, subject: UUID, by: Actor, at: datetime, details: str = ""
) -> Outgoing:
    """Queue `parcel` and record the act on `subject`. Call inside the transaction that makes it true.

    `details`: HMAC of what was disclosed, under the record's key.
    """
    recipient = Counterparty.objects.get(kbo=permit.recipient)
    awaits_receipt = permit.kind != "receipt" or parcel.password is not None
    queued = post.queue(
        parcel,
        recipient=recipient.kbo,
        mailbox=destination.mailbox(registry.protocol(permit.protocol_id, permit.protocol_version), recipient),
        awaits_receipt=awaits_receipt,
        at=at,
        subject=subject,
        by=by.who,
        secret=keep_password(parcel, at=at) if awaits_receipt else None,
    )
    ledger.record(
        ACTS[permit.kind],
        subject,
        by=by,
        at=at,
        protocol=f"{permit.protocol_id}@{permit.protocol_version}",
        article=permit.article,
        details=details,
    )
    return queued


def keep_password(parcel: seal.Parcel, *, at: datetime) -> UUID | None:
    """Keep what opens `parcel` in the vault until its receipt: to be read out, or to seal the same content anew."""
    if not message.KINDS[parcel.kind].row.for_eyes or not parcel.opens_with:
        return None
    record = uuid4()
    due_on = legal_day(at + post.KEEP_SEALED)
    vault.put(record, {"password": parcel.opens_with}, reason=Reason.PARCEL_PASSWORD, due_on=due_on, at=at)
    return record


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
        arrival = Arrival(known.sender, known.id, protocol_of(known), known.incarnation)
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


def protocol_of(known: manifest.Manifest) -> Protocol:
    """The version that the manifest names, if it is one between its sender and us, and the same text. Else `Rejected`.

    A partner is no party of a protocol with us: a person opens what is sent onward (art. 4).
    """
    if known.protocol is None:
        raise Rejected(Rejection.PROTOCOL_DENIES)
    protocol = registry.protocol(known.protocol.id, known.protocol.version)
    between = {protocol.discloser.kbo.digits, protocol.recipient.kbo.digits} if protocol else set()
    if protocol is None or between != {known.sender, settings.PARTY}:
        raise Rejected(Rejection.UNKNOWN_PROTOCOL)
    if protocol.sha256 != known.protocol.sha256:
        raise Rejected(Rejection.OTHER_TEXT)
    return protocol


def is_denied(content: message.Message, arrival: Arrival, at: datetime) -> bool:
    """The receiver asks the protocol too: of a disclosure, and of the data that a message corrects or reports on."""
    if isinstance(content, message.Referral) and why_denied(content, arrival, at) is not None:
        return True
    return not message.fields_named(content) <= arrival.protocol.fields


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
        mailbox=settings.MAILBOX,
        met_on_duty=attested.met_on_duty,
        judged_with_client=attested.judged_with_client,
    )
    decision = decide(arrival.protocol, request, at)
    return decision if isinstance(decision, Denial) else None


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
        if receipt:
            hand_over(*receipt, subject=arrival.parcel_id, by=WORKER, at=at)


def _hear_receipt(receipt: message.Receipt, arrival: Arrival, at: datetime) -> None:
    """The mail room's part. What was refused is not told yet: the mail room lists it, and the ledger says so."""
    if receipt.result == "accepted":
        receipts.record_receipt(receipt.parcel_id, sender=arrival.sender, at=at, of=receipt.manifest_sha256)
        return
    rejection = receipt.rejection or ""
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
        if receipt:
            hand_over(*receipt, subject=known.id, by=WORKER, at=at)


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
