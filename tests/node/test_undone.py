"""What had been closed since the backup is closed again by a restore, and nothing runs before the restore is done."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Max
from pytest_django import Settings

from brug.core.identity import Invalid
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.face.api.models import Application, Delegation, Token
from brug.node import backup, cli, restore, undone, worker
from brug.office import plug
from brug.office.disclosure import meeting
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act, Again
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Accepted, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.registry import queries as registry
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope, Erasure
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS

pytestmark = pytest.mark.django_db


def newest() -> int:
    """Of the backup: what was done until here is in it."""
    ledger.sequence(NOW)
    found = Entry.objects.aggregate(last=Max("leaf"))["last"]
    return -1 if found is None else int(found)


def close_again(after: int, at: datetime) -> list[str]:
    return list(undone.close_again(after, at))


def recorded(act: str, subject: object, at: datetime) -> None:
    """The act as the journal brings it: in the ledger, with nothing done."""
    with transaction.atomic():
        ledger.record(Act.of(act), str(subject), by=OPERATOR, at=at, why=act.partition(".")[2])
    ledger.sequence(at)


def test_a_revoked_key_is_revoked_again(westerlo: OtherParty, now: datetime) -> None:
    before = newest()
    recorded("keys_revoked", meeting._subject(WESTERLO), now)
    assert close_again(before, now)
    assert not Counterparty.objects.get(kbo=WESTERLO).has_node
    assert not close_again(newest(), now)


def test_who_left_has_no_account_and_who_was_invited_comes_in_by_no_former_way(lien: Member, now: datetime) -> None:
    lien.set_password("een-heel-lang-wachtwoord")
    lien.save()
    before = newest()
    recorded("member_invited", lien.pseudonym, now)
    close_again(before, now)
    lien.refresh_from_db()
    assert lien.is_active and not lien.has_usable_password()
    recorded("member_closed", lien.pseudonym, now)
    assert any("closed again" in line for line in close_again(before, now))
    lien.refresh_from_db()
    assert not lien.is_active


@pytest.mark.parametrize("act", ["token_ended", "application_ended", "software_stopped"])
def test_other_software_gets_no_further_than_it_did(act: str, lien: Member, now: datetime) -> None:
    application = Application.objects.create(name="Dossier", made_at=now)
    Token.objects.create(application=application, scopes=[], made_at=now, through_on=now.date(), agreed_at=now)
    Delegation.objects.create(application=application, member=lien, given_at=now)
    before = newest()
    recorded(act, application.pseudonym, now)
    assert close_again(before, now)
    assert Token.objects.filter(ended_at=None).exists() == (act == "software_stopped")
    assert Delegation.objects.exists() == (act != "software_stopped")


PROTOCOL = "opgroeien-ocmw-westerlo@1"


@pytest.mark.parametrize("act", ["protocol_ended_at_once", "protocol_lapsed"])
def test_a_protocol_that_had_ended_ends_again(act: str, protocol: Protocol, now: datetime) -> None:
    before = newest()
    recorded(act, PROTOCOL, now)
    later = now + timedelta(hours=1)
    assert any(act in line for line in close_again(before, later))
    known = registry.protocol(protocol.id, protocol.version)
    assert known is not None and not life.state(known, known.events, now).is_in_force
    assert close_again(before, later) == []


def test_a_notice_that_had_reached_the_other_runs_again(protocol: Protocol, now: datetime) -> None:
    before = newest()
    recorded("protocol_notice_reached", PROTOCOL, now)
    close_again(before, now)
    known = registry.protocol(protocol.id, protocol.version)
    assert known is not None and life.state(known, known.events, now).phase is life.Phase.NOTICE_GIVEN


def test_what_only_a_person_can_enter_is_told_once_with_its_time(protocol: Protocol, now: datetime) -> None:
    before = newest()
    breach = uuid.uuid4()
    for act, subject in [
        ("protocol_adopted", "another-protocol@1"),
        ("protocol_lapsed", "another-protocol@1"),
        ("protocol_signed", PROTOCOL),
        ("breach_confirmed", breach),
        ("breach_confirmed", breach),
        ("request_received", uuid.uuid4()),
    ]:
        recorded(act, subject, now)
    said = close_again(before, now)
    assert len(said) == 5 and all("2026-11-23 09:00" in line and "enter it again" in line for line in said)
    assert sum("72 hours" in line for line in said) == 1


@pytest.fixture
def sent(lien: Member, westerlo: OtherParty, protocol: Protocol, now: datetime) -> Referral:
    referral = referrals.start("13049", "2260", by=lien, at=now)
    referrals.record_consent(referral, FACTS, protocol, by=lien, at=now)
    referrals.keep_client(referral, AMAL, "13049", by=lien, at=now)
    referrals.send(referral, by=lien, at=now)
    referral.refresh_from_db()
    return referral


@pytest.mark.parametrize("act", ["withdrawn_unsent", "retraction_sent", "client_erased"])
def test_who_took_the_consent_back_is_not_sent_after_a_restore(act: str, sent: Referral, now: datetime) -> None:
    referral = Outgoing.objects.get()
    notice = {"kind": "rights_notice", "subject": sent.reference, "parcel_id": uuid.uuid4(), "awaits_receipt": True}
    when = {"queued_at": now, "trying_since": now, "due_at": now}
    Outgoing.objects.create(recipient=referral.recipient, mailbox=referral.mailbox, archive=b"", **notice, **when)
    before = newest()
    recorded(act, sent.reference, now)
    [line] = close_again(before, now + timedelta(hours=1))
    assert sent.number in line and ("phone" in line) == (act != "withdrawn_unsent")
    sent.refresh_from_db()
    assert sent.state == ReferralState.WITHDRAWN
    assert set(Outgoing.objects.values_list("state", "due_at")) == {(OutgoingState.STOPPED, None)}
    assert referrals.typed_of(sent) == {}
    assert vault.read(sent.consent)["withdrawn_at"] == now.isoformat()
    assert close_again(before, now) == []


def test_a_draft_that_was_sent_and_withdrawn_since_cannot_be_sent_again(
    lien: Member, westerlo: OtherParty, protocol: Protocol, now: datetime
) -> None:
    referral = referrals.start("13049", "2260", by=lien, at=now)
    referrals.record_consent(referral, FACTS, protocol, by=lien, at=now)
    before = newest()
    recorded("retraction_sent", referral.reference, now)
    assert close_again(before, now)
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_whatever_a_restore_has_to_do_again_the_node_or_a_desk_does() -> None:
    assert set(undone.OURS | plug.again()) == set(Again)
    assert not set(undone.OURS) & set(plug.again())


def test_without_a_journal_nothing_that_was_on_its_way_is_sent(sent: Referral, now: datetime) -> None:
    said = undone.trust_nobody(now)
    assert any(sent.number in line for line in said)
    sent.refresh_from_db()
    assert (sent.state, sent.rejection) == (ReferralState.STOPPED, "restored")
    assert not Outgoing.objects.filter(due_at__isnull=False).exists()
    assert referrals.typed_of(sent), "the notifier can still tell the family"


def test_a_stop_of_what_the_journal_erased_is_no_error(sent: Referral, now: datetime) -> None:
    vault.erase(sent.client)
    assert referrals.stop_after_restore(now) == [sent.number]


@pytest.mark.parametrize("by_origin", [False, True], ids=["its record", "the file that it joined since"])
def test_an_intake_that_was_erased_since_leaves_no_row(
    by_origin: bool, westerlo: OtherParty, tmp_path: Path, now: datetime
) -> None:
    intake = Intake.objects.create(
        number="W-2026-0001", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), residence="13049", arrived_at=now
    )
    vault.put(intake.record, {"referral": {}}, reason=Reason.INTAKE, due_on=None, at=now)
    told = intake.referral_id if by_origin else intake.record
    file = tmp_path / "journal"
    file.write_text(backup.erasure_line(told, intake.referral_id) + "\n")
    for erased in (1, 0):
        with file.open() as lines:
            assert restore._erase_again(lines, now) == erased
    assert not Intake.objects.exists() and not Envelope.objects.exists() and not ClientFile.objects.exists()
    assert Accepted.objects.get().about == intake.referral_id


def an_intake(at: datetime) -> Intake:
    intake = Intake.objects.create(
        number="W-2026-0001", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), residence="13049", arrived_at=at
    )
    vault.put(intake.record, {"referral": {}}, reason=Reason.INTAKE, due_on=None, at=at)
    return intake


@pytest.mark.parametrize("act", ["help_declined", "ended.withdrawn", "file_erased"])
def test_a_family_whose_line_was_cut_out_of_the_journal_is_erased_by_the_ledger_and_that_is_loud(
    act: str, westerlo: OtherParty, now: datetime
) -> None:
    other, gone, said = an_intake(now), None, []
    other.number = "W-2026-0002"
    other.save()
    gone = an_intake(now)
    before = newest()
    recorded(act, gone.reference, now)
    assert restore._erase_what_ended(before, now, said.append) == 1
    assert [intake.pk for intake in Intake.objects.all()] == [other.pk]
    assert len(said) == 1 and str(gone.reference) in said[0] and "journal" in said[0]
    assert restore._erase_what_ended(before, now, said.append) == 0


@pytest.mark.parametrize("name", ["erased", "about", "mac"])
def test_a_line_of_the_journal_that_this_node_did_not_write_erases_nobody(
    name: str, tmp_path: Path, now: datetime
) -> None:
    intake = an_intake(now)
    line = json.loads(backup.erasure_line(intake.record if name != "erased" else uuid.uuid4(), None))
    line[name] = {"erased": str(intake.record), "about": str(intake.referral_id), "mac": ""}[name]
    (tmp_path / "journal").write_text(json.dumps(line) + "\n")
    with (tmp_path / "journal").open() as lines, pytest.raises(Invalid, match="as this node wrote it"):
        restore._erase_again(lines, now)
    assert Intake.objects.exists()


def test_what_was_not_written_is_not_marked_as_told(settings: Settings, tmp_path: Path, now: datetime) -> None:
    """A worker that began before a journal was named has none to write to."""
    settings.BACKUP_JOURNAL = None
    intake = an_intake(now)
    vault.erase(intake.record)
    backup.tell(now)
    assert Erasure.objects.get().told_at is None
    settings.BACKUP_JOURNAL = tmp_path / "journal"
    backup.tell(now)
    assert backup.erasure_in((tmp_path / "journal").read_text().splitlines()[0]) == (intake.record, None)
    assert Erasure.objects.get().told_at == now
    settings.BACKUP_KEYS = None
    backup.tell_keys(now + timedelta(days=37))
    assert not Erasure.objects.exists(), "no backup that opens needs it any more"


def test_a_worker_whose_settings_are_no_longer_those_of_the_file_stops(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[datetime] = []
    monkeypatch.setattr(worker, "turn", lambda at, *_: done.append(at))
    assert worker.run(once=True) == 0 and done
    monkeypatch.setattr(worker.settings, "READ", b"another file")
    assert worker.run(once=True) == worker.CHANGED and len(done) == 1
    assert "brug.toml was changed" in caplog.text


def test_without_a_journal_no_token_works_and_the_operator_is_told_what_to_compare(
    westerlo: OtherParty, now: datetime
) -> None:
    application = Application.objects.create(name="Dossier", made_at=now)
    Token.objects.create(application=application, scopes=[], made_at=now, through_on=now.date(), agreed_at=now)
    said = undone.trust_nobody(now)
    assert not Token.objects.filter(ended_at=None).exists()
    assert any("OCMW Westerlo" in line for line in said) and any("who left" in line for line in said)


def test_nothing_runs_where_a_restore_stopped_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setenv("BRUG_HOME", str(tmp_path))
    assert not restore.is_unfinished(tmp_path)
    with pytest.raises(Invalid):
        restore.unpacked(tmp_path)
    (tmp_path / restore.UNFINISHED).touch()
    with pytest.raises(Invalid, match="resume"):
        cli._begin(lambda: now)
    with pytest.raises(Invalid):
        restore.unpacked(tmp_path)
    (tmp_path / restore.UNFINISHED).write_text("2026-11-23T02:00:00+00:00")
    assert restore.unpacked(tmp_path).hour == 2


def test_a_member_closed_before_the_backup_is_left_alone(lien: Member, now: datetime) -> None:
    parties.close_account(lien, by=OPERATOR, at=now)
    ledger.sequence(now)
    assert close_again(newest(), now) == []
