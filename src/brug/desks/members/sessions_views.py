"""Where a member is logged in, and the end of it everywhere but here (art. 6; OWASP ASVS 5.0, 7.4.3 and 7.5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brug.desks.members.session_store import stored_under
from brug.desks.members.sessions import BEGAN, SEEN
from brug.office.parties import start_page
from brug.office.parties.models import Member

DEVICE = "brug_device"  # in the session: what `device` made of its browser
BROWSERS = (  # the order decides: each says that it is those after it, too
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A session of the same member in another browser. Its `key` would log in: it never leaves the program."""

    device: str
    began: datetime
    seen: datetime
    key: str = field(repr=False)


def device(user_agent: str) -> str:
    """What a browser says it is, in words that people know: "Firefox, Windows". Empty when it says nothing known."""
    found = (next((name for token, name in known if token in user_agent), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)


def elsewhere(request: HttpRequest) -> list[Elsewhere]:
    """The sessions of this member that still open something, but for this one; the latest first."""
    return sorted(_others(request), key=lambda session: session.seen, reverse=True)


def _others(request: HttpRequest) -> Iterator[Elsewhere]:
    member, now = request.user, timezone.now()
    if not isinstance(member, Member):
        return
    idle_since = now - timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    for session in Session.objects.filter(expire_date__gt=now).exclude(
        pk=stored_under(request.session.session_key or "")
    ):
        held = session.get_decoded()
        began, seen = (datetime.fromtimestamp(held.get(name, 0), UTC) for name in (BEGAN, SEEN))
        is_theirs = held.get(SESSION_KEY) == str(member.pk) and seen > idle_since
        if is_theirs and constant_time_compare(held.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash()):
            yield Elsewhere(held.get(DEVICE, ""), began, seen, session.pk)


def end_elsewhere(request: HttpRequest, **_more: Any) -> int:
    """Every other session of this member ends now, and what the start page may ask; how many sessions."""
    start_page.end(request.user)
    keys = [session.key for session in _others(request)]
    return Session.objects.filter(pk__in=keys).delete()[0]


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    end_elsewhere(request)
    messages.success(request, _("You are logged out everywhere but here."))
    return redirect("mfa_index")


def _note_device(request: HttpRequest, **_more: Any) -> None:
    request.session[DEVICE] = device(request.headers.get("user-agent", ""))


user_logged_in.connect(_note_device, dispatch_uid="brug.my_sessions")
for changed in (authenticator_added, authenticator_removed):  # whoever got in with the old ones is out
    changed.connect(end_elsewhere, dispatch_uid="brug.my_sessions")
