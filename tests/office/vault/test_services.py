"""Laws of the vault: what is erased cannot be read, and time makes that final."""

from __future__ import annotations

import hmac
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
from brug.office.vault import typed
from brug.office.vault.models import BlindIndex, DataEncryptionKey, Envelope, Erasure, Hold, Typed
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
        assert max(BlindIndex.objects.values_list("digest", flat=True)) < 1 << vault.INDEX_BITS
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


def test_what_is_amended_keeps_its_reason_its_term_its_protocol_and_how_it_is_found() -> None:
    record, due_on = uuid.uuid4(), legal_day(NOW) + timedelta(days=9)
    named = {"phone": AMAL["phone"]}
    vault.put(record, AMAL, reason=Reason.CLIENT_FILE, due_on=due_on, at=NOW, protocol="p@1", indexes=named)
    before = bytes(DataEncryptionKey.objects.get(record=record).wrapped)
    vault.amend(record, {"given_name": "Noor"}, at=NOW + timedelta(hours=1))
    kept = Envelope.objects.get(record=record)
    assert (kept.reason, kept.due_on, kept.protocol) == (Reason.CLIENT_FILE, due_on, "p@1")
    assert kept.kept_since == NOW + timedelta(hours=1)
    assert vault.read(record) == {"given_name": "Noor"} and vault.candidates("phone", AMAL["phone"]) == [record]
    assert bytes(DataEncryptionKey.objects.get(record=record).wrapped) != before
    with pytest.raises(vault.Erased):
        vault.amend(uuid.uuid4(), {}, at=NOW)


def test_what_is_replaced_has_the_new_reason_term_protocol_and_words() -> None:
    record, due_on = put(), legal_day(NOW) + timedelta(days=2)
    new = {"reason": Reason.CLIENT_FILE, "due_on": due_on, "protocol": "p@2", "indexes": {"phone": "+32470000009"}}
    vault.replace(record, {"n": 1}, at=NOW + timedelta(days=1), **new)  # type: ignore[arg-type]
    kept = Envelope.objects.get(record=record)
    assert (kept.reason, kept.due_on, kept.protocol) == (Reason.CLIENT_FILE, due_on, "p@2")
    assert kept.kept_since == NOW + timedelta(days=1)
    assert vault.candidates("phone", "+32470000009") == [record]
    assert not Erasure.objects.exists(), "it lives on: a restored node erases nothing for it"


def test_what_no_protocol_brought_names_none() -> None:
    record = uuid.uuid4()
    vault.put(record, AMAL, reason=Reason.CLIENT_FILE, due_on=None, at=NOW)
    assert Envelope.objects.get(record=record).protocol == ""
    vault.replace(record, AMAL, reason=Reason.CLIENT_FILE, due_on=None, at=NOW)
    assert Envelope.objects.get(record=record).protocol == ""


def test_of_many_what_is_still_here_is_read() -> None:
    one, other = put(), put(due_on=legal_day(NOW))
    vault.replace(other, {"n": 2}, reason=Reason.INTAKE, due_on=None, at=NOW)
    assert vault.read_those([one, uuid.uuid4(), other]) == {one: AMAL, other: {"n": 2}}
    assert vault.read_those([uuid.uuid4()]) == {} == vault.read_those([])
    with pytest.raises(vault.Erased):
        vault.read_all([one, uuid.uuid4()])
    assert vault.read_all([one, one]) == [AMAL, AMAL]


def test_a_kept_record_has_another_reason_and_term_and_a_hold_is_counted_in() -> None:
    today, record, free = legal_day(NOW), put(), put()
    vault.keep(record, reason=Reason.CLIENT_FILE, due_on=today + timedelta(days=5))
    Envelope.objects.filter(record=free).update(kept_since=NOW + timedelta(days=1))
    assert vault.read(record) == AMAL
    terms = [(Reason.CLIENT_FILE, today + timedelta(days=5)), (Reason.INTAKE, None)]
    assert vault.terms([free, record], today) == terms
    for held_until, last in (
        (today - timedelta(days=1), 5),
        (today + timedelta(days=2), 5),
        (today + timedelta(days=9), 10),
    ):
        Hold.objects.all().delete()
        Hold.objects.create(record=record, until_on=held_until, placed_by="x", placed_at=NOW)
        assert vault.terms([record], today) == [(Reason.CLIENT_FILE, today + timedelta(days=last))]
    Hold.objects.update(until_on=today)
    assert vault.terms([record], today + timedelta(days=1)) == vault.terms([record], today) == terms[:1]
    vault.keep(record, reason=Reason.CLIENT_FILE, due_on=today - timedelta(days=5))
    Hold.objects.update(until_on=today - timedelta(days=2))
    assert vault.terms([record], today) == [(Reason.CLIENT_FILE, today - timedelta(days=5))], "a hold that is over"
    many = [(NOW - timedelta(hours=hour), put()) for hour in (5, 1, 3, 3, 3, 2, 4)]
    for number, (since, each) in enumerate(sorted(many)):
        Envelope.objects.filter(record=each).update(kept_since=since, due_on=today + timedelta(days=number))
    of_all = vault.terms([each for _, each in many], today)
    assert of_all == [(Reason.INTAKE, today + timedelta(days=number)) for number in range(7)]
    with pytest.raises(vault.Erased):
        vault.keep(uuid.uuid4(), reason=Reason.CLIENT_FILE, due_on=None)


