"""The Debian package, by Debian's own tools: what dpkg-deb says of it, and a node made, run and restored in a minimal
Debian."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from brug import __version__
from brug.node.demo import free_port
from tools import debian

pytestmark = pytest.mark.soak(only=True)  # compressing 350 MB, and a Debian of 150 packages
INSIDE = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
ADD = (
    'brug-host add westerlo --party 0212.181.956 --name "OCMW Westerlo" --mailbox info.ocmw@westerlo.be --outgoing ""'
    " --incoming maildir:/var/lib/brug/westerlo/mail --host 127.0.0.1 --port {port}"
)


@pytest.fixture(scope="module")
def package(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return debian.build(wheelhouse, tmp_path_factory.mktemp("package"))


def of(package: Path, what: str, *more: str) -> str:
    return subprocess.run(["dpkg-deb", what, package, *more], capture_output=True, text=True, check=True).stdout


def test_it_says_what_it_is_and_what_it_needs(package: Path) -> None:
    told = of(package, "--field")
    assert f"Version: {__version__}\n" in told and "python3 (>= 3.11~), python3 (<< 3.12)" in told
    assert "/etc/default/brug-host" in of(package, "--info", "conffiles"), "apt keeps what an operator changed"


def test_it_holds_units_commands_and_nothing_of_where_it_was_built(package: Path) -> None:
    listed = of(package, "--contents")
    for path in ("lib/systemd/system/brug-host.service", "usr/bin/brug", "usr/sbin/brug-host", "usr/sbin/brug-as"):
        assert re.search(rf" \./{path}( ->|$)", listed, re.M), path
    assert "direct_url.json" not in listed and all(" root/root " in line for line in listed.splitlines())
    tree = package.parent / "tree"
    subprocess.run(["dpkg-deb", "--extract", str(package), str(tree)], check=True)
    for script in (tree / "usr/lib/brug/bin/brug", tree / "usr/lib/brug/bin/brug-host"):
        assert script.read_text().startswith("#!/usr/lib/brug/bin/python3\n")


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Debian with nothing in it but what the package says it needs."""
    if not shutil.which("debootstrap"):
        pytest.skip("install the Debian package debootstrap")
    root = tmp_path_factory.mktemp("debian") / "root"
    needs = "--include=python3,adduser,ca-certificates,init-system-helpers"
    subprocess.run(["debootstrap", "--variant=minbase", needs, "bookworm", str(root)], check=True, capture_output=True)
    for kind, place in (("proc", root / "proc"), ("devtmpfs", root / "dev")):
        subprocess.run(["mount", "-t", kind, kind, str(place)], check=True)
    try:
        yield root
    finally:
        for place in ("proc", "dev"):
            subprocess.run(["umount", str(root / place)], check=True)


BACKED_UP = """
brug-as westerlo member add wim --name "Wim Claes" --role administrator --email wim@westerlo.example
brug-as westerlo keys recovery --to /var/lib/brug-aside/westerlo/recovery
brug-host backup --all
brug-as westerlo member add ann --name "Ann Vos" --role dpo --email ann@westerlo.example
"""
THE_MACHINE_IS_GONE = """
brug-host stop westerlo
rm -r /var/lib/brug/westerlo/*
head -c 32 /dev/urandom > /etc/brug/westerlo/unlock
cd /var/lib/brug-aside/westerlo
install -o brug-westerlo /var/backups/brug/westerlo/*.brugbackup file
install -o brug-westerlo keys keys.copy
install -o brug-westerlo journal journal.copy
brug-as westerlo restore $PWD/file --keys $PWD/keys.copy --journal $PWD/journal.copy \
    --unlock-file /etc/brug/westerlo/unlock --recovery-key $PWD/recovery
brug-as westerlo retention confirm-clock
brug-as westerlo ledger verify
brug-host start westerlo
"""


def test_installing_it_and_one_command_are_a_node_that_runs_and_that_a_backup_brings_back(
    package: Path, minimal: Path
) -> None:
    def inside(command: str) -> str:
        done = subprocess.run(
            ["chroot", minimal, "sh", "-ec", command], env=INSIDE, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    shutil.copy(package, minimal / "root")
    inside(f"dpkg -i /root/{package.name}")
    port = free_port()
    assert "Made node westerlo" in inside(ADD.format(port=port))
    assert inside("stat -c '%U %a' /var/lib/brug/westerlo /etc/brug/westerlo/unlock").split() == [
        "brug-westerlo", "700", "root", "600",
    ]  # fmt: skip
    running = subprocess.Popen(["chroot", minimal, "brug-host", "run"], env=INSIDE)
    try:
        until, status = time.monotonic() + 120, 0
        while status != 200 and time.monotonic() < until:
            with suppress(URLError):
                ask = Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-Proto": "https"})
                status = urlopen(ask).status  # noqa: S310 (http)
            time.sleep(0.1)
        assert status == 200
        assert "westerlo" in inside("brug-host list") and "runs" in inside("brug-host list")
        assert "A worker is at work." in inside("brug-as westerlo check || true")
        inside(f"dpkg -i /root/{package.name}")  # once more, as each new version comes: the nodes run on
        assert "runs" in inside("brug-host list")
        kept = inside("/usr/lib/brug.former/bin/python3 -c 'import brug; print(brug.__version__, brug.__file__)'")
        assert kept.startswith(f"{__version__} /usr/lib/brug.former/"), "the code of before, for a node that goes back"
        assert "1 backed up" in inside(BACKED_UP)
        restored = inside(THE_MACHINE_IS_GONE)
        assert "Restored as of" in restored and "The ledger is whole." in restored, restored
        assert "account 2 " not in restored, restored
        assert "runs" in inside("brug-host list")
    finally:
        running.terminate()
        running.wait(120)
    inside("dpkg --purge brug")
    assert not (minimal / "usr/lib/brug.former").exists()
    assert (minimal / "var/lib/brug/westerlo/brug.sqlite3").exists(), "a node is no property of the package"
