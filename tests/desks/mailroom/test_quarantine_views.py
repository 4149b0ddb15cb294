"""The mail room's page: reasons in words, nothing trusted, nothing opened, and each act in the ledger (art. 6)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from brug.core.parcel import Rejection
from brug.core.parcel.seal import Parcel
from brug.desks.mailroom.quarantine_views import ADVICE
from brug.kit.templatetags.words import coded_or_so
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post import aside
from brug.office.post import services as post
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.roles import Role
from tests.conftest import NOW, WESTERLO

ATTACK = (
    b'From: "<script>alert(1)</script>" <a@b.example>\r\nSubject: =?x?= \x1b[2J\xff\r\n\r\n<img src=x onerror=alert(1)>'
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        yield


def member(role: Role) -> Member:
    made = Member(username=role.value, name="Hilde Maes", role=role)
    made.set_unusable_password()
    made.save()
    return made


@pytest.fixture
def hilde(client: Client) -> Member:
    made = member(Role.DISPATCHER)
    client.force_login(made)
    return made


def quarantined(rejection: Rejection = Rejection.BAD_SIGNATURE, raw: bytes = ATTACK) -> Incoming:
    arrived = Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)
    aside.quarantine(arrived, rejection)
    return Incoming.objects.get(pk=arrived.pk)


def bounced(kind: str = "referral") -> Outgoing:
    sealed = Parcel(uuid.uuid4(), kind, b"7z", "jws")
    out = post.queue(sealed, recipient=WESTERLO, mailbox="x@y.example", awaits_receipt=True, at=NOW)
    post.give_up(NOW + timedelta(days=15))
    return out


def test_every_reason_has_its_advice() -> None:
    assert set(ADVICE) == set(Rejection)


@pytest.mark.parametrize("rejection", list(Rejection))
def test_each_reason_stands_there_in_words(rejection: Rejection, client: Client, hilde: Member) -> None:
    quarantined(rejection)
    page = client.get("/mail")
    assert page.status_code == 200
    assert "_" in rejection.value or f">{rejection.value}<" not in page.content.decode()
    assert "_" not in rejection.value or rejection.value not in page.content.decode()


def test_nothing_of_a_mail_is_executed_or_shown_but_three_headers_as_text(client: Client, hilde: Member) -> None:
    quarantined()
    page = client.get("/mail").content.decode()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "onerror" not in page and "\x1b" not in page


def test_who_need_not_know_finds_nothing(client: Client) -> None:
    arrived, out = quarantined(), bounced()
    for role in set(Role) - {Role.DISPATCHER, Role.DPO}:
        client.force_login(member(role))
        assert client.get("/mail").status_code == 404
        assert client.get(f"/mail/{arrived.pk}/discard").status_code == 404
        for action in (*(f"{arrived.pk}/{verb}" for verb in ("discard", "again", "ask")), f"sent/{out.pk}/again"):
            assert client.post(f"/mail/{action}").status_code == 404
    assert Incoming.objects.get().due_at is None and Outgoing.objects.get().state == "bounced"


def test_discarding_asks_first_and_stands_in_the_ledger(client: Client, hilde: Member) -> None:
    arrived = quarantined()
    assert client.get(f"/mail/{arrived.pk}/discard").status_code == 200
    assert Incoming.objects.exists()
    assert client.post(f"/mail/{arrived.pk}/discard").status_code == 302
    assert not Incoming.objects.exists()
    assert Entry.objects.get(act="quarantine_discarded").by == hilde.pseudonym.hex
    assert client.post(f"/mail/{arrived.pk}/discard").status_code == 404  # a second click


def test_looking_again_begins_from_the_first_check(client: Client, hilde: Member) -> None:
    arrived = quarantined()
    client.post(f"/mail/{arrived.pk}/again")
    arrived.refresh_from_db()
    assert (arrived.due_at, arrived.attempts) == (NOW + timedelta(days=15), 0)
    assert client.post(f"/mail/{arrived.pk}/again").status_code == 409  # it is no longer in quarantine


def test_what_had_no_answer_can_be_sent_again_once(client: Client, hilde: Member) -> None:
    out = bounced()
    assert client.post(f"/mail/sent/{out.pk}/again").status_code == 302
    out.refresh_from_db()
    assert (out.state, out.attempts) == ("sent", 0) and out.due_at is not None
    assert client.post(f"/mail/sent/{out.pk}/again").status_code == 409
    assert Entry.objects.filter(act="sent_again").count() == 1


def test_what_would_expire_while_it_is_tried_is_not_sent_again(client: Client, hilde: Member) -> None:
    """Ninety days and clocks that differ by one: tried for fourteen, a parcel of seventy-five is the oldest."""
    parcel = bounced()
    oldest = NOW + timedelta(days=75)
    with time_machine.travel(oldest + timedelta(seconds=1), tick=False):
        client.force_login(hilde)
        assert "te oud" in client.get("/mail").content.decode()
        assert f"/mail/sent/{parcel.pk}/again" not in client.get("/mail").content.decode()
        client.post(f"/mail/sent/{parcel.pk}/again")
        assert Outgoing.objects.get().state == OutgoingState.BOUNCED
    with time_machine.travel(oldest, tick=False):
        assert f"/mail/sent/{parcel.pk}/again" in client.get("/mail").content.decode()
        client.post(f"/mail/sent/{parcel.pk}/again")
        assert Outgoing.objects.get().state == OutgoingState.SENT


def test_a_silent_canary_warns_of_a_filter(client: Client, hilde: Member, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"
    bounced("canary")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "stops encrypted attachments" in client.get("/mail").content.decode()


@pytest.mark.parametrize("code", [*Rejection, "one_of_a_later_version"])
def test_a_refusal_there_is_told_with_its_reason(code: str, client: Client, hilde: Member, settings: Settings) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    bounced("canary")
    Outgoing.objects.update(rejection=code)
    page = client.get("/mail").content.decode()
    assert "could not be taken in there" in page and "What they report" in page
    with translation.override("en"):
        assert coded_or_so(code, "core.Rejection") in unescape(page)


def test_what_nobody_looks_into_goes_by_itself_after_the_term(settings: Settings) -> None:
    settings.QUARANTINE_DAYS = 30
    quarantined()
    assert aside.empty_quarantine(NOW + timedelta(days=30)) == 0
    assert aside.empty_quarantine(NOW + timedelta(days=30, minutes=1)) == 1
