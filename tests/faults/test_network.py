"""A network that breaks, a disk that is full, a database that goes away: nothing is lost, the worker recovers alone."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from brug.node.demo import BRUG
from tests import postgres
from tests.faults.crash import ROOT, Hosted, _make, _move
from tests.faults.host import BEGIN
from tests.faults.mail_system import PASSWORD, MailSystem, running
from tests.faults.network import BadlyReached, Proxy

WAIT_SECONDS = 180
slow = pytest.mark.soak(only=True)


@pytest.fixture(autouse=True)
def _what_was_reset_is_not_closed_by_hand() -> Iterator[None]:
    """The SMTP listener of the tests forgets a connection that was reset, and Python says so when it is collected."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def two_nodes(mail: BadlyReached | MailSystem, recipient_in: Path | None = None) -> Iterator[tuple[Hosted, Hosted]]:
    """Both nodes with their workers, time going sixty times as fast as by the clock."""
    system = mail.system if isinstance(mail, BadlyReached) else mail
    with tempfile.TemporaryDirectory(prefix="brug-network-") as name:
        folder = Path(name)
        if recipient_in:
            (folder / "recipient").symlink_to(recipient_in, target_is_directory=True)
        os.environ |= {"MAIL_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(system.certificate)}
        nodes = _make(folder, mail)  # type: ignore[arg-type]
        with Hosted(nodes[0], 1) as discloser, Hosted(nodes[1], 2) as recipient:
            both = (discloser, recipient)
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda host: host.do("settle"), both))
            for host in both:
                host.do("tell_time", started=time.monotonic(), begin=BEGIN.isoformat(), factor=60 * 5)
            yield both


def run_both(both: tuple[Hosted, Hosted], seconds: float, referrals: int) -> None:
    with ThreadPoolExecutor(2) as threads:
        parts = zip(both, (referrals, 0), strict=True)
        list(threads.map(lambda p: p[0].do("run", seconds=seconds, kills=0, referrals=p[1]), parts))


def come_in(both: tuple[Hosted, Hosted]) -> tuple[dict[str, list[object]], dict[str, list[object]]]:
    """Let what is on its way arrive; what both nodes say then."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        run_both(both, 3, 0)
        sender, receiver = (host.do("report") for host in both)
        if not any((sender["raw"], receiver["raw"], sender["due"], receiver["due"])) or time.monotonic() > until:
            return sender, receiver


def assert_all_arrived(sender: dict[str, list[object]], receiver: dict[str, list[object]], least: int) -> None:
    sent = sorted(reference for reference, _ in sender["sent"])  # type: ignore[misc]
    assert len(sent) >= least
    assert sorted(reference for reference, _ in receiver["came_in"]) == sent  # type: ignore[misc]
    assert {state for _, state in sender["sent"]} == {"received"}  # type: ignore[misc]
    assert sender["ledger"] == receiver["ledger"] == []


@slow
def test_a_network_that_delays_resets_cuts_and_repeats_loses_nothing() -> None:
    with ExitStack() as open_things:
        system = open_things.enter_context(running())
        proxies = [
            open_things.enter_context(Proxy(port, seed)) for seed, port in enumerate((system.smtp, system.imaps))
        ]
        mail = BadlyReached(system, *proxies)
        both = open_things.enter_context(two_nodes(mail))
        mail.be_bad(True)
        run_both(both, 12, 25)
        mail.be_bad(False)
        assert_all_arrived(*come_in(both), least=5)
        assert set(proxies[0].done + proxies[1].done) == {"delay", "reset", "cut", "repeat"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB that is full while a file named `filler` is there."""
    if os.geteuid():
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> None:
    with (place / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(bytes(65_536))


@slow
def test_a_full_disk_at_the_recipient_loses_nothing_and_ends_by_itself(small_disk: Path) -> None:
    with running() as mail, two_nodes(mail, small_disk) as both:
        fill(small_disk)
        run_both(both, 8, 10)
        (small_disk / "filler").unlink()
        assert_all_arrived(*come_in(both), least=3)


@slow
def test_a_database_that_goes_away_is_waited_for() -> None:
    with ExitStack() as open_things:
        server, mail = open_things.enter_context(postgres.cluster()), open_things.enter_context(running())
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="brug-away-")))
        os.environ |= {"MAIL_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(mail.certificate)}
        nodes = _make(folder, mail)
        _move(nodes, server)
        home = nodes[1].home
        log = open_things.enter_context((folder / "worker.log").open("wb"))
        worker = subprocess.Popen([str(BRUG), "--home", str(home), "worker"], stderr=log, cwd=ROOT)
        try:
            before = seen_by_the_worker(server, nodes[1].party, after=None)
            postgres.control(server, "stop", "-m", "immediate")
            time.sleep(3)
            assert worker.poll() is None
            postgres.control(server, "start")
            assert healthy(home)
            with psycopg.connect(host=str(server), user=postgres.USER, dbname=f"brug_{nodes[1].party}") as database:
                database.execute("UPDATE vault_clockmark SET at = at - interval '2 minutes'")  # written once a minute
            assert seen_by_the_worker(server, nodes[1].party, after=before - timedelta(minutes=1))
            assert worker.poll() is None
        finally:
            worker.terminate()
            worker.wait(180)
        events = [json.loads(line) for line in (folder / "worker.log").read_text().splitlines() if line[0] == "{"]
        assert "the database does not answer" in {event["event"] for event in events}


def seen_by_the_worker(server: Path, party: str, after: datetime | None) -> datetime:
    """When the worker last looked at the clock; waits until it did, `after` that."""
    for _ in range(WAIT_SECONDS * 4):
        with psycopg.connect(host=str(server), user=postgres.USER, dbname=f"brug_{party}") as database:
            row = database.execute("SELECT at FROM vault_clockmark").fetchone()
        if row and (after is None or row[0] > after):
            return datetime.fromisoformat(str(row[0])).astimezone(UTC)
        time.sleep(0.25)
    raise AssertionError("no worker is at work")


def healthy(home: Path) -> bool:
    """Whether `brug check` says that the database answers."""
    told = subprocess.run(
        [str(BRUG), "--home", str(home), "check", "--json"], capture_output=True, text=True, check=False
    )
    return {found["name"]: found["state"] for found in json.loads(told.stdout)}["database"] == "ok"
