"""A backup of the node, sealed to its recovery key, and what must lie beside it: the keys, and the journal (art. 6).

Three files, in three places. The backup holds the database and brug.toml, and no key that opens a person. The file of
keys holds those, sealed to the recovery key, and is replaced each time: it opens backups of the last 35 days, no older
ones. The journal holds the ledger and what was erased, as numbers: from it a restored node erases again, and goes on
with the ledger that it signed. Restoring: restore.py.

    brug/backup/1 ␊ {"party", "made_at", "key"} ␊ chunks of 64 KiB, AES-256-GCM, of a gzipped tar
"""

from __future__ import annotations

import base64
import fcntl
import hmac
import io
import json
import os
import secrets
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from brug.core.identity import Invalid
from brug.office.keys import recovery
from brug.office.ledger.acts import OPERATOR, Act

MAGIC = b"brug/backup/1\n"
KEYS_FORMAT = "brug/keys/1"
CHUNK, _TAG = 64 * 1024, 16
SQLITE, DUMP = "database.sqlite3", "database.dump"


def make(target: Path, keys_file: Path, at: datetime) -> None:
    """Write the backup and the keys it needs; each takes the place of what was there at once. Raises `Invalid`."""
    from brug.office.ledger import services as ledger

    if not recovery.exists():
        raise Invalid("no_recovery_key", "A recovery key: make it first with `brug keys recovery`, and keep the paper.")
    for path in (target, keys_file):
        if path.resolve().is_relative_to(Path(settings.HOME).resolve()):
            raise Invalid("backup_inside", "A file outside the folder of the node.")
    key = AESGCM.generate_key(256)
    sealed = base64.b64encode(recovery.seal(key, "backup")).decode()
    head = json.dumps({"party": settings.PARTY, "made_at": at.isoformat(), "key": sealed}).encode() + b"\n"
    with _beside(target) as file:
        file.write(MAGIC + head)
        with Chunks(file, key, head) as stream, tarfile.open(fileobj=stream, mode="w|gz") as tar:
            tar.add(Path(settings.HOME) / "brug.toml", "brug.toml")
            with _copy_of_database() as (name, copy):
                tar.add(copy, name)
    write_keys(keys_file, at)
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=OPERATOR, at=at)


def write_keys(target: Path, at: datetime) -> None:
    """Write the file of keys: the lasting ones, and those of the epochs of the last 35 days, each sealed."""
    from brug.office.keys import epochs
    from brug.office.keys import services as keys

    epochs.begin(at)
    lasting = {name: base64.b64encode(key).decode() for name, key in keys.lasting().items()}
    told = {
        "format": KEYS_FORMAT,
        "party": settings.PARTY,
        "made_at": at.isoformat(),
        "lasting": base64.b64encode(recovery.seal(json.dumps(lasting).encode(), "lasting")).decode(),
        "epochs": {name: base64.b64encode(sealed).decode() for name, sealed in recovery.sealed_epochs().items()},
    }
    with _beside(target) as file:
        file.write(json.dumps(told).encode())


def tell(at: datetime) -> None:
    """Bring the journal and the file of keys outside up to date. The worker does so before it sends anything."""
    from brug.office.ledger import journal
    from brug.office.vault.models import Erasure

    Erasure.objects.filter(noticed_at=None).update(noticed_at=at)
    if not settings.BACKUP_JOURNAL:
        return
    erased = list(Erasure.objects.filter(told_at=None)[:5000])
    with _only_we(settings.BACKUP_JOURNAL) as file:
        lines = "".join(erasure_line(row.record, row.about) + "\n" for row in erased)
        lines += journal.since(_size_at_end(file))
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())
    if erased:
        Erasure.objects.filter(record__in=[row.record for row in erased]).update(told_at=at)


def erasure_line(record: UUID, about: UUID | None) -> str:
    """A line of the journal, without its end: what was erased, as only this node can have written it."""
    told = {"erased": str(record), "about": str(about) if about else None}
    return json.dumps(told | {"mac": _mac(told)})


def erasure_in(line: str) -> tuple[UUID, UUID | None]:
    """What the line says was erased. Raises `Invalid` for one that this node did not write."""
    told = json.loads(line)
    mac = told.pop("mac", "")
    if not hmac.compare_digest(mac, _mac(told)):
        raise Invalid("journal_changed", "The journal as this node wrote it: a line of it is somebody else's.")
    return UUID(told["erased"]), UUID(told["about"]) if told["about"] else None


