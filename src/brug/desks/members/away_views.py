"""Who is away, until when, and who stands in: one's own absence, and that of a colleague one may arrange (art. 4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.desks.members.away_forms import AwayForm
from brug.kit.pages import me_and_now, page_of_form
from brug.office.parties import standing
from brug.office.parties.models import Absence

WRONG = {"cannot_stand_in": "stand_in", "stand_in_away": "stand_in"}


@page_of_form
def away(request: HttpRequest) -> HttpResponse:
    """Who is away now or will be, and a form to write it down."""
    me, now = me_and_now(request)
    people = standing.arranged_by(me, now)
    start = {"member": me.pk if me in people else None, "from_on": legal_day(now)}
    form = AwayForm(request.POST if request.method == "POST" else None, people=people, initial=start)
    if people and form.is_valid():
        typed = form.cleaned_data
        try:
            standing.begin(typed["member"], typed["stand_in"], typed["from_on"], typed["through_on"], by=me, at=now)
        except Invalid as invalid:
            form.add_error(WRONG.get(invalid.code, "through_on"), _(str(invalid)))
        else:
            days = {name: date_format(typed[f"{name}_on"], "j F") for name in ("from", "through")}
            said = _("Noted: %(name)s is away from %(from)s through %(through)s.")
            messages.success(request, said % {**days, "name": typed["member"].name})
            return redirect("away")
    shown = Absence.objects.filter(through_on__gte=legal_day(now)).select_related("member", "stand_in")
    theirs = [each for each in shown if each.member in people or me in (each.member, each.stand_in)]
    rows = [{"absence": each, "ends": each.member in people} for each in theirs]
    context = {"form": form if people else None, "rows": rows, "today": legal_day(now)}
    return render(request, "members/away.html", context, status=422 if form.is_bound else 200)


@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not begin, or is over now."""
    me, now = me_and_now(request)
    absence = get_object_or_404(Absence.objects.select_related("member"), pk=pk)
    standing.end(absence, by=me, at=now)
    messages.success(request, _("Noted: %(name)s is here.") % {"name": absence.member.name})
    return redirect("away")
