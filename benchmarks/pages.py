"""How light and how fast our pages are, beside a page of the same kind made of GOV.UK's frontend.

    python benchmarks/pages.py [ROUNDS]          5 rounds when not said; under a minute

Three pages in Debian's Chromium, each round in a fresh context (nothing cached) as a telephone of the middle class on a
slow 4G network sees them, as Lighthouse does: 1.6 Mbit/s down, 150 ms round trip, a processor four times slower. All
come from the same server in this process. Theirs is a log-in page as the documentation of govuk-frontend 6.6.0 has it:
its minified style sheet and script (compressed, as ours are), its two faces of the typeface, skip link, header, phase
banner, two inputs, a button, footer. The pages take turns; medians count.

page_weight_vs_govuk   bytes over the network on the first load, theirs over ours (the log-in page)
first_paint_vs_govuk   milliseconds to the first contentful paint, theirs over ours (the log-in page)
drawing_vs_govuk       the same from the first byte of the page on: what the page costs, without the server's work
leaflet_vs_govuk       bytes of their log-in page over those of our Arabic leaflet with its letters and drawings
"""

from __future__ import annotations

import gzip
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from brug.office.ledger.acts import OPERATOR

ROOT = Path(__file__).parents[1]
GOVUK = ROOT / "node_modules/govuk-frontend/dist/govuk"
TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"]
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SHIFTS = """window.shift = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value })
    .observe({type: "layout-shift", buffered: true})"""
SEEN = """() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    server: performance.getEntriesByType("navigation")[0].responseStart,
    shift: window.shift,
    requests: performance.getEntriesByType("resource").length + 1,
    weight: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .reduce((sum, e) => sum + e.transferSize, 0),
})"""
THEIRS = """<!DOCTYPE html>
<html lang="en" class="govuk-template"><head><meta charset="utf-8"><title>Sign in - GOV.UK</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#1d70b8">
<link rel="stylesheet" href="/govuk-frontend.min.css"></head>
<body class="govuk-template__body"><script src="/on.js"></script>
<a href="#main-content" class="govuk-skip-link" data-module="govuk-skip-link">Skip to main content</a>
<header class="govuk-template__header"><div class="govuk-header">
<div class="govuk-header__container govuk-width-container">
<div class="govuk-header__logo"><a href="#" class="govuk-header__homepage-link">GOV.UK</a></div></div></div></header>
<div class="govuk-width-container"><div class="govuk-phase-banner"><p class="govuk-phase-banner__content">
<strong class="govuk-tag govuk-phase-banner__content__tag">Beta</strong>
<span class="govuk-phase-banner__text">This is a new service.</span></p></div>
<main class="govuk-main-wrapper" id="main-content"><h1 class="govuk-heading-l">Sign in</h1>
<p class="govuk-body-l">For the people who work with this service.</p><form action="#" method="post" novalidate>
<div class="govuk-form-group"><label class="govuk-label" for="name">User name</label>
<input class="govuk-input" id="name" name="name" type="text" autocomplete="username"></div>
<div class="govuk-form-group"><label class="govuk-label" for="word">Password</label>
<input class="govuk-input" id="word" name="word" type="password" autocomplete="current-password"></div>
<button type="submit" class="govuk-button" data-module="govuk-button">Sign in</button></form>
<p class="govuk-body">No account? Ask the administrator of your organisation.</p></main></div>
<footer class="govuk-footer"><div class="govuk-width-container"><ul class="govuk-footer__inline-list">
<li class="govuk-footer__inline-list-item"><a class="govuk-footer__link" href="#">Help</a></li>
<li class="govuk-footer__inline-list-item"><a class="govuk-footer__link" href="#">Accessibility</a></li>
</ul></div></footer>
<script type="module" src="/start.js"></script></body></html>"""
SCRIPTS = {
    "/on.js": "document.body.className += ' js-enabled govuk-frontend-supported';",
    "/start.js": "import {initAll} from '/govuk-frontend.min.js'; initAll()",
}
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def theirs(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Their page and its files; style sheet and scripts compressed, as their own server does."""
    path = environ["PATH_INFO"]
    if path in SCRIPTS or path == "/":
        kind = "text/javascript" if path in SCRIPTS else "text/html"
        body = SCRIPTS.get(path, THEIRS).encode()
    else:
        file = GOVUK / path.lstrip("/")
        if not file.is_file():
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        kind, body = TYPES[file.suffix], file.read_bytes()
    headers = [("Content-Type", f"{kind}; charset=utf-8")]
    if kind != "font/woff2":
        body = gzip.compress(body, 6)
        headers.append(("Content-Encoding", "gzip"))
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def a_node(folder: Path) -> Application:
    """A node of ours with the signed protocol, as a WSGI application."""
    (folder / "unlock").write_bytes(secrets.token_bytes(32))
    home = folder / "node"
    home.mkdir()
    who, web = '[node]\nparty = "0886886638"\nname = "Opgroeien regie"\n', "[web]\nhttps = false\n"
    (home / "brug.toml").write_text(f'{who}{web}[keys]\nunlock_file = "{folder}/unlock"\n')
    os.environ |= {"BRUG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.utils import timezone

    from brug.office.keys import services as keys
    from brug.office.registry import services as registry

    keys.create()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    text = (ROOT / "protocols/opgroeien-ocmw-westerlo.yaml").read_text()
    registry.adopt(text, by=OPERATOR, at=timezone.now())
    application: Application = get_wsgi_application()
    return application


def served(application: Application) -> str:
    """Serve from a thread on a free port; the address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    server.set_app(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def look(browser: Any, address: str) -> dict[str, float]:
    """One cold load."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(SHIFTS)
    page.goto(address, wait_until="networkidle")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    seen: dict[str, float] = page.evaluate(SEEN)
    context.close()
    return seen


def main() -> None:
    """Take turns, print medians and ratios."""
    from playwright.sync_api import sync_playwright

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        ours, govuk = served(a_node(Path(folder))), served(theirs)
        pages = {
            "ours: log-in": f"{ours}/login",
            "ours: Arabic leaflet": f"{ours}/info/before/ar/opgroeien-ocmw-westerlo/",
            "GOV.UK: log-in": f"{govuk}/",
        }
        seen: dict[str, list[dict[str, float]]] = {name: [] for name in pages}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=ARGUMENTS)
            for _ in range(rounds):
                for name, address in pages.items():
                    seen[name].append(look(browser, address))
            browser.close()
    middle = {name: {key: median(one[key] for one in all_) for key in all_[0]} for name, all_ in seen.items()}
    for name, each in middle.items():
        print(
            f"{name:22} {each['weight'] / 1000:6.1f} KB {each['requests']:3.0f} requests  first byte "
            f"{each['server']:5.0f} ms  first paint {each['paint']:5.0f} ms  layout shift {each['shift']:.3f}"
        )
    mine, leaflet, other = middle.values()
    print(f"ratio: page_weight_vs_govuk {other['weight'] / mine['weight']:.2f}")
    print(f"ratio: first_paint_vs_govuk {other['paint'] / mine['paint']:.2f}")
    drawn = (other["paint"] - other["server"]) / (mine["paint"] - mine["server"])
    print(f"ratio: drawing_vs_govuk {drawn:.2f}")
    print(f"ratio: leaflet_vs_govuk {other['weight'] / leaflet['weight']:.2f}")


if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    main()
