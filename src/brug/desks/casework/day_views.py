"""What a worker planned: one day with who it is about, and a calendar of steps without persons (art. 2, art. 4)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from icalendar import Calendar, Event

from brug.core.calendar import legal_day
from brug.desks.casework import queries, services
from brug.desks.casework.models import ClientFile, Feed
from brug.desks.casework.states import FileState, NextStep
from brug.desks.casework.views import Case, person_of
from brug.kit.pages import allowed, page_of_form
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member

WEEKS = 4  # that a calendar looks back


@require_GET
@allowed(Verb.OPEN_CASE, Relation.OWN)
def day(request: HttpRequest, me: Member, now: datetime, on: str = "") -> HttpResponse:
    """The steps of a day; of today also what is left of the days before. On to the next day with something planned."""
    today = legal_day(now)
    try:
        shown = date.fromisoformat(on) if on else today
    except ValueError:
        raise Http404 from None
    planned = list(_planned(me, now, date.min, date.max))
    days = {today, *(max(case.next_on or today, today) for case in planned)}
    before, after = max((d for d in days if d < shown), default=None), min((d for d in days if d > shown), default=None)
    cases = [case for case in planned if case.next_on == shown or (shown == today and (case.next_on or today) < today)]
    contents = services.open_list(cases, by=me, at=now)
    rows = [
        {"case": case, "person": person_of(case, content, now), "is_file": isinstance(case, ClientFile)}
        for case, content in zip(cases, contents, strict=True)
    ]
    context = {"day": shown, "before": before, "after": after, "rows": rows, "today": today}
    return render(request, "casework/day.html", context)


@page_of_form
@allowed(Verb.SEE_OWN_CASES)
def calendar(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Make the address of one's own calendar, another one, or none; it is shown once."""
    address = ""
    if request.method == "POST":
        Feed.objects.filter(member=me).delete()
        if request.POST.get("do") == "make":
            secret = secrets.token_urlsafe(32)
            Feed.objects.create(member=me, digest=_digest(secret))
            address = request.build_absolute_uri(reverse("calendar-feed", args=[secret]))
    context = {"address": address, "has_feed": Feed.objects.filter(member=me).exists()}
    return render(request, "casework/calendar.html", context)


@login_not_required
@never_cache
@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The steps as iCalendar (RFC 5545), for who has the address; nothing of a person stands in it."""
    now = timezone.now()
    found = Feed.objects.select_related("member").filter(digest=_digest(secret), member__is_active=True).first()
    if found is None or not may(found.member, Verb.OPEN_CASE, Relation.OWN, at=now):
        raise Http404
    since = legal_day(now) - timedelta(weeks=WEEKS)
    made = Calendar()
    made.add("prodid", "-//Brug//casework//NL")
    made.add("version", "2.0")
    with override("nl-be"):
        words = {step.value: gettext(step.words) for step in NextStep}
        for case in _planned(found.member, now, since, date.max):
            step = Event()
            step.add("uid", f"{case.number}@{request.get_host()}")
            step.add("summary", f"{words.get(case.next_step, '')} {case.number}".strip())
            step.add("dtstart", case.next_on)
            step.add("dtstamp", now)
            made.add_component(step)
    return HttpResponse(made.to_ical(), content_type="text/calendar; charset=utf-8")


def _planned(me: Member, now: datetime, first: date, last: date) -> Iterator[Case]:
    """What is planned of one's own cases, and nobody may not touch, from `first` through `last`, by day."""
    due = {"next_on__gte": first, "next_on__lte": last, "restricted_at": None, "withdrawn_at": None}
    intakes: list[Case] = list(queries.own_intakes(me, now).filter(**due))
    files: list[Case] = list(queries.own_files(me, now).filter(state=FileState.OPEN, is_elsewhere=False, **due))
    yield from sorted([*intakes, *files], key=lambda case: (case.next_on or last, case.number))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
