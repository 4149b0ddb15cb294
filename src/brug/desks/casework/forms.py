"""What the dispatcher and the social worker choose: a colleague, what happened, what is needed, a day. No free text.

The forms of a client file, where a note may be written, are in files_forms.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from brug.core.calendar import legal_day
from brug.desks.casework import aids
from brug.desks.casework.models import Intake
from brug.desks.casework.states import GiveUp, Ground, KeepTrying, Reassignment
from brug.kit import forms as kit
from brug.kit.fields import day_field, one_of, some_of, text_field, tick
from brug.office.parties.models import Member
from brug.office.parties.states import GlassReason
from brug.office.vault.reasons import HoldReason

FAULTS: Mapping[str, tuple[str, str | Promise]] = {  # code of `Invalid` → the field it stands at, and its words
    "not_a_social_worker": ("worker", _("Only a social worker may have a case.")),
    "not_bound_by_secrecy": ("worker", _("The professional secrecy of this colleague is not attested, or no longer.")),
    "result_of_another_channel": ("result", _("That does not go with this way of contact. Choose another one.")),
    "told_to_nobody": ("told", _("Nobody was spoken with, so nobody can have been told.")),
    "not_told": (
        "told",
        _("Tick what you have told. No time for it yet? Note “not reached: asked to call back”, and tell it then."),
    ),
    "happened_in_future": ("happened_at", _("This lies in the future.")),
    "happened_before_arrival": ("happened_at", _("The referral had not arrived yet. Check the day and the hour.")),
    "reason_needed": ("reason", _("Choose why.")),
    "no_need": ("kinds", _("Choose at least one.")),
    "closed_in_future": ("closed_on", _("Choose today or a day before.")),
    "aid_still_runs": ("", _("Aid in this file has no last day yet, or a later one. Note it first, or tick below.")),
    "call_still_open": ("", _("A partner still has to be called about this file. Call first, or tick below.")),
    "file_is_closed": ("", _("This client file is closed. Open it again first.")),
    "held_back": ("", _("The data protection officer keeps this file back; it cannot be erased now.")),
    "no_such_file": ("number", _("There is no client file with this number.")),
    "hold_in_past": ("until_on", _("Choose today or a later day.")),
    "no_such_aid": ("kind", _("Choose a kind of aid from the list.")),
    "decided_in_future": ("decided_on", _("Choose today or a day before.")),
    "ends_before_start": ("through_on", _("The last day is before the first.")),
    "planned_in_past": ("on", _("Choose today or a later day.")),
    "last_kind": ("", _("At least one kind of aid must stay.")),
    "aid_in_use": ("", _("This kind was chosen before: retire it, so that its name stays in the files.")),
    "aid_is_listed": ("name", _("This name is in the list already.")),
    "file_is_elsewhere": ("", _("This file is kept in your own software. Put it right there.")),
    "not_a_value": ("", _("One of the fields is not as it should be.")),
    "partner_cannot_reach": ("fields_sent", _("Choose at least one way to reach the client.")),
    "not_a_partner": ("category", _("Only another OCMW, a CAW or a DMW belongs to the broad intake.")),
    "proven_in_future": ("proven_on", _("Choose today or a day before.")),
    "partner_is_listed": ("kbo", _("This party is in the list already, or is your own.")),
    "partner_is_a_party": ("kbo", _("This party is in a protocol with you; it is no partner.")),
    "closed_before_opened": ("closed_on", _("The file was not open yet on that day.")),
}


class DeskForm(kit.DeskForm):
    """A form of this desk."""

    faults = FAULTS


class HoldForm(DeskForm):
    """A legal hold: which file, why, until when. The number is all that is asked; no person is shown."""

    number = text_field(
        _("Number of the client file"),
        missing=_("Type the number, such as D-2026-0001."),
        attrs={"size": 14},
        max_length=20,
    )
    reason = one_of(_("Why must it stay?"), kit.choices(HoldReason), missing=_("Choose why."))
    until_on = day_field(_("Through which day?"), help_text=_("After that day its own term counts again."))


class SearchForm(forms.Form):
    """A whole name, phone number or e-mail address; sent in the body, so that it never stands in an address."""

    words = text_field(
        _("Search in your own families and files"),
        missing=_("Type a name, a phone number or an e-mail address."),
        help_text=_("A name or a part of it, a phone number or an e-mail address."),
        max_length=100,
    )


class WhoForm(forms.Form):
    """Of whom somebody who answers the phone asks who knows them."""

    words = text_field(
        _("Who is it about?"),
        missing=_("Type a name, a phone number, an e-mail address or a number."),
        help_text=_("A whole name, phone number or e-mail address, or the number of a family or file."),
        max_length=100,
    )


class Shown(Protocol):
    """What a form is about: a case, or an entry of a list."""

    @property
    def version(self) -> int: ...


class CaseForm(DeskForm):
    """Every form on a case knows which version of it was shown, so that nobody overwrites what they did not see."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, shown: Shown, **kwargs: Any) -> None:
        super().__init__(data, initial={"version": shown.version} | kwargs.pop("initial", {}), **kwargs)

    def show(self, now: Shown) -> None:
        """Keep what was typed, and take it as typed on the case as it is now."""
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(now.version)
        self.data = data

    def entry(self) -> dict[str, Any]:
        """The entry of the history that this would make; to recognise one's own second click."""
        return {}


