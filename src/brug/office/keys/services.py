"""Make, read and destroy the node's own keys: files in `keys/`, each wrapped under the unlock secret (art. 6).

    signing      Ed25519, signs manifests and so receipts          checkpoint   Ed25519, signs the ledger
    parcel       opens what is sealed to this node                 index        HMAC key of the blind indexes
    epoch-<day>  AES-256 key of one day: wraps the vault's record keys, destroyed when backups may no longer open

A key file is `nonce (12 bytes) ‖ AES-256-GCM(key)`, its name being the associated data, under HKDF(unlock secret).
It is written once and never overwritten; where it is missing, reading raises `FileNotFoundError`.
"""

from __future__ import annotations

import os
import secrets
from datetime import date
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from brug.core.parcel.keys import generate_parcel_key

EPOCH = "epoch-"


def create() -> None:
    """Make the node's lasting keys, those that are not there yet."""
    for name, key in {
        "signing": Ed25519PrivateKey.generate().private_bytes_raw(),
        "checkpoint": Ed25519PrivateKey.generate().private_bytes_raw(),
        "parcel": generate_parcel_key(),
        "index": secrets.token_bytes(32),
    }.items():
        if not _path(name).exists():
            _write(name, key)


def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_read(_path("signing")))


def checkpoint_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_read(_path("checkpoint")))


def parcel_key() -> bytes:
    """The private key that opens what is sealed to this node, as core/parcel/keys.py makes it."""
    return _read(_path("parcel"))


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
