"""Two nodes on one machine, each with its own folder, keys and log-ins, and a mail system between them.

The mail system is a real SMTP listener on this machine that drops into Maildirs. Nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import mailbox
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from brug.core.identity import Invalid
from brug.office.roles import Role

FOLDER, PORT = Path("demo"), 8401  # and the two ports after it
CHECKOUT = Path(__file__).parents[3]
BRUG = Path(sys.executable).parent / "brug"
TEAM = "zuiderkempen"
PASSWORD = "brug-demo-2026"  # noqa: S105 (of the demo only)
OPGROEIEN, WESTERLO = "0886886638", "0212181956"
PEOPLE: dict[str, tuple[tuple[str, str, Role], ...]] = {
    OPGROEIEN: (
        ("lien", "Lien Peeters", Role.TEAM_MEMBER),
        ("nadia", "Nadia Claes", Role.TEAM_LEAD),
        ("dirk", "Dirk Goossens", Role.DPO),
        ("ria", "Ria Smets", Role.ADMINISTRATOR),
    ),
    WESTERLO: (
        ("hilde", "Hilde Maes", Role.DISPATCHER),
        ("karim", "Karim Aerts", Role.SOCIAL_WORKER),
        ("els", "Els Wouters", Role.SOCIAL_WORKER),
        ("ann", "Ann Vos", Role.DPO),
        ("greet", "Greet Janssens", Role.HEAD),
        ("wim", "Wim Claes", Role.ADMINISTRATOR),
    ),
}


@dataclass(frozen=True)
class Node:
    """One of the two: its folder, who it is, where it answers."""

    home: Path
    party: str
    name: str
    mailbox: str
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def brug(self, *arguments: str, given: str | None = None) -> str:
        """Run a command on this node; returns what it prints. Raises `CalledProcessError`."""
        command = [str(BRUG), "--home", str(self.home), *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout  # noqa: S603


class Drop:
    """The handler of the SMTP listener: each address has its Maildir."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "mail").mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for address in envelope.rcpt_tos:
            mailbox.Maildir(maildir(self.folder, address), create=True).add(envelope.content)
        return "250 OK"


def maildir(folder: Path, address: str) -> Path:
    return folder / "mail" / address.replace("/", "_")


def nodes(folder: Path, ports: tuple[int, int]) -> tuple[Node, Node]:
    """The discloser and the recipient."""
    return (
        Node(folder / "discloser", OPGROEIEN, "Opgroeien regie", "brug@opgroeien.example", ports[0]),
        Node(folder / "recipient", WESTERLO, "OCMW Westerlo", "info.ocmw@westerlo.be", ports[1]),
    )


def prepare(folder: Path, both: tuple[Node, Node], smtp_port: int) -> None:
    """Make what is not there yet; what is there stays."""

    def make(node: Node) -> str:
        node.brug(
            "init", "--demo", "--party", node.party, "--name", node.name, "--mailbox", node.mailbox,
            "--port", str(node.port), "--outgoing", f"smtp://127.0.0.1:{smtp_port}",
            "--incoming", f"maildir:{maildir(folder, node.mailbox).absolute()}",
            "--unlock-file", str(folder.absolute() / "unlock" / node.home.name),
        )  # fmt: skip
        return node.brug("key-card")

    (folder / "mail").mkdir(parents=True, exist_ok=True)
    with _said_in_words(), ThreadPoolExecutor() as threads:
        cards = list(threads.map(make, both))
        list(threads.map(lambda pair: pair[0].brug("meet", given=pair[1]), zip(both, reversed(cards), strict=True)))


@contextlib.contextmanager
def _said_in_words() -> Iterator[None]:
    """A command on a node that fails is told with what it said, not with where we called it."""
    try:
        yield
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"brug {failed.cmd[3]}: {failed.stderr.strip().splitlines()[-1:]}") from None


def stop_on_signals() -> None:
    """A closed terminal and a polite kill end us as Ctrl-C does: through the blocks that stop what was started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def running(folder: Path, both: tuple[Node, ...], smtp_port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The mail system, and web and worker of these nodes, until the block ends; then none of them is left."""
    from aiosmtpd.controller import Controller

    mail_system = Controller(Drop(folder), hostname="127.0.0.1", port=smtp_port)
    mail_system.start()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for node in both:
            with (node.home / "log").open("ab") as log:
                for command in ("web", "worker"):
                    started = [str(BRUG), "--home", str(node.home), command]
                    processes.append(subprocess.Popen(started, stdout=log, stderr=log, start_new_session=True))  # noqa: S603
        for node in both:
            _wait_for(node, processes)
        yield processes
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        mail_system.stop()


def _wait_for(node: Node, processes: list[subprocess.Popen[bytes]], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(process.poll() is not None for process in processes):
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{node.address}/login", timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise SystemExit(f"The node of {node.name} did not start; see {node.home / 'log'}")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(folder: Path = FOLDER, port: int = PORT) -> int:
    """Until Ctrl-C; running it again continues where it was."""
    stop_on_signals()
    with contextlib.suppress(KeyboardInterrupt):
        return _run(folder, port + 2, nodes(folder, (port, port + 1)))
    print(f"\nStopped. The demo is kept in {folder}/; brug demo continues, brug demo --reset starts anew.")
    return 0


def _run(folder: Path, smtp_port: int, both: tuple[Node, Node]) -> int:
    for wanted in (smtp_port, *(node.port for node in both)):
        if not is_free(wanted):
            raise SystemExit(f"Port {wanted} of this machine is in use; does a demo run already?")
    print("Brug demo: two nodes with fictional people. Setting up …", flush=True)
    is_new = not both[0].home.exists()
    prepare(folder, both, smtp_port)
    with running(folder, both, smtp_port) as processes:
        if is_new:
            _live_a_week(folder, both)
        for node in both:
            print(f"\n  {node.name:16} http://localhost:{node.port}")  # by this name a browser makes passkeys
            for username, name, role in PEOPLE[node.party]:
                print(f"    {username:8} {name:14} {role.replace('_', ' ')}")
        print(f"\n  password of every account: {PASSWORD}\n  Ctrl-C stops.", flush=True)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    print(f"A part of the demo stopped by itself; see the log files in {folder}/", file=sys.stderr)
    return 1


def check() -> NoReturn:
    """Become the test that drives the whole job, where the tests are. Raises `Invalid`."""
    if not (CHECKOUT / "tests" / "demo_check.py").exists():
        raise Invalid("no_checkout", "The check of the demo is a test: it runs in a checkout.")
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "tests.demo_check"])  # noqa: S606


def _live_a_week(folder: Path, both: tuple[Node, Node]) -> None:
    """So that each role sees its work at once, in a checkout: the people of the demo are those of its tests."""
    if not (CHECKOUT / "tests" / "demo_week.py").exists():
        return
    print("Letting its people work for a week; about a minute …", flush=True)
    there = [str(folder.absolute()), *(str(node.port) for node in both)]
    if subprocess.run([sys.executable, "-m", "tests.demo_week", *there], cwd=CHECKOUT, check=False).returncode:  # noqa: S603
        print("The week ended early; the demo is one all the same.", file=sys.stderr)


def reset(folder: Path = FOLDER) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    print("The demo starts anew the next time.")
    return 0
