"""Make a node anew from a backup, the keys beside it and the paper; then erase again what was erased since (art. 3, 6).

What is in the journal is replayed before anybody can log in. What arrived after the backup is asked for again; what
was done here after it and left no trace elsewhere is lost.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import tarfile
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from brug.core.identity import Invalid
from brug.core.parcel.keys import public_parcel_key
from brug.node import setup

UNFINISHED = "restore-unfinished"  # in the folder, with the time of the backup, from the first byte to the last step
PLACED = "restore-placed"  # beside it: the database is the node's own already
NOT_A_BACKUP = Invalid("not_a_backup", "A file that `brug backup` made.")


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of it, for the operator."""

    made_at: datetime
    erased: int
    entries: int
    asked: int
    closed: tuple[str, ...]  # what had been closed or revoked since, in words


def is_unfinished(home: Path) -> bool:
    """Whether a restore stopped half-way here: then nothing may run but `brug restore --resume`."""
    return (home / UNFINISHED).exists()


def unpack(home: Path, source: Path, keys_file: Path, words: str, unlock: Path, own_settings: Path | None) -> datetime:
    """Put the folder of a node in the empty place `home`: settings, database, no keys yet. Returns when it was made.

    Needs no settings: they come out of the backup. Raises `Invalid`.
    """
    from brug.node import backup
    from brug.office.keys import recovery

    if home.exists() and any(home.iterdir()):
        raise Invalid("not_empty", "An empty place for the folder of the node.")
    private = recovery.private_key(words)
    with source.open("rb") as file:
        if file.readline() != backup.MAGIC:
            raise NOT_A_BACKUP
        head = file.readline()
        told = json.loads(head)
        if read_keys(keys_file)["party"] != told["party"]:
            raise Invalid("keys_of_another", "The file of keys of the same node.")
        key = recovery.unseal(private, base64.b64decode(told["key"]), "backup")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / UNFINISHED).touch()
        stream = _Stream(backup.opened(file, key, head))
        with tarfile.open(fileobj=stream, mode="r|gz") as tar:  # type: ignore[call-overload]
            _take_out(tar, home)
        stream.read_to_end()
    if own_settings:
        (home / "brug.toml").write_bytes(own_settings.read_bytes())
    _name_unlock(home / "brug.toml", unlock)
    (home / UNFINISHED).write_text(told["made_at"])
    return datetime.fromisoformat(told["made_at"])


