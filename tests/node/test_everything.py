"""`brug export --everything`: a controller leaves Brug with all that it keeps, and needs Brug no more (art. 8)."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path

import pytest

from brug.core.holds import Holds
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.desks.casework import services as casework
from brug.desks.casework.models import Intake
from brug.node import everything, moving_commands
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post.models import Alert
from brug.office.registry.models import ProtocolVersion, SignedDocument
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import OPGROEIEN
from tests.desks.casework.conftest import referral

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 getekend"
SEVEN_ZIP = shutil.which("7zz") or shutil.which("7z") or "7zz"


def brug(now: datetime, *words: str) -> int:
    parser = argparse.ArgumentParser()
    moving_commands.add_commands(parser.add_subparsers(dest="command", required=True))
    given = parser.parse_args(["export", *words])
    return int(given.run(given, lambda: now))


@pytest.fixture
def filled(protocol: Protocol, now: datetime) -> Intake:
    """A case, a document, an officer, and a password of a parcel on its way."""
    parcel = uuid.uuid4()
    casework.receive(referral(), Arrival(OPGROEIEN, parcel, protocol), now)
    version = ProtocolVersion.objects.get()
    SignedDocument.objects.create(
        version=version, pdf=PDF, sha256="0" * 64, signatures=[], attached_at=now, attached_by="operator"
    )
    Member.objects.create(username="greet", name="Greet Smets", role=Role.DPO, email="greet@westerlo.example")
    vault.put(uuid.uuid4(), {"password": "egel-ladder"}, reason=Reason.PARCEL_PASSWORD, due_on=None, at=now)
    return Intake.objects.get(parcel_id=parcel)


@pytest.fixture
def taken_out(filled: Intake, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """What 7-Zip makes of it, with the password that was printed."""
    archive, folder = tmp_path / "alles.7z", tmp_path / "alles"
    assert brug(now, "--everything", str(archive)) == 0
    password = capsys.readouterr().out.splitlines()[-1]
    assert archive.stat().st_mode & 0o077 == 0
    assert b"README" not in archive.read_bytes(), "the names are sealed too"
    subprocess.run([SEVEN_ZIP, "x", f"-p{password}", f"-o{folder}", str(archive)], check=True, capture_output=True)
    return folder


def test_every_table_and_record_is_there_and_is_read_without_brug(taken_out: Path, filled: Intake) -> None:
    tables = {path.stem for path in (taken_out / "tables").iterdir()}
    assert tables == {model._meta.label_lower for model in everything.tables()}
    with (taken_out / "tables" / "casework.intake.csv").open(newline="") as text:
        [row] = csv.DictReader(text)
    assert row["number"] == filled.number
    with (taken_out / "columns.csv").open(newline="") as text:
        told = {(line["table"], line["column"]): line["what it holds"] for line in csv.DictReader(text)}
    assert all(told.values()) and set(row) == {column for table, column in told if table == "casework.intake"}
    kept = json.loads((taken_out / "records" / f"{filled.number}-record.json").read_text())
    assert kept["referral"]["client"]["family_name"] == "Haddou"
    assert len(list((taken_out / "records").iterdir())) == Envelope.objects.count() - 1
    [document] = (taken_out / "files").glob("*.pdf")
    assert document.read_bytes() == PDF
    assert (taken_out / "files" / "opgroeien-ocmw-westerlo@1.yaml").read_text() == ProtocolVersion.objects.get().text


def test_its_sums_and_its_log_book_are_checked_without_brug(taken_out: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=taken_out, check=True, capture_output=True)
    ledger = taken_out / "ledger"
    done = subprocess.run([sys.executable, "-I", "verifier.py", "ledger.jsonl"], cwd=ledger, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_key_leaves(taken_out: Path) -> None:
    everything_in_it = b"".join(path.read_bytes() for path in taken_out.rglob("*") if path.is_file())
    assert b"egel-ladder" not in everything_in_it
    for model in everything.tables():
        with (taken_out / "tables" / f"{model._meta.label_lower}.csv").open(newline="") as text:
            columns = set(next(csv.reader(text)))
        sealed = {
            field.attname
            for field in model._meta.local_fields
            if field.db_comment in {Holds.KEY.value, Holds.CLIENT.value}
        }
        assert not columns & sealed


def test_the_log_book_says_of_whom_and_the_officer_hears(taken_out: Path, filled: Intake) -> None:
    told = Entry.objects.filter(act="everything_exported")
    assert set(told.values_list("subject", flat=True)) == {str(filled.reference), "node"}
    assert Alert.objects.get().address == "greet@westerlo.example"


def test_a_file_that_is_there_is_left_alone(filled: Intake, now: datetime, tmp_path: Path) -> None:
    there = tmp_path / "alles.7z"
    there.write_text("van iemand anders")
    with pytest.raises(Invalid, match="name a new file"):
        brug(now, "--everything", str(there))
    with pytest.raises(Invalid, match="make it first"):
        brug(now, "--everything", str(tmp_path / "nowhere" / "alles.7z"))
    assert there.read_text() == "van iemand anders"
    assert not Entry.objects.filter(act="everything_exported").exists()
