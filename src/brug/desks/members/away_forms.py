"""Who is away, from when through when, and who stands in (art. 4)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from brug.kit.fields import day_field
from brug.office.parties import standing
from brug.office.parties.models import Member


class AwayForm(forms.Form):
    """Who, from when through when, and who does the work meanwhile."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Who is away?"),
        queryset=Member.objects.none(),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose who is away.")},
    )
    stand_in = forms.ModelChoiceField(
        label=gettext_lazy("Who stands in?"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody in particular"),
        help_text=gettext_lazy("Does the work meanwhile, also what had to wait. Nobody: the next in line hears of it."),
    )
    from_on = day_field(gettext_lazy("First day"))
    through_on = day_field(gettext_lazy("Last day"))

    def __init__(self, *given: Any, people: list[Member], **named: Any) -> None:
        super().__init__(*given, **named)
        numbers = [member.pk for member in people]
        stand_ins = {pk for member in people for pk in standing.colleagues(member).values_list("pk", flat=True)}
        for name, found in (("member", numbers), ("stand_in", stand_ins)):
            field = cast("forms.ModelChoiceField[Member]", self.fields[name])
            field.queryset = Member.objects.filter(pk__in=found).order_by("name")
