"""A permit and a message become a parcel; without a permit there is none (art. 3, art. 6)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message
from brug.core.parcel import archive, manifest
from brug.core.parcel.archive import ArchiveKey, Members
from brug.core.parcel.keys import encode
from brug.core.parcel.words import make_phone_password
from brug.core.protocol.decide import Permit

CHECK_CODE_LENGTH = 12  # hex digits that are read over the phone beside the password


@dataclass(frozen=True, slots=True)
class Sender:
    """Who seals. `incarnation` starts at 1 and is raised by every restore of the node."""

    kbo: str  # ten digits
    signing_key: Ed25519PrivateKey = field(repr=False)
    incarnation: int
    practice: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is mailed: an archive and a signed manifest. Made by `seal` and nowhere else.

    `password` is there only for a recipient without a node, to be read over the phone; `opens_with` always: it dies
    with the receipt.
    """

    id: UUID
    kind: str
    archive: bytes = field(repr=False)
    manifest: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    opens_with: str = field(default="", repr=False)

    @property
    def archive_name(self) -> str:
        return manifest.archive_name(self.id)

    @property
    def check_code(self) -> str:
        """What plain 7-Zip shows of the right archive: the first digits of its SHA-256."""
        return sha256(self.archive).hexdigest()[:CHECK_CODE_LENGTH]


def make_key(entropy: Callable[[int], bytes] = secrets.token_bytes, *, password: str | None = None) -> ArchiveKey:
    """A key for one archive. Costs the derivation, about 20 ms: a worker may keep some ready.

    Without `password` it gets a random one of 128 bits, in 22 printable characters.
    """
    return ArchiveKey.derive(password or encode(entropy(16)), entropy(16))


def seal(
    permit: Permit,
    content: message.Message,
    *,
    paper: Callable[[message.Message], bytes],
    parcel_id: UUID,
    at: datetime,
    sender: Sender,
    recipient_key: bytes | None,
    checkpoint: str,
    consistency: manifest.Consistency | None = None,
    key: ArchiveKey | None = None,
    password: str | None = None,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> Parcel:
    """Seal exactly what `permit` names, for the recipient that it names.

    A field of the client that the permit does not name stays behind; `paper` is given what is left, so the PDF cannot
    hold more than the message. `recipient_key` is the recipient's public parcel key, None when it has no node: then the
    parcel returns its password for the phone. `key` is one that `make_key` made ready; else `password`, else a random
    one. Raises `ValueError` when kind or sender are not those of the permit.
    """
    if (content.kind, sender.kbo) != (permit.kind, permit.discloser):
        raise ValueError("The permit is for another kind of message or for another sender.")
    content = only_permitted(permit, content)
    if key is None:
        chosen = password or (make_phone_password(entropy) if recipient_key is None else None)
        key = make_key(entropy, password=chosen)
    return _closed(
        Members(_json(content), paper(content)),
        key,
        recipient_key=recipient_key,
        sender=sender,
        entropy=entropy,
        id=parcel_id,
        kind=permit.kind,
        protocol=_agreed(permit),
        recipient=permit.recipient,
        sent_at=at.astimezone(UTC).replace(microsecond=0),
        checkpoint=checkpoint,
        consistency=consistency,
    )


def again(
    old: manifest.Manifest,
    packed: bytes,
    opens_with: str,
    *,
    parcel_id: UUID,
    at: datetime,
    sender: Sender,
    recipient_key: bytes | None,
    checkpoint: str,
    consistency: manifest.Consistency | None = None,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> Parcel:
    """The same content for the same party under the same permit, sealed to another key of theirs: no new disclosure.

    `packed` is the archive of `old`, our own manifest; `opens_with` its password. The new parcel has an id and a
    password of its own. Raises `Rejected` when the password is not the one of the archive.
    """
    members = archive.unpack(packed, ArchiveKey.derive(opens_with, archive.salt_of(packed)).derived)
    return _closed(
        members,
        make_key(entropy, password=make_phone_password(entropy) if recipient_key is None else None),
        recipient_key=recipient_key,
        sender=sender,
        entropy=entropy,
        id=parcel_id,
        kind=old.kind,
        protocol=old.protocol,
        recipient=old.recipient,
        sent_at=at.astimezone(UTC).replace(microsecond=0),
        checkpoint=checkpoint,
        consistency=consistency,
    )


def _agreed(permit: Permit) -> manifest.Agreed | None:
    """The protocol for the manifest; none for a partner, who is not told where the family came from (art. 4)."""
    if permit.kind == manifest.ONWARD:
        return None
    return manifest.Agreed(id=permit.protocol_id, version=permit.protocol_version, sha256=permit.protocol_sha256)


def _closed(
    members: Members,
    key: ArchiveKey,
    *,
    recipient_key: bytes | None,
    sender: Sender,
    entropy: Callable[[int], bytes],
    **facts: Any,
) -> Parcel:
    """The archive of `members` and its manifest with `facts`, signed and wrapped."""
    packed = archive.pack(members, key, vectors=entropy(32))
    name = manifest.archive_name(facts["id"])
    signed = manifest.Manifest(
        format=manifest.FORMAT,
        sender=sender.kbo,
        practice=sender.practice,
        incarnation=sender.incarnation,
        archive=manifest.Archive(name=name, sha256=sha256(packed).hexdigest(), size=len(packed)),
        **facts,
    )
    if recipient_key is not None:
        signed = manifest.wrap(signed, key, recipient_key)
    for_the_phone = key.password if recipient_key is None else None
    jws = manifest.sign(signed, sender.signing_key)
    return Parcel(signed.id, signed.kind, packed, jws, for_the_phone, key.password)


def only_permitted(permit: Permit, content: message.Message) -> message.Message:
    """`content` without the fields of the client that `permit` does not name.

    Raises `ValueError` when what is left is no message; its text holds no value.
    """
    if content.row.corrects:
        if not content.fields_named() <= permit.fields:
            raise ValueError("The permit does not name the field that is corrected.")
        return content
    if not isinstance(content, message.Referral | message.Onward) or content.client.fields_given() <= permit.fields:
        return content
    whole = message.dump(content)
    whole["client"] = {
        name: value for name, value in whole["client"].items() if name in permit.fields or name == "has_one_name"
    }
    try:
        return message.parse(json.dumps(whole).encode())
    except ValueError:
        raise ValueError("What the permit leaves of the client is no message: a name and a way to reach.") from None


def _json(content: message.Message) -> bytes:
    """For a person who opens the file, too: one value a line."""
    return json.dumps(message.dump(content), ensure_ascii=False, indent=1, sort_keys=True).encode()
