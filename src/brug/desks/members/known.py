"""A browser in which a member logged in before counts its wrong passwords by itself (art. 6).

Else a colleague who types five wrong ones locks the owner out. The cookie (OWASP: device cookie) is signed by the node
and holds digests of names and a random number; it opens nothing. Who steals it has five tries in five minutes, as
everybody has.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

SALT = "brug/known-browser/1"
DAYS = 90
MOST = 5  # members of one browser that it remembers; the oldest goes


def counted_under(request: HttpRequest, username: str) -> str:
    """What wrong passwords for `username` are counted under: the name, and the browser where it is known for it."""
    browser, names = _read(request)
    name = username.lower()
    return f"{name}|{browser}" if _digest(name) in names else name


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Let the browser be known for who logged in just now."""
    browser, names = _read(request)
    mine = _digest(username.lower())
    kept = [mine, *(name for name in names if name != mine)][:MOST]
    value = signing.dumps([browser or secrets.token_hex(16), kept], salt=SALT)
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        value,
        max_age=DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    """The number of this browser and the names it is known for; nothing where the cookie is not ours."""
    try:
        browser, names = signing.loads(
            request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=SALT, max_age=DAYS * 86_400
        )
    except signing.BadSignature:
        return "", []
    return browser, names


def _digest(username: str) -> str:
    return salted_hmac(SALT, username).hexdigest()[:20]
