"""Backup under load, the machine is lost, restore elsewhere: all is there, what was erased is not (art. 3, art. 6)."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brug.core.identity import Invalid
from brug.node import restore
from tests.conftest import WESTERLO, make_home
from tests.node import rotation

ROOT = Path(__file__).parent.parent.parent
BRUG = Path(sys.executable).with_name("brug")
NEEDLES = (b"Amal", b"Haddou", b"Polderstraat", b"+32470000001")


@dataclass
class Machine:
    """A folder with a node in it; what `brug` and the scene say of it."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "node"

    def brug(self, *words: object, code: int = 0) -> str:
        done = subprocess.run([BRUG, "--home", self.home, *map(str, words)], capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def init(self) -> str:
        return self.brug(
            "init", "--party", WESTERLO, "--name", "OCMW Westerlo", "--mailbox", "info@westerlo.example",
            "--outgoing", "", "--incoming", "", "--unlock-file", self.folder / "unlock",
        )  # fmt: skip

    def scene(self, *words: object) -> dict[str, Any]:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def command(self, *words: object) -> list[str]:
        return [sys.executable, "-m", "tests.node.scene", str(self.home), *map(str, words)]


@dataclass
class Story:
    """What was done once, for all tests here: see the fixture."""

    outside: Path
    lost: Machine
    paper: Path
    before: list[str]
    erased: list[str]
    signed: dict[str, Any]

    def restore(self, where: Path, *more: object, keys: str = "keys", code: int = 0) -> tuple[Machine, str]:
        machine = Machine(where)
        told = machine.brug(
            "restore", self.outside / "backup", "--keys", self.outside / keys, "--recovery-key", self.paper,
            "--unlock-file", where / "unlock", *more, code=code,
        )  # fmt: skip
        return machine, told

    def unpack(self, home: Path, backup: Path, paper: Path | None = None) -> None:
        words = (paper or self.paper).read_text()
        restore.unpack(home, backup, self.outside / "keys", words, home.parent / "unlock", None)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A node with records is backed up while it works; then some records are erased; then the machine is lost."""
    folder = tmp_path_factory.mktemp("backup")
    outside, lost = folder / "outside", Machine(folder / "lost")
    outside.mkdir()
    told = lost.init()
    paper = folder / "paper"
    paper.write_text(re.findall(r"(?m)^    ([A-Z2-7-]{60,})$", told)[0])
    with (lost.home / "brug.toml").open("a") as settings:
        settings.write(f'\n[backup]\njournal = "{outside / "journal"}"\n')
    before = lost.scene("put", 30)["made"]
    with subprocess.Popen(lost.command("load", 6), stdout=subprocess.PIPE, text=True, cwd=ROOT) as working:
        lost.brug("backup", outside / "backup", "--keys", outside / "keys")
        assert working.poll() is None, "the backup was to be made under load"
        assert working.wait(60) == 0
    signed = lost.scene("erase", *before[:10])
    return Story(outside, lost, paper, before, before[:10], signed)


def test_everything_is_there_what_was_erased_is_not_and_the_ledger_goes_on(story: Story, tmp_path: Path) -> None:
    machine, told = story.restore(tmp_path / "new", "--journal", story.outside / "journal")
    assert "erased again: 10" in told
    now = machine.scene("look", story.signed["note"])
    assert set(story.before) - set(story.erased) <= set(now["readable"])
    assert not set(story.erased) & set(now["readable"])
    assert now["ledger"] == [], "whole, and a continuation of what was signed last"
    assert now["size"] >= story.signed["size"] and now["incarnation"] > 1 and now["signs"]
    assert not set(now["epochs"]) & set(story.signed["epochs"]), "no key of the time before lives on"
    assert machine.brug("ledger", "verify") == "The ledger is whole.\n"


def test_without_its_journal_nothing_smaller_is_signed_until_it_comes(story: Story, tmp_path: Path) -> None:
    machine, told = story.restore(tmp_path / "new")
    assert "not signed" in told
    before = machine.scene("look")
    assert machine.scene("look")["size"] == before["size"] and not before["signs"]
    machine.brug("catch-up", "--journal", story.outside / "journal")
    now = machine.scene("look", story.signed["note"])
    assert now["ledger"] == [] and now["signs"]
    assert not set(story.erased) & set(now["readable"])


def test_after_the_window_the_backup_opens_no_more_with_all_keys_that_exist(story: Story, tmp_path: Path) -> None:
    living = Machine(tmp_path / "living")
    shutil.copytree(story.lost.folder, living.folder, dirs_exist_ok=True)
    settings = living.home / "brug.toml"
    settings.write_text(settings.read_text().replace(str(story.lost.folder / "unlock"), str(living.folder / "unlock")))
    assert living.scene("pass_the_window", story.outside / "later")["readable"]
    _, told = story.restore(tmp_path / "new", keys="later", code=2)
    assert "35 days" in told


def test_neither_backup_nor_keys_nor_journal_holds_a_person_or_a_key(story: Story) -> None:
    kept = {path.name: path.read_bytes() for path in story.outside.iterdir()}
    assert {"backup", "keys", "journal"} <= set(kept)
    assert not [name for name, content in kept.items() for needle in NEEDLES if needle in content]
    assert not list(story.lost.home.glob("backup-*")), "nothing is left beside it"


@pytest.mark.parametrize("where", [-1, 40_000, 200])
def test_a_changed_or_shortened_backup_is_refused(story: Story, tmp_path: Path, where: int) -> None:
    whole = (story.outside / "backup").read_bytes()
    changed = bytearray(whole)
    changed[where] ^= 1
    (tmp_path / "spoilt").write_bytes(whole[:-5] if where == -1 else bytes(changed))
    with pytest.raises((Invalid, ValueError)):
        story.unpack(tmp_path / "new", tmp_path / "spoilt")


def test_another_paper_opens_nothing_and_a_full_folder_is_left_alone(story: Story, tmp_path: Path) -> None:
    other = tmp_path / "paper"
    other.write_text(base64.b32encode(b"another paper, of thirty-two byt").decode())
    with pytest.raises(Invalid, match="recovery key"):
        story.unpack(tmp_path / "new", story.outside / "backup", other)
    with pytest.raises(Invalid, match="empty"):
        story.unpack(story.lost.home, story.outside / "backup")


def test_the_secret_is_rotated_and_a_death_at_any_step_leaves_everything_readable(tmp_path: Path) -> None:
    node = Machine(tmp_path)
    node.init()
    made = node.scene("put", 5)["made"]
    assert rotation.die_everywhere(node.home, ROOT) > 10
    former = (node.folder / "unlock").read_bytes()
    node.brug("keys", "rotate")
    assert (node.folder / "unlock").read_bytes() != former
    assert set(node.scene("look")["readable"]) == set(made)
    (node.folder / "unlock").write_bytes(former)
    done = subprocess.run(node.command("look"), capture_output=True, cwd=ROOT, env=os.environ)
    assert done.returncode != 0, "the former secret opens nothing"


def test_a_node_from_before_the_bunches_stays_readable(tmp_path: Path) -> None:
    """Migrated: its keys hang in bunches; then its unlock secret is replaced, which gives it a root key."""
    home = make_home(database="")
    node = Machine(home.parent)
    made = node.scene("as_before_bunches")["made"]
    node.brug("init", "--party", WESTERLO, "--name", "x", "--mailbox", "x@voorbeeld.example",
              "--outgoing", "", "--incoming", "", "--unlock-file", node.folder / "unlock")  # fmt: skip
    assert set(node.scene("look")["readable"]) == set(made)
    node.brug("keys", "rotate")
    now = node.scene("look")
    assert set(now["readable"]) == set(made)
    assert len(now["epochs"]) == 1 and "T" in now["epochs"][0]
