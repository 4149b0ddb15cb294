"""A leaflet on one page of paper: the family's language, the Dutch beside it, pictures, a QR code (GDPR 12)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import qrcode

from brug.core.leaflet import Leaflet
from brug.face.paper.press import press

INK = "#0b5a63"


@cache
def picture(name: str) -> str:
    """A drawing as SVG, in the colour of the text around it."""
    return files(__package__ or "brug.face.paper").joinpath(f"pictures/{name}.svg").read_text("utf-8").strip()


def qr_code(address: str) -> str:
    """A QR code to `address` as SVG, black on nothing: one path, a stroke for each row of dark modules."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=1)
    code.add_data(address)
    matrix = code.get_matrix()
    runs = [
        f"M{match.start()} {y}.5h{len(match.group())}"
        for y, row in enumerate(matrix)
        for match in re.finditer("1+", "".join("01"[dark] for dark in row))
    ]
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path d="{"".join(runs)}" stroke="#000"/></svg>'
    )


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
    return press("leaflet.typ", page)


def _side(leaflet: Leaflet) -> dict[str, Any]:
    return {
        "language": leaflet.language,
        "direction": leaflet.direction,
        "title": leaflet.title,
        "sections": [(part.heading, " ".join(part.sentences)) for part in leaflet.sections],
        "facts": leaflet.facts,
    }
