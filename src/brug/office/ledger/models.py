"""What the ledger keeps: entries, the tree over them, and what was signed of it. The database refuses to change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from django.db import models

from brug.core import tree
from brug.core.holds import Holds
from brug.office.ledger.acts import Act

COLUMNS = ("id", "at", "act", "by", "role", "subject", "protocol", "article", "details")
"""What is hashed of an entry, in this order: every column but its place in the tree."""


def line(
    id: object, at: object, act: str, by: str, role: str, subject: str, protocol: str, article: str, details: str
) -> str:
    """The one spelling of an entry (docs/spec/ledger.md): a line of JSON, ASCII, without spaces between its parts.

    `at` is UTC as `2026-11-24 09:12:03.123456+00:00`, the fraction being left out when it is zero. No value needs
    escaping, for `record` lets nothing in that would; and two rows that differ never have the same line.
    """
    return (
        f'{{"entry":{id},"at":"{at}","act":"{act}","by":"{by}","role":"{role}","subject":"{subject}",'
        f'"protocol":"{protocol}","article":"{article}","details":"{details}"}}'
    )


class Entry(models.Model):
    """One act: what, when, by whom (a pseudonym), on what (a random number), under which protocol and article."""

    leaf = models.BigIntegerField(null=True, unique=True, db_comment=Holds.NOTHING)  # place in the tree, from 0
    at = models.DateTimeField(db_comment=Holds.NOTHING)
    act = models.CharField(max_length=60, db_comment=Holds.NOTHING)
    by = models.CharField(max_length=32, db_index=True, db_comment=Holds.STAFF)  # a member's pseudonym, or "worker"
    role = models.CharField(max_length=30, db_comment=Holds.NOTHING)
    subject = models.CharField(max_length=120, db_index=True, db_comment=Holds.NOTHING)
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version
    article = models.CharField(max_length=40, db_comment=Holds.NOTHING)
    details = models.CharField(max_length=64, db_comment=Holds.NOTHING)  # HMAC of what changed, under the record's key

    def __str__(self) -> str:
        at = self.at.astimezone(UTC)
        return line(self.id, at, self.act, self.by, self.role, self.subject, self.protocol, self.article, self.details)

    @classmethod
    def of(cls, *acts: Act) -> models.QuerySet[Entry]:
        """The entries of any of these acts, whatever the reason."""
        found = models.Q(act__in=[act for act in acts if not act.reasoned])
        for act in acts:
            if act.reasoned:
                found |= models.Q(act__startswith=f"{act}.")
        return cls.objects.filter(found)

    @property
    def what(self) -> Act:
        """The act, whatever its reason."""
        return Act.of(self.act)

    @property
    def hash(self) -> bytes:
        """The hash of this entry as a leaf of the tree (RFC 6962)."""
        return tree.leaf_hash(str(self).encode())


class Tile(models.Model):
    """Up to 256 hashes of one level of the tree, one after the other (core/tree.py). It only ever grows."""

    level = models.SmallIntegerField(db_comment=Holds.NOTHING)
    index = models.BigIntegerField(db_comment=Holds.NOTHING)
    hashes = models.BinaryField(db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "index"), name="one_tile_a_place"),)

    @staticmethod
    def grow(tiles: tree.Tiles, size: int, hashes: Sequence[bytes]) -> tree.Tiles:
        """Store the tree that `tiles` holds, of `size` leaves, with `hashes` behind them; as it is from then on."""
        grown = tree.append(tiles, size, hashes)
        Tile.objects.bulk_create(
            [Tile(level=level, index=index, hashes=tile) for (level, index), tile in grown.items()],
            update_conflicts=True,
            unique_fields=["level", "index"],
            update_fields=["hashes"],
        )
        return lambda level, index: grown.get((level, index)) or tiles(level, index)


class Checkpoint(models.Model):
    """What this party signed: the first `size` entries have this root. Numbered without gaps, from 1."""

    number = models.BigIntegerField(primary_key=True, db_comment=Holds.NOTHING)
    size = models.BigIntegerField(unique=True, db_comment=Holds.NOTHING)
    root = models.BinaryField(db_comment=Holds.NOTHING)
    note = models.TextField(db_comment=Holds.NOTHING)  # C2SP tlog-checkpoint, with the time as a cosignature


class Cosignature(models.Model):
    """Another party's word that it saw a checkpoint of ours, consistent with all it saw before."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, db_comment=Holds.NOTHING)
    key = models.CharField(max_length=200, db_comment=Holds.NOTHING)  # C2SP verifier key: name+id+base64
    line = models.CharField(max_length=300, db_comment=Holds.NOTHING)  # as it stands under the note
    at = models.DateTimeField(db_comment=Holds.NOTHING)  # by the other party's clock

    class Meta:
        constraints = (models.UniqueConstraint(fields=("checkpoint", "key"), name="one_cosignature_a_key"),)


class Witnessed(models.Model):
    """A checkpoint of another party's ledger that follows the one of size `after` which we saw before it.

    Of two that would follow the same one only the first is kept: that is the compare-and-store of a witness.
    """

    origin = models.CharField(max_length=120, db_comment=Holds.NOTHING)
    after = models.BigIntegerField(db_comment=Holds.NOTHING)
    size = models.BigIntegerField(db_comment=Holds.NOTHING)
    root = models.BinaryField(db_comment=Holds.NOTHING)
    note = models.TextField(db_comment=Holds.NOTHING)
    key = models.CharField(max_length=200, db_comment=Holds.NOTHING)  # C2SP verifier key that signed it
    proof = models.TextField(null=True, db_comment=Holds.NOTHING)  # RFC 6962 from `after`, a hash in base64 a line
    at = models.DateTimeField(db_comment=Holds.NOTHING)  # by our clock

    class Meta:
        constraints = (models.UniqueConstraint(fields=("origin", "after"), name="one_next_checkpoint"),)


class Held(models.Model):
    """How many entries of our ledger another party says it has seen: a proof for it starts there."""

    origin = models.CharField(max_length=120, unique=True, db_comment=Holds.NOTHING)  # of its own ledger
    size = models.BigIntegerField(db_comment=Holds.NOTHING)


class Conflict(models.Model):
    """A note of another party that does not fit what we saw before; with `against` beside it, it convicts its signer.

    One row of each reason while it is open: more of the same is counted. Kept for ever, to be shown to anybody.
    """

    origin = models.CharField(max_length=120, db_comment=Holds.NOTHING)
    why = models.CharField(max_length=40, db_comment=Holds.NOTHING)  # of `Inconsistent`
    key = models.CharField(max_length=200, db_default="", db_comment=Holds.NOTHING)  # C2SP verifier key of the signer
    note = models.TextField(db_comment=Holds.NOTHING)
    against = models.TextField(
        db_default="", db_comment=Holds.NOTHING
    )  # the note, by the same key, that it contradicts
    size = models.BigIntegerField(null=True, db_comment=Holds.NOTHING)  # entries, where the note is signed and readable
    sha256 = models.CharField(max_length=64, unique=True, db_comment=Holds.NOTHING)  # of the two notes: kept once
    at = models.DateTimeField(db_comment=Holds.NOTHING)
    times = models.PositiveIntegerField(db_default=1, db_comment=Holds.NOTHING)
    last_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # when there was more than one
    closed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    closed_by = models.CharField(max_length=32, db_default="", db_comment=Holds.STAFF)  # a member's pseudonym

    @property
    def convicts(self) -> bool:
        return bool(self.against)
