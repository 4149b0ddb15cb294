"""A protocol in whatever file it comes: the same text is read from each, and what is no text is one kind of refusal."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from brug.core.identity import Invalid
from brug.core.protocol.reading import read
from brug.office.registry.commands import STANDARD
from brug.office.registry.uploads import text_of

TEXT = (Path(__file__).parents[2] / "core" / "protocol" / "texts" / "V2-bonheiden-other-drafter.txt").read_text()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word_file(text: str, footer: str = "") -> bytes:
    """A Word file with a paragraph for each paragraph of `text`, made by hand."""
    runs = "".join(
        f"<w:p><w:r><w:t xml:space='preserve'>{escape(' '.join(part.split()))}</w:t></w:r></w:p>"
        for part in text.split("\n\n")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/document.xml", f"<w:document {W}><w:body>{runs}</w:body></w:document>")
        if footer:
            line = f"<w:p><w:r><w:t>{escape(footer)}</w:t></w:r></w:p>"
            file.writestr("word/footer1.xml", f"<w:ftr {W}>{line}</w:ftr>")
    return out.getvalue()


FILES = {
    "utf-8": TEXT.encode(),
    "utf-8 with its mark": TEXT.encode("utf-8-sig"),
    "windows-1252": TEXT.replace("\uf0b7", "•").encode("windows-1252"),
    "utf-16": TEXT.encode("utf-16"),
    "lines of Windows": TEXT.replace("\n", "\r\n").encode(),
    "Word": word_file(TEXT),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_same_facts_are_read_from_every_kind_of_file(kind: str) -> None:
    standard = STANDARD.read_text(encoding="utf-8")
    text, _ = text_of(FILES[kind])
    expected = {finding.slot: finding.value for finding in read(TEXT, standard).findings}
    found = read(text, standard)
    assert {finding.slot: finding.value for finding in found.findings} == expected
    assert [each.words for each in found.added] == [each.words for each in read(TEXT, standard).added]


def test_what_stands_around_a_word_file_is_told_and_not_read() -> None:
    text, around = text_of(word_file("Artikel 1: Onderwerp", footer="Versie 3, niet voor publicatie"))
    assert "publicatie" not in text
    assert [(each.why, each.words) for each in around] == [("footer", "Versie 3, niet voor publicatie")]


def test_what_was_struck_out_in_word_is_no_text_any_more() -> None:
    raw = word_file("zes maanden")
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        body = file.read("word/document.xml").decode()
    body = body.replace("</w:p>", "<w:del><w:r><w:delText>drie</w:delText></w:r></w:del></w:p>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        changed.writestr("word/document.xml", body)
    assert text_of(out.getvalue())[0].strip() == "zes maanden"


BOMB = f'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document {W}><w:body><w:p>&a;</w:p></w:body></w:document>'


def zipped(name: str, content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\0\1\2\3", "not_a_text"),
        (b"PK\3\4 broken", "not_a_word_file"),
        (zipped("other.xml", "x"), "not_a_word_file"),
        (zipped("word/document.xml", BOMB), "not_a_word_file"),
        (zipped("word/document.xml", "<w:document"), "not_a_word_file"),
        (b"%PDF-1.7", "not_a_pdf"),
        (b"x" * 5_000_001, "file_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_holds_no_text_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        text_of(raw)
    assert refused.value.code == code
