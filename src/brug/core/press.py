"""The press: a page of values and a typst template become a tagged PDF (PDF/UA-1); a warning is a fault."""

from __future__ import annotations

import json
from typing import Any

import typst

from brug.core.fonts import families, fonts

WATERMARK = b"""\
#set page(background: if json(bytes(sys.inputs.data)).practice {
  rotate(-45deg, text(size: 92pt, weight: "bold", fill: luma(88%), lang: "nl")[OEFENING])
})
"""


def press(template: bytes, page: dict[str, Any], *, practice: bool) -> bytes:
    """The PDF of `page` in a template; the values are never part of the source. What is of a practice node says so.

    Raises `typst.TypstError`, or `typst.TypstWarning` for what typst only warns of, such as a missing letter.
    """
    pdf, warnings = typst.compile_with_warnings(
        WATERMARK + template,
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps({**page, "practice": practice, "fonts": families()})},
        pdf_standards=["ua-1"],
    )
    if warnings:
        raise warnings[0]
    return bytes(pdf)
