"""The code of a window on a sheet of its own: no name stands on it, and no party but by its address (GDPR 12)."""

from __future__ import annotations

from typing import Any

from brug.core import leaflet
from brug.kit.press import press

SAID = ("how", "alone", "new")


def printed(code: str, language: str, *, address: str, qr: str) -> bytes:
    """The PDF (PDF/UA-1), in `language` and Dutch: `code` in groups, `address` of the door, its square code (SVG)."""
    page = {
        "code": code.split(),
        "address": address,
        "qr": qr,
        "sides": [_side(each) for each in dict.fromkeys((language, "nl"))],
    }
    return press("paper.typ", page, room="brug.desks.window")


def _side(language: str) -> dict[str, Any]:
    text = leaflet.window(language)
    return {
        "language": language,
        "direction": leaflet.texts(language)["direction"],
        "title": text["title"],
        "said": [text["paper"][name] for name in SAID],
    }
