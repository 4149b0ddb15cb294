"""The officer's part between two parties: offer a text, answer an offer, another mailbox (recital D, art. 6, 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from brug.core.identity import write_phone
from brug.core.protocol import life
from brug.core.protocol.document import DocumentError, Protocol
from brug.core.protocol.life import Event, EventKind
from brug.core.protocol.text import compared, difference
from brug.desks.protocols import telling
from brug.desks.protocols.clause_words import faulty
from brug.desks.protocols.offering_forms import AgreeMailboxForm, ChangeForm
from brug.desks.protocols.views import found_protocol, shown
from brug.kit.pages import allowed, page_of_form, step
from brug.office.parties.may import Verb
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries


@page_of_form
@allowed(Verb.RECORD_EVENT)
def offer(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """What differs from the text that holds now, and one button: lay it before the other party."""
    protocol = _ours(protocol_id, version)
    if request.method == "POST":
        telling.offer(protocol, by=me, at=now)
        on_paper = gettext("Written down. Lay the text before them on paper.")
        told = gettext("Offered. Their officer sees it and answers; you see the answer here.")
        messages.success(request, told if _has_node(protocol) else on_paper)
        return redirect("protocol-timeline", protocol_id, version)
    if not telling.may_be_offered(protocol, now):
        raise Http404
    return render(request, "protocols/offer.html", {**_compared(protocol, now), "has_node": _has_node(protocol)})


@page_of_form
@allowed(Verb.RECORD_EVENT)
def answer(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """What the other party offered, clause by clause against what holds now: accept or refuse."""
    protocol = _ours(protocol_id, version)
    faults: tuple[Any, ...] = ()
    if request.method == "POST":
        accepts = "accept" in request.POST
        try:
            telling.answer(protocol, accepts=accepts, by=me, at=now)
        except DocumentError as error:
            faults = tuple(dict.fromkeys(faulty(fault) for fault in error.faults))
        else:
            told, to_tell = gettext("Refused. They are told."), gettext("Refused. Tell them on paper.")
            no = told if _has_node(protocol) else to_tell
            yes = gettext("Accepted: both parties hold the same text.")
            messages.success(request, yes if accepts else no)
            return redirect("protocol-timeline", protocol_id, version)
    offered = life.open_offer(protocol.events)
    if offered is None or offered.side == queries.our_side(protocol):
        raise Http404
    context = {**_compared(protocol, now), "offered": offered, "faults": faults}
    return render(request, "protocols/answer.html", context, status=422 if faults else 200)


@page_of_form
@allowed(Verb.RECORD_EVENT)
def change(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """Another mailbox, officer or representative of ours: told to the other party, written on the timeline of both."""
    protocol = _ours(protocol_id, version)
    form = ChangeForm(protocol, request.POST or None)

    def do() -> HttpResponse:
        typed, kind = form.cleaned_data, EventKind(form.cleaned_data["kind"])
        if kind is EventKind.MAILBOX_ASKED:
            telling.ask_mailbox(protocol, typed["mailbox"], by=me, at=now)
            words = gettext("Asked. Until their officer called you and agreed, parcels go to the mailbox of now.")
        else:
            is_officer = kind is EventKind.OFFICER_CHANGED
            who, told = ("", typed["mailbox"]) if is_officer else (typed["name"], typed["capacity"])
            telling.happened(protocol, Event(kind, now, queries.our_side(protocol), who, told), by=me, at=now)
            words = gettext("Recorded, and told to the other party.")
        if not _has_node(protocol):
            words = gettext("Recorded. Tell it to the other party on paper: it has no node.")
        messages.success(request, words)
        return redirect("protocol-timeline", protocol_id, version)

    context = {**shown(protocol, now), "has_node": _has_node(protocol)}
    return step(request, form, do, "protocols/change.html", context)


@page_of_form
@allowed(Verb.AGREE_PARTY)
def mailbox(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """The recipient asks for another mailbox: call, and agree."""
    protocol = _ours(protocol_id, version)
    asked = life.open_mailbox(protocol.events)
    if asked is None or queries.our_side(protocol) != "discloser":
        raise Http404
    form = AgreeMailboxForm(request.POST or None)

    def do() -> HttpResponse:
        telling.agree_mailbox(protocol, request.POST.get("shown", ""), by=me, at=now)
        messages.success(request, gettext("Agreed. Parcels go there from now on, also those that are on their way."))
        return redirect("protocol-timeline", protocol_id, version)

    context = {**shown(protocol, now), "asked": asked, "phone": _phone(telling.other_party(protocol))}
    return step(request, form, do, "protocols/mailbox.html", context)


def _ours(protocol_id: str, version: int) -> Protocol:
    protocol = found_protocol(protocol_id, version)
    if not telling.is_ours(protocol):
        raise Http404
    return protocol


def _phone(party: Counterparty | None) -> str:
    return write_phone(party.phone) if party and party.phone else gettext("not known here: look it up yourself")


def _has_node(protocol: Protocol) -> bool:
    party = telling.other_party(protocol)
    return party is not None and party.has_node


def _compared(protocol: Protocol, at: datetime) -> dict[str, Any]:
    """The text against the one that holds now, or else the last one that both agreed to."""
    before = max(
        (each for each in protocol.others if life.is_settled(each.events)),
        key=lambda each: (life.state(each, each.events, at).is_in_force, each.version),
        default=None,
    )
    context = {**shown(protocol, at), "before": before}
    if before is not None:
        clauses = compared(before, protocol)
        printed = {name for name, _pieces in clauses} | {"protocol"}
        beside = [each for each in difference(before, protocol) if each.clause not in printed and _is_agreed(each.path)]
        context |= {"clauses": clauses, "beside": beside}
    return context


def _is_agreed(path: str) -> bool:
    """Not what one party notes beside the text."""
    return not path.startswith(("flags", "kept_by", "added"))
