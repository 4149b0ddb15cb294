"""Backup under load, the machine is lost, restore elsewhere: all is there, what was erased is not (art. 3, art. 6).

On PostgreSQL the other machine has a server of its own, and the program works as the role that may not change the
ledger; only tables are made, here and by a restore, as their owner.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from brug.core.identity import Invalid
from brug.node import restore
from tests import forked, postgres
from tests.conftest import WESTERLO, make_home
from tests.node import rotation

ROOT = Path(__file__).parent.parent.parent
BRUG = Path(sys.executable).with_name("brug")
ON_POSTGRESQL = os.environ.get("BRUG_TEST_DATABASE") == "postgresql"
NEEDLES = (b"Amal", b"Haddou", b"Polderstraat", b"+32470000001")


@dataclass
class Machine:
    """A folder with a node in it; what `brug` and the scene say of it."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "node"

    def brug(self, *words: object, code: int = 0) -> str:
        done = forked.run("brug", "--home", self.home, *words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def init(self, server: Path | None = None) -> str:
        """With `server` its tables go there, as docs/operations.md says."""
        made = forked.init(self.home, self.folder / "unlock")
        assert made.returncode == 0, made.stderr
        if server:
            self.settings.write_text(self.settings.read_text() + tables_on(server))
            self.brug("manage", "migrate", "-v", "0")
            self.work_as_the_program(server)
        return made.stdout

    @property
    def settings(self) -> Path:
        return self.home / "brug.toml"

    def work_as_the_program(self, server: Path) -> None:
        text = self.settings.read_text()
        [name] = re.findall(r'name = "(node_\w+)"', text)
        postgres.let_the_program_in(server, name)
        self.settings.write_text(text.replace('_owner"\n', '_app"\n'))

    def back_up_under_load(self, outside: Path) -> None:
        """A worker runs, and somebody who puts records, sequences and replaces the key of the day all the time."""
        worker, stop = forked.Forked(["brug", "--home", self.home, "worker"]), self.folder / "stop"
        try:
            working = forked.Forked(self.command("load", stop))
            self.brug("backup", outside / "backup", "--keys", outside / "keys")
            assert working.poll() is None, "the backup was to be made under load"
            stop.touch()
            assert working.wait() == 0 and worker.poll() is None
        finally:
            worker.terminate()
            worker.wait()

    def scene(self, *words: object) -> dict[str, Any]:
        done = forked.run(*self.command(*words))
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def command(self, *words: object) -> list[object]:
        return ["-m", "tests.node.scene", self.home, *words]


def tables_on(server: Path) -> str:
    """A new database there, as its owner: the table of brug.toml."""
    name = f"node_{uuid.uuid4().hex[:12]}"
    postgres.make_database(server, name)
    return postgres.settings_of(server, name, postgres.owner_of(name))


@dataclass
class Story:
    """What was done once, for all tests here: see the fixture."""

    outside: Path
    lost: Machine
    elsewhere: Path | None  # a server with nothing on it
    paper: Path
    before: list[str]
    erased: list[str]
    signed: dict[str, Any]

    def restore(self, where: Path, *more: object, keys: str = "keys", code: int = 0) -> tuple[Machine, str]:
        machine = Machine(where)
        if self.elsewhere:
            where.mkdir()
            text = self.lost.settings.read_text()
            (where / "brug.toml").write_text(text[: text.index("[database]")] + tables_on(self.elsewhere))
            more = ("--settings", where / "brug.toml", *more)
        told = machine.brug(
            "restore", self.outside / "backup", "--keys", self.outside / keys, "--recovery-key", self.paper,
            "--unlock-file", where / "unlock", *more, code=code,
        )  # fmt: skip
        if self.elsewhere and not code:
            machine.work_as_the_program(self.elsewhere)
        return machine, told

    def unpack(self, home: Path, backup: Path, paper: Path | None = None) -> None:
        words = (paper or self.paper).read_text()
        restore.unpack(home, backup, self.outside / "keys", words, home.parent / "unlock", None)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Path | None, Path | None]]:
    """On PostgreSQL a server for the machine that is lost and an empty one elsewhere."""
    if not ON_POSTGRESQL:
        yield None, None
        return
    with postgres.cluster() as here, postgres.cluster() as elsewhere:
        yield here, elsewhere


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, servers: tuple[Path | None, Path | None]) -> Story:
    """A node with records is backed up while it works; then some records are erased; then the machine is lost."""
    folder = tmp_path_factory.mktemp("backup")
    outside, lost = folder / "outside", Machine(folder / "lost")
    outside.mkdir()
    told = lost.init(servers[0])
    paper = folder / "paper"
    paper.write_text(re.findall(r"(?m)^    ([A-Z2-7-]{60,})$", told)[0])
    journal = f'\n[backup]\njournal = "{outside / "journal"}"\n'
    lost.settings.write_text(lost.settings.read_text().replace("\n[keys]", f"{journal}\n[keys]"))
    before = lost.scene("begin", 30)["made"]
    lost.back_up_under_load(outside)
    signed = lost.scene("erase", *before[:10])
    return Story(outside, lost, servers[1], paper, before, before[:10], signed)


