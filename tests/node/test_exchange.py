"""Commands about the other end: its words are compared, a mail is judged and nothing of it is taken in (art. 6)."""

from __future__ import annotations

import io
import re
from argparse import Namespace
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from brug.core.identity import Invalid
from brug.core.parcel import card
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import Intake
from brug.node import cli, exchange_commands, setup
from brug.office.disclosure import judging
from brug.office.ledger.models import Entry
from brug.office.parties.models import Proposal
from brug.office.post.models import Incoming
from tests.conftest import NOW, ROOT, OtherParty
from tests.core.parcel.samples import AT, LEDGER, OURS, public
from tests.office.disclosure.test_take_in import arrive, referral, sealed
from tests.vectors.schemas import card_key

pytestmark = pytest.mark.django_db
FACTS = {"signing_key": OURS, "checkpoint_key": public(LEDGER), "parcel_key": card_key(), "made_at": AT}
CARD = card.write("0207654333", "OCMW Elders", "brug@elders.example", "+3225331211", **FACTS)  # type: ignore[arg-type]
WORDS = card.read(CARD).fingerprint


def meet(tmp_path: Path, words: str | None) -> int:
    (tmp_path / "card.json").write_text(CARD)
    given = Namespace(card=tmp_path / "card.json", words=words)
    return exchange_commands._meet(given, lambda: NOW)


def test_a_card_counts_only_with_the_words_that_were_read_out(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = False
    with pytest.raises(Invalid, match="not those of this card"):
        meet(tmp_path, "aalbes-" * 6 + "aalbes")
    assert not Proposal.objects.exists() and not Entry.objects.exists()
    assert meet(tmp_path, WORDS.upper().replace("-", " ")) == 0
    assert Proposal.objects.get().facts["fingerprint"] == WORDS
    assert WORDS in capsys.readouterr().out


def test_a_person_is_asked_for_one_word_that_is_not_shown(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = False
    monkeypatch.setattr(exchange_commands.secrets, "randbelow", lambda most: 2)
    ours = card.read(setup.key_card(NOW)).fingerprint
    for typed in ("tafel", WORDS.split("-")[2]):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        if typed == "tafel":
            with pytest.raises(Invalid):
                meet(tmp_path, None)
        else:
            assert meet(tmp_path, None) == 0
        asked = capsys.readouterr().out.split("Word 3:")[0]
        assert ours in asked and WORDS.split("-")[2] not in asked.split("theirs")[1]


def test_a_mail_is_judged_as_it_would_be_taken_in_and_nothing_happens(
    opgroeien: OtherParty, protocol: Protocol, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = bytes(arrive(sealed(opgroeien, referral(protocol), protocol)).raw)
    Incoming.objects.all().delete()
    before = Entry.objects.count()
    found = judging.judge(raw, NOW)
    assert found.outcome == "accepted" and all(held for _, held in found.checks())
    changed = raw.replace(b"x-7z-compressed", b"x-7z-compressed", 1)[:-400] + raw[-400:].replace(b"A", b"B", 1)
    assert judging.judge(changed, NOW).outcome in {"archive_changed", "bad_signature", "not_a_parcel"}
    assert judging.judge(b"Subject: hello\r\n\r\nhello", NOW).outcome == "left"
    other = bytes(arrive(sealed(opgroeien, referral(protocol), protocol, practice=True)).raw)
    Incoming.objects.all().delete()
    (tmp_path / "mail.eml").write_bytes(other)
    given = Namespace(mail=tmp_path / "mail.eml")
    assert exchange_commands._judge(given, lambda: NOW) == 1
    said = capsys.readouterr().out.splitlines()
    assert "NO  practice" in said and "ok  bad_signature" in said and said[-1].startswith("It would be: practice.")
    assert Entry.objects.count() == before and not Intake.objects.exists() and not Incoming.objects.exists()


def test_the_command_of_the_specification_judges_a_mail_as_written(
    opgroeien: OtherParty,
    protocol: Protocol,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    [line] = re.findall(r"^    (brug judge .+)$", (ROOT / "docs/spec/parcel.md").read_text(), re.MULTILINE)
    with time_machine.travel(NOW, tick=False):
        (tmp_path / "MAIL.eml").write_bytes(bytes(arrive(sealed(opgroeien, referral(protocol), protocol)).raw))
        Incoming.objects.all().delete()
        monkeypatch.chdir(tmp_path)
        asked = cli._parser().parse_args(line.split()[1:])
        assert asked.run(asked, lambda: NOW) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "It would be: accepted. Nothing was taken in." and "NO" not in "".join(said)
    assert not Intake.objects.exists() and not Incoming.objects.exists()


RUN = {"parcel.md": 2, "ledger.md": 11, "evidence.md": 1}
"""How many commands each page of the specification writes, all run as written: the two of parcels here and in
tests/independent, those of the ledger and of evidence beside their rooms."""


def test_no_page_of_the_specification_writes_a_command_that_no_test_runs() -> None:
    pages = {path.name: path.read_text() for path in (ROOT / "docs/spec").glob("*.md")}
    told = {name: len(re.findall(r"^    (?:brug|python) ", text, re.MULTILINE)) for name, text in pages.items()}
    assert {name: count for name, count in told.items() if count} == RUN
