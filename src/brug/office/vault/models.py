"""Envelopes, the wrapped keys that open them, and the blind indexes that find them."""

from __future__ import annotations

from django.db import models

from brug.core.holds import Holds


class WrappedKey(models.Model):
    """The keyring: one record key, wrapped under the key of an epoch. Without its row the envelope is noise."""

    record = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    epoch = models.DateField(db_index=True, db_comment=Holds.NOTHING)
    wrapped = models.BinaryField(db_comment=Holds.KEY)  # nonce (12 bytes) ‖ AES-256-GCM


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
