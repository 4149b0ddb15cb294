"""Breach cases: times, decisions and the officers' words; of clients only references (art. 9, GDPR 33(5))."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import models

from brug.core.calendar import legal_day, notification_due
from brug.core.holds import Holds
from brug.desks.breaches.states import TRANSITIONS, BreachState


class Breach(models.Model):
    """One personal data breach as this controller sees it; it stays, whatever became of it (GDPR 33(5))."""

    transitions = TRANSITIONS

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    breach_id = models.UUIDField(db_comment=Holds.NOTHING)  # what both parties call it
    is_theirs = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # the other party told us
    party = models.CharField(
        max_length=10, blank=True, db_column="partner", db_comment=Holds.NOTHING
    )  # KBO digits of who told us
    protocol = models.CharField(max_length=120, blank=True, db_comment=Holds.NOTHING)  # id@version
    state = models.CharField(max_length=12, default=BreachState.SUSPECTED, db_comment=Holds.NOTHING)
    kind = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    is_going_on = models.BooleanField(default=False, db_comment=Holds.NOTHING)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment=Holds.STAFF
    )
    recorded_at = models.DateTimeField(db_comment=Holds.NOTHING)
    suspected_at = models.DateTimeField(db_comment=Holds.NOTHING)
    aware_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    facts = models.TextField(blank=True, db_comment=Holds.STAFF)
    consequences = models.TextField(blank=True, db_comment=Holds.STAFF)
    measures = models.TextField(blank=True, db_comment=Holds.STAFF)
    aspects = models.JSONField(default=list, db_comment=Holds.NOTHING)
    risk = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)
    authority = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)  # who was told
    authority_reference = models.CharField(max_length=60, blank=True, db_comment=Holds.NOTHING)
    authority_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # told, or decided that it is not needed
    not_notified = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    delay = models.TextField(blank=True, db_comment=Holds.STAFF)  # why later than 72 hours (GDPR 33(1))
    persons_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    not_told = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    ruled_out = models.TextField(blank=True, db_comment=Holds.STAFF)
    lessons = models.TextField(blank=True, db_comment=Holds.STAFF)
    closed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("breach_id", "party"), name="one_case_a_breach"),)

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"L-{legal_day(self.recorded_at).year}-{self.pk:04d}"

    @property
    def due_at(self) -> datetime | None:
        """When the authority must have been told: 72 elapsed hours from awareness."""
        return notification_due(self.aware_at) if self.aware_at else None

    @property
    def described_as(self) -> str:
        """A mark of the description as it stands: another one when it was changed since."""
        parts = (self.facts, sorted(self.aspects), self.consequences, self.measures, self.risk)
        return sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def is_described(self) -> bool:
        return bool(self.facts and self.consequences and self.measures and self.aspects and self.risk)

    @property
    def count(self) -> int:
        """How many references are concerned, each once; one that two parties are to be told of is one."""
        return self.affected.values("reference").distinct().count()

    @property
    def is_counted(self) -> bool:
        """Whether anybody asked who is concerned, or the other party said so: before that, nobody knows how many."""
        return self.searches.exists() or self.affected.exists()


class Search(models.Model):
    """One computation of who is affected: what was asked of the ledger, and how many references it gave."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="searches", db_comment=Holds.NOTHING)
    source = models.CharField(max_length=10, db_comment=Holds.NOTHING)
    since = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    until = models.DateTimeField(db_comment=Holds.NOTHING)
    mailbox = models.EmailField(blank=True, db_comment=Holds.NOTHING)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment=Holds.STAFF
    )
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
    done_at = models.DateTimeField(db_comment=Holds.NOTHING)


class Person(models.Model):
    """Somebody whom a breach concerns, by a number within the case: who tells, and what came of it (GDPR 34)."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="persons", db_comment=Holds.NOTHING)
    number = models.PositiveIntegerField(db_comment=Holds.NOTHING)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment=Holds.STAFF
    )
    told = models.CharField(max_length=12, blank=True, db_comment=Holds.NOTHING)  # a code of `Told`; "": not yet
    told_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    reported_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("breach", "number"), name="one_person_a_number"),)

    def __str__(self) -> str:
        return f"{self.breach.number}/{self.number}"


class Affected(models.Model):
    """A reference that is concerned; never a name. `told_as`: what the other `party` knows it by.

    `party` is empty when no protocol says whose it is; a reference is told to that party and to nobody else.
    """

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="affected", db_comment=Holds.NOTHING)
    reference = models.UUIDField(db_comment=Holds.NOTHING)
    party = models.CharField(max_length=10, blank=True, db_column="partner", db_comment=Holds.NOTHING)  # KBO digits
    told_as = models.UUIDField(db_comment=Holds.NOTHING)
    source = models.CharField(max_length=10, db_comment=Holds.NOTHING)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="affected", db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("breach", "reference", "party"), name="affected_once"),)


class Word(models.Model):
    """What one officer said to the other: a numbered notice, or a remark in the consultation (art. 9)."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="words", db_comment=Holds.NOTHING)
    party = models.CharField(
        max_length=10, blank=True, db_column="partner", db_comment=Holds.NOTHING
    )  # KBO digits: to or from whom
    is_ours = models.BooleanField(db_comment=Holds.NOTHING)
    number = models.PositiveIntegerField(null=True, db_comment=Holds.NOTHING)  # of a notice; a remark has none
    text = models.TextField(db_comment=Holds.STAFF)
    consequences = models.TextField(blank=True, db_comment=Holds.STAFF)
    measures = models.TextField(blank=True, db_comment=Holds.STAFF)
    risk = models.CharField(max_length=10, blank=True, db_comment=Holds.NOTHING)
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)  # references in a notice
    said_at = models.DateTimeField(db_comment=Holds.NOTHING)
    came_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # here, of what the other wrote
    read_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # by a person at the other side, or here
    by_phone = models.BooleanField(default=False, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("breach", "party", "is_ours", "number"), name="one_notice_a_number"),
        )


class Call(models.Model):
    """The officers spoke: with whom, on which number, when, and what was agreed (art. 9: consult together)."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="calls", db_comment=Holds.NOTHING)
    party = models.CharField(max_length=10, db_column="partner", db_comment=Holds.NOTHING)  # KBO digits
    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)  # of the form
    spoke_with = models.CharField(max_length=100, db_comment=Holds.STAFF)
    phone = models.CharField(max_length=16, db_comment=Holds.STAFF)  # E.164, of the other officer
    text = models.TextField(db_comment=Holds.STAFF)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_comment=Holds.STAFF)
    spoke_at = models.DateTimeField(db_comment=Holds.NOTHING)

    def __str__(self) -> str:
        return str(self.spoke_at)
