"""Every command that docs/spec writes is run as it stands there (art. 6)."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from brug.node import cli
from brug.office.ledger import queries, verifier, witnessing
from tests.conftest import NOW, ROOT
from tests.office.ledger.test_services import OtherLog
from tests.office.ledger.test_witnessing import like

TEXT = (ROOT / "docs" / "spec" / "ledger.md").read_text()
LINES = re.findall(r"^    ((?:brug|python) .+)$", TEXT, re.MULTILINE)


def test_there_are_commands() -> None:
    assert sum(line.startswith("brug") for line in LINES) >= 6 and sum("verifier.py" in line for line in LINES) >= 5


def test_every_command_of_the_ledger_runs_as_written(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One node here; the other party's log book in memory. What it saw of ours is our own newest note."""
    monkeypatch.setenv("BRUG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    other = OtherLog()
    for count in (3, 4):
        before = len(other.hashes)
        text = other.grow(count)
        witnessing.hear(text, other.key, after=before, proof=other.proof(before), at=NOW)
    with pytest.raises(witnessing.Inconsistent):
        witnessing.hear(like(other).grow(7, b"x"), other.key, after=7, proof=[], at=NOW)
    keys = {"THEIRS": str(other.key), "KEY": str(queries.signing_keys()[0])}
    for line in LINES:
        words, _, to = line.partition(" > ")
        command = [keys.get(word, word) for word in shlex.split(words)]
        if "--seen" in command:
            (tmp_path / "seen.jsonl").write_text(_seen_by_them())
        if command[0] == "python":
            done = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
        else:
            given = cli._parser().parse_args(command[1:])
            assert given.run(given, lambda: NOW) == 0, line
            if to:
                (tmp_path / to).write_text(capsys.readouterr().out)
        if "--seen" in command:
            (tmp_path / "seen.jsonl").write_text(_ours())


def _ours() -> str:
    from brug.office.ledger import evidence

    return evidence.witnessed("0212181956")


def _seen_by_them() -> str:
    from brug.office.ledger import evidence

    key = queries.signing_keys()[0]
    told = {"log": key.name, "key": str(key), "after": 0, "proof": None, "note": queries.latest_checkpoint()}
    return evidence._lines(evidence.WITNESS, [told])
