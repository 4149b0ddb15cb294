"""Envelopes, their keys and blind indexes; erasures, holds, certificates of erasure, the mark of the clock (art. 3)."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC

from django.db import models

from brug.core.holds import Holds


class KeyEncryptionKey(models.Model):
    """Wraps the data-encryption keys of the records that are due on one day: without its row they are all noise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    due_on = models.DateField(null=True, db_index=True, db_comment=Holds.NOTHING)  # that of its envelopes; None: none
    made_in = models.CharField(max_length=24, db_comment=Holds.NOTHING)  # the epoch in which records may join it
    epoch = models.CharField(max_length=24, db_index=True, db_comment=Holds.NOTHING)  # whose key wraps this one
    wrapped = models.BinaryField(db_comment=Holds.KEY)  # nonce (12 bytes) ‖ AES-256-GCM
    has_lost = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # a record left it since its key was made

    class Meta:
        db_table = "vault_bunch"  # as nodes of 0.2.0 call it: the pages of both versions run beside each other


class DataEncryptionKey(models.Model):
    """The key that seals one envelope, wrapped under its key-encryption key. Without either row that is noise."""

    record = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    kek = models.UUIDField(db_index=True, db_column="bunch", db_comment=Holds.NOTHING)
    wrapped = models.BinaryField(db_comment=Holds.KEY)  # nonce (12 bytes) ‖ AES-256-GCM

    class Meta:
        db_table = "vault_wrappedkey"


class Erasure(models.Model):
    """An erased record, for some weeks: what a restored backup must erase again. Random numbers only."""

    record = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    about = models.UUIDField(null=True, db_comment=Holds.NOTHING)  # the sender's number of what must not come in anew
    noticed_at = models.DateTimeField(null=True, db_index=True, db_comment=Holds.NOTHING)  # by the worker, first
    told_at = models.DateTimeField(null=True, db_index=True, db_comment=Holds.NOTHING)  # in the journal outside


class Envelope(models.Model):
    """One person's data of one record, why they are kept and until when."""

    record = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    content = models.BinaryField(db_comment=Holds.CLIENT)  # nonce (12 bytes) ‖ AES-256-GCM of JSON
    reason = models.CharField(max_length=30, db_comment=Holds.NOTHING)
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version that brought it
    due_on = models.DateField(null=True, db_index=True, db_comment=Holds.NOTHING)  # first day it may no longer be here
    kept_since = models.DateTimeField(db_comment=Holds.NOTHING)


class BlindIndex(models.Model):
    """A truncated HMAC of one normalised value: finds candidates, proves nothing, dies with the record."""

    record = models.UUIDField(db_index=True, db_comment=Holds.NOTHING)
    field = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    digest = models.IntegerField(db_comment=Holds.CLIENT)

    class Meta:
        indexes = (models.Index(fields=["field", "digest"]),)


class Typed(models.Model):
    """What a member typed on a page and could not send, or has not sent yet: which record, whose, until when."""

    record = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)  # its own envelope
    member = models.CharField(max_length=32, db_comment=Holds.STAFF)  # a member's pseudonym
    page = models.CharField(max_length=200, db_comment=Holds.NOTHING)  # address of the page, without its query
    about = models.UUIDField(null=True, db_index=True, db_comment=Holds.NOTHING)  # the record that the page shows
    until_at = models.DateTimeField(db_index=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("member", "page"), name="typed_once_a_page"),)


class ClockMark(models.Model):
    """The latest instant this node has seen; one row. Nothing is erased while the clock contradicts it."""

    at = models.DateTimeField(db_comment=Holds.NOTHING)
    refused_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # since when the clock contradicts it
    confirmed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # a person said that it was right
    boot = models.CharField(max_length=36, db_default="", db_comment=Holds.NOTHING)  # of the machine, when it was seen
    counted = models.FloatField(db_default=0.0, db_comment=Holds.NOTHING)  # seconds since that boot, then
    unexplained = models.FloatField(db_default=0.0, db_comment=Holds.NOTHING)  # seconds, see clock.py


class Hold(models.Model):
    """A legal hold: this record does not leave through `until_on`, whatever its term. The DPO places and lifts it."""

    record = models.UUIDField(unique=True, db_comment=Holds.NOTHING)
    reason = models.CharField(max_length=30, db_comment=Holds.NOTHING)
    until_on = models.DateField(db_index=True, db_comment=Holds.NOTHING)  # last day included
    placed_by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # a member's pseudonym
    placed_at = models.DateTimeField(db_comment=Holds.NOTHING)


class Certificate(models.Model):
    """What one batch of a sweep erased: counts, days, file numbers and hashes; no person. Its hash is in the ledger."""

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    made_at = models.DateTimeField(db_comment=Holds.NOTHING)
    due_through = models.DateField(db_comment=Holds.NOTHING)  # what was due on this legal day or before it
    counts = models.JSONField(db_comment=Holds.NOTHING)  # reason → how many
    destroyed = models.JSONField(db_comment=Holds.NOTHING)  # the destruction list: numbers and days of client files
    proofs = models.JSONField(db_comment=Holds.NOTHING)  # SHA-256 of each destroyed envelope, as it lay sealed

    def digest(self) -> str:
        """SHA-256 of all of it in one spelling, 64 hexadecimal digits: what the ledger holds."""
        told = {
            "reference": str(self.reference),
            "made_at": self.made_at.astimezone(UTC).isoformat(),
            "due_through": self.due_through.isoformat(),
            "counts": self.counts,
            "destroyed": self.destroyed,
            "proofs": self.proofs,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
