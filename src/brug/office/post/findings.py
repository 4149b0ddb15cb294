"""What a mail brings, by the bytes of its parts and never by their names alone (art. 6).

A manifest, archives, or what cannot be opened here and a person should know of.

Nothing is unpacked but wrappers that other mail programs put round an attachment: a signed S/MIME mail (asn1crypto), a
winmail.dat, a zip without a password. What is wrapped is looked at as if it stood in the mail, and proves as little.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from brug.core.parcel import Rejection, by_hand, manifest
from brug.core.parcel.keys import decode
from brug.office.post import parts
from brug.office.post.mailboxes import ARCHIVE
from brug.office.post.parts import Part, Unreadable

SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
OUR_NAME = re.compile(r"zending-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(7z|jws)", re.ASCII | re.IGNORECASE)
WRAPPED = 3  # wrappers inside wrappers
MOST_MEMBERS = 20  # of a zip

_IN_BASE64 = b"N3q8ryc"  # how each 7-Zip archive begins
_NAMED = re.compile(r"\.7[z_-](?:\W|_|$)", re.IGNORECASE)  # .7z, .7z.txt, .7_, .7z.001
_JWS = re.compile(rb"(?<![\w.-])[\w-]{60,200}\.[\w-]{200,%d}\.[\w-]{86}(?![\w.-])" % manifest.MANIFEST_LIMIT)
_SEALED_MAIL = {"application/pgp-encrypted", "multipart/encrypted", "application/x-microsoft-rpmsg-message"}
_RAR = b"Rar!\x1a\x07"
_LOCKED_DOCUMENT = "EncryptedPackage".encode("utf-16-le")  # in a Word or Excel file with a password
_LATER_VOLUME = re.compile(r"\.(?:7z|zip)\.(?!001)\d{3}$", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """Manifests and archives, each once, an archive with the name of its file; and why what else is there is refused.

    `archives` begin as a 7-Zip archive, or are named as one of ours.
    """

    manifests: list[bytes] = field(default_factory=list, repr=False)
    archives: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    refused: list[Rejection] = field(default_factory=list)

    def add(self, part: Part, wrapped: int = 0) -> None:
        """Look at one part. Whatever stands in it, nothing is raised but `Unreadable`."""
        ours = OUR_NAME.fullmatch(part.name)
        is_archive = part.content.startswith(SEVEN_ZIP)
        if not is_archive and (signed := _manifest(part, named=bool(ours) and part.name.lower().endswith("jws"))):
            self.manifests += [signed] if signed not in self.manifests else []
        elif is_archive or (ours and part.content):
            if part.content not in [archive for _, archive in self.archives]:
                self.archives.append((part.name, part.content))
        elif (inner := _unwrapped(part)) is not None and wrapped < WRAPPED:
            try:
                for each in inner:
                    self.add(each, wrapped + 1)
            except Refused as refused:
                self.refuse(refused.rejection)
        elif rejection := _seems(part):
            self.refuse(rejection)

    def refuse(self, rejection: Rejection) -> None:
        self.refused += [rejection] if rejection not in self.refused else []


class Refused(Exception):
    """What is in a wrapper cannot be looked at."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection


def look_into(raw: bytes) -> Found:
    """What a mail brings. Raises nothing, whatever the mail holds."""
    found = Found()
    try:
        for part in parts.read(raw):
            found.add(part)
    except Unreadable:
        found = Found(refused=[Rejection.UNREADABLE_MAIL] if may_bring_an_archive(raw) else [])
    if not (found.manifests or found.archives or found.refused) and _IN_BASE64 in raw:
        found.refused.append(Rejection.BAD_ARCHIVE)  # in the text itself, or in a part whose header was lost
    return found


def may_bring_an_archive(raw: bytes) -> bool:
    """Whether somewhere in these bytes an archive begins, or is named, however they are put together."""
    return bool(ARCHIVE.search(raw) or OUR_NAME.search(raw.decode("latin-1")))


