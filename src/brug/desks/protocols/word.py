"""A protocol as a Word file, to be laid before a council: the printed words (recital D)."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import docx

from brug.core.protocol.document import Protocol
from brug.core.protocol.text import blocks

STYLES = {"title": "Title", "heading": "Heading 2", "name": "Heading 3", "item": "List Paragraph"}
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # of every file, so that the same text gives the same bytes


def word(protocol: Protocol) -> bytes:
    """The text as .docx, paragraph by paragraph; `uploads` reads it back without loss."""
    document = docx.Document()
    about = document.core_properties
    about.title, about.author, about.language = " ".join(protocol.title.paragraphs()), "", "nl-BE"
    about.created = about.modified = BEGINNING
    for block in blocks(protocol):
        document.add_paragraph(block.text, style=STYLES.get(block.kind, "Normal"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
