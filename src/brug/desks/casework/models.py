"""What this desk keeps readable: states, days and counts. Everything about a person is in the vault (art. 3)."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull

from brug.core.holds import Holds
from brug.desks.casework.states import (
    BEFORE_CONTACT,
    FILE_TRANSITIONS,
    ONWARD_TRANSITIONS,
    TRANSITIONS,
    FileState,
    IntakeState,
    OnwardState,
)
from brug.office.parties.models import Counterparty

# Nobody spoke with the client yet, and somebody may. Spelt as in its index: SQLite compares the words.
_BEFORE = reduce(or_, (Q(state=state) for state in sorted(BEFORE_CONTACT)))
TO_CONTACT = _BEFORE & Q(withdrawn_at=None, restricted_at=None)


class Intake(models.Model):
    """One referral that came in, until its outcome; then the row goes. `version` counts the changes, from 1."""

    transitions = TRANSITIONS

    reference = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    number = models.CharField(max_length=20, unique=True, db_comment=Holds.NOTHING)
    parcel_id = models.UUIDField(unique=True, db_comment=Holds.NOTHING)
    referral_id = models.UUIDField(db_index=True, db_comment=Holds.NOTHING)  # the sender's reference
    residence = models.CharField(max_length=5, db_comment=Holds.NOTHING)  # REFNIS
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version
    arrived_at = models.DateTimeField(db_comment=Holds.NOTHING)
    state = models.CharField(max_length=20, default=IntakeState.ARRIVED, db_comment=Holds.NOTHING)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_comment=Holds.STAFF
    )
    assigned_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    record = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)  # of the vault
    attempts = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
    last_attempt_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    ask_again_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # decided: keep trying till then
    seen_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # first time that anybody saw the person
    withdrawn_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # the consent, at the discloser's
    taken_back = models.CharField(  # why `withdrawn_at` is set: a code of `TakenBack`
        max_length=20, blank=True, default="", db_default="", db_comment=Holds.NOTHING
    )
    restricted_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # GDPR 18: kept, and nothing else
    next_step = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)  # planned: a code of `NextStep`
    next_on = models.DateField(null=True, db_comment=Holds.NOTHING)
    called_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # the client called; nobody called back yet
    version = models.PositiveIntegerField(default=1, db_comment=Holds.NOTHING)

    class Meta:
        indexes = (
            models.Index(F("arrived_at"), condition=Q(worker=None), name="intakes_that_wait"),
            models.Index(fields=("worker", "arrived_at"), name="intakes_of_a_worker"),
            models.Index(fields=("arrived_at",), name="intakes_by_age"),
            models.Index(IsNull(F("worker"), True).desc(), F("arrived_at"), name="intakes_of_the_inbox"),
            models.Index(fields=("arrived_at",), condition=TO_CONTACT, name="intakes_to_contact"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_before_contact(self) -> bool:
        return self.state in BEFORE_CONTACT


class ClientFile(models.Model):
    """A client file: opened when the client wants help, kept for a term after it was closed (art. 3)."""

    transitions = FILE_TRANSITIONS

    reference = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)  # that of the intake it came from
    number = models.CharField(max_length=20, unique=True, db_comment=Holds.NOTHING)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_comment=Holds.STAFF)
    opened_on = models.DateField(db_comment=Holds.NOTHING)
    closed_on = models.DateField(null=True, db_comment=Holds.NOTHING)
    due_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # the first day it may no longer be here
    record = models.UUIDField(unique=True, db_comment=Holds.NOTHING)  # of the vault
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version that brought the data
    state = models.CharField(max_length=10, default=FileState.OPEN, db_comment=Holds.NOTHING)
    version = models.PositiveIntegerField(db_comment=Holds.NOTHING)  # goes on from that of the intake
    restricted_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # GDPR 18: kept, and nothing else
    next_step = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)  # planned: a code of `NextStep`
    next_on = models.DateField(null=True, db_comment=Holds.NOTHING)
    called_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # the client called; nobody called back yet
    is_elsewhere = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # lives in the OCMW's own software
    withdrawn_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # the consent, and nobody looked at it yet

    class Meta:
        indexes = (models.Index(fields=("worker", "opened_on"), name="files_of_a_worker"),)

    def __str__(self) -> str:
        return self.number


class Origin(models.Model):
    """From which referrals the data of a client file came; so that a withdrawal finds it, whatever it joined."""

    referral_id = models.UUIDField(unique=True, db_comment=Holds.NOTHING)  # the sender's reference
    file = models.ForeignKey(ClientFile, models.CASCADE, related_name="origins", db_comment=Holds.NOTHING)
    protocol = models.CharField(  # id@version that brought this referral; "": the file's
        max_length=120, blank=True, default="", db_default="", db_comment=Holds.NOTHING
    )


class Retracted(models.Model):
    """A referral whose consent was taken back before it arrived here; it finds no way in, ever."""

    referral_id = models.UUIDField(primary_key=True, db_comment=Holds.NOTHING)
    retracted_at = models.DateTimeField(db_comment=Holds.NOTHING)


class Outcome(models.Model):
    """How many intakes ended how, by month and municipality: all that stays of them, joinable to nothing."""

    month = models.DateField(db_comment=Holds.NOTHING)  # its first day
    residence = models.CharField(max_length=5, db_comment=Holds.NOTHING)  # REFNIS
    outcome = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("month", "residence", "outcome"), name="one_tally_a_month"),)


class AidTally(models.Model):
    """How often a kind of aid was named for a family that wanted help, by month and place; joinable to nothing."""

    month = models.DateField(db_comment=Holds.NOTHING)  # its first day
    residence = models.CharField(max_length=5, db_comment=Holds.NOTHING)  # REFNIS
    kind = models.CharField(max_length=40, db_comment=Holds.NOTHING)  # a code of aids.py
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("month", "residence", "kind"), name="one_aid_tally_a_month"),)


class Promptness(models.Model):
    """How many first conversations took place within the OCMW's own target, and after it, by month."""

    month = models.DateField(unique=True, db_comment=Holds.NOTHING)  # its first day
    in_time = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
    late = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)


