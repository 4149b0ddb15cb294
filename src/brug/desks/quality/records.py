"""What the ledger says of a report: a field’s name at the most, never its value (art. 7)."""

from __future__ import annotations

from datetime import datetime

from brug.core.protocol.document import Protocol
from brug.desks.quality.models import Report
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.models import Member
from brug.office.registry import queries as registry


def record(act: Act, report: Report, *, by: Member | None, at: datetime, details: str = "") -> None:
    ledger.record(
        act,
        report.reference,
        by=by.actor if by else WORKER,
        at=at,
        protocol=report.protocol,
        details=details,
    )


def protocol_of(stored: str) -> Protocol:
    """The protocol version `id@version` under which the data came; a duty outlives it."""
    found = registry.named(stored)
    if found is None:
        raise LookupError("The registry no longer knows the protocol version under which this was sent.")
    return found
