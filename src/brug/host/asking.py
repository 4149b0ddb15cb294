"""Ask nodes how they are, and let them do something: each in a process of its own that became that node."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from brug.core.identity import Invalid
from brug.host import nursery, postgresql
from brug.host.places import Place

WORST = ("error", "warning", "ok")


def told(place: Place, act: Callable[[], Any]) -> Any:
    """What `act` returns (of JSON) when this node does it; None when it could not."""
    reading, writing = os.pipe()

    def run() -> None:
        with os.fdopen(writing, "w") as out:
            json.dump(act(), out)

    pid = nursery.fork(place, run)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return json.loads(text) if code == 0 and text else None


def done(place: Place, act: Callable[[], object]) -> bool:
    """Whether this node could do it; what went wrong stands on standard error."""
    return os.waitstatus_to_exitcode(os.waitpid(nursery.fork(place, act), 0)[1]) == 0


def findings(place: Place) -> list[dict[str, str]]:
    """What `brug check` says of this node; that it says nothing is an error itself."""
    found = told(place, _look)
    if found is None:
        return [{"name": "node", "state": "error", "words": "The node cannot be asked; what it says stands above."}]
    return list(found)


def _look() -> list[dict[str, str]]:
    from brug.node import health

    return [asdict(finding) for finding in health.look(datetime.now(UTC))]


def worst(found: list[dict[str, str]]) -> str:
    return min((finding["state"] for finding in found), key=WORST.index)


def wait_until_well(place: Place, *, seconds: float) -> list[dict[str, str]]:
    """What is wrong with it after at most so long; nothing when it is well. Warnings are no reason to stop."""
    import time

    until = time.monotonic() + seconds
    while wrong := [finding for finding in findings(place) if finding["state"] == "error"]:
        if time.monotonic() > until:
            break
        time.sleep(0.5)
    return wrong


def back_up(place: Place, at: datetime) -> bool:
    """Into its own place, as the night does; backups that open nothing any more go (35 days)."""

    def run() -> None:
        from django.conf import settings

        from brug.node import backup
        from brug.office.keys import recovery

        if settings.BACKUP_KEYS is None:
            raise Invalid("no_keys_file", "A file for the keys that a restore needs: brug.toml, [backup] keys.")
        backup.make(place.backups / f"{at:%Y-%m-%dT%H%M%S}.brugbackup", settings.BACKUP_KEYS, at)
        for old in place.backups.glob("*.brugbackup"):
            if old.stat().st_mtime < (at - recovery.RESTORABLE).timestamp():
                old.unlink()

    return done(place, run)


def migrate(place: Place) -> bool:
    """The tables of the installed version. Migrations only add within a release: what runs goes on meanwhile."""

    def run() -> None:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)

    return done(place, nursery.owner_of_tables(place, run)) and _let_in(place)


def take_over(place: Place, former: Path) -> bool:
    """All rows of the database that the file `former` names, into the empty one of now; whether the ledger is whole."""

    def run() -> int:
        from brug.node import another_database
        from brug.office.ledger import queries as ledger

        another_database.take_over(former)
        return len(ledger.verify())

    return done(place, nursery.owner_of_tables(place, run)) and _let_in(place)


def _let_in(place: Place) -> bool:
    if place.environment("owner"):
        postgresql.let_in(place)
    return True
