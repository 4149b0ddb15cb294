"""What the database itself refuses: to change, remove or replace what the ledger holds (security.md, Audit log).

An entry may be given its leaf, once; a tile may grow; everything else stays as it was inserted.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

ENTRY = ("id", "at", "act", "by", "role", "subject", "protocol", "article", "details")
FIXED = ("ledger_checkpoint", "ledger_cosignature", "ledger_witnessed")
TABLES = ("ledger_entry", "ledger_tile", *FIXED)
REFUSED = "the ledger only ever grows"


def protect(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place."""
    lift(connection)
    with connection.cursor() as cursor:
        for statement in _sqlite() if connection.vendor == "sqlite" else _postgresql():
            cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away, as a reversed migration does, and a test before it empties its database."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for event in ("insert", "update", "delete", "truncate"):
                name = f"{table}_{event}"
                cursor.execute(
                    f'DROP TRIGGER IF EXISTS "{name}"'
                    if connection.vendor == "sqlite"
                    else f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
                )


def _sqlite() -> list[str]:
    def trigger(table: str, event: str, when: str = "1") -> str:
        return (
            f'CREATE TRIGGER "{table}_{event}" BEFORE {event.upper()} ON "{table}" WHEN {when} '
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )

    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in ENTRY)
    taken = "EXISTS (SELECT 1 FROM ledger_entry WHERE leaf = NEW.leaf)"
    same_tile = 'NEW.id IS OLD.id AND NEW.level IS OLD.level AND NEW."index" IS OLD."index"'
    longer = "substr(NEW.hashes, 1, length(OLD.hashes)) IS OLD.hashes"
    return [
        trigger(
            "ledger_entry",
            "insert",
            "NEW.leaf IS NOT NULL OR EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)",
        ),
        trigger("ledger_entry", "update", f"OLD.leaf IS NOT NULL OR NEW.leaf IS NULL OR {taken} OR {changed}"),
        trigger("ledger_tile", "update", f"NOT ({same_tile} AND {longer})"),
        *(trigger(table, "update") for table in FIXED),
        *(trigger(table, "delete") for table in TABLES),
    ]


def _postgresql() -> list[str]:
    def trigger(table: str, event: str, when: str = "") -> str:
        rows = "STATEMENT" if event == "truncate" else "ROW"
        return (
            f'CREATE TRIGGER "{table}_{event}" BEFORE {event.upper()} ON "{table}" FOR EACH {rows} {when} '
            "EXECUTE FUNCTION ledger_refuse()"
        )

    def parts(row: str) -> str:
        return ", ".join(f'{row}."{column}"' for column in ENTRY)

    changed = f"OLD.leaf IS NOT NULL OR NEW.leaf IS NULL OR ROW({parts('NEW')}) IS DISTINCT FROM ROW({parts('OLD')})"
    same_tile = 'NEW.id = OLD.id AND NEW.level = OLD.level AND NEW."index" = OLD."index"'
    longer = "substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes"
    return [
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        trigger("ledger_entry", "insert", "WHEN (NEW.leaf IS NOT NULL)"),
        trigger("ledger_entry", "update", f"WHEN ({changed})"),
        trigger("ledger_tile", "update", f"WHEN (NOT ({same_tile} AND {longer}))"),
        *(trigger(table, "update") for table in FIXED),
        *(trigger(table, event) for table in TABLES for event in ("delete", "truncate")),
    ]
