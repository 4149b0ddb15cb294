"""The archive: 7-Zip opens it, its size says nothing, and no other archive is read (art. 6)."""

from __future__ import annotations

import io
import subprocess
import time
import tracemalloc
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.parcel import Rejected, Rejection, archive
from brug.core.parcel.archive import ArchiveKey, Members, pack, salt_of, unpack
from tests import examples
from tests.core.parcel.samples import entropy_from

PASSWORD = "Geen7zip-weet-dit"
KEY = ArchiveKey.derive(PASSWORD, entropy_from(1)(16))
VECTORS = entropy_from(2)(32)
MEMBERS = Members(b'{"kind": "referral"}', b"%PDF-1.7 " * 40)
ARCHIVE = pack(MEMBERS, KEY, vectors=VECTORS)


def seven_zip(*arguments: str, password: str = "") -> subprocess.CompletedProcess[bytes]:
    """The judge. A password goes in through standard input: the command line is public."""
    return subprocess.run(["7zz", *arguments], input=f"{password}\n{password}\n".encode(), capture_output=True)


def write(folder: Path, content: bytes) -> str:
    path = folder / "zending.7z"
    path.write_bytes(content)
    return str(path)


def refusal(content: bytes, key: ArchiveKey = KEY) -> Rejection:
    with pytest.raises(Rejected) as caught:
        unpack(content, key.derived)
    return caught.value.rejection


@pytest.mark.parametrize("length", [0, 1, 3000, 15_000, 70_000, 900_000])
def test_7zip_extracts_what_went_in_without_a_warning(length: int, tmp_path: Path) -> None:
    members = Members(b'{"kind": "referral"}', entropy_from(length)(length))
    path = write(tmp_path, pack(members, KEY, vectors=VECTORS))
    answer = seven_zip("x", f"-o{tmp_path / 'out'}", path, password=PASSWORD)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"Everything is Ok" in answer.stdout
    assert b"arning" not in answer.stdout
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == {
        "bericht.json": members.message,
        "bericht.pdf": members.paper,
    }


def test_7zip_shows_no_name_without_the_password(tmp_path: Path) -> None:
    path = write(tmp_path, ARCHIVE)
    for password in ("", "something else"):
        answer = seven_zip("l", "-slt", path, password=password)
        assert answer.returncode == 2
        assert b"bericht" not in answer.stdout + answer.stderr
    assert b"bericht" not in ARCHIVE
    assert "bericht".encode("utf-16-le") not in ARCHIVE


def test_7zip_sees_aes_with_the_agreed_number_of_rounds(tmp_path: Path) -> None:
    listing = seven_zip("l", "-slt", write(tmp_path, ARCHIVE), password=PASSWORD).stdout.decode()
    assert listing.count("Method = Deflate 7zAES:19") == 2
    assert listing.count("Encrypted = +") == 2
    assert "Headers Size = 288" in listing


def test_7zip_shows_the_check_code(tmp_path: Path) -> None:
    shown = seven_zip("h", "-scrcSHA256", write(tmp_path, ARCHIVE)).stdout.decode()
    assert sha256(ARCHIVE).hexdigest() in shown


def test_another_reader_agrees() -> None:
    with py7zr.SevenZipFile(io.BytesIO(ARCHIVE), password=PASSWORD) as other:
        assert other.getnames() == ["bericht.json", "bericht.pdf"]
        found = py7zr.io.BytesIOFactory(limit=10_000)
        other.extractall(factory=found)
        assert found.products["bericht.json"].read() == MEMBERS.message


@settings(max_examples=examples(40), deadline=None)
@given(st.binary(max_size=5000), st.binary(max_size=20_000), st.binary(min_size=32, max_size=32))
def test_what_is_packed_is_unpacked(message: bytes, paper: bytes, vectors: bytes) -> None:
    members = Members(message, paper)
    assert unpack(pack(members, KEY, vectors=vectors), KEY.derived) == members


def test_the_archive_follows_from_what_is_given() -> None:
    assert pack(MEMBERS, KEY, vectors=VECTORS) == ARCHIVE
    assert pack(MEMBERS, KEY, vectors=VECTORS[::-1]) != ARCHIVE


def test_the_salt_stands_in_the_archive() -> None:
    assert salt_of(ARCHIVE) == KEY.salt
    assert len(KEY.salt) == 16


