"""The register of processing as a page and for a spreadsheet; its PDF and linked data are in the face (GDPR 30)."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from brug.core.calendar import legal_day
from brug.desks.oversight import register
from brug.kit.pages import allowed, as_file
from brug.office.parties.may import Verb
from brug.office.parties.models import Member


@require_GET
@allowed(Verb.SEE_REGISTER)
def page(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    found = register.activities(now)
    rows = [{"activity": each, "rows": [(h, lines) for _, h, lines in each.rows() if lines]} for each in found]
    return render(request, "oversight/register.html", {"activities": rows})


@require_GET
@allowed(Verb.SEE_REGISTER)
def as_csv(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    text = register.as_csv(register.activities(now))
    return as_file(text, "text/csv; charset=utf-8", f"verwerkingsregister-{legal_day(now)}.csv")
