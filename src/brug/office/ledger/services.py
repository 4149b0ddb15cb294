"""Write the ledger: record in the verb's transaction, put in order, sign, and witness what others signed (art. 6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from brug.core import note, tree
from brug.core.identity import Invalid
from brug.office.keys import services as keys
from brug.office.ledger import journal, queries
from brug.office.ledger.models import Checkpoint, Conflict, Cosignature, Entry, Tile, Witnessed
from brug.office.ledger.queries import Finding, latest_checkpoint, verify

__all__ = ["Finding", "latest_checkpoint", "verify"]  # of queries, which are asked for here too

BATCH = 10_000  # entries put in order in one transaction
BY_ITSELF = frozenset({"worker", "operator"})  # not a member: the worker, and whoever has the command line
ROLES = (
    BY_ITSELF
    | {"team_member", "team_lead", "social_worker", "dispatcher", "head_of_service"}
    | {
        "dpo",
        "administrator",
        "application",  # other software of this party, for a member who allowed it
    }
)
_LOCK = 0x6272_7567  # PostgreSQL advisory lock of the sequencer

_SHAPES = {
    "act": (60, re.compile(r"[a-z]+([._][a-z]+)*")),
    "by": (32, re.compile(r"[0-9a-f]{32}")),
    "subject": (120, re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]+(-[a-z0-9]+)+@[0-9]{1,4}|node")),
    "protocol": (120, re.compile(r"([a-z0-9]+(-[a-z0-9]+)+@[0-9]{1,4})?")),
    "article": (40, re.compile(r"((art\.|GDPR|recital) [0-9A-H]{1,2}(\([0-9]\))?(\([a-z]\))?)?")),
    "details": (64, re.compile(r"([0-9a-f]{64})?")),
}


class NotWhole(Exception):
    """The stored tree is not the one that was signed last; nothing more is signed. Look with `brug ledger verify`."""


def record(
    act: str,
    subject: UUID | str,
    *,
    by: str,
    role: str,
    at: datetime,
    protocol: str = "",
    article: str = "",
    details: str = "",
) -> Entry:
    """Add one act to the ledger, in the transaction of the verb itself: both happen or neither does.

    `act` is a lower-case identifier that stands in the code; `subject` a random number (UUID), a protocol as
    `id@version`, or `node`; `by` a member's pseudonym (UUID) or one of `BY_ITSELF`; `role` one of `ROLES`; `details`
    an HMAC in 64 hexadecimal digits. Anything else is refused, so that nothing of a person can get in here.
    Raises `ValueError` (our bug: the value is not repeated) and `RuntimeError` outside a transaction.
    """
    return record_all(act, [subject], by=by, role=role, at=at, protocol=protocol, article=article, details=details)[0]


def record_all(
    act: str,
    subjects: Sequence[UUID | str],
    *,
    by: str,
    role: str,
    at: datetime,
    protocol: str = "",
    article: str = "",
    details: str = "",
) -> list[Entry]:
    """The same act on many subjects: an entry each, with one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("An act is recorded inside the transaction that does it.")
    if at.tzinfo is None:
        raise ValueError("`at` is an aware instant.")
    if role not in ROLES:
        raise ValueError("`role` is the code of a role.")
    by = by if by in BY_ITSELF else by.replace("-", "")
    parts = {"act": act, "by": by, "protocol": protocol, "article": article, "details": details}
    for name, value in [*parts.items(), *(("subject", str(subject)) for subject in subjects)]:
        length, shape = _SHAPES[name]
        if name == "by" and value in BY_ITSELF:
            continue
        if len(value) > length or not shape.fullmatch(value):
            raise ValueError(f"`{name}` of a ledger entry is an identifier of the agreed shape (docs/spec/ledger.md).")
    return Entry.objects.bulk_create([Entry(at=at, role=role, subject=str(subject), **parts) for subject in subjects])


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
    grown = tree.append(tiles, size, hashes)
    Tile.objects.bulk_create(
        [Tile(level=level, index=index, hashes=tile) for (level, index), tile in grown.items()],
        update_conflicts=True,
        unique_fields=["level", "index"],
        update_fields=["hashes"],
    )
    _sign(number + 1, size + len(pending), lambda level, index: grown.get((level, index)) or tiles(level, index), at)
    return len(pending)


def _sign(number: int, size: int, tiles: tree.Tiles, at: datetime) -> None:
    signed = note.Checkpoint(queries.origin(), size, tree.root_at(tiles, size))
    Checkpoint.objects.create(number=number, size=size, root=signed.root, note=queries.signed(signed, at))


