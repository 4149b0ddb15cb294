"""A published PDF read back: the document it was made of, and nothing that its pages do not say."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from brug.core.protocol.document import load
from brug.desks.protocols.publication import publication
from brug.office.registry.uploads import document_of
from tests.core.protocol.samples import TEXT, WESTERLO

ON = date(2026, 11, 23)


def test_a_published_pdf_reads_back_without_loss() -> None:
    found = document_of(publication(WESTERLO, on=ON, standing="in werking"))
    assert found == WESTERLO
    assert found.sha256 == WESTERLO.sha256


def test_a_pdf_whose_pages_say_something_else_carries_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who attaches another document to pages that people read deceives nobody."""
    from brug.kit.linked import document

    other = load(TEXT.replace("met toepassing van de regels", "met wegwuiving van de regels"))
    other_json = document.as_json(other)
    monkeypatch.setattr(document, "as_json", lambda protocol: other_json)
    assert document_of(publication(WESTERLO, on=ON, standing="in werking")) is None


def test_a_pdf_without_a_document_carries_none() -> None:
    pdf = publication(WESTERLO, on=ON, standing="in werking")
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    del writer.root["/Names"]
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert document_of(out.getvalue()) is None
    assert document_of(b"%PDF-1.7") is None