def _take_out(tar: tarfile.TarFile, home: Path) -> None:
    """Files and folders below `home`, for this user alone; nothing else is in a backup of ours. Raises `Invalid`.

    By hand: Debian 12 has a Python (3.11.2) whose `extractall` does not know how to refuse the rest.
    """
    for member in tar:
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts or not (member.isdir() or member.isreg()):
            raise NOT_A_BACKUP
        path = home / place
        (path if member.isdir() else path.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
        if content := tar.extractfile(member):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(content, file)


def unpacked(home: Path) -> datetime:
    """When the backup was made that was unpacked here, to go on with. Raises `Invalid`."""
    made_at = (home / UNFINISHED).read_text() if is_unfinished(home) else ""
    if not made_at:
        raise Invalid("nothing_to_resume", "A folder in which a restore stopped after unpacking; else an empty one.")
    return datetime.fromisoformat(made_at)


def read_keys(path: Path) -> dict[str, Any]:
    from brug.node import backup

    told = json.loads(path.read_bytes())
    if not isinstance(told, dict) or told.get("format") != backup.KEYS_FORMAT:
        raise Invalid("not_a_file_of_keys", "The file of keys that `brug backup` wrote beside the backup.")
    return told


def place_keys(keys_file: Path, words: str) -> None:
    """Wrap the keys of the file anew, under this machine's own unlock secret. The settings are those of the node."""
    from brug.office.keys import files, recovery

    told, private = read_keys(keys_file), recovery.private_key(words)
    lasting = json.loads(recovery.unseal(private, base64.b64decode(told["lasting"]), "lasting"))
    for name, key in lasting.items():
        files.write(name, base64.b64decode(key))
    files.replace(files.folder() / "recovery.pub", public_parcel_key(private))
    for name, sealed in told["epochs"].items():
        files.write(name, recovery.unseal(private, base64.b64decode(sealed), name))
        recovery.seal_epoch(name)


def place_database() -> None:
    """The database of the backup becomes that of the node, and is brought up to date."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from brug.node import backup

    copy, dump = Path(settings.HOME) / backup.SQLITE, Path(settings.HOME) / backup.DUMP
    if connection.vendor == "sqlite" and copy.exists():
        os.replace(copy, settings.DATABASES["default"]["NAME"])
    elif connection.vendor == "postgresql" and dump.exists():
        name = settings.DATABASES["default"]["NAME"]
        whole = ("--no-owner", "--exit-on-error", "--single-transaction", "--clean", "--if-exists")
        backup.postgres("pg_restore", *whole, f"--dbname={name}", str(dump))
        dump.unlink()
    elif not (Path(settings.HOME) / PLACED).exists():
        raise Invalid("another_database", "A backup of the same kind of database as brug.toml names.")
    (Path(settings.HOME) / PLACED).touch()
    call_command("migrate", verbosity=0, interactive=False)


def begin(made_at: datetime, journal_file: Path | None, at: datetime) -> Restored:
    """Replay the journal, let no key of an old epoch live on, and begin a new life of the node. May be done again."""
    from django.conf import settings

    from brug.node import undone
    from brug.office.disclosure import upkeep
    from brug.office.keys import epochs
    from brug.office.ledger import journal
    from brug.office.vault import services as vault
    from brug.office.vault.models import KeyEncryptionKey

    if set(KeyEncryptionKey.objects.values_list("epoch", flat=True)) - set(epochs.names()):
        raise Invalid("backup_too_old", "A backup of the last 35 days: the keys of an older one are destroyed.")
    if not journal.is_behind():
        journal.fall_behind()
    erased, entries = 0, 0
    closed: list[str] = []
    if journal_file:
        erased, entries = catch_up(journal_file, at, say=closed.append)
    else:
        closed = undone.trust_nobody(at)
    vault.rotate(at, renew=True)
    asked = upkeep.begin_after_restore(backup_of=made_at, at=at)
    for name in (PLACED, UNFINISHED):
        (Path(settings.HOME) / name).unlink(missing_ok=True)
    return Restored(made_at, erased, entries, asked, tuple(closed))


def catch_up(journal_file: Path, at: datetime, *, say: Callable[[str], object]) -> tuple[int, int]:
    """Erase what the journal says was erased, take over the ledger it holds, close what it says was closed.

    Returns how much of the first two; each thing that is closed is said at once. May die at any point and be done
    again: the ledger is signed again only when all of it is done. Raises `Invalid` for the journal of another ledger.
    """
    from brug.node import undone
    from brug.office.ledger import journal

    known = journal.behind_since()
    with journal_file.open(encoding="utf-8") as lines:
        erased = _erase_again(lines, at)
    with journal_file.open(encoding="utf-8") as lines:
        entries = journal.roll_forward(line for line in lines if line.endswith("\n"))
    erased += _erase_what_ended(known, at, say)
    for line in undone.close_again(known, at):
        say(line)
    journal.catch_up()
    return erased, entries


def _erase(records: Collection[UUID], at: datetime) -> int:
    """The rows of a desk go as they do when a term is over; of how many records. Call inside a transaction."""
    from brug.office.plug import departures
    from brug.office.vault import retention
    from brug.office.vault.models import Envelope
    from brug.office.vault.reasons import Reason

    known, erased = departures(), 0
    for envelope in Envelope.objects.filter(record__in=records):
        reason = Reason(envelope.reason)
        if reason in known and reason != Reason.DRAFT:  # a draft goes by itself within a day
            known[reason].erase([envelope.record], at)
        retention.destroy([envelope.record])
        erased += 1
    return erased


def _erase_what_ended(after: int, at: datetime, say: Callable[[str], object]) -> int:
    """The signed ledger says that a case ended and its row is here again: its line of the journal was cut out, or never
    written. Erased, counted, and said aloud."""
    from django.db import transaction

    from brug.node import undone

    erased = 0
    for reference, record in undone.ended(after):
        with transaction.atomic():
            erased += _erase({record}, at)
        say(f"{reference}: the ledger says that it ended and the journal did not; erased. Was the journal changed?")
    return erased


def _erase_again(lines: IO[str], at: datetime) -> int:
    """What brought a record does not come in anew."""
    from django.db import transaction

    from brug.node import backup
    from brug.office.parties.models import Counterparty
    from brug.office.plug import records_from
    from brug.office.post.models import Accepted

    erased = 0
    for text in lines:
        if not text.startswith('{"erased"') or not text.endswith("\n"):
            continue
        record, about = backup.erasure_in(text)
        with transaction.atomic():
            erased += _erase({record, *(records_from(about) if about else ())}, at)
            for party in Counterparty.objects.values_list("kbo", flat=True) if about else ():
                come = {"parcel_id": uuid.uuid4(), "accepted_at": at}
                Accepted.objects.get_or_create(sender=party, about=about, defaults=come)
    return erased


def _name_unlock(settings_file: Path, unlock: Path) -> None:
    """The settings name the unlock secret of this machine, which is made when it is not there."""
    text = settings_file.read_text()
    named = f"unlock_file = {json.dumps(str(unlock))}"
    text, found = re.subn(r"(?m)^unlock_file\s*=.*$", lambda _: named, text)
    settings_file.write_text(text if found else f"{text}\n[keys]\n{named}\n")
    setup.make_unlock_secret(unlock)


class _Stream:
    """What `tarfile` reads from: the chunks one after the other, each judged before anything of it is used."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, b""

    def read(self, size: int) -> bytes:
        while len(self._held) < size and (chunk := next(self._chunks, None)) is not None:
            self._held += chunk
        content, self._held = self._held[:size], self._held[size:]
        return content

    def read_to_end(self) -> None:
        """Also what `tarfile` did not need: a backup that was cut off is refused."""
        for _ in self._chunks:
            pass
