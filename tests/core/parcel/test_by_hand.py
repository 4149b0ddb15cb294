"""Archives of plain 7-Zip: what is not really protected, or costs too much, is refused before it is opened (art. 6)."""

from __future__ import annotations

import io
import lzma
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
    data = sly(b"\x01\x00")  # Copy
    path = folder / "sly.7z"
    path.write_bytes(data)
    asked = f"{PASSWORD}\n".encode()
    assert subprocess.run(["7zz", "t", str(path)], input=asked, capture_output=True).returncode == 0
    assert refusal(data) == R.NOT_ENCRYPTED
    assert refusal(sly(b"\x04" + AES)) == R.NOT_ENCRYPTED, "encrypted in name, without a salt or rounds"


def sly(coder: bytes) -> bytes:
    """An archive whose list is encrypted, over content in clear that went through one `coder`."""
    key = archive.ArchiveKey.derive(PASSWORD, b"s" * 16)
    content, name = b"Amal Haddou", "a.txt\0".encode("utf-16-le")
    header = (
        b"\x01\x04\x06" + number(0, 6) + b"\x01\x09" + number(len(content), 6) + b"\x00"
        b"\x07\x0b\x01\x00\x01" + coder + b"\x0c" + number(len(content), 6) + b"\x00"
        b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(content)) + b"\x00\x00"
        b"\x05\x01\x11" + bytes([1 + len(name)]) + b"\x00" + name + b"\x00\x00"
    )  # fmt: skip
    space = -(-len(header) // 16) * 16
    tail = (
        b"\x17\x06" + number(len(content), 6) + b"\x01\x09" + number(space, 6) + b"\x00\x07\x0b\x01\x00\x01"
        + archive._aes(b"s" * 16, b"v" * 16)
        + b"\x0c" + number(len(header), 6) + b"\x0a\x01" + struct.pack("<I", zlib.crc32(header)) + b"\x00\x00"
    )  # fmt: skip
    start = struct.pack("<QQI", len(content) + space, len(tail), zlib.crc32(tail))
    front = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start
    return front + content + archive._encrypt(header.ljust(space, b"\0"), key.derived, b"v" * 16) + tail


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


def test_what_a_fitting_password_opens_and_is_broken_is_a_broken_archive(folder: Path) -> None:
    """Under names that can be read nothing tells it from a wrong password."""
    for options, said in ((HEADERS, R.BAD_ARCHIVE), (HEADERS[:1], R.WRONG_PASSWORD)):
        broken = bytearray(made(folder, *options))
        broken[40] ^= 1
        assert refusal(bytes(broken)) == said


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
    for options in (HEADERS, HEADERS[:1]):
        assert refusal(made(folder, *options, "-snl", files=("link",))) == R.BAD_ARCHIVE
    link = made(folder, *HEADERS[:1], "-snl", "-mhc=off", files=("link",))
    end = 32 + struct.unpack("<Q", link[12:20])[0]
    socket = link[end:].replace(b"\xff\xa1", b"\xff\xc1")  # its type in Unix
    assert refusal(closed(socket, link[32:end])) == R.BAD_ARCHIVE
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


def number(value: int, width: int = 0) -> bytes:
    """A NUMBER of 7zFormat.txt with `width` bytes behind the first (0 to 8)."""
    low, high = value.to_bytes(9, "little")[:width], value >> (8 * width)
    return bytes([(0xFF00 >> width & 0xFF) | high]) + low


def closed(header: bytes, before: bytes = b"") -> bytes:
    """An archive that ends in `header`."""
    start = struct.pack("<QQI", len(before), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + before + header


def coder(method: bytes, properties: bytes = b"", streams: bytes = b"", flags: int = 0) -> bytes:
    """One coder of a folder; `streams`: two numbers, of a coder that takes or gives more than one."""
    kind = flags | len(method) | (0x10 if streams else 0) | (0x20 if properties else 0)
    return bytes([kind]) + method + streams + (number(len(properties)) + properties if properties else b"")


LZMA, AES = b"\x03\x01\x01", b"\x06\xf1\x07\x01"
SEALED = coder(AES, b"\x13\x00")  # 2^19 rounds
ALONE = number(1) + SEALED
PACKED = number(2) + SEALED + coder(LZMA, b"\x5d\0\0\1\0") + b"\x01\x00"
PLACE = b"\x06" + number(0) + number(1) + b"\x09" + number(5) + b"\x00"


def listed(*folders: bytes, place: bytes = PLACE, front: bytes = b"\x01\x04", count: int | None = None) -> bytes:
    """A list of content that can be read, as far as it is looked at."""
    many = number(len(folders)) if count is None else number(count, 6)
    return front + place + b"\x07\x0b" + many + b"\x00" + b"".join(folders)


def answer(data: bytes) -> bool | Rejection:
    try:
        return by_hand.look_at(data)
    except Rejected as refused:
        return refused.rejection


BRANCHED = number(2) + SEALED + coder(LZMA, b"\x5d", streams=b"\x02\x01") + bytes(4)  # which feed which: two, and two


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (listed(ALONE), True),
        (listed(PACKED, PACKED), True),
        (listed(BRANCHED, ALONE), True),
        (listed(*[ALONE] * 8), True),
        (listed(*[ALONE] * 9), R.TOO_MANY_FILES),
        (listed(number(1) + coder(LZMA, b"\x5d")), R.NOT_ENCRYPTED),
        (listed(ALONE, number(1) + coder(LZMA, b"\x5d")), R.NOT_ENCRYPTED),
        (listed(number(1) + coder(AES)), R.NOT_ENCRYPTED),
        (listed(number(1) + coder(AES, b"\xd4\x00")), True),
        (listed(number(1) + coder(AES, b"\x15\x00")), R.BAD_ARCHIVE),
        (listed(number(2) + SEALED * 2 + b"\x01\x00"), R.BAD_ARCHIVE),
        (listed(number(2) + SEALED + coder(b"\x04\x01\x09") + b"\x01\x00"), R.UNUSUAL_METHOD),
        (listed(number(8) + SEALED + coder(b"\x00") * 7 + bytes(14)), True),
        (listed(number(9) + SEALED + coder(b"\x00") * 8 + bytes(16)), R.BAD_ARCHIVE),
        (listed(number(2) + SEALED + coder(b"\x00", streams=number(15) + number(1)) + bytes(17)), True),
        (listed(number(2) + SEALED + coder(b"\x00", streams=number(16) + number(1)) + bytes(18)), R.BAD_ARCHIVE),
        (listed(number(2) + SEALED + coder(b"\x00", streams=number(15) + number(15)) + bytes(30), ALONE), True),
        (listed(number(2) + SEALED + coder(b"\x00", streams=number(1) + number(16)) + bytes(40)), R.BAD_ARCHIVE),
        (listed(number(1) + coder(AES, b"\x13\x00", flags=0x80)), R.BAD_ARCHIVE),
        (listed(), R.BAD_ARCHIVE),
        (listed(ALONE, count=200), R.BAD_ARCHIVE),
        (listed(ALONE, front=b"\x02\x04"), R.BAD_ARCHIVE),
        (listed(ALONE, front=b"\x01\x05"), R.BAD_ARCHIVE),
        (listed(ALONE, front=b"\x01\x04\x01"), R.BAD_ARCHIVE),
        (listed(ALONE).replace(b"\x07\x0b", b"\x08\x0b"), R.BAD_ARCHIVE),
        (listed(ALONE).replace(b"\x07\x0b", b"\x07\x0c"), R.BAD_ARCHIVE),
        (listed(ALONE).replace(b"\x07\x0b\x01\x00", b"\x07\x0b\x01\x01"), R.BAD_ARCHIVE),
        (listed(ALONE, place=b"\x06\x00\x03\x09\x01\x02\x03\x0a\x01" + bytes(12) + b"\x00"), True),
        (listed(ALONE, place=b"\x06\x00\x03\x09\x01\x02\x03\x0a\x00\x00"), R.BAD_ARCHIVE),
        (listed(ALONE, place=b"\x06\x00\x03\x0b\x00"), R.BAD_ARCHIVE),
        (listed(ALONE, place=b"\x06\x00" + number(2**40, 6) + b"\x00"), R.BAD_ARCHIVE),
        (listed(ALONE, place=b"\x06\x00\x00\x00"), True),
        (listed(ALONE, place=b"\x06\x00\x01\x0b\x01" + bytes(5)), R.BAD_ARCHIVE),
        (listed(ALONE, place=b"\x06\x00\x01\x0a" + bytes(5)), R.BAD_ARCHIVE),
        (listed(ALONE, count=2**40), R.BAD_ARCHIVE),
    ],
    ids=range(35),
)
def test_a_list_that_can_be_read_says_whether_its_content_is_encrypted_within_the_limits(
    header: bytes, said: bool | Rejection
) -> None:
    assert answer(closed(header)) is said


