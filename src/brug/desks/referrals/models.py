"""What the discloser keeps of a referral. The person and the consent record live in the vault."""

from __future__ import annotations

import uuid

from django.db import models

from brug.core.calendar import legal_day
from brug.core.holds import Holds
from brug.desks.referrals.states import TRANSITIONS, ReferralState
from brug.office.parties.models import Member, Team


class Referral(models.Model):
    """One client, one consent, one disclosure. `client` and `consent` name records of the vault."""

    transitions = TRANSITIONS

    reference = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    client = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    consent = models.UUIDField(unique=True, default=uuid.uuid4, db_comment=Holds.NOTHING)
    notifier = models.ForeignKey(Member, models.PROTECT, db_comment=Holds.STAFF)
    team = models.ForeignKey(Team, models.PROTECT, db_comment=Holds.NOTHING)
    residence = models.CharField(max_length=5, db_comment=Holds.NOTHING)  # REFNIS
    state = models.CharField(max_length=12, default=ReferralState.DRAFT, db_comment=Holds.NOTHING)
    version = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)  # raised by every change
    started_at = models.DateTimeField(db_comment=Holds.NOTHING)
    protocol_id = models.CharField(max_length=100, blank=True, db_comment=Holds.NOTHING)
    protocol_version = models.PositiveIntegerField(null=True, db_comment=Holds.NOTHING)
    parcel_id = models.UUIDField(null=True, unique=True, db_comment=Holds.NOTHING)
    sent_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    received_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    rejection = models.CharField(max_length=40, blank=True, db_comment=Holds.NOTHING)

    @property
    def number(self) -> str:
        """What people call it by: year and running number, nothing about the client."""
        return f"A-{legal_day(self.started_at).year}-{self.pk:04d}"


class Refusals(models.Model):
    """How many families said no in a month: a number, without a place, a team, a member or a day (GDPR 7)."""

    month = models.DateField(unique=True, db_comment=Holds.NOTHING)  # its first day
    count = models.PositiveIntegerField(default=0, db_comment=Holds.NOTHING)
