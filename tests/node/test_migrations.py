"""Migrations let the pages of the release before go on beside the new ones (docs/operations.md)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection, migrations, models
from django.db.migrations import operations

from tests.conftest import ROOT
from tools.migrations import disturbances, found


def migration(*done: operations.base.Operation) -> migrations.Migration:
    made = migrations.Migration("one", "casework")
    made.operations = list(done)
    return made


@pytest.mark.parametrize(
    "operation",
    [
        operations.RemoveField("intake", "number"),
        operations.RenameField("intake", "number", "serial"),
        operations.RenameModel("Intake", "Arrival"),
        operations.DeleteModel("Intake"),
        operations.AlterField("intake", "number", models.CharField(max_length=5)),
        operations.AddField("intake", "label", models.CharField(max_length=5)),
        operations.AddField("intake", "label", models.CharField(max_length=5, default="")),
        operations.AddConstraint("intake", models.UniqueConstraint(fields=["number"], name="one")),
        operations.RunSQL("DELETE FROM casework_intake"),
        operations.SeparateDatabaseAndState([operations.DeleteModel("Intake")]),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_old_pages_would_notice_is_found(operation: operations.base.Operation) -> None:
    assert len(list(disturbances(migration(operation)))) == 1


def test_what_only_adds_is_let_through() -> None:
    kept = migration(
        operations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True))]),
        operations.AddField("label", "text", models.CharField(max_length=5)),
        operations.AddField("intake", "label", models.CharField(max_length=5, null=True)),
        operations.AddField("intake", "weight", models.IntegerField(db_default=0)),
        operations.AddIndex("intake", models.Index(fields=["number"], name="by_number")),
        operations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
        operations.SeparateDatabaseAndState(state_operations=[operations.RenameModel("Intake", "Arrival")]),
    )
    assert list(disturbances(kept)) == []


def test_no_migration_disturbs_but_those_of_before_any_node_was_in_service() -> None:
    known = {"breaches.0002_words_with_each_party", "registry.0003_kinds_of_events", "requests.0002_who_asked"}
    known |= {"vault.0003_keys_in_bunches"}
    assert set(found()) == known, "add in this release, take away in the next (docs/operations.md)"


def test_what_a_release_has_migrated_stays_as_it_was() -> None:
    """`released_migrations.txt`: sha256sum of each at the last release, 0.4.0; a change comes in a new migration."""
    for line in (Path(__file__).parent / "released_migrations.txt").read_text().splitlines():
        digest, path = line.split()
        assert sha256((ROOT / path).read_bytes()).hexdigest() == digest, path


@pytest.mark.django_db
def test_each_table_is_that_of_a_model() -> None:
    """What a model left behind keeps, by its foreign key, the row that it was about."""
    tables = connection.introspection
    known = {*tables.django_table_names(include_views=False), "brug_cache", "django_migrations"}
    assert set(tables.table_names()) == known