def test_a_list_of_which_a_piece_is_missing_is_refused_wherever_it_ends() -> None:
    for whole in (listed(ALONE), listed(PACKED, ALONE), listed(BRANCHED), encoded(SEALED)):
        assert all(answer(closed(whole[:end])) is R.BAD_ARCHIVE for end in range(len(whole)))


@pytest.mark.parametrize("width", range(9))
def test_a_number_of_any_width_is_read(width: int) -> None:
    value = min(0x1234_5678_9ABC_DEF0 >> 8 * (8 - width) or 5, 2**63)
    reader = by_hand._Reader(number(value, width) + b"\x07")
    assert (reader.number(), reader.byte()) == (value, 7)


def encoded(
    *coders: bytes,
    at: int = 0,
    sizes: tuple[int, ...] = (5,),
    gives: tuple[int, ...] = (9,),
    frame: bytes = b"\x01\x00",
) -> bytes:
    """What stands in the place of a list that went through `coders`; `gives`: how long each says it makes it."""
    place = b"\x06" + number(at) + number(len(sizes)) + b"\x09" + b"".join(number(size, 4) for size in sizes) + b"\x00"
    folder = number(len(coders)) + b"".join(coders) + b"\x01\x00" * (len(coders) - 1)
    return b"\x17" + place + b"\x07\x0b" + frame + folder + b"\x0c" + b"".join(number(each, 4) for each in gives)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (encoded(SEALED), False),
        (encoded(SEALED, gives=(by_hand.LIST_LIMIT,)), False),
        (encoded(SEALED, gives=(by_hand.LIST_LIMIT + 1,)), R.TOO_LARGE),
        (encoded(SEALED, coder(LZMA, b"\x5d"), gives=(9, by_hand.LIST_LIMIT + 1)), R.TOO_LARGE),
        (encoded(SEALED, coder(LZMA, b"\x5d"), gives=(by_hand.LIST_LIMIT + 1, 9)), R.TOO_LARGE),
        (encoded(SEALED, coder(LZMA, b"\x5d"), gives=(9, 9)), False),
        (encoded(SEALED, coder(b"\x21", b"\x18"), gives=(9, 9), sizes=(5,) * 8), False),
        (encoded(SEALED, sizes=(5,) * 9), R.BAD_ARCHIVE),
        (encoded(SEALED, *[coder(b"\x00")] * 3, gives=(9,) * 4), False),
        (encoded(SEALED, *[coder(b"\x00")] * 4, gives=(9,) * 5), R.BAD_ARCHIVE),
        (encoded(SEALED, coder(b"\x03\x04\x01"), gives=(9, 9)), R.UNUSUAL_METHOD),
        (encoded(coder(AES, b"\x15\x00")), R.BAD_ARCHIVE),
        (encoded(coder(AES, b"\x13\x00", flags=0x40)), R.BAD_ARCHIVE),
        (encoded(coder(AES, b"\x13\x00", flags=0x80)), R.BAD_ARCHIVE),
        (encoded(coder(AES, b"\x13\x00", streams=b"\x01\x01")), R.BAD_ARCHIVE),
        (encoded(coder(b"\x00")), R.BAD_ARCHIVE),
        (encoded(coder(LZMA, b"\x5d"), coder(LZMA, b"\x5d"), gives=(9, 9)), R.BAD_ARCHIVE),
        (encoded(SEALED, frame=b"\x02\x00"), R.BAD_ARCHIVE),
        (encoded(SEALED, frame=b"\x01\x01"), R.BAD_ARCHIVE),
        (encoded(SEALED).replace(b"\x07\x0b", b"\x07\x0c"), R.BAD_ARCHIVE),
        (encoded(SEALED)[:-6] + b"\x0d" + number(9, 4), R.BAD_ARCHIVE),
        (encoded(coder(AES)), R.NOT_ENCRYPTED),
    ],
    ids=range(22),
)
def test_a_list_that_is_encrypted_itself_is_only_decoded_within_the_limits(
    header: bytes, said: bool | Rejection
) -> None:
    assert answer(closed(header)) is said


