"""The officer's way from a file or a form to a text that is offered, on pages (recital D, E, F)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.protocol.check import check as notes
from brug.core.protocol.document import DocumentError
from brug.core.protocol.terms import Side
from brug.desks.protocols import drafts
from brug.desks.protocols.drafts_forms import SLOTS, AdviceForm, GapsForm, UploadForm
from brug.desks.protocols.forms import DraftForm
from brug.desks.protocols.models import Draft
from brug.desks.protocols.publication import publication
from brug.desks.protocols.word import word
from brug.kit.pages import allowed, page_of_form
from brug.kit.templatetags.components import ground
from brug.office.parties.may import Verb
from brug.office.parties.models import Member
from brug.office.registry.uploads import LARGEST

STEPS = {
    "begun": _("Begun from the standard text"),
    "uploaded": _("Read from a file"),
    "replaced": _("Another file took the place of the first"),
    "completed": _("Completed"),
    "advised": _("Advice of the data protection officer"),
    "approved": _("Approved by the council"),
}
LEFT_OUT = {
    "footer": _("a footer"),
    "header": _("a header"),
    "page_number": _("a page number"),
    "password": _("a password: it is never kept"),
    "printed_otherwise": _("Brug prints it in another form"),
}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
@allowed(Verb.RECORD_EVENT)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    open_ones = Draft.objects.filter(fixed_as="")
    rows = [{"draft": draft, "name": _name(draft), "last": _steps(draft)[-1]} for draft in open_ones]
    return render(request, "protocols/drafts.html", {"rows": rows})


@page_of_form
@allowed(Verb.RECORD_EVENT)
def upload(request: HttpRequest, me: Member, now: datetime, reference: UUID | None = None) -> HttpResponse:
    """A file to begin with, or instead of a wrong one."""
    draft = get_object_or_404(Draft, pk=reference, fixed_as="") if reference else None
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = drafts.upload(form.cleaned_data["file"].read(LARGEST + 1), by=me, at=now, instead_of=draft)
        except Invalid as invalid:
            form.add_error("file", gettext(str(invalid)))
        else:
            return redirect("protocol-draft", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "protocols/upload.html", {"form": form, "draft": draft}, status=status)


@page_of_form
@allowed(Verb.RECORD_EVENT)
def one(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """What was read beside its line, what is still to be told, what to do next."""
    draft = get_object_or_404(Draft, pk=reference)
    if draft.fixed_as:
        protocol_id, _at, version = draft.fixed_as.rpartition("@")
        return redirect("protocol-timeline", protocol_id, version)
    form = GapsForm(draft, request.POST or None, on=legal_day(now))
    if request.method == "POST" and form.is_valid():
        told = {"as_standard": form.as_standard(), "looked_at": form.looked_at(), "terms": form.terms()}
        drafts.complete(draft, form.answers(), **told, by=me, at=now)  # type: ignore[arg-type]
        messages.success(request, gettext("Kept."))
        return redirect("protocol-draft", draft.pk)
    status = 422 if form.is_bound else 200
    return render(request, "protocols/draft.html", {**_shown(draft, now), "form": form}, status=status)


@page_of_form
@allowed(Verb.RECORD_EVENT)
def advice(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The advice of an officer or the approval of a council, on this very text."""
    draft = get_object_or_404(Draft, pk=reference, fixed_as="")
    form = AdviceForm(request.POST or None, today=legal_day(now))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        side: Side = typed["side"]
        try:
            if typed["what"] == "advised":
                drafts.advise(draft, side, typed["on"], typed["outcome"], by=me, at=now)
            else:
                drafts.approve(draft, side, typed["on"], by=me, at=now)
        except DocumentError:
            form.add_error(None, _("The draft has gaps: complete it first."))
        else:
            messages.success(request, gettext("Kept."))
            return redirect("protocol-draft", draft.pk)
    status = 422 if form.is_bound else 200
    return render(request, "protocols/advice.html", {"draft": draft, "name": _name(draft), "form": form}, status=status)


