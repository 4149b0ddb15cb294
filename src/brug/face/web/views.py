"""The language, the member's home, the accessibility statement, the page of components."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from brug.core import address
from brug.core.calendar import legal_day
from brug.desks.referrals.forms import StartForm
from brug.face.web import samples
from brug.kit.context import navigation
from brug.kit.forms import SampleForm
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member
from brug.office.plug import waiting
from brug.office.registry.queries import all_protocols

SECURITY_TXT_DAYS = 180
ASSESSED_ON = date(2026, 11, 27)  # when somebody last held the accessibility statement against the pages


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the member, from every room, and the way to each; a role without a desk reads that here."""
    member, now = request.user, timezone.now()
    if not isinstance(member, Member):
        raise Http404
    refer = StartForm(today=now) if may(member, Verb.REFER, Relation.OWN, at=now) else None
    context = {
        "waiting": waiting(member, now),
        "places": [each for each in navigation(member) if not (refer and each.url == reverse("referral-start"))],
        "start_page": settings.START_PAGE,
        "refer": refer,
    }
    return render(request, "web/home.html", context)


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (EU directive 2016/2102); this party's address is that of its protocol."""
    parties = [party for each in all_protocols(timezone.now()) for party in (each.discloser, each.recipient)]
    ours = next((party for party in parties if party.kbo.digits == settings.PARTY), None)
    context = {"ours": ours, "mailbox": settings.MAILBOX, "phone": settings.PHONE, "assessed_on": ASSESSED_ON}
    return render(request, "web/accessibility.html", context)


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Every postal code with its municipality, for suggestions: a browser asks once, and sends nothing typed."""
    listed = address.places(legal_day(timezone.now()))
    return JsonResponse(listed, safe=False, json_dumps_params={"ensure_ascii": False})


@login_not_required
@require_GET
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole (RFC 9116)."""
    expires = timezone.now() + timedelta(days=SECURITY_TXT_DAYS)
    lines = [
        f"Contact: mailto:{settings.SECURITY_CONTACT or settings.MAILBOX}",
        f"Expires: {expires.strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def components(request: HttpRequest) -> HttpResponse:
    """Every component on one living page, in a demo only. What is posted is looked at and forgotten."""
    if not settings.DEMO:
        raise Http404
    is_posted = request.method == "POST"
    form = SampleForm(request.POST) if is_posted else SampleForm(initial={"given_name": "Amal", "postal_code": "2260"})
    is_wrong = is_posted and not form.is_valid()
    return render(request, "web/components.html", {"form": form, **samples.CONTEXT}, status=422 if is_wrong else 200)
