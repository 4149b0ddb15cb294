"""Keys: one spelling, one name, and what is sealed opens with its own key and context only (art. 6)."""

from __future__ import annotations

import pytest
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
    with pytest.raises(ValueError, match=r"Base64url|ASCII"):
        keys.decode(text)


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
