"""An archive that a person made with plain 7-Zip: looked at before it costs anything, then opened with a password.

7z has no authentication, so what comes out is not proven to come from anybody. And 7-Zip "opens" an archive without
encryption with any password: so it is seen here that the content is really encrypted (art. 6). The names of the files
need not be: 7-Zip encrypts them only when it is told to.
"""

from __future__ import annotations

import io
import lzma
import struct
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import py7zr
from py7zr.io import Py7zIO, WriterFactory

from brug.core.parcel import Rejected, Rejection
from brug.core.parcel.archive import PASSWORD_LIMIT
from brug.core.parcel.documents import shown, text_of

LARGEST = 1_048_576  # bytes of an archive
UNPACKED_LIMIT = 1_000_000  # bytes of all files together
MOST_FILES = 60
MOST_FOLDERS = 8  # blocks that are packed together: each may cost a derivation
MOST_CYCLES = 20  # 2^20 rounds: about half a second
LIST_LIMIT = 1_000_000  # bytes of the list of files, decoded
DEFLATED_LIMIT = 65_536  # bytes that Deflate is given: it makes 1,032 of one at most, and py7zr keeps it to no limit
_AES, _DEFLATE = b"\x06\xf1\x07\x01", b"\x04\x01\x08"
_LZMA, _LZMA2 = b"\x03\x01\x01", b"\x21"
_LIST_METHODS = {_AES, b"\x00", _LZMA, _LZMA2}  # Copy, LZMA, LZMA2: what 7-Zip packs a list of files with
_FILTERS = {b"\x03", b"\x03\x03\x01\x03", b"\x03\x03\x05\x01", b"\x03\x03\x07\x01"}  # Delta, BCJ of x86, ARM, ARMT
_METHODS = _LIST_METHODS | _FILTERS | {_DEFLATE, b"\x03\x04\x01", b"\x04\x02\x02"}  # PPMd, BZip2

Coders = list[tuple[bytes, bytes]]
"""Method and properties of each coder, in the order in which they stand there."""


@dataclass(frozen=True, slots=True)
class Inside:
    """One file of an archive: its name, its size in bytes, and its text as far as it is plain to see, or None."""

    name: str
    size: int
    text: str | None = field(repr=False)


def look_at(data: bytes) -> bool:
    """Raises `Rejected` unless this is a 7z archive within the limits whose content is encrypted. Costs nothing.

    Whether the names of its files can be read without a password. NOT_ENCRYPTED: so can its content.
    """
    if len(data) > LARGEST:
        raise Rejected(Rejection.TOO_LARGE)
    header = _end_header(data)
    try:
        if header[:1] == b"\x17":  # EncodedHeader
            listed = _list_in_clear(data, header)
            if listed is None:
                return False
            header = listed
        _check_folders(_folders(header))
    except (IndexError, ValueError, lzma.LZMAError, MemoryError):
        raise Rejected(Rejection.BAD_ARCHIVE) from None
    return True


def open_with(data: bytes, password: str, *, pdf: Callable[[bytes], str | None] = lambda content: None) -> list[Inside]:
    """The files inside, as text. Raises `Rejected`; costs one or two key derivations for each spelling.

    The password as it was typed, or as another machine composes its accents (Unicode: NFC, NFD). `pdf` gives the text
    of a PDF. Nothing is executed, rendered or written to a disk.
    """
    names_are_clear = look_at(data)
    if len(password) > PASSWORD_LIMIT:
        raise Rejected(Rejection.WRONG_PASSWORD)
    spellings = dict.fromkeys([password, *(unicodedata.normalize(form, password) for form in ("NFC", "NFD"))])
    for spelling in spellings:
        try:
            found = _unpack(data, spelling, names_are_clear)
        except Rejected as rejected:
            if rejected.rejection != Rejection.WRONG_PASSWORD:
                raise
        else:
            return [Inside(shown(name), len(content), _text(name, content, pdf)) for name, content in found]
    raise Rejected(Rejection.WRONG_PASSWORD)


def _unpack(data: bytes, password: str, names_are_clear: bool) -> list[tuple[str, bytes]]:
    """Name and content of each file. Raises `Rejected`."""
    is_open = False
    try:
        with py7zr.SevenZipFile(io.BytesIO(data), "r", password=password) as archive:
            is_open = not names_are_clear  # the password fits: what fails from here on is the archive
            _check_list(archive)
            names = _number_files(archive)
            products = _Limited()
            archive.extractall(factory=products)
    except Rejected:
        raise
    except Exception:  # a hostile archive, and a wrong password, may raise anything inside the library
        raise Rejected(Rejection.BAD_ARCHIVE if is_open else Rejection.WRONG_PASSWORD) from None
    return [(names[int(number)], bytes(file.content)) for number, file in products.files.items()]


