"""Pages of the OCMW's desk: parse, call one verb, render. Not one's own and not there get the same answer (art. 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import Changed, WrongState
from brug.desks.casework import asking, files, promptness, queries, reported, same_person, services, timeline, undoing
from brug.desks.casework.contact_forms import AttemptForm, ReachedForm
from brug.desks.casework.forms import (
    AcceptForm,
    AssignForm,
    CaseForm,
    ClarifyForm,
    SearchForm,
)
from brug.desks.casework.giving_forms import GiveForm
from brug.desks.casework.giving_views import takers
from brug.desks.casework.history import HISTORY, Content, protocol_of
from brug.desks.casework.list_forms import InboxForm, MineForm
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import IntakeState, OnwardState, TakenBack
from brug.kit.fields import minute
from brug.kit.pages import allowed, me_and_now, page_of_form, step
from brug.office.parties.may import Relation, Verb, check, may, whose
from brug.office.parties.models import Member
from brug.office.plug import windows
from brug.office.vault import retention

Case = Intake | ClientFile
Verbs = Callable[..., object]  # of the desk, with `by`, `at` and the `version` that was shown still to come
OnIntake = Callable[[HttpRequest, Intake, Member, datetime], HttpResponse]
OnFile = Callable[[HttpRequest, ClientFile, Member, datetime], HttpResponse]


def on_own_intake(view: OnIntake) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Hand the view the case, the member whose it is, and the instant; 404 when it is another's or nobody's."""

    @wraps(view)
    def found(request: HttpRequest, reference: UUID) -> HttpResponse:
        me, now = me_and_now(request)
        check(me, Verb.WORK_CASE, Relation.OWN, at=now)
        try:
            return view(request, queries.own_intake(me, reference, now), me, now)
        except Intake.DoesNotExist:
            answer = go_on(me, reference, now)
            if request.method == "POST":
                messages.info(request, _("This had been decided already. Your click changed nothing."))
            return answer

    return found


def on_own_file(view: OnFile) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Hand the view the client file, the member whose it is, and the instant; 404 as above."""

    @wraps(view)
    def found(request: HttpRequest, reference: UUID) -> HttpResponse:
        me, now = me_and_now(request)
        check(me, Verb.WORK_CASE, Relation.OWN, at=now)
        try:
            return view(request, queries.own_file(me, reference, now), me, now)
        except ClientFile.DoesNotExist:
            raise Http404 from None

    return found


def found_intake(reference: UUID) -> Intake:
    """For who may see the list of intakes: a person is never in it."""
    return get_object_or_404(Intake.objects.select_related("worker"), pk=reference)


@require_GET
@allowed(Verb.SEE_INTAKES)
def inbox(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    narrow = InboxForm(request.GET, at=now)
    found = narrow.narrow(queries.intakes(), now)
    page = queries.LongList(found, request.GET.get("page")).get_page(request.GET.get("page"))
    overdue = queries.count_to(queries.overdue_intakes(now, settings.CONTACT_DAYS), queries.COUNTED)
    people = takers(me, now) if queries.waiting().exists() else []
    context = {
        "page": page,
        "narrow": narrow,
        "rows": queries.inbox_rows(page.object_list, now),
        "give_form": GiveForm(members=people) if people else None,
        "waiting": queries.count_to(queries.waiting(), queries.COUNTED),
        "counted": queries.COUNTED,
        "to_decide": queries.inbox_rows(queries.never_reached(now)[: queries.PAGE], now),
        "longest": queries.longest_without_contact(now),
        "target": settings.CONTACT_DAYS,
        "overdue": _("more than %(n)d") % {"n": queries.COUNTED} if overdue > queries.COUNTED else str(overdue),
        "prompt": promptness.promptness(now),
        "quarantine": queries.quarantine() if may(me, Verb.SEE_QUARANTINE, at=now) else [],
    }
    return render(request, "casework/inbox.html", context)


@require_GET
@allowed(Verb.SEE_OVERDUE)
def on_time(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Who waits too long and how often the target was reached: numbers and counts, for who escalates. No person."""
    late = queries.overdue_intakes(now, settings.CONTACT_DAYS)
    page = Paginator(late, queries.PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.inbox_rows(page.object_list, now),
        "count": page.paginator.count,
        "longer": queries.overdue_intakes(now, settings.HEAD_AFTER_DAYS).count(),
        "waiting": queries.waiting().count(),
        "target": settings.CONTACT_DAYS,
        "head_after": settings.HEAD_AFTER_DAYS,
        "shares": [share for share in promptness.shares(now) if share.percent is not None],
        "may_assign": may(me, Verb.ASSIGN, at=now),
    }
    return render(request, "casework/on_time.html", context)


