"""Coming in: two steps without scripts, a passkey with them, the codes on paper, and the pages of who works here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.office.ledger.acts import OPERATOR
from brug.office.parties import services
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, enter, go, make_member, send_form

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "een brug over water"
GOOD = "egel ladder munt oever"


@pytest.fixture(autouse=True)
def _a_real_node(settings: Settings) -> None:
    settings.DEMO = False
    cache.clear()


def code(page: Page) -> str:
    """The code that an app would show for the key on the page."""
    return of(page.locator("main code").first.inner_text())


def of(secret: str, shift: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def test_from_the_invitation_to_the_first_page_without_scripts(
    visit: Visit, check_page: CheckPage, an_administrator: Member
) -> None:
    secret = services.invite(an_administrator, by=OPERATOR, at=datetime.now(UTC))
    page = visit(f"/invitation/{secret}", java_script_enabled=False)
    send_form(page, password="wachtwoord123", again="wachtwoord123")
    assert page.locator(".ds-error-summary").count() == 1
    send_form(page, password=GOOD, again=GOOD)
    assert page.url.endswith("/account")
    page.goto("/members/")
    assert page.url.endswith("/account"), "first the second factor"
    go(page.get_by_role("link", name=re.compile("code", re.I)).first)
    key = page.locator("main code").first.inner_text()
    here = page.locator("main a[href^='otpauth:']").get_attribute("href") or ""
    assert f"secret={key}" in here, "a telephone cannot scan its own screen"
    send_form(page, code=of(key))
    assert page.url.endswith("/account/codes") and page.locator(".codes li").count() == 10
    page.goto("/members/")
    assert page.url.endswith("/members/")
    go(page.locator(".who button"))
    page.fill("[name=username]", "beheer")
    page.fill("[name=password]", GOOD)
    enter(page)
    page.wait_for_url("**/login/code")
    send_form(page, code=of(key, 1))
    page.wait_for_url(lambda url: "/login" not in url)
    assert page.locator(".who").inner_text().startswith("Wim Claes")


def test_every_page_of_the_door_is_a_good_page(
    visit: Visit, check_page: CheckPage, an_administrator: Member, settings: Settings
) -> None:
    secret = services.invite(an_administrator, by=OPERATOR, at=datetime.now(UTC))
    page = visit(f"/invitation/{secret}")
    check_page(page)
    send_form(page, password=GOOD, again=GOOD)
    check_page(page)
    page.goto("/account/passkey")
    check_page(page)
    page.goto("/account/app")
    check_page(page, reload=False)
    page.reload()
    key = page.locator("main code").first.inner_text()
    send_form(page, code="000000")
    check_page(page, reload=False)
    send_form(page, code=of(key))
    check_page(page, reload=False)
    phone = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"})
    phone.post("/login", {"username": "beheer", "password": GOOD})
    phone.post("/login/code", {"code": of(key, 1)})
    page.goto("/account")
    assert "Safari, iPhone" in page.locator("main").inner_text()
    for path in ("/account", "/account/password", "/account/codes/new", "/account/codes", "/account/again"):
        page.goto(path)
        check_page(page)
    for path in ("/account/app/remove", "/account/again/code"):
        page.goto(path)
        check_page(page)
    page.goto("/account")
    go(page.get_by_role("button", name="Meld overal af, behalve hier"))
    assert "Alleen hier." in page.locator("main").inner_text()
    assert phone.get("/account").status_code == 302
    go(page.locator(".who button"))
    page.fill("[name=username]", "beheer")
    page.fill("[name=password]", GOOD)
    enter(page)
    page.wait_for_url("**/login/code")
    check_page(page, reload=False)
    page.goto("/login/organisation")
    assert page.locator("h1").count() == 1


def test_a_passkey_is_made_and_brings_its_member_in(
    open_page: Callable[..., Page],
    check_page: CheckPage,
    an_administrator: Member,
    complaints: list[str],
) -> None:
    page = open_page(is_new=True)
    remote = page.context.new_cdp_session(page)
    remote.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = key | {"isUserVerified": True, "automaticPresenceSimulation": True}
    remote.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/login")
    page.fill("[name=username]", "beheer")
    page.fill("[name=password]", PASSWORD)
    enter(page)
    page.wait_for_url("**/account")
    page.goto("/account/passkey")
    go(page.locator("form[data-passkey] [type=submit]"))
    page.wait_for_url("**/account/codes")
    page.goto("/account")
    go(page.locator(".who button"))
    page.fill("[name=username]", "beheer")
    page.fill("[name=password]", PASSWORD)
    enter(page)
    page.wait_for_url("**/login/code")
    go(page.locator("form[data-passkey] [type=submit]"))
    page.locator(".who").wait_for()
    assert page.locator(".who").inner_text().startswith("Wim Claes")
    page.goto("/account/again/passkey")
    go(page.locator("form[data-passkey] [type=submit]"))
    page.wait_for_url(lambda url: "/again" not in url)
    page.goto("/account")
    go(page.locator("main dl a").filter(has_text=re.compile("Remove|Verwijder|Weg")).first)
    check_page(page, reload=False)
    go(page.locator("main form [type=submit]"))
    assert page.locator(".ds-alert").count() >= 1, "the last one stays"
    assert complaints == []


def test_scripts_run_on_the_pages_of_passkeys_only(open_page: Callable[..., Page], visit: Visit) -> None:
    page = open_page(is_new=True)
    answer = page.goto("/login")
    assert answer is not None and "script-src" not in answer.headers["content-security-policy"]


def test_the_pages_of_members_are_good_pages(
    visit: Visit, check_page: CheckPage, an_administrator: Member, settings: Settings
) -> None:
    settings.DEMO = True
    karim = make_member("karim", "Karim Aerts", Role.SOCIAL_WORKER, secrecy_attested_on=legal_day(datetime.now(UTC)))
    page = visit("/members/", an_administrator)
    check_page(page)
    for path in (f"/members/{karim.pk}", f"/members/{karim.pk}/leave", "/members/new"):
        page.goto(path)
        check_page(page)
    send_form(page, name="Els Wouters", username="Els W", role="social_worker")
    check_page(page, reload=False)
    send_form(page, name="Els Wouters", username="els", role="social_worker")
    assert "/invitation/" in page.locator("main code").inner_text()
    check_page(page, reload=False)
