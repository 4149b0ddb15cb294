"""One row of a list of mailed referrals, read as a form (art. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import BRUSSELS
from brug.core.protocol.document import Protocol
from brug.desks.mailroom.by_hand_forms import TakeInForm
from brug.kit.fields import text_field
from brug.office.disclosure.by_hand import Typed


class MailedForm(TakeInForm):
    """One row: what the archive said, the team by its code, and the day on which it came."""

    received_on = forms.DateField(
        label=_("When did it come in?"), error_messages={"required": _("Fill in the day on which the mail came.")}
    )
    team = text_field(_("Code of the team"), missing=_("Fill in the code of the team, as in the protocol."))

    def __init__(self, *args: Any, protocols: Sequence[Protocol], **kwargs: Any) -> None:
        super().__init__(*args, protocols=list(protocols), **kwargs)
        del self.fields["under"], self.fields["excess"]

    def clean_received_on(self) -> Any:
        on = self.cleaned_data["received_on"]
        if on > self.today:
            raise forms.ValidationError(_("Today, or a day before."))
        return on

    def clean_team(self) -> str:
        code = str(self.cleaned_data["team"]).strip().lower()
        under = next((under for under, (_p, team) in self.protocols.items() if team == code), None)
        if under is None:
            codes = ", ".join(team for _protocol, team in self.protocols.values())
            raise forms.ValidationError(gettext("The teams of the protocols are: %s.") % codes)
        self.cleaned_data["under"] = under
        return code

    def mailed(self) -> tuple[datetime, Typed]:
        """Noon of the day on which it came, and what stood in it."""
        return datetime.combine(self.cleaned_data["received_on"], time(12), BRUSSELS), self.typed()
