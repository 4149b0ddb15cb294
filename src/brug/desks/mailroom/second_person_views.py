"""The officer's part in meeting a party: the same words, or a mailbox and a number, before they count (art. 6)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from brug.core.identity import write_phone
from brug.core.parcel import card
from brug.desks.mailroom.second_person_forms import AgreeForm
from brug.kit.pages import allowed, form_page, page_of_form
from brug.office.disclosure import meeting
from brug.office.parties.may import TWO_PEOPLE
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.parties.states import Joint

KINDS = (Joint.KEYS, Joint.PRESENT_KEYS, Joint.MAILBOX)
SECOND = TWO_PEOPLE[Joint.KEYS][1]  # what the second of the two may do


@require_safe
@allowed(SECOND)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """What waits for the second person, and by which keys and mailboxes we know each party."""
    names = dict(Counterparty.objects.values_list("kbo", "name"))
    context = {
        "waiting": [
            {"proposal": row, "kind": gettext(Joint(row.joint).words), "name": _name(row, names)}
            for row in Proposal.objects.filter(joint__in=KINDS).order_by("at")
        ],
        "parties": Counterparty.objects.order_by("name"),
    }
    return render(request, "mailroom/party_second.html", context)


@page_of_form
@allowed(SECOND)
def agree(request: HttpRequest, me: Member, now: datetime, pk: int) -> HttpResponse:
    """One proposal: look, call, agree or refuse."""
    proposal = get_object_or_404(Proposal.objects.filter(joint__in=KINDS), pk=pk)
    if "refuse" in request.POST:
        meeting.refuse(proposal, by=me, at=now)
        messages.success(request, gettext("Refused. Nothing of it was used."))
        return redirect("parties-second")
    form = AgreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("shown") != proposal.at.isoformat():
            return render(request, "409.html", status=409)
        meeting.agree(proposal, by=me, at=now)
        messages.success(request, gettext("Agreed. It counts from now on."))
        return redirect("parties-second")
    known = Counterparty.objects.filter(kbo=proposal.subject).first()
    context = {
        "form": form,
        "proposal": proposal,
        "name": _name(proposal, {known.kbo: known.name} if known else {}),
        "phone": known.phone if known else "",
        "words": proposal.facts.get("fingerprint", "").split("-") if "fingerprint" in proposal.facts else [],
        "changes": _changes(proposal, known),
    }
    return form_page(request, "mailroom/party_agree.html", context)


def _name(proposal: Proposal, names: dict[str, str]) -> str:
    if proposal.joint == Joint.KEYS:
        return card.read(proposal.facts["card"]).name
    return proposal.facts.get("name") or names.get(proposal.subject, proposal.subject)


def _changes(proposal: Proposal, known: Counterparty | None) -> list[tuple[str, str, str]]:
    """What becomes otherwise than we know it: label, before, after."""
    told = proposal.facts
    if proposal.joint == Joint.KEYS:
        theirs = card.read(told["card"])
        told = {"mailbox": theirs.mailbox, "phone": theirs.phone or (known.phone if known else "")}
    pairs = [
        (gettext("Mailbox for parcels"), known.mailbox if known else "", told.get("mailbox", "")),
        (gettext("Number to call"), _phone(known.phone if known else ""), _phone(told.get("phone", ""))),
    ]
    return [] if proposal.joint == Joint.PRESENT_KEYS else [pair for pair in pairs if pair[1] != pair[2]]


def _phone(number: str) -> str:
    return write_phone(number) if number else ""
