"""What people type over must read here as it reads in Word or Notepad (art. 3)."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import docx
import pytest
from docx.enum.text import WD_BREAK
from hypothesis import given
from hypothesis import strategies as st

from brug.core.parcel import documents


def package(method: int = zipfile.ZIP_DEFLATED, **parts: str | bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(f"word/{name}.xml", part)
    return made.getvalue()


def word(body: str) -> bytes:
    return package(document=f'<w:document xmlns:w="x"><w:body>{body}</w:body></w:document>')


def paragraph(inside: str) -> str:
    return f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r>{inside}</w:r></w:p>"


@pytest.mark.parametrize(
    ("inside", "seen"),
    [
        ("<w:t>Haddou</w:t><w:br/><w:t>Amal</w:t><w:cr/><w:t>2260</w:t>", "Haddou\nAmal\n2260"),
        ("<w:t>Naam</w:t><w:tab/><w:t>Amal</w:t>", "Naam\tAmal"),
        ("<w:t>0470</w:t><w:noBreakHyphen/><w:t>00</w:t><w:softHyphen/><w:t>01</w:t>", "0470\u201100" + "01"),
        ("<w:t>Polderstraat\u00a014</w:t>", "Polderstraat 14"),
        ("<w:t>Polderstraat 14 &amp; bus 2 &#233;</w:t>", "Polderstraat 14 & bus 2 é"),
        ("<w:t>a</w:t></w:r><w:del><w:r><w:t>b</w:t></w:r></w:del><w:ins><w:r><w:t>c</w:t></w:r></w:ins><w:r>", "ac"),
        ("<w:instrText>HYPERLINK x</w:instrText><w:t>amal@post.example</w:t>", "amal@post.example"),
        ("<w:rPr><w:vanish/></w:rPr><w:t>verborgen</w:t></w:r><w:r><w:t>gezien</w:t>", "gezien"),
        ("<a:c><mc:Choice><w:t>vak</w:t></mc:Choice><mc:Fallback><w:t>vak</w:t></mc:Fallback></a:c>", "vak"),
    ],
)  # fmt: skip
def test_what_word_shows_is_what_is_read(inside: str, seen: str) -> None:
    assert documents.text_of("a.docx", word(paragraph(inside))) == seen


def test_header_footer_and_notes_stand_round_the_text_each_once() -> None:
    parts = {name: f"<w:x>{paragraph(f'<w:t>{name[:6]}</w:t>')}</w:x>" for name in ("footer2", "header1", "footnotes")}
    parts["header2"] = parts["header1"]  # on the first page and on the others
    parts["document"] = f"<w:document>{paragraph('<w:t>tekst</w:t>')}</w:document>"
    assert documents.text_of("brief", package(**parts)) == "header\ntekst\nfootno\nfooter"


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20), min_size=1, max_size=5))
def test_what_a_kept_library_reads_in_a_word_file_is_read_here_too(words: list[str]) -> None:
    """python-docx makes the file and reads it again; in one of its paragraphs, its table and its header."""
    made, stored = docx.Document(), io.BytesIO()
    made.sections[0].header.paragraphs[0].text = words[0]
    run = made.add_paragraph("\t".join(words)).add_run("onder")
    run.add_break(WD_BREAK.LINE)
    run.add_text("elkaar")
    for cell, said in zip(made.add_table(1, len(words)).rows[0].cells, words, strict=True):
        cell.text = said
    made.save(stored)
    again = docx.Document(io.BytesIO(stored.getvalue()))
    seen = documents.text_of("a.docx", stored.getvalue())
    body = [each.text for each in again.paragraphs] + ["\t".join(c.text for c in again.tables[0].rows[0].cells)]
    assert seen == documents.shown("\n".join([again.sections[0].header.paragraphs[0].text, *body]))


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ("Naam: Désirée\r\nHaddou".encode("utf-16"), "Naam: Désirée\nHaddou"),
        ("Naam: Désirée".encode("utf-16-le"), "Naam: Désirée"),
        ("Naam: Désirée".encode("utf-16-be"), "Naam: Désirée"),
        ("Naam: Désirée".encode("utf-8-sig"), "Naam: Désirée"),
        ("Désirée ’t Kint – € 5".encode("cp1252"), "Désirée ’t Kint – € 5"),
        ("Désirée \x81".encode("latin-1"), "Désirée \ufffd"),
        ("een\rtwee\x0bdrie\x0cvier\u2028vijf".encode(), "een\ntwee\ndrie\nvier\nvijf"),
        ("0470\xa000\u200300\x1e01\u202emoc".encode(), "0470 00 00\u201101moc"),
        ("می‌خواهم".encode(), "می‌خواهم"),
        (b"", ""),
    ],
)
def test_a_text_reads_as_in_notepad_whatever_its_charset(content: bytes, seen: str) -> None:
    assert documents.text_of("gegevens.TXT", content) == seen


@given(st.text(st.characters(categories=["L"], max_codepoint=0x17F), min_size=4, max_size=50))
def test_no_charset_of_a_windows_machine_loses_a_name(name: str) -> None:
    for charset in ("utf-8", "utf-8-sig", "utf-16"):
        assert documents.text_of("a.txt", name.encode(charset)) == documents.shown(name)


@pytest.mark.parametrize(
    "part", ["<w:t", "<w:t ", "<w:t>", "<w:t><w:t>a", "<w:t a" * 2 + ">", "<w:t>&#" + "9" * 9999 + ";</w:t>", "<w:p/>"]
)
def test_a_word_file_that_is_made_to_cost_is_read_as_fast_as_any(part: str) -> None:
    document = package(document=part * (documents.UNPACKED_LIMIT // len(part)))
    began = time.process_time()
    documents.text_of("a.docx", document)
    assert time.process_time() - began < 1


def test_entities_that_grow_are_not_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]><w:p><w:r><w:t>&l8;</w:t></w:r></w:p>'
    assert documents.text_of("a.docx", package(document=bomb)) is None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_word_file_that_unpacks_without_end_costs_no_memory(method: int) -> None:
    made = package(method, document=b"<w:p><w:t>a</w:t></w:p>" + bytes(50_000_000))
    tracemalloc.start()
    try:
        found = documents.text_of("a.docx", made)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert found == ("a" if method == zipfile.ZIP_DEFLATED else None)
