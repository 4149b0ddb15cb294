"""The pages under attack: planted hosts, frames, forged forms, guessed references."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.conftest import NOW  # noqa: F401  (the node)

pytestmark = pytest.mark.django_db


@pytest.fixture
def karim() -> Member:
    return Member.objects.create(
        username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER, secrecy_attested_on=date(2026, 11, 1)
    )


@pytest.fixture
def browser(karim: Member) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(karim)
    return client


@pytest.mark.parametrize("path", ["/login", "/protocols/", "/cases/mine", "/nowhere", "/.well-known/security.txt"])
def test_every_answer_carries_what_a_browser_must_know(browser: Client, path: str) -> None:
    headers = browser.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] and headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_hole_has_an_address_to_report_it_to() -> None:
    said = dict(line.split(": ", 1) for line in Client().get("/.well-known/security.txt").content.decode().splitlines())
    assert said["Contact"] == "mailto:brug@opgroeien.example"
    assert said["Expires"] > "2026-11-24"


def test_a_host_that_is_not_ours_gets_nothing() -> None:
    answer = Client(raise_request_exception=False).get("/login", headers={"host": "kwaad.example"})
    assert answer.status_code == 400 and b"kwaad" not in answer.content
    planted = Client().get("/login", headers={"x-forwarded-host": "kwaad.example"})
    assert b"kwaad" not in planted.content


def test_a_form_from_elsewhere_changes_nothing(karim: Member) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(karim)
    for name in ("account_logout", "case-search", "account_change_password", "mfa_generate_recovery_codes"):
        assert strict.post(reverse(name), {"password": "x"}).status_code == 403, name
    assert strict.get("/cases/mine").status_code == 200, "still in"


def test_guessing_references_leads_nowhere_and_says_nothing(browser: Client) -> None:
    pages = set()
    for name in ("case", "case-reached", "file", "file-erase", "referral", "case-behind-glass", "breach"):
        for _ in range(3):
            answer = browser.get(reverse(name, args=[uuid.uuid4()]))
            assert answer.status_code == 404, name
            pages.add(answer.content.split(b"<main")[1].split(b"</main")[0])
    assert len(pages) == 1, "each the same page"


def test_nobody_is_sent_elsewhere_by_an_address() -> None:
    for path in ("/language", "/login", "/logout"):
        for target in ("https://kwaad.example", "//kwaad.example", "/\\kwaad.example"):
            answer = Client(raise_request_exception=False).post(path, {"next": target, "language": "en"})
            assert "kwaad" not in answer.headers.get("Location", ""), (path, target)


def test_a_session_from_before_is_not_taken_from_the_address(karim: Member, settings: Settings) -> None:
    browser = Client()
    browser.force_login(karim)
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert Client().get(f"/cases/mine?{settings.SESSION_COOKIE_NAME}={key}").status_code == 302
