"""The register of processing on paper: every activity with the columns of GDPR 30(1), in Dutch."""

from __future__ import annotations

from datetime import date

from brug.core.protocol.terms import dutch_day
from brug.desks.oversight.register import Activity
from brug.kit.press import press


def register(found: list[Activity], *, party: str, on: date) -> bytes:
    """The PDF (PDF/UA-1) of `found`, the register of `party` as it is on the legal day `on`."""
    page = {
        "title": "Register van de verwerkingsactiviteiten",
        "lede": f"{party}, toestand op {dutch_day(on)}. Artikel 30 van de algemene verordening gegevensbescherming.",
        "mark": f"Verwerkingsregister {party}, {dutch_day(on)}",
        "parts": [
            {
                "title": activity.name,
                "rows": [(heading, lines) for name, heading, lines in activity.rows() if lines and name != "name"],
            }
            for activity in found
        ],
    }
    return press("account.typ", page, instead="in andere letters, zie het register in Brug")
