"""A key card: the words that two people compare are of number and keys, and nothing in it can be changed (art. 6)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from brug.core.identity import Invalid
from brug.core.parcel import card, keys, words
from tests.core.parcel.samples import AT, LEDGER, OURS, PARCEL_KEY, STRANGER, WESTERLO, public

PARCEL = keys.public_parcel_key(PARCEL_KEY)
MADE = AT.replace(microsecond=7).astimezone(timezone(timedelta(hours=1)))
GIVEN: dict[str, Any] = {
    "signing_key": OURS,
    "checkpoint_key": public(LEDGER),
    "parcel_key": PARCEL,
    "made_at": MADE,
}
ABOUT = (WESTERLO, "OCMW Wéstérlo", "info.ocmw@westerlo.be", "+3214000000")
WRITTEN = card.write(*ABOUT, **GIVEN)


def signed_anew(**changes: Any) -> str:
    """The card with other fields, signed again by its own key, as somebody who writes by hand would make it."""
    fields = {**json.loads(WRITTEN), **changes}
    fields.pop("signature")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps(fields | {"signature": keys.encode(OURS.sign(text.encode()))})


def test_what_is_written_is_read_and_is_one_line_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Brussels")
    time.tzset()  # whatever the clock of the machine shows
    written = card.write(*ABOUT, **GIVEN)
    monkeypatch.undo()
    time.tzset()
    assert written == WRITTEN
    read = card.read(written)
    assert (read.format, read.kbo, read.name, read.mailbox, read.phone) == ("brug/key-card/1", *ABOUT)
    assert read.keys() == {"signing_key": public(OURS), "checkpoint_key": public(LEDGER), "parcel_key": PARCEL}
    assert read.made_at == datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
    fields = json.loads(written)
    assert fields["made_at"] == "2026-11-23T14:03:00Z", "in UTC, and no finer than a second"
    assert list(fields) == sorted(fields) and " " not in written.replace("OCMW W", "") and "Wéstérlo" in written
    signature = keys.decode(fields.pop("signature"))
    told = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    OURS.public_key().verify(signature, told)


def test_its_words_are_of_number_and_keys_and_of_nothing_else() -> None:
    read = card.read(WRITTEN)
    about = b"brug/key-card/1" + WESTERLO.encode() + public(OURS) + public(LEDGER) + PARCEL
    assert read.fingerprint == words.spell(int.from_bytes(sha256(about).digest()[:10], "big"))
    assert read.fingerprint == card.fingerprint(WESTERLO, card.public_keys(read))
    assert read.fingerprint.count("-") == 6
    assert card.read(signed_anew(name="Iemand anders", mailbox="ander@voorbeeld.example")).fingerprint == (
        read.fingerprint
    )
    others = [GIVEN | {"signing_key": STRANGER}, GIVEN | {"checkpoint_key": public(STRANGER)}]
    others.append(GIVEN | {"parcel_key": keys.public_parcel_key(bytes([9]) * 96)})
    found = {card.read(card.write(*ABOUT, **other)).fingerprint for other in others}
    assert len(found | {read.fingerprint}) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Iemand anders"},
        {"mailbox": "ander@voorbeeld.example"},
        {"phone": ""},
        {"kbo": "0207473892"},
        {"made_at": "2026-11-23T14:04:00Z"},
        {"checkpoint_key": keys.encode(public(STRANGER))},
    ],
)
def test_what_was_changed_after_it_was_signed_is_said(changes: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=r"^This key card was changed after it was signed\.$") as refused:
        card.read(json.dumps(json.loads(WRITTEN) | changes))
    assert refused.value.code == "card_signature"


def test_who_signs_with_another_key_than_the_card_names_is_refused() -> None:
    fields = json.loads(WRITTEN)
    fields.pop("signature")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with pytest.raises(Invalid, match="changed"):
        card.read(json.dumps(fields | {"signature": keys.encode(STRANGER.sign(text.encode()))}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"signature"',
        "[" * 5000,
        json.dumps({"signature": "x"}),
        json.dumps({"signature": 7}),
        WRITTEN[:-1],
        json.dumps({key: value for key, value in json.loads(WRITTEN).items() if key != "signature"}),
        signed_anew(more="x"),
        signed_anew(format="brug/key-card/2"),
        signed_anew(kbo="0212181957"),
        signed_anew(name=""),
        signed_anew(name="x" * 201),
        signed_anew(mailbox="geen adres"),
        signed_anew(phone="014 00 00 00"),
        signed_anew(phone="iets"),
        signed_anew(made_at="2026-11-23T14:03:00"),
        signed_anew(parcel_key=keys.encode(PARCEL[:-1])),
        signed_anew(checkpoint_key=keys.encode(bytes(31))),
        signed_anew(signing_key=keys.encode(bytes(33))),
        signed_anew(parcel_key=keys.encode(b"\xff" * len(PARCEL))),
    ],
)
def test_what_is_no_card_is_said(text: str) -> None:
    with pytest.raises(Invalid, match=r"^This is not a key card, or a part of it is missing\.$") as refused:
        card.read(text)
    assert refused.value.code == "not_a_card"


def test_a_card_is_as_long_as_it_may_be_and_no_longer() -> None:
    assert card.read(WRITTEN + " " * (card.CARD_LIMIT - len(WRITTEN))) == card.read(WRITTEN)
    with pytest.raises(Invalid, match="not a key card"):
        card.read(WRITTEN + " " * (card.CARD_LIMIT + 1 - len(WRITTEN)))
    assert card.CARD_LIMIT == 8192


def test_a_card_may_have_no_number_and_a_name_of_two_hundred_letters() -> None:
    assert card.read(signed_anew(phone="")).phone == ""
    assert card.read(signed_anew(name="x" * 200)).name == "x" * 200


@pytest.mark.parametrize("bad", ["signing_key", "checkpoint_key", "parcel_key"])
def test_keys_that_are_none_are_found_on_trial(bad: str) -> None:
    good = {"signing_key": public(OURS), "checkpoint_key": public(LEDGER), "parcel_key": PARCEL}
    assert keys.can_be_used(**good) is True
    assert keys.can_be_used(**good | {bad: good[bad][:-1]}) is False
    assert keys.can_be_used(**good | {bad: b""}) is False
    holder = card.Card.model_construct(**{name: keys.encode(key) for name, key in good.items()} | {bad: "AAAA"})
    with pytest.raises(ValueError, match=r"^two keys that sign and one that opens$"):
        card.public_keys(holder)