def test_everything_is_there_what_was_erased_is_not_and_the_ledger_goes_on(story: Story, tmp_path: Path) -> None:
    machine, told = story.restore(tmp_path / "new", "--journal", story.outside / "journal")
    assert "erased again: 10" in told and "closed again" in told and "since then: 1." in told
    now = machine.scene("look", story.signed["note"])
    assert set(story.before) - set(story.erased) <= set(now["readable"])
    assert not set(story.erased) & set(now["readable"])
    assert now["ledger"] == [], "whole, and a continuation of what was signed last"
    assert now["size"] >= story.signed["size"] and now["incarnation"] > 1 and now["signs"] and now["asked"]
    assert not set(now["epochs"]) & set(story.signed["epochs"]), "no key of the time before lives on"
    assert machine.brug("ledger", "verify") == "The ledger is whole.\n"


def test_without_its_journal_nothing_smaller_is_signed_until_it_comes(story: Story, tmp_path: Path) -> None:
    machine, told = story.restore(tmp_path / "new")
    assert "not signed" in told
    before = machine.scene("look")
    assert machine.scene("look")["size"] == before["size"] and not before["signs"]
    journal = story.outside / "journal"
    died = forked.run(*machine.command("die_catching_up", journal))
    assert died.returncode == 9
    half = machine.scene("look")
    assert half["members"] == 1 and not half["signs"], "the ledger is there, what it closed is not closed yet"
    assert "closed again" in machine.brug("catch-up", "--journal", journal)
    now = machine.scene("look", story.signed["note"])
    assert now["ledger"] == [] and now["signs"] and now["members"] == 0
    assert not set(story.erased) & set(now["readable"])


def test_after_the_window_the_backup_opens_no_more_with_all_keys_that_exist(story: Story, tmp_path: Path) -> None:
    living = Machine(tmp_path / "living")
    shutil.copytree(story.lost.folder, living.folder, dirs_exist_ok=True)
    settings = living.settings
    settings.write_text(settings.read_text().replace(str(story.lost.folder / "unlock"), str(living.folder / "unlock")))
    assert living.scene("pass_the_window", story.outside / "later")["readable"]
    _, told = story.restore(tmp_path / "new", keys="later", code=2)
    assert "35 days" in told


def test_neither_backup_nor_keys_nor_journal_holds_a_person_or_a_key(story: Story) -> None:
    kept = {path.name: path.read_bytes() for path in story.outside.iterdir()}
    assert {"backup", "keys", "journal"} <= set(kept)
    assert not [name for name, content in kept.items() for needle in NEEDLES if needle in content]
    assert not list(story.lost.home.glob("backup-*")), "nothing is left beside it"


def test_what_is_in_a_backup_is_the_database_and_the_settings_and_no_key_that_lives(
    story: Story, tmp_path: Path
) -> None:
    living = Machine(tmp_path / "living")
    shutil.copytree(story.lost.folder, living.folder)
    text = living.settings.read_text().replace(str(story.lost.folder / "unlock"), str(living.folder / "unlock"))
    living.settings.write_text(re.sub(r"\[backup\]\n.*\n", "", text))
    living.brug("backup", tmp_path / "backup", "--keys", tmp_path / "keys")
    restore.unpack(
        tmp_path / "new", tmp_path / "backup", tmp_path / "keys", story.paper.read_text(), tmp_path / "u", None
    )
    database = "database.dump" if ON_POSTGRESQL else "database.sqlite3"
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"brug.toml", database, restore.UNFINISHED}
    content = (tmp_path / "new" / "brug.toml").read_bytes() + in_clear(tmp_path / "new" / database)
    record = uuid.UUID(story.before[-1])
    assert record.hex.encode() in content or str(record).encode() in content, "the records are there"
    content += (tmp_path / "keys").read_bytes()
    held = living.scene("live_keys")
    assert {"root", "signing", "checkpoint", "parcel", "index"} < set(held["names"]), "and the key of the day"
    for key in map(bytes.fromhex, held["live"]):
        for needle in (key, key.hex().encode(), base64.b64encode(key).rstrip(b"=")):
            assert needle not in content


