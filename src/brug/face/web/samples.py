"""Fictional rows, events and reasons for the page of components."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.forms import Form

from brug.core.protocol.decide import Reason

ROWS = (
    ("W-2026-0117", "vandaag", "nieuw", "info", ""),
    ("W-2026-0114", "3 werkdagen geleden", "wacht op wachtwoord", "warning", ""),
    ("W-2026-0113", "4 werkdagen geleden", "toegewezen", "neutral", "Karim Aerts"),
    ("W-2026-0109", "6 werkdagen geleden", "niet bereikt", "danger", "Els Wouters"),
)
"""Number, arrival in words, state, its colour, and the colleague who has it."""

EVENTS = (
    ("Gebeld, niet opgenomen", "gisteren, 11.20 uur", datetime(2026, 11, 22, 10, 20, tzinfo=UTC)),
    ("Aan u toegewezen door Hilde Maes", "vrijdag 20 november", datetime(2026, 11, 20, 8, 5, tzinfo=UTC)),
    ("Zending ontvangen en nagekeken", "dinsdag 17 november, 10.44 uur", datetime(2026, 11, 17, 9, 44, tzinfo=UTC)),
)
"""What happened, when in words, and the instant."""

REASONS = (Reason("recital C", "client_not_informed"), Reason("recital C", "consent_withdrawn"))

CONTEXT = {
    "rows": ROWS,
    "reference": UUID(int=117),
    "events": EVENTS,
    "reasons": REASONS,
    "asks_nothing": Form(),
    "address": "Polderstraat 14\n2260 Westerlo",
}
