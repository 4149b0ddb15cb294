"""Around every page: its language, nothing about people in a cache, one answer to what is not theirs (art. 4)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from csp.constants import SELF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from brug.core.calendar import BRUSSELS
from brug.core.states import WrongState
from brug.kit import kept
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.vault import typed

log = logging.getLogger(__name__)
FOR_EVERY_PAGE = {  # beside what SecurityMiddleware and the content security policy say
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [
            *(f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb", "serial", "hid")),
            *(f"publickey-credentials-{name}=(self)" for name in ("get", "create")),
        ]
    ),
    "X-Permitted-Cross-Domain-Policies": "none",
}


class CompressedFilesMiddleware(GZipMiddleware):
    """Style sheets travel compressed. Pages do not: what people typed and secret tokens never share a compression.

    The long ones do, by Django's `gzip_page`: no client stands in them, and their token is masked anew each time.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the answer when it is one of the files that everybody gets."""
        is_style = response.headers.get("Content-Type", "").startswith(("text/css", "image/svg"))
        if not (is_style and request.path.startswith(settings.STATIC_URL)):
            return response
        return super().process_response(request, response)


NOT_ALLOWED = 405
OF_PAGES = ("GET", "HEAD", "POST", "OPTIONS")  # methods; programs use others, under /api/


class LargestRequestMiddleware:
    """What is larger than any upload is refused unread: a form is read, and its files written, before log-in (art. 6).

    Of a body that tells no length Django reads nothing. A page knows no other method than those of `OF_PAGES`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in OF_PAGES and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(OF_PAGES)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > settings.LARGEST_REQUEST:
            for_a_program = request.path.startswith("/api/")
            return HttpResponse(status=413) if for_a_program else render(request, "413.html", status=413)
        return self.get_response(request)


class LanguageMiddleware:
    """Pages are Dutch, unless somebody chose another language with the switch.

    The browser's own languages do not decide: Flemish public bodies work in Dutch, and a browser set up in English by
    the computer department is no choice of who sits before it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.to_locale(language).replace("_", "-"))
        patch_vary_headers(response, ("Cookie",))
        return response


class TypedMiddleware:
    """Nothing that a member typed is lost with a session: it is kept, and the page shows it again (`kit/kept.py`).

    The one script of the pages of members saves meanwhile and keeps a page that has no signal (`kit/typing.js`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = request.user if isinstance(request.user, Member) else None
        if member is None or request.method == "OPTIONS":
            return self.get_response(request)
        found: typed.Kept | None = None
        if request.method == "POST":
            response = self.get_response(request)
            is_done = response.status_code < HTTPStatus.BAD_REQUEST or getattr(request, "is_answered", False)
            arrived = is_done and not getattr(request, "keeps_nothing", False)
            if arrived and settings.TYPED_COOKIE_NAME in request.COOKIES:  # else there is nothing, and no look costs
                typed.forget(kept.page_of(request), member=member.pseudonym)
        else:
            found = typed.find(request.path, member=member.pseudonym, at=timezone.now())
            with kept.shown(found):
                response = self.get_response(request)
                is_of_a_button = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
                if is_of_a_button and found and found.was_sent:
                    methods = response["Allow"]
                    response = render(request, "kit/go_on.html", {"kept": found}, status=response.status_code)
                    response["Allow"] = methods
        if found or getattr(request, "saves", False):
            kept.remember(response)
        response._csp_update = {"script-src": [SELF], "connect-src": [SELF]}  # type: ignore[attr-defined]
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_given: object
    ) -> HttpResponse | None:
        """A form whose session is over: keep what it brings, and ask who it is; never a page that no GET opens."""
        for said in ("keeps_nothing", "saves"):
            setattr(request, said, getattr(view, said, False))
        if request.user.is_authenticated or request.method != "POST" or not getattr(view, "login_required", True):
            return None
        member, at = kept.whose(request), timezone.now()
        if member and not request.keeps_nothing:  # type: ignore[attr-defined]
            was_sent = not getattr(view, "saves", False)
            if until := kept.keep(request, member=member, was_sent=was_sent, at=at):
                hour = time_format(until.astimezone(BRUSSELS))
                words = _("What you typed is kept until %(hour)s, for you alone: log in and it stands there again.")
                messages.info(request, words % {"hour": hour})
        return redirect_to_login(kept.page_of(request), settings.LOGIN_URL)


class PersonalPagesMiddleware:
    """No page may be kept by a browser or a proxy, also not an invitation; errors become pages with words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == NOT_ALLOWED and not response.content and not request.path.startswith("/api/"):
            allowed, response = response.headers["Allow"], render(request, "405.html", status=NOT_ALLOWED)
            response.headers["Allow"] = allowed
        if not request.path.startswith(settings.STATIC_URL):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
        for name, value in FOR_EVERY_PAGE.items():
            response.headers.setdefault(name, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """404 for what a member may not do, as for what does not exist; 409 where somebody was first."""
        if isinstance(exception, NotAllowed):
            who = getattr(getattr(request, "user", None), "pseudonym", None)
            facts = {"member": who.hex if who else "", "verb": str(exception.verb)}
            log.warning("somebody may not do this", extra={"facts": facts})
            raise Http404
        if isinstance(exception, WrongState):
            return render(request, "409.html", status=409)
        return None
