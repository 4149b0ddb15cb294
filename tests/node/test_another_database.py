"""A filled node goes to PostgreSQL and comes back with every byte, or stays where it is (`brug database take-over`)."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import forked, postgres
from tests.release.test_upgrade import FILLED, MADE_IN

NAME = "brug_moved"
OF_EACH_DATABASE = {"django_migrations", "brug_cache", "sqlite_sequence"}  # when it was made; counters of minutes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipient of the two filled nodes: a client file, cases, an erased one, a ledger that was cosigned."""
    folder = tmp_path_factory.mktemp("moved")
    shutil.unpack_archive(FILLED, folder)
    home = folder / "recipient"
    settings = home / "brug.toml"
    settings.write_text(settings.read_text().replace(MADE_IN, str(folder)))
    brug(home, "manage", "migrate", "-v", "0")
    shutil.copy(settings, folder / "sqlite.toml")
    return home


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgres.cluster() as here:
        yield here


def brug(home: Path, *words: str, check: bool = True) -> Any:
    done = forked.run("brug", "--home", home, *words)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def names(home: Path, table: str) -> None:
    """Its brug.toml names this database from now on."""
    settings = home / "brug.toml"
    without = re.sub(r"^\[database\]\n(?:[^\[\n].*\n|\n)*", "", settings.read_text(), flags=re.M)
    settings.write_text(f"{without.rstrip()}\n\n{table}")


def rows(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Of each table, `id` first, then by name: a table that was migrated has its columns in another order."""
    with closing(sqlite3.connect(file)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: _rows(database, table) for table in tables if table not in OF_EACH_DATABASE}


def _rows(database: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    names = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
    columns = ", ".join(f'"{name}"' for name in sorted(names, key=lambda name: (name != "id", name)))
    found = database.execute(f'SELECT {columns} FROM "{table}"')  # noqa: S608
    return sorted((tuple(map(same, row)) for row in found), key=repr)


def same(value: Any) -> Any:
    """PostgreSQL keeps the keys of JSON in an order of its own."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        return json.dumps(json.loads(value), sort_keys=True)
    return value


def test_it_goes_over_and_back_with_every_row(home: Path, server: Path) -> None:
    before = rows(home / "brug.sqlite3")
    postgres.make_database(server, NAME)
    names(home, postgres.settings_of(server, NAME, postgres.owner_of(NAME)))
    brug(home, "manage", "migrate", "-v", "0")
    told = brug(home, "database", "take-over", str(home.parent / "sqlite.toml")).stdout
    assert "The ledger is whole" in told and int(re.findall(r"\d+", told)[0]) >= sum(map(len, before.values())) > 100
    shutil.copy(home / "brug.toml", home.parent / "postgresql.toml")

    postgres.let_the_program_in(server, NAME)
    names(home, postgres.settings_of(server, NAME, postgres.program_of(NAME)))
    brug(home, "ledger", "verify")
    brug(home, "retention", "confirm-clock")  # a new row, under a number that no row from before has
    with psycopg.connect(host=str(server), user=postgres.USER, dbname=NAME) as admin:
        [last] = admin.execute("SELECT max(id) FROM ledger_entry").fetchone() or [0]
    assert last == max(row[0] for row in before["ledger_entry"]) + 1

    names(home, '[database]\nname = "back.sqlite3"\n')
    brug(home, "manage", "migrate", "-v", "0")
    brug(home, "database", "take-over", str(home.parent / "postgresql.toml"))
    after = rows(home / "back.sqlite3")
    assert rows(home / "brug.sqlite3") == before, "the former one is only read"
    assert after.keys() == before.keys()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"ledger_entry", "vault_clockmark"}, changed
    assert [row for row in before["ledger_entry"] if row not in after["ledger_entry"]] == []


def test_what_is_not_empty_or_of_another_version_takes_nothing_over(home: Path) -> None:
    names(home, '[database]\nname = "brug.sqlite3"\n')
    before = rows(home / "brug.sqlite3")
    done = brug(home, "database", "take-over", str(home.parent / "sqlite.toml"), check=False)
    assert done.returncode == 2 and "names that of now" in done.stderr
    shutil.copy(home / "brug.sqlite3", home / "full.sqlite3")
    names(home, '[database]\nname = "full.sqlite3"\n')
    done = brug(home, "database", "take-over", str(home.parent / "sqlite.toml"), check=False)
    assert done.returncode == 2 and "An empty database" in done.stderr and rows(home / "full.sqlite3") == before
    names(home, '[database]\nname = "empty.sqlite3"\n')
    done = brug(home, "database", "take-over", str(home.parent / "sqlite.toml"), check=False)
    assert done.returncode == 2 and "Tables of one version" in done.stderr
