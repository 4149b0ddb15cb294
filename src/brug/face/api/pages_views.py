"""Pages about connections: the administrator proposes, the DPO agrees, a member allows; each can end it (art. 4, 6)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.face.api import queries, services
from brug.face.api.forms import ApplicationForm, TokenForm, for_me, in_words
from brug.face.api.models import Application, Leave, Token
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member

page_of_form = require_http_methods(["GET", "HEAD", "POST"])
Page = Callable[..., HttpResponse]


def _for(*verbs: Verb) -> Callable[[Page], Page]:
    """Hand the page the member and the instant, when one of `verbs` is theirs; 404 otherwise."""

    def around(page: Page) -> Page:
        @wraps(page)
        def found(request: HttpRequest, **given: Any) -> HttpResponse:
            me, now = cast(Member, request.user), timezone.now()
            if not any(may(me, verb, at=now) for verb in verbs):
                raise Http404
            return page(request, me, now, **given)

        return found

    return around


EITHER = (Verb.MANAGE_TOKENS, Verb.AGREE_TOKENS)


@require_GET
@_for(*EITHER)
def connections(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    rows = [_row(application, now) for application in Application.objects.filter(ended_at=None).order_by("name")]
    context = {"rows": rows, "manages": may(me, EITHER[0], at=now), "agrees": may(me, EITHER[1], at=now)}
    return render(request, "api/connections.html", context)


@page_of_form
@_for(Verb.MANAGE_TOKENS)
def add(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_application(**form.cleaned_data, by=me, at=now)
            return redirect("connection-token", made.pk)
        except Invalid as invalid:
            form.add_invalid(invalid)
    return render(request, "api/connection_add.html", {"form": form}, status=422 if form.is_bound else 200)


@page_of_form
@_for(Verb.MANAGE_TOKENS)
def propose(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """Propose a token; the page that answers shows its secret, once."""
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    form = TokenForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = services.propose_token(application, *form.chosen(), by=me, at=now)
            hook = base64.b64encode(services.hook_secret(application)).decode() if application.hook_url else ""
            context = {"application": application, "token": token, "secret": secret, "hook_secret": hook}
            return render(request, "api/token_made.html", context)
        except Invalid as invalid:
            form.add_invalid(invalid)
    context = {"form": form, "application": application}
    return render(request, "api/token_propose.html", context, status=422 if form.is_bound else 200)


@require_POST
@_for(Verb.AGREE_TOKENS)
def agree(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.select_related("application"), pk=pk)
    try:
        services.agree(token, by=me, at=now)
        messages.success(request, _("Agreed. The token works from now."))
    except WrongState:
        messages.info(request, _("This had been decided already. Your click changed nothing."))
    return redirect("connections")


@require_POST
@_for(*EITHER)
def end_token(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.select_related("application"), pk=pk)
    try:
        services.end_token(token, by=me, at=now)
        messages.success(request, _("The token works no more."))
    except WrongState:
        messages.info(request, _("This had been decided already. Your click changed nothing."))
    return redirect("connections")


@page_of_form
@_for(*EITHER)
def end_application(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """Two steps: what stops, then one button."""
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    if request.method == "POST":
        services.end_application(application, by=me, at=now)
        messages.success(request, _("The connection has ended."))
        return redirect("connections")
    return render(request, "api/connection_end.html", {"application": application, "row": _row(application, now)})


OWN = (Verb.SEE_OWN_CASES, Verb.SEE_REFERRALS)


@require_GET
@_for(*OWN)
def own(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    allowed = set(Leave.objects.filter(member=me).values_list("application", flat=True))
    useful = queries.scopes_for(me, now)
    rows = [
        {
            "application": application,
            "allowed": application.pk in allowed,
            "scopes": for_me(sorted(useful & queries.scopes_of(application, now))),
        }
        for application in queries.offered_to(me, now)
    ]
    return render(request, "api/own.html", {"rows": rows, "pseudonym": me.pseudonym})


@require_POST
@_for(*OWN)
def allow(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    try:
        services.allow(application, by=me, at=now)
    except Invalid:
        raise Http404 from None
    messages.success(request, _("%(name)s may now act for you.") % {"name": application})
    return redirect("own-connections")


@require_POST
@_for(*OWN)
def disallow(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    application = get_object_or_404(Application, pk=pk)
    services.disallow(application, by=me, at=now)
    messages.success(request, _("%(name)s gets nothing for you any more.") % {"name": application})
    return redirect("own-connections")


def _row(application: Application, now: datetime) -> dict[str, Any]:
    """A connection as the page shows it: its tokens with their standing, how many let it act, what is not told yet."""
    today = legal_day(now)
    tokens = application.tokens.filter(ended_at=None).order_by("-made_at")
    return {
        "application": application,
        "tokens": [
            {
                "token": token,
                "scopes": in_words(token.scopes),
                "waits": token.agreed_at is None,
                "is_over": token.through_on < today,
            }
            for token in tokens
        ],
        "members": str(application.leaves.count()),
        "waiting": application.calls.count(),
    }
