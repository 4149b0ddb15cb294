"""At the sender's, after each kind of erasure: nobody readable anywhere, also not in a fresh backup (art. 3)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, make_home
from tests.desks.referrals.sending import WAYS

WORDS = ("Amal", "Haddou", "amal haddou", "Polderstraat", "+32470000001", "0470 00 00 01", "amal@voorbeeld.example")


def run(home: Path, part: str) -> list[bytes]:
    """One part of the story in a process of its own; what was sealed on the way. What it logs stays in the folder."""
    with (home / "log").open("ab") as log:
        told = subprocess.run(
            [sys.executable, "-m", "tests.desks.referrals.sending", part],
            cwd=ROOT,
            env={**os.environ, "BRUG_HOME": str(home), "TMPDIR": str(home)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert told.returncode == 0, (home / "log").read_text()[-3000:]
    return [bytes.fromhex(line) for line in told.stdout.split()]


def on_disk(home: Path, needles: list[bytes]) -> set[bytes]:
    """Which of `needles` stand in any file of the folder: database, write-ahead log, log, temporary files."""
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    return {needle for needle in needles if any(needle in content for content in files)}


@pytest.mark.parametrize("way", WAYS)
def test_an_erased_client_is_at_the_senders_neither_readable_nor_sealed(way: str) -> None:
    home = make_home(database="")  # files to look into, so SQLite
    readable = [word.encode(code) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-16-be")]
    first = run(home, "until")
    assert on_disk(home, first) >= set(first[-4:])  # the scan does find what is there
    assert on_disk(home, readable) == set()
    second = run(home, way)
    assert on_disk(home, readable) == set()
    gone = set(first) | set(second)
    copy = home.parent / f"copy-{way}"
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
