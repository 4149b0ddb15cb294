"""What waits of windows: what a family said, for the colleague who works with it (GDPR 7(3), art. 7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day, working_days
from brug.desks.window.models import Message
from brug.desks.window.states import Said
from brug.office.parties.waiting import Find, Quiet, Row, Step, Thing
from brug.office.plug import shows
from brug.office.roles import Role

NEXT = (Step(1, (Role.TEAM_LEAD, Role.DISPATCHER)),)


def _said(said: Said) -> Find:
    def find(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
        for message in Message.objects.filter(said=said).order_by("said_at"):
            here = shows()[message.desk].whose(message.subject)
            if here and (whose is None or here.owner in whose):
                url = reverse("window-of", args=[message.desk, message.subject])
                is_late = working_days(legal_day(message.said_at), legal_day(at)) > 1
                yield Thing(here.number, url, message.said_at, here.owner, here.team, is_late, here.others)

    return find


ROWS = (
    Row(
        "window_took_back",
        _said(Said.TOOK_BACK),
        _("%(number)s: the consent was taken back by the window. Ask the family whether it was them"),
        then=NEXT,
        states=(Said.TOOK_BACK,),
    ),
    Row(
        "window_not_right",
        _said(Said.NOT_RIGHT),
        _("%(number)s: the family says by its window that a datum is not right. Ask what is, today"),
        then=NEXT,
        states=(Said.NOT_RIGHT,),
    ),
)
QUIET: Quiet = {}