def test_two_salts_make_two_keys_of_one_password() -> None:
    assert ArchiveKey.derive(PASSWORD, bytes(16)).derived != KEY.derived
    assert (KEY.password, KEY.salt) == (PASSWORD, entropy_from(1)(16))


def test_the_derivation_is_the_one_of_7zip() -> None:
    """SHA-256 over 2^19 times salt, password in UTF-16 and counter, written as plainly as can be."""
    digest, salt = sha256(), bytes(range(16))
    for counter in range(1 << 19):
        digest.update(salt + "kort".encode("utf-16-le") + counter.to_bytes(8, "little"))
    assert ArchiveKey.derive("kort", salt).derived == digest.digest()


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_size_says_nothing_about_the_content(one: int, other: int) -> None:
    sizes = {len(pack(Members(b"{}", entropy_from(n)(n)), KEY, vectors=VECTORS)) for n in (one, other)}
    assert sizes == {4096}


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 200_000))
def test_every_size_is_a_step(length: int) -> None:
    size = len(pack(Members(b"{}", entropy_from(1)(length)), KEY, vectors=VECTORS))
    assert size in (4096, 16384) or size % 65536 == 0
    assert length < size < 2 * length + 65536


def test_lengths_inside_a_step_leave_nothing_readable_behind() -> None:
    """Outside the encrypted parts two archives of one step differ in checksum and random values only."""
    other = pack(Members(b"[]" * 700, b""), KEY, vectors=VECTORS)
    assert len(other) == len(ARCHIVE)
    differing = [at for at in (*range(32), *range(len(other) - 80, len(other))) if other[at] != ARCHIVE[at]]
    start_and_tail_checksums = {*range(8, 12), *range(28, 32)}
    header_checksum = {len(other) - 80 + at for at in range(74, 78)}
    assert set(differing) <= start_and_tail_checksums | header_checksum


@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_no_archive_with_a_changed_byte_is_read(change: int) -> None:
    for position in range(len(ARCHIVE)):
        altered = bytearray(ARCHIVE)
        altered[position] ^= change
        with pytest.raises(Rejected):
            unpack(bytes(altered), KEY.derived)


@given(st.binary(max_size=200) | st.integers(0, 8192).map(bytes))
def test_noise_is_refused(noise: bytes) -> None:
    assert refusal(noise) is Rejection.BAD_ARCHIVE


@given(st.integers(0, len(ARCHIVE) - 1))
def test_a_truncated_archive_is_refused(length: int) -> None:
    assert refusal(ARCHIVE[:length]) is Rejection.BAD_ARCHIVE


def test_another_password_is_refused_as_such() -> None:
    assert refusal(ARCHIVE, replace(KEY, derived=bytes(32))) is Rejection.WRONG_PASSWORD


@pytest.mark.parametrize(
    "switches",
    [(), ("-mhe=on", "-p"), ("-mhe=off", "-p"), ("-mhe=on", "-p", "-mx=0"), ("-mhe=on", "-p", "-m0=Deflate")],
    ids=" ".join,
)
def test_archives_that_7zip_made_are_no_parcels(switches: tuple[str, ...], tmp_path: Path) -> None:
    """Also those with a password: without salt, and not by our writer. Hand-made archives have a way of their own."""
    for name in ("bericht.json", "bericht.pdf"):
        (tmp_path / name).write_bytes(b"{}")
    path = tmp_path / "made.7z"
    files = [str(tmp_path / "bericht.json"), str(tmp_path / "bericht.pdf")]
    assert seven_zip("a", "-t7z", *switches, str(path), *files, password=PASSWORD).returncode == 0
    assert refusal(path.read_bytes()) is Rejection.BAD_ARCHIVE


def test_a_link_a_third_file_and_a_path_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bericht.json").write_bytes(b"{}")
    (tmp_path / "bericht.pdf").symlink_to("/etc/passwd")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "bericht.pdf").write_bytes(b"x")
    for number, names in enumerate((["bericht.json", "bericht.pdf"], ["bericht.json", "inner", "bericht.pdf"])):
        path = tmp_path / f"{number}.7z"
        made = subprocess.run(["7zz", "a", "-snl", str(path), *names], cwd=tmp_path, capture_output=True)
        assert made.returncode == 0
        assert refusal(path.read_bytes()) is Rejection.BAD_ARCHIVE


