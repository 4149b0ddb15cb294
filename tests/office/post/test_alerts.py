"""Mails to colleagues: none is lost while the mail server is away, and a dead address keeps no other from leaving."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from brug.office.post import alerts
from brug.office.post.models import Alert
from tests.conftest import NOW
from tests.faults.mail_system import free_port

pytestmark = pytest.mark.django_db


class Choosy:
    """A mail server that knows one colleague, and one whose mailbox is full."""

    def __init__(self) -> None:
        self.took: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("vol"):
            return "452 4.2.2 mailbox full"
        if not address.startswith("lien"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.took += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def choosy(settings: Settings) -> Iterator[Choosy]:
    handler = Choosy()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


def test_a_mail_server_that_is_away_for_days_loses_no_notice(settings: Settings, choosy: Choosy) -> None:
    there, settings.MAIL_OUTGOING = settings.MAIL_OUTGOING, f"smtp://127.0.0.1:{free_port()}"
    alerts.tell("lien@opgroeien.example", "breach", at=NOW)
    for turn in range(3 * alerts.TRIES):
        alerts.send(NOW + turn * alerts.WAIT)
    settings.MAIL_OUTGOING = there
    assert alerts.send(NOW + timedelta(days=1)) == 1
    assert choosy.took == ["lien@opgroeien.example"] and not Alert.objects.exists()


def test_an_address_that_is_refused_stops_no_other_and_is_given_up_in_the_end(choosy: Choosy) -> None:
    alerts.tell("weg@opgroeien.example", "breach", at=NOW)
    alerts.tell("lien@opgroeien.example", "breach", at=NOW + timedelta(seconds=1))
    assert alerts.send(NOW + timedelta(minutes=1)) == 1
    for turn in range(1, alerts.TRIES):
        assert Alert.objects.exists()
        alerts.send(NOW + (turn + 1) * alerts.WAIT)
    assert not Alert.objects.exists()


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the product said; the mail server of the test speaks in the same process."""
    return [record for record in caplog.records if record.name.startswith("brug.")]


def test_a_mailbox_that_is_full_for_days_loses_no_notice_and_the_log_says_when_one_is_given_up(
    choosy: Choosy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert timedelta(days=4) <= alerts.GIVE_UP
    monkeypatch.setattr(alerts, "GIVE_UP", timedelta(hours=5))
    alerts.tell("vol@opgroeien.example", "breach_clock", at=NOW)
    for turn in range(30):
        assert Alert.objects.exists() and turn * alerts.WAIT < timedelta(hours=5) and not ours(caplog)
        alerts.send(NOW + turn * alerts.WAIT)
    assert not Alert.objects.exists()
    assert [(record.levelname, "given up" in record.getMessage()) for record in ours(caplog)] == [("ERROR", True)]
    assert "vol@" not in str(vars(ours(caplog)[0]))
