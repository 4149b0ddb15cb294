"""Pages about connections: the administrator proposes, the DPO agrees, a member allows; each can end it (art. 4, 6)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.face.api import queries, services
from brug.face.api.forms import ApplicationForm, TokenForm, for_me, in_words
from brug.face.api.models import Application, Delegation, Token
from brug.kit.pages import allowed, page_of_form, step
from brug.office.parties.may import Relation, Verb
from brug.office.parties.models import Member

Page = Callable[..., HttpResponse]


@require_GET
@allowed(Verb.MANAGE_TOKENS)
def connections(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    return render(request, "api/connections.html", {"rows": _rows(now), "manages": True})


@require_GET
@allowed(Verb.AGREE_TOKENS)
def to_agree(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The same for the data protection officer."""
    return render(request, "api/connections.html", {"rows": _rows(now), "manages": False})


@page_of_form
@allowed(Verb.MANAGE_TOKENS)
def add(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = ApplicationForm(request.POST or None)

    def do() -> HttpResponse:
        made = services.add_application(**form.cleaned_data, by=me, at=now)
        return redirect("connection-token", made.pk)

    return step(request, form, do, "api/connection_add.html", {})


@page_of_form
@allowed(Verb.MANAGE_TOKENS)
def propose(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """Propose a token; the page that answers shows its secret, once."""
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    form = TokenForm(request.POST or None, now=now)

    def do() -> HttpResponse:
        token, secret = services.propose_token(application, *form.chosen(), by=me, at=now)
        hook = base64.b64encode(services.hook_secret(application)).decode() if application.hook_url else ""
        context = {"application": application, "token": token, "secret": secret, "hook_secret": hook}
        return render(request, "api/token_made.html", context)

    return step(request, form, do, "api/token_propose.html", {"application": application})


@require_POST
@allowed(Verb.AGREE_TOKENS)
def agree(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.select_related("application"), pk=pk)
    try:
        services.agree(token, by=me, at=now)
        messages.success(request, _("Agreed. The token works from now."))
    except WrongState:
        messages.info(request, _("This had been decided already. Your click changed nothing."))
    return redirect("connections-to-agree")


@require_POST
@allowed(Verb.AGREE_TOKENS)
def refuse(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """The data protection officer does not agree, or not any more."""
    _end(request, me, now, pk)
    return redirect("connections-to-agree")


@require_POST
@allowed(Verb.MANAGE_TOKENS)
def end_token(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    _end(request, me, now, pk)
    return redirect("connections")


def _end(request: HttpRequest, me: Member, now: datetime, pk: int) -> None:
    token = get_object_or_404(Token.objects.select_related("application"), pk=pk)
    try:
        services.end_token(token, by=me, at=now)
        messages.success(request, _("The token no longer works."))
    except WrongState:
        messages.info(request, _("This had been decided already. Your click changed nothing."))


@page_of_form
@allowed(Verb.MANAGE_TOKENS)
def end_application(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """Two steps: what stops, then one button."""
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    if request.method == "POST":
        services.end_application(application, by=me, at=now)
        messages.success(request, _("The connection has ended."))
        return redirect("connections")
    return render(request, "api/connection_end.html", {"application": application, "row": _row(application, now)})


@require_GET
@allowed(Verb.SEE_OWN_CASES)
def own(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    return _own(request, me, now, "connection")


@require_GET
@allowed(Verb.SEE_REFERRALS)
def team(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The same at the local team."""
    return _own(request, me, now, "team-connection")


def _own(request: HttpRequest, me: Member, now: datetime, kind: str) -> HttpResponse:
    allowed = set(Delegation.objects.filter(member=me).values_list("application", flat=True))
    useful = queries.scopes_for(me, now)
    offered = dict.fromkeys([*queries.offered_to(me, now), *Application.objects.filter(pk__in=allowed)])
    rows = [
        {
            "application": application,
            "allowed": application.pk in allowed,
            "scopes": for_me(sorted(useful & queries.scopes_of(application, now))),
            "allow_url": reverse(f"{kind}-allow", args=(application.pk,)),
            "disallow_url": reverse(f"{kind}-disallow", args=(application.pk,)),
        }
        for application in offered
    ]
    return render(request, "api/own.html", {"rows": rows, "pseudonym": me.pseudonym})


@require_POST
@allowed(Verb.OPEN_CASE, Relation.OWN)
def allow(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    return _allow(request, me, now, pk, "own-connections")


@require_POST
@allowed(Verb.REFER, Relation.OWN)
def allow_team(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    return _allow(request, me, now, pk, "team-connections")


def _allow(request: HttpRequest, me: Member, now: datetime, pk: int, page: str) -> HttpResponse:
    application = get_object_or_404(Application, pk=pk, ended_at=None)
    try:
        services.allow(application, by=me, at=now)
    except Invalid:
        raise Http404 from None
    messages.success(request, _("%(name)s may now act for you.") % {"name": application})
    return redirect(page)


@require_POST
@allowed(Verb.SEE_OWN_CASES)
def disallow(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    return _disallow(request, me, now, pk, "own-connections")


@require_POST
@allowed(Verb.SEE_REFERRALS)
def disallow_team(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    return _disallow(request, me, now, pk, "team-connections")


def _disallow(request: HttpRequest, me: Member, now: datetime, pk: int, page: str) -> HttpResponse:
    """Stopping is always possible, also when one's secrecy is no longer attested."""
    application = get_object_or_404(Application, pk=pk)
    services.disallow(application, by=me, at=now)
    messages.success(request, _("%(name)s may no longer act for you.") % {"name": application})
    return redirect(page)


def _rows(now: datetime) -> list[dict[str, Any]]:
    return [_row(application, now) for application in Application.objects.filter(ended_at=None).order_by("name")]


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
        "members": str(application.delegations.count()),
        "waiting": application.calls.count(),
    }
