"""Keys: one spelling, one name, and what is sealed opens with its own key and context only (art. 6)."""

from __future__ import annotations

import hmac
from hashlib import sha3_256

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from brug.core.parcel import keys
from tests.core.parcel.samples import OTHER_PARCEL_KEY, PARCEL_KEY, entropy_from

PUBLIC = keys.public_parcel_key(PARCEL_KEY)


@given(st.binary(max_size=100))
def test_base64url_comes_back(raw: bytes) -> None:
    assert keys.decode(keys.encode(raw)) == raw


@pytest.mark.parametrize("text", ["AB", "AA==", "A", "A A", "AA\n", "A+", "A/", "ÀA", "AAA="])
def test_there_is_one_spelling_of_bytes(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Base64url (without padding|in its one canonical spelling) was expected\.$"):
        keys.decode(text)


def test_of_the_end_of_a_key_only_padding_goes() -> None:
    assert (keys.encode(b"\0\0\x17"), keys.encode(b"\xfb\xff"), keys.encode(b"\0")) == ("AAAX", "-_8", "AA")


def test_a_public_key_follows_from_the_private_one() -> None:
    assert len(PUBLIC) == 1216
    assert keys.public_parcel_key(PARCEL_KEY) == PUBLIC
    assert len(keys.key_id(PUBLIC)) == 22


def test_keys_are_made_of_the_entropy_that_is_given() -> None:
    assert keys.generate_parcel_key(entropy_from(1)) == keys.generate_parcel_key(entropy_from(1))
    assert keys.generate_parcel_key() != keys.generate_parcel_key()


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_only_the_key_and_the_context_open_what_was_sealed(content: bytes, info: bytes) -> None:
    sealed = keys.seal_to(PUBLIC, content, info=info)
    assert keys.open_sealed(PARCEL_KEY, sealed, info=info) == content
    assert keys.open_sealed(OTHER_PARCEL_KEY, sealed, info=info) is None
    assert keys.open_sealed(PARCEL_KEY, sealed, info=info + b"x") is None
    assert keys.open_sealed(PARCEL_KEY, sealed[:-1], info=info) is None


@given(st.binary(max_size=1500))
def test_noise_opens_to_nothing(noise: bytes) -> None:
    assert keys.open_sealed(PARCEL_KEY, noise, info=b"") is None


@pytest.mark.parametrize("length", [0, 95, 97])
def test_a_key_of_another_length_is_our_own_fault(length: int) -> None:
    with pytest.raises(ValueError, match="96 bytes"):
        keys.public_parcel_key(bytes(length))


def test_sealing_is_rfc_9180_with_x_wing() -> None:
    """The same by hand, from the parts that docs/spec/parcel.md names, so that another program can open it."""
    sealed = keys.seal_to(PUBLIC, b"geheim", info=b"context")
    mlkem = MLKEM768PrivateKey.from_seed_bytes(PARCEL_KEY[:64])
    x25519 = X25519PrivateKey.from_private_bytes(PARCEL_KEY[64:])
    theirs = sealed[1088:1120]
    shared = mlkem.decapsulate(sealed[:1088]) + x25519.exchange(X25519PublicKey.from_public_bytes(theirs))
    secret = sha3_256(shared + theirs + PUBLIC[1184:] + rb"\.//^" + b"\\").digest()
    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", b"context")
    scheduled = extract(secret, b"secret", b"")
    key, nonce = expand(scheduled, b"key", context, 32), expand(scheduled, b"base_nonce", context, 12)
    assert AESGCM(key).decrypt(nonce, sealed[1120:], b"") == b"geheim"


SUITE = b"HPKE-v1" + b"HPKE" + bytes.fromhex("647a 0001 0002")


def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), SUITE + label + secret, "sha256")


def expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    return hmac.digest(secret, length.to_bytes(2, "big") + SUITE + label + context + b"\1", "sha256")[:length]
