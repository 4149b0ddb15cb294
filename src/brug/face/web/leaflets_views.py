"""What a family may read for itself: a leaflet on screen, to be read aloud, on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from brug.core import leaflet as core
from brug.core.fonts import missing_for
from brug.core.leaflet import LANGUAGES, Kind, Leaflet, NotWritten
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.face.web.leaflet_paper import picture, printed
from brug.kit.press import qr_code
from brug.office.parties.queries import phones
from brug.office.registry import queries
from brug.office.vault.reasons import CONSENT_RECORD_MONTHS


@login_not_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every leaflet of this controller, by protocol and language."""
    at = timezone.now()
    names = [(code, core.texts(code)["name"], core.texts(code)["direction"]) for code in LANGUAGES]
    rows = [(kind, protocol) for kind in Kind for protocol in protocols(kind, at)]
    return render(request, "web/leaflets.html", {"rows": rows, "languages": names})


@login_not_required
@require_safe
@gzip_page
def leaflet(request: HttpRequest, kind: str, language: str, protocol_id: str = "") -> HttpResponse:
    """One leaflet, with the Dutch beside it. Without a protocol: the only one, else the list."""
    found = protocols(_kind(kind), timezone.now())
    if not protocol_id:
        core_or_404(kind, language, found[0] if found else None)
        return redirect("leaflet", kind, language, found[0].id) if len(found) == 1 else redirect("leaflets")
    shown, dutch = _both(kind, language, protocol_id)
    address = request.build_absolute_uri(reverse("leaflet", args=(kind, language, protocol_id)))
    context: dict[str, Any] = {
        "leaflet": shown,
        "dutch": dutch if language != "nl" else None,
        "sections": [
            (SafeString(picture(own.picture)), own, other)
            for own, other in zip(shown.sections, dutch.sections, strict=True)
        ],
        "facts": [(label, other[0], value) for (label, value), other in zip(shown.facts, dutch.facts, strict=True)],
        "languages": [(code, core.texts(code)["name"], core.texts(code)["direction"]) for code in LANGUAGES],
        "protocol_id": protocol_id,
        "qr": SafeString(qr_code(address)),
        "missing": missing_for(language),
    }
    return render(request, "web/leaflet.html", context)


@login_not_required
@require_safe
def aloud(request: HttpRequest, kind: str, language: str, protocol_id: str) -> HttpResponse:
    """The same sentences and nothing else, large, one on a line: to read aloud, or to have read aloud."""
    shown, _ = _both(kind, language, protocol_id)
    return render(request, "web/leaflet_aloud.html", {"leaflet": shown, "protocol_id": protocol_id})


@login_not_required
@require_safe
def pdf(request: HttpRequest, kind: str, language: str, protocol_id: str) -> HttpResponse:
    """The same on one page of paper. Without letters for this language on this machine there is none: 404."""
    shown, dutch = _both(kind, language, protocol_id)
    if missing_for(language):
        raise Http404
    address = request.build_absolute_uri(reverse("leaflet", args=(kind, language, protocol_id)))
    headers = {"Content-Disposition": f'inline; filename="{shown.mark}.pdf"'}
    return HttpResponse(printed(shown, dutch, address=address), content_type="application/pdf", headers=headers)


def protocols(kind: Kind, at: datetime) -> list[Protocol]:
    """The protocols in force of which this node's party gives the leaflet: each controller gives its own."""
    return [each for each in ever_held(kind, at) if life.state(each, each.events, at).is_in_force]


def ever_held(kind: Kind, at: datetime) -> list[Protocol]:
    """The same, and those that have ended: a family that got a leaflet may still read it, by its code too."""
    mine = queries.by_discloser if kind is Kind.BEFORE else queries.by_recipient
    return [each for each in mine(settings.PARTY, at) if each.holds_from is not None and each.holds_from <= at]


def core_or_404(kind: str, language: str, protocol: Protocol | None) -> Leaflet:
    """The leaflet, or what does not exist."""
    if protocol is None:
        raise Http404
    try:
        return core.leaflet(protocol, _kind(kind), language, consent_years=CONSENT_RECORD_MONTHS // 12, phones=phones())
    except NotWritten:
        raise Http404 from None


def _kind(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise Http404 from None


def _both(kind: str, language: str, protocol_id: str) -> tuple[Leaflet, Leaflet]:
    """The leaflet and its Dutch."""
    found = [each for each in ever_held(_kind(kind), timezone.now()) if each.id == protocol_id]
    protocol = found[0] if found else None
    return core_or_404(kind, language, protocol), core_or_404(kind, "nl", protocol)
