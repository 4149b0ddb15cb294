"""Pages of what the dispatcher keeps up: the kinds of aid (art. 2). No person stands in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brug.core.identity import Invalid
from brug.core.states import Changed
from brug.desks.casework import aids
from brug.desks.casework.files_forms import KindForm, RenameForm
from brug.kit.pages import allowed, page_of_form, step
from brug.office.parties.may import Verb
from brug.office.parties.models import Member

CHANGES: dict[str, Callable[..., Any]] = {
    "retire": aids.retire,
    "bring_back": aids.bring_back,
    "remove": aids.remove,
}


@page_of_form
@allowed(Verb.EDIT_AIDS)
def kinds(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The list, and below it the name of a new one. A button beside each kind retires, brings back or deletes it."""
    change = CHANGES.get(request.POST.get("do", ""))
    form = KindForm(request.POST if request.method == "POST" and change is None else None)
    try:
        if change:
            version = int(typed) if (typed := request.POST.get("version", "")).isdecimal() else -1
            change(request.POST.get("code", ""), by=me, at=now, version=version)
        elif form.is_bound and form.is_valid():
            aids.add(form.cleaned_data["name"], by=me, at=now)
    except Changed:
        messages.info(request, _("A colleague was first. This is the list as it is now."))
        return redirect("aids")
    except Invalid as invalid:
        form = form if form.is_bound else KindForm({"name": ""})
        form.is_valid()
        form.errors.clear()
        form.add_invalid(invalid)
    if request.method == "POST" and not form.errors:
        messages.success(request, _("The list is changed."))
        return redirect("aids")
    context = {"kinds": aids.listed(), "form": form}
    return render(request, "casework/kinds.html", context, status=422 if form.errors else 200)


@page_of_form
@allowed(Verb.EDIT_AIDS)
def rename(request: HttpRequest, me: Member, now: datetime, code: str) -> HttpResponse:
    """Another name for one kind."""
    known = next((kind for kind in aids.listed() if kind.code == code), None)
    if known is None:
        return redirect("aids")
    form = RenameForm(request.POST or None, shown=known, initial={"name": known.name})

    def do() -> HttpResponse:
        aids.rename(code, **form.cleaned_data, by=me, at=now)
        messages.success(request, _("The list is changed."))
        return redirect("aids")

    def again() -> dict[str, Any]:
        there = next((kind for kind in aids.listed() if kind.code == code), known)
        form.show(there)
        return {"kind": there}

    return step(request, form, do, "casework/kind.html", {"kind": known}, again=again)
