"""One node whose workers are killed: started as a process of its own, told what to do by lines of JSON.

The workers are forks of it: real processes with connections of their own to the node's SQLite file, the mail server and
the mailbox. Time runs faster than by the clock, or the leases of the dead would be waited for.
"""

from __future__ import annotations

import gc
import json
import math
import mmap
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday
WORKERS = 2
PLACES = 8  # as many can live at once, at least
LONGEST = (0.01, 0.04, 0.1)  # seconds of processor of a life, so that a busy machine kills nobody sooner
DOOMED = 0.12  # of one that may yet come to its step
HANGS_SECONDS = 10.0  # by the clock, of a life that waits for something
LOOK_SECONDS = 0.004


class Clock:
    """Simulated time: the same in every process, from the machine's own monotonic clock."""

    def __init__(self, started: float, begin: str, factor: float) -> None:
        self.started, self.begin, self.factor = started, datetime.fromisoformat(begin), factor

    def now(self) -> datetime:
        return self.begin + timedelta(seconds=(time.monotonic() - self.started) * self.factor)


class Life(NamedTuple):
    kind: str
    place: int  # in what it shares with us
    uses: float  # seconds of processor until it ends
    ends_at: float  # by the monotonic clock, whatever it used
    watch: int  # readable when it is dead

    def is_over(self, process: int, now: float) -> bool:
        if now >= self.ends_at:
            return True
        try:
            return time.clock_gettime(~process << 3 | 2) >= self.uses  # its clock, as clock_getcpuclockid(3) names it
        except OSError:
            return False  # dead already


def spelled(reference: UUID) -> str:
    """A family name that belongs to one reference only."""
    return "Van " + "".join(chr(ord("a") + int(digit, 16)) for digit in reference.hex[:16]).capitalize()