PLAIN = listed(PACKED)


@pytest.mark.parametrize(("lc", "lp", "pb"), [(3, 0, 2), (0, 2, 1), (1, 1, 4), (0, 0, 0), (0, 0, 4)])
def test_a_packed_list_is_unpacked_with_the_settings_that_it_names(lc: int, lp: int, pb: int) -> None:
    how = {"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": lc, "lp": lp, "pb": pb}
    packed = lzma.compress(PLAIN, lzma.FORMAT_RAW, filters=[how])
    named = coder(LZMA, bytes([(pb * 5 + lp) * 9 + lc]) + struct.pack("<I", 4096))
    for before in (b"", b"content that stands before it"):
        header = encoded(named, at=len(before), sizes=(len(packed),), gives=(len(PLAIN),))
        assert answer(closed(header, before + packed)) is True
        assert answer(closed(header, before + bytes(len(packed)))) is R.BAD_ARCHIVE
    short = encoded(named, sizes=(len(packed),), gives=(len(PLAIN) - 4,))
    assert answer(closed(short, packed)) is R.BAD_ARCHIVE, "no more is unpacked than was said"
    assert answer(closed(encoded(coder(LZMA), sizes=(len(packed),)), packed)) is R.BAD_ARCHIVE
    sizes, gives = (len(packed),), (len(PLAIN),)
    for others in ([coder(b"\x00", named[5:])], [named, coder(b"\x00")], [named, named]):
        another = encoded(*others, sizes=sizes, gives=gives * len(others))
        assert answer(closed(another, packed)) is R.BAD_ARCHIVE, "by one method, and by one of these two"


