"""Pages of the notices: what was told and what came, each with who read it (art. 8, art. 9, art. 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.codes import NoticeKind
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.desks.oversight import notices, queries, telling
from brug.desks.oversight.forms import NoticeForm, ReachedForm
from brug.desks.oversight.models import Notice
from brug.desks.oversight.states import ENDS
from brug.kit.fields import minute
from brug.kit.pages import allowed, as_file, page_of_form
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.registry import queries as registry

SHOWN = 100  # notices on the page, the newest first


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    rows = [_row(notice, now) for notice in Notice.objects.all()[:SHOWN]]
    return render(request, "oversight/notices.html", {"rows": rows, "other_parties": queries.other_parties(now)})


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def new(request: HttpRequest, me: Member, now: datetime, protocol_id: str, version: int) -> HttpResponse:
    """Write a notice. An end is asked for twice: the second page says what it does."""
    protocol = registry.protocol(protocol_id, version)
    ours = {queries.name_of(each) for each in registry.our_protocols(now)}
    if protocol is None or queries.name_of(protocol) not in ours:
        raise Http404
    form = NoticeForm(request.POST or None, protocol=protocol)
    context: dict[str, Any] = {"form": form, "protocol": protocol, "other_party": _other(protocol)}
    if request.method == "POST" and form.is_valid():
        facts = _facts(form)
        if wrong := notices.why_not(protocol, facts, now):
            form.add_invalid(wrong)
        elif facts.about in ENDS and "sure" not in request.POST:
            asked = {"facts": facts, "words": _(facts.about.words), "sentences": _what_it_does(protocol, facts, now)}
            return render(request, "oversight/notice_sure.html", {**context, **asked})
        elif facts.about in notices.TAKES_TWO:
            notices.propose_end(protocol, facts, by=me, at=now)
            messages.success(
                request,
                _("Asked. An administrator decides. Until then nothing about a client leaves under this protocol."),
            )
            return redirect("notices")
        else:
            notice = notices.give(protocol, facts, by=me, at=now)
            messages.success(request, _("Notice sent.") if notice.parcel_id else _("Written. Print it and send it."))
            return redirect("notice", notice.notice_id)
    return render(request, "oversight/notice_new.html", context, status=422 if form.is_bound else 200)


def _what_it_does(protocol: Protocol, facts: notices.Facts, now: datetime) -> list[str]:
    """What such an end does; the last day is the one if it were read today."""
    days = {"last_day": protocol.articles.life.terms.last_day(legal_day(now)), "from_on": facts.from_on}
    written = {name: date_format(day, "j F Y") if day else "" for name, day in days.items()}
    return [_(sentence).format(**written) for sentence in ENDS[facts.about]]


def _facts(form: NoticeForm) -> notices.Facts:
    typed = form.cleaned_data
    return notices.Facts(
        about=NoticeKind(typed["about"]),
        remark=typed["remark"],
        from_on=typed["from_on"],
        ground=typed.get("ground", ""),
        touches=frozenset(typed["touches"]),
        decided_by=typed["decided_by"],
    )


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def one(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """One notice; of a letter: when was it delivered?"""
    notice = get_object_or_404(Notice, notice_id=reference)
    by_letter = notice.is_ours and notice.parcel_id is None and notice.reached_at is None
    form = ReachedForm(request.POST or None, initial={"reached_at": minute(now)}) if by_letter else None
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and form.is_bound and form.is_valid():
        try:
            notices.record_reached(notice, form.cleaned_data["reached_at"], by=me, at=now)
        except Invalid as invalid:
            form.add_invalid(invalid)
        else:
            messages.success(request, _("Recorded: it reached them at the moment that you entered."))
            return redirect("notice", reference)
    context = {**_row(notice, now), "form": form}
    return render(request, "oversight/notice.html", context, status=422 if form and form.is_bound else 200)


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def acknowledge(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    notices.acknowledge(get_object_or_404(Notice, notice_id=reference, is_ours=False), by=me, at=now)
    messages.success(request, _("The other officer is told that you have read it."))
    return redirect("notice", reference)


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def pdf(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """A notice of ours as a letter."""
    notice = get_object_or_404(Notice, notice_id=reference, is_ours=True)
    protocol = registry.named(notice.protocol)
    if protocol is None:
        raise Http404
    paper = telling.on_paper(notices.said(notice), protocol, notice.party, now)
    return as_file(paper, "application/pdf", f"kennisgeving-{legal_day(notice.given_at)}.pdf")


def _row(notice: Notice, now: datetime) -> dict[str, Any]:
    protocol = registry.named(notice.protocol)
    name, last_day = notice.party, None
    if protocol is not None:
        name = _other(protocol)
        if notice.about == NoticeKind.SIX_MONTHS and notice.reached_at and not notice.is_void:
            last_day = protocol.articles.life.terms.last_day(legal_day(notice.reached_at))
    is_end = notice.about in ENDS
    return {"notice": notice, "name": name, "protocol": protocol, "last_day": last_day, "is_end": is_end}


def _other(protocol: Protocol) -> str:
    return registry.other_party(protocol).short_name