def test_the_oldest_end_is_due_first() -> None:
    today = legal_day(NOW)
    later, sooner = put(due_on=today), put(due_on=today - timedelta(days=3))
    assert vault.due(today) == [sooner, later]


def test_a_name_is_found_by_two_of_its_words_or_by_the_one_it_has() -> None:
    def known(name: str, phone: str = "") -> uuid.UUID:
        record = uuid.uuid4()
        vault.put(record, {}, reason=Reason.INTAKE, due_on=None, at=NOW, indexes={"name": name, "phone": phone})
        return record

    both, one, called = (
        known("amal haddou fatima"),
        known("amal peeters", "+32470000009"),
        known("noor janssens", "+32470000001"),
    )
    assert vault.candidates("name", "haddou amal") == [both]
    assert set(vault.candidates("name", "amal")) == {both, one}
    assert vault.candidates_of({"name": "haddou amal", "phone": "+32470000001"}) == {both, called}
    assert vault.candidates_of({"phone": "+32470000001", "email": ""}) == {called}
    assert vault.candidates_of({"name": "", "phone": ""}) == set()
    nothing = vault._short(vault.blind("email", ""))
    BlindIndex.objects.create(record=one, field="email", digest=nothing)
    assert vault.candidates_of({"email": ""}) == set(), "nothing asked is nothing found, whatever stands in a row"
    assert vault.candidates("name", "haddou amal zohra") == [both]
    vault.index(called, "phone", "+32470000002")
    assert vault.candidates("phone", "+32470000001") == [] and vault.candidates("phone", "+32470000002") == [called]
    assert vault.candidates("name", "noor janssens") == [called]
    assert vault.candidates("phone", "+32470000009") == [one], "of the others nothing changes"
    vault.index(called, "phone", "one with a space")
    assert vault.candidates("phone", "one with a space") == [called]


def test_a_mark_is_the_same_for_the_same_words_in_any_order_and_is_of_one_field() -> None:
    assert vault.mark("name", "amal haddou") == vault.mark("name", "haddou amal") != vault.mark("name", "amal")
    assert [len(each) for each in vault.mark("name", "amal haddou").split(" ")] == [64, 64]
    assert vault.mark("phone", "0470 00") != vault.mark("email", "0470 00") and " " not in vault.mark(
        "phone", "0470 00"
    )
    assert vault.mark("phone", "") == vault.mark("name", "") == ""
    assert vault.mark("phone", "x") == vault.blind("phone", "x").hex()


def test_who_has_no_phone_is_not_known_by_that() -> None:
    for _ in range(6):
        vault.put(uuid.uuid4(), AMAL, reason=Reason.INTAKE, due_on=None, at=NOW, indexes={"phone": ""})
    assert len(set(BlindIndex.objects.values_list("digest", flat=True))) > 1


def test_an_index_uses_all_of_its_bits() -> None:
    """Half of them would make twice as many of a town look alike."""
    assert max(vault._short(vault.blind("name", str(number))) for number in range(60)) >> (vault.INDEX_BITS - 1)


def test_a_digest_is_of_its_record_and_its_details_under_a_key_that_only_this_record_has() -> None:
    one, other = put(), put()
    told = vault.digest(one, b"phone")
    assert told not in (vault.digest(other, b"phone"), vault.digest(one, b"email")) and len(told) == 64
    expected = hmac.digest(vault.keyring.key_of(one), b"brug/details/1\0phone", "sha256")
    assert told == expected.hex(), "docs/spec/ledger.md"


def test_an_erasure_takes_what_members_typed_about_it_and_is_remembered_for_a_restore() -> None:
    record, number, colleague = put(), uuid.uuid4(), uuid.uuid4()
    for about, page in ((record, "/a"), (None, "/b")):
        typed.keep({"note": ["Amal"]}, page=page, action=page, member=colleague, about=about, was_sent=False, at=NOW)
    gone, stays = (Typed.objects.get(page=page).record for page in ("/a", "/b"))
    assert vault.erase(record, about=number)
    assert list(Erasure.objects.values_list("record", "about")) == [(record, number)]
    assert not vault.erase(record) and Erasure.objects.count() == 1
    for model in (Envelope, DataEncryptionKey, Typed):
        assert [model.objects.filter(record=each).exists() for each in (gone, stays)] == [False, True]


def test_what_a_restore_brought_back_is_erased_again() -> None:
    record = put()
    vault.erase(record)
    vault.put(record, AMAL, reason=Reason.CLIENT_FILE, due_on=None, at=NOW)
    assert vault.erase(record) and Erasure.objects.filter(record=record).count() == 1


def test_what_was_not_here_when_it_was_erased_is_not_remembered() -> None:
    assert not vault.erase(uuid.uuid4(), about=uuid.uuid4()) and not Erasure.objects.exists()