def _mac(told: dict[str, Any]) -> str:
    from brug.office.keys import services as keys

    about = f"brug/journal/1|{told.get('erased')}|{told.get('about')}"
    return hmac.digest(keys.index_key(), about.encode(), "sha256").hex()


def tell_keys(at: datetime) -> None:
    """A duty of the day: the file of keys, and erasures forgotten that no backup that opens needs any more."""
    from brug.office.vault.models import Erasure

    if settings.BACKUP_KEYS and recovery.exists():
        write_keys(settings.BACKUP_KEYS, at)
    Erasure.objects.filter(noticed_at__lt=at - recovery.RESTORABLE - timedelta(days=1)).delete()


def tell_new_keys(at: datetime) -> None:
    """Each party hears of our new keys once a copy of them lies outside: what it seals to them outlives this machine.

    Where [backup] names no file of keys, they are told at once.
    """
    from brug.office.disclosure import meeting
    from brug.office.keys import files

    if settings.BACKUP_KEYS and recovery.exists():
        made = [files.path_of(name).stat().st_mtime_ns for kind in ("signing", "parcel") for name in files.names(kind)]
        if not settings.BACKUP_KEYS.exists() or settings.BACKUP_KEYS.stat().st_mtime_ns <= max(made, default=0):
            write_keys(settings.BACKUP_KEYS, at)
    meeting.tell_new_keys(at)


class Chunks(io.RawIOBase):
    """What is written comes out in chunks: nonce = number (11 bytes) ‖ 1 for the last one, the head being bound too."""

    def __init__(self, target: IO[bytes], key: bytes, head: bytes) -> None:
        self._target, self._key, self._about = target, AESGCM(key), sha256(head).digest()
        self._held, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._held += content
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._held), last=True)
        super().close()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._key.encrypt(nonce(self._number, last=last), chunk, self._about))
        self._number += 1


def opened(source: IO[bytes], key: bytes, head: bytes) -> Iterator[bytes]:
    """The chunks of `source` in clear. Raises `Invalid` for one changed, moved or missing, the last one too."""
    about, number = sha256(head).digest(), 0
    chunk = source.read(CHUNK + _TAG)
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            yield AESGCM(key).decrypt(nonce(number, last=not following), chunk, about)
        except (InvalidTag, ValueError):
            raise Invalid("backup_damaged", "A whole backup: this one was changed or cut off.") from None
        if not following:
            return
        chunk, number = following, number + 1


def nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


@contextmanager
def _beside(target: Path) -> Iterator[IO[bytes]]:
    """Written beside, then put in its place at once."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _copy_of_database() -> Iterator[tuple[str, Path]]:
    """One state of the database while others go on writing, with nothing of what was deleted; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.HOME) as folder:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(Path(folder) / SQLITE)])
            yield SQLITE, Path(folder) / SQLITE
        else:
            postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={folder}/{DUMP}")
            yield DUMP, Path(folder) / DUMP


def postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the node's database. Raises `Invalid` when it is not there or fails."""
    found = sorted(str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    path = found[-1] if found else shutil.which(program)
    if path is None:
        raise Invalid("no_postgresql_client", f"PostgreSQL's program {program}: install the package postgresql-client.")
    database = settings.DATABASES["default"]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    place = {variable: str(database[name]) for variable, name in names.items() if database.get(name)}
    done = subprocess.run([path, *arguments], env=os.environ | place, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode:
        raise Invalid("postgresql_failed", f"{program} must succeed; what it says stands above.")


@contextmanager
def _only_we(path: Path) -> Iterator[IO[bytes]]:
    """The journal, for one writer at a time, at its end; what a crash left of a line is cut off first."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - CHUNK))
        tail = file.read()
        file.truncate(size - len(tail) + tail.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        yield file


def _size_at_end(file: IO[bytes]) -> int:
    """How much of the ledger the journal holds: what its last checkpoint covers. Leaves the file at its end."""
    from brug.office.ledger import journal

    end = file.seek(0, os.SEEK_END)
    tail, start = b"", end
    while start > 0 and b'\n{"checkpoint"' not in b"\n" + tail.partition(b"\n")[2]:
        start = max(0, start - CHUNK)
        file.seek(start)
        tail = file.read(end - start)
    file.seek(0, os.SEEK_END)
    sizes = [journal.size_in(line.decode()) for line in tail.splitlines() if line.startswith(b'{"checkpoint"')]
    return next((size for size in reversed(sizes) if size is not None), 0)
