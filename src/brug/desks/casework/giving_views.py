"""Giving several families at once, to one colleague or shared evenly; no person is shown (art. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from brug.core.calendar import legal_day
from brug.core.states import WrongState
from brug.desks.casework import asking, queries, services
from brug.desks.casework.giving_forms import GiveForm
from brug.desks.casework.models import Intake
from brug.kit.pages import allowed
from brug.office.parties.may import Verb
from brug.office.parties.models import Absence, Member

Given = Sequence[tuple[Intake, int]]
"""Intakes, each with the version that was shown."""


def takers(me: Member, now: Any) -> list[Member]:
    """Who may be given a family now: bound by secrecy, and not away today."""
    away = set(Absence.objects.on(legal_day(now)).values_list("member", flat=True))
    bound = [each for each in queries.colleagues(me) if services.why_not_assignable(each, by=me, at=now) is None]
    return [each for each in bound if each.pk not in away]


@require_POST
@allowed(Verb.ASSIGN)
def give(request: HttpRequest, me: Member, now: Any) -> HttpResponse:
    """Give what was ticked; what a colleague gave meanwhile stays as it is, and that is said."""
    form = GiveForm(request.POST, members=takers(me, now))
    ticked = _ticked(request.POST.getlist("case"))
    if not form.is_valid() or not ticked:
        messages.error(request, _("Tick at least one family, and choose who takes them. Nothing was given."))
        return redirect("inbox")
    people = form.takers()
    load = queries.load_of(people)
    given = kept = 0
    for intake, version in ticked:
        family = asking.of_family(intake, by=me, at=now) if len(people) > 1 else set()
        worker = min(people, key=lambda each: (each.pk not in family, load.get(each.pk, 0), each.name))
        try:
            services.assign(intake, worker, by=me, at=now, version=version)
        except WrongState:
            continue
        kept += worker.pk in family
        load[worker.pk] = load.get(worker.pk, 0) + 1
        given += 1
    if given:
        words = ngettext("%(n)d family was given.", "%(n)d families were given.", given)
        messages.success(request, words % {"n": given})
    if kept:
        words = ngettext(
            "%(n)d of them went to who has perhaps the same family already.",
            "%(n)d of them went to who has perhaps the same family already.",
            kept,
        )
        messages.info(request, words % {"n": kept})
    if left := len(ticked) - given:
        words = ngettext(
            "%(n)d family was given or changed by somebody else meanwhile; look at it once more.",
            "%(n)d families were given or changed by somebody else meanwhile; look at them once more.",
            left,
        )
        messages.info(request, words % {"n": left})
    return redirect("inbox")


def _ticked(values: Sequence[str]) -> Given:
    """What the ticks name, `reference:version`, of those that nobody has yet, the oldest first."""
    versions = {}
    for value in values:
        reference, _colon, version = value.partition(":")
        if version.isdecimal():
            versions[reference] = int(version)
    free = queries.waiting().order_by("arrived_at")[: queries.COUNTED]
    return [(each, versions[str(each.reference)]) for each in free if str(each.reference) in versions]
