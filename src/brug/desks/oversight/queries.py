"""Reads of this desk: who the other parties are, and what is due (art. 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.core.protocol.terms import Side
from brug.desks.oversight.models import Processor
from brug.office.parties.models import Counterparty
from brug.office.registry import queries as registry

SOON = timedelta(days=60)  # policy: so long before an agreement lapses the data protection officer hears of it


@dataclass(frozen=True, slots=True)
class OtherParty:
    """The other party of a protocol with us. `row` is None when this node has not met it."""

    kbo: str
    name: str
    protocol: Protocol
    row: Counterparty | None

    @property
    def has_node(self) -> bool:
        return self.row is not None and self.row.has_node


def other_parties(at: datetime) -> list[OtherParty]:
    """Every party with which there is a protocol, in force or not (a duty outlives it); by name, each once."""
    rows = {row.kbo: row for row in Counterparty.objects.all()}
    found: dict[str, OtherParty] = {}
    for protocol in registry.our_protocols(at):
        other = registry.other_party(protocol)
        kbo = other.kbo.digits
        found.setdefault(kbo, OtherParty(kbo, other.short_name, protocol, rows.get(kbo)))
    return sorted(found.values(), key=lambda other_party: other_party.name)


def other_party(kbo: str, at: datetime) -> OtherParty | None:
    return next((each for each in other_parties(at) if each.kbo == kbo), None)


def side_of(protocol: Protocol, kbo: str) -> Side:
    return "discloser" if protocol.discloser.kbo.digits == kbo else "recipient"


def name_of(protocol: Protocol) -> str:
    """A version as the ledger writes it: id@version."""
    return f"{protocol.id}@{protocol.version}"


def processors(at: datetime) -> list[Processor]:
    """Those that still process for us."""
    today = legal_day(at)
    return [each for each in Processor.objects.all() if each.ended_on is None or each.ended_on >= today]


def standing(processor: Processor, today: date) -> str:
    """Where its agreement stands: "ended", "lapsed", "soon" or "good"."""
    if processor.ended_on is not None and processor.ended_on < today:
        return "ended"
    if processor.agreed_through is None:
        return "good"
    if processor.agreed_through < today:
        return "lapsed"
    return "soon" if processor.agreed_through <= today + SOON else "good"
