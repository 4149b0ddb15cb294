"""What waits for the officer: suspicions, the clock of a breach, what the other officer wrote (art. 9, GDPR 33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brug.desks.breaches import queries
from brug.desks.breaches.states import BreachState
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.parties.waiting import Waiting


def waiting(member: Member, at: datetime) -> Iterator[Waiting]:
    """One line for each case that asks something now."""
    if not may(member, Verb.RUN_BREACH, at=at):
        return
    for row in queries.register(at):
        breach, where = row.breach, reverse("breach", args=[row.breach.reference])
        what: dict[str, object] = {"number": breach.number}
        if row.is_unread:
            yield Waiting(_("%(number)s: read what the other officer wrote") % what, where, breach.recorded_at, True)
        elif breach.state == BreachState.SUSPECTED:
            yield Waiting(_("%(number)s: assess the suspicion of a breach") % what, where, breach.recorded_at, True)
        elif row.left is not None and row.left < 0:
            yield Waiting(_("%(number)s: the 72 hours are over") % what, where, breach.aware_at, True)
        elif row.left is not None:
            words = ngettext(
                "%(number)s: %(n)d hour left for the authority",
                "%(number)s: %(n)d hours left for the authority",
                row.left,
            )
            yield Waiting(words % (what | {"n": row.left}), where, breach.aware_at, row.left < 24)
