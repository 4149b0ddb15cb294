"""Each benchmark runs alone and prints its ratios last: one that broke would be noticed by nobody (`make soak`)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SHORT = sorted(path for path in (ROOT / "benchmarks").glob("[!_]*.py") if path.stem not in ("flanders", "host"))


@pytest.mark.soak(only=True)
@pytest.mark.parametrize("path", SHORT, ids=lambda path: path.stem)
def test_it_runs_alone_and_prints_its_ratios_last(path: Path) -> None:
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    *_, last = done.stdout.splitlines() or [""]
    assert done.returncode == 0 and re.fullmatch(r"ratio: \w+ [\d.]+", last), done.stderr[-2000:]
