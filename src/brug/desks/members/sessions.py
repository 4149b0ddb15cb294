"""Sessions that end, a second factor before anything else, and a fresh log-in before what is sensitive (art. 6).

In a demo, where the people are fictional, name and password are enough; the banner says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from brug.desks.members import known
from brug.kit import kept

log = logging.getLogger(__name__)
Page = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN = "brug_began", "brug_seen"  # in the session: seconds of the clock
PROVEN = "brug_proven"  # the same: when the organisation's own log-in asked last
LEEWAY_SECONDS = 30  # between the clock of the organisation and ours
NOTICE_SECONDS = 60  # a session is written once a minute at most
ENROLLING = frozenset(
    {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout", "language", "accessibility"}
)

SENSITIVE = frozenset(  # address names for which a member shows once more who they are
    {"member-new", "member-invite", "member-role", "member-attest", "member-leave"}  # keys and roles
    | {"party", "party-new", "party-compare", "party-revoke", "our-card", "party-agree"}  # numbers to call, and keys
    | {"connection-add", "connection-token", "token-agree", "second-answer", "restored"}
    | {"case-glass", "case-behind-glass", "file-erase", "file-export", "file-elsewhere"}
    | {"account_end_elsewhere"}  # who took a session over may not end those of its owner
    | {"request-letter", "request-gather", "request-carry-out"}  # not case-decline and case-end: decision 28
)


def begin(request: HttpRequest, user: Any, **_more: Any) -> None:
    """A session begins with each log-in, by whichever door; the log of the machine says whose, and what was shown."""
    shown = [record["method"] for record in get_authentication_records(request, user)]
    log.info("somebody logged in", extra={"facts": {"member": user.pseudonym.hex, "shown": shown}})
    request.session[BEGAN] = request.session[SEEN] = time.time()
    request.session[PROVEN] = proven_at(getattr(request, "openid_claims", {}))
    request.logged_in = user.username  # type: ignore[attr-defined]  # the answer lets the browser be known for it


user_logged_in.connect(begin, dispatch_uid="brug.sessions")


def until(session: SessionBase) -> datetime:
    """When a session ends if nothing is asked any more, or because it began long ago."""
    idle, whole = settings.SESSION_IDLE_MINUTES * 60, settings.SESSION_HOURS * 3600
    return datetime.fromtimestamp(min(session.get(SEEN, 0) + idle, session.get(BEGAN, 0) + whole), UTC)


def end(request: HttpRequest) -> None:
    """Log out. The session that follows says whose this one was: what is typed on an open page is theirs alone."""
    before = request.user.pseudonym.hex if request.user.is_authenticated else ""
    logout(request)
    request.session[kept.BEFORE] = before


class EndingSessionsMiddleware:
    """A session ends after half an hour without a request, and twelve hours after it began in any case."""

    def __init__(self, get_response: Page) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now, session = time.time(), request.session
            began, seen = session.setdefault(BEGAN, now), session.setdefault(SEEN, now)
            if now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - began > settings.SESSION_HOURS * 3600:
                end(request)
                messages.info(request, _("You were logged out because it took too long. Log in again."))
            elif now - seen >= NOTICE_SECONDS:
                session[SEEN] = now
            request.session_until = until(session)  # type: ignore[attr-defined]  # for the foot of the page
        response = self.get_response(request)
        if username := getattr(request, "logged_in", ""):
            known.remember(request, response, username)
        return response


class SecondFactorMiddleware:
    """Who logged in with a password alone sees one thing: the page where the second factor is set up.

    What is sensitive asks once more, unless it was shown in the last minutes.
    """

    def __init__(self, get_response: Page) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_given: Any) -> HttpResponse | None:
        """Send a session without a second factor to where it gets one; one that should have shown it begins anew."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if settings.DEMO or not request.user.is_authenticated:
            return None
        if has_shown_both(request):
            if not is_fresh(request):  # for a page of which only some answers are sensitive
                request.prove_again = partial(prove_again, request)  # type: ignore[attr-defined]
            return prove_again(request) if name in SENSITIVE and not is_fresh(request) else None
        if Authenticator.objects.filter(user_id=request.user.pk).exists():
            end(request)
            return redirect("account_login")
        return None if name in ENROLLING else redirect("mfa_index")


def has_shown_both(request: HttpRequest) -> bool:
    """Whether this session showed a second factor, here or at the organisation's own log-in."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") in ("mfa", "socialaccount") for record in records)


def proven_at(claims: dict[str, Any]) -> float:
    """When the organisation's log-in asked somebody who they are, by its token; 0 where it does not say."""
    said = claims.get("auth_time")
    return said if isinstance(said, int | float) and said <= time.time() + LEEWAY_SECONDS else 0


def is_fresh(request: HttpRequest) -> bool:
    """Whether the member showed who they are in the last minutes: here, or at the organisation's own log-in, where an
    earlier one may let somebody through unasked."""
    records = get_authentication_records(request, request.user)
    here = [record.get("at", 0) for record in records if record.get("method") != "socialaccount"]
    latest = max(*here, request.session.get(PROVEN, 0), 0)
    return bool(time.time() - latest < settings.PROVEN_MINUTES * 60)


def prove_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks who somebody is, and from there back, to what was typed.

    Who comes through OpenID Connect is asked there.
    """
    back = kept.page_of(request)
    if request.method == "POST" and (member := kept.whose(request)):
        kept.keep(request, member=member, was_sent=True, at=timezone.now())
        request.keeps_nothing = True  # type: ignore[attr-defined]  # it was not sent
    is_here = request.user.has_usable_password()  # type: ignore[union-attr]
    asking = reverse("account_reauthenticate" if is_here else "openid-begin")
    return HttpResponseRedirect(f"{asking}?{urlencode({'next': back})}")
