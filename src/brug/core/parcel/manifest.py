"""What travels beside the archive: who sends what to whom, signed, with the password bound to it (art. 6)."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AfterValidator, AwareDatetime, Field, ValidationError, model_validator

from brug.core.parcel import Rejected, Rejection
from brug.core.parcel.archive import PASSWORD_LIMIT, ArchiveKey
from brug.core.parcel.keys import decode, encode, is_signed, key_id, open_sealed, public_parcel_key, seal_to
from brug.core.protocol.terms import Strict

FORMAT: Literal["brug/parcel/1"] = "brug/parcel/1"
MANIFEST_LIMIT = 32_768  # characters
ONWARD = "onward"  # the one kind that is under no protocol between its sender and its recipient (art. 4)

KboDigits = Annotated[str, Field(pattern=r"^[0-9]{10}$")]


def _decodes(text: str) -> str:
    decode(text)
    return text


Base64Url = Annotated[str, AfterValidator(_decodes)]


def make_id(at: datetime, entropy: Callable[[int], bytes] = secrets.token_bytes) -> UUID:
    """A parcel id: UUIDv7 (RFC 9562 §5.7) of the instant `at`, in milliseconds, and random bits.

    >>> make_id(datetime(2026, 11, 23, 14, 3, tzinfo=UTC), bytes)
    UUID('01a208b7-9a20-7000-8000-000000000000')
    """
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    random = int.from_bytes(entropy(10), "big")
    upper, lower = random >> 68, random & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | upper << 64 | 0b10 << 62 | lower)


def archive_name(parcel_id: UUID) -> str:
    return f"zending-{parcel_id}.7z"


class Archive(Strict):
    """Which archive belongs to the manifest; size in bytes."""

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, lt=2**31)]


class Wrapped(Strict):
    """The password and the derived key, sealed to the recipient's key of this id; see `wrap`."""

    key: Base64Url
    sealed: Base64Url


class Agreed(Strict):
    """The protocol that a parcel is sent under, and which text of it (core/protocol/digest.py)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    version: Annotated[int, Field(ge=1, le=9999)]


class Consistency(Strict):
    """The proof (RFC 6962) that the checkpoint follows the one of `after` entries, which the recipient saw last."""

    after: Annotated[int, Field(ge=0, lt=2**53)]
    proof: Annotated[tuple[Annotated[Base64Url, Field(min_length=43, max_length=43)], ...], Field(max_length=106)]


class Manifest(Strict):
    """The signed content of a manifest. In clear: whoever carries the mail reads it, so it holds nothing personal.

    No `protocol` stands in one of the kind `onward`, and in no other: a partner is not told where the family came from.
    Names stand in the order of their letters, here and in every part: written as they stand they are canonical JSON.
    """

    archive: Archive
    checkpoint: Annotated[str, Field(max_length=8192)]
    consistency: Consistency | None = None
    format: Literal["brug/parcel/1"]
    id: UUID
    incarnation: Annotated[int, Field(ge=1, lt=2**31)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
    practice: bool
    protocol: Agreed | None = None
    recipient: KboDigits
    sender: KboDigits
    sent_at: AwareDatetime
    wrapped: Wrapped | None = None

    @model_validator(mode="after")
    def _has_one_spelling(self) -> Self:
        if self.id.version != 7 or self.archive.name != archive_name(self.id):
            raise ValueError("a UUIDv7, and an archive named after it")
        if self.sent_at.utcoffset() or self.sent_at.microsecond:
            raise ValueError("whole seconds, in UTC")
        if (self.protocol is None) != (self.kind == ONWARD):
            raise ValueError("the protocol, but for what is sent onward")
        return self

    def core(self) -> bytes:
        """Canonical JSON of everything but the wrapped part."""
        return self.model_dump_json(exclude={"wrapped"}, exclude_none=True).encode()

    def payload(self) -> bytes:
        """Canonical JSON of all of it: what is signed."""
        return self.model_dump_json(exclude_none=True).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the payload, in hex: the same for a duplicate, another for another parcel with the same id."""
        return sha256(self.payload()).hexdigest()


