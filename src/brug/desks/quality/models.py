"""Reports on fields of clients: which field and how, never a value (art. 7)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from brug.core.calendar import legal_day
from brug.core.holds import Holds
from brug.desks.quality.states import TRANSITIONS, ReportState, Side
from brug.office.parties.models import Team


class Report(models.Model):
    """One field of one referral that is not as it should be. `whose`: who reported it, or who looks into it."""

    transitions = TRANSITIONS

    reference = models.UUIDField(default=uuid.uuid4, db_comment=Holds.NOTHING)  # the same at both sides
    side = models.CharField(max_length=10, db_comment=Holds.NOTHING)
    referral_id = models.UUIDField(db_index=True, db_comment=Holds.NOTHING)  # the discloser's reference
    case = models.UUIDField(null=True, db_comment=Holds.NOTHING)  # the recipient's own reference
    protocol = models.CharField(max_length=120, db_comment=Holds.NOTHING)  # id@version
    field = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    defect = models.CharField(max_length=20, db_comment=Holds.NOTHING)
    by_phone = models.BooleanField(default=False, db_comment=Holds.NOTHING)
    state = models.CharField(max_length=20, default=ReportState.REPORTED, db_comment=Holds.NOTHING)
    whose = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_comment=Holds.STAFF)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_comment=Holds.NOTHING)
    reported_at = models.DateTimeField(db_comment=Holds.NOTHING)
    answered_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    closed_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)
    reminded_at = models.DateTimeField(null=True, db_comment=Holds.NOTHING)  # unused: goes in the next release
    result = models.CharField(max_length=20, blank=True, db_comment=Holds.NOTHING)
    is_gone = models.BooleanField(default=False, db_comment=Holds.NOTHING)  # erased or withdrawn before the answer
    parcel_id = models.UUIDField(null=True, db_index=True, db_comment=Holds.NOTHING)  # of what we sent last

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("reference", "side"), name="one_report_a_side"),
            models.UniqueConstraint(
                fields=("referral_id", "field"),
                condition=Q(side=Side.RECIPIENT, closed_at=None),
                name="one_open_report_a_field",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it by; nothing about the client."""
        return f"G-{legal_day(self.reported_at).year}-{self.pk:04d}"
