"""A parcel as an e-mail, and back: a neutral subject, a neutral text, two attachments (art. 6).

Mail is written with the compat32 policy: of fixed ASCII headers the modern one makes the same, three times slower. It
is read by `parts.py` and `findings.py`: by content, since mail systems change names, types and encodings.
"""

from __future__ import annotations

import contextlib
import email.policy
from base64 import encodebytes
from dataclasses import dataclass
from email.header import Header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, make_msgid, parseaddr
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from brug.core.calendar import BRUSSELS
from brug.core.parcel import Rejected, Rejection, manifest
from brug.office.post import findings, parts
from brug.office.post.findings import Found
from brug.office.post.mailboxes import LARGEST_MAIL
from brug.office.post.reports import undelivered as undelivered

if TYPE_CHECKING:
    from brug.office.post.models import Outgoing

LONGEST_CLAIM = 120  # characters of a header that are shown
SUBJECT = "Beveiligde zending"
TEXT = """\
Dit is een beveiligde zending tussen twee besturen.
Ze wordt automatisch verwerkt. U hoeft niets te doen.
"""
TEXT_BY_PHONE = """\
Dit is een beveiligde zending tussen twee besturen.
U wordt opgebeld. Bewaar de bijlage die op .7z eindigt en open ze met 7-Zip, met de woorden die u telefonisch krijgt.
Typ die woorden nergens anders: ook niet op een pagina waar uw mail wordt tegengehouden.
"""
_CRLF = email.policy.compat32.clone(linesep="\r\n")


def compose(parcel: Outgoing, *, sender: str) -> Message:
    """The mail that carries `parcel`: nothing in it says who, why or what."""
    mail = MIMEMultipart(boundary=parcel.parcel_id.hex, policy=_CRLF)  # no line of what is inside begins with "--"
    mail["From"], mail["To"], mail["Subject"] = sender, parcel.mailbox, SUBJECT
    mail["Date"] = format_datetime(parcel.queued_at.astimezone(BRUSSELS))
    mail["Message-ID"] = make_msgid(idstring=str(parcel.parcel_id), domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.attach(MIMEText(TEXT_BY_PHONE if parcel.by_phone else TEXT, policy=_CRLF))
    for name, content, kind in (
        (f"zending-{parcel.parcel_id}.7z", bytes(parcel.archive), "x-7z-compressed"),
        (f"zending-{parcel.parcel_id}.jws", parcel.manifest.encode(), "jose"),
    ):
        part = MIMEApplication(content, kind, policy=_CRLF)
        part.add_header("Content-Disposition", "attachment", filename=name)
        mail.attach(part)
    return mail


def is_parcel(raw: bytes) -> bool:
    """Whether a mail looks like a parcel that a node opens: what people write to the same mailbox stays untouched.

    So does what is sent onward, by its own word: a person opens it (art. 4). An answer that a machine gave for somebody
    (out of office, RFC 3834) and a report are none, whatever they quote.
    """
    return not is_automatic(raw) and brings_parcel(findings.look_into(raw))


def brings_parcel(found: Found) -> bool:
    """A manifest for a node, or an archive that is named as one of ours and lost its manifest on the way."""
    if found.manifests:
        return not any(_is_for_people(signed) for signed in found.manifests)
    return any(findings.OUR_NAME.fullmatch(name) for name, _ in found.archives)


def _is_for_people(jws: bytes) -> bool:
    """Whether this manifest, of which nothing is proven, says that a person opens the archive with phoned words."""
    try:
        return len(jws) <= manifest.MANIFEST_LIMIT and manifest.read(jws).manifest.kind == "onward"
    except Rejected:
        return False


def is_automatic(raw: bytes) -> bool:
    """Whether a machine wrote this mail for somebody: an answer (RFC 3834) or a report."""
    head = parts.head_of(raw)
    answered = parts.text_of(head, "auto-submitted").lower().startswith("auto-replied")
    return answered or parts.text_of(head, "content-type").lower().startswith("multipart/report")


def names_archive(raw: bytes) -> bool:
    """Whether the beginning of a mail that is too large to be read says that it brings an archive, or a parcel."""
    return not is_automatic(raw) and findings.may_bring_an_archive(raw)


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom a mail says it is from and of when: printable text, cut off, proven by nothing. Not its subject, which may
    name a family."""

    sender: str
    sent: str

    def in_words(self) -> list[list[str]]:
        """As they are kept with an archive: the names of the headers, and what they say."""
        return [[name, text] for name, text in (("From", self.sender), ("Date", self.sent)) if text]

    @property
    def address(self) -> str:
        """The address of the sender, in small letters; what stands there when it is none."""
        return (parseaddr(self.sender)[1] or self.sender).lower()


def claims(raw: bytes) -> Claims:
    head = parts.head_of(raw)
    said = (parts.text_of(head, name) for name in ("from", "date"))
    return Claims(*("".join(c if c.isprintable() else "\ufffd" for c in text)[:LONGEST_CLAIM] for text in said))


def made_by_hand(raw: bytes) -> Found:
    """The archives in a mail that carries no manifest: a person made them; and why what else is there is refused."""
    if len(raw) > LARGEST_MAIL or is_automatic(raw):
        return Found()
    found = findings.look_into(raw)
    return Found() if found.manifests or brings_parcel(found) else found


def from_whom(raw: bytes) -> bytes:
    """The headers that say who a mail is from and of when, and nothing else of it."""
    said = claims(raw).in_words()
    lines = (f"{name}: {text if text.isascii() else Header(text, 'utf-8', 10_000).encode()}\r\n" for name, text in said)
    return "".join(lines).encode("ascii")


def only_archive(raw: bytes, name: str, archive: bytes) -> bytes:
    """A mail that `made_by_hand` read, again, without a word of what its sender wrote beside this archive."""
    told = f"attachment; filename*=utf-8''{quote(name[-LONGEST_CLAIM:], safe='', errors='replace')}"
    head = f"Content-Type: application/x-7z-compressed\r\nContent-Disposition: {told}\r\n"
    return from_whom(raw) + f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(archive)


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The manifest and the archive in a mail, found by their content. Raises `Rejected`.

    Of several archives the one that the manifest names by its hash; else the checks say what is wrong with the first.
    """
    if len(raw) > LARGEST_MAIL:
        raise Rejected(Rejection.TOO_LARGE)
    found = findings.look_into(raw)
    if len(found.manifests) != 1 or not found.archives:
        raise Rejected(Rejection.NOT_A_PARCEL)
    return found.manifests[0], _named(found.manifests[0], [archive for _, archive in found.archives])


def _named(jws: bytes, archives: list[bytes]) -> bytes:
    if len(archives) > 1:
        with contextlib.suppress(Rejected):
            known = manifest.read(jws).manifest.archive.sha256
            return next((archive for archive in archives if sha256(archive).hexdigest() == known), archives[0])
    return archives[0]