def _text(name: str, content: bytes, pdf: Callable[[bytes], str | None]) -> str | None:
    if content[:1024].lstrip().startswith(b"%PDF-"):
        found = pdf(content)
        return None if found is None else shown(found)
    return text_of(name, content)


def _end_header(data: bytes) -> bytes:
    """The part that says where everything is. Raises `Rejected`."""
    if data.startswith((b"PK", b"Rar!")):
        raise Rejected(Rejection.OTHER_ARCHIVE)
    if len(data) < 32 or data[:6] != b"7z\xbc\xaf\x27\x1c":
        raise Rejected(Rejection.BAD_ARCHIVE)
    crc, start = struct.unpack("<I", data[8:12])[0], data[12:32]
    offset, size, header_crc = struct.unpack("<QQI", start)
    if zlib.crc32(start) != crc:
        raise Rejected(Rejection.BAD_ARCHIVE)
    if 32 + offset + size > len(data):
        raise Rejected(Rejection.INCOMPLETE_ARCHIVE)
    header = data[32 + offset : 32 + offset + size]
    if not header or zlib.crc32(header) != header_crc:
        raise Rejected(Rejection.BAD_ARCHIVE)
    return header


def _list_in_clear(data: bytes, header: bytes) -> bytes | None:
    """The list of files, when it is packed and not encrypted; None for one that is encrypted within the limits.

    Raises `Rejected`, `ValueError`, `IndexError`, `lzma.LZMAError`.
    """
    reader = _Reader(header)
    coders, at, size = _coders(reader)
    largest = _largest_step(reader, len(coders))
    if largest > LIST_LIMIT:  # it would be decoded whole, before anything else can be asked of it
        raise Rejected(Rejection.TOO_LARGE)
    if any(method == _AES for method, _ in coders):
        _check_coders(coders, _LIST_METHODS)
        return None
    packed = data[32 + at : 32 + at + size]
    if len(coders) != 1 or coders[0][0] not in (_LZMA, _LZMA2):
        raise ValueError
    filters = [_lzma_filter(*coders[0])]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters).decompress(packed, largest)


def _lzma_filter(method: bytes, properties: bytes) -> dict[str, Any]:
    """As liblzma wants it; a dictionary larger than the list may be is never needed."""
    if method == _LZMA2:
        return {"id": lzma.FILTER_LZMA2, "dict_size": LIST_LIMIT}
    packed = properties[0]
    lc, lp, pb = packed % 9, packed // 9 % 5, packed // 45
    return {"id": lzma.FILTER_LZMA1, "dict_size": LIST_LIMIT, "lc": lc, "lp": lp, "pb": pb}


def _folders(header: bytes) -> list[Coders]:
    """The coders of each folder of content in a list that can be read. Raises `ValueError`, `IndexError`."""
    reader = _Reader(header)
    if reader.byte() != 0x01:  # Header
        raise ValueError
    kind = reader.byte()
    if kind != 0x04:  # MainStreamsInfo; without it there is no content
        raise ValueError
    _pack_info(reader, most=len(header))
    if (reader.byte(), reader.byte()) != (0x07, 0x0B):  # UnPackInfo, Folder
        raise ValueError
    count = reader.number()
    if reader.byte():  # in place
        raise ValueError
    return [_folder(reader) for _ in range(count)]


def _pack_info(reader: _Reader, *, most: int) -> tuple[int, int]:
    """Where the packed streams begin, in bytes behind the start, and the size of the first. Raises as `_folders`."""
    if reader.byte() != 0x06:
        raise ValueError
    at, streams, sizes = reader.number(), reader.number(), list[int]()
    if streams > most:
        raise ValueError
    while kind := reader.byte():
        if kind == 0x09:
            sizes = [reader.number() for _ in range(streams)]
        elif kind == 0x0A and reader.byte():
            reader.take(4 * streams)
        else:
            raise ValueError
    return at, sum(sizes[:1])


