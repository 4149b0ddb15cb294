"""A leaflet on one page of paper: the family's language, the Dutch beside it, pictures, a QR code (GDPR 12)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from brug.core.leaflet import Leaflet
from brug.kit.press import press, qr_code

INK = "#0b5a63"


@cache
def picture(name: str) -> str:
    """A drawing as SVG, in the colour of the text around it."""
    return files(__package__ or "brug.face.web").joinpath(f"pictures/{name}.svg").read_text("utf-8").strip()


def printed(leaflet: Leaflet, dutch: Leaflet, *, address: str) -> bytes:
    """The PDF (PDF/UA-1) of `leaflet` with `dutch` beside it; `address` is that of the same page on screen."""
    page = {
        "own": _side(leaflet),
        "dutch": _side(dutch) if dutch.language != leaflet.language else None,
        "pictures": [picture(part.picture).replace("currentColor", INK) for part in leaflet.sections],
        "qr": qr_code(address),
        "scan": leaflet.scan,
        "address": address,
        "mark": f"{leaflet.mark} · {leaflet.protocol}",
        "check": [leaflet.check] + ([dutch.check] if dutch.language != leaflet.language else []),
    }
    return press("leaflet.typ", page, room="brug.face.web")


def _side(leaflet: Leaflet) -> dict[str, Any]:
    return {
        "language": leaflet.language,
        "direction": leaflet.direction,
        "title": leaflet.title,
        "sections": [(part.heading, " ".join(part.sentences)) for part in leaflet.sections],
        "facts": leaflet.facts,
    }
