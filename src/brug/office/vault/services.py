"""Keep, read and erase personal data: each record an AES-256-GCM envelope under a key of its own (art. 3).

Erasing deletes the wrapped key, the envelope and its index rows. What is left of them on the disk (free pages,
write-ahead log, backups) dies by the keys, see keyring.py.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from brug.core.names import WORDS
from brug.office.keys import services as keys
from brug.office.vault import keyring
from brug.office.vault.keyring import Erased, rotate, truncate_log
from brug.office.vault.models import BlindIndex, Envelope, Erasure, Hold, Typed
from brug.office.vault.reasons import Reason

__all__ = ["Erased", "put", "read", "rotate", "truncate_log"]
INDEX_BITS = 15  # of a blind index: a town's referrals share a value now and then, which is the point
NAME = "name"  # the field of which every word is a row of its own
DAY = timedelta(days=1)
_NONCE = 12


@transaction.atomic(savepoint=False)
def put(
    record: UUID,
    content: Mapping[str, Any],
    *,
    reason: Reason,
    due_on: date | None,
    at: datetime,
    protocol: str = "",
    indexes: Mapping[str, str] | None = None,
) -> None:
    """Seal `content` (JSON values) as `record`. `due_on`: first day it may no longer be here; None = an event ends it.

    `indexes`: field name → normalised value by which the record may be found, "" for none; a `name` is folded
    (core/names.py) and found by each of its words. Call inside the transaction of the act.
    """
    key = keyring.add(record, due_on=due_on, at=at)
    Envelope.objects.create(
        record=record,
        content=_seal(key, record, content),
        reason=reason,
        protocol=protocol,
        due_on=due_on,
        kept_since=at,
    )
    BlindIndex.objects.bulk_create(_rows(record, indexes or {}))


def read(record: UUID) -> dict[str, Any]:
    """What `put` sealed. Raises `Erased`."""
    envelope = Envelope.objects.filter(record=record).first()
    if envelope is None:
        raise Erased
    return _opened(keyring.key_of(record), envelope)


def read_all(records: Sequence[UUID]) -> list[dict[str, Any]]:
    """The same of many, in their order. Raises `Erased` when one of them is."""
    envelopes = Envelope.objects.in_bulk(list(records))
    if len(envelopes) < len(set(records)):
        raise Erased
    keys = keyring.keys_of(records)
    return [_opened(keys[record], envelopes[record]) for record in records]


def read_those(records: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of many, what is still here: record → what `put` sealed. Two statements, however many."""
    envelopes = Envelope.objects.in_bulk(list(records))
    keys = keyring.keys_of(list(envelopes))
    return {record: _opened(keys[record], envelope) for record, envelope in envelopes.items()}


@transaction.atomic(savepoint=False)  # a part of the act: they stand or fall together
def replace(
    record: UUID,
    content: Mapping[str, Any],
    *,
    reason: Reason,
    due_on: date | None,
    at: datetime,
    protocol: str = "",
    indexes: Mapping[str, str] | None = None,
) -> None:
    """Put `content` in the place of what `record` held, under a new key: the old words die as in an erasure."""
    forget(record)
    put(record, content, reason=reason, due_on=due_on, at=at, protocol=protocol, indexes=indexes)


@transaction.atomic(savepoint=False)
def amend(record: UUID, content: Mapping[str, Any], *, at: datetime) -> None:
    """Put `content` in the place of what `record` held, under a new key; reason, term and indexes stay. `Erased`."""
    kept = Envelope.objects.filter(record=record).first()
    if kept is None:
        raise Erased
    keyring.remove([record])
    kept.delete()
    put(record, content, reason=Reason(kept.reason), due_on=kept.due_on, at=at, protocol=kept.protocol)


@transaction.atomic(savepoint=False)
def erase(record: UUID, *, about: UUID | None = None) -> bool:
    """Destroy the key, the envelope and the index rows of `record`; whether there was one. Cannot be undone.

    A node that is restored from a backup erases it again. `about`: the sender's number of what brought it, when that
    may then not come in anew either.
    """
    destroyed = forget(record)
    let_go_typed(Typed.objects.filter(about=record))
    if destroyed:
        Erasure.objects.bulk_create([Erasure(record=record, about=about)], ignore_conflicts=True)
    return destroyed


@transaction.atomic(savepoint=False)
def forget(record: UUID) -> bool:
    """As `erase`, but what it held lives on elsewhere: a restored node erases nothing for it."""
    destroyed = keyring.remove([record])
    Envelope.objects.filter(record=record).delete()
    BlindIndex.objects.filter(record=record).delete()
    return bool(destroyed)


def let_go_typed(rows: QuerySet[Typed]) -> None:
    """Destroy the keys and the envelopes of what members typed, with its rows. Call inside a transaction."""
    if records := list(rows.values_list("record", flat=True)):
        keyring.remove(records)
        Envelope.objects.filter(record__in=records).delete()
        Typed.objects.filter(record__in=records).delete()


