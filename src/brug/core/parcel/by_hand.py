"""An archive that a person made with plain 7-Zip: looked at before it costs anything, then opened with a password.

7z has no authentication, so what comes out is not proven to come from anybody. And 7-Zip "opens" an archive without
encryption with any password: so it is seen here that names and content are really encrypted (art. 6).
"""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from brug.core.parcel import Rejected, Rejection

LARGEST = 1_048_576  # bytes of an archive
UNPACKED_LIMIT = 1_000_000  # bytes of all files together
MOST_FILES = 5
MOST_CYCLES = 20  # 2^20 rounds: about half a second
LIST_LIMIT = 1_000_000  # bytes of the list of files, decoded
PASSWORD_LIMIT = 200  # characters
TEXT_LIMIT = 20_000  # characters of one file that are shown
DEFLATED_LIMIT = 65_536  # bytes that Deflate is given: it makes 1,032 of one at most, and py7zr keeps it to no limit
_AES, _DEFLATE = b"\x06\xf1\x07\x01", b"\x04\x01\x08"
_LIST_METHODS = {_AES, b"\x00", b"\x03\x01\x01", b"\x21"}  # Copy, LZMA, LZMA2: what 7-Zip packs a list of files with
_METHODS = _LIST_METHODS | {_DEFLATE, b"\x03\x04\x01", b"\x04\x02\x02", b"\x03\x03\x01\x03"}  # PPMd, BZip2, BCJ
_WORD_RUN = re.compile(r"<w:t(?:\s[^<>]{0,200})?>([^<]*)</w:t>")  # linear: it never looks past the next "<"
_WORD_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLAIN = (".txt", ".json", ".csv", ".md", ".eml", ".xml", ".html", ".htm")


@dataclass(frozen=True, slots=True)
class Inside:
    """One file of an archive: its name, its size in bytes, and its text as far as it is plain to see, or None."""

    name: str
    size: int
    text: str | None = field(repr=False)


def look_at(data: bytes) -> None:
    """Raises `Rejected` unless this is a 7z archive within the limits whose list of files is encrypted. Costs nothing.

    NOT_ENCRYPTED: names can be read without a password, and so perhaps the content.
    """
    if len(data) > LARGEST:
        raise Rejected(Rejection.TOO_LARGE)
    header = _end_header(data)
    if header[:1] == b"\x01":  # Header: in clear
        raise Rejected(Rejection.NOT_ENCRYPTED)
    reader = _Reader(header)
    try:
        coders = _coders(reader)
        _check_coders(coders, _LIST_METHODS)
        largest = _largest_step(reader, len(coders))
    except (IndexError, ValueError):
        raise Rejected(Rejection.BAD_ARCHIVE) from None
    if largest > LIST_LIMIT:  # it would be decoded whole, before anything else can be asked of it
        raise Rejected(Rejection.TOO_LARGE)


def open_with(data: bytes, password: str) -> list[Inside]:
    """The files inside, as text. Raises `Rejected`; costs one or two key derivations.

    Nothing is executed, rendered or written to a disk.
    """
    look_at(data)
    if not 0 < len(password) <= PASSWORD_LIMIT:
        raise Rejected(Rejection.WRONG_PASSWORD)
    try:
        with py7zr.SevenZipFile(io.BytesIO(data), "r", password=password) as archive:
            _check_list(archive)
            products = _Limited()
            archive.extractall(factory=products)
    except Rejected:
        raise
    except Exception:  # a hostile archive, and a wrong password, may raise anything inside the library
        raise Rejected(Rejection.WRONG_PASSWORD) from None
    return [Inside(name, len(file.content), _text(name, bytes(file.content))) for name, file in products.files.items()]


def _end_header(data: bytes) -> bytes:
    """The part that says where everything is. Raises `Rejected`."""
    if len(data) < 32 or data[:6] != b"7z\xbc\xaf\x27\x1c":
        raise Rejected(Rejection.BAD_ARCHIVE)
    crc, start = struct.unpack("<I", data[8:12])[0], data[12:32]
    offset, size, header_crc = struct.unpack("<QQI", start)
    header = data[32 + offset : 32 + offset + size] if offset + size <= len(data) else b""
    if zlib.crc32(start) != crc or not header or zlib.crc32(header) != header_crc:
        raise Rejected(Rejection.BAD_ARCHIVE)
    return header


