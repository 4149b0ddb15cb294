"""What this desk keeps: processors, what was asked and proved, notices, documents. Nothing of a client (art. 6)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from brug.core.holds import Holds


class Processor(models.Model):
    """Who processes on behalf of this party, and the agreement with it (GDPR 28); days are legal days."""

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    name = models.CharField(max_length=100, db_comment=Holds.NOTHING)
    kbo = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)  # ten digits
    country = models.CharField(max_length=2, db_comment=Holds.NOTHING)  # ISO 3166, where the data are
    task = models.TextField(db_comment=Holds.NOTHING)
    guarantees = models.TextField(db_comment=Holds.NOTHING)
    subprocessors = models.TextField(blank=True, db_comment=Holds.NOTHING)  # one a line: name, country
    has_client_files = models.BooleanField(default=False, db_comment=Holds.NOTHING)
    agreed_on = models.DateField(db_comment=Holds.NOTHING)
    agreed_through = models.DateField(null=True, db_comment=Holds.NOTHING)  # last day; None: until ended
    ended_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # last day that it processed
    announced_for = models.DateField(null=True, db_comment=Holds.NOTHING)  # the last day whose coming was mailed
    version = models.PositiveIntegerField(default=1, db_comment=Holds.NOTHING)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class Overview(models.Model):
    """The processors of another party, as it told them last (art. 6)."""

    party = models.CharField(max_length=10, unique=True, db_comment=Holds.NOTHING)  # KBO digits
    as_of = models.DateTimeField(db_comment=Holds.NOTHING)
    processors = models.JSONField(db_comment=Holds.NOTHING)  # as in core/message.py
    received_at = models.DateTimeField(db_comment=Holds.NOTHING)
    seen_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # an officer of ours read it as it stands


class NoProcessors(models.Model):
    """An officer said that we have no processors: only then are the others told so."""

    said_at = models.DateTimeField(db_comment=Holds.NOTHING)
    by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # pseudonym


class OverviewDue(models.Model):
    """A party that has to be told our processors. The worker does it; where there is no node, a person does."""

    party = models.CharField(max_length=10, unique=True, db_comment=Holds.NOTHING)  # KBO digits
    since = models.DateTimeField(db_comment=Holds.NOTHING)


class Inquiry(models.Model):
    """A simple request (art. 6): theirs to us, or ours to them, and the answer."""

    inquiry_id = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    is_ours = models.BooleanField(db_comment=Holds.NOTHING)
    party = models.CharField(max_length=10, db_comment=Holds.NOTHING)  # KBO digits: who asks, or who is asked
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version
    about = models.CharField(max_length=12, db_comment=Holds.NOTHING)
    by_letter = models.BooleanField(default=False, db_comment=Holds.NOTHING)
    asked_at = models.DateTimeField(db_comment=Holds.NOTHING)
    answered_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    acknowledged_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    pack = models.TextField(blank=True, db_comment=Holds.STAFF)  # the evidence; names officers' mailboxes

    class Meta:
        ordering = ("-asked_at",)


class Notice(models.Model):
    """What one data protection officer told the other, and since when a person there has read it (art. 8, 9, 11)."""

    notice_id = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    is_ours = models.BooleanField(db_comment=Holds.NOTHING)
    party = models.CharField(max_length=10, db_comment=Holds.NOTHING)  # KBO digits: the other one
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version
    about = models.CharField(max_length=25, db_comment=Holds.NOTHING)
    given_at = models.DateTimeField(db_comment=Holds.NOTHING)
    from_on = models.DateField(null=True, db_comment=Holds.NOTHING)
    ground = models.CharField(max_length=30, blank=True, db_comment=Holds.NOTHING)
    touches = models.JSONField(default=list, db_comment=Holds.NOTHING)  # codes
    remark = models.TextField(db_comment=Holds.STAFF)
    decided_by = models.CharField(max_length=200, blank=True, db_comment=Holds.STAFF)  # who may end it, in our party
    parcel_id = models.UUIDField(null=True, unique=True, db_comment=Holds.NOTHING)  # None: by letter
    reached_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # read by a person there, or delivered
    is_void = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # this party may not do that: no effect

    class Meta:
        ordering = ("-given_at",)


class Document(models.Model):
    """A policy, plan or assessment as a PDF, with the day it is of. A newer one takes no older one away."""

    kind = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    title = models.CharField(max_length=100, db_comment=Holds.NOTHING)
    dated_on = models.DateField(db_comment=Holds.NOTHING)
    pdf = models.BinaryField(db_comment=Holds.STAFF)  # may name officers
    sha256 = models.CharField(max_length=64, unique=True, db_comment=Holds.NOTHING)
    added_at = models.DateTimeField(db_comment=Holds.NOTHING)
    added_by = models.CharField(max_length=32, db_comment=Holds.STAFF)  # pseudonym

    class Meta:
        ordering: ClassVar = ("kind", "-dated_on", "-pk")

    def __str__(self) -> str:
        return self.title
