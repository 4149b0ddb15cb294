"""The home of the data protection officer: what waits, and the way to everything; documents (art. 6, art. 9)."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from brug.desks.oversight import queries
from brug.desks.oversight.models import Document
from brug.desks.oversight.queries import OtherParty
from brug.desks.oversight.waiting import ROWS
from brug.kit.pages import allowed, as_file
from brug.office.parties import waiting
from brug.office.parties.may import Verb
from brug.office.parties.models import Member


def found_party(kbo: str, now: datetime) -> OtherParty:
    other_party = queries.other_party(kbo, now)
    if other_party is None:
        raise Http404
    return other_party


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def home(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """What waits for the officer, and everything the desk has. Nothing of a client stands on any page of it."""
    return render(request, "oversight/home.html", {"waits": waiting.lines(me, now, table=ROWS)})


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def document_pdf(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """A document as it was uploaded: offered as a file, never shown as a page."""
    document = get_object_or_404(Document, pk=pk)
    return as_file(bytes(document.pdf), "application/pdf", f"{document.kind}-{document.dated_on}.pdf")