def _manifest(part: Part, *, named: bool) -> bytes | None:
    """The compact JWS of a manifest in a text, without what mail systems put before, behind and between; else None.

    `named`: it says that it is one; then all of it counts, whatever it is.
    """
    content = part.content
    if len(content) > 2 * manifest.MANIFEST_LIMIT:
        return content if named else None
    joined = content.translate(None, b" \t\r\n\0").removeprefix(b"\xef\xbb\xbf")
    for match in (_JWS.fullmatch(joined), *_JWS.finditer(content)):
        if match and _says_manifest(match[0]):
            return match[0]
    return content.strip() if named else None


def _says_manifest(jws: bytes) -> bool:
    try:
        return b'"brug-parcel+jws"' in decode(jws.partition(b".")[0].decode("ascii"))
    except ValueError:
        return False


def _seems(part: Part) -> Rejection | None:
    """What a part that is no archive of ours seems to be, when a person should know of it."""
    content, name = part.content, part.name
    if part.kind in _SEALED_MAIL or name.lower().endswith(".rpmsg") or b"-----BEGIN PGP MESSAGE" in content[:200]:
        return Rejection.ENCRYPTED_MAIL
    locked = content.startswith(_RAR) or _LOCKED_DOCUMENT in content
    if locked or SEVEN_ZIP in content:  # a program that unpacks itself, an Outlook file
        return Rejection.OTHER_ARCHIVE
    if _LATER_VOLUME.search(name):
        return Rejection.INCOMPLETE_ARCHIVE
    is_named = _NAMED.search(name) or part.kind in ("application/x-7z-compressed", "application/x-7z")
    return Rejection.BAD_ARCHIVE if is_named or _IN_BASE64 in content else None


def _unwrapped(part: Part) -> Iterator[Part] | None:
    """What is wrapped in a part, if it is a wrapper. Its reading may raise `Refused`, `Unreadable`."""
    content = part.content
    if content.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if content.startswith(b"\x78\x9f\x3e\x22"):
        return _in_tnef(content)
    if part.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") or part.name.lower().endswith(".p7m"):
        return _in_smime(content)
    return None


def _in_zip(content: bytes) -> Iterator[Part]:
    """Archives in a zip, and no other members. A zip with a password is none of ours, whatever is in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise Refused(Rejection.OTHER_ARCHIVE)
            for member in members[:MOST_MEMBERS]:
                plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
                if plain and 0 < member.file_size <= by_hand.LARGEST:  # it reads no more than it says
                    inner = package.read(member)
                    if inner.startswith(SEVEN_ZIP):
                        yield Part("application/octet-stream", member.filename, b"", inner)
                elif _NAMED.search(member.filename):
                    raise Refused(Rejection.TOO_LARGE if plain else Rejection.OTHER_ARCHIVE)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error, ValueError):
        if SEVEN_ZIP in content:
            raise Refused(Rejection.OTHER_ARCHIVE) from None


_TNEF_TITLE, _TNEF_DATA = 0x00018010, 0x0006800F  # attAttachTitle, attAttachData of [MS-OXTNEF] §2.1.3.3


def _in_tnef(content: bytes) -> Iterator[Part]:
    """The attachments in a winmail.dat: level, tag, length, value, checksum, one behind the other."""
    at, title, seen = 6, "", False
    while at + 9 <= len(content):
        tag, length = struct.unpack_from("<II", content, at + 1)
        value = content[at + 9 : at + 9 + length]
        at += 9 + length + 2
        if tag == _TNEF_TITLE:
            title = value.split(b"\0", 1)[0].decode("cp1252", "replace")
        elif tag == _TNEF_DATA:
            seen = True
            yield Part("application/octet-stream", title, b"", value)
    if not seen and SEVEN_ZIP in content:
        raise Refused(Rejection.OTHER_ARCHIVE)


def _in_smime(content: bytes) -> Iterator[Part]:
    """The mail in an opaque signed one (RFC 8551 §3.5.2). Its signature is not looked at: it proves nothing here."""
    from asn1crypto import cms  # large, and seldom needed

    try:
        info = cms.ContentInfo.load(content)
        signed = info["content_type"].native == "signed_data"
        inner = info["content"]["encap_content_info"]["content"].native if signed else None
    except Exception:  # hostile bytes may raise anything inside the library
        inner = None
    if not isinstance(inner, bytes):
        raise Refused(Rejection.ENCRYPTED_MAIL)
    yield from parts.read(inner)
