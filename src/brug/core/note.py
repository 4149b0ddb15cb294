"""Signed notes, checkpoints of a log and the cosignatures of its witnesses (C2SP; art. 6).

brug/0886886638/ledger                                   origin
3                                                        size
KNlRhkFAUqE5hrCl9rxMqVv8HTsNIT2pZkgCRHQe9TM=             root

— brug/0886886638/ledger 9bCkqgMl…                       signature by the log
— brug/0212181956/witness bBJxzQAA…                      cosignature by the other party
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from brug.core.identity import Invalid

SIGNED, COSIGNED = 0x01, 0x04  # signature types: C2SP signed-note, tlog-cosignature/v1
NOTE_LENGTH = 16_384  # characters
_MARK = "— "
_FORBIDDEN = re.compile("[\\x00-\\x09\\x0b-\\x1f\\ud800-\\udfff]")  # control characters, and what is no UTF-8


@dataclass(frozen=True, slots=True)
class Key:
    """A public key (Ed25519, 32 bytes) as a note knows it: by its holder's name and the type of what it signs."""

    name: str
    public: bytes
    kind: int = SIGNED

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read a key as C2SP writes it: name+id+base64(type ‖ key). Raises `Invalid`."""
        name, _, rest = text.partition("+")
        claimed, _, encoded = rest.partition("+")
        raw = _unbase64(encoded)
        key = cls(name, raw[1:], raw[0] if raw else 0)
        fits = len(raw) == 33 and key.kind in (SIGNED, COSIGNED) and _is_name(name) and key.id.hex() == claimed
        if not fits:
            raise Invalid("bad_key", "A verifier key: name+id+base64 of an Ed25519 key, its id being right.")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_of(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was verified; `at` (UTC, whole seconds) when it is a cosignature; its `line` in the note."""

    key: Key
    at: datetime | None
    line: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its first `size` entries have this root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note, without extension lines. Raises `Invalid`."""
        lines = text.split("\n")
        if len(lines) == 4 and lines[1].isdecimal() and len(lines[1]) < 20:
            found = cls(lines[0], int(lines[1]), _unbase64(lines[2]))
            if found.origin and len(found.root) == 32 and str(found) == text:
                return found
        raise Invalid("bad_checkpoint", "A checkpoint: three lines, with origin, size and root.")


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note of `text` (ends in a newline) with one signature, by `key` under `name`."""
    holder = Key(name, key.public_key().public_bytes_raw())
    return f"{text}\n{_MARK}{name} {base64_of(holder.id + key.sign(text.encode()))}\n"


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: datetime) -> str:
    """The line to put under a note of `text`: at the instant `at` (aware), `name` has seen this and nothing larger."""
    seconds = int(at.timestamp())
    holder = Key(name, key.public_key().public_bytes_raw(), COSIGNED)
    signed = holder.id + seconds.to_bytes(8, "big") + key.sign(_cosigned(text, seconds))
    return f"{_MARK}{name} {base64_of(signed)}\n"


def read(note: str) -> str:
    """The text of a note whose shape is right, its signatures not looked at. Raises `Invalid`."""
    return _split(note)[0]


def verify(note: str, keys: Iterable[Key]) -> tuple[str, tuple[Signature, ...]]:
    """The text of `note`, and its signatures by `keys`: at least one. Unknown signatures are passed over.

    Raises `Invalid` for a note that is out of shape, that nobody known signed, or on which any signature under the
    name and id of a known key is wrong (C2SP signed-note).
    """
    known = {(key.name, key.id): key for key in keys}
    text, lines = _split(note)
    named = ((known.get((name, raw[:4])), raw[4:], line) for name, raw, line in lines)
    found = tuple(_checked(text, key, raw, line) for key, raw, line in named if key)
    if not found:
        raise Invalid("unsigned_note", "A note signed by a known key.")
    return text, found


def _checked(text: str, key: Key, signature: bytes, line: str) -> Signature:
    seconds, message = None, text.encode()
    if key.kind == COSIGNED:
        seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = _cosigned(text, seconds)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        return Signature(key, None if seconds is None else datetime.fromtimestamp(seconds, UTC), line)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise Invalid("bad_signature", "A note whose every signature by a known key is right.") from None


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _split(note: str) -> tuple[str, list[tuple[str, bytes, str]]]:
    """The text, and per signature the name, the bytes (4 of the key's id, then the signature) and the line."""
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if (
        len(note) > NOTE_LENGTH
        or not (gap and signatures.endswith("\n"))
        or _FORBIDDEN.search(note)
        or any(not line.startswith(_MARK) for line in lines)
    ):
        raise Invalid("bad_note", "A note: text, an empty line, and lines with signatures.")
    found = []
    for line in lines:
        name, _, encoded = line.removeprefix(_MARK).partition(" ")
        raw = _unbase64(encoded)
        if not _is_name(name) or len(raw) < 5:
            raise Invalid("bad_note", "A line of a signature: a name without spaces or plus, and base64.")
        found.append((name, raw, f"{line}\n"))
    return f"{text}\n", found


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(c.isspace() or "\ud800" <= c <= "\udfff" for c in text)


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unbase64(text: str) -> bytes:
    """Only the one spelling that encoding gives back (RFC 4648 sections 3.5 and 4). Raises `Invalid`."""
    try:
        raw = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if base64_of(raw) != text:
        raise Invalid("bad_encoding", "Standard base64 with padding, spelled the one canonical way.")
    return raw
