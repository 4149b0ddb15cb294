"""Parcels with anything about them changed: what an implementer may get wrong, and what a hostile one would try."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core import message
from brug.core.parcel import archive, keys, manifest
from brug.core.parcel.archive import ArchiveKey, Members
from tests.core.parcel.samples import (
    AT,
    CHECKPOINT,
    FIRST,
    OPGROEIEN,
    OURS,
    PAPER,
    PARCEL_KEY,
    REFERRAL,
    TEXT,
    WESTERLO,
    entropy_from,
)
from tests.vectors import encapsulation

KEY = ArchiveKey.derive("voorbeeld-dat-iedereen-kent", entropy_from(11)(16))
ID = manifest.make_id(AT, entropy_from(8))
SEED = entropy_from(12)(64)
VECTORS = entropy_from(9)(32)


@dataclass
class Vector:
    """One case: both files or a mail, what must happen, and why. `node` is what is other about the receiver."""

    name: str
    expect: str
    because: str
    signed: str = ""
    data: bytes = b""
    mail: bytes = b""
    after: tuple[str, ...] = ()  # the vectors whose parcels were accepted before it
    checkpoint: str = ""  # what the reader makes of it: a line (`cosigned`), none, or the reason
    node: dict[str, Any] = field(default_factory=dict)


def text_of(content: message.Message) -> bytes:
    return json.dumps(message.dump(content), ensure_ascii=False, indent=1, sort_keys=True).encode()


def packed(text: bytes, paper: bytes = PAPER, key: ArchiveKey = KEY) -> bytes:
    return archive.pack(Members(text, paper), key, vectors=VECTORS)


REFERRAL_ARCHIVE = packed(text_of(REFERRAL))


def facts(data: bytes, **changed: Any) -> dict[str, Any]:
    """The payload of a manifest for `data`, without `wrapped`, with names changed, or taken out where None."""
    told: dict[str, Any] = {
        "archive": {"name": f"zending-{ID}.7z", "sha256": sha256(data).hexdigest(), "size": len(data)},
        "checkpoint": CHECKPOINT,
        "consistency": FIRST.model_dump(mode="json"),
        "format": manifest.FORMAT,
        "id": str(ID),
        "incarnation": 1,
        "kind": "referral",
        "practice": False,
        "protocol": {"id": "opgroeien-ocmw-westerlo", "sha256": TEXT, "version": 1},
        "recipient": WESTERLO,
        "sender": OPGROEIEN,
        "sent_at": f"{AT:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {name: value for name, value in (told | changed).items() if value is not None}


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def wrapped(told: dict[str, Any], key: ArchiveKey = KEY, secret: bytes | None = None, to: bytes = PARCEL_KEY) -> Any:
    """The sealed part for these facts; HPKE's random bytes are ours."""
    public = keys.public_parcel_key(to)
    plain = canonical({"derived": keys.encode(key.derived), "password": key.password}) if secret is None else secret
    info = manifest.FORMAT.encode() + sha256(canonical(told)).digest()
    sealed = encapsulation.seal_to(public, plain, info=info, seed=SEED)
    return {"key": keys.key_id(public), "sealed": keys.encode(sealed)}


def token(payload: bytes, by: Ed25519PrivateKey = OURS, header: Any = None) -> str:
    """A right signature over any spelling of header and payload."""
    named = {"alg": "Ed25519", "kid": keys.key_id(by.public_key().public_bytes_raw()), "typ": "brug-parcel+jws"}
    protected = header if isinstance(header, bytes) else canonical({**named, **(header or {})})
    content = f"{keys.encode(protected)}.{keys.encode(payload)}"
    return f"{content}.{keys.encode(by.sign(content.encode()))}"


def signed(data: bytes = REFERRAL_ARCHIVE, *, by: Ed25519PrivateKey = OURS, **changed: Any) -> str:
    """A right manifest for `data` with these facts changed, sealed to the receiver."""
    told = facts(data, **changed)
    return token(canonical({**told, "wrapped": wrapped(told)}), by)


def later(since: timedelta) -> str:
    return f"{AT + since:%Y-%m-%dT%H:%M:%SZ}"


def respelt(change: Callable[[bytes], bytes]) -> str:
    """The right payload with its bytes changed, and a right signature over that."""
    told = facts(REFERRAL_ARCHIVE)
    return token(change(canonical({**told, "wrapped": wrapped(told)})))


def crafted(
    text: bytes | None = None,
    paper: bytes = PAPER,
    *,
    stream: Callable[[bytes], bytes] = lambda stream: stream,
    listing: Callable[[archive._Listing], archive._Listing] = lambda listing: listing,
    header: Callable[[bytes], bytes] = lambda header: header,
    padding: bytes = b"\0",
    fill: int | None = None,
    size: int = 0,
) -> bytes:
    """An archive as `pack` writes it, but for what is changed: the compressed stream, the lengths and CRCs, the header.

    `fill`: how many bytes behind the stream are no stream; `size`: of all of it. All that
    lies outside the encryption fits what is inside.
    """
    members = Members(text_of(REFERRAL) if text is None else text, paper)
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
    start = deflater.compress(members.message + members.paper) + deflater.flush(zlib.Z_SYNC_FLUSH)
    end = deflater.flush(zlib.Z_FINISH)
    size = size or archive._step(len(start) + len(end) + archive._OVERHEAD)
    capacity = size - archive._OVERHEAD
    room = capacity - len(start) - len(end) if fill is None else capacity - len(start) - len(end) - fill
    whole = stream(start + archive._EMPTY_BLOCK * (room // 5) + end)
    told = listing(archive._Listing.of(members, len(whole)))
    plain = header(archive._padded(archive._header(told, capacity, KEY.salt, VECTORS[:16])))
    tail = archive._tail(capacity, KEY.salt, VECTORS[16:], zlib.crc32(plain[: archive._HEADER_LENGTH]))
    content = archive._encrypt(whole.ljust(capacity, padding), KEY.derived, VECTORS[:16])
    return archive._signature(capacity, tail) + content + archive._encrypt(plain, KEY.derived, VECTORS[16:]) + tail


def fixed(data: bytes, place: int, value: bytes) -> bytes:
    """`data` with `value` at `place`, and the three CRCs outside the encryption made to fit again."""
    changed = bytearray(data)
    changed[place : place + len(value)] = value
    tail = bytes(changed[-80:])
    changed[28:32] = zlib.crc32(tail).to_bytes(4, "little")
    changed[8:12] = zlib.crc32(bytes(changed[12:32])).to_bytes(4, "little")
    return bytes(changed)
