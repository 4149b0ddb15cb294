"""What the ledger says of a breach case, and what may not be written in it (art. 9)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import phonenumbers

from brug.core.identity import Invalid, parse_remark
from brug.desks.breaches.models import Breach
from brug.desks.breaches.states import BreachEvent
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.moves import move
from brug.office.parties.models import Member

_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[a-z]{2,}", re.IGNORECASE)


def reopen(breach: Breach, **changes: Any) -> None:
    """What had ended goes on; that the authority is not told must be decided again. Raises `WrongState`."""
    if breach.not_notified:
        changes |= {"authority_at": None, "not_notified": ""}
    move(breach, BreachEvent.REOPEN, closed_at=None, **changes)


def record(act: Act, breach: Breach, *, by: Member | None, at: datetime, protocol: str = "") -> None:
    ledger.record(
        act,
        breach.reference,
        by=by.actor if by else WORKER,
        at=at,
        protocol=protocol or breach.protocol,
    )


def parse_text(text: str) -> str:
    """A remark in which no number, address or national number of anybody stands. Raises `Invalid`.

    >>> parse_text("De mailbox is overgenomen. ")
    'De mailbox is overgenomen.'
    """
    remark = parse_remark(text)
    if _MAIL.search(remark) or phonenumbers.PhoneNumberMatcher(remark, "BE").has_next():
        raise Invalid("personal_data", "Leave out phone numbers, e-mail addresses and names: references are enough.")
    return remark
