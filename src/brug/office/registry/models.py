"""What the registry keeps: each adopted version of a protocol, where it serves, and what happened to it."""

from __future__ import annotations

from django.db import models

from brug.core.holds import Holds
from brug.core.protocol.life import EventKind


class ProtocolVersion(models.Model):
    """One adopted document. Its text is never changed; `sha256` is that of the text in UTF-8."""

    protocol_id = models.SlugField(max_length=100, db_comment=Holds.NOTHING)
    version = models.PositiveIntegerField(db_comment=Holds.NOTHING)
    text = models.TextField(db_comment=Holds.STAFF)  # YAML; names the representatives
    sha256 = models.CharField(max_length=64, unique=True, db_comment=Holds.NOTHING)
    discloser = models.CharField(max_length=10, db_index=True, db_comment=Holds.NOTHING)  # KBO digits
    recipient = models.CharField(max_length=10, db_index=True, db_comment=Holds.NOTHING)  # KBO digits
    adopted_at = models.DateTimeField(db_comment=Holds.NOTHING)
    adopted_by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # pseudonym

    class Meta:
        constraints = (models.UniqueConstraint(fields=("protocol_id", "version"), name="one_document_a_version"),)
        ordering = ("protocol_id", "version")

    def __str__(self) -> str:
        return f"{self.protocol_id}@{self.version}"


class Served(models.Model):
    """A municipality whose residents a version serves (art. 2)."""

    version = models.ForeignKey(ProtocolVersion, models.CASCADE, related_name="served", db_comment=Holds.NOTHING)
    refnis = models.CharField(max_length=5, db_index=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "refnis"), name="each_municipality_once"),)


class LifeEvent(models.Model):
    """Something that happened to a version after it was drawn up; only ever added (core/protocol/life.py)."""

    version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="events", db_comment=Holds.NOTHING)
    kind = models.CharField(
        max_length=30, choices=[(kind.value, kind.value) for kind in EventKind], db_comment=Holds.NOTHING
    )
    at = models.DateTimeField(db_comment=Holds.NOTHING)
    side = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)
    who = models.CharField(max_length=200, blank=True, db_comment=Holds.STAFF)  # who signed
    ground = models.CharField(max_length=200, blank=True, db_comment=Holds.NOTHING)  # code, instrument, address
    recorded_at = models.DateTimeField(db_comment=Holds.NOTHING)
    recorded_by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # pseudonym

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.version_id}"


class SignedDocument(models.Model):
    """The document as it was signed, as a PDF, and what its signatures were found to be when it was attached."""

    version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="signed", db_comment=Holds.NOTHING)
    pdf = models.BinaryField(db_comment=Holds.STAFF)  # names who signed
    sha256 = models.CharField(max_length=64, db_comment=Holds.NOTHING)
    signatures = models.JSONField(db_comment=Holds.STAFF)  # office/registry/signed.py, Signature
    attached_at = models.DateTimeField(db_comment=Holds.NOTHING)
    attached_by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # pseudonym

    class Meta:
        constraints = (models.UniqueConstraint(fields=("version", "sha256"), name="one_document_once"),)
        ordering = ("attached_at", "pk")

    def __str__(self) -> str:
        return f"{self.version} {self.sha256[:12]}"
