"""Every mail, report, archive and document that was seen in real life ends as its table says; none stays in silence."""

from __future__ import annotations

import csv
import mailbox
import uuid
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from brug.core.parcel import Rejected, by_hand, documents
from brug.node import worker
from brug.office.post import mail
from brug.office.post import services as post
from brug.office.post.models import ByHand, Incoming, Outgoing
from brug.office.roles import Role
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.office.disclosure.test_calls import a_member

REAL = Path(__file__).parent / "real"
PARCEL = uuid.UUID("01a22a61-252d-749e-94a9-e9254663bd6c")


def table(name: str) -> list[dict[str, str]]:
    with (REAL / f"{name}.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def named(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table(name), ids=lambda row: row["file"])


@pytest.mark.parametrize("name", ["mail", "dsn", "archives", "documents"])
def test_every_file_has_its_row(name: str) -> None:
    assert sorted(row["file"] for row in table(name)) == sorted(file.name for file in (REAL / name).iterdir())


@named("mail")
def test_a_mail_is_rows_that_wait_or_a_line_that_a_person_sees_once(
    row: dict[str, str], opgroeien: OtherParty, settings: Settings, tmp_path: Path, client: Client
) -> None:
    """What cannot be taken in stays in the mailbox, nothing of it is kept, and the line says who claims to send it."""
    settings.MAIL_INCOMING = f"maildir:{tmp_path / 'box'}"
    box = mailbox.Maildir(tmp_path / "box", create=True)
    raw = (REAL / "mail" / row["file"]).read_bytes()
    box.add(raw)
    for _ in range(2):
        post.collect(NOW)
        worker.take_in(NOW)
    lines = [] if row["line"] == "-" else row["line"].split()
    assert ByHand.objects.count() == int(row["archives"])
    assert sorted(Incoming.objects.values_list("rejection", flat=True)) == sorted(lines)
    is_ordinary = row["archives"] == "0" and not lines
    assert len(box) == (1 if lines or is_ordinary else 0)
    for line in Incoming.objects.all():
        assert line.stays and not line.is_whole and line.due_at is None and len(bytes(line.raw)) < 200
    client.force_login(a_member(Role.DISPATCHER))
    page = client.get("/mail").content.decode()
    assert ("team.example" in page) == bool(lines) and "=?" not in page


@named("dsn")
def test_a_report_is_known_whoever_wrote_it(row: dict[str, str], db: None, settings: Settings, tmp_path: Path) -> None:
    Outgoing.objects.create(
        parcel_id=PARCEL, kind="referral", recipient=WESTERLO, mailbox="info.ocmw@westerlo.be", archive=b"7z",
        manifest="m", awaits_receipt=True, queued_at=NOW, trying_since=NOW, due_at=NOW, state="sent",
    )  # fmt: skip
    settings.MAIL_INCOMING = f"maildir:{tmp_path / 'box'}"
    box = mailbox.Maildir(tmp_path / "box", create=True)
    raw = (REAL / "dsn" / row["file"]).read_bytes()
    box.add(raw)
    post.collect(NOW)
    is_told = row["not_brought"] == "yes"
    assert (mail.undelivered(raw) == PARCEL) == is_told
    assert (Outgoing.objects.get().undelivered_at == NOW) == is_told
    assert len(box) == (0 if is_told else 1) and not Incoming.objects.exists()


@named("archives")
def test_an_archive_opens_or_says_why_not(row: dict[str, str]) -> None:
    data = (REAL / "archives" / row["file"]).read_bytes()
    try:
        said = "opens" if by_hand.open_with(data, row["password"]) else "empty"
    except Rejected as rejected:
        said = rejected.rejection.value
    assert said == row["what"]


@named("documents")
def test_a_document_reads_as_it_does_in_word_and_notepad(row: dict[str, str]) -> None:
    text = documents.text_of(row["file"], (REAL / "documents" / row["file"]).read_bytes())
    assert text == row["text"].replace("\\n", "\n").replace("\\t", "\t")
