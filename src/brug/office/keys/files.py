"""Key files: each wrapped under the root key, the root key under the unlock secret that lives elsewhere (art. 6).

A key file is `nonce (12 bytes) ‖ AES-256-GCM(key)`, its name being the associated data. It is written once and never
replaced by another key. `root.key` holds the root key once for each unlock secret that opens it: one, or two while
one takes the place of the other. In a folder from before there was a root key the unlock secret wraps each file itself.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SECRET_BYTES = 32  # of an unlock secret, at least
_NONCE, _SLOT = 12, 60  # bytes: of a nonce; of the root key with nonce and tag
OPENS_NOTHING = (
    "The unlock secret opens none of this node's keys. Is its file that of another node, or one that was replaced? Put"
    " the right one in its place; where it is lost, restore a backup (docs/operations.md)."
)
_ROOT, _FOR_ROOT = "root", b"brug/root-key/1"


def folder() -> Path:
    return Path(settings.HOME) / "keys"


def path_of(name: str) -> Path:
    return folder() / f"{name}.key"


def names(prefix: str) -> list[str]:
    """The keys whose name begins with `prefix`, in the order of their names."""
    return sorted(path.stem for path in folder().glob(f"{prefix}*.key"))


def read(name: str) -> bytes:
    """The key `name`. Raises `FileNotFoundError`, and `InvalidTag` when the unlock secret is another one."""
    return _read(path_of(name))


def write(name: str, key: bytes) -> None:
    """Keep `key` under `name`, unless there is one: a key that is there counts, whoever wrote it."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder().glob("*.key")):
        _place(_ROOT, _slot(secrets.token_bytes(32), unlock_secret()))
    _place(name, _seal(next(_wrappings()), key, name))


def destroy(name: str) -> None:
    """Destroy a key; what only it opened can never be read again. Its bytes are overwritten as far as the disk does."""
    path = path_of(name)
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync()
    _read.cache_clear()


def unlock_secret() -> bytes:
    """Raises `ValueError` when it is too short to be one."""
    unlock = Path(settings.UNLOCK_FILE).read_bytes()
    if len(unlock) < SECRET_BYTES:
        raise ValueError("The unlock secret has fewer than 32 bytes.")
    return unlock


def open_with(*unlocks: bytes) -> None:
    """From now on each of `unlocks`, newest last, opens the root key, and no other secret does. One file at once."""
    root = _root()
    replace(path_of(_ROOT), b"".join(_slot(root, unlock) for unlock in unlocks))


def is_opened_by_the_newest(unlock: bytes) -> bool:
    """Whether `unlock` is the last of those that `open_with` was given, and so takes the place of the others."""
    return _opens(AESGCM(_from_unlock(unlock, _FOR_ROOT)), path_of(_ROOT).read_bytes()[-_SLOT:], _ROOT)


def have_root() -> None:
    """Give a folder from before there was a root key one: each file is replaced at once, and either way it opens."""
    if not path_of(_ROOT).exists():
        _place(_ROOT, _slot(secrets.token_bytes(32), unlock_secret()))
    for name in names(""):
        if name != _ROOT:
            sealed = path_of(name).read_bytes()
            key = _open(sealed, name)
            if not _opens(AESGCM(_root()), sealed, name):
                replace(path_of(name), _seal(AESGCM(_root()), key, name))


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what the file holds: a crash leaves the one or the other, whole."""
    draft = _draft(path, content)
    os.replace(draft, path)
    _sync(path.parent)


def _root() -> bytes:
    """The root key, opened by the unlock secret. Raises `FileNotFoundError`, `InvalidTag`."""
    stored = path_of(_ROOT).read_bytes()
    wrapping = AESGCM(_from_unlock(unlock_secret(), _FOR_ROOT))
    for start in range(0, len(stored), _SLOT):
        slot = stored[start : start + _SLOT]
        if _opens(wrapping, slot, _ROOT):
            return wrapping.decrypt(slot[:_NONCE], slot[_NONCE:], _ROOT.encode())
    raise InvalidTag(OPENS_NOTHING)


def _slot(root: bytes, unlock: bytes) -> bytes:
    return _seal(AESGCM(_from_unlock(unlock, _FOR_ROOT)), root, _ROOT)


def _wrappings() -> Iterator[AESGCM]:
    if path_of(_ROOT).exists():
        yield AESGCM(_root())
    yield AESGCM(_from_unlock(unlock_secret(), b"brug/node-keys/1"))


def _from_unlock(unlock: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info).derive(unlock)


@cache
def _read(path: Path) -> bytes:
    return _open(path.read_bytes(), path.stem)


def _open(sealed: bytes, name: str) -> bytes:
    for wrapping in _wrappings():
        if _opens(wrapping, sealed, name):
            return wrapping.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
    raise InvalidTag(OPENS_NOTHING)


def _opens(wrapping: AESGCM, sealed: bytes, name: str) -> bool:
    try:
        wrapping.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
    except InvalidTag:
        return False
    return True


def _seal(wrapping: AESGCM, key: bytes, name: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + wrapping.encrypt(nonce, key, name.encode())


def _place(name: str, content: bytes) -> None:
    """Written beside, flushed, then linked into place: a crash leaves the whole key or none, and none is replaced."""
    draft = _draft(path_of(name), content)
    try:
        os.link(draft, path_of(name))
    except FileExistsError:  # another process was first: its key counts
        pass
    finally:
        draft.unlink()
    _sync()


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(place: Path | None = None) -> None:
    opened = os.open(place or folder(), os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)
