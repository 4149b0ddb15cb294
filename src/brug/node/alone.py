"""One worker at a time does the duties of the day: two that both look whether a thing was done would both do it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

_LOCK = 0x6272_7568  # PostgreSQL advisory lock of the duties of the day


@contextmanager
def among_workers() -> Iterator[bool]:
    """Whether no other worker of this node is inside; who is not alone waits for its next turn.

    A worker that dies leaves nothing locked. On PostgreSQL also over machines, on SQLite there is one only.
    """
    if connection.vendor == "postgresql":
        with _in_the_database() as alone:
            yield alone
        return
    with (Path(settings.HOME) / "duties.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _in_the_database() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        [alone] = cursor.fetchone()
    try:
        yield bool(alone)
    finally:
        with suppress(DatabaseError):  # the connection that held it is gone, and the lock with it
            if alone:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
