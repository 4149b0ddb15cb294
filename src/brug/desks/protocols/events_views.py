"""Record what happened to a protocol; an end works from its instant (recital D, art. 5, art. 8, art. 11)."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.protocol.document import Protocol
from brug.core.protocol.life import Event, EventKind
from brug.core.states import WrongState
from brug.desks.protocols import telling
from brug.desks.protocols.events_forms import EventForm, SignatureForm
from brug.desks.protocols.views import found_protocol, shown
from brug.kit.pages import allowed, form_page, page_of_form
from brug.kit.templatetags.words import moment
from brug.office.parties import may
from brug.office.parties.may import Verb
from brug.office.parties.models import Member, Proposal
from brug.office.post import alerts
from brug.office.registry import queries as registry
from brug.office.registry import services


@page_of_form
@allowed(Verb.RECORD_EVENT)
def protocol_event(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """Record one event of the life of a version. What is recorded stays: a mistake is mended by another one."""
    protocol = found_protocol(protocol_id, version)
    form = EventForm(protocol, request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            _record(request, protocol, form.facts(), me, now)
        except WrongState:
            if form.facts().kind is EventKind.SIGNED:
                form.add_error("happened_at", _("A signature of this moment was put right: it is not theirs."))
            else:
                form.add_error("kind", _("Under this protocol this party cannot end it in this way."))
        else:
            return redirect("protocol-timeline", protocol_id, version)
    context = {**shown(protocol, now), "form": form, "may_tell": _may_tell(protocol, me, now)}
    return form_page(request, "protocols/event.html", context)


@page_of_form
@allowed(Verb.RECORD_EVENT)
def signature(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """A signature that was recorded for the wrong person, or by mistake, is put right."""
    protocol = found_protocol(protocol_id, version)
    form = SignatureForm(protocol, request.POST or None)
    if request.method == "POST" and form.is_valid():
        wrong, who = form.facts()
        try:
            telling.put_right(protocol, wrong, who, by=me, at=now)
        except WrongState:
            form.add_error(
                "who", _("It cannot be theirs under this protocol. Choose nobody, and record the signature anew.")
            )
        else:
            messages.success(request, gettext("Put right. What was recorded before stays in the log book."))
            return redirect("protocol-timeline", protocol_id, version)
    return form_page(request, "protocols/signature.html", {**shown(protocol, now), "form": form})


def _record(request: HttpRequest, protocol: Protocol, what: Event, member: Member, at: datetime) -> None:
    """An end without a term waits for a second person; all else counts at once, and the other party is told."""
    if what.kind not in services.AT_ONCE:
        telling.happened(protocol, what, by=member, at=at)
        messages.success(request, _("Recorded. It takes effect from the moment that you entered."))
        return
    facts = {"happened_at": what.at, "side": what.side or "", "who": what.who, "ground": what.told}
    with transaction.atomic():
        services.propose_end(protocol, what.kind, by=member, at=at, **facts)
        alerts.tell_administrators("second", at)
    messages.success(
        request,
        _(
            "Asked. It ends when an administrator agrees, from the moment that you entered. Until then nothing "
            "about a client leaves."
        ),
    )


def about_end(proposal: Proposal) -> list[tuple[str, str]]:
    """Which protocol, by which event, from when."""
    when = datetime.fromisoformat(proposal.facts["happened_at"])
    what = gettext(EventKind(proposal.facts["kind"]).offered)
    told = [(gettext("Protocol"), proposal.subject), (gettext("What happened"), str(what))]
    return [*told, (gettext("With effect from"), moment(when))]


def _may_tell(protocol: Protocol, member: Member, at: datetime) -> bool:
    """Whether a notice by us is the better way: it reaches the other party and works at both nodes (art. 8, 9, 11)."""
    ours = {(each.id, each.version) for each in registry.our_protocols(at)}
    return may.may(member, Verb.RUN_OVERSIGHT, at=at) and (protocol.id, protocol.version) in ours