@transaction.atomic
def keep(record: UUID, *, reason: Reason, due_on: date | None) -> None:
    """Give `record` another reason and end. Raises `Erased`."""
    if not Envelope.objects.filter(record=record).update(reason=reason, due_on=due_on):
        raise Erased
    keyring.move(record, due_on=due_on)


def terms(records: Sequence[UUID], today: date) -> list[tuple[Reason, date | None]]:
    """Why each of `records` that is here is here, and the first day on which it is no longer, a hold counted in."""
    held = {hold.record: hold.until_on for hold in Hold.objects.filter(record__in=records, until_on__gte=today)}
    found = (
        Envelope.objects.filter(record__in=records)
        .order_by("kept_since", "pk")
        .values_list("record", "reason", "due_on")
    )
    return [
        (Reason(reason), due_on and max(due_on, held.get(record, due_on - DAY) + DAY))
        for record, reason, due_on in found
    ]


def due(today: date) -> list[UUID]:
    """The records that may no longer be here on the legal day `today`, the oldest end first."""
    return list(Envelope.objects.filter(due_on__lte=today).order_by("due_on").values_list("record", flat=True))


def candidates(field: str, value: str) -> list[UUID]:
    """The records whose `field` may equal the normalised `value`, as `candidates_of` finds them."""
    return list(candidates_of({field: value}))


def candidates_of(asked: Mapping[str, str]) -> set[UUID]:
    """The records of which a field may equal its normalised value in `asked` (field name → value, "" asks nothing).

    Compare after reading, an index is truncated. Of a folded `name`: those that may have two of its words, or the one
    that it has. One statement, however many fields are asked.
    """
    words = {_short(blind(NAME, word)) for word in asked.get(NAME, "").split()}
    wanted = Q(field=NAME, digest__in=words)
    for field, value in asked.items():
        if value and field != NAME:
            wanted |= Q(field=field, digest=_short(blind(field, value)))
    rows = BlindIndex.objects.filter(wanted).values("record")
    counted = rows.annotate(found=Count("digest"), others=Count("digest", filter=~Q(field=NAME)))
    enough = Q(others__gt=0) | Q(found__gte=max(1, min(2, len(words))))
    return set(counted.filter(enough).values_list("record", flat=True))


def mark(field: str, value: str) -> str:
    """The full keyed digest of a value in hexadecimal, "" for none; of a folded `name` one for each word, sorted."""
    values = value.split() if field == NAME else [value] if value else []
    return " ".join(sorted(blind(field, each).hex() for each in values))


def _rows(record: UUID, indexes: Mapping[str, str]) -> Iterator[BlindIndex]:
    """The rows of a record: as many of each field whatever its value, so that their number says nothing of a person."""
    for field, value in indexes.items():
        values = value.split()[:WORDS] if field == NAME else [value] if value else []
        digests = {_short(blind(field, each)) for each in values}
        while len(digests) < (WORDS if field == NAME else 1):
            digests.add(secrets.randbelow(1 << INDEX_BITS))
        yield from (BlindIndex(record=record, field=field, digest=each) for each in sorted(digests))


def blind(field: str, value: str) -> bytes:
    """The full keyed digest of a value: only ever stored inside an envelope, or truncated in an index."""
    return hmac.digest(keys.index_key(), f"{field}\0{value}".encode(), "sha256")


def index(record: UUID, field: str, value: str) -> None:
    """Let `record` be found by `value` in the place of what it was found by as `field`."""
    BlindIndex.objects.filter(record=record, field=field).delete()
    BlindIndex.objects.bulk_create(_rows(record, {field: value}))


def digest(record: UUID, details: bytes) -> str:
    """HMAC-SHA-256 of `details` under the record's key: provable while the record lives, noise afterwards."""
    return hmac.digest(keyring.key_of(record), b"brug/details/1\0" + details, "sha256").hex()


def _short(full: bytes) -> int:
    return int.from_bytes(full[:4]) >> (32 - INDEX_BITS)


def _about(record: UUID) -> bytes:
    return f"vault_envelope|content|{record}|1".encode()


def _opened(key: bytes, envelope: Envelope) -> dict[str, Any]:
    """What is in it. Between the look at the key and that at the envelope a colleague may have put it under another
    key (`amend`): then both are looked at once more. Raises `Erased`."""
    try:
        return _open(key, envelope)
    except InvalidTag:
        now = Envelope.objects.filter(record=envelope.record).first()
        if now is None:
            raise Erased from None
        return _open(keyring.key_of(envelope.record), now)


def _open(key: bytes, envelope: Envelope) -> dict[str, Any]:
    stored = bytes(envelope.content)
    plain = AESGCM(key).decrypt(stored[:_NONCE], stored[_NONCE:], _about(envelope.record))
    return dict(json.loads(plain))


def _seal(key: bytes, record: UUID, content: Mapping[str, Any]) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(content).encode(), _about(record))
