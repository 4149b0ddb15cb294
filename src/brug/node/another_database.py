"""Take all rows of the node's former database into the one that its settings name now: whole, or not at all.

SQLite to PostgreSQL and back. A table at a time, in one transaction; then each table is read again and compared with
what it was, by count and by digest, before the transaction ends. Counters against guessing, which are of minutes, stay.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from brug.core.identity import Invalid
from brug.office.ledger.migrations import _protection

FORMER = "former"
BATCH = 500
Model = type[models.Model]


def take_over(settings_file: Path) -> int:
    """Bring what is in the database of `settings_file` (a former brug.toml) here; how many rows.

    Nothing of the node may run. Raises `Invalid` where this database is not empty, or its tables are of another
    version than those of the former; then nothing has changed here, and there it never does.
    """
    told = settings.DATABASE_OF(tomllib.loads(settings_file.read_text()).get("database", {}))
    if all(told.get(key) == settings.DATABASES["default"].get(key) for key in ("ENGINE", "NAME", "HOST", "PORT")):
        raise Invalid("same_database", f"The file that names the former database: {settings_file} names that of now.")
    connections.settings[FORMER] = connections.configure_settings({"default": told})["default"]
    try:
        with transaction.atomic(FORMER), transaction.atomic():
            former = connections[FORMER]
            if former.vendor == "postgresql":  # one instant for all tables
                former.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if _version(FORMER) != _version("default"):
                raise Invalid("other_tables", "Tables of one version in both databases: brug manage migrate in each.")
            return _copied(list(_tables()))
    finally:
        connections[FORMER].close()
        del connections[FORMER], connections.settings[FORMER]


def _version(alias: str) -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[alias]).applied_migrations())


def _tables() -> Iterator[Model]:
    """Every table that a model of the program is kept in."""
    return (each for each in apps.get_models(include_auto_created=True) if each._meta.managed and not each._meta.proxy)


def _copied(tables: list[Model]) -> int:
    told = (model for model in tables if model._meta.app_label not in MADE and _rows(model, "default").exists())
    if full := next(told, None):
        raise Invalid("not_empty", f"An empty database: there are rows in {full._meta.db_table}.")
    for model in reversed(tables):  # what a migration writes into each new database
        if _rows(model, "default").exists():
            connection.cursor().execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
    _protection.lift(connection)  # an entry comes with its place in the ledger; the owner of the tables may
    digests = {model: _copy(model) for model in tables}
    connection.check_constraints()
    _protection.protect(connection)
    for statement in connection.ops.sequence_reset_sql(no_style(), tables):
        connection.cursor().execute(statement)
    for model, (count, digest) in digests.items():
        if _digest(_read(model, "default")) != (count, digest):
            raise Invalid("not_the_same", f"The same rows in both: those of {model._meta.db_table} came out otherwise.")
    return sum(count for count, _ in digests.values())


MADE = frozenset({"contenttypes", "auth", "sites"})  # the framework's, filled by its own migrations


def _rows(model: Model, alias: str) -> models.QuerySet[Any]:
    return models.QuerySet(model, using=alias).order_by(model._meta.pk.name)


def _read(model: Model, alias: str) -> Iterator[tuple[Any, ...]]:
    """The values of each row as the program reads them, in the order of their columns."""
    names = [field.attname for field in model._meta.concrete_fields]
    return _rows(model, alias).values_list(*names).iterator(BATCH)


def _copy(model: Model) -> tuple[int, str]:
    """Count and digest of what was read; each value is written as the field would save it, and by no `save`."""
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    batch: list[list[Any]] = []

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.executemany(insert, batch)
        batch.clear()

    def seen() -> Iterator[tuple[Any, ...]]:
        for row in _read(model, FORMER):
            yield row
            batch.append([f.get_db_prep_save(value, connection) for f, value in zip(fields, row, strict=True)])
            if len(batch) == BATCH:
                write()

    told = _digest(seen())
    if batch:
        write()
    return told


def _digest(rows: Iterable[tuple[Any, ...]]) -> tuple[int, str]:
    """How many, and the SHA-256 of all their values: the same for the same rows in any database."""
    count, digest = 0, hashlib.sha256()
    for row in rows:
        count += 1
        digest.update("\x1f".join(map(_canonical, row)).encode() + b"\x1e")
    return count, digest.hexdigest()


def _canonical(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else repr(value)
