"""One at a time, over all processes of this node, for what takes more than one transaction.

A process that dies releases its lock. On PostgreSQL also over machines; a node on SQLite has one.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from django.conf import settings
from django.db import DatabaseError, connection


@contextmanager
def one_at_a_time(what: str, *, wait: bool = True) -> Iterator[bool]:
    """Whether nobody else does `what` meanwhile; with `wait`, once the other is done. Do nothing of it otherwise."""
    if connection.vendor == "postgresql":
        with _in_the_database(crc32(what.encode()), wait=wait) as alone:
            yield alone
        return
    with (Path(settings.HOME) / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _in_the_database(number: int, *, wait: bool) -> Iterator[bool]:
    """A lock of the connection: it outlives transactions, and goes when the connection does."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s), true", [number])
        else:
            cursor.execute("SELECT NULL, pg_try_advisory_lock(%s)", [number])
        alone = bool(cursor.fetchone()[1])
    try:
        yield alone
    finally:
        with suppress(DatabaseError):
            if alone:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
