"""Workers die by SIGKILL at any instant and at every named step: each referral arrives, none twice (art. 6)."""

from __future__ import annotations

import os

import pytest

from tests import postgres
from tests.faults import calls, crash, steps

pytestmark = pytest.mark.soak

KILLS = 1000 if os.environ.get("BRUG_SOAK") else 60  # ten thousand more in `make soak`
FAULTS = None if os.environ.get("BRUG_SOAK") else 5
AT_LAST_SECONDS = 1500.0  # a slow machine takes longer; a machine that stands still does not hold up the rest


@pytest.fixture(scope="module")
def result() -> crash.Result:
    return crash.run(kills=KILLS, seconds=AT_LAST_SECONDS, faults=FAULTS, until=steps.ESSENTIAL)


def test_nothing_is_lost_nothing_doubled_and_everything_acknowledged(
    result: crash.Result, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        told = f"{result.referrals} referrals, one restore of the receiver, {result.seconds:.0f} s; {result}"
        os.write(1, f"\n{told}\n".encode())
    assert (result.lost, result.doubled, result.unacknowledged, result.mistaken) == ([], [], 0, 0)
    assert result.kills >= KILLS and result.referrals > KILLS / 100  # or it proves nothing, however slow the machine
    assert set(result.steps) >= steps.ESSENTIAL  # at each of these, and at others, somebody died


def test_the_file_and_socket_calls_failed_too(result: crash.Result) -> None:
    """One in five, in one way, in `make test`; in `make soak` all of a turn, each with EIO, ENOSPC and SIGKILL."""
    assert {f"{call} {fault}" for call, fault in calls.pairs(FAULTS)} <= set(result.faults)


def test_both_ledgers_are_whole(result: crash.Result) -> None:
    assert result.ledgers == []
    assert result.quarantined == []  # a worker that dies at a mail is no failure of the mail


@pytest.mark.skipif(
    not (os.environ.get("BRUG_SOAK") or os.environ.get("BRUG_TEST_DATABASE")), reason="make soak, make test-postgresql"
)
def test_on_postgresql_too_where_workers_pass_over_what_others_hold() -> None:
    """Two workers a node at once, and somebody who sends: rows are claimed with SKIP LOCKED, never twice."""
    with postgres.cluster() as server:
        found = crash.run(kills=200, seconds=AT_LAST_SECONDS / 5, server=server)
    assert (found.lost, found.doubled, found.unacknowledged, found.mistaken, found.ledgers) == ([], [], 0, 0, [])
    assert found.kills >= 200 and found.referrals
