"""Laws of the vault: what is erased cannot be read, and time makes that final."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from brug.core.calendar import legal_day
from brug.core.names import WORDS
from brug.office.keys import epochs
from brug.office.vault import services as vault
from brug.office.vault.models import BlindIndex, DataEncryptionKey, Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import NOW

AMAL = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_epochs() -> None:
    for epoch in epochs.names():
        epochs.destroy(epoch)


def put(at: datetime = NOW, due_on: date | None = None) -> uuid.UUID:
    record = uuid.uuid4()
    vault.put(record, AMAL, reason=Reason.INTAKE, due_on=due_on, at=at, indexes={"phone": AMAL["phone"]})
    return record


class Content(TestCase):
    values = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )

    @given(st.dictionaries(st.text(), values))
    def test_what_was_put_is_read(self, content: dict[str, object]) -> None:
        record = uuid.uuid4()
        vault.put(record, content, reason=Reason.DRAFT, due_on=None, at=NOW)
        self.assertEqual(vault.read(record), content)


def test_nothing_is_stored_readable() -> None:
    record = put()
    stored = bytes(Envelope.objects.get(record=record).content) + bytes(
        DataEncryptionKey.objects.get(record=record).wrapped
    )
    assert not any(value.encode() in stored for value in AMAL.values())


def test_erasing_leaves_no_row_and_cannot_be_done_twice() -> None:
    record = put()
    assert vault.erase(record)
    assert not vault.erase(record)
    assert not any(m.objects.filter(record=record).exists() for m in (Envelope, DataEncryptionKey, BlindIndex))
    with pytest.raises(vault.Erased):
        vault.read(record)


def test_a_leftover_envelope_without_its_key_is_noise() -> None:
    record = put()
    leftover = bytes(Envelope.objects.get(record=record).content)
    vault.erase(record)
    vault.put(record, {"other": 1}, reason=Reason.INTAKE, due_on=None, at=NOW)
    Envelope.objects.filter(record=record).update(content=leftover)
    with pytest.raises(InvalidTag):
        vault.read(record)


def test_a_key_moved_to_another_record_opens_nothing() -> None:
    one, other = put(), put()
    stolen = DataEncryptionKey.objects.get(record=one)
    DataEncryptionKey.objects.filter(record=other).update(wrapped=stolen.wrapped)
    with pytest.raises(InvalidTag):
        vault.read(other)


def test_replacing_gives_a_new_key_and_forgets_the_old_words() -> None:
    record = put()
    old = bytes(DataEncryptionKey.objects.get(record=record).wrapped)
    vault.replace(record, {"given_name": "Noor"}, reason=Reason.INTAKE, due_on=None, at=NOW)
    assert vault.read(record) == {"given_name": "Noor"}
    assert bytes(DataEncryptionKey.objects.get(record=record).wrapped) != old
    assert vault.candidates("phone", AMAL["phone"]) == []


def test_what_a_colleague_rewrites_between_the_two_looks_is_read_as_it_is_now() -> None:
    record = uuid.uuid4()
    vault.put(record, {"a": 1}, reason=Reason.DRAFT, due_on=None, at=NOW)
    seen = Envelope.objects.get(record=record)
    vault.amend(record, {"a": 2}, at=NOW)
    assert vault._opened(vault.keyring.key_of(record), seen) == {"a": 2}
    Envelope.objects.filter(record=record).delete()
    with pytest.raises(vault.Erased):
        vault._opened(vault.keyring.key_of(record), seen)


def test_a_record_is_found_by_its_value_and_the_index_does_not_hold_it() -> None:
    record = put()
    assert vault.candidates("phone", AMAL["phone"]) == [record]
    assert vault.candidates("name", AMAL["phone"]) == []
    assert BlindIndex.objects.get().digest < 1 << vault.INDEX_BITS


def test_what_is_due_is_named_on_its_day_and_not_before() -> None:
    today = legal_day(NOW)
    record = put(due_on=today + timedelta(days=1))
    put(due_on=None)
    assert vault.due(today) == []
    assert vault.due(today + timedelta(days=1)) == [record]


def test_details_are_provable_while_the_record_lives_and_not_afterwards() -> None:
    record = put()
    proof = vault.digest(record, b"phone")
    assert proof == vault.digest(record, b"phone") != vault.digest(record, b"email")
    vault.erase(record)
    with pytest.raises(vault.Erased):
        vault.digest(record, b"phone")


@pytest.mark.django_db
def test_the_number_of_index_rows_says_nothing_of_a_person() -> None:
    """One word or five, a phone or none: as many rows, each a number of fifteen bits."""
    for name, phone in (("sukarno", ""), ("amal fatima haddou vandenberg zohra", "+32470000001")):
        record = uuid.uuid4()
        known = {"name": name, "phone": phone}
        vault.put(record, AMAL, reason=Reason.INTAKE, due_on=None, at=NOW, indexes=known)
        assert BlindIndex.objects.filter(record=record).count() == WORDS + 1
        assert vault.candidates("name", name) == [record]


@pytest.mark.django_db
def test_many_are_read_as_one_by_one_also_from_different_key_encryption_keys_and_not_when_one_is_erased() -> None:
    records = [uuid.uuid4() for _ in range(5)]
    for number, record in enumerate(records):
        vault.put(record, {"n": number}, reason=Reason.INTAKE, due_on=None if number % 2 else legal_day(NOW), at=NOW)
    assert vault.read_all(records[::-1]) == [{"n": number} for number in (4, 3, 2, 1, 0)]
    assert vault.read_all([]) == []
    vault.erase(records[2])
    with pytest.raises(vault.Erased):
        vault.read_all(records)
