"""Half an hour of silence loses nothing: what was typed is kept for the same member, sealed, and stands there again."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from brug.core.calendar import legal_day
from brug.desks.referrals.models import Referral
from brug.office.parties.models import Member
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault import typed
from brug.office.vault.models import DataEncryptionKey, Envelope, Typed
from brug.office.vault.reasons import Reason
from tests.conftest import OtherParty

pytestmark = pytest.mark.django_db
PASSWORD = "zwaluw anijs trompet kelder"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEADERS = {"origin": "http://testserver"}
WORDS = "Haddou-Vandersteen"


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(AT, tick=False) as travelling:
        yield travelling


@pytest.fixture
def lien(lien: Member, westerlo: OtherParty) -> Member:
    lien.secrecy_attested_on = legal_day(AT)
    lien.set_password(PASSWORD)
    lien.save()
    return lien


@pytest.fixture
def karim(clock: time_machine.Coordinates) -> Member:
    made = Member(username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER, secrecy_attested_on=legal_day(AT))
    made.set_password(PASSWORD)
    made.save()
    return made


def token(page: bytes) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.decode())
    assert found
    return found[1]


class Browser:
    """One browser of a member, that sends the token and says on which page it is."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path: str):  # type: ignore[no-untyped-def]
        return self.client.get(path, follow=True)

    def post(self, path: str, page: str, given: dict[str, str], secret: str, **more: bool):  # type: ignore[no-untyped-def]
        headers = HEADERS | {"referer": f"http://testserver{page}"}
        return self.client.post(path, given | {"csrfmiddlewaretoken": secret}, headers=headers, **more)

    def log_in(self, member: Member, following: str = "/"):  # type: ignore[no-untyped-def]
        secret = token(self.get("/login").content)
        given = {"username": member.username, "password": PASSWORD, "next": following}
        return self.post("/login", "/login", given, secret, follow=True)


@pytest.fixture
def browser(lien: Member, clock: time_machine.Coordinates) -> Browser:
    made = Browser()
    made.log_in(lien)
    return made


def value(page: bytes, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.decode())
    assert found, name
    held = re.search(r'value="([^"]*)"', found[0])
    return held[1] if held else ""


def silent(browser: Browser, clock: time_machine.Coordinates, words: str = WORDS):  # type: ignore[no-untyped-def]
    """Somebody searches after forty minutes of silence; the answer, which is the door."""
    secret = token(browser.get("/referrals/").content)
    clock.shift(timedelta(minutes=40))
    return browser.post("/referrals/search", "/referrals/", {"words": words}, secret)


def test_after_half_an_hour_what_was_typed_stands_there_again_with_a_word_why(
    browser: Browser, lien: Member, clock: time_machine.Coordinates
) -> None:
    answer = silent(browser, clock)
    assert answer.status_code == 302 and answer["Location"] == "/login?next=/referrals/"
    door = browser.get("/login").content.decode()
    assert "11.10" in door.replace(":", ".") and WORDS not in door
    page = browser.log_in(lien, "/referrals/")
    assert page.redirect_chain[-1][0] == "/referrals/" and page.status_code == 200
    assert value(page.content, "words") == WORDS
    assert "staat hier weer" in page.content.decode()
    found = browser.post("/referrals/search", "/referrals/", {"words": WORDS}, token(page.content))
    assert found.status_code == 200
    assert Typed.objects.count() == 0, "it arrived"
    assert value(browser.get("/referrals/").content, "words") == ""


def test_nobody_else_sees_it_in_the_same_browser(
    browser: Browser, lien: Member, karim: Member, clock: time_machine.Coordinates
) -> None:
    silent(browser, clock)
    browser.log_in(karim)
    assert WORDS not in browser.get("/").content.decode()
    assert typed.find("/referrals/", member=karim.pseudonym, at=AT) is None


def test_it_is_sealed_and_goes_after_minutes(browser: Browser, lien: Member, clock: time_machine.Coordinates) -> None:
    silent(browser, clock)
    [row] = Typed.objects.all()
    assert row.until_at - (AT + timedelta(minutes=40)) == timedelta(minutes=typed.MINUTES)
    envelope = Envelope.objects.get(record=row.record)
    assert WORDS.encode() not in bytes(envelope.content) and envelope.reason == Reason.TYPED
    everything = b"" if connection.vendor != "sqlite" else _all_of(connection.connection)
    assert WORDS.encode() not in everything
    clock.shift(timedelta(minutes=typed.MINUTES))
    assert typed.find("/referrals/", member=lien.pseudonym, at=AT + timedelta(minutes=70)) is None
    typed.forget_old(AT + timedelta(minutes=70))
    assert not Typed.objects.exists() and not DataEncryptionKey.objects.filter(record=row.record).exists()
    assert not Envelope.objects.filter(record=row.record).exists()


def _all_of(database: sqlite3.Connection) -> bytes:
    return database.serialize()


def test_what_was_typed_about_a_person_goes_when_the_person_is_erased(
    browser: Browser, lien: Member, clock: time_machine.Coordinates
) -> None:
    page = browser.get("/referrals/new")
    secret = token(page.content)
    begun = browser.post(
        "/referrals/new", "/referrals/new", {"postal_code": "2260", "once": value(page.content, "once")}, secret
    )
    address = begun["Location"]
    secret = token(browser.get(address).content)
    clock.shift(timedelta(minutes=31))
    browser.post(address, address, {"informed_how": "talk"}, secret)
    [row] = Typed.objects.all()
    referral = Referral.objects.get()
    assert row.about == referral.client
    vault.erase(referral.client)
    assert not Typed.objects.exists() and not DataEncryptionKey.objects.filter(record=row.record).exists()


