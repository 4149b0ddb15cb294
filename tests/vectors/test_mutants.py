"""The vectors kill mistakes: each of many mistaken readers says something else of at least one of them (art. 6)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import SOAK, forked
from tests.vectors.mutants import MUTANTS

TURNS = 1 if SOAK else 5


@pytest.mark.soak
def test_every_mistake_is_caught_by_a_vector() -> None:
    """Every fifth mistake, of each day others; all of them in the soak and in `make conformance`."""
    assert len({(name, old, new) for _, name, old, new in MUTANTS}) == len(MUTANTS) >= 40
    turn = datetime.now(UTC).toordinal() % TURNS
    done = forked.run("-m", "tests.vectors.mutants", turn, TURNS)
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if "null" in line] or done.stderr
    assert done.stdout.count('"mutant"') == len(MUTANTS[turn::TURNS])