class AssignForm(CaseForm):
    """To whom the case goes: a colleague with the number of families she has now."""

    worker = one_of(
        _("Who takes this family?"),
        missing=_("Choose a colleague."),
        help_text=_("Only this colleague will see the name and the address."),
    )

    reason = one_of(_("Why does it go to somebody else?"), kit.choices(Reassignment), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        shown: Intake,
        members: Iterable[Member],
        load: Mapping[int, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, shown=shown, **kwargs)
        if shown.worker_id is None:
            del self.fields["reason"]
        else:
            self.fields["reason"].is_conditional = True  # type: ignore[attr-defined]  # asked of whom a colleague has
        self.members = {member.pseudonym.hex: member for member in members}
        self.fields["worker"].choices = choices_of(self.members, load)  # type: ignore[attr-defined]

    def member(self) -> Member:
        return self.members[self.cleaned_data["worker"]]

    def reason_given(self) -> Reassignment | None:
        code = self.cleaned_data.get("reason")
        return Reassignment(code) if code else None

    def entry(self) -> dict[str, Any]:
        return {"kind": "assigned", "to": self.cleaned_data["worker"]}


def choices_of(members: Mapping[str, Member], load: Mapping[int, int]) -> list[tuple[str, str]]:
    """Each colleague with the number of families she has now."""
    return [(key, f"{_named(member)} – {_families(load.get(member.pk, 0))}") for key, member in members.items()]


def _named(member: Member) -> str:
    return f"{member.name} ({member.remit})" if member.remit else member.name


def _families(count: int) -> str:
    return ngettext("%(count)d family now", "%(count)d families now", count) % {"count": count}


class AcceptForm(CaseForm):
    """The client wants help: asked once more, because years of keeping follow."""

    sure = tick(
        _("The client said yes to help, and knows that a file is kept."),
        missing=_("Tick this first: a file is kept for years."),
    )


class ClarifyForm(CaseForm):
    """What is needed, from the list of this OCMW."""

    kinds = some_of(
        _("What could help?"),
        aids.offered,
        help_text=_("What you found out together with the client. You can change it later."),
    )

    def chosen(self) -> list[str]:
        return list(self.cleaned_data["kinds"])

    def entry(self) -> dict[str, Any]:
        return {"kind": "clarified", "kinds": sorted(self.chosen())}


class GiveUpForm(CaseForm):
    """Why the dispatcher ends a case of which nobody was reached."""

    reason = one_of(_("Why do we stop?"), kit.choices(GiveUp), missing=_("Choose why."))


class KeepTryingForm(CaseForm):
    """Why a colleague goes on trying."""

    reason = one_of(_("Why do we go on?"), kit.choices(KeepTrying), missing=_("Choose why."))


class GroundForm(CaseForm):
    """The consent to the referral is gone: what own ground does the file have?"""

    ground = one_of(_("Why does the file stay?"), kit.choices(Ground), missing=_("Choose why."))


class CloseForm(CaseForm):
    """The day on which the help ended; the term of ten years runs from there. Once more, when something still runs."""

    closed_on = day_field(_("Closed on"))

    still_runs = tick(_("Close it all the same"))

    def ask(self) -> None:
        """Something still runs: the tick appears, beside what was typed."""
        self.fields["still_runs"] = self.base_fields["still_runs"]

    def __init__(self, data: Any = None, *, at: datetime, **kwargs: Any) -> None:
        super().__init__(data, initial={"closed_on": legal_day(at)}, **kwargs)
        if not self.is_bound or "still_runs" not in self.data:
            del self.fields["still_runs"]

    def day(self) -> date:
        day: date = self.cleaned_data["closed_on"]
        return day

    def entry(self) -> dict[str, Any]:
        return {"kind": "file_closed", "closed_on": self.day().isoformat()}


class GlassForm(forms.Form):
    """Why it cannot wait."""

    reason = one_of(
        _("Why do you need to see this now?"),
        kit.choices(each for each in GlassReason if each is not GlassReason.TAKEN_OVER),
        missing=_("Choose one of the three."),
    )