def forge(stream: bytes, listing: archive._Listing, *, size: int = 4096, key: ArchiveKey = KEY) -> bytes:
    """An archive by someone who has the password and writes whatever header pleases him."""
    capacity = size - archive._OVERHEAD
    header = archive._header(listing, capacity, key.salt, VECTORS[:16])
    tail = archive._tail(capacity, key.salt, VECTORS[16:], zlib.crc32(header))
    return b"".join(
        (
            archive._signature(capacity, tail),
            archive._encrypt(stream.ljust(capacity, b"\0"), key.derived, VECTORS[:16]),
            archive._encrypt(archive._padded(header), key.derived, VECTORS[16:]),
            tail,
        )
    )


def stream_of(content: bytes, capacity: int = 4096 - archive._OVERHEAD) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    start, end = deflater.compress(content) + deflater.flush(zlib.Z_SYNC_FLUSH), deflater.flush()
    return start + b"\0\0\0\xff\xff" * ((capacity - len(start) - len(end)) // 5) + end


def honest(content: bytes, stream: bytes) -> archive._Listing:
    return archive._Listing(len(stream), len(content), len(content), (zlib.crc32(content), 0))


def test_the_forger_can_also_write_what_is_accepted() -> None:
    """Or the refusals below would prove nothing."""
    content = b"{}"
    stream = stream_of(content)
    assert unpack(forge(stream, honest(content, stream)), KEY.derived) == Members(content, b"")


@pytest.mark.parametrize(
    "lie",
    [
        {"total": 3},
        {"total": 1},
        {"total": 1_000_001},
        {"message": 1},
        {"message": 3},
        {"crcs": (1, 0)},
        {"stream": 1000},
        {"stream": 3809},
        {"stream": 2**40},
    ],
    ids=str,
)
def test_a_header_that_lies_is_refused(lie: dict[str, int]) -> None:
    stream = stream_of(b"{}")
    assert refusal(forge(stream, replace(honest(b"{}", stream), **lie))) is Rejection.BAD_ARCHIVE


def test_a_stream_that_does_not_end_and_one_with_room_for_more_padding_are_refused() -> None:
    """Fifty contents, so that there is one whose padding fills the archive to its last byte."""
    capacity, block = 4096 - archive._OVERHEAD, b"\0\0\0\xff\xff"
    full = set()
    for content in (b"{" + b" " * number + b"}" for number in range(50)):
        whole = stream_of(content)
        start, _, end = whole.rpartition(block)
        for wrong in (start + block, start + end):
            assert refusal(forge(wrong, honest(content, wrong))) is Rejection.BAD_ARCHIVE
        full.add(len(whole) == capacity)
    assert full == {True, False}


def test_something_behind_the_content_is_refused() -> None:
    stream = stream_of(b"{}")[:-7] + b"\x03\x00" + b"hidden"
    assert refusal(forge(stream.ljust(3808, b"x"), honest(b"{}", stream))) is Rejection.BAD_ARCHIVE


@pytest.mark.parametrize("claimed", [200_000_000, 1_000_000])
def test_a_bomb_is_refused_before_it_costs_memory_or_time(claimed: int) -> None:
    """Two hundred megabytes of zeros in one step, with the truth about it in the header, and with a lie."""
    content = bytes(200_000_000)
    size = 4 * 65536
    stream = stream_of(content, size - archive._OVERHEAD)
    bomb = forge(stream, archive._Listing(len(stream), claimed, claimed, (0, 0)), size=size)
    del content
    tracemalloc.start()
    began = time.process_time()
    assert refusal(bomb) is Rejection.BAD_ARCHIVE
    seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 0.5
    assert peak < 6_000_000


def test_more_than_a_megabyte_is_not_packed() -> None:
    largest = Members(b"", entropy_from(1)(1_000_000))
    packed = pack(largest, KEY, vectors=VECTORS)
    assert len(packed) == archive.LARGEST and unpack(packed, KEY.derived) == largest
    with pytest.raises(ValueError, match="at most"):
        pack(Members(b"x", bytes(1_000_000)), KEY, vectors=VECTORS)
