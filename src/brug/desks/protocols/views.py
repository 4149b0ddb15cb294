"""Protocols for everybody: the public page and its other forms, the timeline, "Mag dit?", a draft, the directory.

What is published needs no log-in (recital D); asking, drafting, the directory and attaching are for members.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_safe

from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.decide import Denial, decide
from brug.core.protocol.document import Protocol
from brug.core.protocol.operate import obstacles
from brug.desks.protocols import directory as towns
from brug.desks.protocols import drafts, lifetime, telling
from brug.desks.protocols.forms import AskForm, DirectoryForm, DraftForm
from brug.desks.protocols.publication import publication
from brug.kit.linked import document, jsonld
from brug.kit.pages import allowed, as_file, form_page, page_of_form
from brug.kit.plain import sections
from brug.office.parties import may
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.registry import queries
from brug.office.registry import signed as signatures

GIST = {  # what somebody who is asked for a yes wants to know first, by the kind of article
    "data": gettext_lazy("Which data"),
    "onward": gettext_lazy("Who gets them"),
    "security": gettext_lazy("How they are protected"),
    "life": gettext_lazy("How long, and how it ends"),
}


def found_protocol(protocol_id: str, version: int) -> Protocol:
    protocol = queries.protocol(protocol_id, version)
    if protocol is None:
        raise Http404
    return protocol


def _is_open(request: HttpRequest, protocol: Protocol) -> bool:
    """What is only offered, or was refused, is no protocol: members alone may read it."""
    return bool(request.user.is_authenticated) or life.is_settled(protocol.events)


def _other_versions(request: HttpRequest, protocol: Protocol) -> list[Protocol]:
    others = (each for each in queries.versions(protocol.id) if each.version != protocol.version)
    return [each for each in others if _is_open(request, each)]


def _readable(request: HttpRequest, protocol_id: str, version: int) -> Protocol:
    protocol = found_protocol(protocol_id, version)
    if not _is_open(request, protocol):
        raise Http404
    return protocol


def shown(protocol: Protocol, at: datetime) -> dict[str, Any]:
    """What every page of one version shows of it."""
    return {
        "protocol": protocol,
        "name": f"{protocol.discloser.short_name} – {protocol.recipient.short_name}",
        "standing": lifetime.standing(protocol, at),
        "colour": lifetime.colour(protocol, at),
    }


@login_not_required
@require_safe
def protocols(request: HttpRequest) -> HttpResponse:
    """Every protocol that this node knows, the version that holds now; earlier ones behind it."""
    at = timezone.now()
    rows = [
        {
            **shown(protocol, at),
            "others": _other_versions(request, protocol),
        }
        for protocol in queries.all_protocols(at)
        if _is_open(request, protocol)
    ]
    may_write = request.user.is_authenticated and may.may(request.user, Verb.RECORD_EVENT, at=at)
    return render(request, "protocols/list.html", {"rows": rows, "may_write": may_write})


@login_not_required
@require_safe
def the_protocol(request: HttpRequest) -> HttpResponse:
    """The one protocol of this node, or the list when there are more or none."""
    known = queries.all_protocols(timezone.now())
    if len(known) == 1:
        return redirect("protocol", known[0].id, known[0].version)
    return redirect("protocols")


@login_not_required
@require_safe
@gzip_page
def protocol(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """The public page of one version: what was signed, article by article, and what it comes down to."""
    at = timezone.now()
    found = _readable(request, protocol_id, version)
    signed = [(each, list(signatures.as_read(each.signatures))) for each in queries.signed_documents(found)]
    every = sections(found, legal_day(at))
    context = {
        **shown(found, at),
        "sections": every,
        "gist": [(GIST[kind], each) for kind in GIST for each in every if each.name == found.cited.get(kind)],
        "obstacles": list(obstacles(found)),
        "versions": _other_versions(request, found),
        "same_text": life.same_text(found.events),
        "published": list(lifetime.publications(found)),
        "warnings": lifetime.warnings(found, at),
        "signed": signed,
        "may_attach": request.user.is_authenticated and may.may(request.user, Verb.ATTACH_SIGNED, at=at),
    }
    response = render(request, "protocols/protocol.html", context)
    jsonld_url = reverse("protocol-jsonld", args=(protocol_id, version))
    response["Link"] = f'<{jsonld_url}>; rel="alternate"; type="application/ld+json"'
    return response


@login_not_required
@require_safe
def protocol_pdf(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """The same as a PDF, in Dutch."""
    at = timezone.now()
    found = _readable(request, protocol_id, version)
    with translation.override("nl-be"):
        pdf = publication(found, on=legal_day(at), standing=lifetime.standing(found, at))
    return as_file(pdf, "application/pdf", f"{found.id}-{found.version}.pdf", shown=True)


@login_not_required
@require_safe
def protocol_json(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """The document as JSON; its schema stands in the header `Link`."""
    link = f'<{reverse("protocol-schema")}>; rel="describedby"; type="application/schema+json"'
    text = document.as_json(_readable(request, protocol_id, version))
    return HttpResponse(text, content_type="application/json", headers={"Link": link})


@login_not_required
@require_safe
def protocol_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of every document."""
    return HttpResponse(document.schema(), content_type="application/schema+json")


