"""What the ledger says of a report: a field’s name at the most, never its value (art. 7)."""

from __future__ import annotations

from datetime import datetime

from brug.desks.quality.models import Report
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.parties.models import Member


def record(act: Act, report: Report, *, by: Member | None, at: datetime, details: str = "") -> None:
    ledger.record(
        act,
        report.reference,
        by=by.actor if by else WORKER,
        at=at,
        protocol=report.protocol,
        details=details,
    )