@require_GET
@allowed(Verb.RECORD_EVENT)
def paper(request: HttpRequest, me: Member, now: datetime, reference: UUID, form: str) -> HttpResponse:
    """The draft to be laid before a council: PDF or Word."""
    draft = get_object_or_404(Draft, pk=reference)
    try:
        document = drafts.document_of(draft)
    except DocumentError:
        return redirect("protocol-draft", draft.pk)
    if form == "docx":
        content, kind = word(document), WORD
    else:
        with translation.override("nl-be"):
            content, kind = publication(document, on=legal_day(now), standing="ontwerp"), "application/pdf"
    headers = {"Content-Disposition": f'attachment; filename="ontwerp-{document.id}-{document.sha256[:12]}.{form}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@require_POST
@allowed(Verb.RECORD_EVENT)
def fix(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The text is final: it becomes a version, and is offered next."""
    draft = get_object_or_404(Draft, pk=reference, fixed_as="")
    try:
        protocol = drafts.fix(draft, by=me, at=now)
    except DocumentError as error:
        return render(request, "protocols/draft.html", {**_shown(draft, now), "refused": error.faults}, status=422)
    messages.success(request, gettext("The text is fixed. Offer it to the other party."))
    return redirect("protocol-offer", protocol.id, protocol.version)


@require_POST
@allowed(Verb.RECORD_EVENT)
def discard(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    drafts.discard(get_object_or_404(Draft, pk=reference), by=me, at=now)
    messages.success(request, gettext("Thrown away."))
    return redirect("protocol-drafts")


def _shown(draft: Draft, at: datetime) -> dict[str, Any]:
    lines = draft.source.split("\n")
    findings = [
        {"slot": _label(slot), "value": value, "line": line, "source": lines[line - 1].strip() if line else ""}
        for slot, value, line, _note in draft.account.get("findings", [])
    ]
    context: dict[str, Any] = {
        "draft": draft,
        "name": _name(draft),
        "steps": _steps(draft),
        "findings": findings,
        "missing": draft.account.get("missing", []),
        "left_out": [(words, line, LEFT_OUT[why]) for words, line, why in draft.account.get("left_out", [])],
        "others": [_where(draft.values, path) for path in drafts.gaps_of(draft).others],
        "is_whole": drafts.is_whole(draft),
        "form": GapsForm(draft, on=legal_day(at)),
        "faults": (),
        "notes": (),
    }
    try:
        document = drafts.document_of(draft)
        context |= {"document": document, "notes": notes(document)}
    except DocumentError as error:
        context["faults"] = error.faults
    return context


def _label(slot: str) -> Any:
    found: Any = DraftForm.base_fields.get(slot)
    return SLOTS.get(slot) or (found.label if found else slot)


def _name(draft: Draft) -> str:
    parties = [party.get("short_name") or "…" for party in draft.values["parties"]]
    return " – ".join(parties[:2]) or "…"


def _steps(draft: Draft) -> list[dict[str, Any]]:
    return [{**step, "words": STEPS[step["what"]], "at": datetime.fromisoformat(step["at"])} for step in draft.steps]


PARTS = {
    "kbo": _("the enterprise number"),
    "name": _("the name"),
    "short_name": _("the short name"),
    "kind": _("the kind of organisation"),
    "seat": _("the address of the seat"),
    "representatives": _("who represents it"),
    "heading": _("the heading"),
    "text": _("the words"),
    "context": _("what it stands in the service of"),
}


def _where(values: dict[str, Any], dotted: str) -> str:
    """A place of the document as a reader knows it: "parties[1].kbo" → "party 2: the enterprise number"."""
    group, *parts = re.findall(r"[a-z_]+|\d+", dotted)
    clause, last = group, parts[-1] if parts else ""
    if parts and parts[0].isdecimal():
        number = int(parts[0])
        mark = values[group][number].get("mark")
        clause = {"parties": f"party {number + 1}", "recitals": f"recital {mark}", "articles": f"art. {mark}"}[group]
    return f"{ground(clause)}: {PARTS.get(last, last)}"
