"""Make, read, replace and forget the node's lasting keys: files in `keys/`, see files.py (art. 6).

    signing      Ed25519, signs manifests and so receipts          checkpoint   Ed25519, signs the ledger
    parcel       opens what is sealed to this node                 index        HMAC key of the blind indexes

A signing or parcel key that replaces an earlier one has the UTC instant it was made in its name
(`parcel-20261123T214500`). Where a key is missing, reading raises `FileNotFoundError`.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.core.parcel.keys import TERM, generate_parcel_key
from brug.office.keys import files

OVERLAP = TERM  # how long a replaced key still opens and is still known: as long as a parcel is taken in
LASTING = ("signing", "checkpoint", "parcel", "index")


def create() -> None:
    """Make the node's lasting keys, those that are not there yet."""
    for name, key in {
        "signing": Ed25519PrivateKey.generate().private_bytes_raw(),
        "checkpoint": Ed25519PrivateKey.generate().private_bytes_raw(),
        "parcel": generate_parcel_key(),
        "index": secrets.token_bytes(32),
    }.items():
        if not files.path_of(_generations(name)[0]).exists():
            files.write(name, key)


def signing_key() -> Ed25519PrivateKey:
    """The key that signs from now on."""
    return signing_keys()[0]


def signing_keys() -> list[Ed25519PrivateKey]:
    """The key that signs from now on, then those it replaced: the card of a new key is signed by the one before it."""
    return [Ed25519PrivateKey.from_private_bytes(files.read(name)) for name in _generations("signing")]


def checkpoint_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(files.read("checkpoint"))


def parcel_key() -> bytes:
    """The private key of what is sealed to this node from now on, as core/parcel/keys.py makes it."""
    return parcel_keys()[0]


def parcel_keys() -> list[bytes]:
    """The newest, then those it replaced: what is still on its way, or is sent again, was sealed to one of them."""
    return [files.read(name) for name in _generations("parcel")]


def index_key() -> bytes:
    return files.read("index")


def rotate_signing_key(at: datetime) -> None:
    """Make the next signing key; the one before stays until `forget_old`. Tell the parties by key card."""
    files.write(_named("signing", at), Ed25519PrivateKey.generate().private_bytes_raw())


def rotate_parcel_keys(at: datetime) -> None:
    """Make the next parcel key; what was sealed to the one before still opens until `forget_old`."""
    files.write(_named("parcel", at), generate_parcel_key())


def forget_old(at: datetime) -> int:
    """Destroy the signing and parcel keys that were replaced longer ago than `OVERLAP`; how many."""
    gone = 0
    for kind in ("signing", "parcel"):
        newer, *older = _generations(kind)
        for name in older:
            if newer <= _named(kind, at - OVERLAP):
                files.destroy(name)
                gone += 1
            newer = name
    return gone


def lasting() -> dict[str, bytes]:
    """Every lasting key by its name, the replaced ones too: for the copy that a restore needs."""
    return {name: files.read(name) for kind in LASTING for name in _generations(kind)}


def _generations(kind: str) -> list[str]:
    """The names of a key that may be replaced, newest first; the first one has no instant in its name."""
    later = files.names(f"{kind}-")[::-1]
    return later if later and not files.path_of(kind).exists() else [*later, kind]


def _named(kind: str, at: datetime) -> str:
    return f"{kind}-{at.astimezone(UTC):%Y%m%dT%H%M%S}"
