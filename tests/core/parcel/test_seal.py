"""Sealing: what the permit names leaves, for whom it names, and nothing of it stands in clear (art. 3, art. 6)."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core import message
from brug.core.parcel import Rejected, archive, manifest, paper, seal, words
from brug.core.parcel.keys import public_parcel_key
from tests.core.parcel.samples import (
    AT,
    CHECKPOINT,
    CLIENT,
    FIELDS,
    FIRST,
    OTHER_PARCEL_KEY,
    OURS,
    PARCEL_KEY,
    PERMIT,
    READY_KEY,
    RECEIPT,
    RECEIPT_PERMIT,
    REFERRAL,
    SENDER,
    TEXT,
    THEIRS,
    WESTERLO,
    checkpoint,
    entropy_from,
    opened,
    public,
    sealed,
)

OPTIONAL = sorted(FIELDS - {"given_name", "family_name"})


def test_what_is_sealed_is_opened() -> None:
    parcel = sealed()
    found = opened(parcel.manifest, parcel.archive)
    assert found.message == REFERRAL
    assert (found.manifest.sender, found.manifest.recipient) == (PERMIT.discloser, PERMIT.recipient)
    assert found.manifest.protocol == manifest.Agreed(id="opgroeien-ocmw-westerlo", version=1, sha256=TEXT)
    assert found.manifest.consistency == FIRST and found.manifest.id == parcel.id
    assert parcel.kind == "referral"


def test_a_receipt_travels_the_same_way() -> None:
    sender = seal.Sender(WESTERLO, THEIRS, incarnation=3, practice=False)
    parcel = sealed(RECEIPT, RECEIPT_PERMIT, sender=sender)
    theirs = {WESTERLO: [public(THEIRS)]}
    found = opened(parcel.manifest, parcel.archive, recipient=RECEIPT_PERMIT.recipient, counterparties=theirs)
    assert (found.message, found.manifest.incarnation) == (RECEIPT, 3)


@settings(deadline=None)
@given(st.sets(st.sampled_from(OPTIONAL), min_size=1))
def test_a_field_that_the_permit_does_not_name_stays_behind(named: set[Any]) -> None:
    fields = frozenset({"given_name", "family_name"} | named)
    drawn: list[message.Message] = []
    parcel = sealed(
        permit=replace(PERMIT, fields=fields), paper=lambda content: bytes(drawn.append(content) or b"%PDF")
    )
    found = opened(parcel.manifest, parcel.archive).message
    assert isinstance(found, message.Referral)
    assert found.client.fields_given() == fields
    assert drawn == [found]  # the paper is drawn from what is left


@pytest.mark.parametrize("fields", [FIELDS - {"given_name"}, frozenset({"given_name", "family_name"})], ids=len)
def test_a_permit_for_half_a_message_seals_nothing_and_says_no_value(fields: frozenset[Any]) -> None:
    said = r"^What the permit leaves of the client is no message: a name and a way to reach\.$"
    with pytest.raises(ValueError, match=said) as caught:
        sealed(permit=replace(PERMIT, fields=fields))
    assert "Haddou" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("content", "permit", "sender"),
    [
        (REFERRAL, RECEIPT_PERMIT, SENDER),
        (RECEIPT, PERMIT, SENDER),
        (REFERRAL, PERMIT, replace(SENDER, kbo=WESTERLO)),
    ],
    ids=["receipt permit", "referral permit", "another sender"],
)
def test_a_permit_for_something_else_seals_nothing(content: message.Message, permit: Any, sender: seal.Sender) -> None:
    with pytest.raises(ValueError, match=r"^The permit is for another kind of message or for another sender\.$"):
        sealed(content, permit, sender=sender)


ANSWER = message.QualityAnswer(
    report_id=UUID("01937a3b-5c1d-7f00-8000-00000000000b"),
    referral_id=REFERRAL.referral_id,
    result="corrected",
    correction=message.Correction(phone="+32470000009"),
    answered_at=AT,
)
NOTICE = message.RightsNotice(
    referral_id=REFERRAL.referral_id, right="rectified", correction=ANSWER.correction, decided_at=AT
)


@pytest.mark.parametrize("content", [ANSWER, NOTICE], ids=["an answer", "a notice"])
def test_a_corrected_value_leaves_when_the_permit_names_its_field_and_nothing_leaves_when_it_does_not(
    content: message.QualityAnswer | message.RightsNotice,
) -> None:
    permit = replace(PERMIT, kind=content.kind, fields=frozenset({"phone"}))
    parcel = sealed(content, permit)
    assert opened(parcel.manifest, parcel.archive).message == content
    with pytest.raises(ValueError, match=r"^The permit does not name the field that is corrected\.$"):
        sealed(content, replace(permit, fields=FIELDS - {"phone"}))
    nothing = content.model_copy(update={"correction": None})
    assert seal.only_permitted(replace(permit, fields=frozenset()), nothing) == nothing


def test_who_has_one_name_still_has_when_a_field_stays_behind() -> None:
    client = message.Client(family_name="Suharto", has_one_name=True, phone="+32470000001", email="s@voorbeeld.example")
    permit = replace(PERMIT, fields=frozenset({"family_name", "phone"}))
    left = seal.only_permitted(permit, REFERRAL.model_copy(update={"client": client}))
    assert isinstance(left, message.Referral)
    assert left.client == message.Client(family_name="Suharto", has_one_name=True, phone="+32470000001")


def test_who_opens_the_file_by_hand_reads_one_value_a_line_in_one_order_and_letters_as_they_are() -> None:
    client = CLIENT.model_copy(update={"family_name": "Çelik"})
    parcel = sealed(REFERRAL.model_copy(update={"client": client}))
    lines = archive.unpack(parcel.archive, READY_KEY.derived).message.decode().splitlines()
    assert ' "kind": "referral",' in lines and '  "family_name": "Çelik",' in lines
    names = [line for line in lines if line.startswith(' "')]
    assert names == sorted(names) and len(names) > 3


canary = st.text("abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=30).map(str.capitalize)


@settings(deadline=None)
@given(st.lists(canary, min_size=5, max_size=5, unique=True))
def test_no_typed_value_stands_in_what_is_mailed(typed: list[str]) -> None:
    given_name, family_name, street, mailbox, notifier = typed
    client = message.Client(
        given_name=given_name,
        family_name=family_name,
        address=message.Address(street=street, postal_code="2260"),
        phone="+32470000001",
        email=f"{mailbox}@voorbeeld.example",
    )
    content = REFERRAL.model_copy(
        update={"client": client, "notifier": REFERRAL.notifier.model_copy(update={"name": notifier})}
    )
    parcel = sealed(content, paper=lambda found: json.dumps(message.dump(found)).encode())
    known = manifest.read(parcel.manifest.encode()).manifest
    clear = parcel.archive + parcel.manifest.encode() + known.payload() + parcel.archive_name.encode()
    for value in [*typed, "470000001", "voorbeeld.example", "Westerlo"]:
        assert value.encode() not in clear
        assert value.encode("utf-16-le") not in clear
        assert value not in repr(parcel)
    inside = archive.unpack(parcel.archive, READY_KEY.derived)
    assert all(value.encode() in inside.message for value in typed)  # they were really sent


def test_a_connected_recipient_gets_the_password_in_the_manifest_and_nobody_else() -> None:
    parcel = sealed(key=None)
    assert parcel.password is None
    secret = manifest.unwrap(manifest.read(parcel.manifest.encode()).manifest, [PARCEL_KEY])
    assert len(secret.password) == 22  # 128 bits
    assert secret.password not in parcel.manifest


def test_a_recipient_without_a_node_gets_it_over_the_phone(tmp_path: Path) -> None:
    parcel = sealed(key=None, recipient_key=None)
    assert manifest.read(parcel.manifest.encode()).manifest.wrapped is None
    assert parcel.password is not None
    assert [word in words.word_list() for word in parcel.password.split("-")] == [True] * 7
    assert parcel.password not in repr(parcel)
    path = tmp_path / parcel.archive_name
    path.write_bytes(parcel.archive)
    answer = subprocess.run(
        ["7zz", "x", f"-o{tmp_path}", str(path)], input=f"{parcel.password}\n".encode(), capture_output=True
    )
    assert answer.returncode == 0
    assert message.parse((tmp_path / "bericht.json").read_bytes()) == REFERRAL


def test_the_password_may_be_chosen() -> None:
    assert sealed(key=None, recipient_key=None, password="zes woorden uit een lijst").password is not None


def test_a_ready_key_is_used_as_it_is() -> None:
    assert archive.unpack(sealed(key=READY_KEY).archive, READY_KEY.derived).message


def test_a_parcel_is_named_after_its_id_and_checked_by_twelve_digits() -> None:
    parcel = sealed()
    assert parcel.archive_name == f"zending-{parcel.id}.7z"
    assert parcel.check_code == sha256(parcel.archive).hexdigest()[:12]


def test_passwords_and_salts_come_from_the_entropy_that_is_given() -> None:
    assert seal.make_key(entropy_from(1)) == seal.make_key(entropy_from(1))
    once, again = sealed(key=None), sealed(key=None, entropy=entropy_from(9))
    assert (once.archive, once.opens_with) == (again.archive, again.opens_with)
    assert len({seal.make_key().password for _ in range(3)} | {seal.make_key().salt for _ in range(3)}) == 6


def test_a_practice_node_seals_practice_parcels() -> None:
    parcel = sealed(sender=replace(SENDER, practice=True))
    assert opened(parcel.manifest, parcel.archive, practice=True).manifest.practice


def test_keys_are_in_no_text() -> None:
    assert "Ed25519PrivateKey" not in repr(SENDER)
    assert READY_KEY.password not in repr(READY_KEY)
    assert str(OURS.private_bytes_raw()) not in repr(SENDER)
    assert CLIENT.given_name not in repr(sealed())


def test_a_partner_is_not_told_where_the_family_came_from() -> None:
    """Neither the manifest nor anything else of a parcel that is sent onward names the first protocol (art. 4)."""
    onward = message.Onward(
        onward_id=UUID("6f9619ff-8b86-4d11-b42d-00c04fc964ff"),
        client=REFERRAL.client,
        consented_on=REFERRAL.attestation.consented_on,
        worker=REFERRAL.notifier,
    )
    permit = replace(PERMIT, kind="onward")
    parcel = sealed(
        onward, permit, recipient_key=None, paper=lambda content: paper.render(content, permit=permit, practice=False)
    )
    found = manifest.read(parcel.manifest.encode()).manifest
    assert found.protocol is None and PERMIT.protocol_id.encode() not in found.payload()
    derived = archive.ArchiveKey.derive(parcel.opens_with, archive.salt_of(parcel.archive)).derived
    members = archive.unpack(parcel.archive, derived)
    page = subprocess.run(["pdftotext", "-", "-"], input=members.paper, capture_output=True, check=True).stdout.decode()
    assert "Doorverwijzing" in page and "Protocol" not in page
    assert PERMIT.protocol_id not in page and PERMIT.protocol_id.encode() not in members.message


def test_the_same_content_is_sealed_anew_for_another_key_and_is_no_new_disclosure() -> None:
    first = sealed()
    old = manifest.read(first.manifest.encode()).manifest
    given: dict[str, Any] = {
        "parcel_id": UUID("01937a3b-5c1d-7f00-8000-00000000000a"),
        "at": AT.astimezone(timezone(timedelta(hours=1))).replace(microsecond=9) + timedelta(days=1),
        "sender": replace(SENDER, incarnation=4),
        "checkpoint": checkpoint(2),
        "consistency": FIRST,
    }
    other = public_parcel_key(OTHER_PARCEL_KEY)
    anew = seal.again(old, first.archive, first.opens_with, recipient_key=other, entropy=entropy_from(9), **given)
    found = opened(anew.manifest, anew.archive, private_keys=[OTHER_PARCEL_KEY])
    told = found.manifest
    assert found.message == REFERRAL and (told.kind, told.protocol, told.recipient) == (
        old.kind,
        old.protocol,
        old.recipient,
    )
    assert (told.id, told.sent_at, told.incarnation) == (given["parcel_id"], AT + timedelta(days=1), 4)
    assert (told.checkpoint, told.consistency) == (given["checkpoint"], FIRST)
    assert anew.password is None and anew.opens_with == seal.make_key(entropy_from(9)).password != first.opens_with
    assert manifest.digest_of(anew.manifest) == told.digest != old.digest


def test_sealed_anew_for_who_has_no_key_it_opens_by_phone() -> None:
    first = sealed()
    old = manifest.read(first.manifest.encode()).manifest
    given: dict[str, Any] = {
        "parcel_id": manifest.make_id(AT, entropy_from(8)),
        "at": AT,
        "sender": SENDER,
        "checkpoint": CHECKPOINT,
    }
    anew = seal.again(old, first.archive, first.opens_with, recipient_key=None, **given)
    assert anew.password == anew.opens_with != first.opens_with and anew.password.count("-") == 6
    key = archive.ArchiveKey.derive(anew.password, archive.salt_of(anew.archive))
    inside = archive.unpack(anew.archive, key.derived)
    assert message.parse(inside.message) == REFERRAL
    assert manifest.read(anew.manifest.encode()).manifest.consistency is None
    with pytest.raises(Rejected):
        seal.again(old, first.archive, "andere-woorden", recipient_key=None, **given)
