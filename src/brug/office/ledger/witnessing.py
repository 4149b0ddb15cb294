"""Witness what others sign, and tell an honest mistake from a false log book (art. 6; docs/spec/ledger.md).

A party is convicted by its own signatures only: two notes of one size with two roots, or a smaller one that it signed
later. Whatever else does not fit is kept with its reason, which a person looks at and closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from brug.core import note, tree
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.office.keys import services as keys
from brug.office.ledger import queries
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.ledger.models import Checkpoint, Conflict, Cosignature, Witnessed
from brug.office.ledger.services import record

BEGINNING = datetime.min.replace(tzinfo=UTC)


class Inconsistent(Exception):
    """A note that came in does not fit what we saw of that ledger before.

    `why`: `fork` (two roots of one size) or `smaller` (signed later), and then `against` is the note that convicts its
    signer together with `note`; else the code of `Invalid` (such as `bad_note`, `bad_signature`, `unsigned_note`),
    `other_log`, `no_proof` (it does not lead here from what we saw) or `not_ours` (a cosignature of no checkpoint of
    ours): all of them mistakes that an honest program can make. `key` is the one that it was checked with.
    """

    def __init__(self, why: str, note_text: str, key: note.Key, *, against: str = "", size: int | None = None) -> None:
        super().__init__(why)
        self.why, self.note, self.key, self.against, self.size = why, note_text, key, against, size

    @property
    def convicts(self) -> bool:
        return bool(self.against)


def hear(note_text: str, key: note.Key, *, after: int | None, proof: Sequence[bytes], at: datetime) -> str:
    """Another party's checkpoint as it came with a parcel: our line to put under it, or `""` where none is due yet.

    `key` is that party's verifier key, its name being the origin; `proof` leads from the size `after` (None: there is
    none), which should be the one that we saw last. Mail comes late and out of order: a proof from elsewhere proves
    nothing and denies nothing; our receipt then says where to start. Raises `Inconsistent`, after keeping what it says.
    """
    try:
        told = _told(note_text, key)
        _look_for_contradiction(told, note_text, key)
        last = queries.last_witnessed(key.name)
        size, root = (last.size, bytes(last.root)) if last else (0, tree.root([]))
        if (told.size, told.root) == (size, root):
            return _cosign(told, at)
        if after != size:
            return ""
        if told.size < size or not tree.consistent(size, told.size, root, told.root, proof):
            raise Inconsistent("no_proof", note_text, key, size=told.size)
        return _cosign(told, at) if _see(told, note_text, key, size, proof, at) else ""
    except Inconsistent as inconsistent:
        keep(key.name, inconsistent, at)
        raise


def keep_cosignature(note_text: str, key: note.Key) -> None:
    """Keep what another party signed under a checkpoint of ours; `key` is its cosigning key. Twice does nothing twice.

    Raises `Inconsistent` when that checkpoint is not one we signed.
    """
    try:
        text, (signature, *_) = note.verify(note_text, [key])
        told = note.Checkpoint.parse(text)
    except Invalid as refused:
        raise Inconsistent(refused.code, note_text, key) from None
    ours = Checkpoint.objects.filter(size=told.size).first()
    if ours is None or note.read(ours.note) != text or signature.at is None:
        raise Inconsistent("not_ours", note_text, key)
    kept = {"line": signature.line, "at": signature.at}
    Cosignature.objects.get_or_create(checkpoint=ours, key=str(key), defaults=kept)


def keep(origin: str, inconsistent: Inconsistent, at: datetime) -> None:
    """What does not fit, and that it came in the ledger; more of the same, while it is open, is only counted."""
    told = {"key": str(inconsistent.key), "note": inconsistent.note, "against": inconsistent.against}
    digest = sha256(f"{inconsistent.note}\0{inconsistent.against}".encode()).hexdigest()
    there = Q(origin=origin, why=inconsistent.why, closed_at=None) | Q(sha256=digest)
    with transaction.atomic():
        if Conflict.objects.filter(there).update(times=F("times") + 1, last_at=at):
            return
        facts = {**told, "origin": origin, "why": inconsistent.why, "size": inconsistent.size, "at": at}
        if Conflict.objects.get_or_create(sha256=digest, defaults=facts)[1]:
            record(Act.CHECKPOINT_REFUSED, "node", by=WORKER, at=at, why=inconsistent.why)


def close(conflict: Conflict, *, by: Actor, at: datetime) -> None:
    """A person looked into it and spoke with the other party: it stands no more among what is open, and stays kept.

    Raises `WrongState` when somebody was first.
    """
    with transaction.atomic():
        if not Conflict.objects.filter(pk=conflict.pk, closed_at=None).update(closed_at=at, closed_by=by.who):
            raise WrongState
        record(Act.CONFLICT_CLOSED, "node", by=by, at=at, why=conflict.why)


def _look_for_contradiction(told: note.Checkpoint, note_text: str, key: note.Key) -> None:
    """Raises `Inconsistent` when the same key signed what cannot be true beside this."""
    theirs = {"origin": key.name, "key": str(key)}
    seen = Witnessed.objects.filter(**theirs, size=told.size).values_list("note", flat=True)
    noted = Conflict.objects.filter(**theirs, size=told.size).values_list("note", flat=True)
    for text in [*seen, *noted]:
        if _told(text, key).root != told.root:
            raise Inconsistent("fork", note_text, key, against=text, size=told.size)
    larger = Witnessed.objects.filter(**theirs, size__gt=told.size).order_by("size").first()
    if not seen and larger and _signed_at(note_text, key) > _signed_at(larger.note, key) > BEGINNING:
        raise Inconsistent("smaller", note_text, key, against=larger.note, size=told.size)


def _see(
    told: note.Checkpoint, note_text: str, key: note.Key, after: int, proof: Sequence[bytes], at: datetime
) -> bool:
    """Store the checkpoint before it is signed; False where another process saw another one at the same moment."""
    row = {"origin": key.name, "after": after, "size": told.size, "root": told.root, "note": note_text}
    row |= {"key": str(key), "proof": "\n".join(note.base64_of(step) for step in proof), "at": at}
    try:
        with transaction.atomic():
            Witnessed.objects.create(**row)
    except IntegrityError:
        return False
    return True


def _cosign(told: note.Checkpoint, at: datetime) -> str:
    return note.cosign(str(told), queries.origin(), keys.checkpoint_key(), at)


def _signed_at(note_text: str, key: note.Key) -> datetime:
    """When the ledger's own key says it signed; the beginning of time where it does not say."""
    try:
        _, (signature, *_) = note.verify(note_text, [note.Key(key.name, key.public, note.COSIGNED)])
    except Invalid:
        return BEGINNING
    return signature.at or BEGINNING


def _told(note_text: str, key: note.Key) -> note.Checkpoint:
    timed = note.Key(key.name, key.public, note.COSIGNED)  # the same key says when: wrong there is wrong
    try:
        text, signatures = note.verify(note_text, [key, timed])
        if key not in [each.key for each in signatures]:
            raise Invalid("unsigned_note", "A note that its log signed.")
        told = note.Checkpoint.parse(text)
    except Invalid as refused:
        raise Inconsistent(refused.code, note_text, key) from None
    if told.origin != key.name:
        raise Inconsistent("other_log", note_text, key)
    return told
