"""Write the ledger: record in the verb's transaction, put in order and sign (art. 6). Witnesses: witnessing.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from brug.core import note, tree
from brug.core.identity import Invalid
from brug.office.ledger import journal, queries
from brug.office.ledger.acts import FAMILY, OPERATOR, WORKER, Act, Actor, Beside
from brug.office.ledger.models import Checkpoint, Entry, Tile
from brug.office.ledger.queries import Finding, latest_checkpoint, verify
from brug.office.roles import Role

__all__ = ["Finding", "latest_checkpoint", "verify"]  # of queries, which are asked for here too

BATCH = 10_000  # entries put in order in one transaction
ROLES = frozenset({*Role, Beside.APPLICATION})  # other software acts for a member who allowed it
_LOCK = 0x6272_7567  # PostgreSQL advisory lock of the sequencer

_SHAPES = {
    "act": (60, re.compile(r"[a-z]+([._][a-z]+)*")),
    "by": (32, re.compile(r"[0-9a-f]{32}")),  # a pseudonym
    "subject": (120, re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]+(-[a-z0-9]+)+@[0-9]{1,4}|node")),
    "protocol": (120, re.compile(r"([a-z0-9]+(-[a-z0-9]+)+@[0-9]{1,4})?")),
    "article": (40, re.compile(r"((art\.|GDPR|recital) [0-9A-H]{1,2}(\([0-9]\))?(\([a-z]\))?)?")),
    "details": (64, re.compile(r"([0-9a-f]{64})?")),
}


class NotWhole(Exception):
    """The stored tree is not the one that was signed last; nothing more is signed. Look with `brug ledger verify`."""


def record(
    act: Act,
    subject: UUID | str,
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    protocol: str = "",
    article: str | None = None,
    details: str = "",
) -> Entry:
    """Add one act to the ledger, in the transaction of the verb itself: both happen or neither does.

    `subject` is a random number (UUID), a protocol as `id@version`, or `node`; `why` the code of a reason, for an act
    that asks one; `article` the ground where it is not the act's own; `details` an HMAC in 64 hexadecimal digits.
    Anything else is refused, so that nothing of a person can get in here. Raises `ValueError` (our bug: the value is
    not repeated) and `RuntimeError` outside a transaction.
    """
    return record_all(act, [subject], by=by, at=at, why=why, protocol=protocol, article=article, details=details)[0]


def record_all(
    act: Act,
    subjects: Sequence[UUID | str],
    *,
    by: Actor,
    at: datetime,
    why: str = "",
    protocol: str = "",
    article: str | None = None,
    details: str = "",
) -> list[Entry]:
    """The same act on many subjects: an entry each, with one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("An act is recorded inside the transaction that does it.")
    if at.tzinfo is None:
        raise ValueError("`at` is an aware instant.")
    if bool(why) != act.reasoned:
        raise ValueError("An act has a reason when it asks one.")
    told = {
        "act": f"{act}.{why}" if why else act.value,
        "by": by.who,
        "protocol": protocol,
        "article": act.article if article is None else article,
        "details": details,
    }
    if by not in (WORKER, OPERATOR, FAMILY):
        if by.role not in ROLES:
            raise ValueError("`role` is the code of a role.")
        _check("by", by.who)
    for name in ("act", "protocol", "article", "details"):
        _check(name, told[name])
    for subject in subjects:
        _check("subject", str(subject))
    return Entry.objects.bulk_create(Entry(at=at, role=by.role, subject=str(subject), **told) for subject in subjects)


def _check(name: str, value: str) -> None:
    length, shape = _SHAPES[name]
    if len(value) > length or not shape.fullmatch(value):
        raise ValueError(f"`{name}` of a ledger entry is an identifier of the agreed shape (docs/spec/ledger.md).")


def sequence(at: datetime) -> int:
    """Give every entry that has none its place in the tree and sign the tree; how many there were.

    Nothing while a restored ledger is behind what it signed (journal.py).
    Safe to run at any moment, from any number of processes. Entries that are committed later come later, whatever
    their id: nobody remembers a highest one. Raises `NotWhole`.
    """
    done = 0
    if journal.is_behind():
        return done
    while count := _sequence_batch(at):
        done += count
        if count < BATCH:
            break
    return done


def checkpoint(at: datetime) -> str:
    """Put in order what is pending and return the newest signed note; `""` while nothing was ever recorded."""
    sequence(at)
    return latest_checkpoint()


@transaction.atomic
def _sequence_batch(at: datetime) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        else:  # takes the write lock, also where a transaction begins by reading
            cursor.execute("UPDATE ledger_checkpoint SET size = size WHERE 0")
    pending = queries.pending(BATCH)
    if not pending:
        return 0
    newest = Checkpoint.objects.order_by("-number").first()
    size, number = (newest.size, newest.number) if newest else (0, 0)
    tiles = queries.stored_tiles()
    if newest and tree.root_at(tiles, size) != bytes(newest.root):
        raise NotWhole
    hashes = [tree.leaf_hash(text.encode()) for text in queries.lines(pending)]
    with connection.cursor() as cursor:
        places = [(leaf, row[1]) for leaf, row in enumerate(pending, size)]
        cursor.executemany("UPDATE ledger_entry SET leaf = %s WHERE id = %s AND leaf IS NULL", places)
    tiles = Tile.grow(tiles, size, hashes)
    at = max(at, _signed_at(newest)) if newest else at  # or a clock that is put back would convict this party
    _sign(number + 1, size + len(pending), tiles, at)
    return len(pending)


def _signed_at(newest: Checkpoint) -> datetime:
    try:
        return queries.signed_at(newest)
    except (Invalid, StopIteration):
        raise NotWhole from None


def _sign(number: int, size: int, tiles: tree.Tiles, at: datetime) -> None:
    signed = note.Checkpoint(queries.origin(), size, tree.root_at(tiles, size))
    Checkpoint.objects.create(number=number, size=size, root=signed.root, note=queries.signed(signed, at))
