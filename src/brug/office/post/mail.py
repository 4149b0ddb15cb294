"""A parcel as an e-mail, and back: a neutral subject, a neutral text, two attachments (art. 6).

Mail is read with the compat32 policy: the modern one raises on one hostile mail in fifty. It is written with it too:
of fixed ASCII headers the modern one makes the same, three times slower.
"""

from __future__ import annotations

import email
import email.policy
import re
from base64 import encodebytes
from email.header import decode_header, make_header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from brug.core.calendar import BRUSSELS
from brug.core.parcel import Rejected, Rejection, manifest
from brug.office.post.mailboxes import LARGEST_MAIL

if TYPE_CHECKING:
    from brug.office.post.models import Outgoing

LARGEST_PARTS = 20  # parts of one mail that are looked at
LARGEST_FIELD = 2_000  # bytes of a Content-Type or Content-Disposition, with its continuation lines
LARGEST_LINES = 100_000  # ends of line, CR and LF each: the largest parcel has fewer than half of them
LARGEST_HEAD = 100_000  # bytes of the first header of a mail
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
_ATTACHMENT = re.compile(r"zending-[0-9a-f-]{36}\.(7z|jws)", re.ASCII)
_FIELD = re.compile(rb"content-(?:type|disposition):[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*")  # wherever it stands
_AUTO_REPLIED = re.compile(rb"(?im)^auto-submitted:\s*auto-replied")
_REPORT = re.compile(rb"(?im)^content-type:\s*multipart/report\b")
_FAILED = re.compile(rb"(?im)^action:\s*failed\b")
_OUR_MESSAGE_ID = re.compile(
    rb"(?im)^message-id:\s*<[0-9.]+\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@"
)


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
    if not names_a_parcel(raw):
        return False
    try:
        found = _attachments(_parsed(raw))
    except Exception:  # it names a parcel and cannot be read: a person should see it
        return True
    return bool(found) and not _is_for_people(found.get("jws", b""))


def _is_for_people(jws: bytes) -> bool:
    """Whether this manifest, of which nothing is proven, says that a person opens the archive with phoned words."""
    try:
        return len(jws) <= manifest.MANIFEST_LIMIT and manifest.read(jws).manifest.kind == "onward"
    except Rejected:
        return False


def names_a_parcel(raw: bytes) -> bool:
    """Whether a mail says somewhere that it carries one, and is none that a machine wrote for somebody."""
    head = _head(raw)
    named = _ATTACHMENT.search(raw.decode("latin-1"))
    return named is not None and not (_AUTO_REPLIED.search(head) or _REPORT.search(head))


def undelivered(raw: bytes) -> UUID | None:
    """The parcel that a delivery status notification (RFC 3464) reports on as failed, or None: it is no such report.

    Anybody can write one: it is worth a notice to a person, and nothing else.
    """
    if not _REPORT.search(_head(raw)) or not _FAILED.search(raw):
        return None
    named = _OUR_MESSAGE_ID.search(raw)
    return UUID(named[1].decode()) if named else None


def claims(raw: bytes) -> list[tuple[str, str]]:
    """What the headers of a mail say of it, for people: printable text, cut off, proven by nothing."""
    head, found = _head(raw), []
    for name in ("From", "Subject", "Date"):
        value = re.search(rb"(?im)^%s:([^\r\n]*)" % name.encode(), head)
        if value:
            text = value[1].decode("ascii", "replace").strip()
            found.append((name, "".join(c if c.isprintable() else "\ufffd" for c in text)[:LONGEST_CLAIM]))
    return found


def made_by_hand(raw: bytes) -> tuple[str, bytes] | None:
    """Name and bytes of the one 7z archive in a mail that carries no manifest: a person made it. Else None."""
    head, lower = _head(raw), raw.lower()
    if len(raw) > LARGEST_MAIL or _AUTO_REPLIED.search(head) or _REPORT.search(head):
        return None
    return _archive_in(raw) if b".7z" in lower or b"?b?" in lower else None  # ?b?: a name in base64 (RFC 2047)


def from_whom(raw: bytes) -> bytes:
    """The headers that say who a mail is from and of when, and nothing else of it: its subject may name a family."""
    said = (f"{name}: {value}\r\n" for name, value in claims(raw) if name != "Subject")
    return "".join(said).encode("ascii", "replace")


def only_archive(raw: bytes, name: str, archive: bytes) -> bytes:
    """A mail that `made_by_hand` read, again, without a word of what its sender wrote beside the archive."""
    told = f"attachment; filename*=utf-8''{quote(name, safe='', errors='replace')}"
    head = f"Content-Type: application/x-7z-compressed\r\nContent-Disposition: {told}\r\n"
    return from_whom(raw) + f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(archive)


def _head(raw: bytes) -> bytes:
    """The header of a mail, without those of its parts."""
    return re.split(rb"\r?\n\r?\n", raw[:LARGEST_HEAD], maxsplit=1)[0]


def _archive_in(raw: bytes) -> tuple[str, bytes] | None:
    found = []
    try:
        for count, part in enumerate(_parsed(raw).walk()):
            name = str(make_header(decode_header(part.get_filename() or "")))
            if count > LARGEST_PARTS or _ATTACHMENT.fullmatch(name):
                return None
            content = part.get_payload(decode=True)
            if name.lower().endswith(".7z") and isinstance(content, bytes):
                found.append((name[-LONGEST_CLAIM:], content))
    except Exception:  # a hostile mail may raise anything inside the parser
        return None
    return found[0] if len(found) == 1 else None


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The manifest and the archive in a mail. Raises `Rejected`; whatever the mail holds, nothing else."""
    if len(raw) > LARGEST_MAIL:
        raise Rejected(Rejection.TOO_LARGE)
    try:
        found = _attachments(_parsed(raw))
    except Exception:  # a hostile mail may raise anything inside the parser
        raise Rejected(Rejection.NOT_A_PARCEL) from None
    if set(found) != {"7z", "jws"}:
        raise Rejected(Rejection.NOT_A_PARCEL)
    return found["jws"], found["7z"]


def _parsed(raw: bytes) -> Message:
    """Raises `ValueError` for what costs the parser more than reading it: nested parts, endless fields."""
    if raw.count(b"\n") + raw.count(b"\r") > LARGEST_LINES:
        raise ValueError("more lines than a parcel can have")
    lower = raw.lower()
    if lower.count(b"boundary") > LARGEST_PARTS or lower.count(b"message/") > LARGEST_PARTS:
        raise ValueError("too many parts inside parts")
    if any(len(field[0]) > LARGEST_FIELD for field in _FIELD.finditer(lower)):
        raise ValueError("an endless field")
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def _attachments(mail: Message) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for count, part in enumerate(mail.walk()):
        if count > LARGEST_PARTS:
            raise ValueError("too many parts")
        name = part.get_filename() or ""
        if match := _ATTACHMENT.fullmatch(name):
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes) or match[1] in found:
                raise ValueError("an attachment twice, or one that is none")
            found[match[1]] = content
    return found
