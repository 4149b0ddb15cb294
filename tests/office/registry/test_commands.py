"""`brug protocol …`: answers from files, with exit codes a script can use."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from brug.core.identity import Invalid
from brug.core.protocol.document import load
from brug.core.protocol.text import text
from brug.office.registry import queries
from brug.office.registry.commands import FAULTY, NO, OK, add_verbs
from tests.core.protocol.samples import SEED, TEXT, WESTERLO, text_with

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "protocol.yaml"
    path.write_text(TEXT)
    return path


def brug(*words: object) -> int:
    parser = argparse.ArgumentParser()
    add_verbs(parser)
    arguments = parser.parse_args([*map(str, words)])
    code: int = arguments.run(arguments, lambda: NOW)
    return code


def test_check_names_what_is_missing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brug("check", file) == NO
    assert "art. 7: It does not say how the data subject" in capsys.readouterr().out


def test_check_names_every_fault_with_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(text_with(("0212.181.956", "0212.181.955"), ("2023-12-18", "2023-13-18")))
    assert brug("check", file) == FAULTY
    told = capsys.readouterr().err
    assert "parties[1].kbo" in told and "recitals[2].terms.agreement.concluded_on" in told
    assert told.count("line ") >= 2


def test_a_file_that_cannot_be_read_is_no_crash(tmp_path: Path) -> None:
    assert brug("check", tmp_path / "nowhere.yaml") == FAULTY
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert brug("text", tmp_path / "bytes") == FAULTY


def test_text_prints_the_articles(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brug("text", file) == OK
    assert "Artikel 11: Inwerkingtreding en opzegging" in capsys.readouterr().out


def test_diff_tells_what_changed(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(text_with(("copies: 2", "copies: 3"), ("in 2 exemplaren", "in 3 exemplaren")))
    assert brug("diff", file, file) == OK
    assert brug("diff", file, other) == NO
    assert "closing: terms.copies becomes 3 (was 2)" in capsys.readouterr().out


def test_ask_answers_with_reasons_and_articles(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brug("ask", file) == OK
    assert capsys.readouterr().out.startswith("yes (art. 5): address, email")
    assert brug("ask", file, "--as-of", "2024-01-15", "--residence", "13013", "--no-consent") == NO
    assert capsys.readouterr().out.splitlines() == [
        "no",
        "  recital C: no_consent",
        "  art. 2: residence_not_served",
        "  art. 11: not_signed_yet",
    ]
    assert brug("ask", file, "--as-of", "15/01/2024") == FAULTY


def test_read_makes_a_draft_and_tells_where_it_found_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published = tmp_path / "published.txt"
    published.write_text(SEED)
    assert brug("read", published) == NO
    told = capsys.readouterr()
    assert "kbo: line 21" in told.err and "residences: not found" in told.err
    assert "notice_months: 6" in told.out
    published.write_text(text(WESTERLO))
    assert brug("read", published) == OK
    assert load(capsys.readouterr().out) == WESTERLO


def test_read_takes_a_pdf_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published = tmp_path / "published.pdf"
    page = b"#set page(margin: 1cm)\n#set text(size: 9pt)\n#sys.inputs.words"
    published.write_bytes(typst.compile(page, sys_inputs={"words": SEED.replace("\n", "\n\n")}))
    assert brug("read", published) == NO
    told = capsys.readouterr()
    for found in ("0212.181.956", "info.ocmw@westerlo.be", "informatieveiligheid@iok.be", "notice_months: 6"):
        assert found in told.out
    published.write_bytes(b"%PDF-1.7")
    with pytest.raises(Invalid, match="give its text instead"):
        brug("read", published)


def test_new_asks_only_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {
        "place": "Herselt",
        "kbo": "0207.654.333",
        "street": "Kerkplein",
        "number": "3",
        "postal-code": "2230",
        "municipality": "Herselt",
        "residences": "13013",
        "mailbox": "zendingen@herselt.example",
        "recipient-dpo": "fg@herselt.example",
        "chair": "Amal Haddou",
        "director": "Joris Verhaegen",
        "team": "Zuiderkempen",
        "agreement-on": "2026-12-01",
        "in-force-from": "2027-01-01",
    }
    assert brug("new", *(word for name, given in answers.items() for word in (f"--{name}", given))) == OK
    made = load(capsys.readouterr().out)
    assert (made.id, made.residences, made.signed_on) == ("opgroeien-ocmw-herselt", {"13013"}, None)
    assert brug("new", "--place", "Herselt") == FAULTY
    assert "parties[1].kbo: nothing is filled in" in capsys.readouterr().err
    assert brug("new", "--in-force-from", "1 januari") == FAULTY


@pytest.mark.django_db
def test_adopt_takes_it_up_once(file: Path) -> None:
    assert brug("adopt", file) == brug("adopt", file) == OK
    assert [protocol.id for protocol in queries.all_protocols(NOW)] == ["opgroeien-ocmw-westerlo"]
    file.write_text(TEXT.replace("lid van het lokaal", "lid van dat lokaal"))
    assert brug("adopt", file) == FAULTY
