"""The document as it was signed: attached, checked, another one in its place, its signatures dated (recital D)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from brug.core.protocol.document import Protocol
from brug.desks.protocols import telling
from brug.desks.protocols.forms import DaysForm, SignedForm
from brug.desks.protocols.views import found_protocol, shown
from brug.kit.pages import allowed, as_file, form_page, page_of_form, step
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.registry import queries, services
from brug.office.registry import signed as signatures
from brug.office.registry.models import SignedDocument


@page_of_form
@allowed(Verb.ATTACH_SIGNED)
def signed(
    request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int, number: int | None = None
) -> HttpResponse:
    """Attach it to one version, or in the place of the wrong one with this `number`; it is checked at once."""
    found = found_protocol(protocol_id, version)
    wrong = None if number is None else _kept(found, number)
    form = SignedForm(request.POST or None, request.FILES or None)

    def do() -> HttpResponse:
        pdf = form.cleaned_data["pdf"].read(signatures.LARGEST + 1)
        kept = services.attach_signed(found, pdf, by=me.actor, at=now, instead_of=wrong)
        if DaysForm(found, signatures.as_read(kept.signatures), at=now).fields:
            return redirect("protocol-signed-days", protocol_id, version, kept.pk)
        return redirect(reverse("protocol", args=(protocol_id, version)) + "#signed")

    return step(request, form, do, "protocols/signed.html", {**shown(found, now), "wrong": wrong})


@page_of_form
@allowed(Verb.ATTACH_SIGNED)
def days(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int, number: int) -> HttpResponse:
    """The instants that stand in the signatures become events of the protocol, once a person said whose they are."""
    found = found_protocol(protocol_id, version)
    form = DaysForm(found, signatures.as_read(_kept(found, number).signatures), request.POST or None, at=now)
    if request.method == "POST" and form.is_valid():
        dated = form.signatures()
        for happened in dated:
            telling.happened(found, happened, by=me, at=now)
        if dated:
            messages.success(request, gettext("Kept."))
        return redirect(reverse("protocol", args=(protocol_id, version)) + "#signed")
    return form_page(request, "protocols/days.html", {**shown(found, now), "form": form})


@require_safe
@allowed(Verb.ATTACH_SIGNED)
def pdf(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int, number: int) -> HttpResponse:
    """The document as it was signed; not public: a certificate of an identity card holds a national number."""
    kept = _kept(found_protocol(protocol_id, version), number)
    return as_file(bytes(kept.pdf), "application/pdf", f"{protocol_id}-{version}-getekend.pdf")


def _kept(protocol: Protocol, number: int) -> SignedDocument:
    return get_object_or_404(queries.signed_documents(protocol), pk=number)