class Host:
    """Keeps workers alive, kills them, and answers what became of everything."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.chance = home, random.Random(seed)  # noqa: S311 (no secret)
        self.lives: dict[int, Life] = {}  # by process
        self.steps = mmap.mmap(-1, PLACES)  # where a life says at which named step it dies: shared with all forks
        self.places = list(range(PLACES))
        self.deaths: Counter[str] = Counter()
        self.referrals = 0
        self.seen: set[str] = set()
        self.clock = Clock(time.monotonic(), BEGIN.isoformat(), 1)

    def tell_time(self, **clock: Any) -> dict[str, Any]:
        self.clock = Clock(**clock)
        return {}

    def settle(self) -> dict[str, Any]:
        self._apart(_settle)
        self._warm_up()
        return {}

    def _warm_up(self) -> None:
        """What every fork would read first, read once; a fork inherits neither a connection nor a thread."""
        import typst
        from django.conf import settings
        from django.db import connections

        from brug.core.calendar import legal_day
        from brug.core.fonts import fonts
        from brug.node import worker
        from brug.office.disclosure import ready
        from brug.office.keys import services as keys
        from brug.office.post import transport
        from brug.office.registry import queries as registry

        assert typst
        ready.READY = 0  # no life is long enough to make keys for later
        registry.all_protocols(BEGIN)
        for read in (keys.signing_key, keys.checkpoint_key, keys.parcel_key, keys.index_key):
            read()
        fonts()
        worker.turn(BEGIN, legal_day(BEGIN))
        transport.incoming(settings.MAIL_INCOMING).close()
        connections.close_all()
        gc.collect()
        gc.freeze()

    def run(self, seconds: float, kills: int, referrals: int, seen: Sequence[str] = ()) -> dict[str, Any]:
        """Workers and, with `referrals`, somebody who sends until there are so many, until so many of them were killed,
        or for so long. With no kills asked nobody is killed before the end. `seen`: steps at which somebody died, at
        either node."""
        self.referrals, self.seen = referrals, set(seen)
        killed, now = sum(self.deaths.values()), time.monotonic()
        end, enough = now + seconds, killed + kills if kills else math.inf
        missing = ["worker"] * WORKERS + ["creator"] * bool(referrals)
        while now < end and sum(self.deaths.values()) < enough:
            for kind in missing:
                self._begin(kind, bool(kills), now)
            watched = [life.watch for life in self.lives.values()]
            select.select(watched, [], [], LOOK_SECONDS)
            now = time.monotonic()
            missing = self._ended(now)
        self._ended(math.inf)
        return {"kills": sum(self.deaths.values()), "steps": self.deaths}

    def _begin(self, kind: str, kill: bool, now: float) -> None:
        """One life. Most end at a named step; who does not come to it in time, and every other, at any instant."""
        from tests.faults import steps

        seed, place = self.chance.random(), self.places.pop()
        doom = (
            steps.draw(self.chance, kind, self.seen | self.deaths.keys())
            if kill and self.chance.random() < 0.7
            else None
        )
        uses = DOOMED if doom else self.chance.uniform(0, self.chance.choice(LONGEST)) if kill else math.inf
        self.steps[place] = 0
        process = os.fork()
        if process == 0:
            with suppress(BaseException):
                if doom:
                    steps.doom(*doom, told=lambda step: self.steps.__setitem__(place, step))
                self._live(kind, random.Random(seed))  # noqa: S311
            os._exit(3)  # a worker never ends by itself
        self.lives[process] = Life(kind, place, uses, now + HANGS_SECONDS if kill else math.inf, os.pidfd_open(process))

    def _ended(self, now: float) -> list[str]:
        """Kill who must die now; what those were that are dead."""
        over = {process for process, life in self.lives.items() if life.is_over(process, now)}
        for process in over:
            os.kill(process, signal.SIGKILL)
        dead = select.select([life.watch for life in self.lives.values()], [], [], 0)[0]
        gone = {process: life for process, life in self.lives.items() if process in over or life.watch in dead}
        for process, life in gone.items():
            self._bury(process, life)
        return [life.kind for life in gone.values()]

    def _bury(self, process: int, life: Life) -> None:
        from tests.faults import steps

        if not os.WIFSIGNALED(os.waitpid(process, 0)[1]):
            raise SystemExit("a worker ended by itself")
        os.close(life.watch)
        del self.lives[process]
        self.places.append(life.place)
        self.deaths[steps.DEATHS[self.steps[life.place]]] += 1

    def _live(self, kind: str, chance: random.Random) -> None:
        """Whole turns, or the duties of the mail in any order, so that much happens in a short life."""
        from brug.core.calendar import legal_day
        from brug.node import worker
        from brug.office.post import services as post
        from brug.office.post import transport

        of_the_mail = (post.collect, worker.take_in, worker.put_in_order, worker.send)
        while True:
            at = self.clock.now()
            if kind == "creator":
                self._refer()
            elif chance.random() < 0.3:
                worker.turn(at, None if chance.random() < 0.05 else legal_day(at))
                transport.pause(0.02)
            else:
                worker._is_done(chance.choice(of_the_mail), at)

    def fault(self, call: str, fault: str, when: int) -> dict[str, Any]:
        """One turn, in which the `when`-th `call` to the system has this `fault`; whether it came to that.

        `fault`: as strace's option `inject` has it. Where a call fails, the worker goes on to the end of its turn.
        """
        from brug.core.calendar import legal_day
        from brug.node import worker

        log, at = self.home / "strace.log", self.clock.now()
        process = os.fork()
        if process == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            worker.turn(at, legal_day(at))
            os._exit(0)
        os.waitpid(process, os.WUNTRACED)
        inject = f"inject={call}:{fault}:when={when}"
        with subprocess.Popen(
            ["strace", "-f", "-qq", "-e", f"trace={call}", "-e", inject, "-o", log, "-p", str(process)]
        ) as strace:
            while f"TracerPid:\t{strace.pid}" not in Path(f"/proc/{process}/status").read_text():
                if strace.poll() is not None:
                    raise SystemExit("strace ended by itself")
                time.sleep(0.001)
            os.kill(process, signal.SIGCONT)
            ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if ended and (fault != "signal=KILL" or ended != -signal.SIGKILL):
            raise SystemExit(f"a worker ended with {ended} at {call} {when}, {fault}")
        told = log.read_text()
        return {"hit": "INJECTED" in told or "killed by SIGKILL" in told}

    def turn(self) -> dict[str, Any]:
        """One turn that nothing happens to."""
        from brug.core.calendar import legal_day
        from brug.node import worker

        at = self.clock.now()
        self._apart(lambda: worker.turn(at, legal_day(at)))
        return {}

    def send_again(self) -> dict[str, Any]:
        """What a person does with the parcels that nobody confirmed in fourteen days; how many there were."""
        answer = self.home / "sent-again.json"
        self._apart(lambda: answer.write_text(json.dumps({"count": send_again(self.clock.now())})))
        return dict(json.loads(answer.read_text()))

    def refer(self) -> dict[str, Any]:
        self.referrals = sys.maxsize
        self._apart(self._refer)
        return {}

    def _refer(self) -> None:
        from brug.core import message
        from brug.desks.referrals import services
        from brug.desks.referrals.models import Referral
        from brug.office.parties.models import Member

        if Referral.objects.exclude(state__in=["draft", "consented"]).count() >= self.referrals:
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
        from brug.office.parties import queries as parties
        from brug.office.parties.models import Member
        from brug.office.parties.states import Joint
        from brug.office.roles import Role

        for name in ("brug.sqlite3", "brug.sqlite3-wal", "brug.sqlite3-shm"):
            (self.home / name).unlink(missing_ok=True)
        shutil.copy(self.home / "backup", self.home / "brug.sqlite3")
        shutil.copytree(self.home / "backup-keys", self.home / "keys", dirs_exist_ok=True)

        def begin() -> None:
            at = self.clock.now()
            upkeep.begin_after_restore(backup_of=datetime.fromisoformat(backup_of), at=at)
            officer, _ = Member.objects.get_or_create(username="officer", name="Ann Vos", role=Role.DPO)
            upkeep.go_on(parties.proposed(Joint.RESTORE).get(), by=officer, at=at)  # nothing leaves before

        self._apart(begin)
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


def _settle() -> None:
    """The invented people and their protocol; their officer compares the key card that the operator took before."""
    from brug.node import demo_people
    from brug.office.disclosure import meeting
    from brug.office.parties.models import Proposal
    from brug.office.parties.queries import officers

    demo_people.settle(at=BEGIN)
    for proposal in Proposal.objects.all():
        meeting.agree(proposal, by=officers(BEGIN)[0], at=BEGIN)


def send_again(at: datetime) -> int:
    from brug.office.post import services as post
    from brug.office.post.models import Outgoing

    return post.send_again(Outgoing.objects.filter(state="bounced"), at=at)


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
