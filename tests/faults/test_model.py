"""The handover walked completely: no loss, no double; and every broken design is caught by the same walk."""

from __future__ import annotations

import os

import pytest

from tests.faults.model import BROKEN, OURS, Bounds, walk

pytestmark = pytest.mark.soak

SOAK = bool(os.environ.get("BRUG_SOAK"))
WALKED = (
    [Bounds(parcels=1, mails=3, workers=2), Bounds(parcels=2, mails=2, workers=2)]
    if SOAK
    else [Bounds(parcels=1, mails=2, workers=2), Bounds(parcels=2, mails=1)]
)


@pytest.mark.parametrize("bounds", WALKED, ids=str)
def test_nothing_is_lost_and_nothing_doubled(bounds: Bounds, capsys: pytest.CaptureFixture[str]) -> None:
    found = walk(OURS, bounds)
    with capsys.disabled():
        os.write(1, f"\n{found.states} states, {found.transitions} transitions\n".encode())
    assert (found.doubled, found.lost, found.path) == (False, 0, ())
    assert found.states > (1_000_000 if bounds.parcels == bounds.mails == 2 else 1000)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_design_is_caught(name: str) -> None:
    found = walk(BROKEN[name], Bounds(parcels=1, mails=2, workers=2))
    assert found.doubled or found.lost, name
    assert found.path  # the way there, to be read


def test_each_broken_design_is_wrong_in_its_own_way() -> None:
    assert len(set(BROKEN.values())) == len(BROKEN) >= 8
    assert OURS not in BROKEN.values()
