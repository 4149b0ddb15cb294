"""Who looked: the readings of one referral, case or file, as long as this history remembers (art. 4, art. 6).

The ledger keeps that somebody looked; who it was is shown for a term only, and only while the reference still leads
somewhere. For the data protection officer, and for a worker about a case of her own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from brug.core.calendar import add_months, legal_day
from brug.core.mending import as_numbered
from brug.core.protocol.life import first_moment
from brug.desks.casework import queries as casework
from brug.desks.casework.models import Intake, Origin
from brug.face.web.looked_forms import LookForm
from brug.kit.pages import allowed, form_page, page_of_form
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties.may import Relation, Verb
from brug.office.parties.models import Member
from brug.office.post.models import ByHand

LOOKED_MONTHS = 12  # policy: so long this history remembers who it was; the ledger keeps that it was


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: when, what was done, in which role, by whom. `name` "" for a colleague who is no longer known."""

    at: datetime
    act: Act
    role: str
    name: str


def readings(reference: UUID, at: datetime) -> list[Reading]:
    """Who saw the person behind `reference` within the term, the last reading first."""
    since = first_moment(add_months(legal_day(at), -LOOKED_MONTHS))
    seen = Entry.of(*(act for act in Act if act.reads))
    found = seen.filter(subject__in=_subjects(reference), at__gte=since).order_by("-at", "-pk")
    names = {member.pseudonym.hex: member.name for member in Member.objects.all()}
    return [Reading(entry.at, entry.what, entry.role, names.get(entry.by, "")) for entry in found]


@dataclass(frozen=True, slots=True)
class Done:
    """One act on a reference that is no reading: on which ground, and its number in the log book for who proves it."""

    number: int
    at: datetime
    act: Act
    role: str
    name: str
    ground: str


def acts(reference: UUID) -> list[Done]:
    """What was done with `reference`, the last act first: what came, left, moved, was erased. Nothing of a person."""
    names = {member.pseudonym.hex: member.name for member in Member.objects.all()}
    found = Entry.objects.filter(subject__in=_subjects(reference)).order_by("-at", "-pk")
    return [
        Done(entry.pk, entry.at, entry.what, entry.role, names.get(entry.by, ""), entry.article)
        for entry in found
        if not entry.what.reads
    ]


def _subjects(reference: UUID) -> list[str]:
    """Under what the ledger knows it: itself, and the archives made by hand that it was taken in from."""
    came = Intake.objects.filter(pk=reference).values("referral_id")
    joined = Origin.objects.filter(file=reference).values("referral_id")
    archives = ByHand.objects.filter(Q(parcel_id__in=came) | Q(parcel_id__in=joined))
    return [str(each) for each in (reference, *archives.values_list("reference", flat=True))]


@page_of_form
@allowed(Verb.RUN_OVERSIGHT)
def looked(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    """The officer asks for a number; the question itself stands in the ledger. The number stands in no address."""
    form = LookForm(request.POST or None)
    context: dict[str, object] = {"form": form, "months": LOOKED_MONTHS}
    if request.method == "POST" and form.is_valid():
        reference = form.cleaned_data["number"]
        with transaction.atomic():
            ledger.record(Act.READINGS_SHOWN, reference, by=me.actor, at=now)
        context |= {"readings": readings(reference, now), "acts": acts(reference)}
        context["number"] = as_numbered(form.data["number"])
        return render(request, "web/looked.html", context)
    return form_page(request, "web/looked.html", context)


@require_GET
@allowed(Verb.OPEN_CASE, Relation.OWN)
def looked_at_mine(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """A worker asks who looked at a case or a file of her own."""
    case = (
        casework.own_intakes(me, now).filter(pk=reference).first()
        or casework.own_files(me, now).filter(pk=reference).first()
    )
    if case is None:
        raise Http404
    context = {"readings": readings(reference, now), "number": case.number, "months": LOOKED_MONTHS}
    return render(request, "web/looked.html", context)
