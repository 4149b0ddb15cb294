"""What everybody who works under a protocol should see coming: its end (art. 5, art. 8, art. 11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.desks.protocols.directory import SOON
from brug.office.parties.states import Role
from brug.office.parties.waiting import Row, Thing
from brug.office.registry import queries

Whose = Collection[int] | None
ALL = (Role.TEAM_MEMBER, Role.TEAM_LEAD, Role.SOCIAL_WORKER, Role.DISPATCHER, Role.HEAD, Role.DPO)


def ending(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The protocols of ours that hold and have an end that is less than half a year away; not one that goes on as the
    next version."""
    for protocol in queries.our_protocols(at):
        state = life.state(protocol, protocol.events, at)
        if not state.is_in_force or state.end is None or state.last_day is None:
            continue
        if state.end.phase is not life.Phase.REPLACED and state.end.at <= at + SOON:
            other = protocol.recipient if queries.our_side(protocol) == "discloser" else protocol.discloser
            number = f"{other.short_name}, {date_format(state.last_day, 'j F Y')}"
            where = reverse("protocol-timeline", args=[protocol.id, protocol.version])
            yield Thing(number, where, min(at, life.first_moment(legal_day(state.end.at - SOON))))


ROWS = (
    Row(
        "protocol_ending",
        ending,
        _("The protocol with this party ends, last day: %(number)s"),
        roles=ALL,
        mails=False,
    ),
)
