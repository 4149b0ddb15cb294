"""The press: a page of values and a typst template become a tagged PDF (PDF/UA-1); a warning is a fault."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst

from brug.core.fonts import families, fonts


def press(template: str, page: dict[str, Any]) -> bytes:
    """The PDF of `page` in a template of this room; the values are never part of the source.

    Raises `typst.TypstError`, or `typst.TypstWarning` for what typst only warns of, such as a missing letter.
    """
    pdf, warnings = typst.compile_with_warnings(
        files(__package__ or "brug.face.paper").joinpath(template).read_bytes(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps({**page, "fonts": families()})},
        pdf_standards=["ua-1"],
    )
    if warnings:
        raise warnings[0]
    return bytes(pdf)
