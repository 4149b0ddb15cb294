"""The second end agrees with ours (docs/spec); `make conformance` asks it everything."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from brug.node import cli, conformance
from tests.conftest import NOW, ROOT

FOLDER = ROOT / "tests" / "vectors"
END = f"node {ROOT}/tests/independent/brug.mjs"
READER, WRITER = (
    f"{END} read {{node}} {{manifest}} {{archive}} {{mail}}",
    f"{END} write {{given}} {{manifest}} {{archive}}",
)
PART = 9  # of so many vectors one is tried here


def test_it_reads_as_the_vectors_say(tmp_path: Path) -> None:
    vectors = conformance.load(FOLDER)
    vectors["cases"] = vectors["cases"][::PART]
    found = conformance.read(vectors, FOLDER, conformance.by_command(READER, tmp_path))
    assert [str(each) for each in found] == []


def test_it_writes_the_very_bytes() -> None:
    assert [str(each) for each in conformance.write(conformance.load(FOLDER), FOLDER, WRITER)] == []


def test_the_kit_says_what_differs(tmp_path: Path) -> None:
    """A reader that takes everything, one that crashes, a writer that writes nothing."""
    vectors = conformance.load(FOLDER)
    vectors["cases"] = [
        case for case in vectors["cases"] if case["name"] in ("referral", "expired", "ninety-days-more")
    ]
    takes_all = conformance.by_command('echo \'{{"outcome": "accepted"}}\'', tmp_path)
    assert [each.name for each in conformance.read(vectors, FOLDER, takes_all)] == ["ninety-days-more"]
    assert len([*conformance.read(vectors, FOLDER, conformance.by_command("false", tmp_path))]) == len(vectors["cases"])
    assert len([*conformance.write(vectors, FOLDER, "true")]) == 2 * len(vectors["writers"])


def test_the_kit_compares_the_message(tmp_path: Path) -> None:
    """A reader that says that it took it in, and read a digit otherwise or left a value out."""
    vectors = conformance.load(FOLDER)
    vectors["cases"] = [case for case in vectors["cases"] if case["name"] == "referral"]
    right = vectors["messages"]["referral"]

    def told(client: dict[str, object]) -> list[str]:
        answer = {"outcome": "accepted", "message": right | {"client": client}}
        return [each.name for each in conformance.read(vectors, FOLDER, lambda _node, _paths: answer)]

    client = right["client"]
    assert told(client) == []
    assert told(client | {"phone": client["phone"][:-1] + "7"}) == ["referral message.client.phone"]
    assert told({name: value for name, value in client.items() if name != "email"}) == ["referral message.client.email"]


def test_every_accepted_vector_says_which_message_it_holds() -> None:
    vectors = conformance.load(FOLDER)
    assert {case["name"] for case in vectors["cases"] if case["expect"] == "accepted"} == set(vectors["messages"])


def test_the_command_of_the_specification_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a program in the place of CMD that takes its words in the order in which they stand there."""
    text = (ROOT / "docs" / "spec" / "parcel.md").read_text()
    [line] = re.findall(r"^    (brug conformance .+)$", text, re.MULTILINE)
    reader = f"""sh -c 'node {ROOT}/tests/independent/brug.mjs read "$4" "$1" "$2" "$3"' reader"""
    folder = tmp_path / "tests" / "vectors"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    few = conformance.load(FOLDER)
    few["cases"], few["writers"] = few["cases"][: 2 * PART : PART], few["writers"][:1]
    (folder / "vectors.json").write_text(json.dumps(few))
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)
    given = [
        word.replace("CMD {manifest}", f"{reader} {{manifest}}").replace("CMD {given}", f"{END} write {{given}}")
        for word in words
    ]
    asked = cli._parser().parse_args(given[1:])
    assert asked.run(asked, lambda: NOW) == 0 and "3 cases, 0 differ." in capsys.readouterr().out


def test_it_is_short_and_takes_nothing_of_ours() -> None:
    files = list(Path(__file__).parent.glob("*.mjs"))
    assert sum(len(path.read_text().splitlines()) for path in files) < 600
    imported = {
        line.split('"')[-2] for path in files for line in path.read_text().splitlines() if line.startswith("import")
    }
    assert all(name.startswith(("node:", "./")) for name in imported)
