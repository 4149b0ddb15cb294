"""Break-glass: say why, read another's case for an hour, and the list of such openings for the DPO (art. 4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.desks.casework import asking, glass, queries, services, timeline
from brug.desks.casework.forms import GlassForm
from brug.desks.casework.history import HISTORY, protocol_of
from brug.desks.casework.models import ClientFile, Intake
from brug.kit.pages import allowed, me_and_now, page_of_form
from brug.office.parties.may import Verb, may, whose
from brug.office.parties.models import Grant, Member
from brug.office.parties.queries import officer_hears
from brug.office.parties.services import has_grant
from brug.office.parties.states import GlassReason


@page_of_form
@allowed(Verb.BREAK_GLASS)
def break_glass(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """Ask why; then open it for an hour and tell the DPO."""
    case = _case(reference)
    if case.worker_id in whose(me, now):
        return redirect("case" if isinstance(case, Intake) else "file", reference)
    form = GlassForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(
            request,
            "casework/glass.html",
            {"form": form, "case": case, "officer_hears": officer_hears(now)},
            status=422 if form.is_bound else 200,
        )
    glass.break_glass(case, GlassReason(form.cleaned_data["reason"]), by=me, at=now)
    return redirect("case-behind-glass", reference)


@require_GET
@allowed(Verb.BREAK_GLASS)
def behind_glass(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The person and what happened, to read; after an hour there is nothing here."""
    case = _case(reference)
    if not has_grant(me, reference, at=now):
        raise Http404
    if isinstance(case, Intake):
        content = services.open_case(case, by=me, at=now)
    else:
        content = services.open_file(case, by=me, at=now)
    person = queries.person(case, content, legal_day(now)) if "referral" in content else None
    context = {
        "case": case,
        "person": person,
        "timeline": timeline.timeline(content[HISTORY]),
        "discloser": protocol_of(case).discloser.short_name,
        "officer_hears": officer_hears(now),
    }
    return render(request, "casework/behind_glass.html", context)


@require_GET
@allowed(Verb.SEE_OPENINGS)
def openings(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Who opened which case in need, when and why: for the officer and the head of the service. No person."""
    grants = list(
        Grant.objects.select_related("member").order_by(F("seen_at").asc(nulls_first=True), "-given_at")[:100]
    )
    numbers = glass.numbers(grant.subject for grant in grants)
    rows = [{"grant": grant, "number": numbers.get(grant.subject, "")} for grant in grants]
    context = {"rows": rows, "marks": may(me, Verb.RUN_OVERSIGHT, at=now), "questions": asking.questions(now)}
    return render(request, "casework/openings.html", context)


@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """The officer looked at one: it waits no longer."""
    me, now = me_and_now(request)
    given = get_object_or_404(Grant, pk=pk)
    glass.look_at(given, by=me, at=now)
    messages.success(request, _("Noted."))
    return redirect("openings")


def _case(reference: UUID) -> Intake | ClientFile:
    try:
        return glass.any_case(reference)
    except ClientFile.DoesNotExist:
        raise Http404 from None
