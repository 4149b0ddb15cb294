"""Two filled nodes of 0.2.0 go on under this release: `nodes-0.2.0.tar.xz`, made with that release's own demo.

The recipient has a client file (Amal Haddou), a case with a worker (Nour Benali), one that nobody has yet (Femke
Wouters) and one that was erased (Sara Peeterman); the discloser has what is left of those, and a draft. Passwords and
keys are of the demo, people are fictional.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brug.node.demo import Node, free_port, running
from tests import forked
from tests.demo_check import AMAL, SARA, Job, quick_nodes

FILLED = Path(__file__).parent / "nodes-0.2.0.tar.xz"
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
            today = datetime.now(UTC).date().isoformat()
            database.execute(
                "UPDATE parties_member SET secrecy_attested_on = ? WHERE secrecy_attested_on < ?", [today] * 2
            )


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Node, Node], int]:
    folder = tmp_path_factory.mktemp("upgraded")
    with tarfile.open(FILLED) as filled:
        filled.extractall(folder, filter="data")
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
