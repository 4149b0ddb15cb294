"""Opening: one order of checks, the first failure names the reason, and a changed byte is never accepted (art. 6)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brug.core import message
from brug.core.parcel import Rejected, Rejection, archive, keys, manifest, seal, unseal
from brug.core.parcel.archive import Members
from tests import examples
from tests.core.parcel.samples import (
    AT,
    COUNTERPARTIES,
    HERSELT,
    OPGROEIEN,
    OTHER_PARCEL_KEY,
    OURS,
    PARCEL_KEY,
    READY_KEY,
    RECEIPT,
    REFERRAL,
    SENDER,
    STRANGER,
    THEIRS,
    WESTERLO,
    entropy_from,
    opened,
    public,
    sealed,
)
from tests.opening import Opened

PARCEL = sealed()
SIGNED = PARCEL.manifest.encode()
MANIFEST = manifest.read(SIGNED).manifest


def refusal(signed: str | bytes, data: bytes = PARCEL.archive, **changed: Any) -> Rejection:
    with pytest.raises(Rejected) as caught:
        opened(signed, data, **changed)
    return caught.value.rejection


def holding(text: bytes, kind: str = "referral") -> tuple[str, bytes]:
    """A parcel that is right in everything but the message inside."""
    data = archive.pack(Members(text, b"%PDF"), READY_KEY, vectors=entropy_from(1)(32))
    return signed_for(data, kind=kind), data


def signed_for(data: bytes, **changed: Any) -> str:
    """A manifest that is right for the archive `data`, whatever that is."""
    about = MANIFEST.archive.model_copy(update={"sha256": sha256(data).hexdigest(), "size": len(data)})
    bare = MANIFEST.model_copy(update={"archive": about, "wrapped": None, **changed})
    return manifest.sign(manifest.wrap(bare, READY_KEY, keys.public_parcel_key(PARCEL_KEY)), OURS)


@pytest.mark.parametrize("position", range(0, len(SIGNED), 500))
def test_no_manifest_with_a_changed_character_is_accepted(position: int) -> None:
    """Every position, every bit alone and some other characters of the same alphabet."""
    for at in range(position, min(position + 500, len(SIGNED))):
        others = {SIGNED[at] ^ 1 << bit for bit in range(8)} | set(b"A_-.=0\n ") - {SIGNED[at]}
        for other in others:
            altered = SIGNED[:at] + bytes([other]) + SIGNED[at + 1 :]
            with pytest.raises(Rejected):
                unseal.read_manifest(
                    altered, 4096, recipient=WESTERLO, practice=False, keys_of=lambda kbo: COUNTERPARTIES.get(kbo, ())
                )


def test_no_archive_with_a_changed_byte_is_accepted() -> None:
    for at in range(len(PARCEL.archive)):
        for change in (0x01, 0x10, 0x80, 0xFF):
            altered = bytearray(PARCEL.archive)
            altered[at] ^= change
            with pytest.raises(Rejected) as caught:
                unseal.open_archive(MANIFEST, bytes(altered), at=AT, private_keys=[PARCEL_KEY])
            assert caught.value.rejection is Rejection.ARCHIVE_CHANGED


Edit = tuple[int, int, bytes]
edits = st.lists(st.tuples(st.integers(0, 4200), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=6)


def edited(text: bytes, changes: list[Edit]) -> bytes:
    """`text` with pieces taken out and others put in."""
    for at, length, piece in changes:
        text = text[:at] + piece + text[at + length :]
    return text


@settings(max_examples=examples(400), deadline=None)
@given(edits, edits, st.booleans())
def test_however_it_is_changed_it_is_not_accepted(first: list[Edit], second: list[Edit], both: bool) -> None:
    signed, data = edited(SIGNED, first), edited(PARCEL.archive, second) if both else PARCEL.archive
    if (signed, data) != (SIGNED, PARCEL.archive):
        refusal(signed, data)


@settings(max_examples=examples(200), deadline=None)
@given(edits)
def test_however_the_archive_is_changed_and_signed_again_it_is_refused(changes: list[Edit]) -> None:
    """Also when a counterparty signs what it mangled: a clean refusal, no crash."""
    data = edited(PARCEL.archive, changes)
    if data != PARCEL.archive and data:
        assert refusal(signed_for(data), data) in (Rejection.BAD_ARCHIVE, Rejection.WRONG_PASSWORD)


@given(st.floats(0, 1, exclude_max=True))
def test_a_truncated_parcel_is_refused(part: float) -> None:
    assert refusal(SIGNED, PARCEL.archive[: int(part * len(PARCEL.archive))]) is Rejection.ARCHIVE_CHANGED
    assert refusal(SIGNED[: int(part * len(SIGNED))]) in (Rejection.NOT_A_PARCEL, Rejection.BAD_SIGNATURE)


def test_size_is_looked_at_before_anything_else() -> None:
    assert refusal(b"x" * (manifest.MANIFEST_LIMIT + 1)) is Rejection.TOO_LARGE
    assert refusal(b"x", bytes(archive.LARGEST + 1)) is Rejection.TOO_LARGE
    assert refusal(b"x" * manifest.MANIFEST_LIMIT) is Rejection.NOT_A_PARCEL
    assert refusal(SIGNED, bytes(archive.LARGEST)) is Rejection.ARCHIVE_CHANGED


def test_a_sender_that_we_do_not_know_is_refused() -> None:
    assert refusal(SIGNED, counterparties={HERSELT: COUNTERPARTIES[HERSELT]}) is Rejection.UNKNOWN_SENDER
    assert refusal(manifest.sign(MANIFEST, STRANGER)) is Rejection.UNKNOWN_SENDER
    assert refusal(SIGNED, counterparties={OPGROEIEN: []}) is Rejection.UNKNOWN_SENDER


def test_a_previous_key_still_counts_while_it_is_given() -> None:
    both = {OPGROEIEN: [public(STRANGER), public(OURS)]}
    assert opened(SIGNED, PARCEL.archive, counterparties=both).message == REFERRAL


def test_the_signature_of_another_manifest_is_refused() -> None:
    other = manifest.sign(MANIFEST.model_copy(update={"incarnation": 2}), OURS)
    swapped = SIGNED.rpartition(b".")[0] + b"." + other.encode().rpartition(b".")[2]
    assert refusal(swapped) is Rejection.BAD_SIGNATURE


def test_nobody_signs_in_the_name_of_another() -> None:
    assert refusal(manifest.sign(MANIFEST, THEIRS)) is Rejection.UNKNOWN_SENDER
    forged = manifest.sign(MANIFEST, OURS).rpartition(".")[0] + "." + keys.encode(THEIRS.sign(b"x"))
    assert refusal(forged) is Rejection.BAD_SIGNATURE


def test_a_parcel_for_another_is_not_for_us() -> None:
    assert refusal(SIGNED, recipient=HERSELT) is Rejection.NOT_FOR_US


def test_a_stolen_password_signed_again_by_another_trusted_party_is_refused() -> None:
    """Herselt is trusted too, takes the parcel of Opgroeien and signs it as its own: Westerlo must not believe it."""
    stolen = MANIFEST.model_copy(update={"sender": HERSELT})
    assert refusal(manifest.sign(stolen, THEIRS)) is Rejection.UNBOUND_PASSWORD


def test_a_parcel_cannot_be_sent_on_to_another_recipient() -> None:
    """Signed again by its own sender even: what was sealed for one is not for another."""
    moved = manifest.sign(MANIFEST.model_copy(update={"recipient": HERSELT}), OURS)
    assert refusal(moved, recipient=HERSELT, private_keys=[OTHER_PARCEL_KEY]) is Rejection.OTHER_KEY
    assert refusal(moved, recipient=HERSELT) is Rejection.UNBOUND_PASSWORD


@pytest.mark.parametrize("practice", [True, False])
def test_practice_and_reality_do_not_meet(practice: bool) -> None:
    parcel = sealed(sender=replace(SENDER, practice=practice))
    assert refusal(parcel.manifest, parcel.archive, practice=not practice) is Rejection.PRACTICE


def test_an_archive_of_another_parcel_is_refused() -> None:
    other = sealed(entropy=entropy_from(99))
    assert refusal(SIGNED, other.archive) is Rejection.ARCHIVE_CHANGED


def test_a_password_sealed_to_a_key_that_is_gone_is_refused() -> None:
    assert refusal(SIGNED, private_keys=[OTHER_PARCEL_KEY]) is Rejection.OTHER_KEY
    assert refusal(SIGNED, private_keys=[]) is Rejection.OTHER_KEY


def test_the_previous_parcel_key_opens_parcels_in_flight() -> None:
    assert opened(SIGNED, PARCEL.archive, private_keys=[OTHER_PARCEL_KEY, PARCEL_KEY]).message == REFERRAL


def test_a_manifest_without_a_password_waits_for_a_person() -> None:
    parcel = sealed(recipient_key=None, key=None)
    assert refusal(parcel.manifest, parcel.archive) is Rejection.NO_PASSWORD
    known = manifest.read(parcel.manifest.encode()).manifest
    found = unseal.open_archive(known, parcel.archive, at=AT, private_keys=[], password=parcel.password)
    assert found == REFERRAL
    for typed in ("0000-0000", "", "x" * 10_000_000):
        with pytest.raises(Rejected) as caught:
            unseal.open_archive(known, parcel.archive, at=AT, private_keys=[], password=typed)
        assert caught.value.rejection is Rejection.WRONG_PASSWORD


def test_a_password_may_have_two_hundred_characters() -> None:
    parcel = sealed(recipient_key=None, key=None, password="w" * archive.PASSWORD_LIMIT)
    known = manifest.read(parcel.manifest.encode()).manifest
    told = parcel.password
    assert unseal.open_archive(known, parcel.archive, at=AT, private_keys=[], password=told) == REFERRAL


@pytest.mark.parametrize("secret", [b"", b"{}", b"[]", b'{"password":"x","derived":"short"}', b"\xff", b"x" * 500])
def test_a_wrapped_part_without_a_key_in_it_is_refused(secret: bytes) -> None:
    public_key = keys.public_parcel_key(PARCEL_KEY)
    bare = MANIFEST.model_copy(update={"wrapped": None})
    packed = keys.seal_to(public_key, secret, info=b"brug/parcel/1" + sha256(bare.core()).digest())
    wrapped = manifest.Wrapped(key=keys.key_id(public_key), sealed=keys.encode(packed))
    signed = manifest.sign(bare.model_copy(update={"wrapped": wrapped}), OURS)
    assert refusal(signed) is Rejection.WRONG_PASSWORD


def test_a_key_of_another_archive_is_a_wrong_password() -> None:
    bare = MANIFEST.model_copy(update={"wrapped": None})
    wrong = replace(READY_KEY, derived=bytes(32))
    signed = manifest.sign(manifest.wrap(bare, wrong, keys.public_parcel_key(PARCEL_KEY)), OURS)
    assert refusal(signed) is Rejection.WRONG_PASSWORD


@pytest.mark.parametrize("data", [b"PK\x03\x04" * 1024, bytes(4096), b"7z\xbc\xaf\x27\x1c" * 683], ids=len)
def test_a_downgraded_archive_is_refused_also_when_it_is_signed(data: bytes) -> None:
    assert refusal(SIGNED, data) is Rejection.ARCHIVE_CHANGED
    assert refusal(signed_for(data), data) is Rejection.BAD_ARCHIVE


REFERRAL_JSON: dict[str, Any] = message.dump(REFERRAL)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({**REFERRAL_JSON, "reason": "x"}).encode(),
        json.dumps({**REFERRAL_JSON, "client": {**REFERRAL_JSON["client"], "insz": "85073003328"}}).encode(),
        json.dumps({**REFERRAL_JSON, "client": {**REFERRAL_JSON["client"], "given_name": " Amal"}}).encode(),
        json.dumps({**REFERRAL_JSON, "kind": "answer"}).encode(),
    ],
    ids=range(9),
)
def test_what_is_no_message_is_refused(text: bytes) -> None:
    signed, data = holding(text)
    assert refusal(signed, data) is Rejection.BAD_MESSAGE


def test_the_message_is_of_the_kind_that_the_manifest_names() -> None:
    signed, data = holding(json.dumps(message.dump(RECEIPT)).encode(), kind="referral")
    assert refusal(signed, data) is Rejection.BAD_MESSAGE
    signed, data = holding(json.dumps(message.dump(RECEIPT)).encode(), kind="receipt")
    assert opened(signed, data).message == RECEIPT


ORDER: list[tuple[Rejection, Callable[[dict[str, Any]], None]]] = [
    (Rejection.TOO_LARGE, lambda given: given.update(data=bytes(archive.LARGEST + 1))),
    (Rejection.NOT_A_PARCEL, lambda given: given.update(shape=False)),
    (Rejection.UNKNOWN_SENDER, lambda given: given.update(signer=STRANGER)),
    (Rejection.NOT_FOR_US, lambda given: given.update(recipient=HERSELT)),
    (Rejection.PRACTICE, lambda given: given.update(practice=True)),
    (Rejection.EXPIRED, lambda given: given.update(at=AT + timedelta(days=91))),
    (Rejection.ARCHIVE_CHANGED, lambda given: given.setdefault("data", PARCEL.archive[:-1])),
    (Rejection.OTHER_KEY, lambda given: given.update(private_keys=[OTHER_PARCEL_KEY])),
]


@given(st.sets(st.sampled_from(range(len(ORDER))), min_size=1))
def test_the_first_check_that_fails_names_the_reason(failing: set[int]) -> None:
    given_: dict[str, Any] = {}
    for index in sorted(failing):
        ORDER[index][1](given_)
    signed = manifest.sign(MANIFEST, given_.pop("signer", OURS)) + ("" if given_.pop("shape", True) else "=")
    data = given_.pop("data", PARCEL.archive)
    assert refusal(signed, data, **given_) is ORDER[min(failing)][0]


def test_reasons_stand_in_the_order_of_the_checks() -> None:
    listed = list(Rejection)
    places = [listed.index(rejection) for rejection, _ in ORDER]
    assert places == sorted(places)


def test_a_refusal_says_no_value() -> None:
    signed, data = holding(json.dumps({**REFERRAL_JSON, "reason": "Geheimwoord"}).encode())
    with pytest.raises(Rejected) as caught:
        opened(signed, data)
    assert str(caught.value) == "bad_message"
    assert caught.value.__suppress_context__


def test_opening_derives_no_key() -> None:
    """Fifty openings take less time than twelve derivations."""
    began = time.process_time()
    for _ in range(50):
        opened(SIGNED, PARCEL.archive)
    fifty = time.process_time() - began
    began = time.process_time()
    seal.make_key()
    assert fifty < 12 * (time.process_time() - began)


def test_a_parcel_is_accepted_any_number_of_times_here() -> None:
    """Whether it came before is the caller's to know: the same parcel gets its receipt again."""
    assert opened(SIGNED, PARCEL.archive) == opened(SIGNED, PARCEL.archive) == Opened(MANIFEST, REFERRAL)


@given(st.timedeltas(timedelta(days=-200), timedelta(days=200)))
@example(-unseal.CLOCKS_DIFFER)
@example(-unseal.CLOCKS_DIFFER - timedelta(microseconds=1))
@example(keys.TERM)
@example(keys.TERM + timedelta(microseconds=1))
def test_a_parcel_is_taken_in_for_ninety_days_and_never_before_it_was_made(age: timedelta) -> None:
    if age > timedelta(days=90):
        assert refusal(SIGNED, at=AT + age) is Rejection.EXPIRED
    elif age < timedelta(days=-1):  # clocks differ, by no more than that
        assert refusal(SIGNED, at=AT + age) is Rejection.FROM_THE_FUTURE
    else:
        assert opened(SIGNED, PARCEL.archive, at=AT + age).message == REFERRAL
