"""What the team member types: where the client lives, what was told and agreed, and the five fields (art. 3)."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core import address, message
from brug.core.calendar import legal_day
from brug.core.identity import Municipality, municipalities_of, parse_name
from brug.core.leaflet import Kind, mark
from brug.core.protocol.document import CARRIED, Field, Protocol
from brug.desks.referrals.question import question
from brug.desks.referrals.services import ConsentFacts
from brug.office.parties.fields import ParsedField, email_field, moment_field, phone_field

ASKED_FOR: dict[Field, tuple[str, ...]] = {
    "phone": ("phone",),
    "email": ("email",),
    "address": ("street", "number", "box"),
}
CONSENT_DAYS = 30  # an older yes is asked again (policy; the protocol does not say)
CLOCK_TOLERANCE = timedelta(minutes=5)
LANGUAGES = [
    ("nl", _("Dutch")),
    ("fr", _("French")),
    ("en", _("English")),
    ("ar", _("Arabic")),
    ("tr", _("Turkish")),
    ("ru", _("Russian")),
    ("uk", _("Ukrainian")),
    ("fa", _("Farsi")),
    ("prs", _("Dari")),
    ("ps", _("Pashto")),
    ("bg", _("Bulgarian")),
    ("ro", _("Romanian")),
    ("pl", _("Polish")),
    ("es", _("Spanish")),
    ("ti", _("Tigrinya")),
    ("so", _("Somali")),
    ("other", _("Another language")),
]


class ResidenceFields(forms.Form):
    """A postal code, and a choice of municipality only where the code lies in two."""

    postal_code = forms.CharField(
        label=_("Postal code"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6, "autocomplete": "off"}),
    )
    municipality = forms.ChoiceField(
        label=_("Municipality"),
        widget=forms.RadioSelect,
        error_messages={"required": _("This postal code lies in two municipalities. Choose one.")},
    )
    residence: str = ""

    def __init__(self, *args: Any, today: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = legal_day(today)
        typed = (
            self.data.get("postal_code")
            if self.is_bound
            else self.get_initial_for_field(self.fields["postal_code"], "postal_code")
        )
        code = (typed or "").strip()
        self.found: tuple[Municipality, ...] = municipalities_of(code, self.today)
        if len(self.found) > 1:
            self.fields["municipality"].choices = [(m.refnis, m.name) for m in self.found]  # type: ignore[attr-defined]
        else:
            del self.fields["municipality"]
        if len(self.found) == 1:
            self.fields["postal_code"].help_text = f"{code} {self.found[0].name}"

    def clean_postal_code(self) -> str:
        code = str(self.cleaned_data["postal_code"]).strip()
        if code and not self.found:
            raise ValidationError(_("There is no Belgian municipality with this postal code."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(self.found) == 1:
            self.residence = self.found[0].refnis
        elif self.found and cleaned.get("municipality"):
            self.residence = str(cleaned["municipality"])
        return cleaned


class StartForm(ResidenceFields):
    """Where the family lives: that decides which OCMW, and whether there is a protocol."""

    field_order = ("postal_code", "municipality")


class ConsentForm(forms.Form):
    """Two facts, and nothing is ticked beforehand: the client was told, and the client said yes (recital C)."""

    informed_at = moment_field(_("When did you tell the client?"))
    informed_how = forms.ChoiceField(
        label=_("How?"),
        widget=forms.RadioSelect,
        choices=[
            ("talk_and_leaflet", _("In a conversation, with the leaflet")),
            ("talk", _("In a conversation")),
        ],
    )
    language = forms.ChoiceField(label=_("In which language?"), choices=LANGUAGES)
    leaflet = forms.ChoiceField(
        label=_("Was the leaflet in another language?"),
        required=False,
        choices=[("", _("no, the same language")), *LANGUAGES[:-1]],
    )
    interpreter = forms.BooleanField(label=_("An interpreter helped (never a child)"), required=False)
    consented_at = moment_field(_("When did the client say yes?"))
    consented_how = forms.ChoiceField(
        label=_("How?"),
        widget=forms.RadioSelect,
        choices=[("oral", _("Spoken")), ("written", _("In writing"))],
    )
    consent = forms.BooleanField(
        error_messages={"required": _("Without the client's yes nothing may be passed on (recital C of the protocol).")}
    )
    judged_with_client = forms.BooleanField(
        label=_("I know this family from my work, and together with the client I find this referral useful."),
        error_messages={"required": _("Each referral is decided together with the client (art. 5 of the protocol).")},
    )

    def __init__(self, *args: Any, protocol: Protocol, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.question = question(protocol)
        self.under = f"{protocol.id}@{protocol.version}"
        self.fields["consent"].label = str(self.question)
        for name in ("informed_at", "consented_at"):
            self.fields[name].error_messages["required"] = gettext("Fill in when this was.")
        self.fields["informed_how"].error_messages["required"] = gettext(
            "The client must have been told before anything is passed on (recital C of the protocol)."
        )
        self.fields["consented_how"].error_messages["required"] = gettext("Choose how the client said yes.")

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

    def clean_consent(self) -> bool:
        """The yes is to the question that the page asked, and so is the record; to another one it is none."""
        if self.data.get("asked") != self.under:
            self.data = {name: value for name, value in self.data.items() if name != "consent"}
            raise ValidationError(_("The protocol changed meanwhile. Ask the client this question."))
        return bool(self.cleaned_data["consent"])

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
        typed = {name: value for name, value in self.cleaned_data.items() if name != "consent"}
        stated = typed.pop("judged_with_client")
        return ConsentFacts(**typed, met_on_duty=stated, judged_with_client=stated)


class ClientForm(ResidenceFields):
    """The fields of one adult that are `agreed`, and no other (art. 3). Parses; knows no rule of the protocol."""

    field_order = (
        "given_name", "family_name", "phone", "email", "street", "number", "box", "postal_code", "municipality",
    )  # fmt: skip
    given_name = ParsedField(parse_name, empty_value=None, label=_("Given name"), max_length=300)
    family_name = ParsedField(parse_name, empty_value=None, label=_("Family name"), max_length=300)
    phone = phone_field(_("Phone"), empty_value=None)
    email = email_field(_("E-mail"), empty_value=None)
    street = ParsedField(address.parse_street, empty_value=None, label=_("Street"), required=False, max_length=300)
    number = ParsedField(address.parse_number, empty_value=None, label=_("Number"), required=False, max_length=100)
    box = ParsedField(address.parse_box, empty_value=None, label=_("Box"), required=False, max_length=100)

    def __init__(self, *args: Any, agreed: Set[Field] = CARRIED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreed = agreed
        for datum, names in ASKED_FOR.items():
            for name in names if datum not in agreed else ():
                del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        street, number = cleaned.get("street"), cleaned.get("number")
        if number and not street and "street" not in self.errors:
            self.add_error("street", _("Fill in the street, or leave the number out."))
        if not self.errors and not (street or cleaned.get("phone") or cleaned.get("email")):
            ways = [name for name in ("phone", "email", "street") if name in self.fields]
            self.add_error(ways[0], _("Fill in at least one way to reach the client."))
        return cleaned

    def client(self) -> message.Client:
        """The message's part about the client. Without a street the address is only a municipality."""
        typed = self.cleaned_data
        address = message.Address(
            street=typed.get("street"),
            number=typed.get("number"),
            box=typed.get("box"),
            postal_code=typed["postal_code"],
        )
        return message.Client(
            given_name=typed["given_name"],
            family_name=typed["family_name"],
            phone=typed.get("phone"),
            email=typed.get("email"),
            address=address if "address" in self.agreed else None,
        )
