"""Mutated and generated mails, manifests, archives and messages: none accepted, no crash, little time and memory.

The counts are small here; `make soak` (BRUG_SOAK=1) tries more than a hundred thousand.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core import message
from brug.core.parcel import Rejected, Rejection, archive, by_hand
from brug.core.parcel.archive import Members
from brug.office.post import mail, mailboxes
from brug.office.post.models import Outgoing
from tests.core.parcel.samples import AT, PAPER, READY_KEY, entropy_from, opened, sealed
from tests.hostile import hand_made

pytestmark = pytest.mark.soak

TIMES = 20 if os.environ.get("BRUG_SOAK") else 1
SLOWEST_SECONDS, LARGEST_BYTES = 0.25, 64_000_000  # of one case
PARCEL = sealed()
MANIFEST = PARCEL.manifest.encode()
RAW = mail.compose(
    Outgoing(
        parcel_id=PARCEL.id, mailbox="x@y.example", archive=PARCEL.archive, manifest=PARCEL.manifest, queued_at=AT
    ),
    sender="a@b.example",
).as_bytes()
INTERESTING = [b"\0", b"\xff", b"=", b".", b"--", b'"', b"\r\n", b"{", b"null", b"-1", b"=?utf-8?b?", b"filename*0*="]


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, put in, taken out, doubled or moved."""
    raw = bytearray(whole)
    for _ in range(chance.choice([1, 1, 1, 2, 4, 16])):
        at, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        end = min(end, at + chance.choice([1, 1, 4, 64, 4096]))
        raw[at:end] = chance.choice(
            [
                bytes([chance.randrange(256)]) * (end - at),
                b"",
                bytes(raw[at:end]) * 2,
                chance.choice(INTERESTING),
                chance.randbytes(end - at),
                raw[at:end][::-1],
            ]
        )
        raw = raw or bytearray(b"x")
    return bytes(raw)


def came_through(raw: bytes) -> bool:
    """The whole way that bytes from a mailbox go, up to the protocol. Anything but `Rejected` is a fault of ours."""
    mail.undelivered(raw)
    mail.claims(raw)
    if not mail.is_parcel(raw):
        return False
    try:
        opened(*mail.split(raw))
    except Rejected:
        return False
    return True


def timed(act: Callable[[bytes], bool], raw: bytes) -> bool:
    """Measured in processor time: another program on this machine is not an attack."""
    started = time.process_time()
    came = act(raw)
    assert time.process_time() - started < SLOWEST_SECONDS
    return came


def test_the_parcel_itself_comes_through() -> None:
    assert came_through(RAW)


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_mail_brings_the_same_parcel_or_none(seed: int) -> None:
    """What a mail system may change (a header, the text for people) changes nothing; all else is refused."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(750 * TIMES):
        raw = mutated(RAW, chance)
        if timed(came_through, raw):
            signed, data = mail.split(raw)
            assert (signed, data) == (MANIFEST, PARCEL.archive)


@pytest.mark.parametrize("seed", range(2))
def test_no_changed_manifest_is_accepted(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for _ in range(1000 * TIMES):
        signed = mutated(MANIFEST, chance)
        if signed != MANIFEST:
            with pytest.raises(Rejected):
                opened(signed, PARCEL.archive)


@pytest.mark.parametrize("seed", range(2))
def test_no_changed_archive_is_accepted_or_unpacked(seed: int) -> None:
    """Also when the attacker is a trusted sender who signs it: then the archive's own form decides."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(500 * TIMES):
        data = mutated(PARCEL.archive, chance)
        if data == PARCEL.archive:
            continue
        with pytest.raises(Rejected) as refused:
            opened(MANIFEST, data)
        assert refused.value.rejection in {Rejection.ARCHIVE_CHANGED, Rejection.TOO_LARGE}
        with pytest.raises(Rejected):
            archive.unpack(data, READY_KEY.derived)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