def test_a_list_that_is_packed_by_lzma2_or_packed_twice() -> None:
    for inside, said in ((PLAIN, True), (encoded(SEALED), R.BAD_ARCHIVE)):
        packed = lzma.compress(inside, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2}])
        for missing, then in ((0, said), (2, R.BAD_ARCHIVE)):  # its last byte, and the one that says that it ends
            sizes = (len(packed) - missing, missing or 7)
            header = encoded(coder(b"\x21", b"\x18"), sizes=sizes, gives=(len(inside),))
            assert answer(closed(header, packed)) is then, "what stands behind it is no part of it"


def test_where_a_7_zip_archive_ends_its_first_bytes_say_and_each_is_looked_at() -> None:
    whole = closed(PLAIN, b"12345")
    assert answer(whole) is True and answer(whole + b"more") is True, "what follows is nobody's"
    assert answer(whole[:-1]) is R.INCOMPLETE_ARCHIVE
    for place in (0, 5, 9, 12, 27, 30, 31, 40):  # sign, two checksums, where it stands, and the list
        broken = bytearray(whole)
        broken[place] ^= 0x40
        assert answer(bytes(broken)) is R.BAD_ARCHIVE
    assert answer(whole[:32]) is R.INCOMPLETE_ARCHIVE, "all that says where it ends"
    assert answer(closed(b"")) is answer(whole[:31]) is answer(b"") is R.BAD_ARCHIVE
    assert answer(b"Rar!\x1a\x07\x00") is answer(b"PK") is R.OTHER_ARCHIVE
    assert answer(bytes(by_hand.LARGEST)) is R.BAD_ARCHIVE and answer(bytes(by_hand.LARGEST + 1)) is R.TOO_LARGE


