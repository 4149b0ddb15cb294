"""`brug backup`, `restore`, `restore-tested`, `catch-up`, `keys`: an operator and copies and keys (art. 6)."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from brug.core.calendar import Now
from brug.core.identity import Invalid
from brug.office.ledger.acts import OPERATOR, Act


def add_commands(commands: Any) -> None:
    backup = commands.add_parser("backup", help="write an encrypted backup, and the sealed keys that it needs")
    backup.add_argument("file", type=Path)
    backup.add_argument("--keys", type=Path, help="file of the sealed keys, kept elsewhere; else as brug.toml says")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="make the node anew in an empty folder, from a backup")
    restore.add_argument("file", type=Path)
    restore.add_argument("--resume", action="store_true", help="go on where a restore stopped half-way")
    restore.add_argument("--keys", type=Path, required=True, help="the file of sealed keys")
    restore.add_argument("--unlock-file", type=Path, required=True, help="file of the unlock secret of this machine")
    restore.add_argument("--recovery-key", type=Path, help="file with the recovery key; else it is asked for")
    restore.add_argument("--journal", type=Path, help="what was erased and signed after the backup")
    restore.add_argument("--settings", type=Path, help="a brug.toml in the place of the one in the backup")
    restore.set_defaults(run=_restore, on_node=False)

    tried = commands.add_parser("restore-tested", help="note that a restore was tried elsewhere and worked")
    tried.set_defaults(run=_restore_tested)

    later = commands.add_parser("catch-up", help="after a restore without its journal: replay it, or declare a gap")
    either = later.add_mutually_exclusive_group(required=True)
    either.add_argument("--journal", type=Path)
    either.add_argument("--gap", action="store_true", help="it is lost: agreed with the other parties' officers")
    later.set_defaults(run=_catch_up)

    verbs = commands.add_parser("keys", help="the node's own keys").add_subparsers(dest="verb", required=True)
    recovery = verbs.add_parser("recovery", help="make the recovery key and print it, once")
    recovery.add_argument(
        "--to", type=Path, help="write it into this new file: what a container or a service prints is kept"
    )
    recovery.set_defaults(run=_recovery)
    rotate = verbs.add_parser("rotate", help="another unlock secret, and another key of the day for all data")
    rotate.add_argument("--to", type=Path, help="write the secret here, when the present file cannot be replaced")
    rotate.add_argument("--finish", action="store_true", help="forget the former secret: the node runs with the other")
    rotate.set_defaults(run=_rotate)


def _backup(given: argparse.Namespace, now: Now) -> int:
    from django.conf import settings

    from brug.node import backup

    keys_file = given.keys or settings.BACKUP_KEYS
    if keys_file is None:
        raise Invalid("keys_file_missing", "Where the sealed keys go: --keys FILE, or [backup] keys in brug.toml.")
    at = now()
    backup.tell(at)
    backup.make(given.file, keys_file, at)
    print(f"Made {given.file}. It opens with the recovery key and {keys_file}, for 35 days; keep the two files apart.")
    if settings.BACKUP_JOURNAL is None:
        print("No journal is kept: name one in brug.toml, [backup] journal, on another disk; see the guide.")
    return 0


def _restore(given: argparse.Namespace, now: Now) -> int:
    from brug.node import restore, setup

    home = Path(os.environ.get("BRUG_HOME", ""))
    if not os.environ.get("BRUG_HOME"):
        raise Invalid("no_home", "Say where the node comes: brug --home FOLDER restore …")
    words = given.recovery_key.read_text() if given.recovery_key else _ask("Recovery key: ")
    unlock = given.unlock_file.absolute()
    if given.journal and not given.journal.is_file():
        raise Invalid("no_journal", "The file of the journal; or leave it out when it is lost.")
    if given.resume:
        made_at = restore.unpacked(home)
    else:
        made_at = restore.unpack(home, given.file, given.keys, words, unlock, given.settings)
    setup.become_node()
    restore.place_keys(given.keys, words)
    restore.place_database()
    told = restore.begin(made_at, given.journal, now())
    print(f"Restored as of {told.made_at:%Y-%m-%d %H:%M} UTC; erased again: {told.erased}; entries: {told.entries}.")
    for line in told.closed:
        print(f"  {line}")
    print(f"A new life begins; parties asked to send again what they sent since then: {told.asked}.")
    print("No mail leaves before a data protection officer has agreed: the page Decisions for two.")
    if not given.journal:
        print("Without its journal the ledger is not signed: brug catch-up --journal FILE, or --gap when it is lost.")
    print("What is due leaves once a person says that the clock is right: brug retention confirm-clock")
    return 0


def _restore_tested(given: argparse.Namespace, now: Now) -> int:
    """On the node itself, not on the machine of the trial: its ledger and its evidence then say when (art. 6)."""
    from django.db import transaction

    from brug.office.ledger import services as ledger

    with transaction.atomic():
        ledger.record(Act.RESTORE_TESTED, "node", by=OPERATOR, at=now())
    print("Noted. The evidence for the other party says so too.")
    return 0


def _catch_up(given: argparse.Namespace, now: Now) -> int:
    from django.conf import settings
    from django.db import transaction

    from brug.node import restore
    from brug.office.ledger import journal
    from brug.office.ledger import services as ledger

    if restore.is_unfinished(Path(settings.HOME)):
        raise Invalid("restore_unfinished", "A restore that came to its end: go on with brug restore --resume.")
    if given.gap and (not journal.is_behind() or (settings.BACKUP_JOURNAL and settings.BACKUP_JOURNAL.exists())):
        raise Invalid("no_gap", "A restored ledger of which the journal is lost; here it is at hand, or nothing lacks.")
    if given.journal:
        erased, entries = restore.catch_up(given.journal, now(), say=lambda line: print(f"  {line}"))
        print(f"Erased again: {erased}; entries of the ledger: {entries}.")
        return 0
    with transaction.atomic():
        ledger.record(Act.LEDGER_GAP_DECLARED, "node", by=OPERATOR, at=now())
    journal.catch_up()
    print("The ledger goes on from the backup. The other parties hold what shows the gap: sign it together.")
    return 0


def _recovery(given: argparse.Namespace, now: Now) -> int:
    make_recovery_key(now(), given.to)
    return 0


def is_logged() -> bool:
    """Whether a log keeps what is printed here: in a container (`container` is set, as systemd and podman do), or in a
    service whose output goes to systemd."""
    printed = os.fstat(1)
    is_of_systemd = os.environ.get("JOURNAL_STREAM") == f"{printed.st_dev}:{printed.st_ino}"
    return is_of_systemd or bool(os.environ.get("container"))  # noqa: SIM112 (so it is called)


def make_recovery_key(at: datetime, to: Path | None) -> None:
    """Make the recovery key and hand it out, once: printed, or into the new file `to`. Raises `Invalid` when there is
    one, when the file is there already, and without a file where a log would keep it."""
    from brug.office.keys import epochs, recovery

    if to is None and is_logged():
        raise Invalid(
            "recovery_key_logged", "A file: brug keys recovery --to FILE; what is printed here stays in a log."
        )
    if to is not None and to.exists():
        raise Invalid("recovery_file_exists", "A file that is not there yet.")
    words = recovery.make()
    epochs.begin(at)
    if to is None:
        print(
            f"Recovery key, printed once. On paper, with the controller's officer, never in the node:\n\n    {words}\n"
        )
        return
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(words + "\n")
    print(f"The recovery key is in {to}. Put it on paper, with the controller's officer, then: shred -u {to}")


def _rotate(given: argparse.Namespace, now: Now) -> int:
    """A crash at any point leaves everything readable: until the last step both secrets open the root key."""
    from django.conf import settings
    from django.db import transaction

    from brug.office.keys import files
    from brug.office.ledger import services as ledger
    from brug.office.vault import services as vault

    at, present = now(), files.unlock_secret()
    files.have_root()
    if not given.finish:
        following, unlock = secrets.token_bytes(files.SECRET_BYTES), Path(settings.UNLOCK_FILE)
        if given.to and given.to.resolve().is_relative_to(Path(settings.HOME).resolve()):
            raise Invalid("unlock_inside", "A file outside the folder of the node.")
        files.open_with(present, following)
        files.replace(given.to or unlock, following)
        if given.to:
            print(f"Both secrets open the node. Put {given.to} in place, start anew, then: brug keys rotate --finish")
            return 0
        present = following
    elif not files.is_opened_by_the_newest(present):
        raise Invalid("not_the_newest", "The new secret in its place first: the node still runs with the former one.")
    files.open_with(present)
    moved = vault.rotate(at, renew=True)
    with transaction.atomic():
        ledger.record(Act.KEYS_ROTATED, "node", by=OPERATOR, at=at)
    print(
        f"Another unlock secret, and another key of the day for {moved} key-encryption keys. Start web and worker anew."
    )
    return 0


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        return input(question)
    return sys.stdin.readline()
