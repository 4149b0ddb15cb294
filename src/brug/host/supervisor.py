"""What runs on a host: one process that has read the code and opened nothing but its own socket, and those it forked.

It starts each node (its pages and its worker are one process), starts again what ended by itself (after 2 s, then later
and later, at most five minutes), and does what root asks over a socket: a line of JSON in, a line of JSON out. When
other code was installed, `renew` lets it begin anew in the same process: the nodes go on meanwhile, and what is started
after it runs the other code. Each process of a node ends when this one ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from brug import __version__
from brug.core.identity import Invalid
from brug.host import former, nursery
from brug.host.places import Host, Place

AGAIN_SECONDS, AT_MOST_SECONDS = 2.0, 300.0  # before a process that ended by itself is started again
STOP_SECONDS = 60.0  # a process may take to end; then it is killed
STATE = "BRUG_HOST_STATE"  # in the environment of a host that begins anew: what it has started before
log = logging.getLogger(__name__)


@dataclass
class Child:
    """The process of a node: its number, the version it runs, since when, and how often it ended by itself."""

    node: str
    pid: int
    version: str
    since: float  # seconds since 1970
    falls: int = 0


class Supervisor:
    """The running host. `act` is what the process of a node does."""

    def __init__(self, host: Host, *, act: Callable[[], object]) -> None:
        self.host, self.act = host, act
        self.children: dict[int, Child] = {}
        self.waiting: dict[str, tuple[float, int]] = {}  # node → when again by the monotonic clock, falls
        self.listening: socket.socket | None = None

    def run(self) -> None:
        """Until SIGTERM or SIGINT; then every node is stopped."""
        for earlier in json.loads(os.environ.pop(STATE, "[]")):
            self.children[earlier["pid"]] = Child(**earlier)
        woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        stop = False

        def ask_to_stop(_signal: int, _frame: object) -> None:
            nonlocal stop
            stop = True

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        listening = self.listening = _listen(self.host.socket)
        self._start_missing()
        while not stop:
            readable, _, _ = select.select([listening.fileno(), woken], [], [], self._pause())
            if woken in readable:
                os.read(woken, 4096)
            self._reap()
            if listening.fileno() in readable:
                self._answer(listening)
            self._start_again()
        for child in self.children.values():  # all are asked before one is waited for
            os.kill(child.pid, signal.SIGTERM)
        for place in self.host.places():
            self._stop(place.name)
        self.host.socket.unlink(missing_ok=True)

    def _start_missing(self) -> None:
        for place in self.host.places():
            if place.may_run:
                self._start(place)

    def _start(self, place: Place) -> None:
        """Start a node that does not run."""
        if all(child.node != place.name for child in self.children.values()):
            self._fork(place, falls=0)

    def _fork(self, place: Place, *, falls: int) -> None:
        try:
            pid = nursery.fork(place, partial(self._as_child, place, place.former), name=True)
        except OSError as failure:
            log.error("a process of a node could not be started", extra={"facts": {"why": type(failure).__name__}})
            self.waiting[place.name] = time.monotonic() + AT_MOST_SECONDS, falls + 1
            return
        self.children[pid] = Child(place.name, pid, place.former or __version__, time.time(), falls)
        self.waiting.pop(place.name, None)

    def _as_child(self, place: Place, former_version: str) -> object:
        if self.listening is not None:
            self.listening.close()
        return former.serve_and_work(place) if former_version else self.act()

    def _reap(self) -> None:
        """Take note of what ended, and when to start it again."""
        for child in list(self.children.values()):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if not pid:
                continue
            del self.children[pid]
            falls = 1 if time.time() - child.since > AT_MOST_SECONDS else child.falls + 1
            wait = min(AGAIN_SECONDS * 2.0 ** (falls - 1), AT_MOST_SECONDS)
            self.waiting[child.node] = time.monotonic() + wait, falls
            facts = {"node": child.node, "code": os.waitstatus_to_exitcode(status)}
            log.error("a process of a node ended by itself", extra={"facts": facts})

    def _pause(self) -> float | None:
        """Seconds until something is started again; None: nothing is."""
        return max(0.0, min(at for at, _ in self.waiting.values()) - time.monotonic()) if self.waiting else None

    def _start_again(self) -> None:
        for node, (at, falls) in list(self.waiting.items()):
            if at <= time.monotonic():
                self._fork(self.host.place(node), falls=falls)

    def _stop(self, node: str) -> None:
        """End its processes: asked first, killed after a minute. None is left when this returns."""
        self.waiting.pop(node, None)
        mine = [child for child in self.children.values() if child.node == node]
        for child in mine:
            os.kill(child.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while mine and time.monotonic() < until:
            mine = [child for child in mine if not os.waitpid(child.pid, os.WNOHANG)[0]]
            time.sleep(0.02)
        for child in mine:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
        self.children = {pid: child for pid, child in self.children.items() if child.node != node}

    def _answer(self, listening: socket.socket) -> None:
        """One question of root. What is wrong with it is the answer."""
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(5)
            try:
                asked = json.loads(connection.makefile().readline())
                answer = self._do(str(asked["do"]), str(asked.get("node", "")))
            except (Invalid, ValueError, KeyError, OSError) as wrong:
                answer = {"wrong": str(wrong) or type(wrong).__name__}
            with contextlib.suppress(OSError):  # who asked has gone; the nodes run on
                connection.sendall(json.dumps(answer).encode() + b"\n")
        if answer.get("renews"):
            self._begin_anew()

    def _do(self, what: str, node: str) -> dict[str, Any]:
        if what == "list":
            falls = {child.node: child.falls for child in self.children.values()}
            falls |= {node: falls for node, (_at, falls) in self.waiting.items()}
            children = [asdict(child) for child in self.children.values()]
            return {"version": __version__, "children": children, "falls": falls}
        if what == "renew":
            return {"renews": True}
        place = self.host.place(node)
        if what == "stop":
            self._stop(node)
        elif what == "start":
            self._start(place)
        else:
            raise Invalid("host_verb", "One of list, start, stop, renew.")
        return {}

    def _begin_anew(self) -> None:
        """The same process, its children with it, with the code that is installed now."""
        os.environ[STATE] = json.dumps([asdict(child) for child in self.children.values()])
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        os.execv(sys.executable, [sys.executable, "-m", "brug.host", "--root", str(self.host.root), "run"])  # noqa: S606


def _listen(path: Path) -> socket.socket:
    """At the socket of the host, for root alone. Raises `Invalid` when a host runs already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        if path.exists() and probe.connect_ex(str(path)) == 0 and STATE not in os.environ:
            raise Invalid("host_runs", "A host that does not run yet: one runs here already.")
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(16)
    return listening


def ask(host: Host, do: str, node: str = "", *, seconds: float = 2 * STOP_SECONDS + 10) -> dict[str, Any]:
    """Ask the running host. Raises `Invalid` when none runs, or when it could not."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(host.socket))
            connection.sendall(json.dumps({"do": do, "node": node}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile().readline())
    except OSError as failure:
        raise Invalid("host_silent", f"A running host: systemctl start brug-host ({type(failure).__name__}).") from None
    if "wrong" in answer:
        raise Invalid("host_refuses", answer["wrong"])
    return answer


def wait_for(host: Host, *, version: str, seconds: float = 60) -> None:
    """Until the host that began anew answers with this version. Raises `Invalid`."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(Invalid):
            if ask(host, "list", seconds=5)["version"] == version:
                return
        if time.monotonic() > until:
            raise Invalid("host_silent", f"A host that begins anew with {version}: journalctl -u brug-host says why.")
        time.sleep(0.2)


def run(host: Host) -> None:
    """Be the host."""
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    nursery.prepare()
    from brug.node import serving

    Supervisor(host, act=serving.serve_and_work).run()
