"""A 7z archive of exactly one shape, in memory: AES-256, encrypted header, two members, padded to a step (art. 6).

7-Zip opens it with the password. Reading is stricter than 7-Zip: every byte must be the one that `pack` would have
written for the same content, so there is nothing in an archive that nobody looked at. `docs/spec/parcel.md` has the
layout. The format itself: 7-Zip's `DOC/7zFormat.txt`.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from brug.core.parcel import Rejected, Rejection

MESSAGE_NAME, PAPER_NAME = "bericht.json", "bericht.pdf"
CYCLES = 19  # the key is a hash over 2^19 rounds
STEPS = (4096, 16384, 65536)  # bytes; after that multiples of the last
LARGEST = 16 * STEPS[-1]  # bytes of an archive; the limit below fits even when nothing can be compressed
UNPACKED_LIMIT = 1_000_000  # bytes of both members together
PASSWORD_LIMIT = 200  # characters: the derivation costs in proportion

_LEVEL = 1  # of Deflate: a PDF is compressed inside already; 6 saves 3 % more and takes half as long again
_ROUNDS = 1 << 16  # rounds that are hashed in one go: all that the two lower bytes of a counter can be
_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # a stored Deflate block without content: padding that every decoder skips


@dataclass(frozen=True, slots=True)
class Members:
    """The two files of an archive: the message, and the same for eyes."""

    message: bytes = field(repr=False)
    paper: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArchiveKey:
    """A password with the salt and the key derived from it. One archive each; deriving costs about 20 ms."""

    password: str = field(repr=False)
    salt: bytes
    derived: bytes = field(repr=False)

    @classmethod
    def derive(cls, password: str, salt: bytes) -> ArchiveKey:
        """`salt` is 16 bytes. Releases the interpreter lock while it hashes."""
        return cls(password, salt, _derive(password.encode("utf-16-le"), salt))


def _derive(password: bytes, salt: bytes) -> bytes:
    """SHA-256 over salt ‖ password ‖ counter (8 bytes, little endian) for each of the 2^19 counters.

    In few long steps: at the end of each, a thread waits for whoever holds the interpreter lock.
    """
    prefix = salt + password
    width, at = len(prefix) + 8, len(prefix)
    rounds = bytearray(prefix + bytes(8)) * _ROUNDS
    rounds[at::width] = bytes(range(256)) * 256
    rounds[at + 1 :: width] = b"".join(bytes([middle]) * 256 for middle in range(256))
    digest = sha256()
    for high in range(1 << CYCLES >> 16):  # from one step to the next only this byte of the counters changes
        rounds[at + 2 :: width] = bytes([high]) * _ROUNDS
        digest.update(rounds)
    return digest.digest()


def pack(members: Members, key: ArchiveKey, *, vectors: bytes) -> bytes:
    """The archive of `members`. `vectors` are 32 random bytes, never used before with this key.

    The size is a step and tells nothing else. Raises `ValueError` when the members are larger than the limit.
    """
    if len(members.message) + len(members.paper) > UNPACKED_LIMIT:
        raise ValueError(f"A message and its paper have at most {UNPACKED_LIMIT} bytes together.")
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    start = deflater.compress(members.message + members.paper) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return lay_out(members, start, deflater.flush(zlib.Z_FINISH), key, vectors=vectors)


def lay_out(members: Members, start: bytes, end: bytes, key: ArchiveKey, *, vectors: bytes) -> bytes:
    """The one archive of `members` for their Deflate stream in two pieces: its last block is `end`, whole bytes.

    Between them comes the padding. How a stream is compressed is all that a writer may choose.
    """
    size = _step(len(start) + len(end) + _OVERHEAD)
    capacity = size - _OVERHEAD
    stream = start + _EMPTY_BLOCK * ((capacity - len(start) - len(end)) // len(_EMPTY_BLOCK)) + end
    content_vector, header_vector = vectors[:16], vectors[16:]
    header = _header(_Listing.of(members, len(stream)), capacity, key.salt, content_vector)
    tail = _tail(capacity, key.salt, header_vector, zlib.crc32(header))
    content = _encrypt(stream.ljust(capacity, b"\0"), key.derived, content_vector)
    return _signature(capacity, tail) + content + _encrypt(_padded(header), key.derived, header_vector) + tail


def salt_of(archive: bytes) -> bytes:
    """The salt of an archive, after a look at all that is not encrypted. Raises `Rejected`."""
    return _Envelope.read(archive).salt


def unpack(archive: bytes, derived: bytes) -> Members:
    """The members of an archive, given the key derived from its password.

    Raises `Rejected`: WRONG_PASSWORD when the key does not fit (or the header was altered: nobody can tell which),
    BAD_ARCHIVE for everything that `pack` would not have written.
    """
    envelope = _Envelope.read(archive)
    padded = _decrypt(archive[-_TAIL_LENGTH - _HEADER_SPACE : -_TAIL_LENGTH], derived, envelope.vector)
    header = padded[:_HEADER_LENGTH]
    if zlib.crc32(header) != envelope.header_crc:
        raise Rejected(Rejection.WRONG_PASSWORD)
    listing, vector = _Listing.read(header), header[_CONTENT_VECTOR]
    rewritten = _padded(_header(listing, envelope.capacity, envelope.salt, vector))
    if padded != rewritten or not listing.is_within(envelope.capacity):  # looked at before a byte is unpacked
        raise Rejected(Rejection.BAD_ARCHIVE)
    stream = _decrypt(archive[_SIGNATURE_LENGTH : _SIGNATURE_LENGTH + envelope.capacity], derived, vector)
    if any(stream[listing.stream :]):
        raise Rejected(Rejection.BAD_ARCHIVE)
    content = _inflate(stream[: listing.stream], listing.total)
    members = Members(content[: listing.message], content[listing.message :])
    if _Listing.of(members, listing.stream) != listing:
        raise Rejected(Rejection.BAD_ARCHIVE)
    return members


def _inflate(stream: bytes, length: int) -> bytes:
    """Exactly `length` bytes. Raises `Rejected`."""
    inflater = zlib.decompressobj(-15)
    try:
        content = inflater.decompress(stream, length + 1)
    except zlib.error:
        raise Rejected(Rejection.BAD_ARCHIVE) from None
    if len(content) != length or not inflater.eof or inflater.unused_data:
        raise Rejected(Rejection.BAD_ARCHIVE)
    return content


@dataclass(frozen=True, slots=True)
class _Listing:
    """What the encrypted header says of the content: lengths in bytes of the Deflate stream, of both members together
    and of the message, and the CRC-32 of each member."""

    stream: int
    total: int
    message: int
    crcs: tuple[int, int]

    @classmethod
    def of(cls, members: Members, stream: int) -> _Listing:
        crcs = zlib.crc32(members.message), zlib.crc32(members.paper)
        return cls(stream, len(members.message) + len(members.paper), len(members.message), crcs)

    @classmethod
    def read(cls, header: bytes) -> _Listing:
        stream, total, message = (int.from_bytes(header[place], "little") for place in _LENGTHS)
        crcs: tuple[int, int] = struct.unpack("<II", header[_CRCS])
        return cls(stream, total, message, crcs)

    def is_within(self, capacity: int) -> bool:
        fits = self.total <= UNPACKED_LIMIT and self.message <= self.total
        return fits and capacity - len(_EMPTY_BLOCK) < self.stream <= capacity


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What anyone can read of an archive: `capacity` (bytes of the encrypted content), salt, vector and CRC-32 of the
    encrypted header."""

    capacity: int
    salt: bytes
    vector: bytes
    header_crc: int

    @classmethod
    def read(cls, archive: bytes) -> _Envelope:
        """Raises `Rejected` unless each byte outside the encrypted parts is what `pack` writes."""
        if not _is_step(len(archive)):
            raise Rejected(Rejection.BAD_ARCHIVE)
        tail = archive[-_TAIL_LENGTH:]
        envelope = cls(
            len(archive) - _OVERHEAD, tail[_TAIL_SALT], tail[_TAIL_VECTOR], *struct.unpack("<I", tail[_TAIL_CRC])
        )
        rewritten = _tail(envelope.capacity, envelope.salt, envelope.vector, envelope.header_crc)
        if tail != rewritten or archive[:_SIGNATURE_LENGTH] != _signature(envelope.capacity, tail):
            raise Rejected(Rejection.BAD_ARCHIVE)
        return envelope


