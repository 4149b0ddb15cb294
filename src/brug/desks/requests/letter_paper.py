"""The letter to a family on paper: its language and, beside it, the Dutch, to hand over (GDPR 12, 15)."""

from __future__ import annotations

from datetime import date
from typing import Any

from brug.core.leaflet.letter import Letter
from brug.kit.press import press

NOT_DRAWN = "…"  # in letters that nobody can print here; the annex as JSON has them


def printed(letter: Letter, dutch: Letter, *, party: str, request: str, on: date) -> bytes:
    """The PDF (PDF/UA-1) of `letter` with `dutch` beside it. Made on the spot, kept nowhere."""
    page = {
        "own": _side(letter),
        "dutch": _side(dutch) if dutch.language != letter.language else None,
        "party": party,
        "on": f"{on:%d/%m/%Y}",
        "mark": f"{party} · {request}",
    }
    return press("letter.typ", page, room="brug.desks.requests", instead=NOT_DRAWN)


def _side(letter: Letter) -> dict[str, Any]:
    return {
        "language": letter.language,
        "direction": letter.direction,
        "title": letter.title,
        "lede": letter.lede,
        "sections": letter.sections,
        "facts": letter.facts,
        "check": letter.check,
    }
