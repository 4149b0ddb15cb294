"""The parts of a mail, each by itself, as mail systems really leave them (RFC 2045, 2046, 2047, 2231).

`email` of the standard library stops at a charset it does not know, at `base64 ` with a blank, at padding in the middle
and at a mail inside a mail that is in base64, and it costs more than it reads: deep parts, endless fields. This reader
looks at each byte at most `DEEPEST` times, raises nothing but `Unreadable`, and gives bytes, never a guess at an end.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote_to_bytes

DEEPEST = 10  # parts inside parts
MOST_PARTS = 500  # of one mail, those that hold others too
MOST_IN_TEXT = 5  # files in uuencode between the lines of one text
LARGEST_HEAD = 100_000  # bytes of a header that are looked at
LARGEST_FIELD = 5_000  # bytes of one field, with its continuation lines
LONGEST_NAME = 200  # characters; the end of a longer name counts

_NEWLINE = 0x0A
_END_OF_HEAD = re.compile(rb"(?:\A|\r?\n)[ \t]*\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FIELD = re.compile(rb"(?m)^([!-9;-~]{1,80})[ \t]*:([^\r\n]*)")
_KIND = re.compile(r"\s*([\w.+-]{1,80}/[\w.+-]{1,80})", re.ASCII)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bqBQ])\?([^?]*)\?=(?:\s+(?==\?))?")
_COMMENT = re.compile(r"\([^()]*\)")
_BASE64_LINE = re.compile(rb"(?m)^[ \t]*([A-Za-z0-9+/]+=*)[ \t]*\r?$")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n")
_ANY_BOUNDARY = re.compile(rb"(?m)^--([!-~]{2,200}?)[ \t]*\r?$")


class Unreadable(ValueError):
    """More parts, or deeper ones, than any mail of an office has."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its media type in lower case, its file name as a person reads it, its content decoded.

    `head`: the header it stands under. A part that only holds others has no content.
    """

    kind: str
    name: str
    head: bytes = field(repr=False)
    content: bytes = field(repr=False)


def read(raw: bytes) -> Iterator[Part]:
    """Every part of a mail, those that hold others before what they hold. Raises `Unreadable`."""
    for count, part in enumerate(_walk(raw, 0)):
        if count == MOST_PARTS:
            raise Unreadable("too many parts")
        yield part


def head_of(raw: bytes) -> bytes:
    """The header of a mail, without those of its parts."""
    return raw[: _end_of_head(raw)[0]]


def text_of(head: bytes, name: str) -> str:
    """One field of a header as a person reads it; empty when it is not there."""
    return decoded(_fields(head).get(name.lower(), ""))


def decoded(text: str) -> str:
    """Words of a header that stand there encoded (RFC 2047), in whatever charset they claim."""
    return _WORD.sub(_word, text)


def _walk(raw: bytes, depth: int) -> Iterator[Part]:
    if depth == DEEPEST:
        raise Unreadable("parts inside parts")
    end, start = _end_of_head(raw)
    head = raw[:end]
    fields = _fields(head)
    kind, parameters = _typed(fields.get("content-type", ""))
    name = _name(fields, parameters)
    if kind.startswith("multipart/") and (mark := _marker(raw, start, parameters.get("boundary", ""))):
        yield Part(kind, name, head, b"")
        for piece in _between(raw, max(start - 2, 0), mark):
            yield from _walk(piece, depth + 1)
        return
    content = _content(raw[start:], fields.get("content-transfer-encoding", ""))
    if kind in ("message/rfc822", "message/global") or name.lower().endswith(".eml"):
        yield Part(kind, name, head, b"")
        yield from _walk(content, depth + 1)
        return
    yield Part(kind or "text/plain", name, head, content)
    for begin in islice(_UU_BEGIN.finditer(content), MOST_IN_TEXT) if b"begin " in content else ():
        yield Part("application/octet-stream", _charset(begin[1], "utf-8"), b"", _uu(content[begin.start() :]))


def _end_of_head(raw: bytes) -> tuple[int, int]:
    """Where the header ends and where what follows begins."""
    if end := _END_OF_HEAD.search(raw, 0, LARGEST_HEAD):
        return end.start(), end.end()
    return min(len(raw), LARGEST_HEAD), len(raw)


def _fields(head: bytes) -> dict[str, str]:
    """The first of each name, unfolded."""
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(_FOLD.sub(b" ", head)):
        found.setdefault(name.decode("ascii").lower(), _charset(value[:LARGEST_FIELD].strip(), "utf-8"))
    return found


def _typed(value: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case, and its parameters."""
    kind = _KIND.match(value)
    return kind[1].lower() if kind else "", _parameters(value)


