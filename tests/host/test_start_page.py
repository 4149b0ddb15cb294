"""The host's start page knows nobody: each browser says whose numbers it may ask, of each node apart (decision 38)."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlencode

import pytest

from brug.host import start_page
from brug.node.demo import free_port
from tests import CLEAN, forked
from tests.host.conftest import BIN, FIRST_USER, Trial, as_root

pytestmark = as_root
HOST = "start.voorbeeld.example"
MADE = ("--proxy", "none", "--contact", "hulp@voorbeeld.example")
PAGE_USER = FIRST_USER + 9
AS_USER: dict[str, Any] = {"user": PAGE_USER, "group": PAGE_USER, "extra_groups": []}
CODE_IS_OPEN = all(folder.stat().st_mode & stat.S_IXOTH for folder in Path(sys.executable).resolve().parents)
WIM = """
from pathlib import Path
from brug.host import asking
from brug.host.places import Place
def act():
    from django.utils import timezone
    from brug.office.parties import start_page
    from brug.office.parties.models import Member
    is_known = {"name": "Wim Claes", "role": "administrator", "password": "!"}
    wim, is_new = Member.objects.get_or_create(username="wim", defaults=is_known)
    for number in range(WAITING if is_new else 0):
        Member.objects.create(username=f"m{number}", password="argon2$x", name="Iemand", role="social_worker")
    return start_page.begin(wim, at=timezone.now())
print(asking.told(Place(Path(ROOT), NODE), act))
"""


@dataclass
class Browser:
    """One that keeps cookies, at the page of this port."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **form: str) -> tuple[int, str]:
        """Status and text; of a redirect the page that it leads to."""
        form |= {"csrfmiddlewaretoken": self.cookies.get("__Host-brug_page_csrf", "")} if method == "POST" else {}
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Origin": f"https://{HOST}"}
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                assert morsel["secure"] and morsel["path"] == "/" and not morsel["domain"], name
                if morsel["max-age"] == 0 or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        text = answer.read().decode()
        connection.close()
        return self.ask("GET", answer.headers["Location"]) if answer.status == 302 else (answer.status, text)

    def link(self, node: str, code: str) -> tuple[int, str]:
        self.ask("GET", f"/add?node={node}&code={code}")
        return self.ask("POST", "/add", node=node, code=code)


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]).split())


def code_of(trial: Trial, node: str, waiting: int) -> str:
    done = forked.run("-c", f"ROOT, NODE, WAITING = {str(trial.host.root)!r}, {node!r}, {waiting}\n{WIM}")
    assert done.stdout.startswith("code_"), done.stderr
    return done.stdout.strip()


@pytest.fixture
def browser(trial: Trial) -> Iterator[Browser]:
    """At the start page of both nodes, which run; nobody was there yet."""
    where = start_page.folder(trial.host)
    where.mkdir(parents=True)
    os.chown(where, 0, PAGE_USER)
    port = free_port()
    trial.brug_host("start-page", f"https://{HOST}", "--all", "--port", port, *MADE)
    with trial.running():
        command = [str(BIN / "brug-host"), "--root", str(trial.host.root), "serve-page"]
        process = subprocess.Popen(command, env=CLEAN, **(AS_USER if CODE_IS_OPEN else {}))
        try:
            wait_for(port)
            yield Browser(port)
        finally:
            process.terminate()
            process.wait(60)


