"""The client as people type it: where she lives, and the fields that a protocol agrees to (art. 3)."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brug.core import address, message
from brug.core.calendar import legal_day
from brug.core.identity import Municipality, municipalities_of, parse_name
from brug.core.protocol.document import CARRIED, Field
from brug.office.parties.fields import ParsedField, email_field, phone_field

ASKED_FOR: dict[Field, tuple[str, ...]] = {
    "phone": ("phone",),
    "email": ("email",),
    "address": ("street", "number", "box"),
}


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