def digest_of(jws: str) -> str:
    """The digest of a manifest that this node sealed itself."""
    return sha256(decode(jws.split(".")[1])).hexdigest()


class Secret(Strict):
    """What the wrapped part holds: the password for a person, and the key derived from it for a node."""

    password: Annotated[str, Field(min_length=1, max_length=PASSWORD_LIMIT)]
    derived: Annotated[Base64Url, Field(min_length=43, max_length=43)]


def wrap(manifest: Manifest, key: ArchiveKey, recipient_key: bytes) -> Manifest:
    """The manifest with the password sealed to `recipient_key` (a public parcel key) and bound to everything else."""
    secret = _canonical(Secret(password=key.password, derived=encode(key.derived)).model_dump())
    sealed = seal_to(recipient_key, secret, info=_binding(manifest))
    return manifest.model_copy(update={"wrapped": Wrapped(key=key_id(recipient_key), sealed=encode(sealed))})


def unwrap(manifest: Manifest, private_keys: Collection[bytes]) -> Secret:
    """What `wrap` sealed, with the one of our private parcel keys that it was sealed to. Raises `Rejected`."""
    if manifest.wrapped is None:
        raise Rejected(Rejection.NO_PASSWORD)
    ours = {key_id(public_parcel_key(private)): private for private in private_keys}
    if manifest.wrapped.key not in ours:
        raise Rejected(Rejection.OTHER_KEY)
    content = open_sealed(ours[manifest.wrapped.key], decode(manifest.wrapped.sealed), info=_binding(manifest))
    if content is None:
        raise Rejected(Rejection.UNBOUND_PASSWORD)
    try:
        return Secret.model_validate_json(content)
    except ValidationError:
        raise Rejected(Rejection.WRONG_PASSWORD) from None


def _binding(manifest: Manifest) -> bytes:
    return FORMAT.encode() + sha256(manifest.core()).digest()


def sign(manifest: Manifest, key: Ed25519PrivateKey) -> str:
    """The manifest as a JWS in compact form (RFC 7515), signed with Ed25519 (RFC 9864)."""
    content = f"{encode(_protected(key_id(key.public_key().public_bytes_raw())))}.{encode(manifest.payload())}"
    return f"{content}.{encode(key.sign(content.encode()))}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A manifest as it came in: its shape is right, its signature not yet looked at."""

    manifest: Manifest
    key_id: str
    content: bytes
    signature: bytes

    def key_among(self, public_keys: Collection[bytes]) -> bytes | None:
        """The one of these public signing keys that the manifest says it was signed with."""
        return next((public for public in public_keys if key_id(public) == self.key_id), None)

    def is_signed_by(self, public: bytes) -> bool:
        return is_signed(self.content, self.signature, public)


def read(jws: bytes) -> Signed:
    """The parts of a compact JWS of exactly our shape. Raises `Rejected` (NOT_A_PARCEL).

    What is accepted, `sign` could have written: one algorithm, one header, one spelling of each value.
    """
    content, _, signature = jws.rpartition(b".")
    try:
        protected, payload = (decode(part.decode("ascii")) for part in content.split(b"."))
        header = _HEADER.fullmatch(protected)
        manifest = Manifest.model_validate_json(payload)
        if header is None or payload != manifest.payload():
            raise Rejected(Rejection.NOT_A_PARCEL)
        return Signed(manifest, header[1].decode(), content, decode(signature.decode("ascii")))
    except ValueError:  # of decode(), of bytes.decode() and of pydantic, whose text may hold values
        raise Rejected(Rejection.NOT_A_PARCEL) from None


def _protected(signer: str) -> bytes:
    return f'{{"alg":"Ed25519","kid":"{signer}","typ":"brug-parcel+jws"}}'.encode()


_HEADER = re.compile(rb'\{"alg":"Ed25519","kid":"([\w-]{22})","typ":"brug-parcel\+jws"\}')  # as `_protected` writes it


def _canonical(value: dict[str, Any]) -> bytes:
    """JSON with sorted keys and nothing between them; UTF-8. For what a manifest holds the same as RFC 8785."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
