"""The officer's way from a file or a form to a text that is offered, on pages (recital D, E, F)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.protocol.accounting import without_password
from brug.core.protocol.check import check as notes
from brug.core.protocol.document import DocumentError
from brug.core.protocol.source import Path
from brug.core.protocol.terms import Side
from brug.desks.protocols import drafts
from brug.desks.protocols.clause_forms import ClauseForm
from brug.desks.protocols.clause_words import faulty
from brug.desks.protocols.drafts_forms import SLOTS, AdviceForm, GapsForm, UploadForm
from brug.desks.protocols.forms import DraftForm
from brug.desks.protocols.models import Draft
from brug.desks.protocols.publication import publication
from brug.desks.protocols.word import word
from brug.kit.pages import allowed, as_file, form_page, page_of_form, step
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

    def do() -> HttpResponse:
        made = drafts.upload(form.cleaned_data["file"].read(LARGEST + 1), by=me, at=now, instead_of=draft)
        return redirect("protocol-draft", made.pk)

    return step(request, form, do, "protocols/upload.html", {"draft": draft})


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
    return form_page(request, "protocols/draft.html", {**_shown(draft, now), "form": form})


@page_of_form
@allowed(Verb.RECORD_EVENT)
def clause(request: HttpRequest, me: Member, now: datetime, reference: UUID, place: str) -> HttpResponse:
    """One clause: its words, and every term that it can have. The one behind the last of a list is a new one."""
    draft = get_object_or_404(Draft, pk=reference, fixed_as="")
    values, path = _with_place(draft.values, place)
    if request.method == "POST" and "remove" in request.POST and len(path) == 2:
        drafts.tell(draft, path, None, by=me, at=now)
        return redirect("protocol-draft", draft.pk)
    form = ClauseForm(values, path, request.POST or None, on=legal_day(now))
    if request.method == "POST" and form.is_valid():
        drafts.tell(draft, path, form.clause, by=me, at=now)
        messages.success(request, gettext("Kept."))
        if "kind" in form.changed_data and form.is_of_kind:
            return redirect("protocol-clause", draft.pk, place)
        return redirect("protocol-draft", draft.pk)
    shown = {"draft": draft, "name": _name(draft), "form": form, "clause": dict(_places(values))[place]}
    shown["may_remove"] = len(path) == 2 and values is draft.values
    return form_page(request, "protocols/clause.html", shown)


def _with_place(values: dict[str, Any], place: str) -> tuple[dict[str, Any], Path]:
    """The path of "articles-5" or "closing", and the values, with a fresh clause where it is behind the last."""
    group, _dash, number = place.partition("-")
    if group in {"title", "preamble", "closing"} and not number and values.get(group):
        return values, (group,)
    if group not in {"parties", "recitals", "articles"} or not number.isdecimal() or int(number) > len(values[group]):
        raise Http404
    if int(number) == len(values[group]):
        values = {**values, group: [*values[group], drafts.fresh(values, group)]}
    return values, (group, int(number))


def _clause_name(values: dict[str, Any], path: Path) -> str:
    if len(path) == 1:
        return str(ground(str(path[0])))
    own = values[str(path[0])][int(path[1])]
    if path[0] == "parties":
        return str(own.get("short_name") or ground(f"party {int(path[1]) + 1}"))
    return str(ground(f"{'recital' if path[0] == 'recitals' else 'art.'} {own.get('mark') or '…'}"))


def _places(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Every clause in the order of the text: its place in an address and how it is called, with its heading."""
    paths: list[Path] = [("title",), ("preamble",)]
    for group in ("parties", "recitals", "articles"):
        paths += [(group, number) for number in range(len(values[group]))]
    found = []
    for path in [*paths, ("closing",)]:
        name = _clause_name(values, path)
        heading = values["articles"][path[1]].get("heading") if path[0] == "articles" else ""
        found.append(("-".join(map(str, path)), f"{name}: {heading}" if heading else name))
    return found


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
    return form_page(request, "protocols/advice.html", {"draft": draft, "name": _name(draft), "form": form})


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
    return as_file(content, kind, f"ontwerp-{document.id}-{document.sha256[:12]}.{form}")


@require_POST
@allowed(Verb.RECORD_EVENT)
def fix(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The text is final: it becomes a version, and is offered next."""
    draft = get_object_or_404(Draft, pk=reference, fixed_as="")
    try:
        protocol = drafts.fix(draft, by=me, at=now)
    except DocumentError as error:
        return render(
            request, "protocols/draft.html", {**_shown(draft, now), "refused": _refused(draft, error)}, status=422
        )
    messages.success(request, gettext("The text is fixed. Offer it to the other party."))
    return redirect("protocol-offer", protocol.id, protocol.version)


@require_POST
@allowed(Verb.RECORD_EVENT)
def discard(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    drafts.discard(get_object_or_404(Draft, pk=reference), by=me, at=now)
    messages.success(request, gettext("Thrown away."))
    return redirect("protocol-drafts")


def _shown(draft: Draft, at: datetime) -> dict[str, Any]:
    lines = without_password(draft.source).split("\n")  # a draft of before still has it
    findings = [
        {
            "slot": _label(slot),
            "value": _as_read(value),
            "line": line,
            "source": lines[line - 1].strip() if line else "",
        }
        for slot, value, line, _note in sorted(draft.account.get("findings", []), key=lambda found: found[2] or 0)
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
        "places": _places(draft.values),
        "new_places": {group: f"{group}-{len(draft.values[group])}" for group in ("parties", "recitals", "articles")},
        "form": GapsForm(draft, on=legal_day(at)),
        "faults": (),
        "notes": (),
    }
    try:
        document = drafts.document_of(draft)
        context |= {"document": document, "notes": notes(document)}
    except DocumentError as error:
        context["faults"] = _refused(draft, error)
    return context


def _refused(draft: Draft, error: DocumentError) -> list[str]:
    """What is wrong and where, each once."""
    said = (f"{_where(draft.values, fault.path)}: {faulty(fault)}" for fault in error.faults)
    return [*dict.fromkeys(said)]


def _as_read(value: str) -> str:
    """A day in words; anything else as it was read."""
    try:
        return date_format(date.fromisoformat(value), "j F Y")
    except ValueError:
        return value


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
    "others": _("which mailbox is for which municipalities"),
    "text": _("the words"),
    "context": _("what it stands in the service of"),
}


def _where(values: dict[str, Any], dotted: str) -> str:
    """A place of the document as a reader knows it: "parties[1].kbo" → "party 2: the enterprise number"."""
    if cited := re.match(r"(?:art\.|recital) \S+", dotted):
        return str(ground(cited[0]))
    if dotted in SLOTS:
        return str(SLOTS[dotted])
    group, *parts = re.findall(r"[a-z_]+|\d+", dotted) or ["protocol"]
    clause, last = group, parts[-1] if parts else ""
    if parts and parts[0].isdecimal():
        number = int(parts[0])
        mark = values[group][number].get("mark")
        clause = {"parties": f"party {number + 1}", "recitals": f"recital {mark}", "articles": f"art. {mark}"}[group]
    return f"{ground(clause)}: {PARTS.get(last, last)}" if last and not last.isdecimal() else str(ground(clause))