def _folder(reader: _Reader) -> Coders:
    """Raises as `_folders`."""
    found, taken, given = [], 0, 0
    for _ in range(reader.number()):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        streams = (reader.number(), reader.number()) if flags & 0x10 else (1, 1)
        found.append((method, reader.take(reader.number()) if flags & 0x20 else b""))
        taken, given = taken + streams[0], given + streams[1]
        if len(found) > 8 or taken > 16 or given > 16 or flags & 0x80:
            raise ValueError
    packed = taken - given + 1
    for _ in range(2 * (given - 1) + (packed if packed > 1 else 0)):  # which feeds which, and which are packed streams
        reader.number()
    return found


def _check_folders(folders: list[Coders]) -> None:
    if not folders:
        raise ValueError
    if any(_AES not in dict(coders) for coders in folders):
        raise Rejected(Rejection.NOT_ENCRYPTED)
    if len(folders) > MOST_FOLDERS:
        raise Rejected(Rejection.TOO_MANY_FILES)
    for coders in folders:
        _check_coders(coders, _METHODS)


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


def _coders(reader: _Reader) -> tuple[Coders, int, int]:
    """What the list of files went through, and where it stands: begin and length. Raises `ValueError`, `IndexError`."""
    if reader.byte() != 0x17:  # EncodedHeader
        raise ValueError
    at, size = _pack_info(reader, most=8)
    if (reader.byte(), reader.byte(), reader.number(), reader.byte()) != (0x07, 0x0B, 1, 0):  # one folder, in place
        raise ValueError
    found = []
    for _ in range(reader.number()):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        found.append((method, reader.take(reader.number()) if flags & 0x20 else b""))
        if len(found) > 4 or flags & 0xD0:  # one stream in and one out each: nothing else makes a list
            raise ValueError
    return found, at, size


def _largest_step(reader: _Reader, coders: int) -> int:
    """After `_coders`: the most bytes that any of so many coders of the list says it gives. Raises as that does."""
    for _ in range(2 * (coders - 1)):  # which coder feeds which
        reader.number()
    if reader.byte() != 0x0C:  # CodersUnpackSize
        raise ValueError
    return max(reader.number() for _ in range(coders))


def _check_coders(coders: Coders, methods: set[bytes]) -> None:
    """One of them is AES, with rounds that are worth it and can be afforded. 0x3F would make the password the key.

    And no other than these `methods`: what others unpack, nothing here keeps to a limit.
    """
    rounds = [properties[0] & 0x3F for method, properties in coders if method == _AES and properties]
    if not rounds:
        raise Rejected(Rejection.NOT_ENCRYPTED)
    if not methods.issuperset(method for method, _ in coders):
        raise Rejected(Rejection.UNUSUAL_METHOD)
    if len(rounds) > 1 or rounds[0] > MOST_CYCLES:
        raise Rejected(Rejection.BAD_ARCHIVE)


def _check_list(archive: Any) -> None:
    """What the decrypted list says, before a byte of content is unpacked. Raises `Rejected`."""
    files = archive.list()
    streams = archive.header.main_streams
    if not files or streams is None:
        raise Rejected(Rejection.BAD_ARCHIVE)
    folders = streams.unpackinfo.folders
    if len(files) > MOST_FILES or len(folders) > MOST_FOLDERS:
        raise Rejected(Rejection.TOO_MANY_FILES)
    for folder in folders:
        coders = [(coder["method"], coder["properties"] or b"") for coder in folder.coders]
        _check_coders(coders, _METHODS)
        if _DEFLATE in dict(coders) and sum(streams.packinfo.packsizes) > DEFLATED_LIMIT:
            raise Rejected(Rejection.TOO_LARGE)
    if sum(size for folder in folders for size in folder.unpacksizes[-1:]) > UNPACKED_LIMIT:
        raise Rejected(Rejection.TOO_LARGE)
    if sum(file.uncompressed for file in files) > UNPACKED_LIMIT:
        raise Rejected(Rejection.TOO_LARGE)
    if any(file.is_symlink or not (file.is_file or file.is_directory) for file in files):
        raise Rejected(Rejection.BAD_ARCHIVE)


def _number_files(archive: Any) -> list[str]:
    """The names in the list, which becomes one of numbers: a name is shown to a person and leads nowhere, whatever it
    is, so that none need be refused."""
    names = []
    for number, file in enumerate(archive.header.files_info.files):
        names.append(str(file["filename"]))
        file["filename"] = str(number)
    return names


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