@page_of_form
@allowed(Verb.ASSIGN)
def assign(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    intake = found_intake(reference)
    members = takers(me, now)
    form = AssignForm(request.POST or None, shown=intake, members=members, load=queries.load_of(members))
    others_wait = intake.worker_id is None and queries.waiting().exclude(pk=intake.pk).exists()
    context = {"row": queries.inbox_row(intake, now), "others_wait": others_wait}
    if request.method != "POST":
        context["family"], context["together"] = asking.family_at_arrival(intake, by=me, at=now)

    def do() -> HttpResponse:
        version, reason = form.cleaned_data["version"], form.reason_given()
        if services.takes_over(intake, form.member(), by=me) and (proof := getattr(request, "prove_again", None)):
            return cast(HttpResponse, proof())
        try:
            services.assign(intake, form.member(), by=me, at=now, version=version, reason=reason)
        except Changed:
            if found_intake(reference).worker != form.member():  # else one's own second click
                raise
        messages.success(request, _("%(number)s is now with %(name)s.") % {"number": intake, "name": form.member()})
        following = queries.waiting().order_by("arrived_at").first() if "next" in request.POST else None
        return redirect("case-assign", following.pk) if following else redirect("inbox")

    def again() -> dict[str, Any]:
        there = found_intake(reference)
        form.show(there)
        return {"row": queries.inbox_row(there, now)}

    return step(request, form, do, "casework/assign.html", context, again=again)


@require_GET
@allowed(Verb.SEE_OWN_CASES)
def my_cases(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    narrow = MineForm(request.GET)
    found = narrow.narrow(queries.own_intakes(me, now), now)
    page = Paginator(found, queries.PAGE).get_page(request.GET.get("page"))
    bound, cases = may(me, Verb.OPEN_CASE, Relation.OWN, at=now), list(page.object_list)
    contents = services.open_list(cases, by=me, at=now) if bound else []
    rows = [
        {"row": queries.inbox_row(mine, now), "person": person_of(mine, content, now), "step": queries.to_do(mine)}
        for mine, content in zip(cases, contents, strict=False)
    ]
    context = {"page": page, "rows": rows, "bound": bound, "search": SearchForm(), "narrow": narrow}
    return render(request, "casework/mine.html", context | {"today": legal_day(now)})


@require_POST
@allowed(Verb.OPEN_CASE, Relation.OWN)
def search(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """One's own cases by a whole name, phone or e-mail; nothing typed stands in an address or a log."""
    form = SearchForm(request.POST)
    hits = same_person.search(form.cleaned_data["words"], by=me, at=now) if form.is_valid() else []
    contents = services.open_list([hit.case for hit in hits], by=me, at=now)
    rows = [
        {"case": hit.case, "person": person_of(hit.case, content, now), "is_file": hit.is_file, "is_sure": hit.is_sure}
        for hit, content in zip(hits, contents, strict=True)
    ]
    status = 200 if form.is_valid() else 422
    return render(request, "casework/found.html", {"search": form, "rows": rows}, status=status)


@require_GET
@on_own_intake
def case(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    content = _open(intake, me, now)
    context = _context(intake, content, now) | {
        "matches": same_person.matches(intake, content, by=me, at=now),
        "family": asking.family_of(intake, content, by=me, at=now),
    }
    return render(request, "casework/case.html", context)


@page_of_form
@on_own_intake
def reached(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    form = ReachedForm(request.POST or None, shown=intake, initial={"happened_at": minute(now)})

    def record(**who: Any) -> None:
        services.record_attempt(intake, **form.facts(), **who)

    answer = take_step(request, "casework/reached.html", intake, form, record, me, now)
    wants = answer.status_code == HTTPStatus.FOUND and form.cleaned_data.get("window")
    return redirect("window-of", "casework", intake.reference) if wants else answer


@page_of_form
@on_own_intake
def attempt(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    form = AttemptForm(request.POST or None, shown=intake, initial={"happened_at": minute(now)})

    def verb(**who: Any) -> None:
        services.record_attempt(intake, **form.facts(), **who)

    return take_step(request, "casework/attempt.html", intake, form, verb, me, now)


@page_of_form
@on_own_intake
def clarify(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    if intake.is_before_contact and request.method != "POST":
        return redirect("case", intake.reference)
    form = ClarifyForm(request.POST or None, shown=intake)

    def verb(**who: Any) -> None:
        services.clarify(intake, form.chosen(), **who)

    return take_step(request, "casework/clarify.html", intake, form, verb, me, now)


@page_of_form
@on_own_intake
def outcome(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    """The two choices. "Yes" is made here; "no" has its own page, because it cannot be undone."""
    if intake.state != IntakeState.CLARIFIED and request.method != "POST":
        return redirect("case", intake.reference)
    form = AcceptForm(request.POST or None, shown=intake)
    return take_step(request, "casework/outcome.html", intake, form, partial(services.accept_help, intake), me, now)


@page_of_form
@on_own_intake
def decline(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    """The second step before an erasure: what goes, what stays, and that there is no way back."""
    if intake.is_before_contact and request.method != "POST":
        return redirect("case", intake.reference)
    form = CaseForm(request.POST or None, shown=intake)
    return take_step(request, "casework/decline.html", intake, form, partial(services.decline_help, intake), me, now)


@require_GET
@allowed(Verb.SEE_OWN_CASES)
def erased(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The end, without a name; the browser is asked to forget the pages it has seen."""
    response = render(request, "casework/erased.html")
    response["Clear-Site-Data"] = '"cache"'
    return response


def take_step(
    request: HttpRequest,
    template: str,
    shown: Case,
    form: CaseForm,
    verb: Verbs,
    me: Member,
    now: datetime,
    **more: Any,
) -> HttpResponse:
    """Show the form, or do `verb` on the version that was shown and go on to where the case then stands."""
    if request.method != "POST" or not form.is_valid():
        return show(request, template, shown, me, now, form=form, status=422 if form.is_bound else 200, **more)
    version = form.cleaned_data["version"]
    try:
        verb(by=me, at=now, version=version)
    except Invalid as invalid:
        form.add_invalid(invalid)
        return show(request, template, shown, me, now, form=form, status=422, **more)
    except Changed:
        shown = _again(shown, me, now)
        content = _open(shown, me, now)
        since = [entry for entry in content[HISTORY] if entry["version"] > version]
        if not (since and _is_the_same(since[0], form.entry(), me)):
            form.show(shown)
            context = {"form": form, "changed": timeline.timeline(since)} | more | _context(shown, content, now)
            return render(request, template, context, status=409)
    return go_on(me, shown.reference, now)


def pressed(request: HttpRequest, file: ClientFile, verb: Verbs, *, by: Member, at: datetime) -> bool:
    """Whether `verb` was done, of a button that asks nothing: on the version that was shown, else that is said."""
    form = CaseForm(request.POST, shown=file)
    try:
        verb(by=by, at=at, version=form.cleaned_data["version"] if form.is_valid() else 0)
    except WrongState:
        messages.info(request, _("Something changed in this file meanwhile. Look once more."))
        return False
    return True


def _is_the_same(entry: dict[str, Any], typed: dict[str, Any], me: Member) -> bool:
    """Whether the change that was first is one's own second click."""
    return bool(typed) and entry["by"] == me.pseudonym.hex and typed.items() <= entry.items()


def _again(case: Case, me: Member, now: datetime) -> Case:
    if isinstance(case, Intake):
        return queries.own_intake(me, case.reference, now)
    return queries.own_file(me, case.reference, now)


def go_on(me: Member, reference: UUID, now: datetime) -> HttpResponse:
    """To the page of the case as it stands now: the case, its client file, or nothing any more. Raises `Http404`."""
    if Intake.objects.filter(pk=reference, worker__in=whose(me, now)).exists():
        return redirect("case", reference)
    if ClientFile.objects.filter(pk=reference, worker__in=whose(me, now)).exists():
        return redirect("file", reference)
    if queries.ended_by(me, reference):
        return redirect("case-erased")
    raise Http404


def show(
    request: HttpRequest, template: str, case: Case, me: Member, now: datetime, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A page with the person on it; the ledger says that she was seen."""
    context = _context(case, _open(case, me, now), now) | more
    return render(request, template, context, status=status)


def _open(case: Case, me: Member, now: datetime) -> Content:
    if isinstance(case, Intake):
        return services.open_case(case, by=me, at=now)
    return services.open_file(case, by=me, at=now)


def _context(case: Case, content: Content, now: datetime) -> dict[str, Any]:
    protocol = protocol_of(case)
    reports = reported.reports_on(case)
    context = {
        "case": case,
        "person": person_of(case, content, now),
        "timeline": timeline.timeline(content[HISTORY]),
        "was_told": services.was_told(content),
        "today": legal_day(now),
        "discloser": protocol.discloser.short_name,
        "protocol_id": protocol.id,
        "has_windows": windows().is_open(),
        "taken_back_here": bool(queries.newest(content, TakenBack.TAKEN_BACK)),
        "reports": reports,
    }
    if isinstance(case, Intake):
        last = queries.newest(content, "attempt")
        return context | {
            "step": queries.to_do(case, is_to_report=bool(reported.to_report(last, reports))),
            "last": timeline.attempt_words(last) if last else "",
            "target": queries.contact_target(case),
        }
    return context | {
        "years": services.rule_of(case).years_after,
        "hold": retention.hold_on(case.record, legal_day(now)),
        "needs": queries.kinds_in_words(queries.newest(content, "clarified").get("kinds", [])),
        "aids": files.granted(content),
        "can_undo": undoing.can_undo(case, content, now),
        "onwards": (onwards := list(case.onwards.select_related("partner__counterparty").order_by("-sent_at"))),
        "has_consents": any(each.state == OnwardState.SENT for each in onwards),
        "is_workable": files.is_workable(case),
        "elsewhere_number": files.elsewhere_number(content),
        "to_put_right": queries.to_put_right(content, legal_day(now)),
    }


def person_of(case: Case, content: Content, now: datetime) -> queries.Person:
    return queries.person(case, content, legal_day(now))
