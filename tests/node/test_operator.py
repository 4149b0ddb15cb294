"""What an operator meets on a bad day: each fault is a sentence that says what to do, and no traceback."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from pytest_django import Settings

from brug import __version__
from brug.kit.pages import server_error
from brug.node import health
from brug.node.demo import Drop, free_port
from brug.office.keys.files import OPENS_NOTHING
from brug.office.parties.models import Member, Team
from brug.office.post import transport
from brug.office.roles import Role
from tests import CLEAN, forked
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
BRUG = Path(sys.executable).parent / "brug"


def said(name: str) -> tuple[str, str]:
    [finding] = health.look(NOW, (name,))
    return finding.state, finding.words


@contextmanager
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("name", ["mail_out", "mail_in"])
def test_a_mail_server_whose_name_nobody_knows(name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", "geheim")
    settings.MAIL_OUTGOING = "smtps://brug:$MAIL@mail.nergens.invalid"
    settings.MAIL_INCOMING = "imaps://brug:$MAIL@mail.nergens.invalid/INBOX"
    state, words = said(name)
    assert state == health.ERROR and "no machine of that name is known" in words and "geheim" not in words


def test_a_mail_server_that_is_off(settings: Settings) -> None:
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{free_port()}"
    assert "nothing listens at that port" in said("mail_out")[1]


def test_a_mail_server_that_offers_no_encryption(settings: Settings, tmp_path: Path) -> None:
    controller = Controller(Drop(tmp_path), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.MAIL_OUTGOING = f"smtp+tls://127.0.0.1:{controller.port}"
        assert "it offers no STARTTLS" in said("mail_out")[1]
    finally:
        controller.stop()


def test_a_maildir_in_a_folder_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    settings.MAIL_INCOMING = f"maildir:{tmp_path}/not/there"
    transport.incoming.cache_clear()
    assert "make it for the node's user" in said("mail_in")[1]


def test_another_version_than_the_machine_has(settings: Settings) -> None:
    assert said("version")[0] == health.OK, "nothing runs yet"
    cache.set(health.RUNNING, "0.1.9", timeout=None)
    state, words = said("version")
    assert state == health.WARNING and "0.1.9" in words and __version__ in words and "brug-host upgrade" in words


WORDS = {
    ("sqlite", "read-only"): "chown",
    ("sqlite", "held"): "holds it",
    ("postgresql", "read-only"): "is this a standby?",
    ("postgresql", "held"): "holds it",
}
BAD_DAYS = {"sqlite": ("full", "read-only", "held"), "postgresql": ("read-only", "held")}[connection.vendor]


@pytest.fixture(params=BAD_DAYS)
def unwritable(request: pytest.FixtureRequest, transactional_db: None) -> str:
    """The real database, on a bad day."""
    {"sqlite": _bad_sqlite, "postgresql": _bad_postgresql}[connection.vendor](request)
    return str(request.param)


def _bad_sqlite(request: pytest.FixtureRequest) -> None:
    with connection.cursor() as cursor:
        if request.param == "full":
            [pages] = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            request.addfinalizer(lambda: connection.cursor().execute(f"PRAGMA max_page_count = {2**30}"))
        elif request.param == "read-only":
            cursor.execute("PRAGMA query_only = ON")
            request.addfinalizer(lambda: connection.cursor().execute("PRAGMA query_only = OFF"))
        else:
            cursor.execute("PRAGMA busy_timeout = 50")
            other = sqlite3.connect(connection.settings_dict["NAME"], uri=True, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            request.addfinalizer(other.close)


def _bad_postgresql(request: pytest.FixtureRequest) -> None:
    with connection.cursor() as cursor:
        if request.param == "read-only":
            cursor.execute("SET default_transaction_read_only = on")
            request.addfinalizer(lambda: connection.cursor().execute("SET default_transaction_read_only = off"))
        else:
            cursor.execute("SET lock_timeout = 50")
            other = connection.copy()
            other.set_autocommit(False)
            other.cursor().execute("LOCK TABLE ledger_entry, parties_team IN EXCLUSIVE MODE")
            request.addfinalizer(other.close)


def test_a_database_that_cannot_be_written_is_a_page_that_says_so_and_a_finding(unwritable: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Team.objects.bulk_create([Team(code=f"t{n}", name="x" * 200) for n in range(500)])
    answer = server_error_of(lambda: Team.objects.bulk_create([Team(code=f"t{n}", name="x" * 200) for n in range(500)]))
    assert answer.status_code == 503 and answer["Retry-After"] == "60"
    assert "wat u typte staat er nog" in answer.content.decode()
    state, words = said("writing")
    if unwritable == "full":  # only what grows is refused
        assert state == health.OK
    else:
        assert state == health.ERROR and WORDS[connection.vendor, unwritable] in words
    assert not Team.objects.exists(), "nothing is half done"
    assert get_resolver().resolve_error_handler(500) is server_error


def server_error_of(done: Callable[[], object]) -> HttpResponse:
    try:
        done()
    except DatabaseError:
        return server_error(RequestFactory().get("/"))
    raise AssertionError("nothing went wrong")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with taken() as port:
        assert forked.init(tmp_path / "node", tmp_path / "unlock", "--port", port).returncode == 0
        refused = forked.run("brug", "--home", tmp_path / "node", "web")
    assert refused.returncode == 2 and f"127.0.0.1:{port} is not" in refused.stderr
    assert "Traceback" not in refused.stderr and "[web] port" in refused.stderr


def test_an_unlock_secret_of_another_node(tmp_path: Path) -> None:
    home, unlock = tmp_path / "node", tmp_path / "unlock"
    assert forked.init(home, unlock).returncode == 0
    unlock.write_bytes(b"x" * 32)
    refused = forked.run("brug", "--home", home, "key-card")
    assert (refused.returncode, refused.stderr.strip()) == (2, f"brug: {OPENS_NOTHING}")
    assert f"WRONG keys       {OPENS_NOTHING}" in forked.run("brug", "--home", home, "check").stdout


def test_a_demo_of_a_party_that_is_none_of_its_two(tmp_path: Path) -> None:
    refused = forked.init(tmp_path / "node", tmp_path / "unlock", "--demo", "--party", "0316.380.841")
    assert refused.returncode == 2 and "One of the parties of the demo" in refused.stderr


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "brug.toml").write_text("[web\nport = 1")
    refused = subprocess.run(
        [BRUG, "--home", tmp_path, "check"], env=CLEAN, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2 and f"{tmp_path}/brug.toml cannot be read: " in refused.stderr
    assert "Traceback" not in refused.stderr and "line 1" in refused.stderr


@pytest.mark.parametrize("words", [["judge"], ["ledger", "verify", "--seen"]])
def test_a_file_that_is_not_there(tmp_path: Path, words: list[str]) -> None:
    forked.init(tmp_path / "node", tmp_path / "unlock")
    done = forked.run("brug", "--home", tmp_path / "node", *words, tmp_path / "away")
    assert (done.returncode, done.stderr) == (2, f"brug: {tmp_path / 'away'}: No such file or directory\n")


def test_the_pages_say_where_they_listen(tmp_path: Path) -> None:
    port = free_port()
    assert forked.init(tmp_path / "node", tmp_path / "unlock", "--port", port).returncode == 0
    with (tmp_path / "said").open("wb") as out:
        running = forked.Forked(["brug", "--home", tmp_path / "node", "web"], stdout=out)
    while not (tmp_path / "said").stat().st_size:
        assert running.poll() is None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) == 0
    running.terminate()
    running.wait()
    assert (tmp_path / "said").read_text() == f"Brug listens at http://127.0.0.1:{port}\n"


@pytest.mark.django_db
def test_nobody_whom_mails_reach_is_said() -> None:
    Member.objects.create(username="ann", name="Ann Vos", role=Role.DPO)  # without an address
    state, words = said("officers")
    assert state == health.ERROR and "--role dpo --email" in words
    Member.objects.update(email="ann@westerlo.example")
    wim = Member.objects.create(username="wim", name="Wim Claes", role=Role.ADMINISTRATOR)
    state, words = said("officers")
    assert state == health.WARNING and "--role administrator --email" in words
    Member.objects.filter(pk=wim.pk).update(email="wim@westerlo.example")
    assert said("officers")[0] == health.OK


def test_the_demo_says_at_once_that_a_port_is_taken(tmp_path: Path) -> None:
    with taken() as port:
        demo = [str(BRUG), "demo", "--folder", str(tmp_path / "try"), "--port", str(port)]
        refused = subprocess.run(demo, env=CLEAN | {"COLUMNS": "80"}, capture_output=True, text=True, check=False)
    assert f"Port {port} of this machine is in use" in refused.stderr
    assert not (tmp_path / "try").exists(), "before it makes two nodes"
