"""The card by which one party comes to know another: its public keys, signed with one of them (art. 6).

A card proves only that one person made all of it. Whose it is, two people find out over the phone: each reads out the
words of the own card, and the other compares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from brug.core import message
from brug.core.identity import Invalid, KboNumber, parse_email, parse_phone
from brug.core.parcel import words
from brug.core.parcel.keys import MLKEM_PUBLIC_LENGTH, can_be_used, decode, encode, is_signed
from brug.core.protocol.terms import Strict
from brug.core.words import marked as _

FORMAT: Literal["brug/key-card/1"] = "brug/key-card/1"
NAMES = ("signing_key", "checkpoint_key", "parcel_key")
CARD_LIMIT = 8192  # characters
_PARCEL_PUBLIC = MLKEM_PUBLIC_LENGTH + 32


def _key(length: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(decode(text)) != length:
            raise ValueError(f"a key of {length} bytes")
        return text

    return AfterValidator(check)


def _kbo(text: str) -> str:
    return KboNumber(text).digits


class Card(Strict):
    """Who it is, where its mail goes, its number, and its three public keys. `phone` in E.164, or empty."""

    format: Literal["brug/key-card/1"] = FORMAT
    kbo: Annotated[str, AfterValidator(_kbo)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    mailbox: Annotated[str, AfterValidator(parse_email)]
    phone: str = ""
    signing_key: Annotated[str, _key(32)]
    checkpoint_key: Annotated[str, _key(32)]
    parcel_key: Annotated[str, _key(_PARCEL_PUBLIC)]
    made_at: AwareDatetime

    def keys(self) -> dict[str, bytes]:
        """See `public_keys`."""
        return public_keys(self)

    @property
    def fingerprint(self) -> str:
        """Seven words, 77 bits, of number and keys: another card with the same words is not to be found."""
        return fingerprint(self.kbo, self.keys())


def fingerprint(kbo: str, keys: Mapping[str, bytes]) -> str:
    """The same of keys that are in use, by the names and in the order that `public_keys` gives them."""
    about = FORMAT.encode() + kbo.encode() + b"".join(keys[name] for name in NAMES)
    return words.spell(int.from_bytes(sha256(about).digest()[:10], "big"))


def public_keys(holder: Card | message.KeyCard) -> dict[str, bytes]:
    """The three keys as raw bytes, by the names that this file gives them.

    Raises `ValueError` unless signatures can be checked with two of them and something can be sealed to the third.
    """
    found = {name: decode(getattr(holder, name)) for name in NAMES}
    if not can_be_used(**found):
        raise ValueError("two keys that sign and one that opens")
    return found


def write(
    kbo: str,
    name: str,
    mailbox: str,
    phone: str,
    *,
    signing_key: Ed25519PrivateKey,
    checkpoint_key: bytes,
    parcel_key: bytes,
    made_at: datetime,
) -> str:
    """One line of JSON, signed with `signing_key`; the other two keys are public bytes."""
    card = Card(
        kbo=kbo,
        name=name,
        mailbox=mailbox,
        phone=phone,
        signing_key=encode(signing_key.public_key().public_bytes_raw()),
        checkpoint_key=encode(checkpoint_key),
        parcel_key=encode(parcel_key),
        made_at=made_at.astimezone(UTC).replace(microsecond=0),
    )
    signed = json.loads(_canonical(card)) | {"signature": encode(signing_key.sign(_canonical(card)))}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(text: str) -> Card:
    """The card in `text`, whole and signed with its own signing key. Raises `Invalid`."""
    unreadable = Invalid("not_a_card", _("This is not a key card, or a part of it is missing."))
    if len(text) > CARD_LIMIT:
        raise unreadable
    try:
        fields = json.loads(text)
        signature = decode(fields.pop("signature"))
        card = Card.model_validate_json(json.dumps(fields))
        if card.phone and parse_phone(card.phone) != card.phone:
            raise unreadable
        signing_key = card.keys()["signing_key"]
    except (ValueError, KeyError, AttributeError, TypeError, ValidationError, RecursionError):
        raise unreadable from None
    if not is_signed(_canonical(card), signature, signing_key):
        raise Invalid("card_signature", _("This key card was changed after it was signed."))
    return card


def _canonical(card: Card) -> bytes:
    return json.dumps(card.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
