"""The worker: nothing leaves where stopping fails, a failed duty comes back, a killed turn loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.node import health, worker
from brug.office import plug
from brug.office.post import services as post
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_where_stopping_fails_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the instant a protocol ends nothing new is disclosed: in doubt nothing leaves (art. 5, 8)."""
    sent: list[datetime] = []

    def fails(at: datetime) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(plug, "duties", lambda when: (fails,) if when == "before_sending" else ())
    monkeypatch.setattr(post, "send_due", sent.append)
    assert worker.turn(NOW) is not None
    assert sent == []


def test_sessions_that_are_over_leave_the_database() -> None:
    for key, days in (("over", -1), ("going on", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=NOW + timedelta(days=days))
    worker.turn(NOW)
    assert [session.session_key for session in Session.objects.all()] == ["going on"]


def test_a_daily_duty_that_fails_is_tried_again_at_the_next_turn_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    def unlucky(at: datetime) -> None:
        tried.append("unlucky")
        if len(tried) == 1:
            raise OSError

    def other(at: datetime) -> None:
        tried.append("other")

    monkeypatch.setattr(worker, "every_turn", tuple)
    monkeypatch.setattr(worker, "every_day", lambda: (unlucky, other))
    assert worker.turn(NOW) is None
    assert tried == ["unlucky", "other"]
    [told] = health.look(NOW, ("duties",))
    assert (told.state, "test_worker.unlucky since" in told.words) == (health.WARNING, True)
    [told] = health.look(NOW + timedelta(hours=1), ("duties",))
    assert told.state == health.ERROR, "not just once"
    done_on = worker.turn(NOW)
    assert done_on == legal_day(NOW)
    assert health.look(NOW, ("duties",))[0].state == health.OK
    assert worker.turn(NOW + timedelta(minutes=1), done_on) == done_on
    assert tried == ["unlucky", "other", "unlucky", "other"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the lock is a file on SQLite only")
def test_a_lock_that_cannot_be_had_ends_no_worker(tmp_path: Path, settings: Settings) -> None:
    """The mail goes on, and the duties of the day wait for the next turn."""
    settings.HOME = tmp_path
    (tmp_path / "duties.lock").mkdir()
    assert worker.turn(NOW) is None
    (tmp_path / "duties.lock").rmdir()
    assert worker.turn(NOW) == legal_day(NOW)