class Inconsistent(Exception):
    """A checkpoint that came in cannot be true beside what we saw before: the other side's fault, and a loud one.

    `why`: the code of `Invalid` (such as `bad_signature`, `unsigned_note`), `other_log`, `smaller`, `fork` (no proof
    leads here from what we saw), `overtaken` (another was witnessed at the same moment: ask again) or `not_ours`.
    `evidence` is the note as it came, to be kept: with the one we hold it convicts whoever signed both.
    """

    def __init__(self, why: str, evidence: str) -> None:
        super().__init__(why)
        self.why, self.evidence = why, evidence


def witness(note_text: str, key: note.Key, proof: Sequence[bytes], at: datetime) -> str:
    """Cosign another party's checkpoint: the line to put under its note. It is kept before it is signed.

    `key` is the counterparty's verifier key, its name being the origin; `proof` the consistency proof from the
    size we saw last (`witnessed_size`). Raises `Inconsistent`; then nothing has changed.
    """
    told = _told(note_text, key)
    last = queries.last_witnessed(key.name)
    after, root = (last.size, bytes(last.root)) if last else (0, tree.root([]))
    if told.size < after:
        raise Inconsistent("smaller", note_text)
    if not tree.consistent(after, told.size, root, told.root, proof):
        raise Inconsistent("fork", note_text)
    if told.size > after:
        try:
            with transaction.atomic():
                Witnessed.objects.create(
                    origin=key.name, after=after, size=told.size, root=told.root, note=note_text, key=str(key), at=at
                )
        except IntegrityError:
            raise Inconsistent("overtaken", note_text) from None
    return note.cosign(str(told), queries.origin(), keys.checkpoint_key(), at)


def keep_cosignature(note_text: str, key: note.Key) -> None:
    """Keep what another party signed under a checkpoint of ours; `key` is its cosigning key. Twice does nothing twice.

    Raises `Inconsistent` when that checkpoint is not one we signed: then one of the two histories is false.
    """
    try:
        text, (signature, *_) = note.verify(note_text, [key])
        told = note.Checkpoint.parse(text)
    except Invalid as refused:
        raise Inconsistent(refused.code, note_text) from None
    ours = Checkpoint.objects.filter(size=told.size).first()
    if ours is None or note.read(ours.note) != text or signature.at is None:
        raise Inconsistent("not_ours", note_text)
    kept = {"line": signature.line, "at": signature.at}
    Cosignature.objects.get_or_create(checkpoint=ours, key=str(key), defaults=kept)


def hear(note_text: str, key: note.Key, *, after: int, proof: Sequence[bytes], at: datetime) -> str:
    """Another party's checkpoint as it came with a parcel: our cosignature, or `""` where it does not follow yet.

    Mail comes late and out of order: a proof that starts elsewhere than at what we saw last proves nothing and denies
    nothing; our receipt then says where to start. Raises `Inconsistent`, after keeping the note as evidence.
    """
    try:
        told = _told(note_text, key)
        last = queries.last_witnessed(key.name)
        if after == (last.size if last else 0):
            return witness(note_text, key, proof, at)
        if last and told.size == last.size and told.root == bytes(last.root):
            return note.cosign(str(told), queries.origin(), keys.checkpoint_key(), at)
        seen = Witnessed.objects.filter(origin=key.name, size=told.size).first()
        if seen and bytes(seen.root) != told.root:
            raise Inconsistent("fork", note_text)
        if last and told.size < last.size and _signed_at(note_text, key) > _signed_at(last.note, key):
            raise Inconsistent("smaller", note_text)
        return ""
    except Inconsistent as inconsistent:
        if inconsistent.why == "overtaken":
            return ""
        keep_conflict(key.name, inconsistent, at)
        raise


def _signed_at(note_text: str, key: note.Key) -> datetime:
    """When the ledger's own key says it signed; the beginning of time where it does not say."""
    try:
        _, (signature, *_) = note.verify(note_text, [note.Key(key.name, key.public, note.COSIGNED)])
    except Invalid:
        return datetime.min.replace(tzinfo=UTC)
    return signature.at or datetime.min.replace(tzinfo=UTC)


def keep_conflict(origin: str, inconsistent: Inconsistent, at: datetime) -> None:
    """The evidence, once, and that it came in the ledger: the other side cannot say that it was never shown."""
    told = {"origin": origin, "why": inconsistent.why, "note": inconsistent.evidence, "at": at}
    with transaction.atomic():
        digest = sha256(inconsistent.evidence.encode()).hexdigest()
        if Conflict.objects.get_or_create(sha256=digest, defaults=told)[1]:
            record(f"checkpoint_refused.{inconsistent.why}", "node", by="worker", role="worker", at=at)


def _told(note_text: str, key: note.Key) -> note.Checkpoint:
    try:
        told = note.Checkpoint.parse(note.verify(note_text, [key])[0])
    except Invalid as refused:
        raise Inconsistent(refused.code, note_text) from None
    if told.origin != key.name:
        raise Inconsistent("other_log", note_text)
    return told
