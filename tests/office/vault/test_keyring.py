"""Laws of the keyring: everything alive stays readable, and what was erased opens with no key that still exists."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.office.keys import epochs, recovery
from brug.office.keys import services as keys
from brug.office.vault import keyring
from brug.office.vault import services as vault
from brug.office.vault.models import DataEncryptionKey, Envelope, KeyEncryptionKey
from brug.office.vault.reasons import Reason
from tests.conftest import NOW

AMAL = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_node_of_its_own(tmp_path: Path, settings: Settings) -> None:
    settings.HOME, settings.UNLOCK_FILE = tmp_path / "node", tmp_path / "unlock"
    settings.UNLOCK_FILE.write_bytes(b"u" * 32)
    keys.create()


@pytest.fixture
def paper() -> str:
    """The recovery key of this node, as it stands on paper."""
    return recovery.make()


def put(due_on: date | None = None, at: datetime = NOW) -> uuid.UUID:
    record = uuid.uuid4()
    vault.put(record, AMAL, reason=Reason.INTAKE, due_on=due_on, at=at)
    return record


class Thief:
    """Everything of the keyring and the envelopes as it stood at one moment: a backup, or what is left on the disk."""

    def __init__(self) -> None:
        self.keks = {b.id: (b.epoch, bytes(b.wrapped)) for b in KeyEncryptionKey.objects.all()}
        self.wrapped = {w.record: (w.kek, bytes(w.wrapped)) for w in DataEncryptionKey.objects.all()}
        self.envelopes = {e.record: bytes(e.content) for e in Envelope.objects.all()}

    def reads(self, record: uuid.UUID, sealed: dict[str, bytes] | None = None) -> bool:
        """Whether any key that exists now, in the node or in `sealed` (opened), still leads to the envelope."""
        kek, wrapped = self.wrapped[record]
        known = [epochs.read(name) for name in epochs.names()] + list((sealed or {}).values())
        of_kek = list(_opened(known, self.keks[kek][1], f"bunch|{self.keks[kek][0]}|{kek}"))
        living = KeyEncryptionKey.objects.filter(id=kek).first()
        if living:  # the key that the KEK has now, tried on what was taken then
            of_kek.append(keyring._opened(living))
        for dek in _opened(of_kek, wrapped, f"dek|{kek}|{record}"):
            if list(_opened([dek], self.envelopes[record], f"vault_envelope|content|{record}|1")):
                return True
        return False


def _opened(known: list[bytes], stored: bytes, about: str) -> Iterator[bytes]:
    for key in known:
        try:
            yield AESGCM(key).decrypt(stored[:12], stored[12:], about.encode())
        except InvalidTag:
            continue


def from_paper(words: str) -> dict[str, bytes]:
    """The keys that whoever has the paper can open now."""
    private = recovery.private_key(words)
    return {name: recovery.unseal(private, sealed, name) for name, sealed in recovery.sealed_epochs().items()}


def test_records_of_one_day_share_a_key_encryption_key_and_others_do_not() -> None:
    day = date(2036, 5, 1)
    one, other, waiting = put(day), put(day), put(None)
    keks = dict(DataEncryptionKey.objects.values_list("record", "kek"))
    assert keks[one] == keks[other] != keks[waiting]
    assert dict(KeyEncryptionKey.objects.values_list("id", "due_on")) == {keks[one]: day, keks[waiting]: None}


def test_rotation_keeps_everything_readable_and_moves_key_encryption_keys_not_records() -> None:
    records = [put(date(2036, 5, 1 + n % 3)) for n in range(30)]
    untouched = dict(DataEncryptionKey.objects.values_list("record", "wrapped"))
    assert keyring.rotate(NOW + DAY, batch=2) == 3
    assert keyring.rotate(NOW + DAY) == 0
    assert {epochs.day_of(name) for name in KeyEncryptionKey.objects.values_list("epoch", flat=True)} == {
        legal_day(NOW + DAY)
    }
    assert dict(DataEncryptionKey.objects.values_list("record", "wrapped")) == untouched
    assert all(vault.read(record) == AMAL for record in records)
    assert len(epochs.names()) == 1


@pytest.mark.parametrize("how", ["erase", "replace", "amend", "move, then erase"])
def test_what_left_opens_with_no_key_after_the_next_rotation(how: str, paper: str) -> None:
    """Live at once, leftovers within 24 hours, backups within 35 days: each with all the keys there are."""
    gone, stays = put(date(2036, 5, 1)), put(date(2036, 5, 1))
    thief = Thief()
    assert thief.reads(gone) and thief.reads(stays)
    if how == "replace":
        vault.replace(gone, {}, reason=Reason.INTAKE, due_on=date(2036, 5, 1), at=NOW)
    elif how == "amend":
        vault.amend(gone, {}, at=NOW)
    else:
        if how != "erase":
            vault.keep(gone, reason=Reason.INTAKE, due_on=date(2040, 1, 1))
            assert vault.read(gone) == AMAL
        vault.erase(gone)
    keyring.rotate(NOW + DAY)
    assert not thief.reads(gone), "leftovers on the disk, with every key the node has"
    assert vault.read(stays) == AMAL
    assert thief.reads(gone, from_paper(paper)), "a backup within its term, with the paper"
    for days in range(2, 36):
        keyring.rotate(NOW + days * DAY)
    assert not thief.reads(gone, from_paper(paper)), "a backup after its term, with everything"
    assert vault.read(stays) == AMAL


def test_a_destroyed_day_is_noise_at_once_and_final_after_a_rotation() -> None:
    today = legal_day(NOW)
    due, later = [put(today) for _ in range(5)], put(today + DAY)
    thief = Thief()
    assert keyring.destroy_due(today, but=[]) == 1
    for record in due:
        with pytest.raises(vault.Erased):
            vault.read(record)
    assert vault.read(later) == AMAL
    keyring.rotate(NOW + DAY)
    assert not any(thief.reads(record) for record in due)


def test_a_key_encryption_key_with_a_held_record_is_not_destroyed() -> None:
    today = legal_day(NOW)
    held, beside = put(today), put(today)
    assert keyring.destroy_due(today, but=[held]) == 0
    vault.erase(beside)
    thief_sees = vault.read(held)
    assert thief_sees == AMAL


def test_a_record_whose_end_changes_is_not_destroyed_with_its_former_day() -> None:
    today = legal_day(NOW)
    reopened, closed = put(today), put(None)
    vault.keep(reopened, reason=Reason.CLIENT_FILE, due_on=None)
    vault.keep(closed, reason=Reason.CLIENT_FILE, due_on=today)
    keyring.destroy_due(today, but=[])
    assert vault.read(reopened) == AMAL
    with pytest.raises(vault.Erased):
        vault.read(closed)


def test_renewing_makes_what_was_erased_today_final_today() -> None:
    gone, stays = put(), put()
    thief = Thief()
    vault.erase(gone)
    keyring.rotate(NOW, renew=True)
    assert not thief.reads(gone)
    assert vault.read(stays) == AMAL


def test_a_rotation_that_dies_at_any_point_leaves_everything_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [put(date(2036, 5, 1 + n % 5)) for n in range(10)]
    vault.erase(records.pop())
    renew = keyring._renew
    for lives in range(6):
        left = lives

        def dies(kek: KeyEncryptionKey, epoch: str) -> None:
            nonlocal left
            if left == 0:
                raise ZeroDivisionError
            left -= 1
            renew(kek, epoch)

        monkeypatch.setattr(keyring, "_renew", dies)
        at = NOW + (lives + 1) * DAY
        with suppress(ZeroDivisionError):
            keyring.rotate(at, batch=1)
        assert all(vault.read(record) == AMAL for record in records)
        records.append(put(date(2036, 5, 1), at))
    monkeypatch.setattr(keyring, "_renew", renew)
    keyring.rotate(NOW + 7 * DAY)
    assert len(epochs.names()) == 1
    assert all(vault.read(record) == AMAL for record in records)


def test_an_epoch_that_a_key_encryption_key_still_names_is_never_destroyed() -> None:
    record = put()
    for days in range(40, 200, 40):
        keyring.rotate(NOW + timedelta(days=days), batch=1)
        assert vault.read(record) == AMAL


def test_no_epoch_is_made_by_what_is_put_on_a_clock_that_jumped() -> None:
    put()
    before = epochs.names()
    put(at=NOW + timedelta(days=3650)), put(at=NOW - timedelta(days=3650))
    assert epochs.names() == before
