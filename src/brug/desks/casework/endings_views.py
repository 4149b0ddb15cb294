"""Pages of the other endings: never reached, lives elsewhere, deceased, consent withdrawn, has a file here (art. 2)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brug.core.identity import Invalid
from brug.core.states import Changed, WrongState
from brug.desks.casework import endings as verbs
from brug.desks.casework import queries
from brug.desks.casework.forms import CaseForm, GiveUpForm, GroundForm, KeepTryingForm
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import (
    BEFORE_CONTACT,
    ENDINGS,
    TRANSITIONS,
    Ending,
    GiveUp,
    Ground,
    IntakeState,
    KeepTrying,
    TakenBack,
)
from brug.desks.casework.views import found_intake, go_on, on_own_file, on_own_intake, show, take_step
from brug.kit.pages import allowed, form_page, page_of_form
from brug.kit.templatetags.words import part_of
from brug.office.parties.may import Verb
from brug.office.parties.models import Member

ON_WORD = frozenset({Ending.NOT_SENT, Ending.NO_GROUND})  # offered where another party said so
END_ID = "end_%s"  # the other form of that page has a field of the same name


@page_of_form
@allowed(Verb.DECIDE_NOT_REACHED)
def decide(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The dispatcher's question about a case of which nobody was ever reached: go on, or end. No person is shown."""
    intake = found_intake(reference)
    ends = request.POST.get("decision") == "end"
    go, stop = KeepTryingForm(shown=intake), GiveUpForm(shown=intake, auto_id=END_ID)
    if request.method == "POST":
        typed = (
            GiveUpForm(request.POST, shown=intake, auto_id=END_ID)
            if ends
            else KeepTryingForm(request.POST, shown=intake)
        )
        if typed.is_valid():
            return _decided(request, intake, typed, ends=ends, me=me, now=now)
        go, stop = (go, typed) if ends else (typed, stop)  # type: ignore[assignment]
    elif not verbs.was_never_reached(intake, now):
        return redirect("inbox")
    context = {"row": queries.inbox_row(intake, now), "go": go, "stop": stop}
    return form_page(request, "casework/decide.html", context)


def _decided(
    request: HttpRequest, intake: Intake, form: CaseForm, *, ends: bool, me: Member, now: datetime
) -> HttpResponse:
    version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
    try:
        if ends:
            verbs.give_up(intake, GiveUp(reason), by=me, at=now, version=version)
            messages.success(request, _("Everything of this referral is erased. Your decision is recorded."))
        else:
            verbs.keep_trying(intake, KeepTrying(reason), by=me, at=now, version=version)
            messages.success(request, _("The colleague goes on. The question comes back later."))
    except WrongState:
        messages.info(request, _("Something changed in this case meanwhile; nothing was decided. Look once more."))
    return redirect("inbox")


def is_open(intake: Intake, ending: Ending) -> bool:
    """Whether the table lets the case end so now."""
    return ENDINGS[ending] in TRANSITIONS[IntakeState(intake.state)]


@require_GET
@on_own_intake
def endings(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
    """Which other ending: a short list, each with its own confirmation."""
    offered = [(each, _(each.words)) for each in Ending if is_open(intake, each) and each not in ON_WORD]
    after_contact = intake.state not in BEFORE_CONTACT
    return show(request, "casework/endings.html", intake, me, now, endings=offered, after_contact=after_contact)


@page_of_form
def end(request: HttpRequest, reference: UUID, ending: str) -> HttpResponse:
    """The second step before an erasure, for one of the endings."""
    if ending not in set(Ending):
        raise Http404
    chosen = Ending(ending)

    @on_own_intake
    def page(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
        if chosen is Ending.NO_GROUND and intake.taken_back != TakenBack.NO_GROUND:
            raise Http404
        if not is_open(intake, chosen) and request.method != "POST":
            return redirect("case-endings", intake.reference)
        form = CaseForm(request.POST or None, shown=intake)
        template, verb = part_of(chosen, "casework.Ending"), partial(verbs.end_case, intake, chosen)
        return take_step(request, template, intake, form, verb, me, now)

    return page(request, reference)


@page_of_form
def join(request: HttpRequest, reference: UUID, file: UUID) -> HttpResponse:
    """Put what came in into a client file that is here; the intake goes."""

    @on_own_intake
    def page(request: HttpRequest, intake: Intake, me: Member, now: datetime) -> HttpResponse:
        target = get_object_or_404(queries.own_files(me, now), pk=file)
        form = CaseForm(request.POST or None, shown=intake)
        if request.method != "POST" or not form.is_valid():
            return show(request, "casework/join.html", intake, me, now, form=form, target=target)
        try:
            verbs.join_file(intake, target, by=me, at=now, version=form.cleaned_data["version"])
        except Invalid as invalid:
            form.add_invalid(invalid)
            return show(request, "casework/join.html", intake, me, now, form=form, target=target, status=422)
        except Changed:
            messages.info(request, _("Something changed in this case meanwhile; nothing was joined. Look once more."))
            return go_on(me, reference, now)
        messages.success(request, _("The referral has joined this file."))
        return redirect("file", target.reference)

    return page(request, reference)


@page_of_form
@on_own_file
def keep(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """The consent is gone: has the file a ground of its own to stay?"""
    if file.withdrawn_at is None and request.method != "POST":
        return redirect("file", file.reference)
    form = GroundForm(request.POST or None, shown=file)

    def verb(**who: Any) -> None:
        verbs.keep_after_withdrawal(file, Ground(form.cleaned_data["ground"]), **who)

    return take_step(request, "casework/file_keep.html", file, form, verb, me, now)


@page_of_form
@on_own_file
def erase(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """The consent is gone and so is the ground: the second step before the file is erased."""
    if file.withdrawn_at is None and request.method != "POST":
        return redirect("file", file.reference)
    form = CaseForm(request.POST or None, shown=file)
    return take_step(
        request, "casework/file_erase.html", file, form, partial(verbs.erase_after_withdrawal, file), me, now
    )