def _step(length: int) -> int:
    """The smallest size of an archive that has room for `length` bytes."""
    return next((step for step in STEPS if length <= step), -(-length // STEPS[-1]) * STEPS[-1])


def _is_step(length: int) -> bool:
    return _step(length) == length <= LARGEST


def _encrypt(plain: bytes, key: bytes, vector: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def _decrypt(encrypted: bytes, key: bytes, vector: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
    return decryptor.update(encrypted) + decryptor.finalize()


# From here on the layout, byte for byte. Names of the parts as in 7zFormat.txt.

_SIGNATURE_LENGTH, _HEADER_LENGTH, _HEADER_SPACE, _TAIL_LENGTH = 32, 167, 176, 80
_OVERHEAD = _SIGNATURE_LENGTH + _HEADER_SPACE + _TAIL_LENGTH
_TAIL_SALT, _TAIL_VECTOR, _TAIL_CRC = slice(32, 48), slice(48, 64), slice(74, 78)
_CONTENT_VECTOR, _CRCS = slice(49, 65), slice(100, 108)
_LENGTHS = slice(73, 79), slice(80, 86), slice(92, 98)  # stream, total, message
_NAMES = b"\x00" + f"{MESSAGE_NAME}\0{PAPER_NAME}\0".encode("utf-16-le")


def _number(value: int) -> bytes:
    """A 7z NUMBER, always in its form of seven bytes, so that no length depends on a value."""
    return b"\xfc" + value.to_bytes(6, "little")


def _aes(salt: bytes, vector: bytes) -> bytes:
    """The coder 7zAES with its properties: cycles, 16 bytes of salt, 16 of vector."""
    return b"\x24\x06\xf1\x07\x01" + b"\x22" + bytes([0xC0 | CYCLES, 0xFF]) + salt + vector


def _signature(capacity: int, tail: bytes) -> bytes:
    """SignatureHeader: where the tail is, behind the content and the encrypted header."""
    start = struct.pack("<QQI", capacity + _HEADER_SPACE, len(tail), zlib.crc32(tail))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start


def _tail(capacity: int, salt: bytes, vector: bytes, header_crc: int) -> bytes:
    """EncodedHeader: one folder, AES alone, that decrypts to the header."""
    return b"".join(
        (
            b"\x17\x06" + _number(capacity) + b"\x01\x09" + _number(_HEADER_SPACE) + b"\x00",  # PackInfo
            b"\x07\x0b\x01\x00\x01" + _aes(salt, vector),  # UnPackInfo: one folder of one coder
            b"\x0c" + _number(_HEADER_LENGTH) + b"\x0a\x01" + struct.pack("<I", header_crc) + b"\x00\x00",
        )
    )


def _header(listing: _Listing, capacity: int, salt: bytes, vector: bytes) -> bytes:
    """Header: one folder, Deflate inside AES, that unpacks to the two members one behind the other."""
    return b"".join(
        (
            b"\x01\x04\x06" + _number(0) + b"\x01\x09" + _number(capacity) + b"\x00",  # PackInfo
            b"\x07\x0b\x01\x00\x02" + _aes(salt, vector) + b"\x03\x04\x01\x08\x01\x00",  # Deflate reads what AES gives
            b"\x0c" + _number(listing.stream) + _number(listing.total) + b"\x00",
            b"\x08\x0d\x02\x09" + _number(listing.message) + b"\x0a\x01" + struct.pack("<II", *listing.crcs),
            b"\x00\x00\x05\x02\x11" + bytes([len(_NAMES)]) + _NAMES + b"\x00\x00",  # FilesInfo: names, nothing else
        )
    )


def _padded(header: bytes) -> bytes:
    return header.ljust(_HEADER_SPACE, b"\0")
