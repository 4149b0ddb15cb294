"""What a node costs on a host of 27, the municipalities of one intermunicipal association: memory, start, idle work.

    python benchmarks/host.py [nodes]        as root: each node runs as a user of its own (a number, none is made)

Against it: each node as two processes of its own, which read the code themselves (`brug web`, `brug worker`). Every
node is real: folder, keys, database, people; pages are opened, and its worker works. Memory is PSS (what is shared
counts by its part); processor time is that of the processes. The nodes are copies of one that `brug-host add` made.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from brug.host import supervisor
from brug.host.cli import memory_of
from brug.host.places import Host

BRUG = Path(sys.executable).parent
FIRST_USER, FIRST_PORT = 61_000, 18_400
IDLE_SECONDS = 45.0
PATHS = ("/", "/login", "/hulp", "/hulp/beheerder", "/protocols/", "/info/", "/accessibility", "/components")


def main() -> int:
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 27
    if os.geteuid():
        sys.exit("as root: each node runs as a user of its own")
    print(f"A host of {nodes} nodes; about two minutes.", flush=True)
    with tempfile.TemporaryDirectory(prefix="brug-host-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 (each node looks into its own)
        host = Host(Path(folder))
        _make(host, nodes)
        apart = _apart(host)
        _measure(host, nodes, apart)
    return 0


def _make(host: Host, nodes: int) -> None:
    """One node by `brug-host add`, its people, and as many copies."""
    first = host.place("n1")
    first.folder.mkdir(parents=True)
    os.chown(first.folder, FIRST_USER + 1, FIRST_USER + 1)
    add = [
        *("add", "n1", "--party", "0212.181.956", "--name", "OCMW Westerlo", "--mailbox", "info.ocmw@westerlo.be"),
        *("--outgoing", "smtp://127.0.0.1:9", "--incoming", f"maildir:{first.folder}/mail", "--host", "127.0.0.1"),
        *("--port", str(FIRST_PORT + 1), "--proxy", "none", "--demo"),
    ]
    subprocess.run([BRUG / "brug-host", "--root", host.root, *add], check=True, stdout=subprocess.DEVNULL)
    for number in range(2, nodes + 1):
        other = host.place(f"n{number}")
        for one, copy in ((first.folder, other.folder), (first.secrets, other.secrets), (first.aside, other.aside)):
            shutil.copytree(one, copy)
        toml = other.folder / "brug.toml"
        text = toml.read_text().replace(str(FIRST_PORT + 1), str(FIRST_PORT + number))
        toml.write_text(text.replace("/n1/", f"/n{number}/").replace('brug/n1"', f'brug/n{number}"'))
        for path in (other.folder, other.aside, *other.folder.rglob("*"), *other.aside.rglob("*")):
            os.chown(path, FIRST_USER + number, FIRST_USER + number)
        os.chown(other.secrets / "metrics", 0, FIRST_USER + number)


def _apart(host: Host) -> float:
    """Megabytes of a node whose pages and worker are processes of their own."""
    place = host.place("n1")
    environment = {"PATH": os.environ["PATH"], "BRUG_UNLOCK_FILE": str(place.unlock)}
    commands = [[BRUG / "brug", "--home", place.folder, name] for name in ("web", "worker")]
    processes = [subprocess.Popen(each, env=environment, stdout=subprocess.DEVNULL) for each in commands]
    try:
        _wait_for(FIRST_PORT + 1)
        _open_pages(FIRST_PORT + 1)
        return sum(memory_of(process.pid) for process in processes) / 1e6
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        for path in place.folder.rglob("*"):
            os.chown(path, FIRST_USER + 1, FIRST_USER + 1)


def _measure(host: Host, nodes: int, apart: float) -> None:
    started = time.monotonic()
    running = subprocess.Popen([BRUG / "brug-host", "--root", host.root, "run"], stderr=subprocess.DEVNULL)
    try:
        for number in range(1, nodes + 1):
            _wait_for(FIRST_PORT + number)
        up = time.monotonic() - started
        for number in range(1, nodes + 1):
            _open_pages(FIRST_PORT + number)
        children = [child["pid"] for child in supervisor.ask(host, "list")["children"]]
        again = _again(host, FIRST_PORT + 1)
        children = [child["pid"] for child in supervisor.ask(host, "list")["children"]]
        _open_pages(FIRST_PORT + 1)
        time.sleep(5)
        memory = sum(map(memory_of, [running.pid, *children])) / 1e6 / nodes
        before = sum(map(_worked, children))
        time.sleep(IDLE_SECONDS)
        idle = (sum(map(_worked, children)) - before) / nodes * 3600 / IDLE_SECONDS
    finally:
        running.terminate()
        running.wait()
    print(f"one node alone, two processes: {apart:.0f} MB; on a host of {nodes}: {memory:.1f} MB")
    print(f"one node stopped and started: {again:.2f} s; all {nodes}: {up:.1f} s")
    print(f"ratio: node_pss_mb {memory:.1f}")
    print(f"ratio: nodes_up_s {up:.1f}")
    print(f"ratio: idle_cpu_s_per_hour {idle:.1f}")


def _again(host: Host, port: int) -> float:
    """Seconds until a node that was stopped answers again."""
    supervisor.ask(host, "stop", "n1")
    started = time.monotonic()
    supervisor.ask(host, "start", "n1")
    _wait_for(port)
    return time.monotonic() - started


def _worked(pid: int) -> float:
    """Seconds of processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(port: int, seconds: float = 300) -> None:
    """Until its pages answer and its worker has worked."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, http.client.HTTPException):
            if _get(port, "/healthz")[0] == 200:
                return
        time.sleep(0.02)
    raise TimeoutError(port)


def _open_pages(port: int) -> None:
    for path in PATHS:
        _get(port, path)


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
