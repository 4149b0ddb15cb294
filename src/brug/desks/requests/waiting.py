"""What waits of requests of data subjects: to assign, to work on, near the last day (GDPR 12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from brug.core.calendar import legal_day
from brug.desks.requests.models import Request
from brug.desks.requests.states import OPEN
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each open request: the officer's without a worker and those that are late, the worker's own."""
    found = Request.objects.filter(state__in=OPEN).order_by("due_on")
    if may(member, Verb.RUN_REQUEST, at=at):
        found, words = found.filter(Q(worker=None) | Q(due_on__lt=legal_day(at))), ""
    elif may(member, Verb.GATHER_REQUEST, Relation.OWN, at=at):
        found, words = found.filter(worker=member), _("%(number)s: a request of a data subject")
    else:
        return
    for request in found[:50]:
        where = reverse("request", args=[request.reference])
        is_late = request.due_on < legal_day(at)
        said = words or (
            _("%(number)s: the last day for the answer is over")
            if request.worker_id
            else _("%(number)s: give the request to a colleague")
        )
        yield Waiting(said % {"number": request.number}, where, request.recorded_at, is_late)
