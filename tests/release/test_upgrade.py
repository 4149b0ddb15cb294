"""Two filled nodes of 0.2.0 go on under this release: `nodes-0.2.0.tar.xz`, made with that release's own demo.

The recipient has a client file (Amal Haddou), a case with a worker (Nour Benali), one that nobody has yet (Femke
Wouters) and one that was erased (Sara Peeterman); the discloser has what is left of those, and a draft. Passwords and
keys are of the demo, people are fictional.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import brug
from brug.core.calendar import legal_day
from brug.host import supervisor
from brug.host.places import Host
from brug.node.demo import Node, free_port, maildir, running
from tests import forked
from tests.demo_check import AMAL, SARA, Job, quick_nodes
from tests.host.conftest import DEBIAN, FIRST_USER, Trial, as_root, folder_for_all

FILLED = Path(__file__).parent / "nodes-0.2.0.tar.xz"
EARLIER = FILLED.with_name("release-0.3.0.tar.xz")
MADE_IN = "/tmp/filled-020"  # noqa: S108
NOUR = AMAL | {"given_name": "Nour", "family_name": "Benali"}
LATER = AMAL | {
    "given_name": "Lut",
    "family_name": "Verhoeven",
    "phone": "0470 00 00 31",
    "email": "lut@voorbeeld.example",
}
KEPT = {
    "discloser": ("referrals_referral", "ledger_entry", "vault_envelope", "post_accepted"),
    "recipient": ("casework_intake", "casework_clientfile", "ledger_entry", "vault_envelope", "post_accepted"),
}


FAMILIES = [
    LATER | {"given_name": given, "phone": f"0470 00 01 {number}", "email": f"{given.lower()}@voorbeeld.example"}
    for number, given in enumerate(("Ada", "Bea", "Cis", "Els", "Ine", "Jos", "Kaat", "Leen", "Mia", "Nel"), 10)
]


def rows(node: Node) -> dict[str, int]:
    """How many there are in each table that an upgrade must leave as it is."""
    with closing(sqlite3.connect(node.home / "brug.sqlite3")) as database:
        counts = {table: f"SELECT count(*) FROM {table}" for table in KEPT[node.home.name]}  # noqa: S608
        return {table: database.execute(count).fetchone()[0] for table, count in counts.items()}


def moved(folder: Path, both: tuple[Node, Node], smtp_port: int) -> None:
    """The folders where this test has them, on free ports; time has passed since they were made."""
    for node in both:
        settings = node.home / "brug.toml"
        text = re.sub(r"^port = .*", f"port = {node.port}", settings.read_text(), flags=re.M)
        text = re.sub(r"smtp://127.0.0.1:\d+", f"smtp://127.0.0.1:{smtp_port}", text)
        settings.write_text(text.replace(MADE_IN, str(folder)))
        with closing(sqlite3.connect(node.home / "brug.sqlite3")) as database, database:
            today = legal_day(datetime.now(UTC)).isoformat()
            database.execute(
                "UPDATE parties_member SET secrecy_attested_on = ? WHERE secrecy_attested_on < ?", [today] * 2
            )


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Node, Node], int]:
    folder = tmp_path_factory.mktemp("upgraded")
    shutil.unpack_archive(FILLED, folder)
    both, smtp_port = quick_nodes(folder), free_port()
    moved(folder, both, smtp_port)
    return folder, both, smtp_port


@pytest.fixture(scope="module")
def upgraded(before: tuple[Path, tuple[Node, Node], int]) -> Iterator[Job]:
    folder, both, smtp_port = before

    def upgrade(node: Node) -> None:
        there = rows(node)
        node.brug("manage", "migrate", "-v", "0")
        assert rows(node) == there
        node.brug("retention", "confirm-clock")  # as the guide says after a long rest

    with ThreadPoolExecutor() as threads:
        list(threads.map(upgrade, both))
    with running(folder, both, smtp_port):
        yield Job(folder, *both)


def test_ledgers_are_whole_and_every_envelope_opens(upgraded: Job, tmp_path: Path) -> None:
    upgraded.ledgers_are_whole()
    for node in (upgraded.discloser, upgraded.recipient):
        told = node.brug("export", "--everything", str(tmp_path / f"{node.home.name}.7z"))
        assert "files; README.txt" in told


def test_cases_and_files_open_with_what_was_in_them(upgraded: Job) -> None:
    karim = upgraded.karim
    karim.open("/cases/mine")
    karim.follow(r"/cases/mine/[0-9a-f]{8}-")
    karim.expect(NOUR["family_name"])
    karim.open("/cases/files")
    karim.follow(r"/cases/files/[0-9a-f]{8}-")
    karim.expect(AMAL["family_name"])
    upgraded.hilde.open("/cases/inbox")
    upgraded.hilde.follow(r"/assign$")
    upgraded.lien.open("/referrals/")
    upgraded.nothing_left(SARA)


def test_a_new_family_goes_the_whole_way_between_them(upgraded: Job) -> None:
    upgraded.refer(LATER)
    upgraded.receipt_comes(LATER)
    upgraded.ledgers_are_whole()


def test_nothing_is_wrong_with_either(upgraded: Job) -> None:
    for node in (upgraded.discloser, upgraded.recipient):
        said = forked.run("brug", "--home", node.home, "check", "--json").stdout
        wrong = {row["name"] for row in json.loads(said) if row["state"] == "error"}
        assert not wrong, said


@pytest.fixture
def host() -> Iterator[tuple[Trial, Job]]:
    """The recipient on a host of today, which runs it with the code of 0.3.0, and the discloser beside it."""
    with folder_for_all() as root:
        shutil.unpack_archive(FILLED, root)
        shutil.unpack_archive(EARLIER, root / "earlier")
        for folder in (root, root / "earlier"):
            folder.chmod(0o755)
        (discloser, recipient), smtp_port = quick_nodes(root), free_port()
        moved(root, (discloser, recipient), smtp_port)
        discloser.brug("manage", "migrate", "-v", "0")
        discloser.brug("retention", "confirm-clock")

        trial = Trial(Host(root), {"recipient": recipient.port})
        trial.keep(root / "earlier")
        place, mail = trial.host.place("recipient"), maildir(root, recipient.mailbox)
        for folder in (place.secrets, place.aside, place.backups, mail / "cur", mail / "new", mail / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        place.folder.parent.mkdir(parents=True)
        shutil.move(recipient.home, place.folder)
        shutil.copy(root / "unlock/recipient", place.unlock)
        (place.secrets / "environment").touch()
        (place.secrets / "former").write_text("0.3.0")
        with (place.folder / "brug.toml").open("a") as toml:
            toml.write(f'\n[backup]\nkeys = "{place.aside}/keys"\njournal = "{place.aside}/journal"\n')
        for path in (*(place.folder, place.aside, place.backups, mail), *place.folder.rglob("*"), *mail.rglob("*")):
            os.chown(path, FIRST_USER + 1, FIRST_USER + 1)
        for words in (("manage", "migrate", "-v", "0"), ("retention", "confirm-clock"), ("keys", "recovery")):
            trial.brug_host("as", "recipient", *words)
        with running(root, (discloser,), smtp_port):
            yield trial, Job(root, discloser, recipient)


def arrived(trial: Trial) -> int:
    """How many families have ever come to the recipient."""
    database = trial.host.place("recipient").folder / "brug.sqlite3"
    with closing(sqlite3.connect(database)) as tables:
        return int(tables.execute("SELECT count(*) FROM post_accepted WHERE about IS NOT NULL").fetchone()[0])


@as_root
@pytest.mark.soak(only=True)  # a host, two releases and a discloser, as processes
@pytest.mark.skipif(not DEBIAN.exists(), reason="nodes run former code with Debian's python")
def test_a_node_is_upgraded_while_families_are_referred_to_it_and_somebody_looks(host: tuple[Trial, Job]) -> None:
    trial, job = host
    before, answers, sent, is_over = arrived(trial), [], [], threading.Event()

    def refer() -> None:
        for family in FAMILIES:
            job.refer(family)
            sent.append(family)
            if is_over.is_set():
                break

    def look() -> None:
        while not is_over.is_set():
            answers.append(trial.get("recipient", "/healthz"))

    with (trial.host.root / "log").open("wb") as log, trial.running(log) as process:
        assert [child["version"] for child in supervisor.ask(trial.host, "list")["children"]] == ["0.3.0"]
        with ThreadPoolExecutor() as threads:
            people = [threads.submit(refer), threads.submit(look)]
            while not sent:
                people[0].done() and people[0].result()
            told = trial.brug_host("upgrade", "recipient", check=False)
            is_over.set()
            for each in people:
                each.result()
        assert process.poll() is None, (trial.host.root / "log").read_text()
        assert "went back" not in told.stderr, told.stderr
        assert [child["version"] for child in supervisor.ask(trial.host, "list")["children"]] == [brug.__version__]
        assert set(answers) <= {200, 503, 0} and answers[0] == answers[-1] == 200, "away only while it begins anew"
        for family in sent:
            job.receipt_comes(family)
        assert arrived(trial) == before + len(sent), "nothing is lost, and nothing came twice"
        trial.brug_host("as", "recipient", "ledger", "verify")
        job.discloser.brug("ledger", "verify")
