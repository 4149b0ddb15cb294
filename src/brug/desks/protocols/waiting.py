"""What everybody who works under a protocol should see coming: its end (art. 5, art. 8, art. 11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.desks.protocols.directory import SOON
from brug.office.parties.waiting import Row, Thing
from brug.office.registry import queries
from brug.office.roles import Role

Whose = Collection[int] | None
NEWS = timedelta(days=7)  # so long a home tells what the other party told
ALL = tuple(role for role in Role if role != Role.ADMINISTRATOR)


def ending(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The protocols of ours that hold and have an end that is less than half a year away; not one that goes on as the
    next version."""
    for protocol in queries.our_protocols(at):
        state = life.state(protocol, protocol.events, at)
        if not state.is_in_force or state.end is None or state.last_day is None:
            continue
        if state.end.phase is not life.Phase.REPLACED and state.end.at <= at + SOON:
            number = f"{_name(protocol)}, {date_format(state.last_day, 'j F Y')}"
            where = reverse("protocol-timeline", args=[protocol.id, protocol.version])
            yield Thing(number, where, min(at, life.first_moment(legal_day(state.end.at - SOON))))


def offered(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The texts that another party offers us and nobody answered yet."""
    for protocol in _of_ours():
        event = life.open_offer(protocol.events)
        if event is not None and event.side != queries.our_side(protocol):
            yield Thing(_name(protocol), _where("protocol-answer", protocol), event.at)


def mailbox_asked(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The recipients that want their parcels elsewhere: call, and agree."""
    for protocol in _of_ours():
        event = life.open_mailbox(protocol.events)
        if event is not None and queries.our_side(protocol) == "discloser":
            yield Thing(_name(protocol), _where("protocol-mailbox", protocol), event.at)


def differs(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """The protocols of ours that the other party holds with another text, or not at all."""
    for protocol in queries.our_protocols(at):
        told = [event.at for event in protocol.events if event.kind is life.EventKind.TEXT_DIFFERS]
        if told and life.same_text(protocol.events) is False:
            yield Thing(_name(protocol), _where("protocol", protocol), max(told), is_late=True)


def news(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """What the other party told lately of a protocol; it counts already."""
    for protocol_id, version, recorded_at in queries.told_since(at - NEWS):
        if protocol := queries.protocol(protocol_id, version):
            yield Thing(_name(protocol), _where("protocol-timeline", protocol), recorded_at)


def _of_ours() -> Iterable[Protocol]:
    """Every version between us and another party."""
    return queries.our_protocols_and_offers()


def _name(protocol: Protocol) -> str:
    return queries.other_party(protocol).short_name


def _where(name: str, protocol: Protocol) -> str:
    return reverse(name, args=[protocol.id, protocol.version])


DPO = (Role.DPO,)
ROWS = (
    Row("protocol_offered", offered, _("%(number)s offers a protocol: look at it and answer"), roles=DPO),
    Row("protocol_mailbox", mailbox_asked, _("%(number)s asks for another mailbox: call them"), roles=DPO),
    Row(
        "protocol_differs",
        differs,
        _("%(number)s holds another text of the protocol, or none: call their officer"),
        roles=DPO,
        is_late=True,
    ),
    Row("protocol_news", news, _("%(number)s told something about the protocol"), roles=DPO, mails=False),
    Row(
        "protocol_ending",
        ending,
        _("The protocol with this party ends, last day: %(number)s"),
        roles=ALL,
        mails=False,
    ),
)
