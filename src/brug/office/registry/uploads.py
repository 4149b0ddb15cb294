"""The text of a file that holds a protocol: plain text in any usual encoding, PDF, Word (recital D)."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from xml.etree import ElementTree

from brug.core.identity import Invalid
from brug.core.protocol.document import DocumentError, Protocol, load
from brug.core.protocol.words import LeftOut, key

LARGEST = 5_000_000  # bytes, of a file
LARGEST_PART = 20_000_000  # bytes, of one unpacked part of a Word file
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def text_of(raw: bytes) -> tuple[str, list[LeftOut]]:
    """The text of `raw`, and what stands on its pages beside the text. Raises `Invalid` for what holds no text."""
    if len(raw) > LARGEST:
        raise Invalid("file_too_large", "A file of at most 5 MB.")
    if raw.startswith(b"%PDF"):
        return _of_pdf(raw), []
    if raw.startswith(b"PK"):
        return _of_word(raw)
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw, encoding), []
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = _decoded(raw, "windows-1252")
    if "\0" in text:
        raise Invalid("not_a_text", "A text, a PDF or a Word file (.docx).")
    return text, []


def document_of(raw: bytes) -> Protocol | None:
    """The document that a PDF of Brug carries beside its pages, if the pages say every word of it; else None."""
    if not raw.startswith(b"%PDF") or len(raw) > LARGEST:
        return None
    for data in _attached(raw):
        try:
            document = load(data.decode())
        except (DocumentError, UnicodeDecodeError):
            continue
        shown = re.sub(r"[\W_]", "", _of_pdf(raw)).casefold()
        words = {
            key(word) for clause in document.clauses.values() for text in clause.printed() for word in text.split()
        }
        if all(re.sub(r"[\W_]", "", word) in shown for word in words):
            return document
    return None


def _attached(pdf: bytes) -> list[bytes]:
    """The JSON files that are attached to a PDF."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # half a second that no other command has to wait for

    try:
        names = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
        files = [(str(names[n]), names[n + 1]) for n in range(0, len(names), 2)]
        return [bytes(file["/EF"]["/F"].data) for name, file in files if name.endswith(".json")]
    except Exception:
        return []


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        raise Invalid("not_a_text", "A text, a PDF or a Word file (.docx).") from None


def _of_pdf(pdf: bytes) -> str:
    """The text in reading order, by poppler's pdftotext."""
    command = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    try:
        text = subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60).stdout  # noqa: S603
    except FileNotFoundError:
        raise Invalid("no_pdftotext", "To read a PDF, install poppler-utils.") from None
    except subprocess.SubprocessError:
        raise Invalid("not_a_pdf", "This PDF cannot be read; give its text instead.") from None
    if not text.strip():
        raise Invalid("pdf_without_text", "This PDF is a picture; give the file it was made of, or its text.")
    return text.decode()


def _of_word(raw: bytes) -> tuple[str, list[LeftOut]]:
    """Paragraphs and cells of tables in the order of the document; its headers and footers are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            body = _part(file, "word/document.xml")
            frames = sorted(name for name in file.namelist() if re.fullmatch(r"word/(header|footer)\d*\.xml", name))
            around = [(name, " ".join(_paragraphs(_part(file, name)))) for name in frames]
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError):
        raise Invalid("not_a_word_file", "A Word file (.docx) that is not locked; give a PDF or its text.") from None
    found = {LeftOut(words, 0, "header" if "header" in name else "footer") for name, words in around if words.strip()}
    return "\n\n".join(_paragraphs(body)) + "\n", sorted(found, key=lambda each: (each.why, each.words))


def _part(file: zipfile.ZipFile, name: str) -> ElementTree.Element:
    info = file.getinfo(name)
    if info.file_size > LARGEST_PART:
        raise Invalid("file_too_large", "A Word file with at most 20 MB of text.")
    with file.open(info) as opened:
        xml = opened.read(LARGEST_PART + 1)
    if len(xml) > LARGEST_PART or b"<!DOCTYPE" in xml[:4096] or b"<!ENTITY" in xml:
        raise KeyError(name)  # no Word file has either
    return ElementTree.fromstring(xml)  # noqa: S314, without a document type nothing can be expanded


def _paragraphs(part: ElementTree.Element) -> list[str]:
    lines = ("".join(_runs(paragraph)) for paragraph in part.iter(f"{_W}p"))
    return [line.strip() for line in lines if line.strip()]


def _runs(paragraph: ElementTree.Element) -> list[str]:
    """The text of a paragraph; what was struck out under revision is no text any more."""
    signs = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
    return [signs.get(node.tag, (node.text or "") if node.tag == f"{_W}t" else "") for node in paragraph.iter()]
