"""Pages of the evidence: who asked, one click for the pack, what others sent, the documents (art. 6)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core.calendar import legal_day
from brug.core.codes import Asked
from brug.core.identity import Invalid
from brug.desks.oversight import article_six, evidence, pack, queries, telling
from brug.desks.oversight.forms import DocumentForm, HandedOverForm, LetterForm
from brug.desks.oversight.models import Document, Inquiry
from brug.desks.oversight.states import Authority, DocumentKind
from brug.desks.oversight.views import found_party
from brug.kit.forms import choices
from brug.kit.pages import allowed, as_file, page_of_form, step
from brug.office.parties.may import Verb
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries as registry


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def overview(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Both directions, a request by letter, and the documents. `what` says which of the two forms was sent."""
    what = request.POST.get("what")
    letter = LetterForm(request.POST if what == "letter" else None)
    document = DocumentForm(
        request.POST if what == "document" else None, request.FILES if what == "document" else None, auto_id="doc_%s"
    )
    try:
        if letter.is_bound and letter.is_valid():
            evidence.record_letter(letter.asker(), letter.cleaned_data["asked_on"], by=me, at=now)
            messages.success(request, _("Noted. Make the pack when you are ready."))
            return redirect("evidence")
        if document.is_bound and document.is_valid():
            _keep(document, me, now)
            messages.success(request, _("Kept. It is in the next pack."))
            return redirect("evidence")
    except Invalid as invalid:
        (letter if letter.is_bound else document).add_invalid(invalid)
    names = {each.kbo: each.name for each in queries.other_parties(now)} | dict(choices(Authority))
    asked = Inquiry.objects.filter(about="evidence")
    context = {
        "theirs": [(each, names.get(each.party, each.party)) for each in asked.filter(is_ours=False)],
        "ours": [(each, names.get(each.party, each.party)) for each in asked.filter(is_ours=True)],
        "other_parties": queries.other_parties(now),
        "documents": Document.objects.defer("pdf"),
        "letter": letter,
        "document": document,
    }
    return render(request, "oversight/evidence.html", context, status=422 if what else 200)


