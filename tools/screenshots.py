"""Pictures of a demo with fictional people, wide, narrow and dark, to be looked at one by one.

    python -m tools.screenshots [--only 'inbox|home'] [--english]

Starts two nodes on free ports in a folder that is gone afterwards, works through the pages as the people of the demo,
and writes screenshots/<page>-<1280|360|dark>.png. Beside the pages of a worked example these are all pages that need no
reference, found from the URL configuration, each by the first member who may see it. Those in `SHOWN` and `GUIDES` also
go, made small, into docs/pictures/ and docs/gids/pictures/. Exits 1 when a page breaks or is wider than its screen.
Every page there is, in every state, is photographed by the tests (`make screenshots` does both).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from brug.node.demo import PASSWORD, PEOPLE, Node, free_port, nodes, prepare, running
from tests.demo_week import Week, client

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brug.node.settings")
django.setup()  # no node: only to read the addresses

from tools.pages import plain_paths  # noqa: E402

PROTOCOL = "opgroeien-ocmw-westerlo"
CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
]
LENSES: dict[str, dict[str, Any]] = {  # each page is loaded once in each; the wide one is photographed light and dark
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 360, "height": 640},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
SHOWN = {
    "referral-send-360": "permit",
    "leaflet-ar-1280": "leaflet",
    "inbox-1280": "inbox",
    "case-retry-1280": "case",
}
GUIDES = {
    "leaflet-ar-1280": "leaflet",
    "referral-send-360": "permit",
    "referral-received-1280": "referral",
    "inbox-1280": "inbox",
    "assign-1280": "assign",
    "case-retry-1280": "case",
    "file-open-1280": "file",
    "page-oversight-1280": "oversight",
    "protocol-1280": "protocol",
    "page-request-receive-1280": "request",
    "page-parties-1280": "parties",
    "page-member-new-1280": "member",
    "page-connections-1280": "connections",
}
PNG, WEBP = {"format": "png", "optimize": True}, {"format": "webp", "quality": 45, "method": 6}
LARGEST = 120_000  # bytes of a picture in docs/pictures
LIGHT = 18_000  # bytes of a picture in a guide: a page with a few of them stays under 100 KB


ROSA = client("Rosa", "Martens", "0470 00 00 07", "Olenseweg", "104")
POSTAL_CODES = {"unknown": "9999", "choice": "1804", "herselt": "2230", "brussels": "1060", "liege": "4000"}
WRONG = {"given_name": "Amal 👶", "family_name": "85.07.30-033.28", "phone": "12", "email": "amal", "number": "14"}


@dataclass(frozen=True)
class Picture:
    """A page as a member sees it; with `typed`, the page that answers when this is filled in and sent."""

    name: str
    node: Node
    member: str
    path: str
    typed: dict[str, str] | None = field(default=None)
    if_seen: bool = False  # no picture when this member may not see it


class Filled(Week):
    """The week of the demo, and one referral more that is on its way."""

    def fill(self, recipient_worker: int) -> None:
        """The week's work. `recipient_worker`: process group that is held still while one referral is on its way."""
        self.pass_by()
        os.killpg(recipient_worker, signal.SIGSTOP)
        self.job.refer(ROSA)

    def pictures(self) -> Iterator[Picture]:
        """Every page of both desks."""
        sender, case = self.discloser, self.cases
        for name, path in {"login": "/login", "accessibility": "/accessibility", "nothing-here": "/x"}.items():
            yield Picture(name, sender, "", path)
        yield Picture("login-wrong", sender, "", "/login", {"username": "lien", "password": "een woord"})
        referrals = {
            "referrals": "", "referral-start": "new", "referral-consent": f"{self.draft}/consent",
            "referral-client": f"{self.ready}/client", "referral-send": f"{self.ready}/send",
            "referral-kept": self.ready, "referral-sent": self.job.referrals["Rosa"],
            "referral-received": self.job.referrals["Amal"],
        }  # fmt: skip
        for name, path in referrals.items():
            yield Picture(name, sender, "lien", f"/referrals/{path}")
        yield Picture("referrals-lead", sender, "nadia", "/referrals/")
        for name, code in POSTAL_CODES.items():
            yield Picture(f"referral-start-{name}", sender, "lien", "/referrals/new", {"postal_code": code})
        yield Picture("referral-client-wrong", sender, "lien", f"/referrals/{self.draft}/client", WRONG)
        yield Picture("referral-consent-wrong", sender, "lien", f"/referrals/{self.empty}/consent", {})
        yield Picture("inbox", self.recipient, "hilde", "/cases/inbox")
        yield Picture("assign", self.recipient, "hilde", f"/cases/inbox/{case['Sara']}/assign")
        cases = {
            "mine": "mine", "case-contact": f"mine/{case['Yusuf']}", "case-retry": f"mine/{case['Sara']}",
            "case-decide": f"mine/{case['Noor']}", "case-attempt": f"mine/{case['Yusuf']}/attempt",
            "case-reached": f"mine/{case['Yusuf']}/reached", "case-clarify": f"mine/{case['Noor']}/clarify",
            "case-outcome": f"mine/{case['Noor']}/outcome", "case-decline": f"mine/{case['Noor']}/decline",
            "case-erased": "mine/erased", "files": "files", "file-open": f"files/{case['Amal']}",
        }  # fmt: skip
        for name, path in cases.items():
            yield Picture(name, self.recipient, "karim", f"/cases/{path}")
        for step in ("attempt", "reached", "clarify"):
            yield Picture(f"case-{step}-wrong", self.recipient, "karim", f"/cases/mine/{case['Noor']}/{step}", {})
        for name, path in {"mine-empty": "mine", "files-empty": "files"}.items():
            yield Picture(name, self.recipient, "els", f"/cases/{path}")
        yield from self._public()
        yield from self._without_reference()

    def _public(self) -> Iterator[Picture]:
        """What is for everybody: leaflets in each direction and script, the protocol, the guides."""
        info = f"{PROTOCOL}/"
        for language in ("nl", "fr", "ar", "ti", "so"):
            yield Picture(f"leaflet-{language}", self.discloser, "", f"/info/before/{language}/{info}")
        yield Picture("leaflet-contact-ru", self.recipient, "", f"/info/contact/ru/{info}")
        yield Picture("leaflet-aloud-fa", self.discloser, "", f"/info/before/fa/{info}aloud")
        yield Picture("protocol", self.discloser, "", f"/protocols/{PROTOCOL}/1")
        for guide in ("teamlid", "functionaris"):
            yield Picture(f"guide-{guide}", self.discloser, "lien", f"/hulp/{guide}")

    def _without_reference(self) -> Iterator[Picture]:
        """Every page of the URL configuration that needs no reference, where it is first seen; and each role's home."""
        for node in (self.recipient, self.discloser):
            for username, _, role in PEOPLE[node.party]:
                yield Picture(f"home-{role}-{username}", node, username, "/")
                for name, path in plain_paths():
                    yield Picture(f"page-{name}", node, username, path, if_seen=True)


