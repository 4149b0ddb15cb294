"""The frame around every page: the door, the menu, the language, the errors, and its weight."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from brug.kit.context import navigation
from brug.office.parties import start_page
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import AXE, LETTERS, CheckPage, Visit, enter, go, make_member
from tests.browser.test_referrals import lien

__all__ = ["lien"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "een brug over water"


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    enter(page)


@pytest.mark.parametrize("path", ["/login", "/accessibility", "/components", "/there-is-nothing-here"])
@pytest.mark.parametrize("looks", [{}, {"color_scheme": "dark"}, {"language": "en"}, {"forced_colors": "active"}])
def test_public_pages_are_good_pages(visit: Visit, check_page: CheckPage, path: str, looks: dict[str, Any]) -> None:
    check_page(visit(path, **looks), reload=not looks)


def test_a_telephone_may_be_held_either_way(visit: Visit) -> None:
    """WCAG 1.3.4. It is a rule about the styles, which are the same on every page: axe-core fetches them here only."""
    page = visit("/login")
    page.evaluate(AXE)
    seen = page.evaluate("axe.run({runOnly: ['css-orientation-lock']})")
    assert [rule["id"] for rule in seen["passes"]] == ["css-orientation-lock"] and not seen["violations"]


def test_a_member_comes_in_and_goes_out_without_scripts(visit: Visit, an_administrator: Member) -> None:
    page = visit("/", java_script_enabled=False)
    assert page.url.endswith("/login?next=/")
    log_in(page, "beheer")
    assert page.locator(".who").inner_text().startswith("Wim Claes")
    go(page.locator(".who button"))
    assert page.url.endswith("/login")
    page.goto("/")
    assert "/login" in page.url


def test_a_role_without_a_desk_is_told_so(
    visit: Visit, check_page: CheckPage, an_administrator: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brug.kit.context.POLICY", frozenset())
    page = visit("/", an_administrator)
    assert page.locator("h2").count() == 1
    check_page(page)


def test_a_wrong_password_is_said_on_top_and_what_was_typed_is_kept(
    visit: Visit, check_page: CheckPage, an_administrator: Member
) -> None:
    page = visit("/login")
    log_in(page, "beheer", "een brug onder water")
    summary = page.locator(".ds-error-summary")
    assert summary.evaluate("e => e === document.activeElement"), "the mistakes have the focus"
    assert page.input_value("[name=username]") == "beheer"
    assert page.input_value("[name=password]") == ""
    check_page(page, reload=False)


def test_every_mistake_leads_to_its_field_and_is_told_there(visit: Visit, check_page: CheckPage) -> None:
    page = visit("/components")
    page.fill("[name=postal_code]", "")
    page.fill("[name=street]", "Polderstraat")
    go(page.get_by_role("button", name=re.compile("^(Continue|Verder)")))
    check_page(page, reload=False)
    links = page.locator(".ds-error-summary a")
    assert links.count() == 4
    assert page.input_value("[name=street]") == "Polderstraat"
    for link in links.all():
        target = page.locator(link.get_attribute("href") or "nowhere")
        assert target.count() == 1
        group = target.locator("xpath=ancestor::fieldset")
        told_by = (group if group.count() else target).get_attribute("aria-describedby") or ""
        told = " ".join(page.locator(f"#{name}").inner_text() for name in told_by.split())
        assert link.inner_text().rpartition(": ")[2] in told
    assert page.locator("[name=postal_code]").get_attribute("aria-invalid") == "true"


def test_the_keyboard_goes_straight_to_the_content_and_is_always_seen(visit: Visit, hilde: Member) -> None:
    page = visit("/accessibility", hilde)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert (page.locator(".skip").bounding_box() or {"y": -1})["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.reload()
    for _ in range(12):
        page.keyboard.press("Tab")
        style = "(e => [e.tagName, getComputedStyle(e).outlineStyle])(document.activeElement)"
        tag, outline = page.evaluate(style)
        assert tag == "BODY" or outline != "none", page.evaluate("document.activeElement.outerHTML")


def test_the_language_follows_a_person_and_the_page_stays(visit: Visit) -> None:
    page = visit("/accessibility", java_script_enabled=False, locale="en-GB")
    assert page.locator("html").get_attribute("lang") == "nl-BE", "Dutch, whatever the browser speaks"
    go(page.locator("footer button"))
    assert page.url.endswith("/accessibility")
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/login")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_is_one_row_and_opens_without_scripts(open_page: Callable[..., Page], role: Role) -> None:
    member = make_member("hilde", "Hildegonde Vandenbroucke", role)
    page = open_page(member, viewport={"width": 1280, "height": 640}, java_script_enabled=False, is_new=True)
    page.route("**/*.woff2", lambda route: route.abort())  # the wider letters of the machine, until ours have come
    page.goto("/accessibility")
    every = {str(item.label) for item in navigation(member)}
    assert (page.locator(".top .bar").bounding_box() or {"height": 99})["height"] < 80, "one row"
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert reached(page, "Meer") == every
    page.set_viewport_size({"width": 360, "height": 640})
    page.reload()
    assert (page.locator(".top .bar").bounding_box() or {"height": 99})["height"] < 80, "one row, and the menu is shut"
    assert reached(page, "Menu") == every
    assert page.locator(".more button").is_visible(), "one can log out"


def reached(page: Page, summary: str) -> set[str]:
    """The words of the menu that a finger can hit, once it is opened."""
    if (opener := page.locator(".top summary")).is_visible():
        assert opener.inner_text() == summary
        opener.click()
    width = (page.viewport_size or {"width": 0})["width"]
    shown = [item for item in page.locator(".top nav li a").all() if item.is_visible()]
    for box in (item.bounding_box() for item in shown):
        assert box is not None and box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= width
    return {item.inner_text() for item in shown}


@pytest.mark.parametrize("letters", ["ours", "those of the telephone, until ours have come"])
def test_letters_twice_as_large_still_fit_a_telephone(
    open_page: Callable[..., Page], hilde: Member, letters: str
) -> None:
    page = open_page(hilde, viewport={"width": 360, "height": 640}, is_new=True)
    if letters != "ours":
        page.route("**/*.woff2", lambda route: route.abort())
    page.goto("/components")
    page.evaluate(LETTERS)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    outside = """() => [...document.querySelectorAll("main *, header *, footer *")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > 361 && !e.closest(".ds-sr-only, thead"))
        .map(e => e.outerHTML.slice(0, 120))"""
    assert page.evaluate(outside) == []


def test_nothing_is_run_that_the_policy_does_not_name(open_page: Callable[..., Page], complaints: list[str]) -> None:
    page = open_page(is_new=True)
    answer = page.goto("/components")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert page.locator("script, style, [style], [onclick]").count() == 0
    assert complaints == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    assert complaints, "a style of its own is refused, and we would have heard it"


def test_paper_has_no_buttons(visit: Visit, hilde: Member) -> None:
    page = visit("/components", hilde, is_new=True)
    page.emulate_media(media="print")
    assert not any(element.is_visible() for element in page.locator("button, .top nav, footer").all())


def test_nothing_moves_for_whoever_asks_for_rest(visit: Visit) -> None:
    page = visit("/components", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter(e => {
        const s = getComputedStyle(e); return s.animationName !== "none" || s.transitionDuration !== "0s" }).length"""
    assert page.evaluate(moving) == 0


