"""The family's side: a code is typed, a page answers. No account, no cookie, no script, nothing in an address or a log.

Every answer is made of what this one request brought: the code travels in the form, from page to page. No token
against forged requests is asked, because it would be a cookie on a shared telephone: who can forge a request here
knows the code, and needs no forgery.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from math import ceil
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt

from brug.core import leaflet
from brug.core.identity import Invalid, write_phone
from brug.core.leaflet import LANGUAGES, NotWritten
from brug.core.states import WrongState
from brug.desks.window import queries, services
from brug.desks.window.forms import CodeForm
from brug.desks.window.models import Window
from brug.kit.pages import page_of_form
from brug.office.asks import Stand

ELSEWHERE = "https://www.meteo.be/"  # where who leaves fast is: the weather, of the Belgian state
Texts = dict[str, Any]


@login_not_required
@csrf_exempt
@page_of_form
def door(request: HttpRequest, language: str = "nl") -> HttpResponse:
    """Where a code is typed; what it opens, and what is done there, is the answer to the form."""
    try:
        text = leaflet.window(language)
    except NotWritten:
        raise Http404 from None
    if not queries.is_open():
        return _page(request, "window/door.html", language, is_shut=True)
    if request.method != "POST":
        return _door(request, language)
    now = timezone.now()
    try:
        window = services.look(request.POST.get("code", ""), get_adapter().get_client_ip(request), at=now)
    except Invalid:
        return _door(request, language, status=422, wrong=text["door"]["typing_error"])
    except services.TooOften as wait:
        return _too_often(request, language, wait.until, now)
    if window is None:
        return _page(request, "window/nothing.html", language)
    wish = WISHES.get(request.POST.get("do", ""), _show)
    return wish(request, language, window, now)


def _door(request: HttpRequest, language: str, *, status: int = 200, wrong: str = "") -> HttpResponse:
    form = CodeForm(leaflet.window(language)["door"], request.POST or None, wrong=wrong)
    return _page(request, "window/door.html", language, status=status, form=form)


def _too_often(request: HttpRequest, language: str, until: datetime, now: datetime) -> HttpResponse:
    seconds = ceil((until - now).total_seconds())
    words = leaflet.window(language)["door"]["wait"].format(minutes=ceil(seconds / 60))
    answer = _door(request, language, status=429, wrong=words)
    answer["Retry-After"] = str(seconds)
    return answer


def _show(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    return _window(request, "window/stand.html", language, window)


def _sure(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    return _window(request, "window/sure.html", language, window)


def _which(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    return _window(request, "window/which.html", language, window)


def _take_back(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    try:
        services.take_back(window, at=now)
    except WrongState:
        return _show(request, language, window, now)  # done already: the page says since when
    return _said(request, language, "take_back")


def _not_right(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    try:
        services.say_not_right(window, request.POST.get("field", ""), at=now)
    except Invalid:
        return _which(request, language, window, now)
    return _said(request, language, "not_right")


def _ask(right: str) -> Callable[[HttpRequest, str, Window, datetime], HttpResponse]:
    def ask(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
        due_on = services.ask(window, right, at=now)
        return _said(request, language, "asked", "identify", day=due_on)

    return ask


def _end(request: HttpRequest, language: str, window: Window, now: datetime) -> HttpResponse:
    services.end(window, by=None, at=now)
    return _said(request, language, "end")


WISHES: dict[str, Callable[[HttpRequest, str, Window, datetime], HttpResponse]] = {
    "sure": _sure,
    "take_back": _take_back,
    "which": _which,
    "not_right": _not_right,
    "copy": _ask("access"),
    "erase": _ask("erasure"),
    "end": _end,
}


def _said(request: HttpRequest, language: str, *names: str, day: date | None = None) -> HttpResponse:
    text = leaflet.window(language)
    return _page(request, "window/said.html", language, said=[_filled(text["said"][name], day) for name in names])


def _window(request: HttpRequest, template: str, language: str, window: Window) -> HttpResponse:
    stands = queries.stand(window)
    if stands is None:
        return _page(request, "window/nothing.html", language)
    text, data = leaflet.window(language), leaflet.texts(language)["data"]
    context: dict[str, Any] = {
        "stand": stands,
        "told": _told(stands, text),
        "looked_on": format_html_join(", ", "{}", ((_day(on),) for on in stands.looked_on)),
        "data": [(name, data[name]) for name in stands.data],
    }
    return _page(request, template, language, **context)


def _told(stands: Stand, text: Texts) -> list[SafeString]:
    return [_filled(text["told"][code], day, years=stands.years) for code, day in stands.told]


def _filled(sentence: str, day: date | None, *, years: int = 0) -> SafeString:
    """A sentence with its day as it is written in Belgium: read from left to right in every script."""
    return format_html(sentence, day=_day(day) if day else "", years=years)


def _day(day: date) -> SafeString:
    return format_html('<time datetime="{}" dir="ltr">{}</time>', day.isoformat(), f"{day:%d/%m/%Y}")


def _page(request: HttpRequest, template: str, language: str, *, status: int = 200, **more: Any) -> HttpResponse:
    known = leaflet.texts(language)
    context = {
        "text": leaflet.window(language),
        "check": known["labels"]["checked" if leaflet.window(language)["checked_by_translator"] else "unchecked"],
        "language": language,
        "direction": known["direction"],
        "languages": [(code, leaflet.texts(code)["name"], leaflet.texts(code)["direction"]) for code in LANGUAGES],
        "phone": settings.PHONE,
        "phone_words": write_phone(settings.PHONE) if settings.PHONE else "",
        "code": request.POST.get("code", ""),
        "elsewhere": ELSEWHERE,
    }
    answer = render(request, template, context | more, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["Content-Language"] = language
    return answer
