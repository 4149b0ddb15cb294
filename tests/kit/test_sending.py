"""The referrer sees how far the parcel is, and when to call (art. 6)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import translation

from brug.core.parcel.seal import Parcel
from brug.office.post import receipts
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from tests.conftest import NOW, WESTERLO

pytestmark = pytest.mark.django_db


def told(parcel_id: uuid.UUID | None, at: datetime) -> str:
    with time_machine.travel(at, tick=False), translation.override("en"):
        return Template("{% load sending %}{% sending parcel_id %}").render(Context({"parcel_id": parcel_id}))


@pytest.fixture
def parcel() -> Outgoing:
    sealed = Parcel(uuid.uuid4(), "referral", b"7z", "jws")
    return post.queue(sealed, recipient=WESTERLO, mailbox="x@y.example", awaits_receipt=True, at=NOW)


def test_it_says_when_it_left_and_when_to_call(parcel: Outgoing) -> None:
    assert "<li" not in told(parcel.parcel_id, NOW)
    post._claim_outgoing(NOW)
    assert "Being sent" in told(parcel.parcel_id, NOW)
    post._mark_sent(parcel, NOW)
    assert "Being sent" not in told(parcel.parcel_id, NOW)
    assert "Sent by e-mail" in told(parcel.parcel_id, NOW) and "call" not in told(parcel.parcel_id, NOW)
    assert "no confirmation came" in told(parcel.parcel_id, NOW + timedelta(hours=3))
    post.note_undelivered(parcel.parcel_id, at=NOW)
    assert "could not be delivered" in told(parcel.parcel_id, NOW)
    post.give_up(NOW + timedelta(days=15))
    assert "no longer sent by itself" in told(parcel.parcel_id, NOW + timedelta(days=15))


def test_after_the_receipt_there_is_nothing_to_call_about(parcel: Outgoing) -> None:
    post._mark_sent(parcel, NOW)
    post.note_undelivered(parcel.parcel_id, at=NOW)
    receipts.record_receipt(parcel.parcel_id, sender=WESTERLO, at=NOW)
    page = told(parcel.parcel_id, NOW + timedelta(days=3))
    assert "Sent by e-mail" in page and "call" not in page and "could not" not in page


@pytest.mark.parametrize("parcel_id", [None, uuid.UUID(int=1)])
def test_of_no_parcel_it_says_nothing(parcel_id: uuid.UUID | None) -> None:
    assert told(parcel_id, NOW).strip() == ""
