"""A node for the tests: its own folder, keys and unlock secret, made before Django reads its settings."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
OPGROEIEN, WESTERLO = "0886886638", "0212181956"


def make_home() -> Path:
    """A node folder with an unlock secret beside it; gone when the run ends."""
    folder = Path(tempfile.mkdtemp(prefix="brug-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "unlock").write_bytes(secrets.token_bytes(32))
    home = folder / "node"
    home.mkdir()
    (home / "brug.toml").write_text(
        f'[node]\nparty = "{OPGROEIEN}"\nname = "Opgroeien regie"\ndemo = true\n'
        f'[web]\nhttps = false\n[keys]\nunlock_file = "{folder / "unlock"}"\n'
        f'[mail]\nmailbox = "brug@opgroeien.example"\n'
    )
    return home


os.environ["BRUG_HOME"] = str(make_home())
os.environ["DJANGO_SETTINGS_MODULE"] = "brug.node.settings"
django.setup()


@pytest.fixture(scope="session", autouse=True)
def _node_keys() -> None:
    from brug.office.keys import services as keys

    keys.create()


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


@pytest.fixture
def now() -> datetime:
    return NOW
