"""Who looked: the readings of one referral, case or file, as long as this history remembers (art. 4, art. 6).

The ledger keeps that somebody looked; who it was is shown for a term only, and only while the reference still leads
somewhere. For the data protection officer, and for a worker about a case of her own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from brug.core.calendar import add_months, legal_day
from brug.core.protocol.life import first_moment
from brug.desks.casework import queries as casework
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.referrals.models import Referral
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.parties.may import Relation, Verb, check
from brug.office.parties.models import Member

LOOKED_MONTHS = 12  # policy: so long this history remembers who it was; the ledger keeps that it was
READINGS = {  # acts of the ledger by which somebody saw a person
    "opened": _("opened"),
    "client_opened": _("opened"),
    "found": _("found among the others"),
    "compared": _("compared with another file"),
    "handed_to_software": _("fetched by other software"),
    "gathered": _("gathered for the person concerned"),
}
GLASS = "glass_broken."  # with its reason: somebody opened what is another's, in an emergency


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: when, what was done, in which role, by whom. `name` "" for a colleague who is no longer known."""

    at: datetime
    act: str
    role: str
    name: str


class LookForm(forms.Form):
    """The number by which people know it. It finds a reference; no person is shown."""

    number = forms.CharField(
        label=_("Number of a referral, a family or a client file"),
        help_text=_("Such as A-2026-0001, W-2026-0001 or D-2026-0001."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 16}),
        error_messages={"required": _("Type the number.")},
    )

    def clean_number(self) -> UUID:
        found = reference_of(self.cleaned_data["number"].strip().upper())
        if found is None:
            raise ValidationError(_("There is nothing here with this number, or not any more."))
        return found


def reference_of(number: str) -> UUID | None:
    """What the ledger calls the thing with `number`, or None. What was erased has no number any more."""
    for model in (Intake, ClientFile):
        if case := model.objects.filter(number=number).first():
            return case.reference
    letter, _year, running = [*number.split("-"), "", ""][:3]
    if letter == "A" and running.isdecimal():
        referral = Referral.objects.filter(pk=int(running)).first()
        return referral.reference if referral and referral.number == number else None
    return None


def readings(reference: UUID, at: datetime) -> list[Reading]:
    """Who saw the person behind `reference` within the term, the last reading first."""
    since = first_moment(add_months(legal_day(at), -LOOKED_MONTHS))
    acts = Q(act__in=READINGS) | Q(act__startswith=GLASS)
    found = Entry.objects.filter(acts, subject=str(reference), at__gte=since).order_by("-at", "-pk")
    names = {member.pseudonym.hex: member.name for member in Member.objects.all()}
    emergency = gettext("opened in an emergency")
    return [
        Reading(entry.at, str(READINGS.get(entry.act, emergency)), entry.role, names.get(entry.by, ""))
        for entry in found
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def looked(request: HttpRequest) -> HttpResponse:
    """The officer asks for a number; the question itself stands in the ledger. The number stands in no address."""
    me, now = cast(Member, request.user), timezone.now()
    check(me, Verb.RUN_OVERSIGHT, at=now)
    form = LookForm(request.POST or None)
    context: dict[str, object] = {"form": form, "months": LOOKED_MONTHS}
    if request.method == "POST" and form.is_valid():
        reference = form.cleaned_data["number"]
        with transaction.atomic():
            ledger.record("readings_shown", reference, by=me.pseudonym.hex, role=me.role, at=now, article="GDPR 5(2)")
        context |= {"readings": readings(reference, now), "number": form.data["number"].strip().upper()}
        return render(request, "web/looked.html", context)
    return render(request, "web/looked.html", context, status=422 if form.is_bound else 200)


@require_GET
def looked_at_mine(request: HttpRequest, reference: UUID) -> HttpResponse:
    """A worker asks who looked at a case or a file of her own."""
    me, now = cast(Member, request.user), timezone.now()
    check(me, Verb.OPEN_CASE, Relation.OWN, at=now)
    case = (
        casework.own_intakes(me, now).filter(pk=reference).first()
        or casework.own_files(me, now).filter(pk=reference).first()
    )
    if case is None:
        raise Http404
    context = {"readings": readings(reference, now), "number": case.number, "months": LOOKED_MONTHS}
    return render(request, "web/looked.html", context)
