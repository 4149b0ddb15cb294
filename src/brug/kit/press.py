"""The press, for the templates of every room; and a square code that a telephone reads."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import qrcode
from django.conf import settings

from brug.core import press as printing


def press(template: str, page: dict[str, Any], *, room: str = "brug.kit", instead: str = "") -> bytes:
    """The PDF of `page` in the `template` of a `room`.

    See `brug.core.press`, also for what stands `instead` of a line, and for what it raises.
    """
    source = files(room).joinpath(template).read_bytes()
    return printing.press(source, page, practice=settings.PRACTICE, instead=instead)


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
