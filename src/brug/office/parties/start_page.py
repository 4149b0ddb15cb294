"""What lets the host's start page ask how much waits for a member, in a browser that the member linked (decision 38).

A code of five minutes becomes, once, a token that only that browser has; a token that nobody shows for thirty days is
over. Neither opens a page.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from brug.office.parties.models import Member, StartPage

CODE, TOKEN = "code_", "page_"  # what it begins with: one never does for the other
CODE_LASTS, TOKEN_LASTS = timedelta(minutes=5), timedelta(days=30)
NOTED = timedelta(days=1)  # a look is written down once a day at most


def begin(member: Member, *, at: datetime) -> str:
    """The code for one browser of the member."""
    code = CODE + secrets.token_urlsafe(32)
    StartPage.objects.create(member=member, digest=_digest(code), until=at + CODE_LASTS)
    return code


def exchange(code: str, *, at: datetime) -> str:
    """The token in the place of the code, once; "" for what is no code that holds."""
    token = TOKEN + secrets.token_urlsafe(32)
    found = StartPage.objects.filter(digest=_digest(code), until__gt=at, member__is_active=True)
    is_ours = code.startswith(CODE) and found.update(digest=_digest(token), until=at + TOKEN_LASTS)
    return token if is_ours else ""


def whose(token: str, *, at: datetime) -> Member | None:
    """The member who gave it, when it holds; from now it holds for thirty days."""
    held = StartPage.objects.filter(digest=_digest(token), until__gt=at, member__is_active=True)
    found = held.select_related("member").first() if token.startswith(TOKEN) else None
    if found is None:
        return None
    if found.until < at + TOKEN_LASTS - NOTED:
        held.update(until=at + TOKEN_LASTS)
    return found.member


def end(member: Any) -> int:
    """Nothing is told of the member any more, in any browser; how many it was."""
    return StartPage.objects.filter(member_id=member.pk).delete()[0]


def forget(at: datetime) -> int:
    """What is over goes, and what was of who left; how many. A duty of the worker, every day."""
    gone = StartPage.objects.filter(until__lte=at) | StartPage.objects.filter(member__is_active=False)
    return gone.delete()[0]


def _digest(secret: str) -> bytes:
    """What is kept of it: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
