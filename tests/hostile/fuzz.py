"""A fuzzer that follows coverage through the MIME reader, manifest, archive, messages and hand-made archives.

    python -m tests.hostile.fuzz max_total_time=60     for so many seconds, or `runs=2000`; ends with `Done N runs`

What it finds that is accepted, or that raises anything but a refusal, ends the run with the input in hexadecimal.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["brug.core.parcel", "brug.core.message", "brug.office.post.mail"]):
    from tests.conftest import ROOT  # settings first
    from tests.hostile import test_parcels as samples
    from tests.hostile.hand_made import LIST, PASSWORD, listed

from pydantic import ValidationError

from brug.core import message
from brug.core.parcel import Rejected, archive, by_hand, manifest
from brug.office.post import mail
from tests.core.parcel.samples import READY_KEY, opened

assert ROOT
SENT = (samples.MANIFEST, samples.PARCEL.archive)


def whole_mail(raw: bytes) -> bool:
    mail.made_by_hand(raw)
    return samples.came_through(raw) and mail.split(raw) != SENT  # the rest of a mail may say what it likes


def whole_manifest(raw: bytes) -> bool:
    manifest.read(raw)
    opened(raw, samples.PARCEL.archive)
    return raw != samples.MANIFEST


def whole_archive(raw: bytes) -> bool:
    archive.unpack(raw, READY_KEY.derived)
    return raw != samples.PARCEL.archive


def inner_header(raw: bytes) -> bool:
    archive._Listing.read(raw[: archive._HEADER_LENGTH].ljust(archive._HEADER_LENGTH, b"\0"))
    return False


def one_message(raw: bytes) -> bool:
    with contextlib.suppress(ValueError):  # all that it may raise
        message.parse(raw)
    return False  # any valid message may be parsed


def hand_made(raw: bytes) -> bool:
    by_hand.look_at(raw)
    return False  # whether it is encrypted is all that is looked at


def hand_made_list(raw: bytes) -> bool:
    """The list of coders, with checksums that fit, so that the reader gets to see it."""
    start = struct.pack("<QQI", 0, len(raw), zlib.crc32(raw))
    by_hand.look_at(b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + raw)
    return False


def hand_made_opened(raw: bytes) -> bool:
    """What the password opens: an archive, whatever it is."""
    return _is_too_much(raw)


def hand_made_inside(raw: bytes) -> bool:
    """And the list of files behind the password, whatever it says."""
    return _is_too_much(listed(raw))


def _is_too_much(data: bytes) -> bool:
    inside = by_hand.open_with(data, PASSWORD)
    return len(inside) > by_hand.MOST_FILES or sum(file.size for file in inside) > by_hand.UNPACKED_LIMIT


TARGETS: tuple[Callable[[bytes], bool], ...] = (
    whole_mail,
    whole_manifest,
    whole_archive,
    inner_header,
    one_message,
    hand_made,
    hand_made_list,
    hand_made_opened,
    hand_made_inside,
)


def try_one(data: bytes) -> None:
    """The first byte says which reader gets the rest."""
    if not data:
        return
    try:
        accepted = TARGETS[data[0] % len(TARGETS)](data[1:])
    except (Rejected, ValidationError):
        return
    if accepted:
        raise AssertionError("accepted: " + data.hex()[:4000])


def main() -> int:
    """In a process of its own: Linux counts the peak of whoever ran a program as that program's own (`ru_maxrss` is
    kept through exec), and a test runner of a gigabyte would be the fuzzer's out-of-memory."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    fuzz()
    return 0


def fuzz() -> None:
    how_much = sys.argv[1] if len(sys.argv) > 1 else "max_total_time=60"
    by_hand.MOST_CYCLES = 4  # what a derivation costs is tested elsewhere; here it would be all that is done
    with tempfile.TemporaryDirectory(prefix="brug-fuzz-") as name:
        corpus = Path(name)
        seeds = [samples.RAW, samples.MANIFEST, samples.PARCEL.archive, samples.PARCEL.archive[:200]]
        for kind, seed in enumerate(seeds):
            (corpus / str(kind)).write_bytes(bytes([min(kind, 2)]) + seed)
        (corpus / "message").write_bytes(b"\4" + b'{"kind":"canary"}')
        (corpus / "list").write_bytes(b"\6" + bytes.fromhex("1706e0100109800700070b01000124f10701125302"))
        (corpus / "by-hand").write_bytes(b"\5" + samples.PARCEL.archive)
        (corpus / "opened").write_bytes(b"\7" + listed(LIST))
        (corpus / "inside").write_bytes(b"\10" + LIST)
        options = [f"-{how_much}", "-timeout=60", "-rss_limit_mb=1024", "-max_len=40000"]
        atheris.Setup([sys.argv[0], *options, name], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
