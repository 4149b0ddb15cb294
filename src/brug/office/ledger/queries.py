"""Read the ledger: entries as they stand in the database, proofs from its tree, whether it is whole (art. 6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TextIO
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, models

from brug.core import note, tree
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.office.keys import services as keys
from brug.office.ledger.acts import Act
from brug.office.ledger.models import COLUMNS, Checkpoint, Cosignature, Entry, Held, Tile, Witnessed, line

PAGE = 32 * tree.WIDTH  # entries read at a time
LEVELS = 7  # of tiles: 256^7 entries
FORMAT = "brug/ledger/1"

Row = tuple[Any, ...]
"""An entry as the database gives it: its leaf, then the parts of its line in their order."""


def origin(party: str | None = None) -> str:
    """The name of the ledger of `party` (KBO digits, else this node's), and of the key that signs it."""
    return f"brug/{party or settings.PARTY}/ledger"


def signing_keys() -> tuple[note.Key, note.Key]:
    """The public halves of the one key that signs checkpoints, and (as a cosignature) when they were signed."""
    public = keys.checkpoint_key().public_key().public_bytes_raw()
    return note.Key(origin(), public, note.SIGNED), note.Key(origin(), public, note.COSIGNED)


def signed(checkpoint: note.Checkpoint, at: datetime) -> str:
    """The note of `checkpoint`: signed, and cosigned by the same key for the time. Always the same bytes (RFC 8032)."""
    key = keys.checkpoint_key()
    return note.sign(str(checkpoint), origin(), key) + note.cosign(str(checkpoint), origin(), key, at)


def latest_checkpoint() -> str:
    """The newest signed note, with what others signed under it; `""` before the first."""
    newest = Checkpoint.objects.order_by("-number").first()
    return cosigned(newest) if newest else ""


def cosigned(checkpoint: Checkpoint) -> str:
    """The note of `checkpoint` with the other parties' cosignatures under it."""
    lines = Cosignature.objects.filter(checkpoint=checkpoint).order_by("key").values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def under(size: int, line: str) -> str:
    """Our checkpoint of `size` entries with only `line` under it; `line` alone where there is no such checkpoint."""
    ours = Checkpoint.objects.filter(size=size).first()
    return f"{note.read(ours.note)}\n{line}" if ours else line


def newest_cosignature() -> tuple[datetime, datetime] | None:
    """When we signed the checkpoint that another party cosigned last, by our clock, and when it did, by its own."""
    newest = Cosignature.objects.select_related("checkpoint").order_by("-checkpoint_id").first()
    if newest is None:
        return None
    return signed_at(newest.checkpoint), newest.at


def signed_at(checkpoint: Checkpoint) -> datetime:
    """When this node signed `checkpoint`, by its own clock of then."""
    _, signatures = note.verify(checkpoint.note, signing_keys())
    return next(signature.at for signature in signatures if signature.at)


def last_witnessed(of: str) -> Witnessed | None:
    """The newest checkpoint of the ledger `of` (its origin) that this party cosigned; ask for a proof from its size."""
    return Witnessed.objects.filter(origin=of).order_by("-after").first()


def latest_for(party: str) -> tuple[str, int, list[bytes] | None]:
    """What a parcel to `party` (KBO digits) brings: our newest note, what that party saw last, the proof from there.

    The proof is None where what it saw is larger than what we have: then we were restored, or it errs.
    """
    newest = Checkpoint.objects.order_by("-number").first()
    held = Held.objects.filter(origin=origin(party)).values_list("size", flat=True).first() or 0
    if newest is None:
        return "", held, None
    return newest.note, held, consistency(held, newest.size) if held <= newest.size else None


def stored_tiles() -> tree.Tiles:
    """The stored tree; each tile is read at most once."""
    read: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        if (level, index) not in read:
            found = Tile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
            read[level, index] = bytes(found or b"")
        return read[level, index]

    return tile


def rows(start: int, end: int) -> list[Row]:
    """The entries with a leaf from `start` up to, not including, `end`, by leaf, untouched by any conversion."""
    with connection.cursor() as cursor:
        cursor.execute(_select("leaf >= %s AND leaf < %s ORDER BY leaf"), [start, end])
        return list(cursor.fetchall())


def pending(limit: int) -> list[Row]:
    """The oldest entries without a leaf. On PostgreSQL those still being written by others are passed over."""
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_select("leaf IS NULL ORDER BY id LIMIT %s") + lock, [limit])
        return list(cursor.fetchall())


def lines(found: list[Row]) -> list[str]:
    """The one spelling of each entry."""
    return [line(*row[1:]) for row in found]


