"""Two nodes, a real mail system between them, and workers that die by SIGKILL all the time; nothing may be lost.

Run by hand: `python -m tests.faults.crash 10000 1200` for ten thousand kills or twenty minutes; `postgresql` behind it
puts both nodes on a PostgreSQL server of their own, `maildir` has the mail dropped into Maildirs instead of Dovecot.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from brug.node.demo import OPGROEIEN, WESTERLO, Node
from tests import CLEAN, forked, postgres
from tests.faults import calls
from tests.faults.host import BEGIN
from tests.faults.mail_system import Maildirs, MailSystem, dropping, running

ROOT = Path(__file__).parent.parent.parent
MINUTES_A_SECOND = 10  # how fast time runs while workers are killed
IDLE_SECONDS, TURN_SECONDS = 180.0, 1.0  # what is left comes in until that long brings nothing any more
SAFE_REFERRALS = 4  # made before each batch by somebody who is not killed: on a slow machine who is comes to few
BATCHES = 6  # between two of them the receiver is copied, or restored


@dataclass
class Result:
    """What the two nodes say in the end."""

    kills: int = 0
    referrals: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unacknowledged: int = 0
    sent_again: int = 0  # by a person, after fourteen simulated days without a receipt
    mistaken: int = 0
    ledgers: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)  # at calls to the system, by call and fault
    seconds: float = 0

    @property
    def is_good(self) -> bool:
        bad = self.lost or self.doubled or self.unacknowledged or self.mistaken or self.ledgers
        return not bad and not self.quarantined

    def __str__(self) -> str:
        return f"kills: {self.kills} lost: {len(self.lost)} doubled: {len(self.doubled)}"


class Hosted:
    """A node in its own process, see host.py."""

    def __init__(self, node: Node, seed: int) -> None:
        (told, to), (from_, answers) = os.pipe(), os.pipe()
        self.log = node.home / "host.log"
        words = ["-m", "tests.faults.host", node.home, seed]
        with self.log.open("ab") as log:
            env = dict(os.environ) | {"BRUG_HOME": str(node.home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
            self.process = forked.Forked(words, env=env, stdin=told, stdout=answers, stderr=log)
        for end in (told, answers):
            os.close(end)
        self._to, self._from = os.fdopen(to, "w"), os.fdopen(from_)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._from.close()
        with suppress(BrokenPipeError):
            self._to.close()

    def do(self, what: str, **told: Any) -> dict[str, Any]:
        self._to.write(json.dumps({"do": what, **told}) + "\n")
        self._to.flush()
        answer = self._from.readline()
        if not answer:
            raise RuntimeError(f"{what}: " + self.log.read_text()[-3000:])
        return dict(json.loads(answer))


def run(
    *,
    kills: int,
    seconds: float,
    restore: bool = True,
    seed: int = 1,
    server: Path | None = None,
    faults: int | None = 0,
    system: Callable[[], AbstractContextManager[MailSystem | Maildirs]] = running,
    until: Set[str] = frozenset(),
) -> Result:
    """Until there were so many kills and somebody died at each step of `until`, or for so many seconds; then everything
    may come in, and is counted.

    `faults`: so many turns with a fault at one call to the system; None: one for each call and each fault.
    `server`: the socket of a PostgreSQL server, on which there is nothing to restore from a copied file.
    `system`: how the mail goes.
    """
    in_memory = Path("/dev/shm")  # noqa: S108 (a kill loses nothing there either, and no disk is waited for)
    place = in_memory if in_memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="brug-crash-", dir=place) as folder, system() as mail:
        os.environ |= mail.environment
        nodes = _make(Path(folder), mail)
        if server:
            _move(nodes, server)
        with Hosted(nodes[0], seed) as discloser, Hosted(nodes[1], seed + 1) as recipient:
            return _Run(discloser, recipient).whole(kills, seconds, restore and not server, faults, until)


def _make(folder: Path, mail: MailSystem | Maildirs) -> tuple[Node, Node]:
    nodes = (
        Node(folder / "discloser", OPGROEIEN, "Opgroeien regie", "brug@opgroeien.example", 0),
        Node(folder / "recipient", WESTERLO, "OCMW Westerlo", "info.ocmw@westerlo.be", 0),
    )

    env = CLEAN | mail.environment

    def make(node: Node) -> str:
        made = forked.init(
            node.home, folder / f"unlock-{node.home.name}", "--party", node.party, "--name", node.name,
            "--mailbox", node.mailbox, "--outgoing", mail.outgoing, "--incoming", mail.incoming(node.mailbox),
            env=env,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        settings = node.home / "brug.toml"
        settings.write_text(settings.read_text().replace("demo = false", "demo = true"))
        return forked.run("brug", "--home", node.home, "key-card", env=env).stdout

    cards = [make(node) for node in nodes]
    for node, card in zip(nodes, reversed(cards), strict=True):
        met = forked.run("brug", "--home", node.home, "meet", env=env, given=card)
        assert met.returncode == 0, met.stderr
    return nodes


def _move(nodes: Sequence[Node], server: Path) -> None:
    """Let each node have a database of the server instead of its file."""
    for node in nodes:
        name = f"brug_{node.party}"
        with psycopg.connect(host=str(server), user=postgres.USER, dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        settings = node.home / "brug.toml"
        settings.write_text(settings.read_text() + postgres.settings_of(server, name))
        (node.home / "brug.sqlite3").unlink()
        node.brug("manage", "migrate", "-v", "0")
    for node, other in zip(nodes, reversed(nodes), strict=True):
        node.brug("meet", given=other.brug("key-card"))


class _Run:
    def __init__(self, discloser: Hosted, recipient: Hosted) -> None:
        self.both = (discloser, recipient)
        self.discloser, self.recipient = discloser, recipient
        self.threads = ThreadPoolExecutor(2)
        self.result = Result()

    def whole(self, kills: int, seconds: float, restore: bool, faults: int | None, until: Set[str]) -> Result:
        started = time.monotonic()
        self._together("settle")
        clock = {"started": started, "begin": BEGIN.isoformat(), "factor": MINUTES_A_SECOND * 60}
        self._together("tell_time", **clock)
        backup = ""
        for batch in range(BATCHES):
            for _ in range(SAFE_REFERRALS):
                self.discloser.do("refer")
            self._kill(kills // BATCHES + 1, seconds / BATCHES)
            if restore and batch == BATCHES // 3:
                backup = self.recipient.do("back_up")["at"]
            if restore and batch == 2 * BATCHES // 3:
                self.recipient.do("restore", backup_of=backup)
        while not set(self.result.steps) >= until and time.monotonic() < started + seconds:
            self.discloser.do("refer")
            self._kill(kills // BATCHES + 1, seconds / BATCHES)
        self.result.faults = calls.every(self._fault) if faults is None else calls.sample(self._fault, faults, kills)
        self._let_come_in(BEGIN, started)
        self.result.seconds = time.monotonic() - started
        return self.result

    def _together(self, what: str, **told: Any) -> list[dict[str, Any]]:
        return list(self.threads.map(lambda host: host.do(what, **told), self.both))

    def _fault(self, call: str, fault: str, when: int) -> bool:
        """At both nodes: a parcel comes in and one goes out, with this fault; then a turn without one."""
        self.discloser.do("refer")
        hit = any(answer["hit"] for answer in self._together("fault", call=call, fault=fault, when=when))
        self._together("turn")
        return hit

    def _kill(self, kills: int, seconds: float) -> None:
        """The discloser has somebody who refers beside its workers: more than half of the kills are there."""
        ours = round(0.6 * kills)
        seen = sorted(self.result.steps)
        wanted = ((ours, sys.maxsize), (kills - ours, 0))
        told = list(
            self.threads.map(
                lambda pair: pair[0].do("run", seconds=seconds, kills=pair[1][0], referrals=pair[1][1], seen=seen),
                zip(self.both, wanted, strict=True),
            )
        )
        self.result.kills = sum(answer["kills"] for answer in told)
        self.result.steps = sum((Counter(answer["steps"]) for answer in told), Counter())

    def _let_come_in(self, begin: datetime, started: float) -> None:
        """Nobody is killed any more. Who waits longest waits a day; then time goes slowly, or what is sent again
        meanwhile would only make more to do."""
        reached = begin + timedelta(minutes=(time.monotonic() - started) * MINUTES_A_SECOND)
        least, since = sys.maxsize, time.monotonic()
        while time.monotonic() < since + IDLE_SECONDS:
            now = time.monotonic()
            self._together("tell_time", started=now, begin=reached.isoformat(), factor=60)
            self.result.sent_again += sum(answer["count"] for answer in self._together("send_again"))
            self._together("run", seconds=TURN_SECONDS, kills=0, referrals=0)
            sender, receiver = self._together("report")
            reached += timedelta(minutes=time.monotonic() - now)
            raw, due = sender["raw"] + receiver["raw"], sender["due"] + receiver["due"]
            if not raw and not due:
                break
            left = 2 * len(raw) + len(due)  # a mail becomes an intake and a receipt
            least, since = (left, time.monotonic()) if left < least else (least, since)
            if not raw:
                reached += timedelta(hours=25)
        if sender["due"] or sender["raw"] or receiver["due"] or receiver["raw"]:  # then what follows counts too early
            sys.stderr.write(json.dumps([sender["due"], sender["raw"], receiver["due"], receiver["raw"]], indent=1))
        self._count(sender, receiver)

    def _count(self, sender: dict[str, Any], receiver: dict[str, Any]) -> None:
        sent, came_in = dict(sender["sent"]), [reference for reference, _ in receiver["came_in"]]
        result = self.result
        result.referrals = len(sent)
        result.lost = [reference for reference in sent if reference not in came_in]
        result.doubled = [reference for reference, count in Counter(came_in).items() if count > 1]
        result.doubled += ["recorded more than once"] * (receiver["recorded"] - len(came_in))
        result.mistaken = sum(not is_right for _, is_right in receiver["came_in"])
        result.unacknowledged = sum(state != "received" for state in sent.values()) + len(sender["due"])
        result.ledgers = sender["ledger"] + receiver["ledger"]
        result.quarantined = sender["quarantined"] + receiver["quarantined"]


def main() -> int:
    kills, seconds = int(sys.argv[1]), float(sys.argv[2])
    system = dropping if "maildir" in sys.argv else running
    with postgres.cluster() if "postgresql" in sys.argv else nullcontext() as server:
        result = run(kills=kills, seconds=seconds, seed=int(time.time()) % 10_000, server=server, system=system)
    told = [f"{count:6} {step}" for step, count in sorted(result.steps.items())]
    restored = "none restored" if "postgresql" in sys.argv else "one restore"
    told.append(f"{result.referrals} referrals, {restored}, {result.seconds:.0f} s")
    told.append(f"given up after 14 simulated days, sent again by a person: {result.sent_again}")
    told.append(f"without a receipt: {result.unacknowledged}; ledgers: {result.ledgers or 'whole'}")
    sys.stdout.write("\n".join([*told, str(result), ""]))
    return 0 if result.is_good and result.kills >= kills else 1


if __name__ == "__main__":
    sys.exit(main())
