"""From the sofa to a closed file, as people do it: by touch, in English, in large letters, in few colours.

By keyboard alone it is done in test_referrals and test_casework. On every page of the way nothing sticks out sideways
and there is one first heading; nobody else's computer is asked for anything, and the browser keeps nothing. What a
screen reader says on the way is in the tree that Chromium gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import FileState
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.desks.requests.models import Request
from brug.desks.requests.states import RequestState
from brug.desks.window import services as windows
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import LETTERS, PICTURES, SIDEWAYS, Visit, make_member
from tests.browser.test_casework import Arrive, arrive, assigned, bound, case, karim
from tests.browser.test_referrals import AGREED, TYPED, lien

__all__ = ["arrive", "assigned", "karim", "lien"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}}
LOOKS: dict[str, dict[str, Any]] = {
    "by touch, without scripts": PHONE | {"has_touch": True, "is_mobile": True, "java_script_enabled": False},
    "in English, wide": {"language": "en"},
    "letters twice as large": PHONE,
    "few colours, no motion": PHONE | {"forced_colors": "active", "reduced_motion": "reduce"},
}
TAP, CHARACTER, DECISION, ANSWER = 1.3, 0.33, 1.35, 1.0  # seconds; keystroke-level model, 36 words a minute by thumb
MOST_SECONDS = 90
FAMILIES, MOST_TO_GIVE = 31, 35
MOST_PAGES, MOST_TAPS, MOST_SCREENS = 4, 12, 2.5  # from home to sent, on a telephone; screens of the longest page
SCREENS = "() => document.documentElement.scrollHeight / 640"  # of a telephone of 360 by 640
FOCUSED = "e => e === document.activeElement"
HEARD = {  # what stands in the tree of a page on the way, in English
    "/new": ['heading "Where does the family live?" [level=1]', 'textbox "Postal code"', 'button "Continue"'],
    "/consent": [
        'heading "Has the client been told, and said yes?" [level=1]',
        'group "How did you tell the client?"',
        'combobox "In which language?"',
        'group "The client says yes: name, address, phone number and e-mail address may go to a social worker of',
    ],
    "/client": [
        'heading "Whom may OCMW Westerlo contact?" [level=1]',
        *(f'textbox "{name}' for name in ("Given name", "Family name", "Phone", "E-mail", "Street", "Number", "Box")),
    ],
    "/send": ['heading "Is this allowed? Yes." [level=1]', "term: Name", 'button "Send to OCMW Westerlo"'],
    "/withdraw": ['heading "Does the client withdraw the consent of', 'button "Withdraw the consent"'],
}
KEPT = """async () => localStorage.length + sessionStorage.length + (await indexedDB.databases()).length
    + (await caches.keys()).length"""
NEXT = [  # Dutch, English
    ("verstuurd", "een maatschappelijk werker neemt contact op"),
    (" is sent", "a social worker gets in touch with the family"),
]
LARGE = "document.documentElement.style.fontSize = '200%'"
STICKS_OUT = """() => [...document.querySelectorAll("main *")].filter(e => e.checkVisibility()
    && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".ds-sr-only, thead"))
    .map(e => e.outerHTML.slice(0, 200))"""


class Walker:
    """A person on the pages: `look` is one of LOOKS.

    From one field of text to the next goes the key of the keyboard; into the first of a page goes a tap, unless the
    page begins there.
    """

    def __init__(self, page: Page, look: str) -> None:
        self.page, self.look = page, look
        self.asked: list[str] = []
        self.taps = self.characters = self.answers = 0
        self.screens: dict[str, float] = {}
        page.on("request", lambda request: self.asked.append(request.url))

    def arrived(self) -> None:
        """What must hold of every page on the way."""
        if self.look == "letters twice as large":
            self.page.evaluate(LARGE)
            self.page.evaluate(LETTERS)
            assert self.page.evaluate(STICKS_OUT) == [], self.page.url
        assert not self.page.evaluate(SIDEWAYS), self.page.url
        self.screens[self.page.url.rpartition("/")[2]] = self.page.evaluate(SCREENS)
        assert self.page.locator("h1").count() == 1
        assert self.page.locator("html").get_attribute("lang") == ("en" if "English" in self.look else "nl-BE")
        if "English" in self.look:
            tree = self.page.locator("main").aria_snapshot()
            for path, said in HEARD.items():
                if self.page.url.endswith(path):
                    assert [words for words in said if words not in tree] == [], tree

    def seconds(self) -> float:
        """What the pages cost a practised person: fingers, a thought before each tap, and waiting for each answer."""
        return self.taps * (TAP + DECISION) + self.characters * CHARACTER + self.answers * ANSWER

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.arrived()

    def hit(self, target: str) -> None:
        """By finger where there is one."""
        found = self.page.locator(target).first
        self.taps += 1
        _ = found.tap() if "touch" in self.look else found.click()

    def follow(self, target: str) -> None:
        """Hit a link or a button, and look at the page that comes."""
        with self.page.expect_navigation():
            self.hit(target)
        self.answers += 1
        self.arrived()

    def send(self, **typed: str | bool) -> None:
        """Fill in the form of the page and go on."""
        is_text_before = False
        for name, value in typed.items():
            field = self.page.locator(f"main [name={name}]").first
            is_text, was_text = (
                field.evaluate("e => e.matches('input:not([type=radio], [type=checkbox])')"),
                is_text_before,
            )
            is_text_before = is_text
            if field.get_attribute("type") in ("radio", "checkbox"):
                self.hit(f"main [name={name}]" + ("" if value is True else f"[value='{value}']"))
            elif field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(str(value))
                self.taps += 2
            else:
                is_there = was_text or field.evaluate(FOCUSED)
                field.fill(str(value))
                self.taps, self.characters = self.taps + (not is_there), self.characters + len(str(value)) + was_text
        self.follow("main form [type=submit]:not([form])")


def _screens_with_the_window(walker: Walker, lien: Member) -> float:
    """How long the consent page is where the family may have a window of its own, offered in its line of extras."""
    windows.turn(True, by=make_member("ann", "Ann Vos", Role.DPO), at=timezone.now())
    draft = referrals.start("13049", "2260", by=lien, at=timezone.now())
    walker.open(f"/referrals/{draft.reference}/consent")
    if PICTURES:
        walker.page.screenshot(path=f"{PICTURES}/consent-with-window.360.png", full_page=True)
    walker.page.locator("main summary", has_text="Ander moment").tap()
    walker.page.locator("main [name=window]").wait_for()
    referrals.discard(draft, by=lien, at=timezone.now())
    return walker.screens["consent"]


@pytest.mark.parametrize("look", LOOKS)
def test_a_family_is_referred_in_ninety_seconds(
    visit: Visit, lien: Member, look: str, live_server: Any, record_property: Callable[[str, str], None]
) -> None:
    """From home to sent with every field filled in; talking with the family is not counted."""
    walker = Walker(visit("/", lien, **LOOKS[look]), look)
    walker.arrived()
    walker.send(postal_code="2260")
    walker.send(**AGREED)
    walker.send(**TYPED)
    walker.send()
    assert Referral.objects.get().state == ReferralState.SENT
    said = f"{walker.answers} pages, {walker.taps} taps, {walker.characters} characters"
    said += f", {walker.seconds():.0f} s by the keystroke-level model"
    screens = ", ".join(f"{name or 'home'} {height:.1f}" for name, height in walker.screens.items())
    record_property("figure", f"a referral, {look}: {said}; screens: {screens}")
    assert walker.seconds() <= MOST_SECONDS, said
    assert walker.answers <= MOST_PAGES and walker.taps <= MOST_TAPS, said
    if look == "by touch, without scripts":
        assert walker.screens["consent"] <= MOST_SCREENS, screens
    status = walker.page.locator("main [role=status]").inner_text()
    next_ = walker.page.locator("main .ds-card").first.inner_text()
    assert NEXT["English" in look][0] in status and NEXT["English" in look][1] in next_, "and what happens next"
    if "without scripts" not in look:
        assert walker.page.evaluate(KEPT) == 0, "what was typed is kept by the node alone"
    if look == "by touch, without scripts":
        with_window = _screens_with_the_window(walker, lien)
        record_property("figure", f"the consent page where windows are open: {with_window:.2f} screens")
        assert with_window <= MOST_SCREENS
    walker.taps = walker.answers = 0
    walker.open("/referrals/")
    walker.send(words=f"{TYPED['given_name']} {TYPED['family_name']}")
    walker.follow("main .ds-card a")
    walker.follow("main a[href$='/withdraw']")
    walker.send(name=f"{TYPED['given_name']} {TYPED['family_name']}")
    record_property("figure", f"a withdrawal by name, {look}: {walker.taps} taps, {walker.answers} pages")
    assert Referral.objects.get().state == ReferralState.WITHDRAWN
    walker.follow("footer a")
    assert "/hulp/teamlid" in walker.page.url
    assert all(address.startswith((live_server.url, "data:")) for address in walker.asked)


@pytest.mark.parametrize("look", LOOKS)
def test_a_family_is_helped(
    visit: Visit,
    hilde: Member,
    karim: Member,
    arrive: Arrive,
    look: str,
    record_property: Callable[[str, str], None],
) -> None:
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
    walker.send(sure=True)
    record_property("figure", f"from an assigned family to a file, {look}: {walker.taps} taps, {walker.answers} pages")
    assert walker.page.url.endswith(f"/cases/files/{ClientFile.objects.get().pk}")
    walker.send()
    assert ClientFile.objects.get().state == FileState.CLOSED


def test_a_request_is_answered(
    visit: Visit, assigned: Intake, karim: Member, record_property: Callable[[str, str], None]
) -> None:
    """From the letter to the answer: the officer writes it down and gives it to a colleague, who finds and answers."""
    look = "few colours, no motion"
    officer = Walker(visit("/", make_member("dw", "Dirk Wuyts", Role.DPO), **LOOKS[look]), look)
    officer.follow("main a[href$='/requests/']")
    officer.follow("main a[href$='/requests/new']")
    officer.send(right="access", channel="letter", given_name="Amal", family_name="Haddou")
    officer.follow("main a[href$='/assign']")
    officer.send(worker=str(karim.pk))
    worker = Walker(visit("/", karim, **LOOKS[look]), look)
    worker.follow(f"main a[href$='/requests/{Request.objects.get().reference}']")
    worker.follow("main a[href$='/identify']")
    worker.send(how="known")
    worker.send(given_name="Amal", family_name="Haddou", phone="0470 00 00 01")
    worker.follow("main form[action$='/answer'] [type=submit]")
    assert Request.objects.get().state == RequestState.ANSWERED
    taps, pages = (officer.taps + worker.taps, officer.answers + worker.answers)
    record_property("figure", f"a request of a data subject: {taps} taps, {pages} pages, by two people")


def test_thirty_one_families_are_given(
    visit: Visit, hilde: Member, karim: Member, arrive: Arrive, record_property: Callable[[str, str], None]
) -> None:
    """A tick each, the list of colleagues, and the button, from the home page on."""
    for _each in range(FAMILIES):
        arrive()
    look = "by touch, without scripts"
    walker = Walker(visit("/", bound(hilde), **LOOKS[look]), look)
    walker.follow("main .waiting a")
    ticks = walker.page.locator("main [name=case]")
    for number in range(ticks.count()):
        walker.taps += 1
        ticks.nth(number).tap()
    walker.page.locator("main [name=to]").select_option("share")
    walker.taps += 2
    walker.follow("main form[action$='/give'] [type=submit]")
    assert Intake.objects.exclude(worker=None).count() == FAMILIES
    record_property("figure", f"{FAMILIES} families given: {walker.taps} taps, {walker.answers} pages")
    assert walker.taps <= MOST_TO_GIVE
