"""A client file as it leaves: everything, once confirmed, in both forms; each an act in the ledger (art. 3)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from brug.core.states import WrongState
from brug.desks.casework import files, services
from brug.desks.casework.models import ClientFile, Intake
from brug.office.parties.models import Member
from tests.desks.casework.conftest import PERSON, acts
from tests.desks.casework.test_files import MILK

LogIn = Callable[[Member], Client]


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    made = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    files.grant_aid(made, MILK, by=karim, at=now, version=made.version)
    files.add_note(made, "Gesprek over de opvang.\nVolgende week terug.", by=karim, at=now, version=made.version)
    return made


def test_a_file_comes_out_whole_in_both_forms(
    file: ClientFile, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/files/{file.pk}/export"
        assert browser.get(address).status_code == 200 and "file_exported" not in acts()
        told = json.loads(browser.post(address, {"format": "json"}).content)
        paper = browser.post(address, {"format": "pdf"})
        assert as_member(els).post(address, {"format": "json"}).status_code == 404
    assert told["referrals"][0]["client"]["family_name"] == "Haddou"
    assert told["aids"][0]["reference"] == "BCSD 2026/118"
    assert [entry["kind"] for entry in told["history"]][-2:] == ["aid_granted", "note"]
    assert told["history"][-1]["by"] == "Karim Aerts" and "salt" not in json.dumps(told)
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=paper.content, capture_output=True, check=True)
    printed = " ".join(read.stdout.decode().split())
    for words in ("Amal Haddou", "Polderstraat 14", "BCSD 2026/118", "Gesprek over de opvang.", file.number):
        assert words in printed
    assert acts().count("file_exported") == 2
    assert not any(needle in str(paper.headers) for needle in PERSON)


def test_what_lives_elsewhere_is_not_here_to_take(file: ClientFile, karim: Member, now: datetime) -> None:
    files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    with pytest.raises(WrongState):
        files.export(file, by=karim, at=now)
