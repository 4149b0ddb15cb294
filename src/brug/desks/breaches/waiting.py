"""What waits for the data protection officer about data leaks: the clock first (art. 9, GDPR 33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brug.desks.breaches import queries
from brug.desks.breaches.models import Breach
from brug.desks.breaches.states import BreachState
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each open case."""
    if not may(member, Verb.RUN_BREACH, at=at):
        return
    for breach in Breach.objects.filter(state__in=[BreachState.SUSPECTED, BreachState.AWARE]).order_by("recorded_at"):
        where, row, number = (
            reverse("breach", args=[breach.reference]),
            queries.row(breach, at),
            {"number": breach.number},
        )
        if row.left is not None and row.left >= 0:
            words = ngettext(
                "%(number)s: %(n)d hour left to tell the authority",
                "%(number)s: %(n)d hours left to tell the authority",
                row.left,
            )
            yield Waiting(words % {**number, "n": row.left}, where, breach.aware_at, is_late=row.left < 24)
        elif row.left is not None:
            yield Waiting(_("%(number)s: the 72 hours are over") % number, where, breach.aware_at, is_late=True)
        elif breach.state == BreachState.SUSPECTED:
            yield Waiting(_("%(number)s: is this a data leak?") % number, where, breach.recorded_at)
        else:
            yield Waiting(_("%(number)s is not closed yet") % number, where, breach.recorded_at)
