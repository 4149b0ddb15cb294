"""Pages on the quality of the data: parse, call one verb, render. Not one's own and not there are alike (art. 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.quality import answering, queries, services
from brug.desks.quality.forms import AnswerForm, NameForm, ReportForm
from brug.desks.quality.models import Report
from brug.desks.quality.states import ANSWER_DAYS, UNANSWERED, ReportState, Side
from brug.kit.pages import allowed, on, page_of_form, step
from brug.office.asks import Gone
from brug.office.disclosure import calls
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member
from brug.office.plug import cases, referrals
from brug.office.post import services as post


def _visible(me: Member, reference: UUID, now: datetime) -> Report:
    found = queries.visible_to(me, cases().referrals_of(me), now).filter(reference=reference).first()
    if found is None:
        raise Http404
    return found


def _workable(me: Member, reference: UUID, now: datetime) -> Report:
    """One that `me` may work on, not only see: before the form says what is wrong with what was typed."""
    found = _visible(me, reference, now)
    if not queries.may_work_on(me, found, cases().referrals_of(me), now):
        raise Http404
    return found


@require_GET
@allowed(Verb.SEE_QUALITY)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    found = queries.visible_to(me, cases().referrals_of(me), now)
    waiting = [queries.row(report, now) for report in found.filter(closed_at=None)]
    closed = [queries.row(report, now) for report in found.exclude(closed_at=None)[: queries.CLOSED_SHOWN]]
    context = {"waiting": waiting, "closed": closed, "target": ANSWER_DAYS, "me": me}
    return render(request, "quality/overview.html", context)


@page_of_form
@allowed(Verb.REPORT_QUALITY, Relation.OWN)
def report(request: HttpRequest, me: Member, now: datetime, case: UUID) -> HttpResponse:
    try:
        found = cases().open_case(case, by=me, at=now)
    except Gone:
        raise Http404 from None
    about = {name: request.GET.get(name) for name in ("field", "defect")}  # what an attempt found wrong
    has_node = services.has_node(found.protocol)
    form = ReportForm(request.POST or None, case=found, has_node=has_node, initial=about)

    def do() -> HttpResponse:
        verb = services.report if form.cleaned_data["how"] == "parcel" else services.report_by_phone
        made = verb(found, *form.chosen(), by=me, at=now)
        parcel = post.latest(made.parcel_id) if made.parcel_id else None
        if parcel is not None and parcel.by_phone:
            messages.success(request, _("Sent. Now call: they need the password from you."))
            return redirect("call", parcel.parcel_id)
        if made.by_phone:
            messages.success(request, _("Noted. Fill in the answer here as soon as you have it."))
        else:
            messages.success(request, _("Reported. The notifier gets it encrypted; the answer appears here."))
        return redirect("quality-detail", made.reference)

    context = {"case": found, "open": queries.open_on(found.referral_id)}
    return step(request, form, do, "quality/report.html", context)


@require_GET
@on(_visible)
def detail(request: HttpRequest, report: Report, me: Member, now: datetime) -> HttpResponse:
    return _show(request, report, me, now)


@require_POST
@on(_workable)
def recognise(request: HttpRequest, report: Report, me: Member, now: datetime) -> HttpResponse:
    """Is it this client? The answer is a yes or a no; what was typed is compared and kept nowhere."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _show(request, report, me, now, name_form=form, status=422)
    typed = form.cleaned_data
    known = answering.recognise(report, typed["given_name"], typed["family_name"], by=me, at=now)
    return _show(request, report, me, now, name_form=form, recognised=known)


@require_POST
@on(_workable)
def answer(request: HttpRequest, report: Report, me: Member, now: datetime) -> HttpResponse:
    at_recipient = report.side == Side.RECIPIENT
    form = AnswerForm(request.POST, field=report.field, now=now, at_recipient=at_recipient)
    if not form.is_valid():
        return _show(request, report, me, now, form=form, status=422)
    try:
        if at_recipient:
            services.note_answer(report, form.outcome(), form.value(), by=me, at=now)
        else:
            folded = form.folded_name()
            answering.answer(report, form.outcome(), form.correction(), folded_name=folded, by=me, at=now)
    except Invalid as invalid:
        form.add_invalid(invalid)
        return _show(request, report, me, now, form=form, status=422)
    except WrongState:
        messages.info(request, _("This had been answered already. Your click changed nothing."))
        return redirect("quality-detail", report.reference)
    if call := calls.about(report.reference, by=me, at=now):
        messages.success(request, _("Sent. Now call: they need the password from you."))
        return redirect("call", call.parcel_id)
    said = _("Noted.") if at_recipient else _("Answered. The OCMW gets it encrypted; nothing of it is kept here.")
    messages.success(request, said)
    return redirect("quality-detail", report.reference)


@require_POST
@on(_visible)
def close(request: HttpRequest, report: Report, me: Member, now: datetime) -> HttpResponse:
    if report.state == ReportState.CLOSED:
        return redirect("quality")
    services.close(report, by=me, at=now)
    messages.success(request, _("Report %(number)s is closed.") % {"number": report.number})
    return redirect("quality")


def _show(
    request: HttpRequest, report: Report, me: Member, now: datetime, *, status: int = 200, **more: Any
) -> HttpResponse:
    at_recipient = report.side == Side.RECIPIENT
    mine = cases().referrals_of(me)
    workable = queries.may_work_on(me, report, mine, now)
    sent = None
    if not at_recipient:
        try:
            sent = referrals().sent(report.referral_id)
        except Gone:
            sent = None
    context = {
        "row": queries.row(report, now),
        "report": report,
        "at_recipient": at_recipient,
        "sent": sent,
        "has_case": at_recipient and workable and report.referral_id in mine,
        "workable": workable,
        "waits": report.state in UNANSWERED,
        "comes_by_itself": not report.by_phone and services.has_node(report.protocol),
        "target": ANSWER_DAYS,
        "sees_referral": may(me, Verb.SEE_REFERRALS, at=now),
        "form": AnswerForm(field=report.field, now=now, at_recipient=at_recipient),
        "name_form": NameForm(),
    }
    return render(request, "quality/detail.html", context | more, status=status)
