"""The keys of a parcel: Ed25519 signs the manifest, a hybrid of ML-KEM-768 and X25519 receives the password (art. 6).

Keys are kept and exchanged as raw bytes; in JSON bytes are base64url without padding.
"""

from __future__ import annotations

import binascii
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

PARCEL_KEY_LENGTH, MLKEM_PUBLIC_LENGTH = 96, 1184  # bytes
TERM = timedelta(days=90)  # after which a parcel is taken in no more; a replaced key is known as long
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")


def encode(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def decode(text: str) -> bytes:
    """What `encode` made into `text`. Raises `ValueError` for any other spelling of the same bytes."""
    try:
        raw = binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("Base64url without padding was expected.") from None
    if encode(raw) != text:
        raise ValueError("Base64url in its one canonical spelling was expected.")
    return raw


@lru_cache(maxsize=512)  # two for each party of Flanders
def key_id(public: bytes) -> str:
    """The name of a public key: the first 16 bytes of its SHA-256, in 22 characters."""
    return encode(sha256(public).digest()[:16])


def is_signed(content: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the holder of the Ed25519 key `public` (32 bytes) signed `content`."""
    try:
        _verifying(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


_verifying = lru_cache(maxsize=512)(Ed25519PublicKey.from_public_bytes)


def generate_parcel_key(entropy: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """A private parcel key: 96 random bytes, the seed of ML-KEM-768 (64) and the X25519 key (32)."""
    return entropy(PARCEL_KEY_LENGTH)


@lru_cache(maxsize=4)
def public_parcel_key(private: bytes) -> bytes:
    """1,216 bytes: the public keys of ML-KEM-768 (1,184) and X25519 (32)."""
    mlkem, x25519 = _private_parts(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal_to(public: bytes, content: bytes, *, info: bytes) -> bytes:
    """`content`, readable only with the parcel key of `public` and with the same `info` (RFC 9180, base mode).

    Raises `ValueError` when `public` is no parcel key.
    """
    mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_LENGTH])
    x25519 = X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_LENGTH:])
    return _SUITE.encrypt(content, hpke.MLKEM768X25519PublicKey(mlkem, x25519), info=info)


def can_be_used(*, signing_key: bytes, checkpoint_key: bytes, parcel_key: bytes) -> bool:
    """Whether these bytes are two Ed25519 keys and a parcel key to which something can be sealed, on trial."""
    try:
        for public in (signing_key, checkpoint_key):
            Ed25519PublicKey.from_public_bytes(public)
        seal_to(parcel_key, b"", info=b"")
    except ValueError:
        return False
    return True


def open_sealed(private: bytes, sealed: bytes, *, info: bytes) -> bytes | None:
    """What was sealed to this parcel key with this very `info`, or None."""
    try:
        return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(*_private_parts(private)), info=info)
    except InvalidTag:
        return None


@lru_cache(maxsize=4)  # a node has one, two while it rotates; making ML-KEM's from its seed is dear
def _private_parts(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != PARCEL_KEY_LENGTH:
        raise ValueError(f"A private parcel key has {PARCEL_KEY_LENGTH} bytes.")
    return MLKEM768PrivateKey.from_seed_bytes(private[:64]), X25519PrivateKey.from_private_bytes(private[64:])