def _select(condition: str) -> str:
    """`at` comes as text, as it stands in the file on SQLite: a datetime would hide a change of its spelling."""
    at = "at || '+00:00'" if connection.vendor == "sqlite" else "at"
    columns = (at if name == "at" else f'"{name}"' for name in COLUMNS)
    return f"SELECT leaf, {', '.join(columns)} FROM ledger_entry WHERE {condition}"  # noqa: S608 — our own names only


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database while others go on writing. Inside a transaction it changes nothing."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def inclusion(entry: Entry) -> list[bytes]:
    """The audit path of `entry` under the newest checkpoint (RFC 6962). Raises `IndexError` before it is in one."""
    newest = Checkpoint.objects.order_by("-number").first()
    return tree.inclusion(stored_tiles(), -1 if entry.leaf is None else entry.leaf, newest.size if newest else 0)


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the first `new` entries begin with the first `old` ones, for a witness (RFC 6962)."""
    return tree.consistency(stored_tiles(), old, new)


def prove(entry: Entry) -> str:
    """What shows an outsider that `entry` is in the ledger, with nothing else of it: C2SP tlog-proof.

    Raises `IndexError` before the entry is under a checkpoint. Give it together with `str(entry)`.
    """
    with snapshot():
        entry.refresh_from_db(fields=["leaf"])
        path = inclusion(entry)
        head = f"c2sp.org/tlog-proof@v1\nindex {entry.leaf}\n"
        return head + "".join(f"{note.base64_of(step)}\n" for step in path) + "\n" + latest_checkpoint()


def export(stream: TextIO) -> int:
    """Write everything that is signed to `stream` and return the number of entries: JSON lines, for verifier.py.

    A first line names the format and the keys; then each line of an entry is exactly what was hashed, and the
    signed note of every checkpoint stands after the entries it covers, the last one at the end.
    """
    with snapshot():
        checkpoints = list(Checkpoint.objects.order_by("number"))
        witnesses = Cosignature.objects.order_by("key").values_list("key", flat=True).distinct()
        head = {"format": FORMAT, "keys": [str(key) for key in signing_keys()], "witnesses": list(witnesses)}
        stream.write(_json(head))
        written = 0
        for checkpoint in checkpoints:
            while written < checkpoint.size:
                found = rows(written, min(checkpoint.size, written + PAGE))
                if not found:
                    break  # a gap: what follows will not verify, and should not
                stream.writelines(f"{text}\n" for text in lines(found))
                written = found[-1][0] + 1
            stream.write(_json({"checkpoint": cosigned(checkpoint)}))
        return written


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was signed. `kind` is a stable code, `where` the leaf, size or number it is at."""

    kind: str
    where: int | None = None

    def __str__(self) -> str:
        return self.kind if self.where is None else f"{self.kind} at {self.where}"


def verify(*, since: str = "", seen: Iterable[str] = (), witnesses: Iterable[note.Key] = ()) -> list[Finding]:
    """Recompute the tree from the stored entries and compare it with all that is stored and signed; [] when whole.

    `since` is a signed note of this ledger that is trusted already (for one, because the other party cosigned it):
    only what follows it is read. `seen` are notes of this ledger that others hold; with `witnesses`, cosignatures
    by any other key are found too. Kinds: `gap`, `altered` (leaf); `tile`; `checkpoint`, `cosignature`
    (number); `unsigned`; `fork`, `shorter` (size); `witnessed` (row); `unreadable` (leaf).
    """
    audit = _Audit(list(witnesses))
    try:
        with snapshot():
            audit.run(since, seen)
    except (
        DatabaseError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
    ):  # what stands there is not even of its type
        audit.found.append(Finding("unreadable"))
    return audit.found


