"""A bad network between a node and its mail servers: it delays, resets, cuts short and repeats, by chance."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Self

from tests.faults.mail_system import MailSystem

FAULTS = ("delay", "reset", "cut", "repeat")


class Proxy:
    """Passes what comes to its port on to another one of this machine; badly while `is_bad`."""

    def __init__(self, port: int, seed: int, often: float = 0.08) -> None:
        self.target, self.often, self.is_bad = port, often, False
        self.done: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 (no secret)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target), timeout=60)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(4096):
                fault = self._chance.choice(FAULTS) if self.is_bad and self._chance.random() < self.often else ""
                if fault:
                    self.done[fault] += 1
                if fault == "delay":
                    time.sleep(self._chance.uniform(0.05, 0.5))
                if fault == "reset":
                    for end in (source, sink):  # RST instead of FIN
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                sink.sendall(piece[: len(piece) // 2] if fault == "cut" else piece)
                if fault == "repeat":
                    sink.sendall(piece)
                if fault == "cut":
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.close()


@dataclass(frozen=True)
class BadlyReached:
    """A mail system that is reached through proxies only."""

    system: MailSystem
    smtp: Proxy
    imaps: Proxy

    @property
    def outgoing(self) -> str:
        return f"smtp+tls://localhost:{self.smtp.port}"

    def incoming(self, mailbox: str) -> str:
        return self.system.incoming(mailbox).replace(f":{self.system.imaps}/", f":{self.imaps.port}/")

    def be_bad(self, is_bad: bool) -> None:
        self.smtp.is_bad = self.imaps.is_bad = is_bad
