"""Pictures of pages of a running node, wide, narrow and dark, to be looked at one by one.

    python -m tools.screenshots http://127.0.0.1:8401 --as karim --password … / /cases/

Writes screenshots/<node port>-<member>-<path>-<1280|360|dark>.png. Without `--as` the pages are seen by nobody in
particular. `--lang en` makes the English ones. Exits 1 when a page does not answer or leaves the screen sideways.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LOOKS: dict[str, dict[str, Any]] = {
    "1280": {"viewport": {"width": 1280, "height": 800}},
    "360": {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


def log_in(page: Page, node: str, username: str, password: str) -> None:
    """Through the page, as a person does. Raises `SystemExit` when the node does not let this member in."""
    page.goto(urljoin(node, "/login"))
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    if urlsplit(page.url).path == "/login":
        raise SystemExit(f"{node} does not let {username} in")


def file_name(node: str, member: str, path: str, look: str) -> str:
    """A name that sorts by node, member, page."""
    place = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
    return "-".join(filter(None, [str(urlsplit(node).port or ""), member, place, look])) + ".png"


def take(context: BrowserContext, options: argparse.Namespace, look: str) -> list[str]:
    """One picture of each path in this look; what was wrong, in words."""
    faults = []
    page = context.new_page()
    if options.member:
        log_in(page, options.node, options.member, options.password)
    for path in options.paths:
        answer = page.goto(urljoin(options.node, path))
        page.evaluate("document.fonts.ready")
        page.screenshot(path=options.to / file_name(options.node, options.member, path, look), full_page=True)
        if answer is None or answer.status >= 500:
            faults.append(f"{path}: answers {answer.status if answer else 'nothing'}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(f"{path}: wider than the screen ({look})")
    return faults


def open_browser(playwright: Any) -> Browser:
    """Debian's Chromium, without a word to anybody outside."""
    browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    return browser


def main() -> int:
    """Take the pictures; 1 when something was wrong with a page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("node", help="address of a running node")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--as", dest="member", default="", help="user name")
    parser.add_argument("--password", default="")
    parser.add_argument("--lang", default="nl-BE")
    parser.add_argument("--to", type=Path, default=Path("screenshots"))
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    faults = []
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        for look, settings in LOOKS.items():
            with browser.new_context(locale=options.lang, **settings) as context:
                faults += take(context, options, look)
        browser.close()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