@dataclass
class _Audit:
    """One run of `verify`: what was found, and the tree as recomputed."""

    witnesses: list[note.Key]
    found: list[Finding] = field(default_factory=list)
    grown: dict[tuple[int, int], bytes] = field(default_factory=dict)
    stored: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def run(self, since: str, seen: Iterable[str]) -> None:
        trusted = self._own(since) if since else None
        start = trusted.size if trusted else 0
        self._read_tiles(start)
        if since and (trusted is None or self._root(start) != trusted.root):
            self.found.append(Finding("fork", trusted.size if trusted else None))
            return
        newest = Checkpoint.objects.order_by("-size").first()
        size = newest.size if newest else 0
        placed = Entry.objects.filter(leaf__gte=start) if start else Entry.objects.filter(leaf__isnull=False)
        sequenced = start + placed.count()
        if size != sequenced:
            self.found.append(Finding("unsigned" if sequenced > size else "gap", min(size, sequenced)))
            size = min(size, sequenced)  # a size of 10^12 is not to be believed
        self._read_entries(start, size)
        self._compare_tiles(start, size)
        self._compare_checkpoints(start)
        self._compare_seen(size, seen)
        if not start:
            self._compare_witnessed()

    def tile(self, level: int, index: int) -> bytes:
        """The tree as recomputed; before `since`, as stored and shown to have the trusted root."""
        return self.grown.get((level, index)) or self.stored.get((level, index), b"")

    def _read_tiles(self, start: int) -> None:
        edge = models.Q(level=0, index__gte=start // tree.WIDTH) | ~models.Q(level__in=(0, 1))
        edge |= models.Q(level=1, index__gte=start // tree.WIDTH**2)
        for level, index, hashes in Tile.objects.filter(edge).values_list("level", "index", "hashes"):
            self.stored[level, index] = bytes(hashes)

    def _read_entries(self, start: int, size: int) -> None:
        for first in range(start, size, PAGE):
            end = min(size, first + PAGE)
            try:
                page = rows(first, end)
            except (DatabaseError, UnicodeError):
                self.found.append(Finding("unreadable", first))
                page = []
            leaves = [row[0] for row in page]
            if leaves != list(range(first, end)):
                self.found += [Finding("gap", leaf) for leaf in sorted(set(range(first, end)).difference(leaves))]
            hashes = [tree.leaf_hash(text.encode()) for text in lines(page)]
            self.grown.update(tree.append(self.tile, first, hashes))

    def _compare_tiles(self, start: int, size: int) -> None:
        for (level, index), hashes in self.stored.items():
            right, held = self.grown.get((level, index)), 0
            if level in range(LEVELS):
                held = max(0, min(tree.WIDTH, size // tree.WIDTH**level - index * tree.WIDTH))
            if right is None and start:
                right = hashes  # its hashes are under the trusted root; that it has no more is checked here
            if hashes == (right or b"") and len(hashes) == held * tree.HASH > 0:
                continue
            self.found.append(Finding("tile", level))
            if level == 0:
                pairs = zip(tree.split(hashes), tree.split(right or b""), strict=False)
                wrong = (leaf for leaf, (kept, made) in enumerate(pairs, index * tree.WIDTH) if kept != made)
                self.found += [Finding("altered", leaf) for leaf in wrong]
        self.found += [Finding("tile", level) for level, _index in sorted(self.grown.keys() - self.stored.keys())]

    def _compare_checkpoints(self, start: int) -> None:
        before, number = start - 1, 0
        signed_since, others = Checkpoint.objects.all(), Cosignature.objects.all()
        if start:
            signed_since, others = signed_since.filter(size__gte=start), others.filter(checkpoint__size__gte=start)
        for row in signed_since.order_by("number"):
            follows = row.number == number + 1 if number or not start else row.size == start  # the trusted one itself
            right = follows and row.size > before and self._is_signed(row)
            if not right or self._root(row.size) != bytes(row.root):
                self.found.append(Finding("checkpoint", row.number))
            before, number = row.size, row.number
        for cosignature in others.select_related("checkpoint").order_by("pk"):
            if not self._is_right(cosignature):
                self.found.append(Finding("cosignature", cosignature.checkpoint_id))

    def _compare_seen(self, size: int, seen: Iterable[str]) -> None:
        for text in seen:
            told = self._own(text)
            if told is not None and told.size > size:
                self.found.append(Finding("shorter", told.size))
            elif told is None or self._root(told.size) != told.root:
                self.found.append(Finding("fork", told.size if told else None))

    def _compare_witnessed(self) -> None:
        sizes: dict[str, int] = {}
        for row in Witnessed.objects.order_by("origin", "after"):
            try:
                text, _ = note.verify(row.note, [note.Key.parse(row.key)])
                right = text == str(note.Checkpoint(row.origin, row.size, bytes(row.root)))
            except Invalid:
                right = False
            if not right or row.after != sizes.get(row.origin, 0) or row.size < row.after:
                self.found.append(Finding("witnessed", row.pk))
            sizes[row.origin] = row.size

    def _is_right(self, cosignature: Cosignature) -> bool:
        try:
            key = note.Key.parse(cosignature.key)
            text = note.read(cosignature.checkpoint.note)
            _, (signature,) = note.verify(f"{text}\n{cosignature.line}", [key])
        except (Invalid, ValueError):
            return False
        return signature.at == cosignature.at and (not self.witnesses or key in self.witnesses)

    def _is_signed(self, row: Checkpoint) -> bool:
        try:
            text, signatures = note.verify(row.note, signing_keys())
        except Invalid:
            return False
        right = text == str(note.Checkpoint(origin(), row.size, bytes(row.root))) and len(signatures) == 2
        return right and row.note == f"{text}\n" + "".join(signature.line for signature in signatures)

    def _own(self, text: str) -> note.Checkpoint | None:
        """The checkpoint in a note that this party signed, or None."""
        try:
            told = note.Checkpoint.parse(note.verify(text, signing_keys()[:1])[0])
        except Invalid:
            return None
        return told if told.origin == origin() else None

    def _root(self, size: int) -> bytes:
        return tree.root_at(self.tile, size)


def looked(reference: UUID) -> list[dict[str, str]]:
    """Who opened or changed what has this reference: when, what, and in which function; no names (GDPR 15(1)(c))."""
    entries = Entry.objects.filter(subject=str(reference)).order_by("pk")
    return [{"at": entry.at.isoformat(), "act": entry.act, "function": entry.role} for entry in entries]


def looked_on(reference: UUID) -> tuple[date, ...]:
    """The days on which somebody saw the person of what has this reference (GDPR 15(1)(c))."""
    entries = Entry.objects.filter(subject=str(reference)).order_by("pk")
    return tuple(dict.fromkeys(legal_day(entry.at) for entry in entries if entry.what.reads))


def came_on(reference: UUID, act: Act) -> date | None:
    """The day of the first entry of this act on what has this reference."""
    found = Entry.of(act).filter(subject=str(reference)).order_by("pk").first()
    return legal_day(found.at) if found else None
