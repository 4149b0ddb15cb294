"""What is chosen and typed in a request: days, closed lists, and by what the person is found (GDPR 12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brug.core.datum import LANGUAGES
from brug.core.names import fold
from brug.desks.requests.states import Channel, Identity, Longer, Refusal, Right
from brug.kit import forms as kit
from brug.kit.client_forms import NameField, RectifyFields
from brug.kit.fields import ONE, day_field, one_of
from brug.office.asks import Sought
from brug.office.parties.fields import email_field, once_field, phone_field
from brug.office.parties.models import Member

Choices = list[tuple[str, "str | Promise"]]
FAULTS: dict[str, tuple[str, str | Promise]] = {
    "received_in_future": ("received_on", _("Choose today or a day before.")),
    "not_bound_by_secrecy": ("worker", _("The professional secrecy of this colleague is not attested, or no longer.")),
    "extended_already": ("", _("This request was extended before; that can be done once.")),
    "told_on_impossible": ("told_on", _("Choose a day since the request came, until today.")),
    "told_too_late": ("told_on", _("The person must have been told within the first month (GDPR 12(3)).")),
    "nothing_typed": ("given_name", _("Type a name, a phone number or an e-mail address.")),
    "another_name": (
        "identified_again",
        _("This is not the name that the officer noted. Is it the same person? Then say how you are sure."),
    ),
    "residence_not_served": (
        "postal_code",
        _("The OCMW that has the data does not serve this municipality: begin a new referral for the one that does."),
    ),
    "asked_still": ("", _("A colleague still has to decide about an erasure. The answer comes after that.")),
    "not_searched": ("", _("First look for the person, also when you think that nothing is here.")),
}


class DeskForm(kit.DeskForm):
    """A form of this desk."""

    faults = FAULTS


class ReceiveForm(DeskForm):
    """The letter itself goes to the worker; of the name a keyed digest stays, and the worker looks for nobody else."""

    once = once_field()
    given_name = NameField(_("Given name of who asks"))
    family_name = NameField(_("Family name of who asks"))
    right = one_of(_("What does the person ask?"), kit.choices(Right))
    channel = one_of(_("How did it come?"), kit.choices(each for each in Channel if each is not Channel.WINDOW))
    received_on = day_field(_("When did it come?"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.folded():
            self.add_error("family_name", _("Type the name of who asks."))
        return cleaned

    def folded(self) -> str:
        """The name of who asks, in one form for its spellings."""
        return fold(self.cleaned_data.get("given_name") or "", self.cleaned_data.get("family_name") or "")


class AssignForm(DeskForm):
    worker = forms.ModelChoiceField(
        label=_("Who gathers and answers?"),
        queryset=Member.objects.none(),
        error_messages={"required": ONE},
        empty_label="—",
    )

    def __init__(self, *args: Any, people: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = Member.objects.filter(pk__in=[person.pk for person in people]).order_by("name")
        self.fields["worker"].queryset = chosen  # type: ignore[attr-defined]


class ExtendForm(DeskForm):
    why = one_of(_("Why are two months more needed?"), kit.choices(Longer))
    told_on = day_field(_("When was the person told, with this reason?"))


class IdentifyForm(DeskForm):
    how = one_of(_("How are you sure that the request is the person’s own?"), kit.choices(Identity))


class RefuseForm(DeskForm):
    why = one_of(_("Why is it refused?"), kit.choices(Refusal))


class FindForm(DeskForm):
    """By what the person is sought: the name, the phone, the e-mail; one of them is enough."""

    given_name = NameField(_("Given name"))
    family_name = NameField(_("Family name"))
    phone = phone_field(_("Phone"))
    email = email_field(_("E-mail"))
    identified_again = forms.ChoiceField(
        label=_("By another name than in the request? How are you sure that it is the same person?"),
        required=False,
        choices=[("", _("it is the name of the request")), *kit.choices(Identity)],
        help_text=_("The data protection officer is told."),
    )

    def again(self) -> Identity | None:
        """How the person was identified by this name too."""
        how = self.cleaned_data.get("identified_again")
        return Identity(how) if how else None

    def sought(self) -> Sought:
        typed = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return Sought(fold(typed["given_name"], typed["family_name"]), typed["phone"], typed["email"])


class LetterForm(DeskForm):
    """In which language the letter is, the Dutch beside it."""

    language = forms.ChoiceField(
        label=_("Language of the letter"),
        required=False,
        choices=[
            ("", _("that of the leaflet, where it was noted; otherwise Dutch")),
            *((code, _(name)) for code, name in LANGUAGES.items()),
        ],
        help_text=_("The Dutch stands beside it."),
    )


class RectifyForm(RectifyFields, DeskForm):
    """What the person had put right."""