class Camera:
    """A browser with one lens; each member logs in once, each page is loaded once."""

    def __init__(self, browser: Browser, lens: str, to: Path, english: bool) -> None:
        self.browser, self.lens, self.to, self.english = browser, lens, to, english
        self.pages: dict[tuple[int, str], Page] = {}
        self.taken: set[str] = set()

    def take(self, picture: Picture) -> list[str]:
        """Write the picture; what was wrong with the page, in words."""
        if picture.if_seen and picture.name in self.taken:
            return []
        page = self._page(picture)
        answer = page.goto(picture.node.address + picture.path)
        if picture.typed is not None:
            for name, text in picture.typed.items():
                page.fill(f"main [name={name}]", text)
            with page.expect_navigation() as sent:
                page.locator("main form [type=submit]").first.press("Enter")  # a click misses on a photographed phone
            answer = sent.value
        if picture.if_seen and (answer is None or answer.status != 200 or not page.url.endswith(picture.path)):
            return []
        self.taken.add(picture.name)
        self._shoot(page, picture.name)
        faults = []
        if answer is None or answer.status >= 500:
            faults.append(f"{picture.name}: answers {answer.status if answer else 'nothing'}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(f"{picture.name}: wider than the screen ({self.lens})")
        return faults

    def _shoot(self, page: Page, name: str) -> None:
        if self.lens == "phone":
            page.screenshot(path=self.to / f"{name}-360.png", full_page=True)
            return
        page.screenshot(path=self.to / f"{name}-1280.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=self.to / f"{name}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")

    def _page(self, picture: Picture) -> Page:
        key = (picture.node.port, picture.member)
        if key not in self.pages:
            self.pages[key] = self.browser.new_context(locale="nl-BE", **LENSES[self.lens]).new_page()
            self._enter(self.pages[key], picture)
        return self.pages[key]

    def _enter(self, page: Page, picture: Picture) -> None:
        page.goto(picture.node.address + "/login")
        if self.english:
            page.click("footer button")
        if picture.member:
            page.fill("main [autocomplete=username], main [name=username], main [name=login]", picture.member)
            page.fill("main [name=password]", PASSWORD)
            page.click("main [type=submit]")

    def close(self) -> None:
        """Forget everybody who logged in."""
        for page in self.pages.values():
            page.context.close()


@contextmanager
def filled_demo() -> Iterator[Filled]:
    """Two nodes at work until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="brug-screenshots-"))
    try:
        both, smtp_port = nodes(folder, (free_port(), free_port())), free_port()
        prepare(folder, both, smtp_port)
        with running(folder, both, smtp_port) as processes:
            demo = Filled(folder, both)
            try:
                demo.fill(processes[-1].pid)
                yield demo
            finally:
                os.killpg(processes[-1].pid, signal.SIGCONT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def show(
    taken: Path, chosen: dict[str, str], to: Path, *, largest: int, box: tuple[int, int], form: dict[str, Any]
) -> None:
    """Copy `chosen` pictures into `box`, as `form` says; of a long page its beginning. Raises `SystemExit`: too heavy."""
    to.mkdir(parents=True, exist_ok=True)
    for name, shown in chosen.items():
        small = to / f"{shown}.{form['format']}"
        if not (taken / f"{name}.png").is_file():
            continue  # not among those chosen now
        with Image.open(taken / f"{name}.png") as opened:
            tallest = opened.width * (1 if opened.width > 1000 else 3) * box[1] // (2 * box[0])
            picture = opened.convert("RGB").crop((0, 0, opened.width, min(opened.height, tallest)))
        picture.thumbnail(box)
        if form["format"] == "png":
            picture = picture.quantize(256, dither=Image.Dither.NONE)
        picture.save(small, **form)
        if small.stat().st_size > largest:
            raise SystemExit(f"{small} has {small.stat().st_size} bytes; at most {largest}")


def main() -> int:
    """Take the pictures; 1 when something was wrong with a page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="pages whose name this pattern fits")
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--to", type=Path, default=Path("screenshots"))
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the nodes stop too
    faults = []
    with filled_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        chosen = [picture for picture in demo.pictures() if re.match(options.only, picture.name)]
        taken = 0
        for lens in LENSES:
            camera = Camera(browser, lens, options.to, options.english)
            for picture in chosen:
                faults += camera.take(picture)
            taken += len(camera.taken)
            camera.close()
        browser.close()
    if not options.english:
        show(options.to, SHOWN, Path("docs/pictures"), largest=LARGEST, box=(1280, 2560), form=PNG)
        show(options.to, GUIDES, Path("docs/gids/pictures"), largest=LIGHT, box=(560, 720), form=WEBP)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{taken} pages of {len(chosen)} chosen, in {options.to}/")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
