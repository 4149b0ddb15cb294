"""A browser at a node: pages as anybody or as a member, and what every page must be.

    def test_the_inbox(visit: Visit, check_page: CheckPage, hilde: Member) -> None:
        check_page(visit("/cases/", hilde))

`visit` opens an address of the live node, logged in when a member is given. `check_page` looks at the page wide, narrow
and, the first time, without scripts: axe-core finds nothing, nothing sticks out sideways, everything can be hit with a
thumb, there is one heading of the first level, and the content security policy had nothing to refuse. A page with all
that it asks for is light, and asks nobody else. No address and no title of any page holds something of the fictional
client.
`BRUG_PICTURES=folder` keeps a picture of everything that was looked at, wide, narrow and dark.
"""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.text import slugify
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, sync_playwright

from brug.core.leaflet import LANGUAGES
from brug.office.parties.models import Member
from brug.office.roles import Role

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright keeps a loop running in this thread; the tests are not async
)

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
]
AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
WIDTHS = (1280, 360)
PATIENCE_MILLISECONDS = 180_000  # of a busy machine
HEIGHT = 800
A4 = {"width": 794, "height": 1123}  # at 96 dpi
NOTHING = "/static/nothing"  # an address of the node, so that the browser keeps what runs
CLIENT = ("amal", "haddou", "polderstraat", "470000001", "voorbeeld.example")
PICTURES = os.environ.get("BRUG_PICTURES", "")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_A_WIDTH = {  # what depends on what is shown there and how large; the rest is said of the document, once
    "type": "rule",
    "values": [
        *("aria-hidden-focus", "bypass", "button-name", "heading-order", "image-alt", "label", "link-name"),
        *("empty-heading", "page-has-heading-one", "region", "scrollable-region-focusable", "target-size"),
    ],
}
QUICKLY = {"resultTypes": ["violations"], "preload": False}  # the styles are not fetched again: test_frame did
SMALL_TARGETS = """() => [...document.querySelectorAll("button, .ds-button, select, input:not([type=hidden])")]
    .filter(e => e.checkVisibility())
    .map(e => ["radio", "checkbox"].includes(e.type) ? [e, ...e.labels] : [e])  // a tick is hit by its words too
    .filter(hit => Math.max(...hit.map(e => e.getBoundingClientRect().height)) < 44)
    .map(([e]) => e.outerHTML)"""
MOST_BYTES, MOST_REQUESTS = 100_000, 10  # of a page with everything on it, when nothing is kept from another visit
ASKED = """() => document.fonts.ready.then(() => {
    const [page] = performance.getEntriesByType("navigation"), files = performance.getEntriesByType("resource");
    const asked = new Set([...files.map(e => e.name), ...[...document.images].map(e => e.src)]);
    return [page.encodedBodySize, location.origin, [...asked].filter(name => !name.startsWith("data:"))];
})"""
CHARTS_ALONE = """() => [...document.querySelectorAll("main svg[role=img]")]
    .filter(e => !(e.ariaLabel || e.getAttribute("aria-labelledby"))
        || !(e.closest("figure") ?? e).parentElement.querySelector("table"))
    .map(e => e.outerHTML.slice(0, 200))"""
LETTERS = "document.fonts.ready.then(() => 0)"  # evaluated: ours have come, and boxes are as wide as they stay
TWICE = """() => [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, n, all) => all.indexOf(id) !== n)"""
SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
LOOK = f"""async options => ({{
    faults: (await axe.run(options)).violations.flatMap(v => v.nodes.map(n => `${{v.id}}: ${{v.help}}: ${{n.html}}`)),
    sideways: ({SIDEWAYS})(), twice: ({TWICE})(), small: ({SMALL_TARGETS})(), alone: ({CHARTS_ALONE})(),
    headings: document.querySelectorAll("h1").length, title: document.title, language: document.documentElement.lang,
}})"""  # in one question: each takes its way through two other processes

WITHOUT_SCRIPTS: set[str] = set()  # names of the addresses that were looked at without them: once each, in a process

Visit = Callable[..., Page]
CheckPage = Callable[..., None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE_MILLISECONDS)
        yield browser
        browser.close()


@dataclass
class Visitors:
    """Who opens pages, by their looks. A page whose test is over is empty and a stranger again, and serves another:
    a browser that is warm has less to do."""

    browser: Browser
    address: str
    rested: defaultdict[str, list[Page]] = field(default_factory=lambda: defaultdict(list))

    def take(self, **looks: Any) -> Page:
        return self.rested[str(looks)].pop() if self.rested[str(looks)] else self.new(**looks)

    def new(self, **looks: Any) -> Page:
        context = self.browser.new_context(**{"locale": "nl-BE", "base_url": self.address, **looks})
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.add_init_script(f"window.bringAxe = () => {{ {AXE} }}")  # read once, run where it is called
        return context.new_page()

    def rest(self, page: Page, size: Any, **looks: Any) -> None:
        for other in page.context.pages[1:]:
            other.close()
        if page.viewport_size != size:
            page.set_viewport_size(size)
        page.goto(NOTHING)
        page.context.clear_cookies()
        self.rested[str(looks)].append(page)

    def admit(self, page: Page, member: Member | None, language: str) -> None:
        cookies = {settings.LANGUAGE_COOKIE_NAME: language} if language else {}
        if member is not None:
            client = Client()
            client.force_login(member)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        for name, value in cookies.items():
            page.context.add_cookies([{"name": name, "value": value, "url": self.address}])


