"""What the team referred: the list, and the search for one client."""

from __future__ import annotations

from datetime import datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from brug.desks.referrals import queries, recognition, refusals, waiting
from brug.desks.referrals.forms import SearchForm
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.kit.pages import me_and_now
from brug.office.parties.may import Relation, Verb, is_bound_by_secrecy, may
from brug.office.parties.models import Member


def overview(request: HttpRequest) -> HttpResponse:
    member, now = me_and_now(request)
    if not may(member, Verb.SEE_REFERRALS, at=now):
        raise Http404
    page = Paginator(queries.visible_to(member, now), queries.PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(referral, member, now) for referral in page.object_list],
        "bound": is_bound_by_secrecy(member, now),
        "refusals": refusals.in_year(now),
        "search": SearchForm(),
    }
    return render(request, "referrals/overview.html", context)


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """The team's referrals of one client; nothing typed stands in an address or a log, and no person is shown."""
    member, now = me_and_now(request)
    if not may(member, Verb.SEE_REFERRALS, at=now) or not may(member, Verb.REFER, Relation.OWN, at=now):
        raise Http404
    form = SearchForm(request.POST)
    hits = []
    if form.is_valid():
        hits = recognition.search(form.cleaned_data["words"], queries.visible_to(member, now), by=member, at=now)
    rows = [_row(referral, member, now) for referral in hits]
    context = {"form": form, "rows": rows, "searched": form.is_valid()}
    return render(request, "referrals/found.html", context, status=422 if form.errors else 200)


def _row(referral: Referral, member: Member, now: datetime) -> dict[str, object]:
    worries = referral.state == ReferralState.SENT and waiting.worries_from(referral) <= now
    return {
        "referral": referral,
        "municipality": queries.place_name(referral.residence, now),
        "own": referral.notifier_id == member.pk,
        "worries": worries,
    }
