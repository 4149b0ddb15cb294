"""A parcel as an e-mail, and back: a neutral subject, a neutral text, two attachments (art. 6).

Mail is read with the compat32 policy: the modern one raises on one hostile mail in fifty.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage, Message
from email.utils import format_datetime, make_msgid

from brug.core.calendar import BRUSSELS
from brug.core.parcel import Rejected, Rejection
from brug.office.post.models import Outgoing

LARGEST_PARTS = 20  # parts of one mail that are looked at
SUBJECT = "Beveiligde zending"
TEXT = """\
Dit is een beveiligde zending tussen twee besturen.
Ze wordt automatisch verwerkt. U hoeft niets te doen.
"""
_ATTACHMENT = re.compile(r"zending-[0-9a-f-]{36}\.(7z|jws)", re.ASCII)


def compose(parcel: Outgoing, *, sender: str) -> EmailMessage:
    """The mail that carries `parcel`: nothing in it says who, why or what."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, parcel.mailbox, SUBJECT
    mail["Date"] = format_datetime(parcel.queued_at.astimezone(BRUSSELS))
    mail["Message-ID"] = make_msgid(idstring=str(parcel.parcel_id), domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(TEXT)
    name = f"zending-{parcel.parcel_id}"
    mail.add_attachment(bytes(parcel.archive), "application", "x-7z-compressed", filename=f"{name}.7z")
    mail.add_attachment(parcel.manifest.encode(), "application", "jose", filename=f"{name}.jws")
    return mail


def is_parcel(raw: bytes) -> bool:
    """Whether a mail looks like a parcel: what people write to the same mailbox stays untouched."""
    return _ATTACHMENT.search(raw.decode("latin-1")) is not None


def split(raw: bytes) -> tuple[bytes, bytes]:
    """The manifest and the archive in a mail. Raises `Rejected`; whatever the mail holds, nothing else."""
    try:
        found = _attachments(email.message_from_bytes(raw, policy=email.policy.compat32))
    except Exception:  # a hostile mail may raise anything inside the parser
        raise Rejected(Rejection.NOT_A_PARCEL) from None
    if set(found) != {"7z", "jws"}:
        raise Rejected(Rejection.NOT_A_PARCEL)
    return found["jws"], found["7z"]


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