@pytest.fixture(scope="session")
def visitors(browser: Browser, live_server: Any) -> Visitors:
    return Visitors(browser, live_server.url)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about during this test: refused by the policy, not found, broken."""
    return []


@pytest.fixture
def open_page(visitors: Visitors, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Make a visitor: `open_page(member, language="en", **looks)`; looks are Playwright's (color_scheme, …).

    `is_new` for one whom no test had before nor gets again: what the test does to it would stay.
    """
    with ExitStack() as afterwards:
        addresses: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            # the status of the page itself (404, 409, 422) is also told on the console, and is no fault
            if message.type in ("error", "warning") and "the server responded with a status" not in message.text:
                complaints.append(message.text)

        def note(request: Request) -> None:
            addresses.append(request.url.lower())

        def open_(member: Member | None = None, language: str = "", *, is_new: bool = False, **looks: Any) -> Page:
            page = visitors.new(**looks) if is_new else visitors.take(**looks)
            if is_new:
                afterwards.callback(page.context.close)
            else:
                afterwards.callback(visitors.rest, page, page.viewport_size, **looks)
            for event, hearer in {"console": hear, "request": note}.items():
                page.context.on(event, hearer)  # type: ignore[call-overload]
                afterwards.callback(page.context.remove_listener, event, hearer)
            visitors.admit(page, member, language)
            return page

        yield open_
    assert [address for address in addresses if any(word in address for word in CLIENT)] == []


@pytest.fixture
def visit(open_page: Callable[..., Page]) -> Visit:
    """Open an address, as a member or as nobody: `visit("/cases/", hilde, color_scheme="dark")`."""

    def visit_(path: str, member: Member | None = None, **looks: Any) -> Page:
        page = open_page(member, **looks)
        page.goto(path)
        page.evaluate(LETTERS)
        return page

    return visit_


@pytest.fixture
def check_page(open_page: Callable[..., Page], complaints: list[str]) -> CheckPage:
    """What holds for every page. Give `reload=False` for a page that answers a form: it cannot be asked for again."""

    plain: list[Page] = []  # one visitor without scripts a test, who takes over the cookies
    numbers = itertools.count(1)

    def check_page_(page: Page, *, reload: bool = True) -> None:
        looked_at(page.url)
        _weigh(page)
        before, number = page.viewport_size, next(numbers)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if PICTURES:
                _photograph(page, number, width)
            _look(page, f"{page.url} at {width} px", is_first=width == WIDTHS[0])
        if before:
            page.set_viewport_size(before)
        assert not complaints, complaints
        if reload and url_name(page.url) not in WITHOUT_SCRIPTS:
            WITHOUT_SCRIPTS.add(url_name(page.url))
            if not plain:
                looks = {"java_script_enabled": False, "viewport": {"width": 360, "height": 640}}
                plain.append(open_page(**looks))
            _look_without_scripts(page, plain[0])

    return check_page_


def looked_at(url: str) -> None:
    """Note which address it was; tests/conftest.py says at the end of a whole run which ones nobody looked at."""
    (Path(os.environ["BRUG_LOOKED_AT"]) / url_name(url)).touch()


def url_name(url: str) -> str:
    """The name of the page at this address; "nothing" where there is none."""
    try:
        return str(resolve(urlsplit(url).path).url_name)
    except Resolver404:
        return "nothing"


def _photograph(page: Page, number: int, width: int) -> None:
    """As `<page>.<test>-<number>.<width>.png`; the wide one in the dark, and as it is printed on A4, too."""
    test = slugify(os.environ["PYTEST_CURRENT_TEST"].partition("::test_")[2].removesuffix(" (call)"))
    name = f"{PICTURES}/{url_name(page.url)}.{test}-{number:02}"
    page.screenshot(path=f"{name}.{width}.png", full_page=True)
    if width == WIDTHS[0]:
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=f"{name}.dark.png", full_page=True)
        page.emulate_media(color_scheme="null", media="print")
        page.set_viewport_size(A4)  # type: ignore[arg-type]
        page.screenshot(path=f"{name}.print.png", full_page=True)
        page.emulate_media(media="null")
        page.set_viewport_size({"width": width, "height": HEIGHT})


