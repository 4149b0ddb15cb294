"""An archive as a person would make it, but of one round, with any list of files behind its password: to fuzz."""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PASSWORD = "drie-hazen"
TEXT = b"Naam: Amal Haddou\n"
_VECTOR = bytes(range(16))
_AES = bytes.fromhex("2406f1070112400f") + _VECTOR  # 2^0 rounds, no salt
_KEY = sha256(PASSWORD.encode("utf-16-le") + bytes(8)).digest()


def _number(value: int) -> bytes:
    return b"\xfc" + value.to_bytes(6, "little")


def _crc(data: bytes) -> bytes:
    return struct.pack("<I", zlib.crc32(data))


def _encrypted(plain: bytes) -> bytes:
    writer = Cipher(algorithms.AES(_KEY), modes.CBC(_VECTOR)).encryptor()
    return writer.update(plain + bytes(-len(plain) % 16)) + writer.finalize()


_CONTENT = _encrypted(TEXT)
_NAME = b"\0" + "brief.txt".encode("utf-16-le") + b"\0\0"
LIST = b"".join(
    [
        bytes.fromhex("01 04 06"), _number(0), bytes.fromhex("01 09"), _number(len(_CONTENT)), b"\0",
        bytes.fromhex("07 0b 01 00 01"), _AES, b"\x0c", _number(len(TEXT)), b"\0",
        bytes.fromhex("08 0a 01"), _crc(TEXT), bytes.fromhex("00 00 05 01 11"), _number(len(_NAME)), _NAME, b"\0\0",
    ]
)  # fmt: skip


def listed(files: bytes) -> bytes:
    """The whole archive, with this list of files encrypted in it."""
    shut = _encrypted(files)
    header = bytes.fromhex("17 06") + _number(len(_CONTENT)) + bytes.fromhex("01 09") + _number(len(shut)) + b"\0"
    header += bytes.fromhex("07 0b 01 00 01") + _AES + b"\x0c" + _number(len(files))
    header += bytes.fromhex("0a 01") + _crc(files) + b"\0\0"
    start = struct.pack("<QQI", len(_CONTENT) + len(shut), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + _crc(start) + start + _CONTENT + shut + header