WHOLE = json.loads(json.dumps(message.dump(message.parse(archive.unpack(PARCEL.archive, READY_KEY.derived).message))))


@settings(max_examples=300 * TIMES, deadline=None)
@given(st.data())
def test_a_message_with_anything_else_in_it_is_none(data: st.DataObject) -> None:
    """One place of a referral holds something else, or there is a place more: refused, or it is itself a referral."""
    changed = json.loads(json.dumps(WHOLE))
    place = changed
    for key in data.draw(st.sampled_from([(), ("client",), ("client", "address"), ("attestation",), ("notifier",)])):
        place = place[key]
    name = data.draw(st.sampled_from([*place, "national_number", "remark", "need", "children"]))
    is_extra = name not in place
    place[name] = data.draw(JSON)
    try:
        parsed = message.parse(json.dumps(changed).encode())
    except ValueError:
        return
    assert not is_extra or place[name] is None
    assert message.parse(json.dumps(message.dump(parsed)).encode()) == parsed


@settings(max_examples=200 * TIMES, deadline=None)
@given(st.binary(max_size=4000))
def test_anything_at_all_is_refused(raw: bytes) -> None:
    assert not came_through(raw)
    assert not came_through(RAW[: len(RAW) // 2] + raw)
    with pytest.raises(Rejected):
        opened(raw, PARCEL.archive)
    with pytest.raises(Rejected):
        archive.unpack(raw, READY_KEY.derived)


NAME = b'Content-Disposition: attachment; filename="zending-%s.7z"\r\n' % str(PARCEL.id).encode()
FIVE = mailboxes.LARGEST_MAIL


def _parts(count: int) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + (b"--b\r\n" + NAME + b"\r\n\r\n") * count


def _nested(depth: int) -> bytes:
    return (
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(depth)) + NAME
    )


BOMBS: dict[str, bytes] = {
    "larger than a mail may be": RAW + b"x" * FIVE,
    "thousands of attachments": _parts(30_000),
    "parts inside parts": _nested(60_000),
    "mails inside mails": b"Content-Type: message/rfc822\r\n\r\n" * 100_000 + NAME,
    "an endless field": b"Content-Disposition: attachment" + b';"' * 2_000_000 + b"\r\n" + NAME,
    "an endless field on many lines": b"Content-Type: multipart/mixed" + b';\r\n a="' * 600_000 + b"\r\n" + NAME,
    "a name in a million pieces": b"Content-Disposition: x"
    + b"".join(b";filename*%d*=a" % i for i in range(200_000))
    + NAME,
    "a hundred thousand headers": b"X: y\r\n" * 600_000 + NAME + b"\r\n",
    "one line of five megabytes": NAME + b"\r\n" + b"a" * (FIVE - 200),
    "only line ends": NAME + b"\r\n" * 2_000_000,
    "base64 that is none": NAME + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=\xff" * 2_000_000,
    "an encoded word in an encoded word": b"Subject: " + b"=?utf-8?q?" * 400_000 + b"\r\n" + NAME,
    "carriage returns alone": NAME.replace(b"\r\n", b"\r") + b"\rContent-Type: x" + b';"' * 2_000_000,
    "another charset for each part": _parts(10).replace(
        b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=rot13\r\n\r\n"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_cost_is_refused_before_it_costs(name: str) -> None:
    raw = BOMBS[name][: FIVE + 1]  # no mailbox gives more of one mail
    started = time.process_time()
    came = came_through(raw)
    taken = time.process_time() - started
    assert not came and taken < 2, taken  # seconds, for five megabytes
    tracemalloc.start()
    try:
        came_through(raw)
        assert tracemalloc.get_traced_memory()[1] < LARGEST_BYTES
    finally:
        tracemalloc.stop()


def test_an_archive_that_grows_is_refused_before_it_grows() -> None:
    """A trusted sender signs a bomb: the header says more than may be, so not a byte is inflated."""
    with pytest.raises(ValueError, match="at most"):
        archive.pack(Members(b"0" * 2_000_000, PAPER), READY_KEY, vectors=entropy_from(1)(32))


def test_the_message_is_small_whatever_the_archive_holds() -> None:
    """Every step of the size a parcel may have: what `unpack` gives is bounded by the same number."""
    members = Members(b" " * (archive.UNPACKED_LIMIT - len(PAPER)), PAPER)
    packed = archive.pack(members, READY_KEY, vectors=entropy_from(1)(32))
    tracemalloc.start()
    try:
        assert archive.unpack(packed, READY_KEY.derived) == members
        assert tracemalloc.get_traced_memory()[1] < LARGEST_BYTES
    finally:
        tracemalloc.stop()


def test_replayed_late_readdressed_or_stolen_it_is_not_accepted() -> None:
    late = sealed(at=AT + timedelta(days=1))
    spoilt = {
        Rejection.NOT_FOR_US: lambda: opened(PARCEL.manifest, PARCEL.archive, recipient="0207654368"),
        Rejection.PRACTICE: lambda: opened(PARCEL.manifest, PARCEL.archive, practice=True),
        Rejection.UNKNOWN_SENDER: lambda: opened(PARCEL.manifest, PARCEL.archive, counterparties={}),
        Rejection.EXPIRED: lambda: opened(PARCEL.manifest, PARCEL.archive, at=AT + timedelta(days=91)),
        Rejection.FROM_THE_FUTURE: lambda: opened(PARCEL.manifest, PARCEL.archive, at=AT - timedelta(days=2)),
        Rejection.OTHER_KEY: lambda: opened(PARCEL.manifest, PARCEL.archive, private_keys=[bytes([9]) * 96]),
        Rejection.ARCHIVE_CHANGED: lambda: opened(PARCEL.manifest, sealed(entropy=entropy_from(77)).archive),
    }
    for rejection, act in spoilt.items():
        with pytest.raises(Rejected) as refused:
            act()
        assert refused.value.rejection == rejection
    assert opened(late.manifest, late.archive).manifest.id == PARCEL.id  # `Accepted` tells these two apart, by hash
    assert sha256(late.manifest.encode()).digest() != sha256(MANIFEST).digest()


def test_a_report_names_a_parcel_or_nothing() -> None:
    chance = random.Random(5)  # noqa: S311
    report = (
        b"Content-Type: multipart/report\r\n\r\nAction: failed\r\n"
        b"Message-ID: <176.1.2.0193a8b7-9a20-7000-8000-000000000000@opgroeien.example>\r\n"
    )
    assert mail.undelivered(report) == UUID("0193a8b7-9a20-7000-8000-000000000000")
    for _ in range(2000 * TIMES):
        assert isinstance(mail.undelivered(mutated(report, chance)), UUID | None)


def test_base64_of_a_manifest_has_one_spelling() -> None:
    head, payload, signature = MANIFEST.split(b".")
    for other in (
        payload + b"=",
        payload + b"\n",
        base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + b"===")),
    ):
        if other != payload:
            with pytest.raises(Rejected):
                opened(b".".join((head, other, signature)), PARCEL.archive)


def test_what_the_fuzzer_begins_with_opens() -> None:
    """Or it would never come past the password."""
    [inside] = by_hand.open_with(hand_made.listed(hand_made.LIST), hand_made.PASSWORD)
    assert (inside.name, inside.text) == ("brief.txt", hand_made.TEXT.decode())


def test_a_fuzzer_that_follows_coverage_finds_nothing() -> None:
    """Two thousand tries here, as long as you like with `python -m tests.hostile.fuzz max_total_time=SECONDS`."""
    how_much = "max_total_time=120" if os.environ.get("BRUG_SOAK") else "runs=2000"
    command = [sys.executable, "-m", "tests.hostile.fuzz", how_much]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    finished = re.search(r"^Done (\d+) runs", done.stderr, re.M)
    assert done.returncode == 0 and finished, done.stderr[-3000:]
    assert int(finished[1]) > 500
