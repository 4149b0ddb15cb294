"""A ledger in a database file of its own, with the triggers in place, as a node has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NOW


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker, _node_keys: None) -> Path:  # type: ignore[no-untyped-def]
    """300 entries under three checkpoints, written as a node writes them."""
    file = tmp_path_factory.mktemp("ledger") / "node.sqlite3"
    from django.db import connection

    from brug.office.ledger import services
    from brug.office.ledger.models import Entry
    from tests.office.ledger import files

    with django_db_blocker.unblock(), files.database(NAME=file):
        files.migrate()
        for size in (3, 260, 300):
            for number in range(Entry.objects.count(), size):
                files.add(number)
            services.checkpoint(NOW)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture
def file(_template: Path, tmp_path: Path, django_db_blocker) -> Iterator[Path]:  # type: ignore[no-untyped-def]
    """A database file with 300 entries, which is the default database of the test."""
    from tests.office.ledger import files

    copy = tmp_path / "node.sqlite3"
    shutil.copy(_template, copy)
    with django_db_blocker.unblock(), files.database(NAME=copy):
        yield copy
