"""One package: what `pip install brug-*.whl` brings is all that a node needs, pages, papers, leaflets and guides."""

from __future__ import annotations

import re
import subprocess
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import mechanicalsoup
import pytest
import requests

from brug.core import leaflet as core
from brug.core.leaflet import LANGUAGES, Kind
from brug.core.protocol.document import load
from brug.node.demo import PASSWORD, PEOPLE, WESTERLO, free_port
from tests import CLEAN
from tests.conftest import PROTOCOL_TEXT

OTHERS = [username for username, _, _ in PEOPLE[WESTERLO] if username != "ann"]


@pytest.fixture(scope="module")
def node(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a node of fictional people, made and run by what was installed."""
    folder, port = tmp_path_factory.mktemp("node"), free_port()
    brug = [str(installed / "brug"), "--home", str(folder / "westerlo")]
    init = [
        "init", "--demo", "--party", WESTERLO, "--name", "OCMW Westerlo", "--mailbox", "info.ocmw@westerlo.be",
        "--port", str(port), "--unlock-file", str(folder / "unlock"), "--outgoing", "",
        "--incoming", f"maildir:{folder / 'mail'}",
    ]  # fmt: skip
    subprocess.run([*brug, *init], check=True, env=CLEAN, cwd=folder, stdout=subprocess.DEVNULL)
    with started(brug, "worker", folder), started(brug, "web", folder):
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code == 200:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def started(brug: list[str], command: str, folder: Path) -> Iterator[None]:
    with (folder / f"{command}.log").open("wb") as log:
        process = subprocess.Popen([*brug, command], env=CLEAN, cwd=folder, stdout=log, stderr=log)
    try:
        yield
        assert process.poll() is None, (folder / f"{command}.log").read_text()
    finally:
        process.terminate()
        process.wait(180)


def pages(browser: mechanicalsoup.StatefulBrowser, address: str) -> Iterator[tuple[str, requests.Response]]:
    """Every address that links, pictures and styles lead to, from the home page on; nothing is sent."""
    waiting, seen = [f"{address}/"], {f"{address}/"}
    while waiting:
        asked = waiting.pop()
        answer = browser.session.get(asked, timeout=60)
        yield urlsplit(asked).path, answer
        kind = answer.headers["Content-Type"]
        found: list[str] = []
        if kind.startswith("text/html"):
            found = re.findall(r'(?:href|src|srcset)="([^"#]+)', answer.text)
        elif kind.startswith("text/css"):
            found = re.findall(r'url\("?([^")]+)', answer.text)
        for link in found:
            whole = urljoin(answer.url, link.replace("&amp;", "&"))
            bare = whole.partition("?")[0]  # the same page sorted another way is the same page
            if whole.startswith(address) and bare not in seen and "/logout" not in bare:
                seen.add(bare)
                waiting.append(whole)


def logged_in(address: str, username: str) -> mechanicalsoup.StatefulBrowser:
    browser = mechanicalsoup.StatefulBrowser()
    browser.open(f"{address}/login")
    browser.select_form("main form")
    browser["username"], browser["password"] = username, PASSWORD
    browser.submit_selected()
    assert "/login" not in browser.url
    return browser


@pytest.mark.parametrize(
    "username", ["ann", *(pytest.param(username, marks=pytest.mark.soak(only=True)) for username in OTHERS)]
)
def test_every_page_that_a_person_can_reach_is_there_with_its_styles_letters_and_pictures(
    node: str, username: str
) -> None:
    answers = dict(pages(logged_in(node, username), node))
    wrong = {path: answer.status_code for path, answer in answers.items() if answer.status_code >= 400}
    assert wrong == {}
    kinds = {answer.headers["Content-Type"].partition(";")[0] for answer in answers.values()}
    assert kinds >= {"text/html", "text/css", "font/woff2", "image/webp"} and "/hulp" in " ".join(answers)
    home = answers["/"].text
    assert "Uitloggen" in home or "Afmelden" in home, "the texts are Dutch: the compiled ones came along"


def test_the_protocol_is_there_on_paper(node: str) -> None:
    paper = requests.get(f"{node}/protocols/opgroeien-ocmw-westerlo/1.pdf", timeout=60)
    assert "Artikel 1" in said(paper.content)


def test_a_protocol_that_came_along_is_known_by_its_name(installed: Path) -> None:
    brug = [str(installed / "brug"), "protocol", "text", "opgroeien-ocmw-westerlo"]
    assert "Artikel 1" in subprocess.run(brug, env=CLEAN, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leaflet_is_printed_in_the_letters_of_its_language(node: str, language: str) -> None:
    spoken = " ".join(core.leaflet(load(PROTOCOL_TEXT), Kind.CONTACT, language, consent_years=5).spoken())
    paper = requests.get(f"{node}/info/{Kind.CONTACT}/{language}/opgroeien-ocmw-westerlo/pdf", timeout=60)
    assert paper.headers["Content-Type"] == "application/pdf"
    assert letters(spoken) <= letters(said(paper.content))


def letters(text: str) -> Counter[str]:
    """How often each letter stands there, whatever the order in which a right-to-left line is read out."""
    return Counter(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter)[0] in "LN")


def said(paper: bytes) -> str:
    read = subprocess.run(["pdftotext", "-raw", "-", "-"], input=paper, capture_output=True, check=True)
    return read.stdout.decode()