@pytest.mark.parametrize("name", ["../out", "/out", "link"])
def test_nothing_but_files_below_the_folder_is_taken_out_of_a_backup(tmp_path: Path, name: str) -> None:
    """Who has the public half of the recovery key can make a backup; and the Python of Debian 12 refuses nothing."""
    packed, home = io.BytesIO(), tmp_path / "home"
    with tarfile.open(fileobj=packed, mode="w|gz") as tar:
        good, bad = tarfile.TarInfo("keys/good"), tarfile.TarInfo(name)
        good.size, good.mode, bad.type, bad.linkname = 2, 0o4777, tarfile.SYMTYPE if name == "link" else b"0", "/etc"
        tar.addfile(good, io.BytesIO(b"ok"))
        tar.addfile(bad)
    packed.seek(0)
    with tarfile.open(fileobj=packed, mode="r|gz") as tar, pytest.raises(Invalid):
        restore._take_out(tar, home)
    assert (home / "keys/good").read_bytes() == b"ok" and (home / "keys/good").stat().st_mode & 0o7777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def in_clear(database: Path) -> bytes:
    """All that is in the copy of the database, also of a compressed one."""
    if not ON_POSTGRESQL:
        return database.read_bytes()
    command = [postgres.programs() / "pg_restore", "-f", "-", database]
    return subprocess.run(command, capture_output=True, check=True).stdout


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


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, set[str]]:
    """A node of which the secret is replaced, once more in each test; and its records."""
    node = Machine(tmp_path_factory.mktemp("rotated"))
    node.init()
    return node, {*node.scene("put", 25)["made"]}


def opens(node: Machine) -> set[str]:
    return {*node.scene("look")["readable"]}


def opens_nothing(node: Machine, secret: bytes) -> bool:
    """Whether the node stands still with this secret; the one in place stays there."""
    unlock = node.folder / "unlock"
    there = unlock.read_bytes()
    unlock.write_bytes(secret)
    done = forked.run(*node.command("look"))
    unlock.write_bytes(there)
    return "InvalidTag" in done.stderr


def test_the_secret_is_rotated_and_a_death_at_any_step_leaves_everything_readable(
    rotated: tuple[Machine, set[str]],
) -> None:
    node, made = rotated
    unlock = node.folder / "unlock"
    first = unlock.read_bytes()
    assert 10 < rotation.die_everywhere(node.home) < 50, "it came to its end"
    assert unlock.read_bytes() != first
    assert opens(node) == made
    assert opens_nothing(node, first)


def test_a_secret_that_the_node_cannot_replace_is_forgotten_only_once_the_new_one_is_in_place(
    rotated: tuple[Machine, set[str]],
) -> None:
    node, made = rotated
    unlock, beside = node.folder / "unlock", node.folder / "beside"
    former = unlock.read_bytes()
    assert rotation.die_everywhere(node.home, "--to", str(beside)) == 4
    assert unlock.read_bytes() == former
    assert "still runs with the former" in node.brug("keys", "rotate", "--finish", code=2)
    assert opens(node) == made
    unlock.write_bytes(beside.read_bytes())
    assert rotation.die_everywhere(node.home, "--finish", steps=4) == 3, "and from there as the other does"
    assert opens(node) == made
    assert opens_nothing(node, former)


def test_a_node_from_before_key_encryption_keys_stays_readable(tmp_path: Path) -> None:
    """Migrated: its keys are wrapped under KEKs; then its unlock secret is replaced, which gives it a root key."""
    home = make_home(database="")
    node = Machine(home.parent)
    made = node.scene("as_before_key_encryption_keys")["made"]
    node.brug("init", "--party", WESTERLO, "--name", "x", "--mailbox", "x@voorbeeld.example",
              "--outgoing", "", "--incoming", "", "--unlock-file", node.folder / "unlock")  # fmt: skip
    assert set(node.scene("look")["readable"]) == set(made)
    node.brug("keys", "rotate")
    now = node.scene("look")
    assert set(now["readable"]) == set(made)
    assert len(now["epochs"]) == 1 and "T" in now["epochs"][0]
