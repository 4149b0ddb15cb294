"""What was typed on a page and did not arrive: kept for the same member, and in its fields again (GDPR 5(1)(f)).

A form arrives when its session is over, or with the token of a session of before. Nothing of it is done; what was typed
is sealed (office/vault/typed.py), and the page on which it was typed shows it again: each field of `kit/forms.py` asks
here first. Nothing is sent by itself: the member looks, and presses the button once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve

from brug.office.plug import record_behind
from brug.office.vault import typed
from brug.office.vault.typed import Kept

BEFORE = "brug_before"  # in the session: whose the one before it was, in this browser
NEVER = frozenset({"csrfmiddlewaretoken", "password", "oldpassword", "again", "code"})  # secrets, and what is ours
MOST = 100_000  # characters of a form that is kept; no page has as many fields
_kept: ContextVar[Kept | None] = ContextVar("kept", default=None)


def on_this_page() -> Kept | None:
    """What the page that is being made shows again."""
    return _kept.get()


def fields() -> QueryDict | None:
    """The same as a form reads it."""
    if (kept := _kept.get()) is None:
        return None
    given = QueryDict(mutable=True)
    for name, values in kept.fields.items():
        given.setlist(name, list(values))
    return given


@contextmanager
def shown(kept: Kept | None) -> Iterator[None]:
    """While the page is made, its fields hold `kept`."""
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)


def page_of(request: HttpRequest) -> str:
    """The address of the page on which a form was typed; that of the form itself where the browser does not say."""
    said = urlsplit(request.headers.get("referer", ""))
    return said.path if said.netloc == request.get_host() and _is_page(said.path) else request.path


def whose(request: HttpRequest) -> UUID | None:
    """Who typed what `request` brings: who is logged in, unless somebody else was when the page was made."""
    before = request.session.get(BEFORE)
    now = request.user.pseudonym if request.user.is_authenticated else None
    if before and now and before != now.hex:
        return None
    return now or (UUID(before) if before else None)


def keep(request: HttpRequest, *, member: UUID, was_sent: bool, at: datetime) -> datetime | None:
    """Keep what `request` brings; until when. None where there is too much of it."""
    given = {name: values for name, values in request.POST.lists() if name not in NEVER}
    if sum(len(value) for values in given.values() for value in values) > MOST:
        return None
    page = page_of(request)
    return typed.keep(
        given, page=page, action=request.path, member=member, about=_record(page), was_sent=was_sent, at=at
    )


def answered(request: HttpRequest) -> None:
    """What was typed got its answer, and is not asked again: nothing of it is kept, whatever the status of the page."""
    request.is_answered = True  # type: ignore[attr-defined]


def remember(response: HttpResponse) -> None:
    """Let the browser say with its next form that something of this member is kept. It names nobody and nothing."""
    response.set_cookie(
        settings.TYPED_COOKIE_NAME,
        "1",
        max_age=typed.MINUTES * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _record(page: str) -> UUID | None:
    """The record of the vault that a page is about, by the reference in its address."""
    found = resolve(page).kwargs.values()
    return next((record for value in found if isinstance(value, UUID) and (record := record_behind(value))), None)


def _is_page(path: str) -> bool:
    """Whether it is one of a member: the door is none."""
    try:
        return bool(getattr(resolve(path).func, "login_required", True))
    except Resolver404:
        return False