def test_an_archive_with_nothing_in_it_is_broken(folder: Path) -> None:
    (folder / "leeg").mkdir()
    assert refusal(made(folder, *HEADERS, files=("leeg",))) == R.BAD_ARCHIVE, "a name, and no content"
    content = listed(ALONE, place=b"\x06\x00\x01\x09\x10\x00") + b"\x0c\x0a\x00\x00\x00"
    assert refusal(closed(content, bytes(16))) == R.BAD_ARCHIVE, "content, and no name"


def test_as_much_as_the_limits_say_is_taken(folder: Path) -> None:
    many = tuple(f"{n}.txt" for n in range(by_hand.MOST_FILES))
    for name in many:
        (folder / name).write_text(name)
    assert len(by_hand.open_with(made(folder, *HEADERS, files=many), PASSWORD)) == 60
    blocks = (*HEADERS, "-ms=off")
    assert len(by_hand.open_with(made(folder, *blocks, files=many[:8]), PASSWORD)) == 8
    assert refusal(made(folder, *blocks, files=many[:9])) == R.TOO_MANY_FILES
    (folder / "zeros").write_bytes(bytes(by_hand.UNPACKED_LIMIT))
    for how in ((), ("-m0=BCJ", "-m1=LZMA2")):  # by two coders: the size that counts is what the last of them gives
        [zeros] = by_hand.open_with(made(folder, *HEADERS, *how, files=("zeros",)), PASSWORD)
        assert (zeros.name, zeros.size, zeros.text) == ("zeros", 1_000_000, None)
    longest = "w" * archive.PASSWORD_LIMIT
    assert by_hand.open_with(made(folder, f"-p{longest}", "-mhe=on"), longest)


def test_the_text_of_a_pdf_is_shown_wherever_its_sign_begins_in_the_first_kilobyte(folder: Path) -> None:
    texts = {"a.txt": b" \n%PDF-1.7 one", "b.txt": b" " * 1019 + b"%PDF-", "c.txt": b" " * 1020 + b"%PDF-"}
    for name, content in texts.items():
        (folder / name).write_bytes(content)
    found = by_hand.open_with(
        made(folder, *HEADERS, files=tuple(texts)), PASSWORD, pdf=lambda content: f"{len(content)}\x1b"
    )
    assert [file.text for file in found] == ["14\ufffd", "1024\ufffd", " " * 1020 + "%PDF-"]


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
    (folder / "ruis.txt").write_bytes(os.urandom(by_hand.DEFLATED_LIMIT - 36))  # encrypted: as much as the limit
    assert by_hand.open_with(made(folder, *HEADERS, "-m0=Deflate", files=("ruis.txt",)), PASSWORD)
    (folder / "ruis.txt").write_bytes(os.urandom(by_hand.DEFLATED_LIMIT))
    assert refusal(made(folder, *HEADERS, "-m0=Deflate", files=("ruis.txt",))) == R.TOO_LARGE
    assert by_hand.open_with(made(folder, *HEADERS, "-m0=LZMA2", files=("ruis.txt",)), PASSWORD)
    assert refusal(made(folder, *HEADERS, "-m0=Deflate64", files=("klein.txt",))) == R.UNUSUAL_METHOD


def test_what_is_unpacked_is_kept_whole_and_refused_over_the_limit_in_however_many_pieces_it_comes() -> None:
    kept = by_hand._Limited().create("0")
    assert (kept.write(b"a"), kept.write(bytes(999_998)), kept.write(b"z")) == (1, 999_998, 1)
    for piece in (b"x", bytes(1_000_000)):
        with pytest.raises(Rejected) as refused:
            kept.write(piece)
        assert refused.value.rejection == R.TOO_LARGE
    assert (kept.size(), kept.seek(0), kept.read(2), kept.read()[-2:]) == (1_000_000, 0, b"a\0", b"\0z")


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
