"""Make, read and destroy the node's own keys: files in `keys/`, each wrapped under the unlock secret (art. 6).

    signing      Ed25519, signs manifests and so receipts          checkpoint   Ed25519, signs the ledger
    parcel       opens what is sealed to this node                 index        HMAC key of the blind indexes
    epoch-<day>  AES-256 key of one day: wraps the vault's record keys, destroyed when backups may no longer open

A key file is `nonce (12 bytes) ‖ AES-256-GCM(key)`, its name being the associated data, under HKDF(unlock secret).
It is written once and never overwritten; where it is missing, reading raises `FileNotFoundError`. A signing or parcel
key that replaces an earlier one has the UTC instant it was made in its name (`parcel-20261123T214500.key`).
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from brug.core.parcel.keys import generate_parcel_key

EPOCH = "epoch-"
OVERLAP = timedelta(
    days=90
)  # how long a replaced key still opens and is still known: more than any parcel is on its way


def create() -> None:
    """Make the node's lasting keys, those that are not there yet."""
    for name, key in {
        "signing": Ed25519PrivateKey.generate().private_bytes_raw(),
        "checkpoint": Ed25519PrivateKey.generate().private_bytes_raw(),
        "parcel": generate_parcel_key(),
        "index": secrets.token_bytes(32),
    }.items():
        if not _generations(name)[0].exists():
            _write(name, key)


def signing_key() -> Ed25519PrivateKey:
    """The key that signs from now on."""
    return signing_keys()[0]


def signing_keys() -> list[Ed25519PrivateKey]:
    """The key that signs from now on, then those it replaced: the card of a new key is signed by the one before it."""
    return [Ed25519PrivateKey.from_private_bytes(_read(path)) for path in _generations("signing")]


def checkpoint_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_read(_path("checkpoint")))


def parcel_key() -> bytes:
    """The private key of what is sealed to this node from now on, as core/parcel/keys.py makes it."""
    return parcel_keys()[0]


def parcel_keys() -> list[bytes]:
    """The newest, then those it replaced: what is still on its way, or is sent again, was sealed to one of them."""
    return [_read(path) for path in _generations("parcel")]


def rotate_signing_key(at: datetime) -> None:
    """Make the next signing key; the one before stays until `forget_old`. Tell the parties by key card."""
    _write(_next("signing", at), Ed25519PrivateKey.generate().private_bytes_raw())


def rotate_parcel_keys(at: datetime) -> None:
    """Make the next parcel key; what was sealed to the one before still opens until `forget_old`."""
    _write(_next("parcel", at), generate_parcel_key())


def forget_old(at: datetime) -> int:
    """Destroy the signing and parcel keys that were replaced longer ago than `OVERLAP`; how many."""
    gone = 0
    for name in ("signing", "parcel"):
        newer, *older = _generations(name)
        for path in older:
            if newer.stem <= _next(name, at - OVERLAP):
                path.unlink()
                gone += 1
            newer = path
    return gone


def index_key() -> bytes:
    return _read(_path("index"))


def make_epoch(epoch: date) -> bytes:
    """The key of the day `epoch`, made when there is none yet: for what is wrapped from now on."""
    name = f"{EPOCH}{epoch.isoformat()}"
    if not _path(name).exists():
        _write(name, secrets.token_bytes(32))
    return wrapping_key(epoch)


def wrapping_key(epoch: date) -> bytes:
    """The key of the day `epoch`, for what was wrapped under it. Raises `FileNotFoundError` once it is destroyed."""
    return _read(_path(f"{EPOCH}{epoch.isoformat()}"))


def epochs() -> list[date]:
    """The days whose key still exists, oldest first."""
    return sorted(date.fromisoformat(path.stem.removeprefix(EPOCH)) for path in _folder().glob(f"{EPOCH}*.key"))


def destroy_epoch(epoch: date) -> None:
    """Destroy the key of one day; what only it wrapped can never be read again, also from a backup."""
    _path(f"{EPOCH}{epoch.isoformat()}").unlink()
    _read.cache_clear()


def _generations(name: str) -> list[Path]:
    """The files of a key that may be replaced, newest first; the first one has no instant in its name."""
    later = sorted(_folder().glob(f"{name}-*.key"), reverse=True)
    return later if later and not _path(name).exists() else [*later, _path(name)]


def _next(name: str, at: datetime) -> str:
    return f"{name}-{at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _folder() -> Path:
    return Path(settings.HOME) / "keys"


def _path(name: str) -> Path:
    return _folder() / f"{name}.key"


def _wrapping(path: Path) -> AESGCM:
    unlock = Path(settings.UNLOCK_FILE).read_bytes()
    if len(unlock) < 32:
        raise ValueError("The unlock secret has fewer than 32 bytes.")
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"brug/node-keys/1").derive(unlock))


@cache
def _read(path: Path) -> bytes:
    stored = path.read_bytes()
    return _wrapping(path).decrypt(stored[:12], stored[12:], path.stem.encode())


def _write(name: str, key: bytes) -> None:
    """Written beside, flushed, then linked into place: a crash leaves the whole key or none, and none is replaced."""
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nonce = secrets.token_bytes(12)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(nonce + _wrapping(path).encrypt(nonce, key, path.stem.encode()))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:  # another process was first: its key counts
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
