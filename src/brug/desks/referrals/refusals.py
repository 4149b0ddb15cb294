"""The family says no: the draft is erased, and a count leads to no family (GDPR 7, recital C)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from brug.core.calendar import legal_day
from brug.desks.referrals import services
from brug.desks.referrals.models import Referral, Refusals
from brug.office.parties.models import Member

SHOWN_FROM = 5  # a smaller number could be told apart by whoever knows whom the team met


def refuse(referral: Referral, *, by: Member, at: datetime) -> None:
    """Throw the draft away as any other, so that its trace in the ledger is the same; count the no.

    Raises `WrongState` once it was sent: then the yes is withdrawn instead.
    """
    with transaction.atomic():
        services.discard(referral, by=by, at=at)
        month, _ = Refusals.objects.get_or_create(month=legal_day(at).replace(day=1))
        Refusals.objects.filter(pk=month.pk).update(count=F("count") + 1)


def in_year(at: datetime) -> int:
    """How many noes this calendar year; 0 while they are too few to be shown."""
    counted: int = Refusals.objects.filter(month__year=legal_day(at).year).aggregate(all=Sum("count"))["all"] or 0
    return counted if counted >= SHOWN_FROM else 0
