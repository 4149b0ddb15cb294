"""Commands as processes of their own that begin in a tenth of a second: forks of one that has read all code.

    python -m tests.forked      waits on its standard input, a socket, for what `Forked` sends

Each is a real process with memory, descriptors, environment and exit code of its own. What begins in the shell of an
operator, an import among it, is shown by the tests that start `brug` itself (test_lazily, test_logs, tests/release).
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import IO, NoReturn

from tests import CLEAN

ROOT = Path(__file__).parents[1]
LONGEST_SECONDS = 300.0  # a machine that stands still does not hold up the rest
LARGEST = 1 << 20
_ALONE = threading.Lock()


class Forked:
    """`brug …`, `brug-host …`, or `-m MODULE …` and `-c TEXT` as Python has them, running; its streams are those that
    were given. `code`: where the package and `tests` of another release lie, with this file as it was then."""

    def __init__(
        self,
        words: Sequence[object],
        *,
        env: Mapping[str, str] = CLEAN,
        cwd: Path = ROOT,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.DEVNULL,
        stderr: int | IO[bytes] | None = None,
        code: Path = ROOT,
    ) -> None:
        told = json.dumps([list(map(str, words)), dict(env), str(cwd)]).encode()
        self._answer, answers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with open(os.devnull, "r+b") as nowhere, answers:
            given = (nowhere if each == subprocess.DEVNULL else each for each in (stdin, stdout, stderr or sys.stderr))
            numbers = [each if isinstance(each, int) else each.fileno() for each in given]
            with _ALONE:  # or two threads that are the first make one each
                mother = _mother(code)
            socket.send_fds(mother, [told], [*numbers, answers.fileno()])
        self.pid = int(self._answer.recv(32))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._answer], [], [], 0)[0]:
            self.returncode = int(self._answer.recv(32))
            self._answer.close()
        return self.returncode

    def wait(self, timeout: float = LONGEST_SECONDS) -> int:
        """Its exit code. Raises `TimeoutExpired`."""
        if self.returncode is None and not select.select([self._answer], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        code = self.poll()
        assert code is not None
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


def run(
    *words: object, env: Mapping[str, str] = CLEAN, cwd: Path = ROOT, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command, given this on its standard input and come to its end; what it said."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        told.write(given.encode())
        told.seek(0)
        process = Forked(words, env=env, cwd=cwd, stdin=told, stdout=said, stderr=wrong)
        code = process.wait()
        said.seek(0)
        wrong.seek(0)
        return subprocess.CompletedProcess(list(map(str, words)), code, said.read().decode(), wrong.read().decode())


def init(home: Path, unlock: Path, *more: object, env: Mapping[str, str] = CLEAN) -> subprocess.CompletedProcess[str]:
    """`brug init`, of OCMW Westerlo if nothing else is said, on tables that were migrated once for all."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(migrated(), home / "brug.sqlite3")
    return _init(home, unlock, *more, env=env)


def _init(home: Path, unlock: Path, *more: object, env: Mapping[str, str] = CLEAN) -> subprocess.CompletedProcess[str]:
    return run(
        "brug", "--home", home, "init", "--party", "0212.181.956", "--name", "OCMW Westerlo",
        "--mailbox", "info.ocmw@westerlo.be", "--outgoing", "", "--incoming", "", "--unlock-file", unlock, *more,
        env=env,
    )  # fmt: skip


@cache
def migrated() -> Path:
    """A SQLite file with all tables and nothing in them: whoever wants it first makes it, for this run and the next
    ones, until what makes tables changes."""
    kept = ROOT / ".pytest_cache" / f"migrated-{_makes_tables()}.sqlite3"
    kept.parent.mkdir(exist_ok=True)
    with (kept.parent / "migrated.lock").open("w") as alone, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not kept.exists():
            for older in kept.parent.glob("migrated-*.sqlite3"):
                older.unlink()
            node = Path(folder) / "node"
            made = _init(node, Path(folder) / "unlock")
            assert made.returncode == 0, made.stderr
            with closing(sqlite3.connect(node / "brug.sqlite3")) as tables:
                tables.execute("PRAGMA journal_mode = DELETE")  # so that the file alone is all
            shutil.move(node / "brug.sqlite3", kept)
    return kept


def _makes_tables() -> str:
    """A digest of every migration, of what they import, and of the versions of other people's."""
    names = {"models", "states", "holds"}
    code = [path for path in (ROOT / "src").rglob("*.py") if path.parent.name == "migrations" or path.stem in names]
    read = [path.read_bytes() for path in (*sorted(code), ROOT / "requirements" / "dev.txt")]
    return sha256(b"".join(read)).hexdigest()[:16]


@cache
def _mother(code: Path) -> socket.socket:
    """The socket of the process that has read everything; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    of = CLEAN if code == ROOT else CLEAN | {"PYTHONPATH": str(code)}
    with theirs:
        process = subprocess.Popen([sys.executable, "-m", "tests.forked"], stdin=theirs, cwd=code, env=of)
    atexit.register(process.wait)
    atexit.register(ours.close)  # before: then it ends
    return ours


def main() -> None:
    import django

    from brug.host import nursery

    nursery.prepare()
    from django.contrib.auth.hashers import Argon2PasswordHasher

    sys.modules["brug.office.disclosure.ready"].READY = 0  # no command of a test makes keys for later,
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64  # or pays for passwords as a node does
    django.setup = cache(nursery.read_settings)  # what a command does first, once: it is a process of its node then
    importlib.import_module("brug.node.cli")
    importlib.import_module("brug.host.cli")
    asked = socket.socket(fileno=os.dup(0))
    living: dict[int, tuple[int, socket.socket]] = {}  # by what is readable when it is dead
    while True:
        ready = select.select([asked, *living], [], [])[0]
        for watch in [each for each in ready if isinstance(each, int)]:
            process, answers = living.pop(watch)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            os.close(watch)
            with answers:
                _tell(answers, code)
        if asked in ready:
            told, numbers, _, _ = socket.recv_fds(asked, LARGEST, 4)
            if not told:
                return
            words, env, cwd = json.loads(told)
            process = os.fork()
            if process == 0:
                _become(words, env, cwd, numbers[:3])
            answers = socket.socket(fileno=numbers.pop())
            for number in numbers:
                os.close(number)
            _tell(answers, process)
            living[os.pidfd_open(process)] = process, answers


def _tell(answers: socket.socket, number: int) -> None:
    try:
        answers.send(str(number).encode())
    except OSError:
        return  # who asked has gone


def _become(words: list[str], env: dict[str, str], cwd: str, streams: Sequence[int]) -> NoReturn:
    code = 0
    try:
        os.setsid()
        for place, number in enumerate(streams):
            os.dup2(number, place)
        os.closerange(3, max(streams) + 100)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        gc.enable()
        sys.argv = words[1:] if words[0] in {"-m", "-c"} else words
        match words:
            case ["brug", *rest]:
                code = sys.modules["brug.node.cli"].main(rest)
            case ["brug-host", *rest]:
                code = sys.modules["brug.host.cli"].main(rest)
            case ["-c", text]:
                exec(text, {"__name__": "__main__"})  # noqa: S102 (a test's own)
            case ["-m", module, *_]:
                runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
    except BaseException as failure:
        sys.excepthook(type(failure), failure, failure.__traceback__)
        code = 1
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
