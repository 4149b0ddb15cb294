"""docs/spec/parcel.md tells the truth: its example is the first vector, its codes are ours (art. 6)."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

from brug.core.parcel import Rejection, archive, keys, manifest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "spec" / "parcel.md").read_text()
TIGHT = re.sub(r"\s", "", TEXT)
VECTORS = ROOT / "tests" / "vectors"
SIGNED = (VECTORS / "referral.jws").read_bytes()
ARCHIVE = (VECTORS / "referral.7z").read_bytes()
KNOWN = manifest.read(SIGNED).manifest
SECRET = manifest.unwrap(
    KNOWN, [keys.decode(json.loads((VECTORS / "vectors.json").read_text())["node"]["private_keys"][0])]
)


def test_the_manifest_of_the_example_is_the_one_of_the_vector() -> None:
    header = keys.decode(SIGNED.decode().split(".")[0]).decode()
    core = re.sub(r"\s", "", KNOWN.core().decode())
    assert header in TEXT
    assert all(part in TIGHT for part in core.removeprefix("{").removesuffix("}").split(","))
    assert sha256(KNOWN.core()).hexdigest() in TEXT
    assert KNOWN.wrapped is not None
    assert f'"key":"{KNOWN.wrapped.key}","sealed":"{KNOWN.wrapped.sealed[:28]}…' in TIGHT
    assert f"{len(SIGNED):,} characters" in TEXT


def test_the_secret_of_the_example_is_the_one_of_the_vector() -> None:
    assert f'{{"derived":"{SECRET.derived}","password":"{SECRET.password}"}}' in TEXT
    salt = archive.salt_of(ARCHIVE)
    assert keys.encode(archive.ArchiveKey.derive(SECRET.password, salt).derived) == SECRET.derived


def test_the_archive_of_the_example_is_the_one_of_the_vector() -> None:
    vector = archive._Envelope.read(ARCHIVE).vector
    header = archive._decrypt(ARCHIVE[-256:-80], keys.decode(SECRET.derived), vector)
    for part in (ARCHIVE[:32], ARCHIVE[-80:-40], ARCHIVE[-40:], header[:100]):
        assert re.sub("4016$", "", part.hex()) in TIGHT
    assert header[100:].hex() in TIGHT
    assert f"`{sha256(ARCHIVE).hexdigest()[:12]}`" in TEXT
    members = archive.unpack(ARCHIVE, keys.decode(SECRET.derived))
    assert f"({len(members.message)} bytes, a referral)" in TEXT
    assert f"({len(members.paper)} bytes)" in TEXT


LISTED_APART = (Rejection.FAILED_HERE, Rejection.NOT_ENCRYPTED)  # our own fault; an archive that is no parcel


def test_every_code_stands_in_the_order_of_the_checks() -> None:
    listed = re.findall(r"^\| \d+ \| .* \| `(\w+)` \|$", TEXT, re.MULTILINE)
    assert listed == [reason.value for reason in Rejection if reason not in LISTED_APART]


def test_the_limits_are_the_ones_of_the_program() -> None:
    for value in (manifest.MANIFEST_LIMIT, archive.LARGEST, archive.UNPACKED_LIMIT, *archive.STEPS):
        assert f"{value:,}" in TEXT