@login_not_required
@require_safe
def protocol_jsonld(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """The same as linked data."""
    address = request.build_absolute_uri(reverse("protocol", args=(protocol_id, version)))
    text = jsonld.as_text(jsonld.linked(_readable(request, protocol_id, version), timezone.now(), address))
    shapes = f'<{reverse("linked", args=["protocol-1.shapes.ttl"])}>; rel="describedby"'
    return HttpResponse(text, content_type="application/ld+json", headers={"Link": shapes})


@login_not_required
@require_safe
def protocol_timeline(request: HttpRequest, protocol_id: str, version: int) -> HttpResponse:
    """The life of one version as a picture, and the same in two tables."""
    at = timezone.now()
    found = _readable(request, protocol_id, version)
    state = life.state(found, found.events, at)
    may_record = request.user.is_authenticated and may.may(request.user, Verb.RECORD_EVENT, at=at)
    context = {
        **shown(found, at),
        **(_steps(found, at) if may_record else {}),
        "picture": lifetime.picture(found, at),
        "warnings": lifetime.warnings(found, at),
        "last_day": state.last_day,
        "today": legal_day(at),
        "may_record": may_record,
    }
    return render(request, "protocols/timeline.html", context)


def _steps(found: Protocol, at: datetime) -> dict[str, bool]:
    """What the officer can do between the two parties."""
    if not telling.is_ours(found):
        return {}
    side, offered = queries.our_side(found), life.open_offer(found.events)
    return {
        "is_ours": True,
        "may_offer": telling.may_be_offered(found, at),
        "may_answer": offered is not None and offered.side != side,
        "may_agree_mailbox": side == "discloser" and life.open_mailbox(found.events) is not None,
        "may_put_right": bool(queries.signatures_recorded_here(found)),
    }


@require_GET
@allowed(Verb.SEE_PROTOCOLS)
def protocol_ask(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """A what-if question to one version. Everything is in the address; nothing is kept and nothing is sent."""
    found = found_protocol(protocol_id, version)
    asked = request.GET if "on" in request.GET else None
    form = AskForm(found, asked, on=legal_day(now))
    context: dict[str, Any] = {**shown(found, now), "form": form}
    is_wrong = asked is not None and not form.is_valid()
    if asked is not None and not is_wrong:
        decision = decide(found, form.request(), form.at)
        if isinstance(decision, Denial):
            context["reasons"] = decision.reasons
        else:
            context |= {"decision": decision, "fields": sorted(decision.fields)}
    return render(request, "protocols/ask.html", context, status=422 if is_wrong else 200)


@page_of_form
@allowed(Verb.RECORD_EVENT)
def protocol_new(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """A draft from the standard text: asks only what differs."""
    form = DraftForm(request.POST if request.method == "POST" else None, on=legal_day(now))
    if not form.is_valid():
        return form_page(request, "protocols/new.html", {"form": form})
    return redirect("protocol-draft", drafts.begin(form.answers(), by=me, at=now).pk)


@require_GET
@gzip_page
@allowed(Verb.SEE_PROTOCOLS)
def directory(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Every Flemish municipality: covered, ending soon, none."""
    found = towns.rows(queries.all_protocols(now), now)
    form = DirectoryForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"name": "", "cover": ""}
    shown = [
        row for row in found if chosen["name"].casefold() in row.name.casefold() and chosen["cover"] in ("", row.cover)
    ]
    return render(request, "protocols/directory.html", {"rows": shown, "form": form, "counts": towns.counted(found)})
