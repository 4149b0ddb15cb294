"""The client's receipt of a yes: to what, and how to take it back; no name stands on it (GDPR 7(1), 7(3))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brug.kit.press import press, qr_code


def receipt(
    title: str, rows: Sequence[tuple[str, str]], *, back: str, back_heading: str, scan: str, address: str
) -> bytes:
    """The PDF (PDF/UA-1), in Dutch: `rows` of label and words; `back` says how the yes is taken back."""
    page: dict[str, Any] = {
        "title": title,
        "rows": list(rows),
        "back": back,
        "back_heading": back_heading,
        "scan": scan,
        "address": address,
        "qr": qr_code(address),
    }
    return press("receipt.typ", page, room="brug.desks.referrals")