def test_what_is_typed_is_saved_meanwhile_and_a_lost_signal_keeps_the_page(
    open_page: Callable[..., Page], lien: Member, check_page: CheckPage, complaints: list[str]
) -> None:
    """With scripts. Nothing is kept in the browser itself (test_main_job)."""
    page = open_page(lien, is_new=True)
    page.goto("/referrals/")
    with page.expect_response("**/account/typed"):
        page.locator("main [name=words]").fill("Vandersteen")
    page.goto("/referrals/")
    assert page.locator("main [name=words]").input_value() == "Vandersteen"
    check_page(page)
    page.locator("main [name=words]").fill("Vandersteen Amal")
    page.context.set_offline(True)
    page.locator("main form:has([name=words]) [type=submit]").click()
    page.locator(".said:not(:empty)").wait_for()
    assert page.locator("main [name=words]").input_value() == "Vandersteen Amal"
    assert "/referrals/" in page.url
    page.context.set_offline(False)
    complaints.clear()  # of having no connection
    page.locator("main form:has([name=words]) [type=submit]").click()
    page.wait_for_url("**/referrals/search")


def test_places_are_suggested_while_a_postal_code_is_typed(visit: Visit, lien: Member, complaints: list[str]) -> None:
    page = visit("/referrals/new", lien)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for typed in ("westerl", "226"):
        page.locator("main [name=postal_code]").fill(typed)
        page.wait_for_function(
            "() => [...document.querySelectorAll('datalist option')].some(o => o.value === '2260 Westerlo')"
        )
    assert sum("places.json" in address for address in asked) <= 1 and complaints == []


def test_the_way_to_the_start_page_of_the_host(visit: Visit, check_page: CheckPage) -> None:
    wim = make_member("wim", "Wim Claes", Role.ADMINISTRATOR)
    start_page.exchange(start_page.begin(wim, at=timezone.now()), at=timezone.now())
    page = visit("/account/start-page", wim)
    assert "In 1 browser" in page.inner_text("main")
    check_page(page)
