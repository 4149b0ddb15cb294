"""The vectors kill mistakes: each of many mistaken readers says something else of at least one of them (art. 6)."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT
from tests.vectors.mutants import MUTANTS


def test_every_mistake_is_caught_by_a_vector() -> None:
    assert len({(name, old, new) for _, name, old, new in MUTANTS}) == len(MUTANTS) >= 40
    done = subprocess.run([sys.executable, "-m", "tests.vectors.mutants"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if "null" in line] or done.stderr
