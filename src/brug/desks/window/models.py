"""Windows: whose record a code shows, by digest; what was said by them; counts. No person is in any of it."""

from __future__ import annotations

import uuid

from django.db import models

from brug.core.holds import Holds


class Window(models.Model):
    """One family's window on one record, named as `plug.shows` names it. The row goes when the code ends."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    desk = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    subject = models.UUIDField(db_comment=Holds.NOTHING)  # the record, at that desk
    digest = models.BinaryField(unique=True, db_comment=Holds.KEY)  # HMAC-SHA-256 of the code
    handed_at = models.DateTimeField(db_comment=Holds.NOTHING)
    is_used = models.BooleanField(default=False, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("desk", "subject"), name="one_window_each"),)


class Message(models.Model):
    """What a family said by its window, until the colleague has seen to it. No free text: a code and a datum."""

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    desk = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    subject = models.UUIDField(db_comment=Holds.NOTHING)
    said = models.CharField(max_length=20, db_comment=Holds.NOTHING)  # a code of `Said`
    field = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)  # which datum, not what it is
    said_at = models.DateTimeField(db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("desk", "subject", "said", "field"), name="said_once"),)


class Tally(models.Model):
    """How many families got a window, used it, took their consent back by it: by month, joinable to nothing."""

    month = models.DateField(db_comment=Holds.NOTHING)  # its first day
    what = models.CharField(max_length=20, db_comment=Holds.NOTHING)  # a code of `Counted`
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("month", "what"), name="one_window_tally_a_month"),)


class WrongCodes(models.Model):
    """How many wrong codes came on a day out of one of the buckets of addresses, or (-1) out of all."""

    day = models.DateField(db_comment=Holds.NOTHING)
    bucket = models.IntegerField(db_comment=Holds.NOTHING)
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
    last_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("day", "bucket"), name="one_bucket_a_day"),)


class Switch(models.Model):
    """Whether this node has windows: one row, once its officer has read the threat model."""

    is_on = models.BooleanField(default=False, db_comment=Holds.NOTHING)
    changed_at = models.DateTimeField(db_comment=Holds.NOTHING)