def _keep(form: DocumentForm, me: Member, now: datetime) -> None:
    typed = form.cleaned_data
    content = form.content(evidence.LARGEST)
    evidence.keep_document(DocumentKind(typed["kind"]), typed["title"], typed["dated_on"], content, by=me, at=now)


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def ask(request: HttpRequest, me: Member, now: datetime, kbo: str) -> HttpResponse:
    other_party = found_party(kbo, now)
    if not other_party.has_node:
        raise Http404
    telling.ask(Asked.EVIDENCE, other_party, by=me, at=now)
    messages.success(request, _("Asked. You will see here when the evidence is there."))
    return redirect("evidence")


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def make(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    inquiry = get_object_or_404(Inquiry, inquiry_id=reference, is_ours=False)
    try:
        evidence.make(inquiry, despite=request.POST.getlist("despite"), by=me, at=now)
    except Invalid as invalid:
        if invalid.code == "something_missing":
            return render(request, "oversight/evidence_sure.html", _what_is_missing(inquiry, now))
        messages.error(request, _("Not made: the pack does not fit in a parcel. Shorten what is said of processors."))
        return redirect("evidence")
    messages.success(request, _("The pack is made and sealed."))
    return redirect("evidence-pack", reference)


def _what_is_missing(inquiry: Inquiry, now: datetime) -> dict[str, Any]:
    """What the officer confirms before a pack is sealed in which something is missing."""
    codes = evidence.missing(inquiry, now)
    protocol = registry.named(inquiry.protocol)
    large = [code.removeprefix("document:") for code in codes if code.startswith("document:")]
    return {
        "inquiry": inquiry,
        "codes": codes,
        "unmet": article_six.unmet(protocol, article_six.measures(now)) if protocol else [],
        "too_large": Document.objects.defer("pdf").filter(sha256__in=large),
    }


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def article(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Article 6, sentence by sentence, under each protocol: met, not met, and where to put it right."""
    measures = article_six.measures(now)
    rows = [(protocol, article_six.sentences(protocol, measures)) for protocol in registry.our_protocols(now)]
    return render(request, "oversight/article_six.html", {"rows": rows})


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def handed_over(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """Of a request by letter: the pack was given, on this day."""
    inquiry = get_object_or_404(Inquiry, inquiry_id=reference, is_ours=False, by_letter=True)
    form = HandedOverForm(request.POST or None, initial={"on": legal_day(now)})

    def do() -> HttpResponse:
        evidence.hand_over(inquiry, form.cleaned_data["on"], by=me, at=now)
        messages.success(request, _("Noted: they have it."))
        return redirect("evidence-pack", reference)

    return step(request, form, do, "oversight/handed_over.html", {"inquiry": inquiry})


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def carried_document(request: HttpRequest, me: Member, now: datetime, reference: UUID, sha256: str) -> HttpResponse:
    """A document that a pack carries, of a pack whose seal is right: offered as a file, never shown as a page."""
    inquiry = found_inquiry(reference)
    content = pack.file_of(contents(inquiry), sha256) if is_sealed(inquiry) else None
    if content is None:
        raise Http404
    return as_file(content, "application/pdf", f"{sha256[:16]}.pdf")


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def acknowledge(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    evidence.acknowledge(get_object_or_404(Inquiry, inquiry_id=reference, is_ours=True), by=me, at=now)
    messages.success(request, _("The other officer is told that you have read it."))
    return redirect("evidence-pack", reference)


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def one(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """A pack, ours or theirs, for eyes."""
    inquiry = found_inquiry(reference)
    shown = contents(inquiry)
    context = {
        "inquiry": inquiry,
        "pack": shown,
        "claims": _claims(shown),
        "roles": _roles(shown),
        "sentences": _sentences(shown),
        **{name: _several(shown, name) for name in ("documents", "processors", "proofs")},
        "is_sealed": is_sealed(inquiry),
    }
    return render(request, "oversight/pack.html", context)


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def as_json(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The pack as it was sealed, for the verifier."""
    inquiry = found_inquiry(reference)
    return as_file(inquiry.pack, "application/json; charset=utf-8", f"bewijs-{reference}.json")


def found_inquiry(reference: UUID) -> Inquiry:
    return get_object_or_404(Inquiry.objects.exclude(pack=""), inquiry_id=reference)


def contents(inquiry: Inquiry) -> dict[str, Any]:
    """What stands in it. Theirs came from outside: what cannot be read shows nothing, never an error."""
    try:
        found = json.loads(inquiry.pack)["pack"]
        pack.spelled(found).encode()  # half a character could not be shown
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _claims(shown: dict[str, Any]) -> list[tuple[str, datetime | None]]:
    """What was done last and when; theirs may be of any shape."""
    try:
        last: dict[str, str | None] = shown["measures"]["last"]
        return [(str(claim), datetime.fromisoformat(at) if at else None) for claim, at in last.items()]
    except (KeyError, TypeError, AttributeError, ValueError):
        return []


def _roles(shown: dict[str, Any]) -> list[tuple[str, Any]]:
    try:
        return [(str(role), held) for role, held in dict.items(shown["measures"]["roles"])]
    except (KeyError, TypeError):
        return []


def _sentences(shown: dict[str, Any]) -> list[tuple[Any, bool]]:
    """What it says of article 6: the words of each sentence, and whether it stands; theirs may be of any shape."""
    known = {code: words for code, (words, _to_do, _where) in article_six.WORDS.items()}
    found = [(each.get("sentence"), each.get("is_met")) for each in _several(shown, "article_6")]
    return [(known[code], bool(is_met)) for code, is_met in found if isinstance(code, str) and code in known]


def _several(shown: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = shown.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def is_sealed(inquiry: Inquiry) -> bool:
    """Whether the seal is right: ours always; theirs by the key of their ledger, as this node knows it."""
    if not inquiry.is_ours:
        return True
    party = Counterparty.objects.filter(kbo=inquiry.party).first()
    try:
        return party is not None and bool(pack.read(inquiry.pack, party))
    except Invalid:
        return False
