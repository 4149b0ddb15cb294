"""The keyring: one key-encryption key (KEK) a due day; who destroys it has erased that day (art. 3).

    unlock secret ─ wraps ─ key of the epoch ─ wraps ─ KEK ─ wraps ─ data-encryption key (DEK) ─ seals ─ envelope

Two things make an erasure final. Of a whole KEK: its row is deleted, and after the next epoch no key opens a copy.
Of one record: its wrapped DEK is deleted, and the KEK is replaced in the next epoch, under which the other DEKs are
wrapped again; so a leftover of the wrapped DEK opens with no key that still exists (decision 13).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from brug.core.calendar import legal_day
from brug.office.keys import epochs
from brug.office.vault.locks import one_at_a_time
from brug.office.vault.models import DataEncryptionKey, KeyEncryptionKey

BATCH = 500  # KEKs in one transaction of a rotation
_NONCE = 12
_LOCK = 0x6272_7661  # PostgreSQL advisory lock of the keyring


class Erased(LookupError):
    """There is no such record any more, or there never was."""


def add(record: UUID, *, due_on: date | None, at: datetime) -> bytes:
    """Make a DEK for `record`, under the KEK of `due_on` (None: it waits for an event). Call inside a transaction."""
    share()
    key = AESGCM.generate_key(256)
    kek = _kek_for(due_on, epochs.current(at))
    DataEncryptionKey.objects.create(record=record, kek=kek.id, wrapped=_wrap(_opened(kek), key, _place(kek, record)))
    return key


def key_of(record: UUID) -> bytes:
    """The DEK of `record`. Raises `Erased`."""
    wrapped, kek = _find(record)
    try:
        opened = _opened(kek)
    except FileNotFoundError:  # a rotation ended since we looked
        wrapped, kek = _find(record)
        opened = _opened(kek)
    return _unwrap(opened, wrapped, _place(kek, record))


def keys_of(records: Sequence[UUID]) -> dict[UUID, bytes]:
    """The DEKs of many records, with two statements. Raises `Erased` when one of them is."""
    rows = list(DataEncryptionKey.objects.filter(record__in=records))
    keks = {kek.id: kek for kek in KeyEncryptionKey.objects.filter(id__in={row.kek for row in rows})}
    opened: dict[UUID, bytes] = {}
    found: dict[UUID, bytes] = {}
    for row in rows:
        with suppress(KeyError, FileNotFoundError, InvalidTag):  # moved or rotated between the two: asked for below
            if row.kek not in opened:
                opened[row.kek] = _opened(keks[row.kek])
            found[row.record] = _unwrap(opened[row.kek], bytes(row.wrapped), _place(keks[row.kek], row.record))
    return found | {record: key_of(record) for record in records if record not in found}


def move(record: UUID, *, due_on: date | None) -> None:
    """The record is due on another day: its DEK moves under the KEK of that day. Call in a transaction. `Erased`."""
    share()
    before, kek = _find(record)
    if kek.due_on == due_on:
        return
    key = _unwrap(_opened(kek), before, _place(kek, record))
    there = _kek_for(due_on, epochs.current())
    wrapped = _wrap(_opened(there), key, _place(there, record))
    DataEncryptionKey.objects.filter(record=record).update(kek=there.id, wrapped=wrapped)
    _mark([kek.id])


def remove(records: Sequence[UUID]) -> int:
    """Destroy the DEKs of `records`; how many there were. What is left of them dies with the next epoch.

    Call inside a transaction.
    """
    share()
    found = DataEncryptionKey.objects.filter(record__in=records)
    _mark(found.values_list("kek", flat=True))
    return found.delete()[0]


def destroy_due(day: date, but: Iterable[UUID]) -> int:
    """Destroy the KEKs that are due on `day` or before, but those that hold one of the records `but`; how many.

    Every envelope under them is noise when this commits; the rows may follow later. Call inside a transaction that
    holds the keyring alone.
    """
    kept = DataEncryptionKey.objects.filter(record__in=but).values("kek")
    return KeyEncryptionKey.objects.filter(due_on__lte=day).exclude(id__in=kept).delete()[0]


def rotate(at: datetime, *, batch: int = BATCH, renew: bool = False) -> int:
    """Wrap every KEK in the epoch of today, another one where a record was erased or moved; how many.

    Then destroys the keys of the earlier epochs. `renew` begins another epoch today, which makes what was erased today
    final at once. May die at any point: each KEK names its epoch, and no epoch goes that a KEK still names.
    One rotation at a time: two to two epochs would take the KEKs from each other for ever.
    """
    with one_at_a_time("rotation"):
        return _rotate(at, batch=batch, renew=renew)


def _rotate(at: datetime, *, batch: int, renew: bool) -> int:
    epoch = epochs.begin(at, renew=renew)
    moved = 0
    while True:
        with transaction.atomic():
            alone()
            keks = list(KeyEncryptionKey.objects.exclude(epoch=epoch)[:batch])
            for kek in keks:
                _renew(kek, epoch)
        if not keks:
            break
        moved += len(keks)
    truncate_log()  # before the keys go: what is destroyed may not depend on what is only in the log
    with transaction.atomic():
        alone()
        KeyEncryptionKey.objects.exclude(Exists(DataEncryptionKey.objects.filter(kek=OuterRef("id")))).delete()
        for other in epochs.names():
            if other != epoch and not KeyEncryptionKey.objects.filter(epoch=other).exists():
                epochs.destroy(other)
    epochs.forget_sealed(legal_day(at))
    return moved


def _renew(kek: KeyEncryptionKey, epoch: str) -> None:
    """Wrap `kek` in `epoch`; where a record has left it, another key in its place, and the DEKs again under that."""
    key = before = _opened(kek)
    if kek.has_lost:
        key = AESGCM.generate_key(256)
        rows = []
        for record, wrapped in DataEncryptionKey.objects.filter(kek=kek.id).values_list("record", "wrapped"):
            place = _place(kek, record)
            rows.append((_wrap(key, _unwrap(before, bytes(wrapped), place), place), record))
        _store(rows)
    wrapped = _wrap(epochs.read(epoch), key, _name(kek.id, epoch))
    KeyEncryptionKey.objects.filter(id=kek.id).update(epoch=epoch, wrapped=wrapped, has_lost=False)


def _store(rows: Sequence[tuple[bytes, UUID]]) -> None:
    """An UPDATE for each: a row that is gone stays gone."""
    native = connection.features.has_native_uuid_field
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE vault_wrappedkey SET wrapped = %s WHERE record = %s",
            [(wrapped, record if native else record.hex) for wrapped, record in rows],
        )


def share() -> None:
    """Keep the rotation and the sweep out until this transaction ends; others may share (SQLite: one writes anyway)."""
    _lock("pg_advisory_xact_lock_shared")


def alone() -> None:
    """Wait for all who share the keyring, and keep them out until this transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(how: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}({_LOCK})")


