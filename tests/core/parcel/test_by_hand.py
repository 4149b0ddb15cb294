"""Archives of plain 7-Zip: what is not really protected, or costs too much, is refused before it is opened (art. 6)."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import time
import tracemalloc
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.core.parcel import Rejected, Rejection, archive, by_hand
from tests import examples

R = Rejection
PASSWORD = "Zomer in Westerlo!"
NAMES = ("aanmelding é.txt", "brief.docx")


def word_file(*paragraphs: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        runs = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
        package.writestr("word/document.xml", f"<w:document><w:body>{runs}</w:body></w:document>")
    return made.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NAMES[0]).write_text("Naam: Amal Haddou\x1b[2J\r\nTel: 0470 00 00 01\n")
    (tmp_path / NAMES[1]).write_bytes(word_file("Amal Haddou", "Polderstraat 14 &amp; bus 2"))
    return tmp_path


def made(folder: Path, *options: str, files: tuple[str, ...] = NAMES) -> bytes:
    path = folder / "a.7z"
    path.unlink(missing_ok=True)
    done = subprocess.run(["7zz", "a", *options, str(path), *files], cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stdout
    return path.read_bytes()


def refusal(data: bytes, password: str = PASSWORD) -> Rejection:
    with pytest.raises(Rejected) as refused:
        by_hand.open_with(data, password)
    return refused.value.rejection


HEADERS = (f"-p{PASSWORD}", "-mhe=on")
SETTINGS = [
    (), ("-m0=copy",), ("-m0=PPMd",), ("-m0=BZip2",), ("-mx=9", "-ms=off"), ("-m0=Deflate",), ("-m0=BCJ", "-m1=LZMA2"),
    ("-m0=Delta:4", "-m1=LZMA"),
]  # fmt: skip


@pytest.mark.parametrize("how", SETTINGS, ids=str)
def test_what_7_zip_protects_opens_and_shows_as_plain_text(folder: Path, how: tuple[str, ...]) -> None:
    found = {file.name: file.text for file in by_hand.open_with(made(folder, *HEADERS, *how), PASSWORD)}
    assert found[NAMES[0]] == "Naam: Amal Haddou\ufffd[2J\nTel: 0470 00 00 01\n"
    assert found[NAMES[1]] == "Amal Haddou\nPolderstraat 14 & bus 2"


def test_a_kind_of_file_that_could_be_active_is_only_named(folder: Path) -> None:
    (folder / "brief.pdf").write_bytes(b"%PDF-1.7")
    found = by_hand.open_with(made(folder, *HEADERS, files=("brief.pdf",)), PASSWORD)
    assert [(file.name, file.size, file.text) for file in found] == [("brief.pdf", 8, None)]


def test_what_is_not_protected_is_refused_loudly_without_a_password_being_asked(folder: Path) -> None:
    many = tuple(f"een-naam-die-lang-is-{n}.txt" for n in range(40))
    for name in many:
        (folder / name).write_text(name)
    for files in (NAMES, many):  # of many 7-Zip packs the list, which is in clear all the same
        data = made(folder, files=files)
        assert refusal(data) == R.NOT_ENCRYPTED
        with pytest.raises(Rejected):
            by_hand.look_at(data)


@pytest.mark.parametrize("how", SETTINGS, ids=str)
def test_content_that_is_encrypted_under_names_that_are_not_is_told_apart_and_opens(
    folder: Path, how: tuple[str, ...]
) -> None:
    """What 7-Zip makes when nobody asks it to encrypt the names: nobody on the way could read the content (art. 6)."""
    many = tuple(f"een-naam-die-lang-is-{n}.txt" for n in range(40))
    for name in many:
        (folder / name).write_text(name)
    for files in (NAMES, many):
        data = made(folder, f"-p{PASSWORD}", *how, files=files)
        if how in [("-mx=9", "-ms=off"), ("-m0=copy",)] and files is many:
            assert refusal(data) == R.TOO_MANY_FILES, "each file is a block, and each block may cost a derivation"
            continue
        assert by_hand.look_at(data), "the names can be read"
        assert sorted(file.name for file in by_hand.open_with(data, PASSWORD)) == sorted(files)
        assert refusal(data, "fout") == R.WRONG_PASSWORD
    assert not by_hand.look_at(made(folder, *HEADERS, *how)), "the names cannot"


def test_one_file_that_is_not_encrypted_among_others_makes_the_archive_unprotected(folder: Path) -> None:
    path = folder / "gemengd.7z"
    for options, name in ((("-p" + PASSWORD,), NAMES[0]), ((), NAMES[1])):
        subprocess.run(["7zz", "a", *options, str(path), name], cwd=folder, check=True, capture_output=True)
    assert refusal(path.read_bytes()) == R.NOT_ENCRYPTED


def test_what_is_no_7_zip_archive_or_a_piece_of_one_says_so(folder: Path) -> None:
    whole = made(folder, *HEADERS)
    assert refusal(whole[:-20]) == R.INCOMPLETE_ARCHIVE
    subprocess.run(["7zz", "a", "-tzip", "-mem=AES256", "-pgeheim", "b.zip", *NAMES], cwd=folder, check=True)
    assert refusal((folder / "b.zip").read_bytes()) == R.OTHER_ARCHIVE
    broken = bytearray(whole)
    broken[-1] ^= 1
    assert refusal(bytes(broken)) == R.BAD_ARCHIVE


def test_a_password_opens_however_a_machine_composes_its_accents(folder: Path) -> None:
    password = "zonnige dag bij café Désirée"
    for closed in ("NFC", "NFD"):
        data = made(folder, f"-p{unicodedata.normalize(closed, password)}", "-mhe=on")
        for typed in ("NFC", "NFD"):
            assert len(by_hand.open_with(data, unicodedata.normalize(typed, password))) == 2


def test_folders_many_files_and_any_name_are_taken_as_people_make_them(folder: Path) -> None:
    (folder / "gezin" / "leeg").mkdir(parents=True)
    names = ["gezin/client.txt", "gezin/a:b.txt", "gezin/…\u202egnp.txt", *(f"gezin/{n}.txt" for n in range(30))]
    for name in names:
        (folder / name).write_text("Amal Haddou")
    for options in (HEADERS, (f"-p{PASSWORD}",)):
        found = by_hand.open_with(made(folder, *options, files=("gezin",)), PASSWORD)
        assert sorted(file.name for file in found) == sorted(name.replace("\u202e", "") for name in names)
        assert {file.text for file in found} == {"Amal Haddou"}


def test_a_list_that_is_encrypted_over_content_that_is_not_is_refused(folder: Path) -> None:
    """7-Zip opens it with the password and says that everything is fine."""
    key = archive.ArchiveKey.derive(PASSWORD, b"s" * 16)
    content, name = b"Amal Haddou", "a.txt\0".encode("utf-16-le")
    number = lambda n: b"\xfc" + n.to_bytes(6, "little")  # noqa: E731
    header = (
        b"\x01\x04\x06" + number(0) + b"\x01\x09" + number(len(content)) + b"\x00"
        b"\x07\x0b\x01\x00\x01\x01\x00\x0c" + number(len(content)) + b"\x00"
        b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(content)) + b"\x00\x00"
        b"\x05\x01\x11" + bytes([1 + len(name)]) + b"\x00" + name + b"\x00\x00"
    )  # fmt: skip
    space = -(-len(header) // 16) * 16
    tail = (
        b"\x17\x06" + number(len(content)) + b"\x01\x09" + number(space) + b"\x00\x07\x0b\x01\x00\x01"
        + archive._aes(b"s" * 16, b"v" * 16)
        + b"\x0c" + number(len(header)) + b"\x0a\x01" + struct.pack("<I", zlib.crc32(header)) + b"\x00\x00"
    )  # fmt: skip
    start = struct.pack("<QQI", len(content) + space, len(tail), zlib.crc32(tail))
    front = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start
    data = front + content + archive._encrypt(header.ljust(space, b"\0"), key.derived, b"v" * 16) + tail
    path = folder / "sly.7z"
    path.write_bytes(data)
    asked = f"{PASSWORD}\n".encode()
    assert subprocess.run(["7zz", "t", str(path)], input=asked, capture_output=True).returncode == 0
    assert refusal(data) == R.NOT_ENCRYPTED


def test_our_own_archives_are_opened_too() -> None:
    data = archive.pack(
        archive.Members(b'{"a": 1}', b"%PDF"), archive.ArchiveKey.derive(PASSWORD, b"s" * 16), vectors=b"v" * 32
    )
    assert [file.text for file in by_hand.open_with(data, PASSWORD)] == ['{"a": 1}', None]


def test_a_list_of_files_that_says_it_grows_is_refused_before_it_is_decoded() -> None:
    """The list of files is decoded whole by the library: how long it becomes is read first."""
    key = archive.ArchiveKey.derive("x", b"s" * 16)
    ours = archive.pack(archive.Members(b"1", b"2"), key, vectors=b"v" * 32)
    place = ours.rindex(b"\x0c\xfc") + 2
    grown = bytearray(ours)
    grown[place : place + 6] = (by_hand.LIST_LIMIT + 1).to_bytes(6, "little")
    begin = 32 + struct.unpack("<Q", ours[12:20])[0]
    grown[28:32] = struct.pack("<I", zlib.crc32(grown[begin:]))
    grown[8:12] = struct.pack("<I", zlib.crc32(grown[12:32]))
    with pytest.raises(Rejected) as refused:
        by_hand.look_at(bytes(grown))
    assert refused.value.rejection == R.TOO_LARGE


def test_a_wrong_password_is_a_wrong_password(folder: Path) -> None:
    data = made(folder, *HEADERS)
    assert [refusal(data, password) for password in ("fout", "", "x" * 201)] == [R.WRONG_PASSWORD] * 3


def test_limits_on_number_size_paths_links_and_rounds(folder: Path) -> None:
    (folder / "zeros").write_bytes(bytes(3_000_000))
    (folder / "link").symlink_to("/etc/hostname")
    many = tuple(f"{n}.txt" for n in range(by_hand.MOST_FILES + 1))
    for name in many:
        (folder / name).write_text(name)
    assert refusal(made(folder, *HEADERS, files=("zeros",))) == R.TOO_LARGE
    assert refusal(made(folder, *HEADERS, "-snl", files=("link",))) == R.BAD_ARCHIVE
    assert refusal(made(folder, *HEADERS, files=many)) == R.TOO_MANY_FILES
    assert refusal(bytes(by_hand.LARGEST + 1)) == R.TOO_LARGE
    ours = archive.pack(archive.Members(b"1", b"2"), archive.ArchiveKey.derive("x", b"s" * 16), vectors=b"v" * 32)
    place = ours.rindex(b"\x06\xf1\x07\x01\x22") + 5
    for cycles in (21, 30, 0x3F):  # 2^30 rounds would take minutes; 0x3F makes the password itself the key
        costly = bytearray(ours)
        costly[place] = 0xC0 | cycles
        costly[28:32] = struct.pack("<I", zlib.crc32(costly[-80:]))
        costly[8:12] = struct.pack("<I", zlib.crc32(costly[12:32]))
        began = time.monotonic()
        assert refusal(bytes(costly)) == R.BAD_ARCHIVE
        assert time.monotonic() - began < 0.1


@settings(max_examples=examples(300))
@given(st.binary(max_size=300), st.booleans())
def test_whatever_bytes_come_there_is_an_answer_at_once(rest: bytes, looks_right: bool) -> None:
    if looks_right:  # a valid front with a hostile tail behind it
        start = struct.pack("<QQI", 0, len(rest), zlib.crc32(rest))
        rest = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + rest
    try:
        by_hand.look_at(rest)
    except Rejected as refused:
        named = (R.BAD_ARCHIVE, R.NOT_ENCRYPTED, R.INCOMPLETE_ARCHIVE, R.OTHER_ARCHIVE, R.TOO_LARGE, R.UNUSUAL_METHOD)
        assert refused.rejection in named


def test_what_a_decoder_here_would_unpack_without_limit_is_refused(folder: Path) -> None:
    """Deflate makes a thousand bytes of one, whatever the list says; of other methods it is not known."""
    (folder / "klein.txt").write_bytes(bytes(100_000))
    assert by_hand.open_with(made(folder, *HEADERS, "-m0=Deflate", files=("klein.txt",)), PASSWORD)[0].size == 100_000
    (folder / "ruis.txt").write_bytes(os.urandom(by_hand.DEFLATED_LIMIT))
    assert refusal(made(folder, *HEADERS, "-m0=Deflate", files=("ruis.txt",))) == R.TOO_LARGE
    assert by_hand.open_with(made(folder, *HEADERS, "-m0=LZMA2", files=("ruis.txt",)), PASSWORD)
    assert refusal(made(folder, *HEADERS, "-m0=Deflate64", files=("klein.txt",))) == R.UNUSUAL_METHOD


def test_an_archive_that_lies_about_how_much_it_holds_costs_no_more_memory_than_one_that_does_not() -> None:
    key = archive.ArchiveKey.derive(PASSWORD, b"s" * 16)
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = b"".join(deflater.compress(bytes(1_000_000)) for _ in range(400)) + deflater.flush()
    assert by_hand.DEFLATED_LIMIT < len(stream) < by_hand.LARGEST, "400 MB, and the list says a thousand bytes"
    capacity = -(-len(stream) // 16) * 16
    header = archive._header(archive._Listing(len(stream), 1000, 500, (0, 0)), capacity, key.salt, b"c" * 16)
    tail = archive._tail(capacity, key.salt, b"h" * 16, zlib.crc32(header))
    content = archive._encrypt(stream.ljust(capacity, b"\0"), key.derived, b"c" * 16)
    data = (
        archive._signature(capacity, tail)
        + content
        + archive._encrypt(archive._padded(header), key.derived, b"h" * 16)
        + tail
    )
    tracemalloc.start()
    try:
        assert refusal(data) == R.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