def _weigh(page: Page) -> None:
    """The page, and what it asked for until now or will ask for: a picture further down counts too."""
    own, origin, asked = page.evaluate(ASKED)
    assert all(address.startswith(origin) for address in asked), asked
    weights = {address: _weight(address.removeprefix(origin)) for address in asked}
    heavy = f"{page.url}: {own} bytes and {weights}"
    assert own + sum(weights.values()) <= MOST_BYTES and len(asked) < MOST_REQUESTS, heavy


@cache
def _weight(path: str) -> int:
    """Bytes of a file as the node itself sends it (the live server of the tests hands out files uncompressed)."""
    answer = Client().get(path, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, path
    return len(answer.getvalue())


def _look(page: Page, where: str, *, is_first: bool) -> None:
    if is_first:
        page.evaluate("bringAxe()")
    seen = page.evaluate(LOOK, {"runOnly": RULES if is_first else OF_A_WIDTH, **QUICKLY})
    assert not seen["faults"], "\n".join([where, *seen["faults"]])
    assert not seen["sideways"], f"{where} is wider than the screen"
    assert seen["twice"] == [], f"{where}: an id that is there twice, so that words lead to another field"
    assert not seen["small"], "\n".join([f"{where}: less than 44 px high:", *seen["small"]])
    assert not seen["alone"], "\n".join([f"{where}: a chart without a name or without its table:", *seen["alone"]])
    assert seen["headings"] == 1, f"{where} has one first heading"
    assert seen["title"].endswith(" – Brug"), f"{where} says what it is"
    assert not any(word in seen["title"].lower() for word in CLIENT), f"{where} has a client in its title"
    assert seen["language"] in ("nl-BE", *LANGUAGES)


def _look_without_scripts(page: Page, again: Page) -> None:
    """The same address, the same cookies, no scripts: the same heading, and it fits a telephone."""
    again.context.clear_cookies()
    again.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    again.goto(page.url)
    assert again.locator("h1").inner_text() == page.locator("h1").inner_text()
    box = again.locator("main").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360


def make_member(username: str, name: str, role: Role, **more: Any) -> Member:
    """A fictional colleague who logs in with the password «een brug over water»."""
    member = Member(username=username, name=name, role=role, **more)
    member.set_password("een brug over water")
    member.save()
    return member


@pytest.fixture
def hilde(transactional_db: None) -> Member:
    """A dispatcher."""
    return make_member("hilde", "Hilde Maes", Role.DISPATCHER)


@pytest.fixture
def karim(transactional_db: None) -> Member:
    """A social worker."""
    return make_member("karim", "Karim Aerts", Role.SOCIAL_WORKER)


@pytest.fixture
def an_administrator(transactional_db: None) -> Member:
    """Somebody who logs in with a name and a password."""
    return make_member("beheer", "Wim Claes", Role.ADMINISTRATOR)


def go(target: Locator) -> None:
    """Click a link or a button, and wait for the page that comes."""
    with target.page.expect_navigation():
        target.click()


def send_form(page: Page, **typed: str | bool) -> None:
    """Fill in the first form of the page and send it. Values: a text, the value of a choice, True for a tick."""
    for name, value in typed.items():
        field = page.locator(f"main [name={name}]").first
        kind = field.get_attribute("type")
        if kind == "radio":
            page.check(f"main [name={name}][value='{value}']")
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(str(value))
        else:
            field.fill(str(value))
    go(page.locator("main form [type=submit]:not([form])").first)


def faults(page: Page) -> dict[str, list[str]]:
    """What stands at each field that has a mistake, by the field's name; the summary on top says exactly the same.

    A screen reader hears it with the field: the field, or the group that it belongs to, is described by it.
    """
    mute = page.evaluate(
        """() => [...document.querySelectorAll("[data-field=validation]")].filter(e =>
            !document.querySelector(`[aria-describedby~="${e.id}"]`)).map(e => e.outerHTML)"""
    )
    assert mute == []
    told: dict[str, list[str]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("[data-field=validation]")].map(e =>
            [e.parentElement.querySelector("input, select").name, [...e.children].map(p => p.innerText)]))"""
    )
    summary = page.locator(".ds-error-summary li").all_inner_texts()
    for line, text in zip(summary, [text for texts in told.values() for text in texts], strict=True):
        assert line.endswith(text)  # the same words at several fields have their names before them
    return told


def tab_to(page: Page, target: str) -> None:
    """Press Tab until the element that `target` selects has the focus. Fails when the keyboard does not come there."""
    for _ in range(90):
        if page.evaluate("target => document.activeElement.matches(target)", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target} on {page.url}")


def enter(page: Page) -> None:
    """Press Enter where the focus is, and wait for the page that comes."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Page, target: str, key: str = "Enter") -> None:
    """Go to an element by keyboard and press a key on it."""
    tab_to(page, target)
    page.keyboard.press(key)


def follow(page: Page, target: str) -> None:
    """Go to a link or a button by keyboard, press Enter, and wait for the page that comes."""
    tab_to(page, target)
    enter(page)
