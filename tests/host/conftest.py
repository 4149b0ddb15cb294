"""A host with two nodes under a root of its own: really made, really run; their users are numbers that nobody has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import pytest

from brug.host import supervisor
from brug.host.places import Host, Place
from brug.node.demo import WESTERLO, free_port
from tests import CLEAN, forked

BIN = Path(sys.executable).parent
FIRST_USER = 62_000
DEBIAN = Path("/usr/bin/python3.11")  # which every user of the machine can run
SITE = Path(sysconfig.get_paths()["purelib"])
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs nodes as their own users")


@dataclass
class Trial:
    """The host, its ports, and the process that runs it."""

    host: Host
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def brug_host(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = forked.run("brug-host", "--root", self.host.root, *words)
        assert not check or done.returncode == 0, done.stderr
        return done

    def add(self, name: str, *more: str, number: int) -> Place:
        place = self.host.place(name)
        place.folder.mkdir(parents=True)
        os.chown(place.folder, FIRST_USER + number, FIRST_USER + number)
        self.ports[name] = free_port()
        self.brug_host(
            "add", name, "--party", WESTERLO, "--name", "OCMW Westerlo", "--mailbox", "info.ocmw@westerlo.be",
            "--outgoing", "", "--incoming", f"maildir:{place.folder}/mail", "--host", "127.0.0.1",
            "--port", str(self.ports[name]), "--proxy", "none", *more,
        )  # fmt: skip
        return place

    def copy(self, one: str, name: str, *, number: int) -> Place:
        """Another node, made of one that is there: with keys and a secret of its own."""
        first, other = self.host.place(one), self.host.place(name)
        for here, there in ((first.folder, other.folder), (first.secrets, other.secrets), (first.aside, other.aside)):
            shutil.copytree(here, there)
        self.ports[name] = free_port()
        toml = (other.folder / "brug.toml").read_text()
        toml = toml.replace(f"port = {self.ports[one]}", f"port = {self.ports[name]}").replace(f"/{one}", f"/{name}")
        (other.folder / "brug.toml").write_text(toml)
        for path in (other.folder, other.aside, *other.folder.rglob("*")):
            os.chown(path, FIRST_USER + number, FIRST_USER + number)
        os.chown(other.secrets / "metrics", 0, FIRST_USER + number)
        return other

    @contextmanager
    def running(self, log: IO[bytes] | int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        command = [str(BIN / "brug-host"), "--root", str(self.host.root), "run"]
        process = self.process = subprocess.Popen(command, env=CLEAN, stdout=subprocess.DEVNULL, stderr=log)
        try:
            for name in self.ports:
                self.wait_for(name)
            yield process
        finally:
            process.terminate()
            process.wait(120)

    def wait_for(self, name: str, seconds: float = 180) -> None:
        """Until its pages answer and its worker has worked; on a busy machine that takes its time."""
        until = time.monotonic() + seconds
        while self.get(name, "/healthz") != 200:
            assert time.monotonic() < until, f"{name} does not answer"
            time.sleep(0.05)

    def get(self, name: str, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=60)
        try:
            connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def keep(self, code: Path) -> None:
        """Have a former version here, as the package keeps the one of before: `code`, a folder with brug in it."""
        python = self.host.root / "usr/lib/brug.former/bin/python3"
        python.parent.mkdir(parents=True)
        for folder in python.parents[:4]:
            folder.chmod(0o755)
        python.write_text(f'#!/bin/sh\nPYTHONDONTWRITEBYTECODE=1 PYTHONPATH="{code}:{SITE}" exec {DEBIAN} "$@"\n')
        python.chmod(0o755)

    def pid(self, name: str) -> int:
        [child] = [each for each in supervisor.ask(self.host, "list")["children"] if each["node"] == name]
        return int(child["pid"])


@pytest.fixture(scope="session")
def made() -> Iterator[Trial]:
    """The node geel, made by `brug-host add` and given its recovery key; nothing runs."""
    with folder_for_all() as root:
        trial = Trial(Host(root))
        trial.add("geel", number=1)
        trial.brug_host("as", "geel", "keys", "recovery")
        yield trial


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """A folder below which each node can look into its own; pytest's are for root alone."""
    with tempfile.TemporaryDirectory(prefix="brug-host-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def trial(made: Trial) -> Iterator[Trial]:
    """A host with the nodes geel and mol."""
    with folder_for_all() as folder:
        trial = Trial(Host(folder / "root"), dict(made.ports))
        shutil.copytree(made.host.root, trial.host.root)
        place = trial.host.place("geel")
        trial.ports["geel"] = free_port()
        text = (place.folder / "brug.toml").read_text().replace(str(made.host.root), str(trial.host.root))
        text = text.replace(f"port = {made.ports['geel']}", f"port = {trial.ports['geel']}")
        (place.folder / "brug.toml").write_text(text)
        for path in (place.folder, place.aside, place.backups, *place.folder.rglob("*")):
            os.chown(path, FIRST_USER + 1, FIRST_USER + 1)
        os.chown(place.secrets / "metrics", 0, FIRST_USER + 1)
        trial.copy("geel", "mol", number=2)
        yield trial
