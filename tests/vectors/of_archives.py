"""Vectors of the archive: one shape, and every byte of it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from brug.core.parcel import archive
from tests.core.parcel.samples import PAPER, REFERRAL, entropy_from
from tests.vectors.crafted import REFERRAL_ARCHIVE, Vector, crafted, fixed, packed, signed, text_of

TEXT = text_of(REFERRAL)


def sealed(name: str, because: str, data: bytes, expect: str = "bad_archive") -> Vector:
    return Vector(name, expect, because, signed(data), data)


def accepted() -> Iterator[Vector]:
    yield sealed("larger", "the step of 64 KiB", packed(TEXT, entropy_from(14)(40_000)), "accepted")
    yield sealed("middle", "the step of 16 KiB", packed(TEXT, entropy_from(15)(9_000)), "accepted")
    yield sealed("no-paper", "a paper without a byte", packed(TEXT, b""), "accepted")
    yield sealed("full", "a million bytes inside", packed(TEXT, bytes(1_000_000 - len(TEXT))), "accepted")


def outside() -> Iterator[Vector]:
    """What anybody can see without the password."""
    data = REFERRAL_ARCHIVE
    rounds = bytes([0xC0 | archive.CYCLES, 0xFF])
    clear = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(4088)
    yield sealed("not-encrypted", "an archive in clear", clear)
    for name, because, cycles in (("fewer-rounds", "2^18 rounds", 18), ("more-rounds", "2^24 rounds", 24)):
        yield sealed(name, because, fixed(data, data.rindex(rounds), bytes([0xC0 | cycles, 0xFF])))
    yield sealed("no-step-inside", "a size that is no step, and all else fits it", crafted(size=4112))
    yield sealed("no-step", "a size that is no step", data + bytes(16))
    yield sealed("two-steps", "32 KiB: no step", data + bytes(32768 - len(data)))
    for name, because, place, value in (
        ("magic", "other bytes at the start", 0, b"PK"),
        ("version", "version 0.3 of 7z", 7, b"\x03"),
        ("place", "the tail somewhere else", 12, b"\x00"),
        ("tail-length", "another length of the tail", 20, b"\x51"),
        ("salt", "another salt in the tail than in the header", len(data) - 48, bytes(16)),
        ("tail-end", "other bytes at the end", len(data) - 1, b"\x01"),
        ("number-form", "a number in another form", len(data) - 78, b"\xfd"),
    ):
        expect = "bad_archive"
        changed = bytearray(data)
        changed[place : place + len(value)] = value
        text = bytes(changed) if place < 8 or name in ("place", "tail-length") else fixed(data, place, value)
        yield sealed(name, because, text, expect)
    for name, because, place in (
        ("crc-start", "a wrong CRC of the start", 8),
        ("crc-tail", "a wrong CRC of the tail", 28),
    ):
        changed = bytearray(data)
        changed[place] ^= 1
        yield sealed(name, because, bytes(changed))
    yield sealed("crc-header", "a wrong CRC of the header", fixed(data, len(data) - 6, bytes(4)), "wrong_password")
    inside = bytearray(data)
    inside[-100] ^= 1
    yield sealed("header-bit", "a bit of the encrypted header", bytes(inside), "wrong_password")


def inside() -> Iterator[Vector]:
    """What only who holds the password can see, or can make."""

    def crc(members: int) -> Callable[[archive._Listing], archive._Listing]:
        def change(listing: archive._Listing) -> archive._Listing:
            crcs = list(listing.crcs)
            crcs[members] ^= 1
            return replace(listing, crcs=(crcs[0], crcs[1]))

        return change

    long = len(TEXT) + len(PAPER)
    yield sealed("crc-message", "a wrong CRC of bericht.json", crafted(listing=crc(0)))
    yield sealed("crc-paper", "a wrong CRC of bericht.pdf", crafted(listing=crc(1)))
    yield sealed(
        "total-less", "gives more bytes than it says", crafted(listing=lambda told: replace(told, total=long - 1))
    )
    yield sealed(
        "total-more", "gives fewer bytes than it says", crafted(listing=lambda told: replace(told, total=long + 1))
    )
    yield sealed(
        "message-long",
        "a message longer than both together",
        crafted(listing=lambda told: replace(told, message=long + 1)),
    )
    yield sealed(
        "message-less",
        "the border between the two elsewhere",
        crafted(listing=lambda told: replace(told, message=told.message - 1)),
    )
    bomb = crafted(TEXT, bytes(1_000_001 - len(TEXT)))
    yield sealed("too-much", "a million bytes and one inside", bomb)
    yield sealed(
        "lies-small",
        "20 MB that say to be small",
        crafted(TEXT, bytes(20_000_000), listing=lambda told: replace(told, total=long)),
    )
    yield sealed("stream-short", "a stream without its end", crafted(stream=lambda raw: raw[:-2] + b"\x02\x00", fill=0))
    yield sealed(
        "stream-behind", "bytes behind the end of the stream", crafted(stream=lambda raw: raw + b"\x00\x00\x00", fill=5)
    )
    yield sealed("padding", "padding that is not zero", crafted(padding=b"\x01", fill=2))
    yield sealed("room-left", "five bytes of padding where four is the most", crafted(fill=8))
    yield sealed("listing-padding", "a byte behind the header", crafted(header=lambda raw: raw[:-1] + b"\x01"))
    for name, because, old, new in (
        ("names", "another name inside", "bericht.json", "bericht.jsom"),
        ("names-turned", "a path inside", "bericht.pdf", "../icht.pdf"),
    ):
        yield sealed(name, because, crafted(header=_renamed(old, new)))
    yield sealed(
        "coder",
        "another coder than Deflate",
        crafted(header=lambda raw: raw.replace(b"\x03\x04\x01\x08", b"\x03\x03\x01\x01")),
    )
    yield sealed("not-deflate", "no stream at all", crafted(stream=lambda raw: b"\xff" * len(raw)))


def _renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(old.encode("utf-16-le"), new.encode("utf-16-le"))
