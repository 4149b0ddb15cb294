"""After each kind of erasure: neither the person nor a key to her is anywhere in the node's folder (art. 3)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import forked
from tests.conftest import make_home
from tests.desks.casework.declining import ENDINGS

pytestmark = pytest.mark.soak

WORDS = ("Amal", "Haddou", "amal haddou", "Polderstraat", "+32470000001", "0470 00 00 01", "amal@voorbeeld.example")


def run(home: Path, part: str) -> list[bytes]:
    """One part of the story in a process of its own; what was sealed on the way."""
    told = forked.run("-m", "tests.desks.casework.declining", part, env={**os.environ, "BRUG_HOME": str(home)})
    assert told.returncode == 0, told.stderr
    return [bytes.fromhex(line) for line in told.stdout.split()]


@pytest.fixture(scope="module")
def until() -> tuple[Path, list[bytes]]:
    """The folder of a node that has come to the last question, and what was sealed until there."""
    home = make_home(database="")  # files to look into, so SQLite
    shutil.copy(forked.migrated(), home / "brug.sqlite3")
    return home, run(home, "until")


def on_disk(home: Path, needles: list[bytes]) -> set[bytes]:
    """Which of `needles` stand in any file of the folder: database, write-ahead log, anything else."""
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    return {needle for needle in needles if any(needle in content for content in files)}


@contextmanager
def held_open(database: Path) -> Iterator[None]:
    """Another process has the database open, as the worker does: then no log is removed when a process ends.

    Apart from this process, which drops its locks on a file when it closes any other handle on it.
    """
    script = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1]); held.execute('SELECT 1 FROM casework_intake')"
        ".fetchall(); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "open\n"
        yield
        process.communicate("")


@pytest.mark.parametrize("ending", ENDINGS if os.environ.get("BRUG_SOAK") else ("no", "never", "retracted", "swept"))
def test_an_erased_client_is_on_the_disk_neither_readable_nor_sealed(
    ending: str, until: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    home = shutil.copytree(until[0], tmp_path / "node")
    readable = [word.encode(code) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-16-be")]
    sealed = list(until[1])
    with held_open(home / "brug.sqlite3"):
        assert on_disk(home, sealed) >= set(sealed[-2:])  # the scan does find what is there
        assert on_disk(home, readable) == set()
        sealed += run(home, ending)
        assert on_disk(home, sealed) == set()
        assert on_disk(home, readable) == set()
