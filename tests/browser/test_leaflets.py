"""Leaflets in a browser: on a tablet and a telephone, from right to left, light, and for everybody."""

from __future__ import annotations

import pytest

from brug.core.protocol.document import Protocol
from brug.office.parties.models import Member
from tests.browser.conftest import CheckPage, Visit, faults, go, send_form
from tests.browser.test_referrals import AGREED, lien, start

__all__ = ["lien"]  # a fixture
pytestmark = pytest.mark.django_db(transaction=True)
ID = "opgroeien-ocmw-westerlo"
GUIDES = [f"/hulp/{name}" for name in ("teamlid", "dispatcher", "maatschappelijk-werker", "functionaris", "beheerder")]


@pytest.mark.parametrize(
    "path",
    ["/info/", f"/info/before/ar/{ID}/", f"/info/before/ti/{ID}/", f"/info/before/ps/{ID}/aloud", "/hulp/", *GUIDES],
)
def test_every_kind_of_page_is_a_good_page(visit: Visit, check_page: CheckPage, protocol: Protocol, path: str) -> None:
    check_page(visit(path))


def test_arabic_stands_right_and_the_dutch_left_of_it(visit: Visit, protocol: Protocol) -> None:
    page = visit("/info/before/ar/", viewport={"width": 1280, "height": 800})
    arabic, dutch = page.locator(".told [lang=ar]").first.bounding_box(), page.locator(".dutch").first.bounding_box()
    drawing = page.locator(".told .picture").first.bounding_box()
    assert arabic and dutch and drawing
    assert dutch["x"] < arabic["x"] < drawing["x"] and drawing["width"] >= 64
    assert page.locator(".told [lang=ar] p").first.evaluate("e => getComputedStyle(e).textAlign") in ("start", "right")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert "Arabic letters" in page.evaluate(loaded)


def test_the_family_says_no_in_two_taps(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/", lien)
    start(page)
    go(page.locator("main [type=submit][form=refuse]"))
    check_page(page, reload=False)
    page = visit("/referrals/", lien, java_script_enabled=False)  # where axe-core, which waits by scripts, never ends
    start(page)
    go(page.locator("main [type=submit][form=refuse]"))
    go(page.locator("main [type=submit]"))
    assert page.url.endswith("/referrals/") and page.locator(".messages").count() == 1


def test_the_leaflet_in_another_language_is_asked_when_there_is_none(visit: Visit, lien: Member) -> None:
    page = visit("/referrals/", lien)
    start(page)
    send_form(page, **AGREED | {"language": "other"})
    assert list(faults(page)) == ["leaflet"]
    send_form(page, leaflet="fr")
    assert page.url.endswith("/client")
