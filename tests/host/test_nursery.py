"""One copy of the code for all nodes, and nothing else in common: no key, connection, datum exists before the fork."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from brug.host.places import Place
from tests import CLEAN
from tests.host.conftest import Trial, as_root

pytestmark = as_root


def memory(pid: int) -> bytes:
    """All that a process can write to: what it knows."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(bound, 16) for bound in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and "[v" not in line:
                file.seek(start)
                found.append(file.read(end - start))
    return b"".join(found)


def secrets_of(place: Place) -> dict[str, bytes]:
    """What only this node may know: its unlock secret, what Django's is made of it, the name of its controller."""
    unlock = place.unlock.read_bytes()
    derived = HKDF(SHA256(), 32, salt=None, info=b"brug/django/1").derive(unlock)
    return {"unlock": unlock, "django": derived.hex().encode(), "folder": str(place.folder).encode()}


def test_the_host_knows_no_secret_and_a_node_only_its_own(trial: Trial) -> None:
    geel, mol = trial.host.place("geel"), trial.host.place("mol")
    mol.unlock.write_bytes(os.urandom(32))
    trial.brug_host("stop", "mol", check=False)
    (mol.secrets / "stopped").touch()
    del trial.ports["mol"]
    with trial.running() as host:
        assert trial.get("geel", "/login") == 200
        known, at_geel = memory(host.pid), memory(trial.pid("geel"))
        assert secrets_of(geel)["django"] in at_geel, "what is looked for is found where it should be"
        for name, secret in secrets_of(geel).items():
            assert name == "folder" or secret not in known, name
        for name, secret in secrets_of(mol).items():
            assert name == "folder" or (secret not in known and secret not in at_geel), name


def test_before_the_fork_nothing_is_open_but_the_socket_of_the_host(trial: Trial) -> None:
    with trial.running() as host:
        opened = [os.readlink(path) for path in Path(f"/proc/{host.pid}/fd").iterdir()]
        kinds = sorted(re.sub(r":\[\d+\]$", "", link) for link in opened if link != "/dev/null")
        assert [kind for kind in kinds if kind not in {"pipe", "socket"}] == []
        assert kinds.count("socket") == 1 and len(os.listdir(f"/proc/{host.pid}/task")) == 1
        assert not [line for line in Path(f"/proc/{host.pid}/maps").read_text().splitlines() if "sqlite3-shm" in line]


def test_a_node_runs_as_its_own_user_and_reads_no_other(trial: Trial) -> None:
    geel, mol = trial.host.place("geel"), trial.host.place("mol")
    with trial.running():
        status = Path(f"/proc/{trial.pid('geel')}/status").read_text()
        uid, gid = geel.owner
        assert re.search(rf"^Uid:\t{uid}\t{uid}\t{uid}\t{uid}$", status, re.M)
        assert re.search(rf"^Gid:\t{gid}\t{gid}\t{gid}\t{gid}$", status, re.M) and "Groups:\t \n" in status
        assert re.search(r"^CapEff:\t0+$", status, re.M)
    for file in (mol.unlock, geel.unlock, mol.folder / "brug.toml", mol.folder / "brug.sqlite3"):
        look = subprocess.run(["cat", file], user=uid, group=gid, extra_groups=[], capture_output=True, check=False)
        assert look.returncode and b"denied" in look.stderr, file


def test_nothing_is_imported_after_the_fork(trial: Trial) -> None:
    """The node's user cannot even read the code: what was not read before is missed."""
    act = """
import sys
from brug.host import nursery, places
nursery.prepare()
before = set(sys.modules)
def pages():
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import Client
    from django.utils import timezone
    from brug.node import worker
    worker.turn(timezone.now())
    client = Client(headers={"x-forwarded-proto": "https", "host": "127.0.0.1"})
    for path in ("/login", "/hulp/beheerder", "/protocols/", "/info/", "/healthz"):
        assert client.get(path).status_code == 200, path
    assert client.get("/nowhere").status_code == 404
    new = set(sys.modules) - before - {name for name in sys.modules if name.startswith("django.test")}
    sys.stderr.write(" ".join(sorted(new)))
import django.test
before = set(sys.modules)
import os
pid = nursery.fork(places.Host(__import__("pathlib").Path(sys.argv[1])).place("geel"), pages)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-c", act, str(trial.host.root)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=CLEAN,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_of_root_runs_no_node(trial: Trial) -> None:
    os.chown(trial.host.place("geel").folder, 0, 0)
    refused = trial.brug_host("as", "geel", "check", check=False)
    assert refused.returncode == 2 and "not of root" in refused.stderr


@pytest.mark.parametrize("line", ["MAIL=geheim", 'MAIL="geheim"', "  MAIL = geheim  ", "# no\nMAIL='geheim'"])
def test_the_environment_of_a_node_is_read_as_systemd_reads_it(tmp_path: Path, line: str) -> None:
    place = Place(tmp_path, "geel")
    place.secrets.mkdir(parents=True)
    (place.secrets / "environment").write_text(f"{line}\n")
    assert place.environment() == {"MAIL": "geheim"}
