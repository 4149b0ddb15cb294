"""What mail systems say of a parcel that they could not bring: a report (RFC 3464), or a text of their own.

Anybody can write one: a person is told of it, and nothing else follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from brug.office.post import parts
from brug.office.post.parts import Part, Unreadable

_UUID = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_OUR_MESSAGE_ID = re.compile(r"(?<![\w.-])[0-9][0-9.]{0,60}\." + _UUID + "@", re.IGNORECASE)
_OUR_ATTACHMENT = re.compile("zending-" + _UUID + r"\.(?:7z|jws)", re.IGNORECASE)
_ACTION = re.compile(r"(?im)^action:[ \t]*(\w+)")
_STATUS = re.compile(r"(?im)^status:[ \t]*(\d)\.")
_MACHINE = re.compile(r"mailer-daemon|postmaster|mail delivery|microsoftexchange|mailsysteem|no-?reply", re.IGNORECASE)
_NOT_BROUGHT = re.compile(
    r"undeliver|not (?:be )?deliver|n[o']t be (?:sent|delivered)|delivery (?:\w+ ){0,3}fail|"
    r"fail\w* (?:\w+ ){0,3}deliver|delivery status notification|permanent (?:fatal )?error|"
    r"returned (?:mail|to sender)|returning message|rejected|refused|blocked|quarantined|was removed|"
    r"mailbox (?:is )?full|over quota|does not exist|user unknown|"
    r"onbestelbaar|niet (?:\w+ ){0,3}(?:bezorg|afgelever|bestel|afgegev)|tegengehouden|geweigerd|geblokkeerd|"
    r"verwijderd|in quarantaine|mislukt|postvak (?:is )?vol|bestaat niet|"
    r"non remis|non distribu|n['’]a (?:pas )?pu|pas (?:été |pu être )?(?:remis|distribu|livr)|"
    r"échec|refusé|rejeté|bloqué|mis en quarantaine|supprimé|boîte (?:\S+ ){0,3}pleine|n['’]existe pas",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"delayed|still trying|will (?:continue to )?(?:be )?(?:retr|try)|"
    r"vertraagd|opnieuw (?:\w+ )?geprobeerd|retardé|différé",
    re.IGNORECASE,
)
SAID = 4_000  # characters of a text that tell what it is about; behind them it may quote anything
LONGEST_TEXT = 200_000  # characters of a part in which a parcel may be named


def undelivered(raw: bytes) -> UUID | None:
    """The parcel that a mail says was not brought; None for any other mail, a delay and an answer of somebody away."""
    return next(named_in(raw), None) if says_not_brought(raw) else None


def says_not_brought(raw: bytes) -> bool:
    head = parts.head_of(raw)
    kind = parts.text_of(head, "content-type").lower()
    if kind.startswith("multipart/report"):
        return _reports_failure(raw)
    if not (_OUR_MESSAGE_ID.search(_latin(raw)) or _OUR_ATTACHMENT.search(_latin(raw)) or _is_from_machine(head)):
        return False
    said = f"{parts.text_of(head, 'subject')}\n{_first_text(raw)}"
    is_said = bool(_NOT_BROUGHT.search(said)) and not _NOT_YET.search(said)
    return is_said and (_is_from_machine(head) or bool(_OUR_ATTACHMENT.search(said)))


def named_in(raw: bytes) -> Iterator[UUID]:
    """The parcels that a mail names, the likeliest first: by the number or the attachment of what it quotes, then by
    what it says that it answers."""
    head = parts.head_of(raw)
    answered = " ".join(parts.text_of(head, name) for name in ("in-reply-to", "references"))
    try:
        texts = [_text(part) for part in parts.read(raw)]
    except Unreadable:
        texts = [_latin(raw)]
    for text in (*texts[1:], texts[0], answered):
        for pattern in (_OUR_MESSAGE_ID, _OUR_ATTACHMENT):
            for match in pattern.finditer(text):
                yield UUID(match[1])


def _reports_failure(raw: bytes) -> bool:
    """By its machine-readable part (RFC 3464 §2.3.3, §2.3.4), or by its status where it names no action."""
    try:
        told = [_text(part) for part in parts.read(raw) if part.kind in _STATUS_KINDS]
    except Unreadable:
        told = []
    text = "\n".join(told) or _latin(raw)
    actions = {action.lower() for action in _ACTION.findall(text)}
    return "failed" in actions or (not actions and "5" in _STATUS.findall(text))


_STATUS_KINDS = {"message/delivery-status", "message/global-delivery-status", "text/rfc822-headers", "multipart/report"}


def _is_from_machine(head: bytes) -> bool:
    returned = parts.text_of(head, "return-path")
    sender = parts.text_of(head, "from") + parts.text_of(head, "sender")
    return bool(_MACHINE.search(sender) or returned == "<>" or parts.text_of(head, "x-failed-recipients"))


def _first_text(raw: bytes) -> str:
    try:
        texts = (_text(part) for part in parts.read(raw) if part.kind.startswith("text/"))
        return next(texts, "")[:SAID]
    except Unreadable:
        return ""


def _text(part: Part) -> str:
    """Its header and its content, the folds of both undone."""
    content = part.content if part.kind.startswith(("text/", "message/", "multipart/")) else b""
    return re.sub(r"\r?\n[ \t]+", " ", _latin(part.head + b"\n" + content[:LONGEST_TEXT]))


def _latin(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except ValueError:
        return raw.decode("latin-1")
