"""A node's settings come from its folder, and what is wrong stops the program at once with what to do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests import forked


def brug(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return forked.run("brug", "--home", home, *arguments)


def init(home: Path, unlock: Path, party: str = "0212.181.956") -> subprocess.CompletedProcess[str]:
    return brug(
        home, "init", "--demo", "--party", party, "--name", "OCMW Westerlo", "--mailbox", "info.ocmw@westerlo.be",
        "--unlock-file", str(unlock), "--incoming", f"maildir:{home}/mail", "--outgoing", "smtp://127.0.0.1:1",
    )  # fmt: skip


def test_a_node_is_made_once_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    home, unlock = tmp_path / "node", tmp_path / "unlock"
    assert init(home, unlock).returncode == 0
    before = {path: path.read_bytes() for path in [unlock, home / "brug.toml", *(home / "keys").iterdir()]}
    assert init(home, unlock).returncode == 0
    assert {path: path.read_bytes() for path in before} == before
    checked = brug(home, "ledger", "verify")
    assert (checked.returncode, "whole" in checked.stdout) == (0, True)


def test_a_new_node_says_at_once_whether_its_mail_works_and_fails_where_it_does_not(tmp_path: Path) -> None:
    words = ["--party", "0212.181.956", "--name", "OCMW Westerlo", "--mailbox", "info.ocmw@westerlo.be"]
    words += ["--unlock-file", str(tmp_path / "unlock"), "--incoming", f"maildir:{tmp_path}/mail"]
    made = brug(tmp_path / "node", "init", *words, "--outgoing", "smtp://127.0.0.1:1")
    assert made.returncode == 1 and re.search(r"^ WRONG mail_out +Mail cannot leave", made.stdout, re.M)
    assert re.search(r"^  ok   mail_in ", made.stdout, re.M) and "Made the node" in made.stdout
    settings = tmp_path / "node" / "brug.toml"
    settings.write_text(settings.read_text().replace("smtp://127.0.0.1:1", ""))
    made = brug(tmp_path / "node", "init", *words)
    assert made.returncode == 0 and re.search(r"^ WRONG mail_out +No mail can leave", made.stdout, re.M), "comes later"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ('[node]\nparti = "0212181956"\n', "unknown parti"),
        ("[nodes]\n", "unknown table nodes"),
        ("[node\n", "line 1"),
    ],
)
def test_a_typing_error_in_brug_toml_is_named(tmp_path: Path, spoil: str, says: str) -> None:
    (tmp_path / "brug.toml").write_text(spoil)
    answer = brug(tmp_path, "ledger", "verify")
    assert answer.returncode != 0
    assert says in answer.stderr


def test_the_unlock_secret_may_not_lie_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "brug.toml").write_text(f'[keys]\nunlock_file = "{tmp_path / "unlock"}"\n')
    (tmp_path / "unlock").write_bytes(b"u" * 32)
    assert "lie outside the node folder" in brug(tmp_path, "ledger", "verify").stderr


def test_a_folder_that_is_no_node_says_how_to_make_one(tmp_path: Path) -> None:
    assert "init" in brug(tmp_path, "ledger", "verify").stderr


def test_a_wrong_kbo_number_makes_no_node(tmp_path: Path) -> None:
    answer = init(tmp_path / "node", tmp_path / "unlock", party="0212.181.957")
    assert answer.returncode != 0
    assert "check digits" in answer.stderr
    assert not (tmp_path / "node" / "brug.toml").exists()


def test_demo_accounts_exist_only_in_the_demo(tmp_path: Path) -> None:
    home = tmp_path / "node"
    init(home, tmp_path / "unlock")
    text = (home / "brug.toml").read_text()
    (home / "brug.toml").write_text(text.replace("demo = true", "demo = false"))
    answer = init(home, tmp_path / "unlock")
    assert answer.returncode != 0 and "only in the demo" in answer.stderr
