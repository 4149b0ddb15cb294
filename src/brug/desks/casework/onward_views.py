"""Pages to involve a partner, and the dispatcher's list of partners (art. 4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brug.core.identity import Invalid
from brug.core.protocol.decide import Denied
from brug.core.states import Changed, WrongState
from brug.desks.casework import onward, partners, services
from brug.desks.casework.forms import CaseForm
from brug.desks.casework.history import client_of
from brug.desks.casework.models import ClientFile, Partner
from brug.desks.casework.onward_forms import InvolveForm, PartnerForm, ProofForm, ToldForm, WithdrawForm
from brug.desks.casework.views import on_own_file, show, take_step
from brug.kit.pages import allowed, page_of_form, step
from brug.office.parties.may import Relation, Verb, check
from brug.office.parties.models import Member

PAGE = "casework/involve.html"


@page_of_form
@on_own_file
def involve(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """Ask, choose, send; where the protocol says no, every reason with its article and nothing is lost."""
    check(me, Verb.REFER_ONWARD, Relation.OWN, at=now)
    client = client_of(services.open_file(file, by=me, at=now))
    form = InvolveForm(request.POST or None, shown=file, listed=partners.today(), client=client, at=now)
    if request.method != "POST" or not form.is_valid():
        return show(request, PAGE, file, me, now, form=form, status=422 if form.is_bound else 200)
    try:
        made = onward.involve(file, form.wish(), by=me, at=now, version=form.cleaned_data["version"])
    except Denied as no:
        return show(request, PAGE, file, me, now, form=form, reasons=no.denial.reasons, status=422)
    except Invalid as invalid:
        form.add_invalid(invalid)
        return show(request, PAGE, file, me, now, form=form, status=422)
    except Changed:
        file.refresh_from_db()
        form.show(file)
        return show(request, PAGE, file, me, now, form=form, overtaken=True, status=409)
    messages.success(request, _("Sent to %(name)s.") % {"name": made.partner})
    return redirect("call", made.parcel_id)  # the password is told on the phone


@page_of_form
@on_own_file
def withdraw(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """The client takes the yes to one partner back; what that does, then one button."""
    check(me, Verb.REFER_ONWARD, Relation.OWN, at=now)
    form = WithdrawForm(request.POST or None, shown=file)
    if form.is_bound and not form.onwards:  # one's own second click
        return redirect("file", file.reference)

    def verb(**who: Any) -> None:
        onward.withdraw(form.chosen(), **who)

    return take_step(request, "casework/onward_withdraw.html", file, form, verb, me, now)


@require_POST
@on_own_file
def told(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """The button under the call to the partner. A second click finds it done."""
    check(me, Verb.REFER_ONWARD, Relation.OWN, at=now)
    form = ToldForm(request.POST, shown=file)
    try:
        if form.is_valid():
            called = get_object_or_404(file.onwards, pk=form.cleaned_data["onward"])
            onward.tell(called, by=me, at=now, version=form.cleaned_data["version"])
    except WrongState:
        messages.info(request, _("Something changed in this file meanwhile. Look once more."))
    return redirect("file", file.reference)


@page_of_form
@allowed(Verb.EDIT_PARTNERS)
def listed(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The dispatcher's list of partners; below it a new one."""
    form = PartnerForm(request.POST or None)

    def do() -> HttpResponse:
        partners.add(form.facts(), by=me, at=now)
        messages.success(request, _("The list is changed."))
        return redirect("partners")

    return step(request, form, do, "casework/partners.html", {"partners": partners.listed()})


@require_POST
@allowed(Verb.EDIT_PARTNERS)
def retire(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    partner = get_object_or_404(_all(), pk=pk)
    form = CaseForm(request.POST, shown=partner)
    try:
        partners.retire(partner, by=me, at=now, version=form.cleaned_data["version"] if form.is_valid() else -1)
        messages.success(request, _("The list is changed."))
    except Changed:
        messages.info(request, _("A colleague was first. This is the list as it is now."))
    return redirect("partners")


@page_of_form
@allowed(Verb.EDIT_PARTNERS)
def prove(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """A newer document for one partner."""
    partner = get_object_or_404(_all(), pk=pk)
    form = ProofForm(request.POST or None, shown=partner, initial={"proof": partner.proof})

    def do() -> HttpResponse:
        partners.prove_again(partner, **form.cleaned_data, by=me, at=now)
        messages.success(request, _("The list is changed."))
        return redirect("partners")

    def again() -> dict[str, Any]:
        there = get_object_or_404(_all(), pk=pk)
        form.show(there)
        return {"partner": there}

    return step(request, form, do, "casework/partner.html", {"partner": partner}, again=again)


def _all() -> QuerySet[Partner]:
    return Partner.objects.select_related("counterparty")
