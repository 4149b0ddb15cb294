"""Pages of the processors: ours, theirs beside them, what is still to be told (art. 6, GDPR 28)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.codes import Asked
from brug.desks.oversight import processors, queries, telling
from brug.desks.oversight.forms import EndForm, ProcessorForm
from brug.desks.oversight.models import Overview, OverviewDue, Processor
from brug.desks.oversight.views import found_party
from brug.kit.pages import allowed, as_file, page_of_form, step
from brug.office.parties.may import Verb
from brug.office.parties.models import Member


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Ours and theirs beside each other."""
    today = legal_day(now)
    ours = [{"processor": each, "standing": queries.standing(each, today)} for each in Processor.objects.all()]
    told = {each.party: each for each in Overview.objects.all()}
    due = {each.party: each for each in OverviewDue.objects.all()}
    theirs = [
        {"other_party": each, "overview": told.get(each.kbo), "due": due.get(each.kbo)}
        for each in queries.other_parties(now)
    ]
    ours.sort(key=lambda row: row["standing"] == "ended")
    return render(
        request, "oversight/processors.html", {"ours": ours, "theirs": theirs, "is_said": processors.is_said()}
    )


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def new(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = ProcessorForm(request.POST or None)

    def do() -> HttpResponse:
        processors.add(_facts(form), by=me, at=now)
        return _kept(request, now)

    return step(request, form, do, "oversight/processor.html", {"processor": None})


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def one(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """One processor, to be changed."""
    processor = get_object_or_404(Processor, reference=reference, ended_on=None)
    form = ProcessorForm(request.POST or None, shown=processor)

    def do() -> HttpResponse:
        processors.change(processor, _facts(form), version=form.cleaned_data["version"], by=me, at=now)
        return _kept(request, now)

    return step(request, form, do, "oversight/processor.html", {"processor": processor})


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def end(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The end of an agreement; the row stays, for the register."""
    processor = get_object_or_404(Processor, reference=reference, ended_on=None)
    start = {"version": processor.version, "ended_on": legal_day(now)}
    form = EndForm(request.POST or None, initial=start)

    def do() -> HttpResponse:
        typed = form.cleaned_data
        processors.end(processor, typed["ended_on"], version=typed["version"], by=me, at=now)
        return _kept(request, now)

    return step(request, form, do, "oversight/processor_end.html", {"processor": processor})


def _facts(form: ProcessorForm) -> processors.Facts:
    typed: dict[str, Any] = {**form.cleaned_data}
    typed.pop("version")
    return processors.Facts(**typed)


def _kept(request: HttpRequest, now: datetime) -> HttpResponse:
    messages.success(request, " ".join([gettext("Kept."), *_who_hears(now)]))
    return redirect("processors")


def _who_hears(now: datetime) -> list[str]:
    """Which other parties hear of a change by themselves, and whom a person tells."""
    nodes = {other_party.has_node for other_party in queries.other_parties(now)}
    by_itself = [gettext("The parties with a node are told by themselves.")] if True in nodes else []
    return by_itself + ([gettext("To the others you give it on paper, from this page.")] if False in nodes else [])


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def ask(request: HttpRequest, me: Member, now: datetime, kbo: str) -> HttpResponse:
    telling.ask(Asked.PROCESSORS, found_party(kbo, now), by=me, at=now)
    messages.success(request, _("Asked. Their node answers by itself."))
    return redirect("processors")


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def told(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """The overview was given on paper."""
    processors.record_told(get_object_or_404(OverviewDue, pk=pk), by=me, at=now)
    messages.success(request, _("Noted."))
    return redirect("processors")


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def none(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """We have no processors: said by a person."""
    processors.say_none(by=me, at=now)
    messages.success(request, " ".join([gettext("Noted: you have no processors."), *_who_hears(now)]))
    return redirect("processors")


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def read(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """What the other party told was read."""
    heard = get_object_or_404(Overview, pk=pk)
    shown = request.POST.get("as_of", "")
    if shown != heard.as_of.isoformat():
        messages.info(request, _("They told it anew meanwhile. Read it once more."))
        return redirect("processors")
    processors.read(heard, as_of=heard.as_of, by=me, at=now)
    messages.success(request, _("Noted."))
    return redirect("processors")


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def pdf(request: HttpRequest, me: Member, now: datetime, kbo: str) -> HttpResponse:
    """Our overview on paper, for a party without a node."""
    other_party = found_party(kbo, now)
    paper = telling.on_paper(processors.overview(now), other_party.protocol, other_party.kbo, now)
    return as_file(paper, "application/pdf", f"verwerkers-{legal_day(now)}.pdf")
