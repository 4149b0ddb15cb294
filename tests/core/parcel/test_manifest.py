"""The manifest: one spelling, one algorithm, bound to its password (art. 6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from brug.core.parcel import Rejected, Rejection, keys, manifest
from tests.core.parcel.samples import OTHER_PARCEL_KEY, OURS, PARCEL_KEY, public, sealed

PARCEL = sealed()
PAYLOAD: dict[str, Any] = json.loads(keys.decode(PARCEL.manifest.split(".")[1]))
HEADER = {"alg": "Ed25519", "kid": keys.key_id(public(OURS)), "typ": "brug-parcel+jws"}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(payload: bytes, header: bytes = canonical(HEADER)) -> bytes:
    """A JWS of anything, with a signature that is right."""
    content = f"{keys.encode(header)}.{keys.encode(payload)}".encode()
    return content + b"." + keys.encode(OURS.sign(content)).encode()


def is_refused(text: bytes) -> bool:
    try:
        manifest.read(text)
    except Rejected as rejected:
        return rejected.rejection is Rejection.NOT_A_PARCEL
    return False


def test_the_manifest_says_what_was_agreed_and_nothing_else() -> None:
    assert sorted(PAYLOAD) == [
        "archive", "checkpoint", "consistency", "format", "id", "incarnation", "kind", "practice", "protocol",
        "recipient", "sender", "sent_at", "wrapped",
    ]  # fmt: skip
    assert sorted(PAYLOAD["archive"]) == ["name", "sha256", "size"]
    assert sorted(PAYLOAD["wrapped"]) == ["key", "sealed"]
    assert PAYLOAD["sent_at"] == "2026-11-23T14:03:00Z"


def test_another_library_verifies_it() -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": keys.encode(public(OURS))})
    found = jws.deserialize_compact(PARCEL.manifest, key, algorithms=["Ed25519"])
    assert found.headers() == HEADER
    assert found.payload == canonical(PAYLOAD)


def test_what_another_library_signed_is_read() -> None:
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": keys.encode(public(OURS)), "d": keys.encode(OURS.private_bytes_raw())}
    )
    theirs = jws.serialize_compact(dict(HEADER), canonical(PAYLOAD), key, algorithms=["Ed25519"])
    assert manifest.read(theirs.encode()).manifest == manifest.read(PARCEL.manifest.encode()).manifest


def test_read_and_sign_are_each_others_inverse() -> None:
    read = manifest.read(PARCEL.manifest.encode())
    assert manifest.sign(read.manifest, OURS) == PARCEL.manifest
    assert read.is_signed_by(public(OURS))


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "EdDSA"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": keys.encode(public(OURS))}},
        {"alg": "Ed25519", "typ": "brug-parcel+jws"},
        {**HEADER, "kid": 5},
        {**HEADER, "kid": 'x","alg":"none'},
        [],
    ],
    ids=str,
)
def test_there_is_one_header(header: object) -> None:
    assert is_refused(signed(canonical(PAYLOAD), canonical(header)))
    assert not is_refused(signed(canonical(PAYLOAD)))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "brug/parcel/2"},
        {"note": "more"},
        {"id": "6f9619ff-8b86-4d11-b42d-00c04fc964ff"},
        {"id": PAYLOAD["id"].upper()},
        {"kind": "Referral"},
        {"kind": ""},
        *(
            {"protocol": PAYLOAD["protocol"] | changed}
            for changed in (
                {"id": "met een spatie"},
                {"version": 0},
                {"version": "1"},
                {"version": 1.0},
                {"version": 10**400},
                {"sha256": "0" * 63},
                {"sha256": PAYLOAD["protocol"]["sha256"].upper()},
                {"title": "more"},
            )
        ),
        {"protocol": None},
        {"kind": "onward"},
        {"sender": "0886.886.638"},
        {"recipient": "02121819561"},
        {"recipient": "٠٢١٢١٨١٩٥٦"},
        {"sent_at": "2026-11-23T14:03:00"},
        {"sent_at": "2026-11-23T14:03:00+00:00"},
        {"sent_at": "2026-11-23T15:03:00+01:00"},
        {"sent_at": "2026-11-23T14:03:00.5Z"},
        {"sent_at": 1795442580},
        {"archive": {**PAYLOAD["archive"], "name": "../../zending.7z"}},
        {"archive": {**PAYLOAD["archive"], "sha256": PAYLOAD["archive"]["sha256"].upper()}},
        {"archive": {**PAYLOAD["archive"], "size": -1}},
        {"practice": 0},
        {"practice": None},
        {"incarnation": 0},
        {"incarnation": True},
        {"checkpoint": None},
        {"checkpoint": "x" * 9000},
        {"wrapped": None},
        {"wrapped": {}},
        {"wrapped": {**PAYLOAD["wrapped"], "sealed": "AB"}},
        {"wrapped": {**PAYLOAD["wrapped"], "alg": "x"}},
    ],
    ids=lambda change: json.dumps(change)[:50],
)
def test_each_field_has_one_form(change: dict[str, Any]) -> None:
    assert is_refused(signed(canonical({**PAYLOAD, **change})))


@pytest.mark.parametrize("name", sorted(set(PAYLOAD) - {"wrapped", "consistency"}))
def test_no_field_may_be_missing(name: str) -> None:
    assert is_refused(signed(canonical({key: value for key, value in PAYLOAD.items() if key != name})))


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps(PAYLOAD, sort_keys=True).encode(),
        json.dumps(dict(reversed(PAYLOAD.items())), separators=(",", ":")).encode(),
        canonical(PAYLOAD) + b"\n",
        canonical(PAYLOAD)[:-1] + b',"kind":"referral"}',
        b'{"practice":true,' + canonical(PAYLOAD)[1:],
        canonical(PAYLOAD).replace("—".encode(), b"\\u2014"),
        canonical(PAYLOAD).replace(b"referral", b"\\u0072eferral"),
        canonical(PAYLOAD).replace("—".encode(), b"\\ud800"),
        canonical(PAYLOAD).replace("—".encode(), b"\xff"),
        canonical(PAYLOAD).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + canonical(PAYLOAD),
        b"[" * 20_000,
        b'{"a":' * 20_000,
        b"",
        b"null",
    ],
    ids=range(15),
)
def test_there_is_one_spelling_of_the_payload(payload: bytes) -> None:
    assert is_refused(signed(payload))


@pytest.mark.parametrize("text", [b"", b".", b"..", b"...", b"a.b.c", b"e30.e30.", "é.é.é".encode(), b"\0" * 100])
def test_what_has_not_three_parts_is_refused(text: bytes) -> None:
    assert is_refused(text)


@given(st.binary(max_size=300) | st.text(alphabet="ey.J0AB_-", max_size=200).map(str.encode))
def test_noise_is_refused(noise: bytes) -> None:
    assert is_refused(noise)


def test_the_password_is_bound_to_everything_else() -> None:
    """As the prototype showed: a password that merely lies inside can be stolen and re-signed."""
    original = manifest.read(PARCEL.manifest.encode()).manifest
    assert manifest.unwrap(original, [PARCEL_KEY]).password
    others: dict[str, Any] = {
        "kind": "receipt",
        "protocol": original.protocol.model_copy(update={"version": 2}) if original.protocol else None,
        "sender": "0212166613",
        "recipient": "0212166613",
        "sent_at": original.sent_at + timedelta(seconds=1),
        "archive": original.archive.model_copy(update={"size": 16384}),
        "practice": True,
        "incarnation": 2,
        "checkpoint": "",
        "consistency": manifest.Consistency(after=1, proof=()),
        "id": manifest.make_id(datetime(2026, 1, 1, tzinfo=UTC), bytes),
    }
    assert set(others) == set(manifest.Manifest.model_fields) - {"format", "wrapped"}
    for name, value in others.items():
        with pytest.raises(Rejected) as caught:
            manifest.unwrap(original.model_copy(update={name: value}), [PARCEL_KEY])
        assert caught.value.rejection is Rejection.UNBOUND_PASSWORD


def test_the_binding_is_the_one_of_the_specification() -> None:
    core = canonical({key: value for key, value in PAYLOAD.items() if key != "wrapped"})
    info = b"brug/parcel/1" + sha256(core).digest()
    secret = keys.open_sealed(PARCEL_KEY, keys.decode(PAYLOAD["wrapped"]["sealed"]), info=info)
    assert secret is not None
    assert sorted(json.loads(secret)) == ["derived", "password"] and secret == canonical(json.loads(secret))


def instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@given(st.integers(1_600_000_000_000, 4_000_000_000_000).map(instant), st.binary(min_size=10))
def test_ids_are_uuid_of_version_seven_and_sort_by_time(at: datetime, random: bytes) -> None:
    made = manifest.make_id(at, lambda length: random[:length])
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert instant(made.int >> 80) == at
    drawn = int.from_bytes(random[:10], "big")
    assert (made.int >> 64 & 0xFFF, made.int & (1 << 62) - 1) == (drawn >> 68, drawn & (1 << 62) - 1), "all drawn bits"
    assert made < manifest.make_id(at + timedelta(milliseconds=1), lambda length: random[:length])


def test_ids_differ_within_a_millisecond() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert len({manifest.make_id(at) for _ in range(1000)}) == 1000


def test_a_duplicate_has_the_same_digest_and_another_parcel_has_not() -> None:
    digest = manifest.read(PARCEL.manifest.encode()).manifest.digest
    assert digest == sha256(canonical(PAYLOAD)).hexdigest()
    assert digest != manifest.read(sealed().manifest.encode()).manifest.digest


def test_what_the_password_is_bound_to_names_nothing_that_is_not_there() -> None:
    content = read(sealed().manifest)
    assert content.model_copy(update={"consistency": None}).core().count(b"null") == 0
    assert b"wrapped" not in content.core() and b"wrapped" in content.payload()


def test_a_key_among_none_is_none() -> None:
    signed = manifest.read(sealed().manifest.encode())
    assert signed.key_among([]) is None and signed.key_among([public(OURS)]) == public(OURS)


def test_each_way_in_which_a_password_cannot_be_had_has_its_code() -> None:
    content = read(sealed().manifest)
    assert content.wrapped is not None
    nothing_inside = keys.seal_to(
        keys.public_parcel_key(PARCEL_KEY), b"{}", info=manifest.FORMAT.encode() + sha256(content.core()).digest()
    )
    empty = content.wrapped.model_copy(update={"sealed": keys.encode(nothing_inside)})
    for changed, ours, rejection in (
        (content.model_copy(update={"wrapped": None}), [PARCEL_KEY], Rejection.NO_PASSWORD),
        (content, [OTHER_PARCEL_KEY], Rejection.OTHER_KEY),
        (content.model_copy(update={"wrapped": empty}), [PARCEL_KEY], Rejection.WRONG_PASSWORD),
    ):
        with pytest.raises(Rejected) as refused:
            manifest.unwrap(changed, ours)
        assert refused.value.rejection is rejection


def read(jws_of_ours: str) -> manifest.Manifest:
    return manifest.read(jws_of_ours.encode()).manifest
