"""The journal: a copy of the ledger outside the node, from which a restored one goes on where it was (art. 6).

Lines of JSON as in the export: the entries of a checkpoint, then its note. What was signed but is not in a backup is
rolled forward from here, so that no smaller tree is ever signed under the same name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from brug.core import note, tree
from brug.core.identity import Invalid
from brug.office.ledger import queries
from brug.office.ledger.models import Checkpoint, Entry, Tile, line

ROOM = 10_000_000  # entries that may have been made between a backup and the restore
FIELDS = ("at", "act", "by", "role", "subject", "protocol", "article", "details")


def since(size: int) -> str:
    """The lines of what was signed after the first `size` entries; `""` when there is nothing new."""
    newest = Checkpoint.objects.order_by("-number").first()
    if newest is None or newest.size <= size:
        return ""
    found = queries.lines(queries.rows(size, newest.size))
    return "".join(f"{text}\n" for text in found) + json.dumps({"checkpoint": newest.note}) + "\n"


def size_in(text: str) -> int | None:
    """How many entries a line `{"checkpoint": …}` covers; None for another line."""
    if not text.startswith('{"checkpoint"'):
        return None
    return note.Checkpoint.parse(note.read(json.loads(text)["checkpoint"])).size


def roll_forward(lines: Iterable[str]) -> int:
    """Take over from `lines` what this ledger does not have; how many entries. Raises `Invalid`: not this ledger.

    Each checkpoint is taken over whole or not at all: its signature must be ours and its root must come out.
    """
    pending: list[str] = []
    done = 0
    for text in lines:
        if text.startswith('{"entry"'):
            pending.append(text.rstrip("\n"))
        elif (size := size_in(text)) is not None:
            done += _take_over(json.loads(text)["checkpoint"], size, pending)
            pending = []
    return done


def is_behind() -> bool:
    """Whether this ledger was restored and may lack what was signed already: then nothing is signed."""
    return _mark().exists()


def fall_behind() -> None:
    """From now on nothing is signed; what is recorded gets numbers that no entry of the journal has."""
    on_sqlite = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = 'ledger_entry'"
    elsewhere = "SELECT setval(pg_get_serial_sequence('ledger_entry', 'id'), %s + (SELECT max(id) FROM ledger_entry))"
    with connection.cursor() as cursor:
        cursor.execute(on_sqlite if connection.vendor == "sqlite" else elsewhere, [ROOM])
    _mark().write_text(str(_newest()))


def behind_since() -> int:
    """The leaf of the last entry that the backup brought, -1 for none; the same however often catching up goes on."""
    kept = _mark().read_text() if is_behind() else ""
    return int(kept) if kept else _newest()


def _newest() -> int:
    newest = Entry.objects.aggregate(last=Max("leaf"))["last"]
    return -1 if newest is None else int(newest)


def catch_up() -> None:
    """It is signed again: it has what was signed, or people know that it has not."""
    _mark().unlink(missing_ok=True)


def _mark() -> Path:
    return Path(settings.HOME) / "ledger-is-behind"


@transaction.atomic
def _take_over(signed: str, size: int, pending: list[str]) -> int:
    newest = Checkpoint.objects.order_by("-number").first()
    there, number = (newest.size, newest.number) if newest else (0, 0)
    if size <= there:
        return 0
    wanted = pending[-(size - there) :] if len(pending) >= size - there else []
    text, _ = note.verify(signed, queries.signing_keys())
    hashes = [tree.leaf_hash(entry.encode()) for entry in wanted]
    root = tree.root_at(Tile.grow(queries.stored_tiles(), there, hashes), there + len(wanted))
    if text != str(note.Checkpoint(queries.origin(), size, root)):
        raise Invalid("not_this_ledger", "The journal of this very ledger, whole from the time of the backup on.")
    for leaf, entry in enumerate(wanted, there):
        _insert(entry, leaf)
    Checkpoint.objects.create(number=number + 1, size=size, root=root, note=signed)
    return len(wanted)


def _insert(text: str, leaf: int) -> None:
    """An entry that waited for its place in the backup only gets its place; the root has told that it is the same."""
    told = json.loads(text)
    known = Entry.objects.filter(pk=told["entry"]).first()
    if known is None:
        values = {name: told[name] for name in FIELDS} | {"at": datetime.fromisoformat(told["at"])}
        known = Entry(pk=told["entry"], **values)
        known.save(force_insert=True)
    if line(told["entry"], *(told[name] for name in FIELDS)) != str(known):
        raise Invalid("not_this_ledger", "The journal of this very ledger, whole from the time of the backup on.")
    Entry.objects.filter(pk=known.pk, leaf=None).update(leaf=leaf)
