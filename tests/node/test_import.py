"""`brug import`: referrals that were mailed before this node, from a list (art. 3)."""

from __future__ import annotations

import argparse
import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import Intake
from brug.node import moving_commands
from brug.office.ledger.models import Entry
from brug.office.vault import services as vault
from tests.desks.casework.conftest import protocol

__all__ = ["protocol"]  # a fixture: this node is OCMW Westerlo's
pytestmark = pytest.mark.django_db
ROW = {
    "received_on": "02/11/2026",
    "team": "zuiderkempen",
    "given_name": "Łucja",
    "family_name": "Nowak",
    "phone": "0470 00 00 01",
    "street": "Polderstraat",
    "number": "14",
    "postal_code": "2260",
    "notifier_name": "Lien Peeters",
    "notifier_phone": "0470 00 00 09",
    "informed_on": "30/10/2026",
    "consented_on": "30/10/2026",
    "attested": "ja",
}


def brug(now: datetime, *words: str) -> int:
    parser = argparse.ArgumentParser()
    moving_commands.add_commands(parser.add_subparsers(dest="command", required=True))
    given = parser.parse_args(["import", *words])
    return int(given.run(given, lambda: now))


def listed(folder: Path, *rows: dict[str, str], charset: str = "utf-8", delimiter: str = ";") -> str:
    text = io.StringIO()
    made = csv.DictWriter(text, list(ROW), delimiter=delimiter)
    made.writeheader()
    made.writerows(rows)
    path = folder / "lijst.csv"
    path.write_bytes(text.getvalue().encode(charset))
    return str(path)


@pytest.mark.parametrize(("charset", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1250", ",")])
def test_a_list_of_a_spreadsheet_is_taken_in_with_the_day_on_which_each_came(
    protocol: Protocol, now: datetime, tmp_path: Path, charset: str, delimiter: str
) -> None:
    row = ROW | ({"given_name": "Amal"} if charset == "cp1250" else {})
    path = listed(tmp_path, row, row | {"family_name": "Haddou"}, charset=charset, delimiter=delimiter)
    assert brug(now, path) == 0
    assert not Intake.objects.exists(), "to look is not to do"
    assert brug(now, path, "--take-in") == 0
    first, second = Intake.objects.order_by("pk")
    kept = vault.read(first.record)
    assert {
        kept["referral"]["client"]["family_name"],
        vault.read(second.record)["referral"]["client"]["family_name"],
    } == {
        "Nowak",
        "Haddou",
    }
    assert kept["referral"]["client"]["given_name"] == row["given_name"]
    assert kept["referral"]["notifier"]["team"] == "zuiderkempen"
    assert first.arrived_at.date() == date(2026, 11, 2)
    assert {entry.at for entry in Entry.objects.filter(act="intake_received")} == {now}, (
        "the log book says when it was done"
    )
    with pytest.raises(Invalid, match="taken in before"):
        brug(now, path, "--take-in")


def test_one_wrong_row_and_nothing_is_taken_in_and_no_person_is_printed(
    protocol: Protocol, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = f"{now + timedelta(days=1):%d/%m/%Y}"
    path = listed(
        tmp_path,
        ROW,
        ROW | {"phone": "047"},
        ROW | {"attested": "nee"},
        ROW | {"received_on": tomorrow},
        ROW | {"team": "noorderkempen"},
        ROW | {"phone": "", "street": "", "number": ""},
    )
    assert brug(now, path, "--take-in") == 1
    told = capsys.readouterr().out
    for words in ("line 3", "line 4", "line 5", "line 6", "line 7"):
        assert words.replace("line", "regel") in told
    assert "zuiderkempen" in told
    assert "right: 1. Things to mend: 5" in told
    assert not [each for each in ("Nowak", "Łucja", "Polderstraat", "047 ") if each in told]
    assert not Intake.objects.exists()


def test_what_came_before_the_protocol_is_denied_as_of_that_day(
    protocol: Protocol, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(
        tmp_path, ROW, ROW | {"received_on": "2019-05-02", "informed_on": "2019-05-01", "consented_on": "2019-05-01"}
    )
    for words in ((path,), (path, "--take-in")):
        assert brug(now, *words) == 1, "who only looks hears it too"
        told = capsys.readouterr().out
        assert "Nothing was taken in" in told and "right: 1." in told
        assert "regel 3: " in told and "regel 2" not in told
    assert not Intake.objects.exists()


def test_the_template_names_the_columns_that_it_reads(
    protocol: Protocol, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    assert brug(now) == 0
    head = capsys.readouterr().out
    assert "Voornaam" in head
    path = tmp_path / "leeg.csv"
    path.write_text(head)
    assert brug(now, str(path)) == 0
    path.write_text("Voornaam;Schoenmaat\nAmal;38\n")
    with pytest.raises(Invalid, match="2"):
        brug(now, str(path))
    path.write_text("")
    with pytest.raises(Invalid):
        brug(now, str(path))
