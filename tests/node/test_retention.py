"""`brug retention`: what would go, what goes, and a clock that a person confirms (art. 3)."""

from __future__ import annotations

import argparse
import uuid
from datetime import date, datetime, timedelta

import pytest

from brug.core.calendar import legal_day
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.node import retention, worker
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.vault import clock
from brug.office.vault import services as vault
from brug.office.vault.models import Certificate, Envelope
from brug.office.vault.reasons import Reason

pytestmark = pytest.mark.django_db


def brug(now: datetime, *words: str) -> int:
    parser = argparse.ArgumentParser()
    retention.add_commands(parser.add_subparsers(dest="command", required=True))
    given = parser.parse_args(["retention", *words])
    return int(given.run(given, lambda: now))


def kept(at: datetime, due_on: date) -> None:
    vault.put(uuid.uuid4(), {}, reason=Reason.CONSENT_RECORD, due_on=due_on, at=at)


def test_a_dry_run_erases_nothing_and_says_what_would_go(now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    kept(now, legal_day(now) + timedelta(days=400))
    assert brug(now, "run", "--as-of", "2028-01-01", "--dry-run") == 0
    assert "consent_record: 1" in capsys.readouterr().out
    assert Envelope.objects.count() == 1


def test_a_run_erases_and_prints_its_certificate(now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    kept(now, legal_day(now))
    assert brug(now, "run") == 0
    assert Certificate.objects.get().digest() in capsys.readouterr().out
    assert not Envelope.objects.exists()
    assert brug(now, "run") == 0
    assert Certificate.objects.count() == 1


def test_a_jump_is_refused_until_a_person_confirms(now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    kept(now, legal_day(now))
    clock.observe(now)
    much_later = now + timedelta(days=30)
    assert brug(much_later, "run") == 1
    assert Envelope.objects.count() == 1
    assert brug(much_later, "confirm-clock") == 0
    assert Entry.objects.latest("pk").act == "clock_confirmed"
    assert brug(much_later, "run") == 0
    assert not Envelope.objects.exists()


def test_the_worker_destroys_nothing_on_a_clock_that_jumped(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "every_turn", tuple)
    monkeypatch.setattr(worker, "every_day", lambda: (retention.sweep,))
    kept(now, legal_day(now))
    done_on = worker.turn(now - timedelta(days=1))
    assert worker.turn(now + timedelta(days=300), done_on) == done_on
    assert Envelope.objects.count() == 1
    assert worker.turn(now, done_on) == legal_day(now)
    assert not Envelope.objects.exists()


def test_a_draft_goes_with_its_row_and_a_consent_record_with_the_last_that_named_it(
    lien: Member, now: datetime
) -> None:
    draft = referrals.start("13049", "2260", by=lien, at=now)
    old = Referral.objects.create(
        notifier=lien, team=lien.team, residence="13049", started_at=now, state=ReferralState.RECEIVED
    )
    vault.put(old.consent, {}, reason=Reason.CONSENT_RECORD, due_on=legal_day(now), at=now)
    retention.sweep(now)
    assert list(Referral.objects.all()) == [draft]
    assert Entry.objects.filter(act="consent_record_erased", subject=str(old.reference)).count() == 1
    clock.confirm(now + timedelta(days=2))
    retention.sweep(now + timedelta(days=2))
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_nothing_is_erased_on_a_clock_that_the_other_party_contradicts(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cosigned by its own clock, which is two days behind the one by which we signed: one of the two is wrong."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.db import transaction

    from brug.core import note as notes
    from brug.office.ledger import queries, witnessing
    from brug.office.ledger import services as ledger

    kept(now, legal_day(now))
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=WORKER, at=now)
    told, other = ledger.checkpoint(now), Ed25519PrivateKey.generate()
    key = notes.Key("brug/0212181956/ledger", other.public_key().public_bytes_raw(), notes.COSIGNED)
    line = notes.cosign(notes.read(told), key.name, other, now - timedelta(days=2))
    witnessing.keep_cosignature(told + line, key)
    assert queries.newest_cosignature() == (now, now - timedelta(days=2))
    with pytest.raises(clock.Jumped):
        retention.sweep(now)
    assert Envelope.objects.exists()
