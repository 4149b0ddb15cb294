"""The colleague's side: a code is handed over or ended, what the family said is seen to; the officer's switch."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brug.core.fonts import missing_for
from brug.core.leaflet import LANGUAGES
from brug.desks.window import code as codes
from brug.desks.window import queries, services
from brug.desks.window.forms import LanguageForm, SwitchForm
from brug.desks.window.models import Message
from brug.desks.window.paper import printed
from brug.kit.pages import allowed, me_and_now, page_of_form
from brug.kit.press import qr_code
from brug.office.asks import Gone
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.plug import shows


@page_of_form
def of(request: HttpRequest, desk: str, reference: UUID) -> HttpResponse:
    """The window of one record: hand over, replace, end; and what the family said by it. No person stands here."""
    me, now = me_and_now(request)
    shown = _checked(request, desk, reference)
    window = queries.window_of(desk, reference)
    form = LanguageForm(request.POST if request.POST.get("do") == "hand" else None, initial={"language": "nl"})
    if form.is_valid():
        made = services.hand_over(desk, reference, by=me, at=now)
        return _code(request, desk, reference, made, form.cleaned_data["language"])
    if request.method == "POST" and request.POST.get("do") == "end" and window:
        services.end(window, by=me, at=now)
        messages.success(request, _("The code opens nothing any more."))
        return redirect("window-of", desk, reference)
    if request.method == "POST" and request.POST.get("do") == "seen":
        found = Message.objects.filter(desk=desk, subject=reference, said=request.POST.get("said", ""))
        for message in found.filter(field=request.POST.get("field", "")):
            services.see_to(message, by=me, at=now)
        return redirect("window-of", desk, reference)
    context = {
        "window": window,
        "said": queries.messages(desk, reference),
        "is_open": queries.is_open(),
        "form": form,
        "number": getattr(shown.whose(reference), "number", ""),
        "back_url": shown.address(reference),
    }
    return render(request, "window/of.html", context, status=422 if form.is_bound else 200)


def _code(request: HttpRequest, desk: str, reference: UUID, code: str, language: str) -> HttpResponse:
    """The code, once: to be written down or printed. It stands in no address, and nothing keeps it."""
    context = {
        "code": code,
        "lines": [codes.grouped(code[: 4 * codes.GROUP]), codes.grouped(code[4 * codes.GROUP :])],
        "language": language,
        "address": _door(request, language),
        "paper_url": reverse("window-paper", args=[desk, reference]),
        "back_url": shows()[desk].address(reference),
    }
    return render(request, "window/code.html", context)


@require_POST
def paper(request: HttpRequest, desk: str, reference: UUID) -> HttpResponse:
    """The code on a sheet of its own (PDF/UA), in the family's language and in Dutch. It names nobody."""
    _checked(request, desk, reference)
    window, code = queries.window_of(desk, reference), request.POST.get("code", "")
    language = request.POST.get("language", "nl")
    if window is None or language not in LANGUAGES or bytes(window.digest) != queries.digest(code):
        return redirect("window-of", desk, reference)  # it ended meanwhile: nobody prints what opens nothing
    language = "nl" if missing_for(language) else language
    address = _door(request, language)
    pdf = printed(codes.grouped(code), language, address=address, qr=qr_code(address))
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": "inline"})


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def switch(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The officer reads the threat model, and opens or shuts the windows of this node."""
    is_open = queries.is_open()
    form = SwitchForm(request.POST if request.method == "POST" and not is_open else None)
    if request.method == "POST" and is_open:
        services.turn(False, by=me, at=now)
        messages.success(request, _("The windows are shut. No code shows anything until you open them again."))
        return redirect("window-switch")
    if form.is_valid():
        services.turn(True, by=me, at=now)
        messages.success(request, _("The windows are open. Colleagues may hand codes over."))
        return redirect("window-switch")
    context: dict[str, Any] = {"form": form, "is_open": is_open}
    return render(request, "window/switch.html", context, status=422 if form.is_bound else 200)


def _checked(request: HttpRequest, desk: str, reference: UUID) -> Any:
    """The desk that shows this record, when the record is this member's; else nothing is there."""
    me, now = me_and_now(request)
    if desk not in shows():
        raise Http404
    try:
        shows()[desk].check(reference, me, now)
    except Gone:
        raise Http404 from None
    return shows()[desk]


def _door(request: HttpRequest, language: str) -> str:
    return request.build_absolute_uri(reverse("window-door", args=[language]))
