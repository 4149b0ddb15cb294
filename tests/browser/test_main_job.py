"""From the sofa to a closed file, as people do it: by touch, in English, in large letters, in few colours.

By keyboard alone it is done in test_referrals and test_casework. On every page of the way nothing sticks out sideways
and there is one first heading; nobody else's computer is asked for anything.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from brug.desks.casework.models import ClientFile
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.parties.models import Member
from tests.browser.conftest import SIDEWAYS, Visit
from tests.browser.test_casework import Arrive, arrive, bound, case, karim
from tests.browser.test_referrals import AGREED, TYPED, lien

__all__ = ["arrive", "karim", "lien"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}}
LOOKS: dict[str, dict[str, Any]] = {
    "by touch, without scripts": PHONE | {"has_touch": True, "is_mobile": True, "java_script_enabled": False},
    "in English, wide": {"language": "en"},
    "letters twice as large": PHONE,
    "few colours, no motion": PHONE | {"forced_colors": "active", "reduced_motion": "reduce"},
}
LARGE = "document.documentElement.style.fontSize = '200%'"
STICKS_OUT = """() => [...document.querySelectorAll("main *")].filter(e => e.checkVisibility()
    && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".ds-sr-only, thead"))
    .map(e => e.outerHTML.slice(0, 200))"""


class Walker:
    """A person on the pages: `look` is one of LOOKS."""

    def __init__(self, page: Page, look: str) -> None:
        self.page, self.look = page, look
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def arrived(self) -> None:
        """What must hold of every page on the way."""
        if self.look == "letters twice as large":
            self.page.evaluate(LARGE)
            assert self.page.evaluate(STICKS_OUT) == [], self.page.url
        assert not self.page.evaluate(SIDEWAYS), self.page.url
        assert self.page.locator("h1").count() == 1
        assert self.page.locator("html").get_attribute("lang") == ("en" if "English" in self.look else "nl-BE")

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.arrived()

    def hit(self, target: str) -> None:
        """By finger where there is one."""
        found = self.page.locator(target).first
        _ = found.tap() if "touch" in self.look else found.click()

    def follow(self, target: str) -> None:
        """Hit a link or a button, and look at the page that comes."""
        with self.page.expect_navigation():
            self.hit(target)
        self.arrived()

    def send(self, **typed: str | bool) -> None:
        """Fill in the form of the page and go on."""
        for name, value in typed.items():
            field = self.page.locator(f"main [name={name}]").first
            if field.get_attribute("type") in ("radio", "checkbox"):
                self.hit(f"main [name={name}]" + ("" if value is True else f"[value='{value}']"))
            elif field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(str(value))
            else:
                field.fill(str(value))
        self.follow("main form [type=submit]:not([form])")


@pytest.mark.parametrize("look", LOOKS)
def test_a_family_is_referred(visit: Visit, lien: Member, look: str, live_server: Any) -> None:
    walker = Walker(visit("/", lien, **LOOKS[look]), look)
    walker.arrived()
    walker.follow("main a[href$='/referrals/new']")
    walker.send(postal_code="2260")
    walker.send(**AGREED)
    walker.send(**TYPED)
    walker.send()
    assert Referral.objects.get().state == ReferralState.SENT
    walker.follow("main a[href$='/withdraw']")  # the first of two taps
    walker.send()
    assert Referral.objects.get().state == ReferralState.WITHDRAWN
    walker.follow("footer a")
    assert "/hulp/teamlid" in walker.page.url
    assert all(address.startswith((live_server.url, "data:")) for address in walker.asked)


@pytest.mark.parametrize("look", LOOKS)
def test_a_family_is_helped(visit: Visit, hilde: Member, karim: Member, arrive: Arrive, look: str) -> None:
    intake = arrive()
    walker = Walker(visit("/", bound(hilde), **LOOKS[look]), look)
    walker.follow("main .waiting a")
    walker.follow("tbody a")
    walker.send(worker=karim.pseudonym.hex)
    walker = Walker(visit("/", karim, **LOOKS[look]), look)
    walker.follow("main .waiting a")
    walker.follow(f"main a[href$='{case(intake)}']")
    walker.follow("main a[href$='/reached']")
    walker.send(channel="phone", told=True)
    walker.follow("main a[href$='/clarify']")
    walker.send(kinds="first_age_milk")
    walker.follow("main a[href$='/outcome']")
    walker.send()
    assert walker.page.url.endswith(f"/cases/files/{ClientFile.objects.get().pk}")
