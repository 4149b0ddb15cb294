"""A host runs, checks, backs up, upgrades and removes its nodes, and one node's fall is no other's."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from brug.host import supervisor
from brug.node.demo import free_port
from tests import CLEAN, postgres
from tests.host.conftest import Trial, as_root

pytestmark = as_root


def test_a_node_that_falls_is_started_again_and_no_other_notices(trial: Trial) -> None:
    with trial.running():
        fell, other = trial.pid("geel"), trial.pid("mol")
        os.kill(fell, signal.SIGKILL)
        until = time.monotonic() + 180
        while not [child for child in supervisor.ask(trial.host, "list")["children"] if child["node"] == "geel"] or (
            trial.pid("geel") == fell
        ):
            assert time.monotonic() < until
            time.sleep(0.1)
        trial.wait_for("geel")
        assert trial.pid("mol") == other


def test_an_upgrade_brings_each_node_to_other_processes_with_a_backup_before(trial: Trial) -> None:
    with trial.running() as host:
        before = {name: trial.pid(name) for name in trial.ports}
        answers: list[int] = []
        is_over = threading.Event()

        def visit() -> None:
            while not is_over.wait(0.3):
                answers.append(trial.get("mol", "/login"))

        visitor = threading.Thread(target=visit)
        visitor.start()
        told = trial.brug_host("upgrade", "--all", check=False)
        is_over.set()
        visitor.join()
        assert len(answers) > 10 and set(answers) == {200}, "who visits another node meanwhile sees nothing of it"
        wrong = "mail_out"  # these nodes name no way for mail to go out: that is no health, and it stops at the first
        assert told.returncode == 1 and "NOT WELL" in told.stderr and wrong in told.stderr
        assert trial.pid("geel") != before["geel"], "it began anew"
        assert trial.pid("mol") == before["mol"], "the one after it runs as before"
        assert host.poll() is None, "the host began anew in the same process"
        assert [path.suffix for path in trial.host.place("geel").backups.iterdir()] == [".brugbackup"]


def test_the_table_of_all_has_the_worst_first_and_a_code_for_a_watchdog(trial: Trial) -> None:
    with trial.running():
        told = trial.brug_host("check", "--all", check=False)
        assert told.returncode == 1 and [line.split()[1] for line in told.stdout.splitlines()] == ["error", "error"]
        assert "mail_out: No mail can leave" in told.stdout
        looked = trial.brug_host("as", "geel", "check", check=False).stdout
        assert "look unlock     The unlock secret lies on the disk of the folder" in looked, (
            "though it reads it from memory"
        )
        assert [line.split()[:2] for line in trial.brug_host("list").stdout.splitlines()] == [
            ["geel", "runs"], ["mol", "runs"],
        ]  # fmt: skip


def test_a_secret_that_systemd_unseals_lies_on_no_disk(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = trial.host.place("geel")
    place.unlock.rename(tmp_path / "brug-unlock-geel")
    place.sealed.write_bytes(b"what only this machine can unseal")
    refused = trial.brug_host("as", "geel", "key-card", check=False)
    assert refused.returncode == 2 and f"The unlock secret of geel: {place.unlock}" in refused.stderr
    monkeypatch.setitem(CLEAN, "CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "ok   unlock     The unlock secret is a cred" in trial.brug_host("as", "geel", "check", check=False).stdout


def test_a_node_that_was_stopped_stays_so_and_one_that_was_removed_keeps_its_data(trial: Trial) -> None:
    with trial.running() as host:
        with socket.socket(socket.AF_UNIX) as gone:
            gone.connect(str(trial.host.socket))
            gone.sendall(b'{"do": "stop", "node": "mol"}\n')  # and does not wait for the answer, as after ^C
        trial.brug_host("stop", "mol")
        assert host.poll() is None, "who went away ends no host"
        assert trial.get("mol", "/healthz") == 0 and trial.get("geel", "/healthz") == 200
        trial.brug_host("remove", "mol")
        assert [place.name for place in trial.host.places()] == ["geel"]
        assert (trial.host.place("mol").folder / "brug.sqlite3").exists()
        trial.brug_host("remove", "geel", "--with-data")
        assert not trial.host.place("geel").folder.exists() and trial.host.places() == []


def test_a_node_goes_to_postgresql_and_back_or_stays_where_it_was(trial: Trial, server: Path) -> None:
    place = trial.host.place("geel")
    (place.secrets / "environment").write_text("# of the mail server\nBRUG_MAIL='x'\n")
    with trial.running():
        told = trial.brug_host("move", "geel", "--postgresql", "/nowhere", check=False)
        assert (
            told.returncode == 1 and "geel is where it was" in told.stderr and (place.folder / "brug.sqlite3").exists()
        )
        assert "PGPASSWORD" not in place.environment() and not (place.secrets / "owner").exists()
        trial.wait_for("geel")

        trial.brug_host("move", "geel", "--postgresql", server)
        trial.wait_for("geel")
        assert place.settings()["database"]["name"] == "brug_geel" and not (place.folder / "brug.sqlite3").exists()
        assert (place.secrets / "owner").stat().st_mode & 0o777 == 0o600
        trial.brug_host("as", "geel", "ledger", "verify")
        again = trial.brug_host("move", "geel", "--postgresql", server, check=False)
        assert again.returncode == 2 and "The other kind of database" in again.stderr

        trial.wait_for("geel")
        trial.brug_host("move", "geel", "--sqlite")
        trial.wait_for("geel")
        assert (place.folder / "brug.sqlite3").exists() and "database" not in place.settings()
        assert (place.secrets / "environment").read_text() == "# of the mail server\nBRUG_MAIL='x'\n"
        trial.brug_host("as", "geel", "ledger", "verify")


def test_the_program_comes_in_over_the_loopback_with_a_password_as_debian_lets_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, port = trial.host.place("geel"), free_port()
    with postgres.cluster(listen_addresses="127.0.0.1", port=str(port)) as here:
        here.chmod(0o711)
        (here / "data" / "pg_hba.conf").write_text("local all brug trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        postgres.control(here, "reload")
        for name, value in {"PGHOST": str(here), "PGUSER": postgres.USER, "PGPORT": str(port)}.items():
            monkeypatch.setitem(CLEAN, name, value)
        (place.secrets / "environment").write_text(f"PGPORT={port}\n")
        trial.brug_host("move", "geel", "--postgresql", "--keep")
        assert place.settings()["database"]["host"] == "127.0.0.1"
        trial.brug_host("as", "geel", "ledger", "verify")
        trial.brug_host("as", "--owner", "geel", "manage", "migrate", "-v", "0")
        with psycopg.connect(host=str(here), port=port, user=postgres.USER, dbname="postgres") as admin:
            kept = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'brug_geel%'").fetchall()
        assert len(kept) == 2 and all(str(word).startswith("SCRAM-SHA-256$") for (word,) in kept)
        for password in ("", "x" * 43, place.environment("owner")["PGPASSWORD"]):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(
                    host="127.0.0.1", port=port, user="brug_geel_app", dbname="brug_geel", password=password
                )
    with closing(sqlite3.connect(place.folder / "brug.sqlite3.former")) as former:
        assert former.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not (place.folder / "brug.sqlite3").exists()


def test_a_node_can_be_made_on_postgresql_and_removed(trial: Trial, server: Path) -> None:
    place = trial.add("herselt", "--postgresql", str(server), number=3)
    with trial.running():
        assert trial.get("herselt", "/healthz") == 200
    trial.brug_host("remove", "herselt", "--with-data")
    assert not place.folder.exists()
    with psycopg.connect(host=str(server), user=postgres.USER, dbname="postgres") as admin:
        found = "SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles"
        assert not [name for (name,) in admin.execute(found) if name.startswith("brug_")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server as this machine would have one; its superuser and socket are told as libpq is told."""
    with postgres.cluster() as here:
        here.chmod(0o711)
        monkeypatch.setitem(CLEAN, "PGHOST", str(here))
        monkeypatch.setitem(CLEAN, "PGUSER", postgres.USER)
        yield here
