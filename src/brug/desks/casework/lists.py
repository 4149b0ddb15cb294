"""How a list is narrowed and ordered: what a page offers, read from its address; no person stands in one (art. 4)."""

from __future__ import annotations

from datetime import datetime

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

LATE = "late"
SHOWN = (*sorted(BEFORE_CONTACT), IntakeState.REACHED, IntakeState.CLARIFIED)


class ListForm(forms.Form):
    """Sent in the address of the page: every field has a value that means "all"."""

    def __init__(self, data: QueryDict) -> None:
        names = self.base_fields.keys()
        super().__init__({name: data[name] for name in names if data.get(name)})
        for name in names:
            self.fields[name].required = True  # nothing is optional about it: "all" is a choice
            self.fields[name].widget.is_required = False

    def chosen(self) -> dict[str, str]:
        """Field to what was chosen; of what is no choice, nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and value != "all"}


class InboxForm(ListForm):
    """Which of the families that came in, and in which order."""

    state = forms.ChoiceField(label=_("State"))
    place = forms.ChoiceField(label=_("Municipality"))
    worker = forms.ChoiceField(label=_("With"))
    order = forms.ChoiceField(
        label=_("Order"),
        choices=[
            ("all", _("without a worker first, then the oldest")),
            ("oldest", _("the oldest")),
            ("newest", _("the newest")),
        ],
    )

    def __init__(self, data: QueryDict, *, at: datetime) -> None:
        super().__init__(data)
        today = legal_day(at)
        places = Intake.objects.order_by().values_list("residence", flat=True).distinct()
        named = sorted((place.name if (place := municipality(code, today)) else code, code) for code in places)
        people = Member.objects.filter(pk__in=Intake.objects.exclude(worker=None).values("worker")).order_by("name")
        states = [(state.value, gettext(state.words)) for state in SHOWN]
        offered = {
            "state": [("all", _("all")), (LATE, _("too long without contact")), *states],
            "place": [("all", _("all")), *((code, name) for name, code in named)],
            "worker": [("all", _("all")), *((str(each.pk), each.name) for each in people)],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

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
            ("all", _("all")),
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
