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


HIDDEN = '<w:rPr><w:vanish w:x="0" w:val="{}"/></w:rPr><w:t>gezien</w:t>'


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
        *((HIDDEN.format(off), "gezien") for off in ("0", "false", "OFF")),
        *((HIDDEN.format(on), "") for on in ("1", "true", "on")),
        ("<w:t>a</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:tab/></w:r><w:r><w:t>b</w:t>", "ab"),
        ("<w:t>a</w:t>tussen<w:t>b</w:t>", "ab"),
        ("<w:tab/><w:t>Naam </w:t>", "\tNaam "),
        ("<w:t>XnaamX</w:t>", "XnaamX"),
        ("<w:del><w:moveFrom><w:t>x</w:t></w:moveFrom><w:t>y</w:t></w:del><w:t>z</w:t>", "z"),
        ("<a:b:t>van een ander</a:b:t><t>zonder</t>", "van een anderzonder"),
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


def cell(*paragraphs: str) -> str:
    return "<w:tc>" + "".join(paragraph(f"<w:t>{said}</w:t>") for said in paragraphs) + "</w:tc>"


def test_the_cells_of_a_row_stand_beside_each_other_and_rows_below() -> None:
    rows = (cell("") + cell("Naam", "", ""), cell("Amal", "Haddou") + cell("0470"))
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    assert (
        documents.text_of("a.docx", word(table + paragraph("<w:t>einde</w:t>"))) == "\tNaam\nAmal\nHaddou\t0470\neinde"
    )


def test_a_document_that_is_cut_off_reads_up_to_there_and_nothing_readable_is_no_document() -> None:
    cut = f"<w:document>{paragraph('<w:t>tot hier</w:t>')}<w:p><w:r><w:t"
    assert documents.text_of("a.docx", package(document=cut)) == "tot hier"
    assert documents.text_of("a.docx", package(document="<w:document")) is None
    assert documents.text_of("a.docx", package(header1=cut)) is None, "a header alone is no letter"


def test_the_parts_of_a_word_file_have_a_limit_together() -> None:
    texts = [f"<w:x>{paragraph(f'<w:t>{said}</w:t>')}</w:x>" for said in ("kop", "tekst", "voet")]
    room = documents.UNPACKED_LIMIT - len(texts[1])
    header = texts[0].replace("</w:x>", "").ljust(room - len("</w:x>")) + "</w:x>"
    assert documents.text_of("a", package(header1=header, document=texts[1])) == "kop\ntekst"
    assert documents.text_of("a", package(header1=header + " " * 40, document=texts[1])) is None
    assert documents.text_of("a", package(header1=header, document=texts[1], footer1=texts[2])) is None


def test_a_kind_that_has_no_plain_text_has_none_and_no_more_is_shown_than_a_person_reads() -> None:
    assert documents.text_of("foto.jpg", b"Amal") is None
    assert documents.shown("\ufeff\0 XNaamX\t\n\0") == " XNaamX\t\n"
    most = documents.TEXT_LIMIT
    assert documents.shown("a" * (most + 1)) == documents.shown("a\u200b" * (most + 1)) == "a" * most
    assert documents.shown("\u200b" * 2 * most + "a") == ""


def pairs(both: int = 0, high: int = 0, none: int = 0) -> bytes:
    """So many pairs of bytes of which both are zero, the second, and none."""
    return b"\0\0" * both + b"A\0" * high + b"AA" * none


def test_utf_16_without_a_mark_is_known_by_its_zeros() -> None:
    """More than seven of ten of one half and not of the other; among the first that a person would read."""

    def swapped(content: bytes) -> bytes:
        return b"".join(content[at + 1 : at + 2] + content[at : at + 1] for at in range(0, len(content), 2))

    for content, is_so in [
        (pairs(high=8, none=2), True),
        (pairs(high=7, none=3), False),
        (pairs(both=6, high=2, none=2), True),
        (pairs(both=7, high=1, none=2), False),
        (pairs(high=documents.TEXT_LIMIT, none=documents.TEXT_LIMIT // 2), True),
    ]:
        wide, plain = content.decode("utf-16-le"), content.decode("latin-1")
        assert documents.decoded(content) == (wide if is_so else plain)
        assert documents.decoded(swapped(content)) == (wide if is_so else swapped(content).decode("latin-1"))
    odd = pairs(high=8, none=2) + b"A"
    assert documents.decoded(odd) == odd.decode("latin-1")
    for mark in (b"\xff\xfeA\0B", b"\xfe\xff\0AB"):
        assert documents.decoded(mark) == "A\ufffd"


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
