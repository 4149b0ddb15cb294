"""Which migrations would disturb pages of the release before, that still run beside the new ones (docs/operations.md).

    python -m tools.migrations

Old code must go on working on the new tables: so nothing is removed, renamed, narrowed or made obligatory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation

ADDS = (operations.CreateModel, operations.AddIndex, operations.AlterModelOptions, operations.AlterModelManagers)


def disturbances(migration: Migration) -> Iterator[str]:
    """What `migration` does that the code before it would notice: the name of the operation and what it concerns."""
    made = {operation.name_lower for operation in migration.operations if isinstance(operation, operations.CreateModel)}
    for operation in migration.operations:
        model = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
        if not (isinstance(operation, ADDS) or model in made or _adds(operation)):
            yield f"{type(operation).__name__} {operation.describe()}"


def _adds(operation: Operation) -> bool:
    """A column that may be empty or fills itself; a data change that can be undone and repeated."""
    if isinstance(operation, operations.AddField):
        field = operation.field
        return field.null or field.many_to_many or field.has_db_default()  # Django drops any other default at once
    if isinstance(operation, operations.RunPython | operations.RunSQL):
        return operation.reversible
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return all(isinstance(done, ADDS) or _adds(done) for done in operation.database_operations)
    return False


def found() -> dict[str, list[str]]:
    """Migration (`app.name`) → its disturbances, for every migration of ours that has some."""
    from django.db.migrations.loader import MigrationLoader

    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {key: migration for key, migration in disk.items() if type(migration).__module__.startswith("brug.")}
    listed = {f"{app}.{name}": list(disturbances(migration)) for (app, name), migration in sorted(ours.items())}
    return {name: wrong for name, wrong in listed.items() if wrong}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")
    import django

    django.setup()
    for name, wrong in found().items():
        print(name, *(f"    {line}" for line in wrong), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
