"""The page of what leaves when: the calendar, the certificates, legal holds. Numbers and days, no person (art. 3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.casework.departures import held_files, hold_file, propose_lift, shares
from brug.desks.casework.forms import HoldForm
from brug.kit.pages import allowed, page_of_form
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Member
from brug.office.vault import clock, retention
from brug.office.vault.models import Certificate
from brug.office.vault.reasons import HoldReason

SHOWN = 20  # certificates on the page, the newest first


@page_of_form
@allowed(Verb.SEE_RETENTION)
def departures(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    form = HoldForm(request.POST or None) if may(me, Verb.HOLD, at=now) else None
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            hold_file(typed["number"], HoldReason(typed["reason"]), typed["until_on"], by=me, at=now)
        except Invalid as invalid:
            form.add_invalid(invalid)
        else:
            messages.success(request, _("This file stays until the day that you chose."))
            return redirect("departures")
    shown = retention.calendar(legal_day(now))
    context = {
        "form": form,
        "months": shares(shown.months),
        "years": shares(shown.years),
        "waiting": sorted(shown.waiting.items()),
        "dated": sorted(shown.dated.items()),
        "held": held_files(shown.held),
        "jumped": clock.has_jumped(clock.mark(), now),
        "certificates": Certificate.objects.order_by("-pk")[:SHOWN],
    }
    return render(request, "casework/departures.html", context, status=422 if form and form.is_bound else 200)


@require_GET
@allowed(Verb.SEE_RETENTION)
def certificate(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """One certificate with its destruction list."""
    found = get_object_or_404(Certificate, reference=reference)
    return render(request, "casework/certificate.html", {"certificate": found})


@require_POST
@allowed(Verb.HOLD)
def lift(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    propose_lift(reference, by=me, at=now)
    messages.success(request, _("Asked. The file stays until an administrator agrees that it is no longer held."))
    return redirect("departures")
