"""Write the vectors anew: `python -m tests.vectors.make`. Fixed keys and random bytes, but HPKE draws its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from brug.core import message
from brug.core.parcel import archive, keys, manifest, seal
from brug.core.parcel.archive import ArchiveKey, Members
from brug.core.parcel.manifest import Manifest
from tests.core.parcel.samples import (
    AT,
    COUNTERPARTIES,
    HERSELT,
    OTHER_PARCEL_KEY,
    OURS,
    PARCEL_KEY,
    PERMIT,
    RECEIPT,
    REFERRAL,
    SENDER,
    STRANGER,
    THEIRS,
    WESTERLO,
    entropy_from,
    sealed,
)

FOLDER = Path(__file__).parent
KEY = ArchiveKey.derive("voorbeeld-dat-iedereen-kent", entropy_from(11)(16))
PARCEL = sealed(key=KEY)
MANIFEST = manifest.read(PARCEL.manifest.encode()).manifest


@dataclass
class Vector:
    """One case: both files, what must happen, and why."""

    name: str
    expect: str
    because: str
    signed: str
    data: bytes = PARCEL.archive
    after: str = ""  # the vector whose parcel was accepted before it


def signed_for(data: bytes, **changed: Any) -> str:
    """A manifest that fits the archive `data`, with the password of `KEY`."""
    about = MANIFEST.archive.model_copy(update={"sha256": sha256(data).hexdigest(), "size": len(data)})
    return wrapped(MANIFEST.model_copy(update={"archive": about, **changed}), KEY)


def wrapped(bare: Manifest, key: ArchiveKey) -> str:
    public = keys.public_parcel_key(PARCEL_KEY)
    return manifest.sign(manifest.wrap(bare.model_copy(update={"wrapped": None}), key, public), OURS)


def respelt(payload: bytes, **header: str) -> str:
    """A right signature over any spelling of header and payload."""
    named = {"alg": "Ed25519", "kid": keys.key_id(OURS.public_key().public_bytes_raw()), "typ": "brug-parcel+jws"}
    protected = json.dumps({**named, **header}, separators=(",", ":"), sort_keys=True).encode()
    content = f"{keys.encode(protected)}.{keys.encode(payload)}"
    return f"{content}.{keys.encode(OURS.sign(content.encode()))}"


def packed(text: bytes, seed: int) -> bytes:
    return archive.pack(Members(text, b"%PDF-1.7"), KEY, vectors=entropy_from(seed)(32))


def accepted() -> Iterator[Vector]:
    receipt = packed(json.dumps(message.dump(RECEIPT)).encode(), 13)
    large = sealed(key=KEY, paper=lambda _: entropy_from(14)(40_000), entropy=entropy_from(15))
    yield Vector("referral", "accepted", "as it should be", PARCEL.manifest)
    yield Vector("receipt", "accepted", "the other kind", signed_for(receipt, kind="receipt"), receipt)
    yield Vector("larger", "accepted", "the step of 64 KiB", large.manifest, large.archive)


def refused_shapes() -> Iterator[Vector]:
    payload = MANIFEST.payload()
    yield Vector("too-large", "too_large", "more than 32,768 characters", "x" * 32_769)
    for name, because, signed in (
        ("empty", "nothing at all", ""),
        ("alg-none", "another algorithm in the header", respelt(payload, alg="none")),
        ("alg-eddsa", "the deprecated name of the algorithm", respelt(payload, alg="EdDSA")),
        ("other-typ", "another type of token", respelt(payload, typ="JWT")),
        ("padded", "base64 with padding", PARCEL.manifest + "=="),
        ("two-parts", "no signature", PARCEL.manifest.rpartition(".")[0]),
        ("spaces", "JSON with spaces", respelt(json.dumps(json.loads(payload), sort_keys=True).encode())),
        ("twice", "a name that stands there twice", respelt(b'{"practice":true,' + payload[1:])),
        ("extra", "a field too many", respelt(payload[:-1] + b',"z":1}')),
        ("other-format", "a format of the future", respelt(payload.replace(b"brug/parcel/1", b"brug/parcel/2"))),
        ("local-time", "an instant that is not in UTC", respelt(payload.replace(b":00Z", b":00+01:00"))),
        ("other-name", "an archive with another name", respelt(payload.replace(b".7z", b".zip"))),
    ):
        yield Vector(name, "not_a_parcel", because, signed)


def refused_senders() -> Iterator[Vector]:
    stranger = seal.Sender("0212166514", STRANGER, incarnation=1, practice=False)
    unknown = sealed(permit=replace(PERMIT, discloser=stranger.kbo), sender=stranger, key=KEY)
    later = manifest.sign(MANIFEST.model_copy(update={"incarnation": 2}), OURS)
    swapped = PARCEL.manifest.rpartition(".")[0] + "." + later.rpartition(".")[2]
    practice = sealed(sender=replace(SENDER, practice=True), key=KEY)
    elsewhere = wrapped(MANIFEST.model_copy(update={"recipient": HERSELT}), KEY)
    yield Vector("unknown-sender", "unknown_sender", "no counterparty", unknown.manifest, unknown.archive)
    yield Vector("unknown-key", "unknown_sender", "not a key of this sender", manifest.sign(MANIFEST, THEIRS))
    yield Vector("bad-signature", "bad_signature", "the signature of another manifest", swapped)
    yield Vector("other-recipient", "not_for_us", "addressed to Herselt", elsewhere)
    yield Vector("practice", "practice", "from a practice node", practice.manifest, practice.archive)


def at(since: timedelta) -> str:
    return wrapped(MANIFEST.model_copy(update={"sent_at": AT + since}), KEY)


def refused_passwords() -> Iterator[Vector]:
    changed = bytearray(PARCEL.archive)
    changed[2000] ^= 1
    stolen = manifest.sign(MANIFEST.model_copy(update={"sender": HERSELT}), THEIRS)
    by_phone = sealed(recipient_key=None, key=KEY)
    elsewhere = sealed(recipient_key=keys.public_parcel_key(OTHER_PARCEL_KEY), key=KEY)
    wrong = wrapped(MANIFEST, replace(KEY, derived=bytes(32)))
    later = wrapped(MANIFEST.model_copy(update={"incarnation": 2}), KEY)
    yield Vector("id-reused", "id_reused", "other content under an id that came before", later, after="referral")
    yield Vector("expired", "expired", "made more than 90 days before it comes in", at(-timedelta(days=90, seconds=1)))
    yield Vector("from-the-future", "from_the_future", "made more than a day later", at(timedelta(days=1, seconds=1)))
    yield Vector("archive-changed", "archive_changed", "one bit of it", PARCEL.manifest, bytes(changed))
    yield Vector("archive-cut", "archive_changed", "its last byte is gone", PARCEL.manifest, PARCEL.archive[:-1])
    yield Vector("no-password", "no_password", "meant for the phone", by_phone.manifest, by_phone.archive)
    yield Vector("other-key", "other_key", "sealed to a key we lack", elsewhere.manifest, elsewhere.archive)
    yield Vector("stolen", "unbound_password", "re-signed by another party that is trusted too", stolen)
    yield Vector("wrong-password", "wrong_password", "a key that does not fit", wrong)


def refused_contents() -> Iterator[Vector]:
    clear = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(4088)
    cheap = PARCEL.archive.replace(bytes([0xC0 | 19, 0xFF]), bytes([0xC0 | 18, 0xFF]))
    dear = PARCEL.archive.replace(bytes([0xC0 | 19, 0xFF]), bytes([0xC0 | 24, 0xFF]))
    unpadded = PARCEL.archive + bytes(16)
    yield Vector("not-encrypted", "bad_archive", "an archive in clear", signed_for(clear), clear)
    yield Vector("fewer-rounds", "bad_archive", "2^18 rounds", signed_for(cheap), cheap)
    yield Vector("more-rounds", "bad_archive", "2^24 rounds", signed_for(dear), dear)
    yield Vector("no-step", "bad_archive", "a size that is no step", signed_for(unpadded), unpadded)
    referral = message.dump(REFERRAL)
    for seed, name, because, content in (
        (21, "extra-field", "a datum that was not agreed", {**referral, "reason": "x"}),
        (22, "no-name", "a client without a name", {**referral, "client": {"phone": "+32470000001"}}),
        (23, "other-kind", "not of the kind that the manifest names", message.dump(RECEIPT)),
    ):
        data = packed(json.dumps(content).encode(), seed)
        yield Vector(name, "bad_message", because, signed_for(data), data)


def main() -> None:
    for old in [*FOLDER.glob("*.jws"), *FOLDER.glob("*.7z")]:
        old.unlink()
    archives: dict[bytes, str] = {}
    cases = []
    for make in (accepted, refused_shapes, refused_senders, refused_passwords, refused_contents):
        for vector in make():
            data = archives.setdefault(vector.data, f"{vector.name}.7z")
            (FOLDER / data).write_bytes(vector.data)
            (FOLDER / f"{vector.name}.jws").write_text(vector.signed, encoding="ascii")
            names = {"manifest": f"{vector.name}.jws", "archive": data}
            before = {"after": f"{vector.after}.jws"} if vector.after else {}
            cases.append({**names, **before, "expect": vector.expect, "because": vector.because})
    known = {kbo: [keys.encode(public) for public in publics] for kbo, publics in COUNTERPARTIES.items()}
    ours = {"kbo": WESTERLO, "practice": False, "at": f"{AT:%Y-%m-%dT%H:%M:%SZ}"}
    node = {**ours, "private_keys": [keys.encode(PARCEL_KEY)], "counterparties": known}
    whole = {"format": manifest.FORMAT, "node": node, "password": KEY.password, "cases": cases}
    (FOLDER / "vectors.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
