"""The press: a page of values and a typst template become a tagged PDF (PDF/UA-1); a warning is a fault."""

from __future__ import annotations

import json
from typing import Any

import typst

from brug.core.fonts import drawable, families, fonts

WATERMARK = b"""\
#set page(background: if json(bytes(sys.inputs.data)).practice {
  rotate(-45deg, text(size: 92pt, weight: "bold", fill: luma(88%), lang: "nl")[OEFENING])
})
"""


def press(template: bytes, page: dict[str, Any], *, practice: bool, instead: str = "") -> bytes:
    """The PDF of `page` in a template; the values are never part of the source. What is of a practice node says so.

    `instead`: what stands in the place of a line that the letters here cannot draw. Without it that raises, as any
    fault does: `typst.TypstError`, or `typst.TypstWarning` for what typst only warns of.
    """
    try:
        return _pressed(template, page, practice)
    except (typst.TypstError, typst.TypstWarning):  # its text may hold a letter of a name
        if not instead:
            raise
    return _pressed(template, _drawn(page, instead), practice)


def _pressed(template: bytes, page: dict[str, Any], practice: bool) -> bytes:
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


def _drawn(value: Any, instead: str) -> Any:
    """All of a page: a whole line in a list of lines gives way to `instead`; in any other text only the letter does."""
    if isinstance(value, str):
        return "".join(c if _is_drawn(c) else "?" for c in value)
    if isinstance(value, dict):
        return {name: _drawn(each, instead) for name, each in value.items()}
    if isinstance(value, list | tuple):
        if all(isinstance(each, str) for each in value):
            return [line if _is_drawn(line) else instead for line in value]
        return [_drawn(each, instead) for each in value]
    return value


def _is_drawn(line: str) -> bool:
    return drawable().issuperset(map(ord, line.replace("\n", "")))