class AidKind(models.Model):
    """How this OCMW's list of kinds of aid differs from the list of `Aid`: a name, a kind of its own, one retired."""

    code = models.CharField(max_length=40, unique=True, db_comment=Holds.NOTHING)
    name = models.CharField(max_length=60, blank=True, db_comment=Holds.NOTHING)  # "": the name that `Aid` has
    is_used = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # chosen once: never deleted
    retired_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # not offered from this day on
    version = models.PositiveIntegerField(default=0, db_default=0, db_comment=Holds.NOTHING)  # counts the changes

    def __str__(self) -> str:
        return self.name or self.code


class Reminder(models.Model):
    """Who was told by mail when, before there was one mail for all that waits; taken away in the next release."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_comment=Holds.STAFF)
    sent_on = models.DateField(db_comment=Holds.NOTHING)


class Feed(models.Model):
    """Whose calendar program may read the planned steps: the SHA-256 of the secret in its address."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_comment=Holds.STAFF)
    digest = models.CharField(max_length=64, unique=True, db_comment=Holds.KEY)


class Partner(models.Model):
    """Another helper of integrated broad intake, and what proves that it belongs to it (art. 4)."""

    counterparty = models.OneToOneField(Counterparty, models.PROTECT, related_name="+", db_comment=Holds.NOTHING)
    proof = models.CharField(max_length=200, db_comment=Holds.NOTHING)  # the document, such as an agreement
    proven_on = models.DateField(db_comment=Holds.NOTHING)
    retired_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # no partner any more from this day on
    version = models.PositiveIntegerField(default=0, db_default=0, db_comment=Holds.NOTHING)  # counts the changes

    def __str__(self) -> str:
        return self.counterparty.name


class Onward(models.Model):
    """A parcel to a partner, with the file it is about; what was in it stands in the file's envelope only."""

    transitions = ONWARD_TRANSITIONS

    onward_id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    file = models.ForeignKey(ClientFile, models.CASCADE, related_name="onwards", db_comment=Holds.NOTHING)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_comment=Holds.NOTHING)
    parcel_id = models.UUIDField(unique=True, db_comment=Holds.NOTHING)
    sent_at = models.DateTimeField(db_comment=Holds.NOTHING)
    state = models.CharField(
        max_length=10, default=OnwardState.SENT, db_default=OnwardState.SENT.value, db_comment=Holds.NOTHING
    )
    withdrawn_on = models.DateField(null=True, db_comment=Holds.NOTHING)  # the consent to this parcel


class Series(models.Model):
    """The last number given in a series and a year; a number never comes back, also after an erasure."""

    letter = models.CharField(max_length=1, db_comment=Holds.NOTHING)
    year = models.PositiveIntegerField(db_comment=Holds.NOTHING)
    last = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("letter", "year"), name="one_series_a_year"),)
