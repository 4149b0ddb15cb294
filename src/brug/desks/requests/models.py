"""Requests of data subjects: days and decisions. Who asked stands nowhere here; only where the data are (GDPR 12)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from brug.core.holds import Holds
from brug.desks.requests.states import TRANSITIONS, RequestState

ENOUGH = 2  # of name, phone and e-mail that agree, so that a record is the person's without the officer


class Request(models.Model):
    """One request. The officer runs it without knowing whose it is; the worker finds the person by what she typed."""

    transitions = TRANSITIONS

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    right = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    channel = models.CharField(max_length=10, db_comment=Holds.NOTHING)
    received_on = models.DateField(db_comment=Holds.NOTHING)
    due_on = models.DateField(db_comment=Holds.NOTHING)  # last day for the answer
    recorded_at = models.DateTimeField(db_comment=Holds.NOTHING)
    state = models.CharField(max_length=12, default=RequestState.RECEIVED, db_comment=Holds.NOTHING)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment=Holds.STAFF
    )
    asker = models.BigIntegerField(null=True, db_comment=Holds.CLIENT)  # keyed digest of the name that the officer saw
    other_names = models.PositiveSmallIntegerField(default=0, db_comment=Holds.NOTHING)  # sought by, identified again
    gathered = models.PositiveSmallIntegerField(null=True, db_comment=Holds.NOTHING)  # records that went out
    identity = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    longer = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)
    longer_told_on = models.DateField(null=True, db_comment=Holds.NOTHING)
    refusal = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    searched_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # by the worker, in every desk
    answered_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    reminded_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # unused: goes in the next release

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it by; nothing about the person."""
        return f"V-{self.received_on.year}-{self.pk:04d}"


class Place(models.Model):
    """Where data of the person are: a desk and its reference, and what was done with it."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="places", db_comment=Holds.NOTHING)
    desk = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    reference = models.UUIDField(db_comment=Holds.NOTHING)
    agrees_in = models.CharField(max_length=30, blank=True, db_comment=Holds.NOTHING)  # codes, with spaces between
    allowed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # by the officer: it agrees in one field
    deed = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    done_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("request", "desk", "reference"), name="one_place_once"),)

    @property
    def is_certain(self) -> bool:
        """Whether it may be the person's: two fields agree, or the officer decided."""
        return self.allowed_at is not None or len(self.agrees_in.split()) >= ENOUGH
