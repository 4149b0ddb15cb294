"""Laws of the keyring: everything alive stays readable, and what was erased opens with no key that still exists."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
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


def test_only_the_key_that_a_record_left_is_to_be_replaced() -> None:
    leaves, stays = put(date(2036, 5, 1)), put(date(2036, 5, 2))
    keks = dict(DataEncryptionKey.objects.values_list("record", "kek"))
    vault.erase(leaves)
    assert dict(KeyEncryptionKey.objects.values_list("id", "has_lost")) == {keks[leaves]: True, keks[stays]: False}


def test_what_is_put_after_a_rotation_shares_no_key_with_what_was_put_before() -> None:
    """Else a backup of before it, with the epoch of its day, would open what came later."""
    day = date(2036, 5, 1)
    before = put(day)
    keyring.rotate(NOW + DAY)
    after, too = put(day, NOW + DAY), put(day, NOW + DAY)
    keks = dict(DataEncryptionKey.objects.values_list("record", "kek"))
    assert keks[before] != keks[after] == keks[too]


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
    assert not KeyEncryptionKey.objects.filter(has_lost=True).exists(), "each has another key now"
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
        today = [epochs.day_of(kek.epoch) == legal_day(at) for kek in KeyEncryptionKey.objects.all()]
        assert sum(today) == min(lives, len(today)), "each batch that ended stays"
        records.append(put(date(2036, 5, 1), at))
    monkeypatch.setattr(keyring, "_renew", renew)
    keyring.rotate(NOW + 7 * DAY)
    assert len(epochs.names()) == 1
    assert all(vault.read(record) == AMAL for record in records)


def test_an_epoch_that_a_key_encryption_key_still_names_is_never_destroyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where somebody looked before the rotation and puts a record when all the others are done."""
    record, [before] = put(), epochs.names()
    late: list[uuid.UUID] = []
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(epochs, "current", lambda at=None: before)
        meanwhile.setattr(keyring, "truncate_log", lambda: late.append(put()))
        keyring.rotate(NOW + DAY)
    assert before in epochs.names() and len(epochs.names()) == 2
    assert [vault.read(each) for each in (record, *late)] == [AMAL, AMAL]
    keyring.rotate(NOW + 2 * DAY)
    assert before not in epochs.names() and vault.read(late[0]) == AMAL


def test_the_epoch_of_today_stays_also_when_nothing_is_kept_under_it() -> None:
    keyring.rotate(NOW)
    assert [epochs.day_of(name) for name in epochs.names()] == [legal_day(NOW)]


@contextmanager
def meanwhile(asks: str, happens: Callable[[], object]) -> Iterator[None]:
    """What another process does between two statements: just before the first one that holds `asks`."""
    waiting = [happens]

    def runs(execute: Callable[..., object], sql: str, *told: object) -> object:
        if asks in sql and waiting:
            waiting.pop()()
        return execute(sql, *told)

    with connection.execute_wrapper(runs):
        yield
    assert not waiting


@pytest.mark.parametrize("moves", [True, False])
def test_of_many_each_is_read_whatever_moves_while_they_are_looked_for(moves: bool) -> None:
    """Its key-encryption key is gone, or has another key since its neighbour was erased: it is looked for alone."""
    record, neighbour, other = put(date(2036, 5, 1)), put(date(2036, 5, 1)), put(date(2037, 1, 1))
    known = keyring.keys_of([record, other])

    def happens() -> None:
        keyring.remove([neighbour])
        if moves:
            keyring.move(record, due_on=date(2040, 1, 1))
        keyring.rotate(NOW + DAY)

    with meanwhile('FROM "vault_bunch"', happens):
        assert keyring.keys_of([record, other]) == known


def test_what_is_read_while_a_rotation_ends_is_looked_for_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    record = put()
    key, opened = keyring.key_of(record), keyring._opened
    asks: list[Callable[[uuid.UUID], bytes]] = [keyring.key_of, lambda record: keyring.keys_of([record])[record]]
    for number, ask in enumerate(asks):

        def late(kek: KeyEncryptionKey) -> bytes:
            """The epoch that wraps it is destroyed before its key is read."""
            monkeypatch.setattr(keyring, "_opened", opened)
            keyring.rotate(NOW + (number + 1) * DAY)  # noqa: B023 (called in this turn)
            return opened(kek)

        monkeypatch.setattr(keyring, "_opened", late)
        assert ask(record) == key


def test_the_keys_of_many_cost_two_statements_and_those_of_one_day_one_opening(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    records = [put(date(2036, 5, 1)) for _ in range(3)]
    with django_assert_num_queries(2):
        assert len(set(keyring.keys_of(records).values())) == 3
    assert keyring.remove([*records[:2], uuid.uuid4()]) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: make test-postgresql")
def test_who_shares_the_keyring_keeps_out_who_wants_it_alone_until_the_transaction_ends() -> None:
    held = "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s AND pid = pg_backend_pid()"
    for take, modes in ((keyring.share, ["ShareLock"]), (keyring.alone, ["ExclusiveLock", "ShareLock"])):
        take()
        with connection.cursor() as cursor:
            cursor.execute(held, [keyring._LOCK])
            assert sorted(mode for (mode,) in cursor.fetchall()) == modes


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of another database the log is not ours")
@pytest.mark.django_db(transaction=True)
def test_what_was_erased_is_not_left_in_the_log_of_the_database() -> None:
    """SQLite's write-ahead log holds the rows as they were; inside a transaction it cannot be emptied."""
    with CaptureQueriesContext(connection) as asked:
        keyring.truncate_log()
        with transaction.atomic():
            keyring.truncate_log()
    emptied = [query["sql"] for query in asked if "wal_checkpoint" in query["sql"]]
    assert emptied == ["PRAGMA wal_checkpoint(TRUNCATE)"]


def test_no_epoch_is_made_by_what_is_put_on_a_clock_that_jumped() -> None:
    put()
    before = epochs.names()
    put(at=NOW + timedelta(days=3650)), put(at=NOW - timedelta(days=3650))
    assert epochs.names() == before