def _parameters(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip())
    return found


def _name(fields: dict[str, str], typed: dict[str, str]) -> str:
    told = _parameters(fields.get("content-disposition", ""))
    name = _continued(told, "filename") or _continued(typed, "name")
    return "".join(c if c.isprintable() else "\ufffd" for c in decoded(name))[-LONGEST_NAME:]


def _continued(parameters: dict[str, str], name: str) -> str:
    """A parameter in one piece or in several, with a charset or without (RFC 2231 §3, §4)."""
    if whole := parameters.get(name):
        return whole
    pieces = [parameters.get(f"{name}*", "")]
    for number in range(LONGEST_NAME):
        piece = parameters.get(f"{name}*{number}*", parameters.get(f"{name}*{number}"))
        if piece is None:
            break
        pieces.append(piece)
    charset, _, rest = "".join(pieces).partition("'")
    _, quote, text = rest.partition("'")
    if not quote:  # no charset is named
        charset, text = "utf-8", "".join(pieces)
    return _charset(unquote_to_bytes(text), charset)


def _word(match: re.Match[str]) -> str:
    charset, how, text = match.groups()
    if how in "bB":
        content = _lenient_base64(text.encode("ascii", "replace"))
    else:
        content = binascii.a2b_qp(text.encode("latin-1", "replace"), header=True)
    return _charset(content, charset.partition("*")[0])


def _charset(content: bytes, charset: str) -> str:
    """The text, whatever its charset is called."""
    for name in (charset, "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _marker(raw: bytes, start: int, boundary: str) -> re.Pattern[bytes] | None:
    """What stands between the parts of a multipart: the boundary that its header names or, when none is there, the
    first line that looks like one: somebody on the way may have written the header anew."""
    named = boundary.encode("latin-1", "replace")[:LONGEST_NAME]
    if not named or raw.find(b"--" + named, start) < 0:
        seen = _ANY_BOUNDARY.search(raw, start)
        if seen is None:
            return None
        named = seen[1]
    return re.compile(rb"--" + re.escape(named) + rb"(--)?[ \t]*(?=\r?\n|\Z)")


def _between(raw: bytes, start: int, marker: re.Pattern[bytes]) -> Iterator[bytes]:
    """What stands between lines that are the marker. It begins with what is searched for: other lines cost little."""
    begin: int | None = None
    for mark in marker.finditer(raw, start):
        before = mark.start() - 1
        if before >= 0 and raw[before] != _NEWLINE:
            continue
        if begin is not None:
            yield raw[begin : before - raw.startswith(b"\r", max(before - 1, 0))]
        begin = None
        if mark[1]:
            return
        begin = mark.end() + (2 if raw.startswith(b"\r\n", mark.end()) else 1)
    if begin is not None:  # cut off
        yield raw[begin:]


def _content(body: bytes, encoding: str) -> bytes:
    how = re.search(r"[\w-]+", _COMMENT.sub("", encoding), re.ASCII)
    match how[0].lower() if how else "":
        case "base64":
            return _base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case "uuencode" | "x-uuencode" | "x-uue" | "uue":
            return _uu(body)
    return body


def _base64(body: bytes) -> bytes:
    try:
        return binascii.a2b_base64(body.translate(None, b"\r\n\t "), strict_mode=True)
    except binascii.Error:
        return _lenient_base64(b"\n".join(_BASE64_LINE.findall(body)))


def _lenient_base64(text: bytes) -> bytes:
    """Also when it was padded in the middle, by somebody who encoded it in chunks, or cut off at the end."""
    found = []
    for chunk in re.split(rb"=+", text.translate(None, b"\r\n\t ")):
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", chunk)
        whole = clean[: len(clean) - (len(clean) % 4 == 1)]
        found.append(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    return b"".join(found)


def _uu(body: bytes) -> bytes:
    """Lines of uuencode, up to the first that is none."""
    begin, found = _UU_BEGIN.search(body), []
    for line in body[begin.end() if begin else 0 :].splitlines():
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            break
    return b"".join(found)
