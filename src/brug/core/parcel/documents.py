"""The text of a file that a person put in an archive, as it reads in Word or Notepad, and nothing that could be active.

Which kind it is, its bytes say. Hostile bytes cost no more than reading them: nothing grows without limit.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from xml.parsers import expat

UNPACKED_LIMIT = 1_000_000  # bytes of the parts of a Word file together
TEXT_LIMIT = 20_000  # characters of one file that are shown

_PLAIN = (".txt", ".text", ".json", ".csv", ".md", ".eml", ".xml", ".html", ".htm", ".asc", ".log")
_CHARSETS = ("utf-8-sig", "cp1252")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_WORD_PARTS = ("header", "document", "footnotes", "endnotes", "footer", "comments")  # in the order of a page
_WORD_PART = re.compile(rf"word/({'|'.join(_WORD_PARTS)})\d*\.xml")
_SHOWN = {
    "\x0b": "\n", "\x0c": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n",  # ends of line
    "\x1e": "\u2011", "\x1f": "", "\xad": "", "\ufeff": "", "\u200b": "",  # hyphens that Word writes, and no width
    "\n": "\n", "\t": "\t", "\u200c": "\u200c", "\u200d": "\u200d",  # joiners: a Persian name needs them
}  # fmt: skip


def text_of(name: str, content: bytes) -> str | None:
    """The text of a plain file or of a Word document; None for other kinds."""
    if content.startswith(b"PK\x03\x04"):
        found = _word(content)
    elif name.lower().endswith(_PLAIN):
        found = decoded(content)
    else:
        found = None
    return None if found is None else shown(found)


def shown(text: str) -> str:
    """Lines of plain characters: what could steer how the rest is shown stands as a mark or not at all."""
    lines = text.replace("\r\n", "\n").strip("\ufeff\0")
    return "".join(map(_character, lines[: 2 * TEXT_LIMIT]))[:TEXT_LIMIT]


def _character(c: str) -> str:
    if c.isprintable():
        return c
    if c in _SHOWN:
        return _SHOWN[c]
    kind = unicodedata.category(c)
    return " " if kind == "Zs" else "" if kind == "Cf" else "\ufffd"


def decoded(content: bytes) -> str:
    """By its mark; without one UTF-16 by its zero bytes, then UTF-8, then what Windows writes here (1252)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for charset in filter(None, (_utf_16(content), *_CHARSETS)):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _utf_16(content: bytes) -> str:
    """Which UTF-16 this is when every other byte is mostly zero, as in the languages of this country; else nothing."""
    some = content[: 2 * TEXT_LIMIT]
    even, odd, mostly = some[::2].count(0), some[1::2].count(0), 0.35 * len(some)
    if odd > mostly > even:
        return "utf-16-le"
    if even > mostly > odd:
        return "utf-16-be"
    return ""


def _word(content: bytes) -> str | None:
    """Header, text, notes, footer and comments of a .docx. None for anything else, and for packing without a limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = [(match, info) for info in package.infolist() if (match := _WORD_PART.fullmatch(info.filename))]
            if not any(match[1] == "document" for match, _ in parts):
                return None
            room, texts = UNPACKED_LIMIT, dict[str, None]()
            for _, info in sorted(parts, key=lambda part: _WORD_PARTS.index(part[0][1])):
                if info.compress_type not in _METHODS:
                    return None
                with package.open(info) as part:
                    document = part.read(room)
                room -= len(document)
                texts[_Words().read(document)] = None  # the same header on a first page and on the others: once
            return "\n".join(filter(None, texts))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error, ValueError):
        return None


_UNSEEN = {"ppr", "sectpr", "tblpr", "tblgrid", "instrtext", "deltext", "del", "movefrom", "fallback", "delinstrtext"}
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "nobreakhyphen": "\u2011", "sym": "\ufffd"}


class _Words:
    """What one part of a Word file shows, by the local names of its elements (ECMA-376 part 1, §17.3)."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._unseen = 0  # how many elements around here show nothing
        self._is_text = self._is_hidden = False

    def read(self, document: bytes) -> str:
        """Up to where it can be read, when it is cut off or broken. Raises `ValueError` for a document type."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(document, True)
        except expat.ExpatError:
            if not self._found:
                raise ValueError from None
        return "".join(self._found).strip("\n")

    @staticmethod
    def _refuse(*declared: object) -> None:
        raise ValueError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if self._unseen or local in _UNSEEN:
            self._unseen += 1
        elif local == "vanish":
            said = next((value for key, value in attributes.items() if _local(key) == "val"), "1")
            self._is_hidden = said.lower() not in ("0", "false", "off")
        elif local == "t":
            self._is_text = not self._is_hidden
        elif local in _BREAKS and not self._is_hidden:
            self._found.append(_BREAKS[local])

    def _end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        local = _local(name)
        if local == "t":
            self._is_text = False
        elif local == "r":
            self._is_hidden = False
        elif local == "p":
            self._found.append("\n")
        elif local == "tc":  # the cells of a row stand beside each other
            while self._found and self._found[-1] == "\n":
                self._found.pop()
            self._found.append("\t")
        elif local == "tr":
            self._found[-1:] = ["\n"]

    def _characters(self, text: str) -> None:
        if self._is_text and not self._unseen:
            self._found.append(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
