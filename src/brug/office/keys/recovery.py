"""The recovery key: on paper, outside the node; to it alone is sealed what a restore needs (art. 6, art. 3).

The node has its public half only. The key of each epoch is sealed to it and kept for `RESTORABLE` in `keys/sealed`,
where the node itself cannot open it: its own copy goes with the next epoch, so what was erased is final here after a
day, and in backups when the sealed copy goes.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from brug.core.identity import Invalid
from brug.core.parcel.keys import PARCEL_KEY_LENGTH, open_sealed, public_parcel_key, seal_to
from brug.office.keys import files

RESTORABLE = timedelta(days=35)  # how long a backup opens, and how long at most something erased is in one
_BYTES = 32


def make() -> str:
    """Make the node's recovery key and keep its public half: the words to put on paper, once. Raises `Invalid`."""
    if exists():
        raise Invalid("recovery_key_exists", "This node has a recovery key; its paper cannot be printed again.")
    secret = secrets.token_bytes(_BYTES)
    files.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(_public(), public_parcel_key(_private(secret)))
    spelled = base64.b32encode(secret).decode().rstrip("=")
    return "-".join(spelled[start : start + 4] for start in range(0, len(spelled), 4))


def exists() -> bool:
    return _public().exists()


def private_key(words: str) -> bytes:
    """The private key that stands on paper, as people type it. Raises `Invalid`."""
    spelled = "".join(words.split()).replace("-", "").upper()
    try:
        secret = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
    except binascii.Error:
        secret = b""
    if len(secret) != _BYTES:
        raise Invalid("not_a_recovery_key", "A recovery key: thirteen groups of letters and digits.")
    return _private(secret)


def seal(content: bytes, about: str) -> bytes:
    """`content`, for whoever has the paper. Raises `FileNotFoundError` when this node has no recovery key."""
    return seal_to(_public().read_bytes(), content, info=_info(about))


def unseal(private: bytes, sealed: bytes, about: str) -> bytes:
    """What was sealed. Raises `Invalid` for another key, or when it was sealed about something else."""
    content = open_sealed(private, sealed, info=_info(about))
    if content is None:
        raise Invalid("another_recovery_key", "The recovery key that this was sealed to.")
    return content


def seal_epoch(name: str) -> None:
    """Keep a sealed copy of the key file `name` of an epoch, if there is a recovery key and no copy yet."""
    if exists() and not _sealed(name).exists():
        _sealed(name).parent.mkdir(mode=0o700, exist_ok=True)
        files.replace(_sealed(name), seal(files.read(name), name))


def sealed_epochs() -> dict[str, bytes]:
    """The sealed copies that still exist, by the name of the key file."""
    return {path.stem: path.read_bytes() for path in sorted((files.folder() / "sealed").glob("*.sealed"))}


def forget(name: str) -> None:
    """Delete a sealed copy: no backup from that epoch opens any more."""
    _sealed(name).unlink(missing_ok=True)


def _private(secret: bytes) -> bytes:
    return HKDF(SHA256(), PARCEL_KEY_LENGTH, salt=None, info=b"brug/recovery-key/1").derive(secret)


def _info(about: str) -> bytes:
    return f"brug/recovery/1|{about}".encode()


def _public() -> Path:
    return files.folder() / "recovery.pub"


def _sealed(name: str) -> Path:
    return files.folder() / "sealed" / f"{name}.sealed"
