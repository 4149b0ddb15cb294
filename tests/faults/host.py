"""One node whose workers are killed: started as a process of its own, told what to do by lines of JSON.

The workers are forks of it: real processes with connections of their own to the node's SQLite file, the mail server and
the mailbox. Time runs faster than by the clock, or the leases of the dead would be waited for.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday
WORKERS = 2


class Clock:
    """Simulated time: the same in every process, from the machine's own monotonic clock."""

    def __init__(self, started: float, begin: str, factor: float) -> None:
        self.started, self.begin, self.factor = started, datetime.fromisoformat(begin), factor

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=(time.monotonic() - self.started) * self.factor)


def spelled(reference: UUID) -> str:
    """A family name that belongs to one reference only."""
    return "Van " + "".join(chr(ord("a") + int(digit, 16)) for digit in reference.hex[:16]).capitalize()


class Host:
    """Keeps workers alive, kills them, and answers what became of everything."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.chance = home, random.Random(seed)  # noqa: S311 (no secret)
        self.children: dict[int, tuple[str, float]] = {}  # process → step it shall die at, when it dies anyway
        self.kills: Counter[str] = Counter()
        self.clock = Clock(time.monotonic(), BEGIN.isoformat(), 1)

    def tell_time(self, **clock: Any) -> dict[str, Any]:
        self.clock = Clock(**clock)
        return {}

    def settle(self) -> dict[str, Any]:
        from brug.node import demo_people

        self._apart(lambda: demo_people.settle(at=BEGIN))
        self._warm_up()
        return {}

    def _warm_up(self) -> None:
        """What every fork would read first, read once. Nothing that holds a connection or a thread."""
        import typst
        from django.db import connections

        from brug.core.fonts import fonts
        from brug.node import worker  # with everything it does
        from brug.office.keys import services as keys
        from brug.office.registry import queries as registry

        assert typst and worker.VERBS
        registry.all_protocols(BEGIN)
        for read in (keys.signing_key, keys.checkpoint_key, keys.parcel_key, keys.index_key):
            read()
        fonts()
        connections.close_all()

    def run(self, seconds: float, referrals: int, kill: bool) -> dict[str, Any]:
        """Workers and, with `referrals`, somebody who makes so many, for so long; each killed again and again."""
        end = time.monotonic() + seconds
        self.referrals, self.started, self.seconds = referrals, time.monotonic(), seconds
        kinds = ["worker"] * WORKERS + (["creator"] if referrals else [])
        roles: dict[int, str] = {}
        while time.monotonic() < end:
            for kind in kinds[:]:
                kinds.remove(kind)
                roles[self._spawn(kind, kill)] = kind
            time.sleep(0.001)
            for process in self._dead():
                kinds.append(roles.pop(process))
        for process in list(self.children):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            self.kills["at the end"] += 1
        self.children.clear()
        return {"kills": sum(self.kills.values()), "steps": self.kills}

    def _spawn(self, kind: str, kill: bool) -> int:
        from tests.faults import steps

        at_step = steps.draw(self.chance) if self.chance.random() < 0.6 else None
        seed, life = self.chance.random(), self.chance.uniform(0.01, 0.5)
        process = os.fork()
        if process == 0:
            with suppress(BaseException):
                if kill and at_step:
                    steps.doom(*at_step)
                self._live(kind, random.Random(seed))  # noqa: S311
            os._exit(3)  # a worker never ends by itself
        dies_at = time.monotonic() + (1.2 if at_step else life) if kill else float("inf")
        self.children[process] = (at_step[0] if at_step else "any instant", dies_at)
        return process

    def _dead(self) -> list[int]:
        dead = []
        for process, (step, dies_at) in list(self.children.items()):
            done, status = os.waitpid(process, os.WNOHANG)
            if not done and time.monotonic() >= dies_at:
                os.kill(process, signal.SIGKILL)
                done, status = os.waitpid(process, 0)
                step = "any instant"
            if done:
                if not os.WIFSIGNALED(status):
                    raise SystemExit("a worker ended by itself")
                self.kills[step] += 1
                del self.children[process]
                dead.append(process)
        return dead

    def _live(self, kind: str, chance: random.Random) -> None:
        from brug.core.calendar import legal_day
        from brug.node import worker
        from brug.office.post import services as post

        while True:
            if kind == "creator":
                self._refer()
                continue
            at = self.clock.now()
            worker.turn(at, None if chance.random() < 0.02 else legal_day(at))
            post.pause(0.03)

    def _refer(self) -> None:
        """One referral, if there is still one to make by now."""
        from brug.core import message
        from brug.desks.referrals import services
        from brug.desks.referrals.models import Referral
        from brug.office.parties.models import Member

        made = Referral.objects.exclude(state__in=["draft", "consented"]).count()
        if made >= self.referrals * min(1, 1.3 * (time.monotonic() - self.started) / self.seconds):
            time.sleep(0.05)
            return
        at, lien = self.clock.now(), Member.objects.get(username="lien")
        referral = services.start("13049", "2260", by=lien, at=at)
        protocol = services.protocol_for(referral, at)
        assert protocol is not None
        facts = services.ConsentFacts(
            informed_at=at, informed_how="talk_and_leaflet", language="nl", interpreter=False, consented_at=at,
            consented_how="oral", met_on_duty=True, judged_with_client=True,
        )  # fmt: skip
        services.record_consent(referral, facts, protocol, by=lien, at=at)
        client = message.Client(given_name="Amal", family_name=spelled(referral.reference), phone="+32470000001")
        services.keep_client(referral, client, "13049", by=lien, at=at)
        referral.refresh_from_db()
        services.send(referral, by=lien, at=at)

    def back_up(self) -> dict[str, Any]:
        """A copy of the database and then of the keys, as they are at this moment."""
        with sqlite3.connect(self.home / "brug.sqlite3") as living, sqlite3.connect(self.home / "backup") as copy:
            living.backup(copy)
        shutil.rmtree(self.home / "backup-keys", ignore_errors=True)
        shutil.copytree(self.home / "keys", self.home / "backup-keys")
        return {"at": self.clock.now().isoformat()}

    def restore(self, backup_of: str) -> dict[str, Any]:
        """The database is as it was then; the node says so."""
        from brug.office.disclosure import upkeep

        for name in ("brug.sqlite3", "brug.sqlite3-wal", "brug.sqlite3-shm"):
            (self.home / name).unlink(missing_ok=True)
        shutil.copy(self.home / "backup", self.home / "brug.sqlite3")
        shutil.copytree(self.home / "backup-keys", self.home / "keys", dirs_exist_ok=True)
        self._apart(
            lambda: upkeep.begin_after_restore(backup_of=datetime.fromisoformat(backup_of), at=self.clock.now())
        )
        return {}

    def report(self) -> dict[str, Any]:
        """What there is on this node; asked in a process of its own, so that no fork inherits a connection."""
        answer = self.home / "report.json"
        self._apart(lambda: answer.write_text(json.dumps(found())))
        return dict(json.loads(answer.read_text()))

    def _apart(self, do: Any) -> None:
        process = os.fork()
        if process == 0:
            try:
                do()
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if os.waitpid(process, 0)[1]:
            raise SystemExit("a step of the test itself failed")


def found() -> dict[str, Any]:
    """Every referral that was sent, every one that came in, what still waits, and whether the ledger is whole."""
    from brug.desks.casework.models import Intake
    from brug.desks.referrals.models import Referral
    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Entry
    from brug.office.post.models import Incoming, Outgoing
    from brug.office.vault import services as vault

    sent = Referral.objects.exclude(state__in=["draft", "consented"]).values_list("reference", "state")
    came_in = []
    for intake in Intake.objects.all():
        kept = vault.read(intake.record)["referral"]
        is_right = kept["client"]["family_name"] == spelled(intake.referral_id)
        came_in.append([str(intake.referral_id), is_right])
    return {
        "sent": [[str(reference), state] for reference, state in sent],
        "came_in": came_in,
        "recorded": Entry.objects.filter(act="intake_received").count(),
        "due": [
            f"{out.kind} {out.state} {out.attempts} {out.due_at}" for out in Outgoing.objects.exclude(state="received")
        ],
        "raw": [f"{mail.attempts} {mail.due_at}" for mail in Incoming.objects.exclude(due_at=None)],
        "quarantined": sorted(Incoming.objects.filter(due_at=None).values_list("rejection", flat=True)),
        "ledger": [str(finding) for finding in ledger.verify()],
    }


def main() -> None:
    import django

    home, seed = sys.argv[1:]
    os.environ |= {"BRUG_HOME": home, "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    django.setup()
    from tests.faults import steps

    steps.install()
    host = Host(Path(home), int(seed))
    for line in sys.stdin:
        told = json.loads(line)
        answer = getattr(host, told.pop("do"))(**told)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