def wait_for(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    with socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_member_of_two_nodes_sees_what_waits_where_and_nobody_else_sees_anything(
    trial: Trial, browser: Browser
) -> None:
    assert "kent nog geen organisatie" in said(browser.ask("GET", "/")[1]), "a stranger sees no node either"
    code = code_of(trial, "geel", 3)
    assert "Westerlo" in said(browser.ask("GET", f"/add?node=geel&code={code}")[1])
    page = said(browser.link("geel", code)[1])
    assert re.search(r"OCMW Westerlo 3 0 ", page), page
    assert "Hebt u hier ook een account?" in page, "who is somewhere may add the others"
    page = said(browser.link("mol", code_of(trial, "mol", 1))[1])
    assert re.search(r"OCMW Westerlo 3 0 OCMW Westerlo 1 0 ", page), page
    assert not re.search(r"Wim|Iemand|m0", page)

    assert browser.link("geel", code)[0] == 422, "a code works once"
    assert Browser(browser.port).link("mol", code_of(trial, "geel", 0))[0] == 422, "and at its own node alone"
    swapped = Browser(browser.port, dict(browser.cookies))
    geel, mol = "__Host-brug_page_at_geel", "__Host-brug_page_at_mol"
    swapped.cookies[geel], swapped.cookies[mol] = browser.cookies[mol], browser.cookies[geel]
    page = said(swapped.ask("GET", "/")[1])
    assert page.count("Hier opnieuw tonen") == 2, f"a token of one node is none of another: {page}"

    token = browser.cookies[geel]
    for path in ("/", "/members/", "/metrics", "/api/v1/cases", "/account/start-page"):
        headers = {"X-Forwarded-Proto": "https", "Authorization": f"Bearer {token}", "Cookie": f"{geel}={token}"}
        with closing(HTTPConnection("127.0.0.1", trial.ports["geel"], timeout=60)) as connection:
            connection.request("GET", path, headers=headers)
            assert connection.getresponse().status in {302, 401, 404}, f"{path}: it opens nothing"

    trial.brug_host("stop", "mol")
    assert "antwoordt op dit moment niet" in said(browser.ask("GET", "/")[1])
    assert "kent nog geen organisatie" in said(browser.ask("POST", "/forget")[1])


def test_what_the_page_may_read_holds_no_token_and_its_user_reads_no_node(trial: Trial, browser: Browser) -> None:
    browser.link("geel", code_of(trial, "geel", 1))
    file = start_page.folder(trial.host) / start_page.FILE
    assert file.stat().st_mode & 0o777 == 0o640 and file.stat().st_uid == 0
    assert set(json.loads(file.read_text())["nodes"][0]) == {"name", "label", "host", "address", "port"}
    place = trial.host.place("geel")
    metrics = place.secrets / "metrics"
    for path in (place.unlock, place.folder / "brug.sqlite3", place.folder / "brug.toml", metrics):
        assert not reads(path), path
    assert browser.ask("GET", "/health")[1].count("<table") == 0, "nobody reads health yet"
    assert browser.ask("POST", "/health", code="x")[0] == 422

    told = trial.brug_host("reader", "servicedesk").stdout
    page = said(browser.ask("POST", "/health", code=told.split()[-1])[1])
    assert page.count("OCMW Westerlo") == 2 and "niet in orde officers" in page, page
    assert "Wim" not in page
    trial.brug_host("reader", "servicedesk", "--end")
    assert browser.ask("GET", "/health")[1].count("<table") == 0
    assert metrics.read_text().strip() not in file.read_text()


def reads(path: Path) -> bool:
    look = subprocess.run(["cat", path], **AS_USER, capture_output=True, check=False)
    return look.returncode == 0


def test_only_nodes_that_were_named_are_on_it_and_off_takes_it_away(trial: Trial) -> None:
    where = start_page.folder(trial.host)
    where.mkdir(parents=True)
    os.chown(where, 0, PAGE_USER)
    geel, mol = trial.host.place("geel"), trial.host.place("mol")
    before = (geel.folder / "brug.toml").read_text()
    trial.brug_host("start-page", f"https://{HOST}", "geel", *MADE)
    assert [node["name"] for node in start_page.read(where)["nodes"]] == ["geel"]
    assert geel.settings()["web"]["start_page"] == f"https://{HOST}" and "start_page" not in mol.settings()["web"]
    assert (geel.folder / "brug.toml").stat().st_uid == geel.owner[0]
    trial.brug_host("start-page", "off")
    assert (geel.folder / "brug.toml").read_text() == before and not (where / start_page.FILE).exists()
    refused = trial.brug_host("start-page", f"https://{HOST}", "--all", check=False)
    assert refused.returncode == 2 and "--contact" in refused.stderr, "whom to tell that it does not work for somebody"
    refused = trial.brug_host("start-page", "start.voorbeeld.example", "--all", check=False)
    assert refused.returncode == 2 and "such as https://" in refused.stderr
