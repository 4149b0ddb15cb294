"""Ask nodes how they are, and let them do something: each in a process of its own that became that node."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from brug.core.identity import Invalid
from brug.host import former, nursery, postgresql
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
    found = told(place, partial(former.look, place) if place.former else _look)
    if found is None:
        return [{"name": "node", "state": "error", "words": "The node cannot be asked; what it says stands above."}]
    if place.may_run and not _answers(place):
        words = f"Nothing answers at its port {place.settings()['web']['port']}: brug-host list, and its log."
        found.append({"name": "pages", "state": "error", "words": words})
    return list(found)


def _answers(place: Place) -> bool:
    web = place.settings()["web"]
    try:
        socket.create_connection((web.get("host", "127.0.0.1"), web["port"]), timeout=5).close()
    except OSError:
        return False
    return True


def _look() -> list[dict[str, str]]:
    from brug.node import health

    return [asdict(finding) for finding in health.look(datetime.now(UTC))]


def worst(found: list[dict[str, str]]) -> str:
    return min((finding["state"] for finding in found), key=WORST.index)


def errors(place: Place) -> list[dict[str, str]]:
    """What is wrong with it. Warnings are no reason to stop."""
    return [finding for finding in findings(place) if finding["state"] == "error"]


def wait_until_well(place: Place, *, seconds: float, fell: Callable[[], bool]) -> list[dict[str, str]]:
    """What is wrong with it after at most so long, or once it `fell` again; nothing when it is well."""
    import time

    until = time.monotonic() + seconds
    while wrong := errors(place):
        if time.monotonic() > until or fell():
            break
        time.sleep(0.5)
    return wrong


def back_up(place: Place, at: datetime) -> bool:
    """Into its own place, as the night does; backups that open nothing any more go (35 days)."""

    target = place.backups / f"{at:%Y-%m-%dT%H%M%S}.brugbackup"

    def run() -> None:
        if place.former:
            former.back_up(place, target)
            return
        from django.conf import settings

        from brug.node import backup
        from brug.office.keys import recovery

        if settings.BACKUP_KEYS is None:
            raise Invalid("no_keys_file", "A file for the keys that a restore needs: brug.toml, [backup] keys.")
        backup.make(target, settings.BACKUP_KEYS, at)
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
