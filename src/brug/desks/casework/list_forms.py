"""How a list is narrowed and ordered: what a page offers, read from its address; no person stands in one (art. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.core.identity import municipality
from brug.desks.casework import queries
from brug.desks.casework.models import Intake
from brug.desks.casework.states import BEFORE_CONTACT, IntakeState
from brug.office.parties.models import Member

ALL, LATE = "all", "late"
SHOWN = (*sorted(BEFORE_CONTACT), IntakeState.REACHED, IntakeState.CLARIFIED)


class ListForm(forms.Form):
    """Sent in the address of the page: every field has a value that means "all", and so has what is no choice."""

    def __init__(self, data: QueryDict, **offered: Sequence[tuple[str, Any]]) -> None:
        """`offered`: the choices of a field that depend on what there is."""
        super().__init__(asked := {name: data.get(name, ALL) for name in self.base_fields})
        for name, field in self.fields.items():
            if name in offered:
                field.choices = offered[name]  # type: ignore[attr-defined]
            if asked[name] not in dict(field.choices):  # type: ignore[attr-defined]
                asked[name] = ALL

    def chosen(self) -> dict[str, str]:
        """Field to what was chosen, but "all"."""
        return {name: value for name, value in self.data.items() if value != ALL}


class InboxForm(ListForm):
    """Which of the families that came in, and in which order."""

    state = forms.ChoiceField(label=_("State"))
    place = forms.ChoiceField(label=_("Municipality"))
    worker = forms.ChoiceField(label=_("With"))
    order = forms.ChoiceField(
        label=_("Order"),
        choices=[
            (ALL, _("without a worker first, then the oldest")),
            ("oldest", _("the oldest")),
            ("newest", _("the newest")),
        ],
    )

    def __init__(self, data: QueryDict, *, at: datetime) -> None:
        today = legal_day(at)
        places = Intake.objects.order_by().values_list("residence", flat=True).distinct()
        named = sorted((place.name if (place := municipality(code, today)) else code, code) for code in places)
        people = Member.objects.filter(pk__in=Intake.objects.exclude(worker=None).values("worker")).order_by("name")
        states = [(state.value, gettext(state.words)) for state in SHOWN]
        super().__init__(
            data,
            state=[(ALL, _("all")), (LATE, _("too long without contact")), *states],
            place=[(ALL, _("all")), *((code, name) for name, code in named)],
            worker=[(ALL, _("all")), *((str(each.pk), each.name) for each in people)],
        )

    def narrow(self, found: QuerySet[Intake], at: datetime) -> QuerySet[Intake]:
        chosen = self.chosen()
        state = chosen.get("state", "")
        if state == LATE:
            found = found.filter(pk__in=queries.overdue_intakes(at, settings.CONTACT_DAYS).order_by().values("pk"))
        elif state:
            found = found.filter(state=state)
        if place := chosen.get("place"):
            found = found.filter(residence=place)
        if worker := chosen.get("worker"):
            found = found.filter(worker=int(worker))
        order = {"oldest": "arrived_at", "newest": "-arrived_at"}.get(chosen.get("order", ""))
        return found.order_by(order) if order else found


class MineForm(ListForm):
    """Which of one's own families."""

    show = forms.ChoiceField(
        label=_("Show"),
        choices=[
            (ALL, _("all")),
            ("today", _("planned for today or earlier")),
            ("contact", _("not spoken with yet")),
            ("spoken", _("spoken with")),
        ],
    )

    def narrow(self, found: QuerySet[Intake], at: datetime) -> QuerySet[Intake]:
        show = self.chosen().get("show")
        if show == "today":
            return found.filter(next_on__lte=legal_day(at))
        if show == "contact":
            return found.filter(state__in=BEFORE_CONTACT)
        return found.exclude(state__in=BEFORE_CONTACT) if show == "spoken" else found
