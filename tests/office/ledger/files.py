"""Ledgers in database files of their own, and somebody who changes them behind the program's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import load_backend

from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act, Actor
from brug.office.ledger.migrations import _protection
from tests.conftest import NOW

MEMBER = "5c1f2a6e9d3b4c0fa1b2c3d4e5f60718"


OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
}


@contextmanager
def database(**settings: object) -> Iterator[None]:
    """Make an SQLite file (`NAME`) the default database, whatever the other tests run on."""
    usual = connections["default"]
    backend = {"ENGINE": "django.db.backends.sqlite3", "USER": "", "PASSWORD": "", "HOST": "", "PORT": ""}
    described = {**usual.settings_dict, **backend, "OPTIONS": OPTIONS, **settings}
    connection = load_backend(described["ENGINE"]).DatabaseWrapper(described, "default")
    connections["default"] = connection
    try:
        yield
    finally:
        connection.close()
        connections["default"] = usual


def migrate() -> None:
    executor = MigrationExecutor(connections["default"])
    executor.migrate([key for key in executor.loader.graph.leaf_nodes() if key[0] == "ledger"])


def add(number: int, act: Act = Act.OPENED) -> None:
    """One more entry, committed; everything of it follows from `number`."""
    with transaction.atomic():
        ledger.record(
            act,
            UUID(int=number),
            by=Actor(MEMBER, "social_worker"),
            at=NOW,
            protocol="opgroeien-ocmw-westerlo@1",
            article="art. 4",
            details=f"{number:064x}",
        )


@contextmanager
def behind_its_back(file: Path) -> Iterator[sqlite3.Cursor]:
    """The same file, opened by somebody who has taken the triggers away."""
    with sqlite3.connect(file) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f'DROP TRIGGER "{name}"')
        yield other.cursor()
    other.close()


def lift() -> None:
    """Take the triggers away, inside the program."""
    _protection.lift(connections["default"])
