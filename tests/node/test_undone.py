"""What had been closed since the backup is closed again by a restore, and nothing runs before the restore is done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Max

from brug.core.identity import Invalid
from brug.face.api.models import Application, Leave, Token
from brug.node import cli, restore, undone
from brug.office.disclosure import meeting
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.models import Counterparty, Member
from tests.conftest import WESTERLO, OtherParty

pytestmark = pytest.mark.django_db
BY = {"by": "operator", "role": "operator"}


def newest() -> int:
    found = Entry.objects.aggregate(last=Max("leaf"))["last"]
    return -1 if found is None else int(found)


def recorded(act: str, subject: object, at: datetime) -> None:
    """The act as the journal brings it: in the ledger, with nothing done."""
    with transaction.atomic():
        ledger.record(act, str(subject), **BY, at=at)
    ledger.sequence(at)


def test_a_revoked_key_is_revoked_again(westerlo: OtherParty, now: datetime) -> None:
    before = newest()
    recorded("keys_revoked", meeting._subject(WESTERLO), now)
    assert undone.close_again(before, now)
    assert not Counterparty.objects.get(kbo=WESTERLO).has_node
    assert not undone.close_again(newest(), now)


def test_who_left_has_no_account_and_who_was_invited_comes_in_by_no_former_way(lien: Member, now: datetime) -> None:
    lien.set_password("een-heel-lang-wachtwoord")
    lien.save()
    before = newest()
    recorded("member_invited", lien.pseudonym, now)
    undone.close_again(before, now)
    lien.refresh_from_db()
    assert lien.is_active and not lien.has_usable_password()
    recorded("member_closed", lien.pseudonym, now)
    assert any("closed again" in line for line in undone.close_again(before, now))
    lien.refresh_from_db()
    assert not lien.is_active


@pytest.mark.parametrize("act", ["token_ended", "application_ended", "software_stopped"])
def test_other_software_gets_no_further_than_it_did(act: str, lien: Member, now: datetime) -> None:
    application = Application.objects.create(name="Dossier", made_at=now)
    Token.objects.create(application=application, scopes=[], made_at=now, through_on=now.date(), agreed_at=now)
    Leave.objects.create(application=application, member=lien, given_at=now)
    before = newest()
    recorded(act, application.pseudonym, now)
    assert undone.close_again(before, now)
    assert Token.objects.filter(ended_at=None).exists() == (act == "software_stopped")
    assert Leave.objects.exists() == (act != "software_stopped")


def test_without_a_journal_no_token_works_and_the_operator_is_told_what_to_compare(
    westerlo: OtherParty, now: datetime
) -> None:
    application = Application.objects.create(name="Dossier", made_at=now)
    Token.objects.create(application=application, scopes=[], made_at=now, through_on=now.date(), agreed_at=now)
    said = undone.trust_nobody(now)
    assert not Token.objects.filter(ended_at=None).exists()
    assert any("OCMW Westerlo" in line for line in said) and any("who left" in line for line in said)


def test_nothing_runs_where_a_restore_stopped_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRUG_HOME", str(tmp_path))
    cli._is_whole()
    with pytest.raises(Invalid):
        restore.unpacked(tmp_path)
    (tmp_path / restore.UNFINISHED).touch()
    with pytest.raises(Invalid, match="resume"):
        cli._is_whole()
    with pytest.raises(Invalid):
        restore.unpacked(tmp_path)
    (tmp_path / restore.UNFINISHED).write_text("2026-11-23T02:00:00+00:00")
    assert restore.unpacked(tmp_path).hour == 2


def test_a_member_closed_before_the_backup_is_left_alone(lien: Member, now: datetime) -> None:
    parties.close_account(lien, **BY, at=now)
    ledger.sequence(now)
    assert undone.close_again(newest(), now) == []
