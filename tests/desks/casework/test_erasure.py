"""After "no": neither the person nor a key to her is anywhere in the node's folder (art. 3)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.conftest import make_home
from tests.desks.casework.conftest import ROOT

WORDS = ("Amal", "Haddou", "amal haddou", "Polderstraat", "+32470000001", "0470 00 00 01", "amal@voorbeeld.example")


def run(home: Path, part: str) -> list[bytes]:
    """One part of the story in a process of its own; what was sealed on the way."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.desks.casework.declining", part],
        cwd=ROOT,
        env={**os.environ, "BRUG_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    return [bytes.fromhex(line) for line in told.stdout.split()]


def on_disk(home: Path, needles: list[bytes]) -> set[bytes]:
    """Which of `needles` stand in any file of the folder: database, write-ahead log, anything else."""
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    return {needle for needle in needles if any(needle in content for content in files)}


def test_a_declined_client_is_on_the_disk_neither_readable_nor_sealed() -> None:
    home = make_home()
    readable = [word.encode(code) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-16-be")]
    sealed = run(home, "until")
    held = sqlite3.connect(home / "brug.sqlite3")  # as a second worker would: the log is not removed at every end
    assert held.execute("SELECT count(*) FROM casework_intake").fetchone() == (1,)
    assert on_disk(home, sealed) >= set(sealed[-2:])  # the scan does find what is there
    assert on_disk(home, readable) == set()
    run(home, "no")
    assert on_disk(home, sealed) == set()
    assert on_disk(home, readable) == set()
    assert held.execute("SELECT outcome, count FROM casework_outcome").fetchall() == [("help_declined", 1)]
    held.close()
