"""Clients that sing like canaries, each with a number of its own, and what an answer says of them."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from functools import lru_cache
from string import ascii_lowercase
from typing import Any

from brug.core import message

SONG = re.compile(
    r"(?:kanaria|vogelzang|kooistraat|kanarie)([a-z]{2})(?![a-z])"
    r"|(?<!\w)(?:\+32|0)470 ?99 ?(\d\d) ?(\d\d)(?!\w)",
    re.IGNORECASE,
)
NOTES = ("kanari", "vogelzang", "kooistraat", "470")  # each song has one of them


def client(number: int) -> dict[str, Any]:
    """The five fields of canary `number`, below 676."""
    letters = "".join(ascii_lowercase[digit] for digit in divmod(number, 26))
    return {
        "given_name": f"Kanaria{letters}",
        "family_name": f"Vogelzang{letters}",
        "address": message.Address(street=f"Kooistraat{letters}", number="14", postal_code="2260"),
        "phone": f"+3247099{number:04}",
        "email": f"kanarie{letters}@voorbeeld.example",
    }


def heard(text: str) -> frozenset[int]:
    """The canaries of whom something stands in `text`."""
    small = text.lower()
    if not any(note in small for note in NOTES):  # most pages: the search for a song takes a hundred times as long
        return frozenset()
    found = (song.groups() for song in SONG.finditer(text))
    return frozenset(_number(name) if name else int(high + low) for name, high, low in found)


def _number(letters: str) -> int:
    high, low = (ascii_lowercase.index(letter) for letter in letters.lower())
    return high * 26 + low


def readable(body: bytes) -> str:
    """A body as a person reads it, also from within a PDF or an archive."""
    if body.startswith(b"%PDF"):
        return _of_paper(body)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(readable(archive.read(name)) for name in archive.namelist())
    return body.decode(errors="replace")


@lru_cache(maxsize=64)
def _of_paper(pdf: bytes) -> str:
    said = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True)
    return said.stdout.decode(errors="replace")
