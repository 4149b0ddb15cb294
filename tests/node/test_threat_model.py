"""The threat model names tests that are there: for every try of an adversary, and for each chapter of ASVS 5.0."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
TRIES = [row for row in ROWS if len(row) == 3 and row[0] != "tries"]
CHAPTERS = [row for row in ROWS if len(row) == 5 and row[0] != "chapter"]
ADVERSARIES = [part for part in TEXT.split("\n## ")[1:] if "| tries |" in part]


def named_in(text: str) -> list[str]:
    return re.findall(r"`(tests/[\w./]+)`", text)


@pytest.mark.parametrize("row", [*TRIES, *CHAPTERS[:-1]], ids=lambda row: row[0][:50])
def test_each_row_is_shown_by_tests_that_exist(row: list[str]) -> None:
    named = named_in(" ".join(row))
    assert named, "which test shows it?"
    for path in map(ROOT.joinpath, named):
        files = [path] if path.suffix else [*path.rglob("test_*.py")]
        assert any("def test_" in file.read_text() for file in files), path


def test_every_adversary_has_what_remains_and_every_chapter_a_row() -> None:
    assert len(ADVERSARIES) == 7 and all("*Remains.*" in part for part in ADVERSARIES)
    assert [row[0].partition(" ")[0] for row in CHAPTERS] == [f"V{number}" for number in range(1, 18)]
    assert {row[1] for row in CHAPTERS} == {"yes", "partly", "–"}
    for name, verdict, *_, missing in CHAPTERS:
        numbers = re.findall(r"\b\d+\.\d+\.\d+\b", missing)
        assert verdict != "partly" or numbers, f"{name}: which requirement is missing?"
        assert {f"V{number.partition('.')[0]}" for number in numbers} <= {name.partition(" ")[0]}
