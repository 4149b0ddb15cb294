"""The code of before the last upgrade: it runs a node that was not well with the code of now (decision 39; art. 6).

The package keeps it beside its own (`/usr/lib/brug.former`). A node that went back has a file `former` among its
secrets, with the version; it runs as two programs, which share no code with the others, until it is upgraded.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
from pathlib import Path

from brug.core.identity import Invalid
from brug.host.places import Host, Place

_PR_SET_PDEATHSIG = 1


def python(host: Host | Place) -> Path:
    """What runs the code of before."""
    return host.root / "usr/lib/brug.former/bin/python3"


def version(host: Host) -> str:
    """Of the code that is kept; "" where none is."""
    if not python(host).exists():
        return ""
    ask = [str(python(host)), "-c", "import brug; print(brug.__version__)"]
    return subprocess.run(ask, capture_output=True, text=True, check=False, cwd="/").stdout.strip()  # noqa: S603


def serve_and_work(place: Place) -> int:
    """Pages and worker, in a process that is the node's already, until one ends or SIGTERM; then both end."""
    parts = [_begin(place, "web"), _begin(place, "worker")]

    def end(*_told: object) -> None:
        for part in parts:
            with contextlib.suppress(ProcessLookupError):
                os.kill(part, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    ended, status = os.waitpid(-1, 0)
    end()
    os.waitpid(next(part for part in parts if part != ended), 0)
    return os.waitstatus_to_exitcode(status)


def _begin(place: Place, name: str) -> int:
    """The number of the process of this command; it ends with the one that began it."""
    process = os.fork()
    if process:
        return process
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        os.execv(python(place), command(place, name))  # noqa: S606
    finally:
        os._exit(70)


def command(place: Place, *words: str) -> list[str]:
    """A command of the code of before, in a process that is the node's already; it may read the secret."""
    os.set_inheritable(int(os.environ["BRUG_UNLOCK_FILE"].rpartition("/")[2]), True)
    return [str(python(place)), "-m", "brug.node", *words]


def look(place: Place) -> list[dict[str, str]]:
    """How the node is, by the code that it runs; in a process that is the node's already."""
    ask = command(place, "check", "--json")
    said = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=False, close_fds=False).stdout  # noqa: S603
    found: list[dict[str, str]] = json.loads(said)
    return found


def back_up(place: Place, target: Path) -> None:
    """As `brug backup` of the code of before. Raises `Invalid` where that could not."""
    done = subprocess.run(command(place, "backup", str(target)), check=False, close_fds=False)  # noqa: S603
    if done.returncode:
        raise Invalid("no_backup", "A backup: what went wrong stands above.")
