"""Somebody calls: is there something of this person here, and who knows? A colleague's name, nothing more (art. 4)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brug.core.states import WrongState
from brug.desks.casework import asking, queries
from brug.desks.casework.forms import WhoForm
from brug.kit.pages import allowed, me_and_now, page_of_form
from brug.office.parties.may import Verb
from brug.office.parties.models import Member


@page_of_form
@allowed(Verb.ASK_WHO)
def who(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Ask; what was typed stands in no address and no log."""
    form = WhoForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        context |= {"asked": True, "rows": asking.who_knows(form.cleaned_data["words"], by=me, at=now)}
    return render(request, "casework/who.html", context, status=422 if form.errors else 200)


@require_POST
@allowed(Verb.ASK_WHO)
def called(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """Leave word with the colleague that the person called."""
    worker = asking.leave_word(reference, by=me, at=now)
    if worker is None:
        raise Http404
    messages.success(request, _("%(name)s sees that the person called.") % {"name": worker.name})
    return redirect("case-who")


@require_POST
def called_back(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The button under the word that was left. A second click finds it done."""
    me, now = me_and_now(request)
    intake = queries.own_intakes(me, now).filter(pk=reference).first()
    file = queries.own_files(me, now).filter(pk=reference).first()
    case = intake or file
    if case is None:
        raise Http404
    with suppress(WrongState):
        asking.called_back(case, by=me, at=now)
    return redirect("case" if intake else "file", reference)
