"""The way out of the one door: ask the protocol, seal what it permits or what is owed, hand over (art. 6).

Seal before the transaction: a key derivation inside it would hold SQLite's write lock.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import manifest, paper, seal
from brug.core.protocol.decide import Denied, Permit, Request, decide, duty
from brug.core.protocol.document import Protocol
from brug.office.disclosure import destination, ready, witness
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act, Actor
from brug.office.parties.models import Counterparty
from brug.office.post import lives
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason

TRANSPORT = "7z-aes-256-by-mail"
NO_PAPER = b"%PDF-1.7\n%%EOF\n"


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
        parcel_id=manifest.make_id(at),
        at=at,
        sender=sender,
        recipient_key=recipient_key,
        checkpoint=checkpoint,
        consistency=consistency,
        key=ready.take() if recipient_key else None,
    )


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
    permit = permit_of(content, protocol, at=at, to=to)
    return prepare(permit, content, at=at, signing_key=signing_key), permit


def permit_of(content: message.Message, protocol: Protocol, *, at: datetime, to: str = "") -> Permit:
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
    parcel: seal.Parcel,
    permit: Permit,
    *,
    subject: UUID,
    by: Actor,
    at: datetime,
    details: str = "",
    recipient: Counterparty | None = None,
    protocol: Protocol | None = None,
    mailbox: str = "",
) -> Outgoing:
    """Queue `parcel` and record the act on `subject`. Call inside the transaction that makes it true.

    `details`: HMAC of what was disclosed, under the record's key. `recipient`, `protocol`: of the permit, from who has
    read them already. `mailbox`: which of several agreed ones; where it goes is asked again at each delivery.
    """
    recipient = recipient or Counterparty.objects.get(kbo=permit.recipient)
    protocol = protocol or registry.protocol(permit.protocol_id, permit.protocol_version)
    awaits_receipt = permit.kind != "receipt" or parcel.password is not None
    queued = post.queue(
        parcel,
        recipient=recipient.kbo,
        mailbox=destination.mailbox(protocol, recipient, mailbox),
        awaits_receipt=awaits_receipt,
        at=at,
        subject=subject,
        by=by.who,
        secret=keep_password(parcel, at=at) if awaits_receipt else None,
    )
    ledger.record(
        Act(message.KINDS[permit.kind].row.act),
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