def truncate_log() -> None:
    """Empty SQLite's write-ahead log, where erased keys would outlive their rows. Call outside a transaction."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _find(record: UUID) -> tuple[bytes, KeyEncryptionKey]:
    """The wrapped DEK of `record` and its KEK, as they were at one moment: one statement. Raises `Erased`."""
    row = DataEncryptionKey.objects.filter(record=record)
    kek = KeyEncryptionKey.objects.filter(id__in=row.values("kek")).annotate(key=row.values("wrapped")[:1]).first()
    if kek is None:
        raise Erased
    return bytes(kek.key), kek


def _kek_for(due_on: date | None, epoch: str) -> KeyEncryptionKey:
    """The KEK that records of `due_on` join in this epoch. Two at once may make two: that costs one row."""
    if found := KeyEncryptionKey.objects.filter(due_on=due_on, made_in=epoch, epoch=epoch).first():
        return found
    made = KeyEncryptionKey(due_on=due_on, made_in=epoch, epoch=epoch)
    made.wrapped = _wrap(epochs.read(epoch), AESGCM.generate_key(256), _name(made.id, epoch))
    made.save(force_insert=True)
    return made


def _mark(keks: Iterable[UUID]) -> None:
    """A record leaves these: they need another key. Only the first one of a day has to wait for a row."""
    KeyEncryptionKey.objects.filter(id__in=keks, has_lost=False).update(has_lost=True)


def _opened(kek: KeyEncryptionKey) -> bytes:
    return _unwrap(epochs.read(kek.epoch), bytes(kek.wrapped), _name(kek.id, kek.epoch))


def _name(kek: UUID, epoch: str) -> str:
    return f"bunch|{epoch}|{kek}"  # as nodes of 0.2.0 sealed it


def _place(kek: KeyEncryptionKey, record: UUID) -> str:
    return f"dek|{kek.id}|{record}"


def _wrap(under: bytes, key: bytes, about: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(under).encrypt(nonce, key, about.encode())


def _unwrap(under: bytes, wrapped: bytes, about: str) -> bytes:
    return AESGCM(under).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about.encode())
