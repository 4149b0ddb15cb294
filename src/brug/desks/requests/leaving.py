"""A worker leaves: her open requests go back to the data protection officers, who give them on (art. 4, GDPR 12)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from brug.desks.requests import services
from brug.desks.requests.models import Request
from brug.desks.requests.states import OPEN
from brug.office.parties.models import Member


def may_inherit(member: Member, heir: Member, at: datetime) -> bool:
    """Nobody: an officer says who answers a request."""
    return False


def needs_heir(member: Member) -> bool:
    """Never: the officers stand in."""
    return False


def hand_over(member: Member, heir: Member | None, *, by: Member, at: datetime) -> int:
    """Give every open request of `member` back, to be assigned anew. How many went."""
    open_ones = list(Request.objects.filter(worker=member, state__in=OPEN))
    with transaction.atomic():
        for request in open_ones:
            services.release(request, by=by, at=at)
    return len(open_ones)
