"""The keyring: record keys in bunches by the day they leave; one bunch destroyed is a day erased (art. 3).

    unlock secret ─ wraps ─ key of the epoch ─ wraps ─ key of a bunch ─ wraps ─ record key ─ seals ─ envelope

Two things make an erasure final. A whole bunch: its row goes, and with the next epoch every copy of its key is noise.
One record of a bunch: its wrapped key goes, and the bunch gets another key in the next epoch, under which its other
records are wrapped again; so a leftover of the wrapped key opens with no key that still exists (decision 13).
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
from brug.office.vault.models import Bunch, WrappedKey

BATCH = 500  # bunches in one transaction of a rotation
_NONCE = 12
_LOCK = 0x6272_7661  # PostgreSQL advisory lock of the keyring


class Erased(LookupError):
    """There is no such record any more, or there never was."""


def add(record: UUID, *, due_on: date | None, at: datetime) -> bytes:
    """Make a key for `record`, in the bunch of `due_on` (None: it waits for an event). Call inside a transaction."""
    share()
    key = AESGCM.generate_key(256)
    bunch = _bunch_for(due_on, epochs.current(at))
    WrappedKey.objects.create(record=record, bunch=bunch.id, wrapped=_wrap(_opened(bunch), key, _place(bunch, record)))
    return key


def key_of(record: UUID) -> bytes:
    """The key of `record`. Raises `Erased`."""
    wrapped, bunch = _find(record)
    try:
        opened = _opened(bunch)
    except FileNotFoundError:  # a rotation ended since we looked
        wrapped, bunch = _find(record)
        opened = _opened(bunch)
    return _unwrap(opened, wrapped, _place(bunch, record))


def keys_of(records: Sequence[UUID]) -> dict[UUID, bytes]:
    """The keys of many records, with two statements. Raises `Erased` when one of them is."""
    rows = list(WrappedKey.objects.filter(record__in=records))
    bunches = {bunch.id: bunch for bunch in Bunch.objects.filter(id__in={row.bunch for row in rows})}
    opened: dict[UUID, bytes] = {}
    found: dict[UUID, bytes] = {}
    for row in rows:
        with suppress(KeyError, FileNotFoundError, InvalidTag):  # moved or rotated between the two: asked for below
            if row.bunch not in opened:
                opened[row.bunch] = _opened(bunches[row.bunch])
            found[row.record] = _unwrap(opened[row.bunch], bytes(row.wrapped), _place(bunches[row.bunch], row.record))
    return found | {record: key_of(record) for record in records if record not in found}


def move(record: UUID, *, due_on: date | None) -> None:
    """The record leaves on another day: its key moves to the bunch of that day. Call inside a transaction. `Erased`."""
    share()
    before, bunch = _find(record)
    if bunch.due_on == due_on:
        return
    key = _unwrap(_opened(bunch), before, _place(bunch, record))
    there = _bunch_for(due_on, epochs.current())
    wrapped = _wrap(_opened(there), key, _place(there, record))
    WrappedKey.objects.filter(record=record).update(bunch=there.id, wrapped=wrapped)
    _mark([bunch.id])


def remove(records: Sequence[UUID]) -> int:
    """Destroy the keys of `records`; how many there were. What is left of them dies with the next epoch.

    Call inside a transaction.
    """
    share()
    found = WrappedKey.objects.filter(record__in=records)
    _mark(found.values_list("bunch", flat=True).distinct())
    return found.delete()[0]


def destroy_due(day: date, but: Iterable[UUID]) -> int:
    """Destroy the bunches that are due on `day` or before, but those that hold one of the records `but`; how many.

    Every envelope under them is noise when this commits; the rows may follow later. Call inside a transaction that
    holds the keyring alone.
    """
    kept = WrappedKey.objects.filter(record__in=but).values("bunch")
    return Bunch.objects.filter(due_on__lte=day).exclude(id__in=kept).delete()[0]


def rotate(at: datetime, *, batch: int = BATCH, renew: bool = False) -> int:
    """Move every bunch to the epoch of today, with another key where a record has left; how many moved.

    Then destroys the keys of the earlier epochs. `renew` begins another epoch today, which makes what was erased today
    final at once. May die at any point: each bunch names its epoch, and no epoch goes that a bunch still names.
    One rotation at a time: two to two epochs would take the bunches from each other for ever.
    """
    with one_at_a_time("rotation"):
        return _rotate(at, batch=batch, renew=renew)


def _rotate(at: datetime, *, batch: int, renew: bool) -> int:
    epoch = epochs.begin(at, renew=renew)
    moved = 0
    while True:
        with transaction.atomic():
            alone()
            bunches = list(Bunch.objects.exclude(epoch=epoch)[:batch])
            for bunch in bunches:
                _renew(bunch, epoch)
        if not bunches:
            break
        moved += len(bunches)
    truncate_log()  # before the keys go: what is destroyed may not depend on what is only in the log
    with transaction.atomic():
        alone()
        Bunch.objects.exclude(Exists(WrappedKey.objects.filter(bunch=OuterRef("id")))).delete()
        for other in epochs.names():
            if other != epoch and not Bunch.objects.filter(epoch=other).exists():
                epochs.destroy(other)
    epochs.forget_sealed(legal_day(at))
    return moved


def _renew(bunch: Bunch, epoch: str) -> None:
    """Wrap the key of `bunch` in `epoch`; where a record has left it, another key, and the others again under it."""
    key = before = _opened(bunch)
    if bunch.has_lost:
        key = AESGCM.generate_key(256)
        rows = []
        for record, wrapped in WrappedKey.objects.filter(bunch=bunch.id).values_list("record", "wrapped"):
            place = _place(bunch, record)
            rows.append((_wrap(key, _unwrap(before, bytes(wrapped), place), place), record))
        _store(rows)
    wrapped = _wrap(epochs.read(epoch), key, _name(bunch.id, epoch))
    Bunch.objects.filter(id=bunch.id).update(epoch=epoch, wrapped=wrapped, has_lost=False)


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
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def alone() -> None:
    """Wait for all who share the keyring, and keep them out until this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def truncate_log() -> None:
    """Empty SQLite's write-ahead log, where erased keys would outlive their rows. Call outside a transaction."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _find(record: UUID) -> tuple[bytes, Bunch]:
    """The wrapped key of `record` and its bunch, as they were at one moment: one statement. Raises `Erased`."""
    row = WrappedKey.objects.filter(record=record)
    bunch = Bunch.objects.filter(id__in=row.values("bunch")).annotate(key=row.values("wrapped")[:1]).first()
    if bunch is None:
        raise Erased
    return bytes(bunch.key), bunch


def _bunch_for(due_on: date | None, epoch: str) -> Bunch:
    """The bunch that records of `due_on` join in this epoch. Two at once may make two: that costs one row."""
    if found := Bunch.objects.filter(due_on=due_on, made_in=epoch, epoch=epoch).first():
        return found
    made = Bunch(due_on=due_on, made_in=epoch, epoch=epoch)
    made.wrapped = _wrap(epochs.read(epoch), AESGCM.generate_key(256), _name(made.id, epoch))
    made.save(force_insert=True)
    return made


def _mark(bunches: Iterable[UUID]) -> None:
    """A record leaves these: they need another key. Only the first one of a day has to wait for a row."""
    Bunch.objects.filter(id__in=bunches, has_lost=False).update(has_lost=True)


def _opened(bunch: Bunch) -> bytes:
    return _unwrap(epochs.read(bunch.epoch), bytes(bunch.wrapped), _name(bunch.id, bunch.epoch))


def _name(bunch: UUID, epoch: str) -> str:
    return f"bunch|{epoch}|{bunch}"


def _place(bunch: Bunch, record: UUID) -> str:
    return f"dek|{bunch.id}|{record}"


def _wrap(under: bytes, key: bytes, about: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(under).encrypt(nonce, key, about.encode())


def _unwrap(under: bytes, wrapped: bytes, about: str) -> bytes:
    return AESGCM(under).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], about.encode())
