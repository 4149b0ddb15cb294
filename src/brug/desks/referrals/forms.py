"""What the team member types: where the client lives, what was told and agreed, and the five fields (art. 3)."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from brug.core import datum
from brug.core.leaflet import Kind, mark
from brug.core.protocol.document import Field, Protocol
from brug.desks.referrals.question import DATA, question
from brug.desks.referrals.services import ConsentFacts
from brug.kit.client_forms import RectifyFields, ResidenceFields
from brug.kit.fields import name_input, one_of, text_field, tick, when_field
from brug.kit.forms import DeskForm
from brug.office.parties.fields import once_field
from brug.office.plug import windows

CONSENT_DAYS = 30  # an older yes is asked again (policy; the protocol does not say)
CLOCK_TOLERANCE = timedelta(minutes=5)
LANGUAGES = [
    *((code, gettext_lazy(words)) for code, words in datum.LANGUAGES.items()),
    ("other", _("Another language")),
]


class StartForm(ResidenceFields):
    """Where the family lives: that decides which OCMW, and whether there is a protocol."""

    once = once_field()
    field_order = ("postal_code", "municipality")

    def first(self) -> StartForm:
        """On a page of its own: the keyboard is there at once."""
        self.fields["postal_code"].widget.attrs["autofocus"] = not self.is_bound
        return self


class SearchForm(forms.Form):
    """A whole name, a phone number, an e-mail address or a number; sent in the body, never in an address."""

    words = text_field(
        _("Search in the referrals of your team"),
        missing=_("Type a name, a phone number, an e-mail address or a number."),
        help_text=_("A whole name, a phone number, an e-mail address, or the number on the receipt."),
        max_length=100,
    )


class WithdrawForm(forms.Form):
    """Whose consent it is, so that no other family is erased for good; or the number on the family's own receipt."""

    name = forms.CharField(
        label=_("Name of the client"),
        help_text=_("Given name and family name. They are compared and not kept."),
        max_length=200,
        widget=name_input(),
        required=False,
    )
    is_sure = tick(_("The family’s own receipt has this number"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].is_conditional = True  # type: ignore[attr-defined]  # or the tick below it

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        typed: dict[str, Any] = super().clean() or {}
        if not typed.get("name") and not typed.get("is_sure"):
            self.add_error("name", _("Type the name, or tick that the receipt has this number."))
        return typed


class PutRightForm(RectifyFields, DeskForm):
    """The notifier's own mistake in what was sent; whose it is, once the contact data are gone here."""

    name = text_field(
        _("Name of the client, as it was sent"),
        missing=_("Type the name as it was sent."),
        help_text=_("Given name and family name. They are compared and not kept."),
        max_length=200,
        widget=name_input(),
    )

    def __init__(self, *args: Any, agreed: Set[Field], now: datetime, is_here: bool, **kwargs: Any) -> None:
        super().__init__(*args, agreed=agreed, now=now, **kwargs)
        if is_here:
            del self.fields["name"]
        self.order_fields(["name", *self.fields])


class ConsentForm(forms.Form):
    """Two facts, and nothing is ticked beforehand: the client was told, and the client said yes (recital C)."""

    informed_at = when_field(_("When did you tell the client?"))
    informed_how = one_of(
        _("How did you tell the client?"),
        [
            ("talk_and_leaflet", _("In a conversation, with the leaflet")),
            ("talk", _("In a conversation")),
        ],
        missing=_("Choose how you told the client."),
    )
    language = forms.ChoiceField(label=_("In which language?"), choices=LANGUAGES)
    leaflet = forms.ChoiceField(
        label=_("Was the leaflet in another language?"),
        required=False,
        choices=[("", _("no, the same language")), *LANGUAGES[:-1]],
    )
    interpreter = tick(_("An interpreter helped (never a child)"))
    consented_at = when_field(_("When did the client say yes?"))
    consented_how = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[("oral", _("Yes, spoken")), ("written", _("Yes, in writing"))],
        error_messages={
            "required": _("Choose how the client said yes. Without a yes nothing may be passed on (recital C).")
        },
    )
    judged_with_client = tick(
        _("I know this family from my work, and together with the client I find this referral useful."),
        missing=_("Tick this, if so: each referral is decided together with the client (art. 5)."),
    )
    withheld = forms.MultipleChoiceField(
        label=_("Does the family say no to one of these?"),
        help_text=_("What you tick is not asked and not passed on, and the receipt does not name it."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    window = tick(
        _("The family wants its own window: a code on paper, without a name"),
        help_text=_("Only when the client asks for it, and nobody at home reads along."),
    )
    asked_anew = ("consented_how",)  # nothing is ticked beforehand

    def __init__(self, *args: Any, protocol: Protocol, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        if not windows().is_open():
            del self.fields["window"]
        self.question = question(protocol)
        self.under = f"{protocol.id}@{protocol.version}"
        self.fields["consented_how"].label = str(self.question)
        asked = [row for row in datum.rows(protocol.fields) if not row.is_name]
        self.reaching = {row.code for row in asked if row.reaches}
        self.fields["withheld"].choices = [(row.code, DATA[row.code]) for row in asked]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        informed_at, consented_at = cleaned.get("informed_at"), cleaned.get("consented_at")
        for name, moment in (("informed_at", informed_at), ("consented_at", consented_at)):
            if moment and moment > self.now + CLOCK_TOLERANCE:
                self.add_error(name, _("This lies in the future."))
        if informed_at and consented_at and consented_at < informed_at:
            self.add_error("consented_at", _("The client can only say yes after being told. Check both moments."))
        elif consented_at and consented_at < self.now - timedelta(days=CONSENT_DAYS):
            self.add_error("consented_at", _("This is more than 30 days ago. Ask the client again."))
        return cleaned

    def clean_withheld(self) -> list[str]:
        """The family keeps one way at least on which it can be reached; else there is nothing to refer."""
        withheld = list(self.cleaned_data["withheld"])
        if self.reaching and self.reaching <= set(withheld):
            raise ValidationError(_("One way to reach the family is needed. Does it want none? Then it says no."))
        return withheld

    def clean_consented_how(self) -> str:
        """The yes is to the question that the page asked, and so is the record; to another one it is none."""
        if self.data.get("asked") != self.under:
            self.data = {name: value for name, value in self.data.items() if name != "consented_how"}
            raise ValidationError(_("The protocol changed meanwhile. Ask the client this question."))
        return str(self.cleaned_data["consented_how"])

    def clean_leaflet(self) -> str:
        """Which text was shown, with its version ("before-ar-1"); empty when there was only a conversation."""
        if self.cleaned_data.get("informed_how") != "talk_and_leaflet":
            return ""
        language = str(self.cleaned_data["leaflet"] or self.cleaned_data.get("language") or "nl")
        if language == "other":
            raise ValidationError(_("There is no leaflet in this language. In which language was the one you showed?"))
        return mark(Kind.BEFORE, language)

    def facts(self) -> ConsentFacts:
        """The tick about the family states two facts: known from her work (recital C), judged together (art. 5)."""
        typed = {name: value for name, value in self.cleaned_data.items() if name not in ("window", "withheld")}
        stated = typed.pop("judged_with_client")
        return ConsentFacts(**typed, met_on_duty=stated, judged_with_client=stated)
