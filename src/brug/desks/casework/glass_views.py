"""The page on which the glass is broken, and what stands behind it (art. 4)."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from brug.core.calendar import legal_day
from brug.desks.casework import glass, queries, services
from brug.desks.casework.forms import GlassForm
from brug.desks.casework.models import ClientFile, Intake
from brug.kit.pages import me_and_now
from brug.office.parties.may import Verb, check
from brug.office.parties.services import has_grant
from brug.office.parties.states import GlassReason


@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Ask why; then open it for an hour and tell the DPO."""
    me, now = me_and_now(request)
    check(me, Verb.BREAK_GLASS, at=now)
    case = _case(reference)
    if case.worker_id == me.pk:
        return redirect("case" if isinstance(case, Intake) else "file", reference)
    form = GlassForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(
            request, "casework/glass.html", {"form": form, "case": case}, status=422 if form.is_bound else 200
        )
    glass.break_glass(case, GlassReason(form.cleaned_data["reason"]), by=me, at=now)
    return redirect("case-behind-glass", reference)


@require_GET
def behind_glass(request: HttpRequest, reference: UUID) -> HttpResponse:
    """The person and what happened, to read; after an hour there is nothing here."""
    me, now = me_and_now(request)
    check(me, Verb.BREAK_GLASS, at=now)
    case = _case(reference)
    if not has_grant(me, reference, at=now):
        raise Http404
    if isinstance(case, Intake):
        content = services.open_case(case, by=me, at=now)
    else:
        content = services.open_file(case, by=me, at=now)
    person = queries.person(case, content, legal_day(now)) if "referral" in content else None
    context = {"case": case, "person": person, "timeline": queries.timeline(content["journal"])}
    return render(request, "casework/behind_glass.html", context)


def _case(reference: UUID) -> Intake | ClientFile:
    try:
        return glass.any_case(reference)
    except ClientFile.DoesNotExist:
        raise Http404 from None