class _Reader:
    """Bytes and NUMBERs of 7zFormat.txt. Raises `IndexError` at the end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def take(self, length: int) -> bytes:
        if length > len(self._data) - self._at:
            raise IndexError
        self._at += length
        return self._data[self._at - length : self._at]

    def number(self) -> int:
        first, mask, value = self.byte(), 0x80, 0
        for place in range(8):
            if not first & mask:
                return value + ((first & (mask - 1)) << (8 * place))
            value |= self.byte() << (8 * place)
            mask >>= 1
        return value


def _coders(reader: _Reader) -> list[tuple[bytes, bytes]]:
    """Id and properties of each coder that the list of files went through. Raises `ValueError`, `IndexError`."""
    if (reader.byte(), reader.byte()) != (0x17, 0x06):  # EncodedHeader, PackInfo
        raise ValueError
    reader.number()
    streams = reader.number()
    while kind := reader.byte():
        if kind == 0x09 and streams <= 8:
            for _ in range(streams):
                reader.number()
        elif kind == 0x0A and reader.byte():
            reader.take(4 * streams)
        else:
            raise ValueError
    if (reader.byte(), reader.byte(), reader.number(), reader.byte()) != (0x07, 0x0B, 1, 0):  # one folder, in place
        raise ValueError
    found = []
    for _ in range(reader.number() if streams <= 8 else 0):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        found.append((method, reader.take(reader.number()) if flags & 0x20 else b""))
        if len(found) > 4 or flags & 0xD0:  # one stream in and one out each: nothing else makes a list
            raise ValueError
    return found


def _largest_step(reader: _Reader, coders: int) -> int:
    """After `_coders`: the most bytes that any of so many coders of the list says it gives. Raises as that does."""
    for _ in range(2 * (coders - 1)):  # which coder feeds which
        reader.number()
    if reader.byte() != 0x0C:  # CodersUnpackSize
        raise ValueError
    return max(reader.number() for _ in range(coders))


def _check_coders(coders: list[tuple[bytes, bytes]], methods: set[bytes]) -> None:
    """One of them is AES, with rounds that are worth it and can be afforded. 0x3F would make the password the key.

    And no other than these `methods`: what others unpack, nothing here keeps to a limit.
    """
    rounds = [properties[0] & 0x3F for method, properties in coders if method == _AES and properties]
    if not rounds:
        raise Rejected(Rejection.NOT_ENCRYPTED)
    if len(rounds) > 1 or rounds[0] > MOST_CYCLES or not methods.issuperset(method for method, _ in coders):
        raise Rejected(Rejection.BAD_ARCHIVE)


def _check_list(archive: Any) -> None:
    """What the decrypted list says, before a byte of content is unpacked. Raises `Rejected`."""
    files = archive.list()
    streams = archive.header.main_streams
    if not files or streams is None or max(len(files), len(streams.unpackinfo.folders)) > MOST_FILES:
        raise Rejected(Rejection.BAD_ARCHIVE)
    for folder in streams.unpackinfo.folders:
        coders = [(coder["method"], coder["properties"] or b"") for coder in folder.coders]
        _check_coders(coders, _METHODS)
        if _DEFLATE in dict(coders) and sum(streams.packinfo.packsizes) > DEFLATED_LIMIT:
            raise Rejected(Rejection.TOO_LARGE)
    if sum(size for folder in streams.unpackinfo.folders for size in folder.unpacksizes[-1:]) > UNPACKED_LIMIT:
        raise Rejected(Rejection.TOO_LARGE)
    if sum(file.uncompressed for file in files) > UNPACKED_LIMIT:
        raise Rejected(Rejection.TOO_LARGE)
    names = [file.filename for file in files]
    odd = any(file.is_directory or file.is_symlink or not file.is_file for file in files)
    if odd or len(set(names)) < len(names) or any(re.search(r"[/\\:\x00-\x1f]|^\.+$", name) for name in names):
        raise Rejected(Rejection.BAD_ARCHIVE)


class _Kept(Py7zIO):
    """One unpacked file in memory. More than all files may have together raises `Rejected`."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, s: bytes | bytearray) -> int:
        if len(self.content) + len(s) > UNPACKED_LIMIT:
            raise Rejected(Rejection.TOO_LARGE)
        self.content += s
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return bytes(self.content[:size])

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        """It is in memory."""

    def size(self) -> int:
        return len(self.content)


class _Limited(WriterFactory):
    def __init__(self) -> None:
        self.files: dict[str, _Kept] = {}

    def create(self, filename: str, mode: str = "wb") -> _Kept:
        self.files[filename] = kept = _Kept()
        return kept


def _text(name: str, content: bytes) -> str | None:
    """The text of a plain file or of a Word document, without anything that could be active; None for other kinds."""
    lower = name.lower()
    if lower.endswith(".docx"):
        found = _word_text(content)
    elif lower.endswith(_PLAIN):
        found = _decoded(content)
    else:
        return None
    if found is None:
        return None
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in found.replace("\r\n", "\n"))
    return shown[:TEXT_LIMIT]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _word_text(content: bytes) -> str | None:
    """The paragraphs of a .docx, by its text runs alone. None for packing that zipfile keeps to no limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, package.open("word/document.xml") as part:
            if package.getinfo("word/document.xml").compress_type not in _WORD_METHODS:
                return None
            document = part.read(UNPACKED_LIMIT).decode("utf-8", "replace")
        paragraphs = ["".join(_WORD_RUN.findall(p)) for p in document.split("</w:p>")]
        return "\n".join(html.unescape(paragraph) for paragraph in paragraphs).strip()
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error, ValueError):
        return None  # ValueError: also for a character by a number of thousands of digits
