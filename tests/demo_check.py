"""`make demo-check`: the whole job through the real pages over HTTP, each state checked on both sides.

    python -m tests.demo_check

Leaves no process behind. Prints a line per step and returns 0; or names the step that failed and returns 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import mechanicalsoup
from requests import RequestException

from brug.node.demo import PASSWORD, Node, free_port, nodes, prepare, running, stop_on_signals
from tests import forked

PATIENCE_SECONDS = 180.0  # of a busy machine
AMAL = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "phone": "0470 00 00 01",
    "email": "amal.haddou@voorbeeld.example",
    "street": "Polderstraat",
    "number": "14",
}
SARA = {
    "given_name": "Sara",
    "family_name": "Peeterman",
    "phone": "0470 00 00 02",
    "email": "sara.peeterman@voorbeeld.example",
    "street": "Zandkapelweg",
    "number": "3",
}


class Quick(Node):
    """A node whose commands are forks of one process; what serves it begins as in a shell."""

    def brug(self, *arguments: str, given: str | None = None) -> str:
        done = forked.run("brug", "--home", self.home, *arguments, env=os.environ, given=given or "")
        done.check_returncode()
        return done.stdout


def quick_nodes(folder: Path) -> tuple[Node, Node]:
    one, other = (Quick(*astuple(node)) for node in nodes(folder, (free_port(), free_port())))
    return one, other


class Failed(Exception):
    """A step did not bring what it should. Says what was expected."""


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, node: Node, username: str) -> None:
        self.node = node
        self.browser = mechanicalsoup.StatefulBrowser()
        self.open("/login")
        self.submit(username=username, password=PASSWORD)
        self.expect("Log out", "Uitloggen", "Afmelden")

    def open(self, path: str) -> None:
        self._look(self.browser.open(self.node.address + path))

    def follow(self, pattern: str) -> None:
        """Follow the first link whose address holds `pattern`."""
        link = self.browser.page.find("a", href=re.compile(pattern))
        if link is None:
            raise Failed(f"a link to {pattern}")
        self._look(self.browser.follow_link(link))

    def submit(self, form: str = "main form", **typed: object) -> None:
        """Fill in and send the first form that `form` selects; a tick is True, a list ticks each value."""
        self.browser.select_form(form)
        for name, value in typed.items():
            self.browser[name] = tuple(value) if isinstance(value, list) else value
        self._look(self.browser.submit_selected())

    def expect(self, *any_of: str) -> None:
        if not any(text in self.text for text in any_of):
            raise Failed(f"the page to say: {any_of[0]}")

    def expect_nothing_of(self, client: dict[str, str]) -> None:
        if said := [name for name in ("given_name", "family_name", "street", "email") if client[name] in self.text]:
            raise Failed(f"nothing of the client on this page, but it shows {', '.join(said)}")

    @property
    def text(self) -> str:
        return str(self.browser.page)

    @property
    def reference(self) -> str:
        found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(self.browser.url))
        if found is None:
            raise Failed("an address with a reference")
        return found[0]

    def _look(self, response: mechanicalsoup.browser.requests.Response) -> None:
        if response.status_code != 200:
            page = response.soup
            said = [part.get_text(" ", strip=True) for part in page.select("h1, [role=alert]")] if page else []
            raise Failed(f"an ordinary page, and got status {response.status_code}: {' | '.join(said)}")


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what the workers do by themselves."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.25)
    raise Failed(f"{what} within {PATIENCE_SECONDS:.0f} seconds")


def run() -> int:
    """The whole job in a folder of its own, which is gone afterwards."""
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="brug-demo-check-"))
    started = time.monotonic()
    try:
        both, smtp_port = quick_nodes(folder), free_port()
        for node in both:
            node.home.mkdir(mode=0o700)
            shutil.copy(forked.migrated(), node.home / "brug.sqlite3")
        prepare(folder, both, smtp_port)
        with running(folder, both, smtp_port):
            for number, (words, step) in enumerate(_steps(folder, *both), 1):
                with _told(number, words):
                    step()
    except (Failed, KeyboardInterrupt):
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"The whole job ran in {time.monotonic() - started:.0f} seconds.")
    return 0


@contextmanager
def _told(number: int, words: str) -> Iterator[None]:
    try:
        yield
    except Failed as failed:
        print(f"FAILED {number:2}. {words}: expected {failed}", flush=True)
        raise
    except (AttributeError, LookupError, RequestException, mechanicalsoup.LinkNotFoundError) as surprise:
        print(f"FAILED {number:2}. {words}: {type(surprise).__name__}: {surprise}", flush=True)
        raise Failed(words) from surprise
    print(f"ok     {number:2}. {words}", flush=True)


def _steps(folder: Path, discloser: Node, recipient: Node) -> Iterator[tuple[str, Callable[[], None]]]:
    job = Job(folder, discloser, recipient)
    yield "a team member logs in", job.team_member_logs_in
    yield "without consent there is no way forward, and the page says why", job.no_consent_no_way
    yield "a national register number is refused", job.national_number_is_refused
    yield "Amal said yes: five fields, a permit, sent", lambda: job.refer(AMAL)
    yield "the receipt comes; the sender's contact data are erased", lambda: job.receipt_comes(AMAL)
    yield "a dispatcher sees the intake, not the person, and assigns it", lambda: job.assign(AMAL)
    yield "the social worker opens it, reaches Amal and tells what GDPR 14 asks", lambda: job.contact(AMAL)
    yield "need clarified, help wanted: a client file", lambda: job.help_wanted(AMAL)
    yield "Sara too: referred, received, assigned", lambda: job.whole_way(SARA)
    yield "Sara declines: erased at once", lambda: job.declines(SARA)
    yield "nothing of Sara is left in either folder", lambda: job.nothing_left(SARA)
    yield "both ledgers are whole", job.ledgers_are_whole


class Job:
    """The people of the demo at work; each method is a step and raises `Failed`."""

    def __init__(self, folder: Path, discloser: Node, recipient: Node) -> None:
        self.folder, self.discloser, self.recipient = folder, discloser, recipient
        self.people: dict[str, Person] = {}
        self.referrals: dict[str, str] = {}

    def at(self, node: Node, username: str) -> Person:
        if username not in self.people:
            self.people[username] = Person(node, username)
        return self.people[username]

    @property
    def lien(self) -> Person:
        return self.at(self.discloser, "lien")

    @property
    def hilde(self) -> Person:
        return self.at(self.recipient, "hilde")

    @property
    def karim(self) -> Person:
        return self.at(self.recipient, "karim")

    def team_member_logs_in(self) -> None:
        self.lien.open("/referrals/")

    def _start(self) -> None:
        self.lien.open("/referrals/new")
        self.lien.submit(postal_code="2260")
        self.referral = self.lien.reference

    def no_consent_no_way(self) -> None:
        self._start()
        self.lien.open(f"/referrals/{self.referral}/client")
        if not str(self.lien.browser.url).endswith("/consent"):
            raise Failed("to be brought back to the consent")

    def national_number_is_refused(self) -> None:
        self._consent()
        self.lien.browser.select_form("main form")
        self.lien.browser["given_name"], self.lien.browser["family_name"] = "Amal", "85.07.30-033.28"
        self.lien.browser["phone"] = "0470 00 00 01"
        response = self.lien.browser.submit_selected()
        if response.status_code != 422 or "85.07.30-033.28" not in response.text:
            raise Failed("status 422, and what was typed kept")

    def _consent(self) -> None:
        self.lien.open(f"/referrals/{self.referral}/consent")
        self.lien.submit(informed_how="talk_and_leaflet", consented_how="oral", judged_with_client=True)

    def refer(self, client: dict[str, str]) -> None:
        self._start()
        self._consent()
        self.lien.submit(**client)
        self.lien.expect(client["family_name"])
        self.lien.expect("versleuteld")
        self.lien.submit()
        self.referrals[client["given_name"]] = self.lien.reference

    def receipt_comes(self, client: dict[str, str]) -> None:
        page = f"/referrals/{self.referrals[client['given_name']]}"

        def has_arrived() -> bool:
            self.lien.open(page)
            return "Accepted by OCMW" in self.lien.text or "Aanvaard door OCMW" in self.lien.text

        until(has_arrived, "the receipt")
        self.lien.expect_nothing_of(client)

    def assign(self, client: dict[str, str]) -> None:
        self.hilde.open("/cases/inbox")
        self.hilde.expect_nothing_of(client)
        self.hilde.follow(r"/assign$")
        self.hilde.expect_nothing_of(client)
        karim = self.hilde.browser.page.find("label", string=re.compile("Karim"))
        choice = self.hilde.browser.page.find("input", id=karim["for"])
        self.hilde.submit(worker=choice["value"])

    def contact(self, client: dict[str, str]) -> None:
        self.karim.open("/cases/mine")
        self.karim.follow(r"/cases/mine/[0-9a-f]{8}-")
        self.case = self.karim.reference
        self.karim.expect(client["family_name"])
        self.karim.open(f"/cases/mine/{self.case}/attempt")
        self.karim.submit(channel="phone", result="no_answer")
        self.karim.open(f"/cases/mine/{self.case}/reached")
        self.karim.submit(channel="phone", told=True)

    def help_wanted(self, client: dict[str, str]) -> None:
        self.karim.open(f"/cases/mine/{self.case}/clarify")
        self.karim.submit(kinds=["first_age_milk", "childcare_rate"])
        self.karim.open(f"/cases/mine/{self.case}/outcome")
        self.karim.submit(sure=True)
        self.karim.open("/cases/files")
        self.karim.follow(r"/cases/files/[0-9a-f]{8}-")
        self.karim.expect("D-20")
        self.karim.expect(client["family_name"])

    def whole_way(self, client: dict[str, str]) -> None:
        self.refer(client)
        self.receipt_comes(client)
        self.assign(client)
        self.contact(client)

    def declines(self, client: dict[str, str]) -> None:
        self.karim.open(f"/cases/mine/{self.case}/decline")
        self.karim.submit()
        self.karim.expect_nothing_of(client)

    def nothing_left(self, client: dict[str, str]) -> None:
        """Every byte of both folders and of the mail drop, in UTF-8 and UTF-16."""
        needles = [client[name] for name in ("family_name", "street", "email")]
        needles += [client["phone"], "+32" + client["phone"].replace(" ", "")[1:]]
        coded = [needle.encode(code) for needle in needles for code in ("utf-8", "utf-16-le", "utf-16-be")]
        for path in self.folder.rglob("*"):
            if path.is_file() and any(needle in path.read_bytes() for needle in coded):
                raise Failed(f"nothing of the client in {path.relative_to(self.folder)}")

    def ledgers_are_whole(self) -> None:
        for node in (self.discloser, self.recipient):
            try:
                node.brug("ledger", "verify")
            except subprocess.CalledProcessError as failed:
                raise Failed(f"the ledger of {node.name} to be whole: {failed.stdout}") from None


if __name__ == "__main__":
    sys.exit(run())
