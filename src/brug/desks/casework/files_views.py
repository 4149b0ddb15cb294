"""Pages of client files: the list, one file, what is noted in it, and who has it (art. 2, art. 3, art. 4)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.casework import corrections, queries, services, undoing
from brug.desks.casework import files as verbs
from brug.desks.casework.files_forms import (
    CorrectForm,
    ElsewhereForm,
    EndAidForm,
    GrantForm,
    NoteForm,
    PlanForm,
    ReassignFileForm,
)
from brug.desks.casework.forms import CaseForm, CloseForm
from brug.desks.casework.history import client_of, protocol_of
from brug.desks.casework.models import ClientFile
from brug.desks.casework.states import FileState, NextStep
from brug.desks.casework.views import Case, Verbs, on_own_file, on_own_intake, person_of, pressed, show, take_step
from brug.kit.pages import allowed, page_of_form, step
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.models import Member

FORM = "casework/file_form.html"


@require_GET
@allowed(Verb.SEE_OWN_CASES)
def files(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    page = Paginator(queries.own_files(me, now), queries.PAGE).get_page(request.GET.get("page"))
    bound, mine = may(me, Verb.OPEN_CASE, Relation.OWN, at=now), list(page.object_list)
    contents = services.open_list(mine, by=me, at=now) if bound else []
    rows = [{"file": f, "person": person_of(f, content, now)} for f, content in zip(mine, contents, strict=False)]
    context = {"page": page, "rows": rows, "bound": bound, "today": legal_day(now)}
    return render(request, "casework/files.html", context)


@require_GET
@on_own_file
def file(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    return show(request, "casework/file.html", file, me, now, form=CloseForm(shown=file, at=now))


@require_POST
@on_own_file
def close(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    form = CloseForm(request.POST, shown=file, at=now)

    def verb(**who: Any) -> None:
        anyway = bool(form.cleaned_data.get("still_runs"))
        try:
            services.close_file(file, form.day(), anyway=anyway, **who)
        except Invalid as invalid:
            if invalid.code in services.STILL_RUNS:
                form.ask()
            raise

    return take_step(request, "casework/file.html", file, form, verb, me, now)


@require_POST
@on_own_file
def undo(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """The client file was opened by mistake today: a family without a file again."""
    if not pressed(request, file, partial(undoing.undo_help, file), by=me, at=now):
        return redirect("file", file.reference)
    messages.success(request, _("There is no client file any more. Note the decision again."))
    return redirect("case", file.reference)


@require_POST
@on_own_file
def reopen(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    pressed(request, file, partial(services.reopen_file, file), by=me, at=now)
    return redirect("file", file.reference)


def _note(request: HttpRequest, case: Case, me: Member, now: datetime) -> HttpResponse:
    """Words about a family; also of one of which there is no file yet, such as when it likes to be called."""
    form = NoteForm(request.POST or None, shown=case)

    def verb(**who: Any) -> None:
        verbs.add_note(case, form.cleaned_data["text"], **who)

    return _step(request, _("Add a note"), case, form, verb, me, now)


note, note_case = page_of_form(on_own_file(_note)), page_of_form(on_own_intake(_note))


@page_of_form
@on_own_file
def grant(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    form = GrantForm(request.POST or None, shown=file)

    def verb(**who: Any) -> None:
        verbs.grant_aid(file, form.grant(), **who)

    return _step(request, _("Aid was granted"), file, form, verb, me, now)


@page_of_form
def end_aid(request: HttpRequest, reference: UUID, aid: str) -> HttpResponse:
    @on_own_file
    def page(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
        form = EndAidForm(request.POST or None, shown=file, initial={"through_on": legal_day(now)})

        def verb(**who: Any) -> None:
            verbs.end_aid(file, aid, form.cleaned_data["through_on"], **who)

        return _step(request, _("This aid ends"), file, form, verb, me, now)

    return page(request, reference)


@page_of_form
@on_own_file
def correct(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    if file.is_elsewhere:
        return redirect("file", file.reference)
    client = client_of(services.open_file(file, by=me, at=now))
    agreed = protocol_of(file).fields
    form = CorrectForm(request.POST or None, shown=file, client=client, agreed=agreed, today=legal_day(now))

    def verb(**who: Any) -> None:
        if changes := form.changes():
            corrections.put_right(file, changes, **who)

    return _step(request, _("Put the data right"), file, form, verb, me, now)


@require_POST
@on_own_file
def put_right_elsewhere(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """What was told of data that live in the other software stands there now; here its values are erased."""
    pressed(request, file, partial(corrections.put_right_elsewhere, file), by=me, at=now)
    return redirect("file", file.reference)


def _plan(request: HttpRequest, case: Case, me: Member, now: datetime) -> HttpResponse:
    form = PlanForm(request.POST or None, shown=case, initial={"step": case.next_step, "on": case.next_on})

    def verb(**who: Any) -> None:
        verbs.plan(case, NextStep(form.cleaned_data["step"]), form.cleaned_data["on"], **who)

    return _step(request, _("Plan the next step"), case, form, verb, me, now)


plan_file, plan_case = page_of_form(on_own_file(_plan)), page_of_form(on_own_intake(_plan))


@page_of_form
@on_own_file
def elsewhere(request: HttpRequest, file: ClientFile, me: Member, now: datetime) -> HttpResponse:
    """From now on the file lives in the OCMW's own software; here the data are erased."""
    if file.is_elsewhere and request.method != "POST":
        return redirect("file", file.reference)
    form = ElsewhereForm(request.POST or None, shown=file)

    def verb(**who: Any) -> None:
        verbs.hand_to_other_software(file, form.cleaned_data["number"], **who)

    return take_step(request, "casework/file_elsewhere.html", file, form, verb, me, now)


def _step(
    request: HttpRequest,
    title: str | Promise,
    case: Case,
    form: CaseForm,
    verb: Verbs,
    me: Member,
    now: datetime,
) -> HttpResponse:
    """A page with one form; its way back is the case or the file."""
    back = reverse("file" if isinstance(case, ClientFile) else "case", args=[case.reference])
    return take_step(request, FORM, case, form, verb, me, now, title=title, back=back)


@require_GET
@allowed(Verb.ASSIGN)
def all_files(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """For the dispatcher: which colleague has which file. Numbers and days, no person."""
    shown = ClientFile.objects.select_related("worker").order_by("worker__name", "state", "number")
    page = Paginator(shown.exclude(state=FileState.CLOSED), queries.PAGE).get_page(request.GET.get("page"))
    return render(request, "casework/all_files.html", {"page": page})


@page_of_form
@allowed(Verb.ASSIGN)
def reassign(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The dispatcher gives a client file to another colleague."""
    found = get_object_or_404(ClientFile.objects.select_related("worker"), pk=reference)
    members = [m for m in queries.colleagues(me) if services.why_not_assignable(m, by=me, at=now) is None]
    form = ReassignFileForm(request.POST or None, shown=found, members=members, load=queries.load_of(members))

    def do() -> HttpResponse:
        worker, reason = form.chosen()
        if services.takes_over(found, worker, by=me) and (proof := getattr(request, "prove_again", None)):
            return cast(HttpResponse, proof())
        verbs.reassign(found, worker, reason, by=me, at=now, version=form.cleaned_data["version"])
        messages.success(request, _("%(number)s is now with %(name)s.") % {"number": found, "name": worker})
        return redirect("all-files")

    def again() -> dict[str, Any]:
        found.refresh_from_db()
        form.show(found)
        return {}

    return step(request, form, do, "casework/file_reassign.html", {"file": found}, again=again)
