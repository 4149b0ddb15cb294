"""The log book for people: how large, what was signed and who signed it too, whether it is whole (art. 6)."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brug.core import note
from brug.core.states import WrongState
from brug.desks.oversight.forms import ProofForm
from brug.kit.pages import allowed, as_file
from brug.office.ledger import evidence, queries, witnessing
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Checkpoint, Conflict, Cosignature, Entry, Witnessed
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Counterparty, Member

SHOWN = 10  # cosignatures and checkpoints of others, the newest first


@require_GET
@allowed(Verb.SEE_LEDGER)
def log_book(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Sizes, times and signatures; no entry and no person."""
    names = {queries.origin(party.kbo): party.name for party in Counterparty.objects.all()}
    ours = Cosignature.objects.select_related("checkpoint").order_by("-at", "-pk")[:SHOWN]
    theirs = Witnessed.objects.order_by("-at", "-pk")[:SHOWN]
    odd = Conflict.objects.filter(closed_at=None).order_by("-pk")[:SHOWN]
    context = {
        "newest": Checkpoint.objects.order_by("-number").first(),
        "waiting": Entry.objects.filter(leaf=None).count(),
        "checked": Entry.of(Act.LEDGER_VERIFIED, Act.LEDGER_NOT_WHOLE).order_by("-pk").first(),
        "cosignatures": [(_name(each.key, names), each) for each in ours],
        "witnessed": [(names.get(each.origin, each.origin), each) for each in theirs],
        "conflicts": [(names.get(each.origin, each.origin), each, _reason(each.why)) for each in odd],
        "may_close": may(me, Verb.RUN_OVERSIGHT, at=now),
        "key": queries.signing_keys()[0],
        "broken": Act.LEDGER_NOT_WHOLE,
        "proof_form": ProofForm(),
    }
    return render(request, "oversight/log_book.html", context)


def _reason(why: str) -> str:
    """What does not fit, for people; of the codes of `witnessing.Inconsistent` those that convict nobody."""
    reasons = {
        "no_proof": _("The proof that came with its log book does not fit what we saw before."),
        "not_ours": _("It signed a checkpoint that is none of this log book."),
        "other_log": _("It sent the checkpoint of another log book."),
        "unsigned_note": _("Its checkpoint is not signed with the key that we know."),
        "bad_signature": _("A signature under its checkpoint is not right."),
    }
    return reasons.get(why) or _("Its checkpoint cannot be read.")


def _name(key: str, names: dict[str, str]) -> str:
    origin = note.Key.parse(key).name
    return names.get(origin, origin)


@require_POST
@allowed(Verb.SEE_LEDGER)
def verify(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """Recompute everything now; what was found is itself an entry."""
    findings = queries.verify()
    with transaction.atomic():
        act = Act.LEDGER_NOT_WHOLE if findings else Act.LEDGER_VERIFIED
        ledger.record(act, "node", by=me.actor, at=now)
    if findings:
        told = ", ".join(sorted({finding.kind for finding in findings}))
        messages.error(request, _("The log book is NOT right: %(found)s. Call your administrator.") % {"found": told})
    else:
        messages.success(request, _("The log book is complete and unchanged: every entry is as it was signed."))
    return redirect("ledger")


@require_GET
@allowed(Verb.SEE_LEDGER)
def witnessed(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """What other parties signed of their log books, with the proofs between: for verifier.py, elsewhere."""
    return as_file(evidence.witnessed(), "application/jsonl", "witnessed.jsonl")


@require_GET
@allowed(Verb.SEE_LEDGER)
def conflicts(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """What did not fit, and the pairs of notes that convict."""
    return as_file(evidence.conflicts(), "application/jsonl", "conflicts.jsonl")


@require_GET
@allowed(Verb.SEE_LEDGER)
def proof(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The proof that the entry with this number stands in the log book, and that entry: two files in one."""
    number = request.GET.get("entry", "")
    entry = Entry.objects.filter(pk=int(number), leaf__isnull=False).first() if _is_number(number) else None
    if entry is None:
        messages.error(request, _("There is no entry with this number in the signed log book."))
        return redirect("ledger")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("case.tlog-proof", queries.prove(entry))
        archive.writestr("entry.json", f"{entry}\n")
    return as_file(packed.getvalue(), "application/zip", f"proof-{entry.pk}.zip")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


@require_POST
@allowed(Verb.RUN_OVERSIGHT)
def close(request: HttpRequest, me: Member, now: datetime, number: int) -> HttpResponse:
    """The officer looked into what did not fit; it stays kept, and is shown no more among what is open."""
    conflict = get_object_or_404(Conflict, pk=number)
    try:
        witnessing.close(conflict, by=me.actor, at=now)
    except WrongState:
        messages.info(request, _("Somebody was first: it is closed already."))
    return redirect("ledger")
