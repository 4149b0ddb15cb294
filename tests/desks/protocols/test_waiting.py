"""An end that comes is on the home page of whoever works under the protocol, in time; what goes on is no end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.desks.protocols.waiting import ending
from brug.office.ledger.acts import OPERATOR
from brug.office.parties.models import Member
from brug.office.registry import services

pytestmark = pytest.mark.django_db


def notice(protocol: Protocol) -> None:
    now = timezone.now()
    services.record_event(protocol, EventKind.NOTICE_REACHED, by=OPERATOR, at=now, happened_at=now, side="recipient")


def test_without_an_end_nothing_waits(protocol: Protocol) -> None:
    assert list(ending(timezone.now(), None)) == []


def test_a_team_member_sees_the_end_that_comes(client: Client, lien: Member, protocol: Protocol) -> None:
    notice(protocol)
    client.force_login(lien)
    page = client.get("/", headers={"accept-language": "nl"}, follow=True).content.decode()
    assert "Het protocol met deze partij loopt af, laatste dag: OCMW Westerlo" in page


def test_after_the_end_it_waits_no_more(protocol: Protocol) -> None:
    notice(protocol)
    assert len(list(ending(timezone.now() + timedelta(days=100), None))) == 1
    assert list(ending(timezone.now() + timedelta(days=200), None)) == []
