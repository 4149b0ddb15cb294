"""Who takes the families that were ticked; no person is shown (art. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from brug.desks.casework import queries
from brug.desks.casework.forms import choices_of
from brug.office.parties.models import Member

SHARE = "share"  # instead of a colleague: each to who has their family already, else to who has the fewest then


class GiveForm(forms.Form):
    """Who takes what was ticked."""

    to = forms.ChoiceField(
        label=gettext_lazy("Who takes the families that you ticked?"),
        error_messages={
            "required": gettext_lazy("Choose a colleague."),
            "invalid_choice": gettext_lazy("Choose a colleague."),
        },
    )

    def __init__(self, data: Any = None, *, members: Sequence[Member]) -> None:
        super().__init__(data)
        self.members = {member.pseudonym.hex: member for member in members}
        load = queries.load_of(members)
        share = [(SHARE, gettext_lazy("share them evenly"))] if len(members) > 1 else []
        self.fields["to"].choices = [("", "—"), *share, *choices_of(self.members, load)]  # type: ignore[attr-defined]

    def takers(self) -> list[Member]:
        """One colleague, or all among whom they are shared."""
        chosen = self.cleaned_data["to"]
        return list(self.members.values()) if chosen == SHARE else [self.members[chosen]]
