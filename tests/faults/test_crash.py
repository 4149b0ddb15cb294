"""Workers die by SIGKILL at any instant and at every named step: each referral arrives, none twice (art. 6)."""

from __future__ import annotations

import os

import pytest

from tests.faults import crash

SECONDS = float(os.environ.get("BRUG_CRASH_SECONDS", "30"))  # `make soak` takes longer


@pytest.fixture(scope="module")
def result() -> crash.Result:
    return crash.run(kills=2000, seconds=SECONDS, referrals=round(2 * SECONDS))


def test_nothing_is_lost_nothing_doubled_and_everything_acknowledged(
    result: crash.Result, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        os.write(1, f"\n{result.referrals} referrals, one restore of the receiver; {result}\n".encode())
    assert (result.lost, result.doubled, result.unacknowledged, result.mistaken) == ([], [], 0, 0)
    assert result.kills > SECONDS and result.referrals > SECONDS / 10  # or it proves nothing, however slow the machine


def test_both_ledgers_are_whole(result: crash.Result) -> None:
    assert result.ledgers == []
    assert set(result.quarantined) <= {"failed_here"}  # three deaths at one mail; its parcel came in all the same
