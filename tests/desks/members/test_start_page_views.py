"""A member lets the host's start page count what waits; it gets two numbers, for as long as the member wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brug.office import plug
from brug.office.parties import start_page
from brug.office.parties.models import Member, StartPage
from brug.office.roles import Role

pytestmark = pytest.mark.django_db
START = "https://start.voorbeeld.example"


@pytest.fixture
def wim() -> Member:
    for name in ("een", "twee"):  # who have no second factor yet: that waits for the administrator
        Member.objects.create(username=name, name=name, role=Role.SOCIAL_WORKER, password=make_password("groene berg"))
    return Member.objects.create(username="wim", name="Wim Claes", role=Role.ADMINISTRATOR)


@pytest.fixture
def browser(wim: Member, settings: Settings) -> Client:
    settings.DEMO = True
    client = Client()
    client.force_login(wim)
    return client


def link(browser: Client) -> str:
    """The token that the page of the host gets after the member's button."""
    answer = browser.post("/account/start-page")
    to = urlsplit(answer.headers["Refresh"].partition("url=")[2])
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{START}/add"
    [code] = parse_qs(to.query)["code"]
    return str(Client().post("/start-page/token", {"code": code}).json()["token"])


def numbers(token: str) -> Any:
    answer = Client().get("/start-page/numbers", headers={"authorization": f"Bearer {token}"})
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_it_tells_how_many_things_wait_and_how_many_now(browser: Client, wim: Member, settings: Settings) -> None:
    token = link(browser)
    settings.DEMO = False
    lines = plug.waiting(wim, timezone.now())
    told = {"waiting": sum(line.count for line in lines), "now": sum(line.count for line in lines if line.is_late)}
    assert numbers(token) == told and told["waiting"] >= 2


def test_a_code_is_no_token_and_works_once_for_five_minutes(browser: Client, wim: Member) -> None:
    now = timezone.now()
    code = start_page.begin(wim, at=now)
    assert numbers(code) == 404
    assert start_page.exchange(code, at=now + start_page.CODE_LASTS) == ""
    token = start_page.exchange(code, at=now)
    assert token and start_page.exchange(code, at=now) == "" and start_page.exchange(token, at=now) == ""
    assert token.encode() not in bytes(StartPage.objects.get().digest)


@pytest.mark.parametrize(
    "ends",
    [
        lambda browser, wim: browser.post("/account/start-page/end"),
        lambda browser, wim: browser.post("/account/elsewhere/end"),
        lambda browser, wim: Member.objects.filter(pk=wim.pk).update(is_active=False),
    ],
    ids=["stopped", "logged out everywhere else", "left"],
)
def test_it_ends_at_once_when_the_member_says_so_or_leaves(
    browser: Client, wim: Member, ends: Callable[[Client, Member], object]
) -> None:
    token = link(browser)
    ends(browser, wim)
    assert numbers(token) == 404


def test_it_lasts_thirty_days_after_the_last_look_and_is_then_forgotten(wim: Member) -> None:
    at = timezone.now()
    token = start_page.exchange(start_page.begin(wim, at=at), at=at)

    def later(days: int) -> datetime:
        return at + timedelta(days=days)

    assert start_page.whose(token, at=later(20)) == wim and start_page.whose(token, at=later(45)) == wim
    assert start_page.whose(token, at=later(75)) is None
    assert start_page.forget(later(74)) == 0 and start_page.forget(later(75)) == 1


def test_a_node_without_a_start_page_has_no_such_pages(browser: Client, settings: Settings) -> None:
    assert "/account/start-page" in browser.get("/").content.decode()
    token = link(browser)
    settings.START_PAGE = ""
    assert "/account/start-page" not in browser.get("/").content.decode()
    assert browser.get("/account/start-page").status_code == 404 and numbers(token) == 404