def test_a_form_of_before_a_log_in_in_another_tab_is_shown_again(
    browser: Browser, lien: Member, clock: time_machine.Coordinates
) -> None:
    before = token(browser.get("/referrals/").content)
    clock.shift(timedelta(minutes=31))
    browser.get("/referrals/")  # the other tab
    browser.log_in(lien)
    answer = browser.post("/referrals/search", "/referrals/", {"words": WORDS}, before)
    assert answer.status_code == 303 and answer["Location"] == "/referrals/"
    page = browser.get("/referrals/")
    assert value(page.content, "words") == WORDS


def test_not_what_another_member_typed_before(browser: Browser, karim: Member, clock: time_machine.Coordinates) -> None:
    before = token(browser.get("/referrals/").content)
    clock.shift(timedelta(minutes=31))
    browser.get("/referrals/")
    browser.log_in(karim)
    assert browser.post("/referrals/search", "/referrals/", {"words": WORDS}, before).status_code == 403
    assert not Typed.objects.exists()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_what_another_site_sends_is_refused_and_not_kept(browser: Browser, origin: str) -> None:
    headers = {"origin": origin} if origin else {}
    answer = browser.client.post("/referrals/search", {"words": WORDS}, headers=headers)
    assert answer.status_code == 403 and not Typed.objects.exists()


def test_an_address_that_only_a_button_opens_goes_on(
    browser: Browser, lien: Member, clock: time_machine.Coordinates
) -> None:
    """A second search from the page of results, which no address opens."""
    secret = token(browser.get("/referrals/").content)
    clock.shift(timedelta(minutes=31))
    browser.post("/referrals/search", "/referrals/search", {"words": WORDS}, secret)
    page = browser.log_in(lien, "/referrals/search")
    assert page.status_code == 405 and "<h1" in page.content.decode()
    assert value(page.content, "words") == WORDS
    found = browser.post("/referrals/search", "/referrals/search", {"words": WORDS}, token(page.content))
    assert found.status_code == 200
    nothing = browser.get("/referrals/search")
    assert nothing["Allow"] == "POST"
    assert nothing.status_code == 405 and b"<h1" in nothing.content, "and without anything typed it is a page too"


def test_no_password_and_no_code_is_kept(browser: Browser, lien: Member, clock: time_machine.Coordinates) -> None:
    secret = token(browser.get("/account/password").content)
    clock.shift(timedelta(minutes=31))
    browser.post(
        "/account/password", "/account/password", {"oldpassword": PASSWORD, "password": "x", "again": "x"}, secret
    )
    kept = typed.find("/account/password", member=lien.pseudonym, at=AT + timedelta(minutes=31))
    assert kept is not None and dict(kept.fields) == {}


def test_the_page_says_until_when_and_one_tap_goes_on(browser: Browser, clock: time_machine.Coordinates) -> None:
    page = browser.get("/referrals/").content
    assert b">10.30 uur</time>" in page
    clock.shift(timedelta(minutes=29))
    answer = browser.post("/account/stay", "/referrals/", {}, token(page))
    assert answer.status_code == 204 and answer["Brug-Until"] == "2026-11-23T09:59:00+00:00"
    clock.shift(timedelta(minutes=29))
    assert browser.get("/referrals/").redirect_chain == []


def test_what_is_typed_is_saved_meanwhile_and_can_be_thrown_away(browser: Browser, lien: Member) -> None:
    page = browser.get("/referrals/").content
    answer = browser.post("/account/typed", "/referrals/", {"words": WORDS}, token(page))
    assert answer.status_code == 204
    page = browser.get("/referrals/").content
    assert value(page, "words") == WORDS
    browser.post("/account/typed/away", "/referrals/", {"page": "/referrals/"}, token(page))
    assert value(browser.get("/referrals/").content, "words") == "" and not Typed.objects.exists()


def test_a_yes_is_never_ticked_beforehand(browser: Browser, lien: Member) -> None:
    page = browser.get("/referrals/new")
    given = {"postal_code": "2260", "once": value(page.content, "once")}
    address = browser.post("/referrals/new", "/referrals/new", given, token(page.content))["Location"]
    secret = token(browser.get(address).content)
    browser.post("/account/typed", address, {"consented_how": "oral", "judged_with_client": "on"}, secret)
    shown = browser.get(address).content.decode()
    boxes = {
        name: re.search(rf'<input[^>]*name="{name}"[^>]*>', shown) for name in ("consented_how", "judged_with_client")
    }
    assert "checked" not in boxes["consented_how"][0] and "checked" in boxes["judged_with_client"][0]  # type: ignore[index]


def test_what_a_stopped_worker_left_goes_with_the_sweep(browser: Browser, lien: Member) -> None:
    from brug.office.vault import retention

    typed.keep({"words": [WORDS]}, page="/", action="/", member=lien.pseudonym, about=None, was_sent=True, at=AT)
    made = retention.sweep(AT + timedelta(days=2), departures={}, account=lambda _made: None)
    assert made[0].counts == {"typed": 1} and not Typed.objects.exists()


def test_of_two_pages_each_finds_its_own_and_until_when(lien: Member) -> None:
    typed.keep({"a": ["1"]}, page="/one", action="/one/go", member=lien.pseudonym, about=None, was_sent=False, at=AT)
    until = typed.keep(
        {"b": ["2"]}, page="/two", action="/two/go", member=lien.pseudonym, about=None, was_sent=True, at=AT
    )
    assert typed.find("/two", member=lien.pseudonym, at=AT) == typed.Kept({"b": ["2"]}, "/two/go", True, until)
