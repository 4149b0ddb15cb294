"""A module that is read when it is used finds the files that lie beside it."""

from __future__ import annotations

import subprocess
import sys

USE = (
    "from brug.node import cli; from datetime import date; from brug.core.identity import municipalities_of;"
    "print(municipalities_of('2260', date(2026, 1, 1))[0].name)"
)


def test_what_lies_beside_a_module_is_found_also_when_it_was_read_late() -> None:
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Westerlo", done.stderr
