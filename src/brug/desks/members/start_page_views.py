"""A member lets the host's start page count what waits here, in one browser; and what that page asks (decision 38)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from brug.kit.pages import me_and_now, page_of_form
from brug.office.parties import start_page
from brug.office.parties.models import StartPage
from brug.office.plug import waiting


@page_of_form
def link(request: HttpRequest) -> HttpResponse:
    """What it shows and where it is shown; then the way to it, which holds for five minutes and works once."""
    me, now = me_and_now(request)
    if not settings.START_PAGE:
        raise Http404
    linked = StartPage.objects.filter(member=me, until__gt=now + start_page.CODE_LASTS).count()
    if request.method != "POST":
        return render(request, "members/start_page.html", {"linked": linked})
    told = urlencode({"node": settings.HOME.name, "code": start_page.begin(me, at=now)})
    address = f"{settings.START_PAGE}/add?{told}"
    answer = render(request, "members/start_page.html", {"linked": linked, "address": address})
    answer["Refresh"] = f"0; url={address}"
    return answer


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """In no browser any more."""
    me, _now = me_and_now(request)
    start_page.end(me)
    messages.success(request, _("The start page no longer shows anything of this place."))
    return redirect("home")


@csrf_exempt  # no cookie counts here, and no browser asks
@login_not_required
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """The token for a code; 404 for any other."""
    given = start_page.exchange(request.POST.get("code", ""), at=timezone.now()) if settings.START_PAGE else ""
    if not given:
        return HttpResponse(status=404)
    return JsonResponse({"token": given})


@login_not_required
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """How many things wait for the member whose token it is, and how many of them now; 404 for any other."""
    now = timezone.now()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    member = start_page.whose(given, at=now) if settings.START_PAGE else None
    if member is None:
        return HttpResponse(status=404)
    lines = waiting(member, now)
    late = sum(line.count for line in lines if line.is_late)
    return JsonResponse({"waiting": sum(line.count for line in lines), "now": late})
