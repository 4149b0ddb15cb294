"""A database that fails in earnest, in the middle of a request: it refuses the rows of one table, or all writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, transaction

from brug.core.holds import Holds

READ_ONLY = "*"
FUNCTION = """
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('brug.refuses', true) = TG_TABLE_NAME THEN
        RAISE EXCEPTION 'refused %', CASE TG_ARGV[0] WHEN 'client' THEN NEW::text END USING DETAIL = NEW::text;
    END IF;
    RETURN NEW;
END $$
"""


def prepare() -> list[str]:
    """Put a trigger on every table; the tables. On PostgreSQL an error tells the row, as that of a constraint does:
    of tables that hold something of clients in the message itself, so that no setting of the server hides it."""
    tables = {model._meta.db_table: _of_clients(model) for model in apps.get_models() if model._meta.managed}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        else:
            _refuse("")
        for table, is_of_clients in tables.items():
            for statement in _triggers(table, "client" if is_of_clients else ""):
                cursor.execute(statement)
    return sorted(tables)


def _of_clients(model: type) -> bool:
    return any(getattr(field, "db_comment", "") == Holds.CLIENT for field in model._meta.local_fields)  # type: ignore[attr-defined]


def _triggers(table: str, holds: str) -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield (
            f'CREATE TRIGGER "refuse_{table}" BEFORE INSERT OR UPDATE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse('{holds}')"
        )
        return
    for verb in ("INSERT", "UPDATE"):
        yield (
            f'CREATE TEMP TRIGGER "refuse_{verb}_{table}" BEFORE {verb} ON main."{table}" '
            f"WHEN refuses('{table}') BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )


def _refuse(table: str) -> None:
    connection.connection.create_function("refuses", 1, table.__eq__)


@contextmanager
def failing(table: str) -> Iterator[None]:
    """Inside, the database refuses what is written in `table`; READ_ONLY: in any. "": it works. All of it is undone."""
    is_postgresql = connection.vendor == "postgresql"
    with transaction.atomic():
        with connection.cursor() as cursor:
            if table == READ_ONLY:
                cursor.execute("SET LOCAL transaction_read_only = on" if is_postgresql else "PRAGMA query_only = ON")
            elif table and is_postgresql:
                cursor.execute("SELECT set_config('brug.refuses', %s, true)", [table])
            elif table:
                _refuse(table)
        try:
            yield
        finally:
            if not is_postgresql:
                connection.connection.execute("PRAGMA query_only = OFF")
                _refuse("")
            transaction.set_rollback(True)
