"""Pages of the processors: ours, theirs beside them, what is still to be told (art. 6, GDPR 28)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.oversight import processors, queries, telling
from brug.desks.oversight.forms import EndForm, ProcessorForm
from brug.desks.oversight.models import Overview, OverviewDue, Processor
from brug.desks.oversight.views import as_file, for_officers, found_partner, page_of_form
from brug.office.parties.models import Member


@require_GET
@for_officers()
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Ours and theirs beside each other."""
    today = legal_day(now)
    ours = [{"processor": each, "standing": queries.standing(each, today)} for each in Processor.objects.all()]
    told = {each.party: each for each in Overview.objects.all()}
    due = {each.party: each for each in OverviewDue.objects.all()}
    theirs = [
        {"partner": each, "overview": told.get(each.kbo), "due": due.get(each.kbo)} for each in queries.partners(now)
    ]
    ours.sort(key=lambda row: row["standing"] == "ended")
    return render(request, "oversight/processors.html", {"ours": ours, "theirs": theirs})


@page_of_form
@for_officers()
def new(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = ProcessorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            processors.add(_facts(form), by=me, at=now)
        except Invalid as invalid:
            form.add_invalid(invalid)
        else:
            messages.success(request, _("Kept. The other parties are told."))
            return redirect("processors")
    return _form_page(request, form, None)


@page_of_form
@for_officers()
def one(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """One processor, to be changed."""
    processor = get_object_or_404(Processor, reference=reference, ended_on=None)
    form = ProcessorForm(request.POST or None, shown=processor)
    if request.method == "POST" and form.is_valid():
        try:
            processors.change(processor, _facts(form), version=form.cleaned_data["version"], by=me, at=now)
        except Invalid as invalid:
            form.add_invalid(invalid)
        else:
            messages.success(request, _("Kept. The other parties are told."))
            return redirect("processors")
    return _form_page(request, form, processor)


@page_of_form
@for_officers()
def end(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The end of an agreement; the row stays, for the register."""
    processor = get_object_or_404(Processor, reference=reference, ended_on=None)
    start = {"version": processor.version, "ended_on": legal_day(now)}
    form = EndForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            processors.end(processor, typed["ended_on"], version=typed["version"], by=me, at=now)
        except Invalid as invalid:
            form.add_invalid(invalid)
        else:
            messages.success(request, _("Kept. The other parties are told."))
            return redirect("processors")
    context = {"form": form, "processor": processor}
    return render(request, "oversight/processor_end.html", context, status=422 if form.is_bound else 200)


def _facts(form: ProcessorForm) -> processors.Facts:
    typed: dict[str, Any] = {**form.cleaned_data}
    typed.pop("version")
    return processors.Facts(**typed)


def _form_page(request: HttpRequest, form: ProcessorForm, processor: Processor | None) -> HttpResponse:
    context = {"form": form, "processor": processor}
    return render(request, "oversight/processor.html", context, status=422 if form.is_bound else 200)


@require_POST
@for_officers()
def ask(request: HttpRequest, me: Member, now: datetime, kbo: str) -> HttpResponse:
    telling.ask("processors", found_partner(kbo, now), by=me, at=now)
    messages.success(request, _("Asked. Their node answers by itself."))
    return redirect("processors")


@require_POST
@for_officers()
def told(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """The overview was given on paper."""
    processors.record_told(get_object_or_404(OverviewDue, pk=pk), by=me, at=now)
    messages.success(request, _("Noted."))
    return redirect("processors")


@require_GET
@for_officers()
def pdf(request: HttpRequest, me: Member, now: datetime, kbo: str) -> HttpResponse:
    """Our overview on paper, for a party without a node."""
    partner = found_partner(kbo, now)
    paper = telling.on_paper(processors.overview(now), partner.protocol, partner.kbo, now)
    return as_file(paper, "application/pdf", f"verwerkers-{legal_day(now)}.pdf")
