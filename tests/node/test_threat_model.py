"""The threat model names tests that are there: for every try of an adversary, and for each chapter of ASVS 5.0."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tools import threats

PAGE = ROOT / "docs" / "threat-model.md"
TEXT = PAGE.read_text()
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


def test_the_page_is_what_the_table_says() -> None:
    """Made anew by `python -m tools.threats docs/threat-model.md`."""
    assert threats.page(TEXT) == TEXT


REMAINS = [row for adversary in threats.known()["adversary"] for row in adversary["remains"]]


@pytest.mark.parametrize("row", REMAINS, ids=lambda row: row["what"][:50])
def test_what_remains_names_the_test_that_shows_it(row: dict[str, str]) -> None:
    """A sentence that nothing shows is a guess: what is left over is demonstrated, as what is stopped is."""
    path, _, name = row["shown"].partition("::")
    assert f"\ndef {name}(" in (ROOT / path).read_text(), row["shown"]


def test_each_insider_has_what_they_get_and_what_not() -> None:
    insiders = threats.known()["insider"]
    wanted = ("administrator", "dispatcher", "worker", "officer", "with the disk", "with the backup", "other party")
    assert [next(word for word in wanted if word in row["who"]) for row in insiders] == list(wanted)
    for row in insiders:
        assert row["gets"] and row["never"]
        assert named_in(row["shown"]) and all((ROOT / path).exists() for path in named_in(row["shown"]))


def test_every_adversary_has_what_remains_and_every_chapter_a_row() -> None:
    assert len(ADVERSARIES) == 8 and all("*Remains*" in part for part in ADVERSARIES)
    assert [row[0].partition(" ")[0] for row in CHAPTERS] == [f"V{number}" for number in range(1, 18)]
    assert {row[1] for row in CHAPTERS} == {"yes", "partly", "–"}
    for name, verdict, *_, missing in CHAPTERS:
        numbers = re.findall(r"\b\d+\.\d+\.\d+\b", missing)
        assert verdict != "partly" or numbers, f"{name}: which requirement is missing?"
        assert {f"V{number.partition('.')[0]}" for number in numbers} <= {name.partition(" ")[0]}
