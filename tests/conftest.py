"""A node for the tests: its own folder, keys and unlock secret, made before Django reads its settings."""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import django
import hypothesis
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests import examples, forked

ROOT = Path(__file__).parent.parent
collect_ignore = ["mutants"]  # a program with libraries of its own (`make mutants`)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
OPGROEIEN, WESTERLO = "0886886638", "0212181956"


def _database() -> str:
    """Nothing for SQLite, or a table of brug.toml; the process that starts the others runs the PostgreSQL server."""
    if os.environ.get("BRUG_TEST_DATABASE") != "postgresql":
        return ""
    from tests import postgres

    if "BRUG_TEST_POSTGRES" not in os.environ:
        cluster = postgres.cluster()
        os.environ["BRUG_TEST_POSTGRES"] = str(cluster.__enter__())
        atexit.register(cluster.__exit__, None, None, None)
    return postgres.settings_of(Path(os.environ["BRUG_TEST_POSTGRES"]))


def make_home(database: str | None = None) -> Path:
    """A node folder with an unlock secret beside it; gone when the run ends. `database`: a table of brug.toml."""
    folder = Path(tempfile.mkdtemp(prefix="brug-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "unlock").write_bytes(secrets.token_bytes(32))
    home = folder / "node"
    home.mkdir()
    (home / "brug.toml").write_text(
        f'[node]\nparty = "{OPGROEIEN}"\nname = "Opgroeien regie"\ndemo = true\n'
        '[web]\nhttps = false\nstart_page = "https://start.voorbeeld.example"\n'
        f'[keys]\nunlock_file = "{folder / "unlock"}"\n'
        f'[mail]\nmailbox = "brug@opgroeien.example"\n' + (_database() if database is None else database)
    )
    return home


if "BRUG_LOOKED_AT" not in os.environ:  # the workers of a parallel run share the folder of the first
    os.environ["BRUG_LOOKED_AT"] = tempfile.mkdtemp(prefix="brug-looked-at-")
    atexit.register(shutil.rmtree, os.environ["BRUG_LOOKED_AT"], ignore_errors=True)
os.environ["BRUG_HOME"] = str(make_home())
os.environ["DJANGO_SETTINGS_MODULE"] = "brug.node.settings"
django.setup()
PAID = (Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost)  # by a node, for each password
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64  # by the tests, but for those about it
AGAIN = "BRUG_AGAIN" in os.environ  # tests/mutants: one process runs the tests more than once
hypothesis.settings.register_profile(
    "brug",
    max_examples=examples(150),
    deadline=None,  # a busy machine is no mistake
    derandomize=AGAIN,
    suppress_health_check=[hypothesis.HealthCheck.differing_executors] if AGAIN else [],
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate] if AGAIN else tuple(hypothesis.Phase),
)
hypothesis.settings.load_profile("brug")


from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402 (after the settings)
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from py7zr import compressor  # noqa: E402
from pytest_django import Settings  # noqa: E402

from brug.core.calendar import legal_day  # noqa: E402
from brug.core.parcel import archive  # noqa: E402
from brug.core.parcel.archive import ArchiveKey  # noqa: E402
from brug.core.parcel.keys import generate_parcel_key, public_parcel_key  # noqa: E402
from brug.core.parcel.seal import make_key  # noqa: E402
from brug.core.protocol.document import Protocol  # noqa: E402
from brug.office.disclosure import ready  # noqa: E402
from brug.office.keys import services as keys  # noqa: E402
from brug.office.ledger.acts import OPERATOR  # noqa: E402
from brug.office.parties.models import Counterparty, Member, Team  # noqa: E402
from brug.office.parties.states import Role  # noqa: E402
from brug.office.registry import services as registry  # noqa: E402
from tests import moves  # noqa: E402

archive._derive = lru_cache(4096)(archive._derive)  # what a test seals it opens too
_PY7ZR = compressor.calculate_key  # the same, five times as slow
compressor.calculate_key = lambda password, cycles, salt, digest: (
    archive._derive(password, salt)
    if (cycles, digest) == (archive.CYCLES, "sha256")
    else _PY7ZR(password, cycles, salt, digest)
)
ready.READY = 0  # a test makes no keys for later; those of every test are the same ones, below
ready._forget()
_asked = itertools.count()
ready.make_key = lambda: _derived(next(_asked))  # type: ignore[assignment]


@cache
def _derived(_number: int) -> ArchiveKey:
    return make_key()


PROTOCOL_TEXT = (ROOT / "protocols" / "opgroeien-ocmw-westerlo.yaml").read_text()


LONGEST = (  # by what they take in all: what they use of the processor, and what they wait for other processes
    *("permissions/test_matrix.py", "faults/test_crash.py", "host/test_host.py", "browser/test_casework.py"),
    *("node/test_people.py", "release/test_wheel.py", "release/test_two_versions.py", "browser/test_menus.py"),
    *("release/test_upgrade.py", "node/test_backup.py", "hostile/test_canaries.py", "release/test_readme.py"),
    *("browser/test_referrals.py", "browser/test_login.py", "browser/test_protocols.py", "browser/test_files.py"),
    *("browser/test_endings.py", "office/parties/test_waiting.py", "node/test_operator.py", "attack/test_insiders.py"),
)


@pytest.fixture(scope="session", autouse=True)
def _node_keys() -> None:
    keys.create()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The tables of a database in memory are copied from those that were migrated before; migrating finds them."""

    def fill(connection: BaseDatabaseWrapper, **_signal: object) -> None:
        if "mode=memory" in str(connection.settings_dict["NAME"]):
            connection_created.disconnect(fill)
            with closing(sqlite3.connect(forked.migrated())) as tables:
                tables.backup(connection.connection)

    connection_created.connect(fill, weak=False)


@pytest.fixture(scope="session", autouse=True)
def _a_test_may_empty_its_database() -> Iterator[None]:
    """What is in the ledger cannot be removed; a test with real transactions and a live server must, at its end."""
    from django.db import connection
    from django.test import TransactionTestCase

    from brug.office.ledger.migrations import _protection

    empty = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        _protection.lift(connection)
        empty(self)
        _protection.protect(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each worker of a parallel run reads the settings of its own folder, not those of the process that starts it."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What `make soak` alone runs is left out elsewhere; the longest files begin first, so that all end together.

    Where hypothesis looks for what breaks a law, it looks longer in the soak.
    """
    last = len(LONGEST)
    items.sort(key=lambda item: next((place for place, name in enumerate(LONGEST) if name in item.nodeid), last))
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("soak")
        marker = item.get_closest_marker("soak")
        if marker and marker.kwargs.get("only") and not os.environ.get("BRUG_SOAK"):
            item.add_marker(pytest.mark.skip(reason="make soak"))


def pytest_collection_finish() -> None:
    """Seven thousand tests and all code stay until the end: nobody looks through them for garbage again and again, and
    through what is new less often than Python would by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures that a test has measured, also when it passes: `record_property("figure", "…")`."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(str(value))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A whole run fails when there is a page that no browser looked at (tests/browser, `check_page`)."""
    is_whole = session.config.args_source is pytest.Config.ArgsSource.TESTPATHS and not session.config.option.keyword
    if is_whole and not hasattr(session.config, "workerinput"):
        from tools.pages import not_looked_at

        if names := not_looked_at(Path(os.environ["BRUG_LOOKED_AT"])):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            print(f"\nNo browser looked at: {', '.join(names)} (tools/pages.py)")  # noqa: T201


@pytest.fixture(autouse=True)
def _archive_keys() -> None:
    """The n-th parcel of each test gets the same key, or deriving them would cost more than most tests do."""
    global _asked
    _asked = itertools.count()


@pytest.fixture(autouse=True)
def _each_move_makes_an_entry(request: pytest.FixtureRequest) -> Iterator[None]:
    """In every test with a database of its own (tests/moves.py)."""
    marker = request.node.get_closest_marker("django_db")
    is_real = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if "db" not in request.fixturenames or is_real:  # with real transactions there is no savepoint to look at
        yield
        return
    request.getfixturevalue("db")
    with moves.watched() as watch:
        yield
    silent = {moved for moved in watch.silent if moved not in moves.BY_ITSELF | moves.BY_THE_DOOR}
    assert not silent, f"moved, and nothing in the ledger says so: {silent}"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def protocol(db: None) -> Protocol:
    """The signed protocol, adopted by this node."""
    return registry.adopt(PROTOCOL_TEXT, by=OPERATOR, at=NOW)


@dataclass(frozen=True)
class OtherParty:
    """The other side of a protocol in the same process: its keys, to seal what it sends and to open what it gets."""

    kbo: str
    signing_key: Ed25519PrivateKey
    parcel_key: bytes

    def known_to_this_node(self, mailbox: str, name: str) -> OtherParty:
        Counterparty.objects.create(
            kbo=self.kbo,
            name=name,
            mailbox=mailbox,
            signing_key=self.signing_key.public_key().public_bytes_raw(),
            checkpoint_key=self.signing_key.public_key().public_bytes_raw(),
            parcel_key=public_parcel_key(self.parcel_key),
            confirmed_at=NOW,
        )
        return self


@pytest.fixture
def westerlo(protocol: Protocol) -> OtherParty:
    """OCMW Westerlo, met by this node of Opgroeien regie."""
    other = OtherParty(WESTERLO, Ed25519PrivateKey.generate(), generate_parcel_key())
    return other.known_to_this_node("info.ocmw@westerlo.be", "OCMW Westerlo")


@pytest.fixture
def geel(westerlo: OtherParty) -> OtherParty:
    """A second party, with a protocol of its own that follows the one of Westerlo."""
    text = PROTOCOL_TEXT
    for ours, theirs in (("-westerlo\n", "-geel\n"), ('["13049"]', '["13008"]'), ("0212.181.956", "0207.473.892")):
        text = text.replace(ours, theirs)
    registry.adopt(text, by=OPERATOR, at=NOW)
    return replace(westerlo, kbo="0207473892").known_to_this_node("info@geel.example", "OCMW Geel")


@pytest.fixture
def opgroeien(protocol: Protocol, settings: Settings) -> OtherParty:
    """Opgroeien regie, met by this node, which is OCMW Westerlo's for this test."""
    settings.PARTY, settings.MAILBOX, settings.PARTY_NAME = WESTERLO, "info.ocmw@westerlo.be", "OCMW Westerlo"
    other = OtherParty(OPGROEIEN, Ed25519PrivateKey.generate(), generate_parcel_key())
    return other.known_to_this_node("brug@opgroeien.example", "Opgroeien regie")


@pytest.fixture
def lien(db: None) -> Member:
    """A team member of the local team that the protocol names, bound by secrecy."""
    team = Team.objects.create(code="zuiderkempen", name="Lokaal team Kind en Gezin Zuiderkempen")
    member = Member(
        username="lien",
        name="Lien Peeters",
        role=Role.TEAM_MEMBER,
        team=team,
        email="lien@opgroeien.example",
        secrecy_attested_on=legal_day(NOW),
    )
    member.set_unusable_password()
    member.save()
    return member
