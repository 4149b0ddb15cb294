"""At the sender's, after each kind of erasure: nobody readable anywhere, also not in a fresh backup (art. 3)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import forked
from tests.conftest import make_home
from tests.desks.referrals.sending import WAYS

WORDS = ("Amal", "Haddou", "amal haddou", "Polderstraat", "+32470000001", "0470 00 00 01", "amal@voorbeeld.example")


def run(home: Path, part: str) -> list[bytes]:
    """One part of the story in a process of its own; what was sealed on the way. What it logs stays in the folder."""
    told = forked.run(
        "-m", "tests.desks.referrals.sending", part, env={**os.environ, "BRUG_HOME": str(home), "TMPDIR": str(home)}
    )
    with (home / "log").open("a") as log:
        log.write(told.stderr)
    assert told.returncode == 0, told.stderr[-3000:]
    return [bytes.fromhex(line) for line in told.stdout.split()]


@pytest.fixture(scope="module")
def until() -> tuple[Path, list[bytes]]:
    """The folder of a node where she is typed, and what was sealed until there."""
    home = make_home(database="")  # files to look into, so SQLite
    shutil.copy(forked.migrated(), home / "brug.sqlite3")
    return home, run(home, "until")


def on_disk(home: Path, needles: list[bytes]) -> set[bytes]:
    """Which of `needles` stand in any file of the folder: database, write-ahead log, log, temporary files."""
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    return {needle for needle in needles if any(needle in content for content in files)}


@pytest.mark.parametrize("way", WAYS)
def test_an_erased_client_is_at_the_senders_neither_readable_nor_sealed(
    way: str, until: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    home = shutil.copytree(until[0], tmp_path / "node")
    readable = [word.encode(code) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-16-be")]
    first = until[1]
    assert on_disk(home, first) >= set(first[-4:])  # the scan does find what is there
    assert on_disk(home, readable) == set()
    second = run(home, way)
    assert on_disk(home, readable) == set()
    gone = set(first) | set(second)
    copy = tmp_path / "copy"
    kept = _fresh_copy(home, copy)
    assert not on_disk(copy, readable)
    left = on_disk(home, sorted(gone)) | on_disk(copy, sorted(gone))
    assert left <= kept, "what is left is what lives: the consent record"
    assert bool(kept) is (way == "received")


def _fresh_copy(home: Path, copy: Path) -> set[bytes]:
    """A copy of the database as a backup holds it; what lives in it, sealed."""
    import sqlite3

    copy.mkdir()
    with sqlite3.connect(home / "brug.sqlite3") as living:
        living.execute("VACUUM INTO ?", [str(copy / "database")])
        rows = living.execute(
            "SELECT content FROM vault_envelope UNION ALL SELECT wrapped FROM vault_wrappedkey"
        ).fetchall()
    living.close()
    return {bytes(row[0]) for row in rows}
