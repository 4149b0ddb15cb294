"""The press, for the templates of this room."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from django.conf import settings

from brug.core import press as printing


def press(template: str, page: dict[str, Any], *, instead: str = "") -> bytes:
    """The PDF of `page`; see `brug.core.press`, also for what stands `instead` of a line, and for what it raises."""
    source = files(__package__ or "brug.face.paper").joinpath(template).read_bytes()
    return printing.press(source, page, practice=settings.PRACTICE, instead=instead)
