"""The client as people type it: where she lives, and the fields that a protocol agrees to (art. 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from brug.core import address, message
from brug.core.calendar import legal_day
from brug.core.datum import LANGUAGES, NAMES, Datum, Typed, rows
from brug.core.identity import Invalid, Municipality, municipalities_of, parse_name
from brug.core.names import fold
from brug.core.protocol.document import Field
from brug.kit.fields import name_input, one_of, tick
from brug.kit.forms import fold_others, unfold
from brug.office.parties.fields import ParsedField, in_words

NO_NAME = re.compile(r"[\s.\-‐–—?]*")  # what is typed where a form insists on a name that there is not
LENGTH = 300  # characters, of what may be pasted in one field before it is read


def postal_field(*, required: bool = True) -> forms.CharField:
    """A postal code, with its place or the country beside it, or the place alone; read by `read_postal_code`."""
    return forms.CharField(
        label=_("Postal code"),
        required=required,
        max_length=LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6, "data-places": reverse_lazy("places")}),
    )


def read_postal_code(typed: str, on: date) -> str:
    """Four digits, "" for nothing. Raises `ValidationError` in words."""
    try:
        return address.parse_postal_code(typed, on) if typed.strip() else ""
    except Invalid as invalid:
        raise ValidationError(in_words(invalid), code=invalid.code) from None


class NameField(ParsedField):
    """A given or family name; a dash or a full stop in its place is none."""

    is_conditional = True  # needed, unless the client has only one

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(parse_name, label=label, max_length=LENGTH, required=False, widget=name_input(), **more)

    def clean(self, value: Any) -> Any:
        return super().clean("" if NO_NAME.fullmatch(str(value or "")) else value)


def field_of(row: Datum) -> forms.Field:
    """The field in which that datum is typed, empty when it is not. An address has three: `AddressFields`."""
    if row.typed is Typed.CHOICE:
        choices = [("", "–"), *((code, gettext_lazy(words)) for code, words in LANGUAGES.items())]
        return forms.ChoiceField(label=gettext_lazy(row.label), choices=choices, required=False)
    if row.is_name:
        return NameField(gettext_lazy(row.label))
    shown = {"type": "text", "inputmode": "numeric"} if row.typed in {Typed.DAY, Typed.COUNT} else {}
    widget = forms.TextInput(attrs=shown or {"type": row.typed.value})
    help_text = gettext_lazy("Such as 31/01/1990.") if row.typed is Typed.DAY else ""
    return ParsedField(
        row.parse,
        label=gettext_lazy(row.label),
        required=False,
        max_length=LENGTH,
        widget=widget,
        help_text=help_text,
    )


def check_names(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Two names, or one and the tick that there is no other: what is wrong is said at the field (art. 3)."""
    names = ("given_name", "family_name")
    missing = [name for name in names if not cleaned.get(name) and name not in form.errors]
    if cleaned.get("has_one_name") and not missing:
        form.add_error("has_one_name", _("You typed two names. Leave one empty, or take this tick away."))
    elif len(missing) == 2 or not cleaned.get("has_one_name"):
        for name in missing:
            form.add_error(name, _("Fill in this name, or tick that the client has only one name."))


def one_name_field() -> forms.BooleanField:
    return tick(_("The client has only one name"))


def names_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The names as a message has them: a single one is the family name."""
    if not typed.get("has_one_name"):
        return {name: typed.get(name) or None for name in ("given_name", "family_name")}
    only = typed.get("family_name") or typed.get("given_name")
    return {"given_name": None, "family_name": only, "has_one_name": True}


def choices_of(codes: Iterable[str]) -> list[tuple[str, Any]]:
    """Each datum of `codes` with its label, to choose from."""
    return [(row.code, gettext_lazy(row.label)) for row in rows(codes)]


class AddressFields(forms.Form):
    """Street, house number and box. What was typed behind the street or the number goes where it belongs."""

    box_behind = ""  # found behind the street

    street = ParsedField(address.parse_street, label=_("Street"), required=False, max_length=LENGTH)
    number = ParsedField(address.parse_before_box, label=_("Number"), required=False, max_length=LENGTH)
    box = ParsedField(address.parse_box, label=_("Box"), required=False, max_length=LENGTH)

    def clean_box(self) -> str:
        box = str(self.cleaned_data.get("box") or "")
        behind = address.split_number(str(self.data.get(self.add_prefix("number")) or ""))[1]
        try:
            return box or (address.parse_box(behind) if behind else self.box_behind)
        except Invalid as invalid:
            raise ValidationError(in_words(invalid), code=invalid.code) from None

    def clean_number(self) -> str:
        """The number that was typed behind the street, when its own field is empty."""
        number = str(self.cleaned_data.get("number") or "")
        found = address.split_street(str(self.cleaned_data.get("street") or ""))
        if number or not found:
            return number
        self.cleaned_data["street"], behind, box = found
        if box and not self.data.get(self.add_prefix("box")):
            self.box_behind = box
        return behind

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "street" in self.fields and not cleaned.get("street") and "street" not in self.errors:
            if cleaned.get("number"):
                self.add_error("street", _("Fill in the street, or leave the number out."))
            elif cleaned.get("box"):
                self.add_error("street", _("Fill in the street and the number, or leave the box out."))
        return cleaned


class ResidenceFields(forms.Form):
    """A postal code, and a choice of municipality only where the code lies in two."""

    postal_code = postal_field()
    municipality = one_of(_("Municipality"), missing=_("This postal code lies in two municipalities. Choose one."))
    residence: str = ""

    def __init__(self, *args: Any, today: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = legal_day(today)
        typed = (
            self.data.get("postal_code")
            if self.is_bound
            else self.get_initial_for_field(self.fields["postal_code"], "postal_code")
        )
        try:
            code = read_postal_code(str(typed or ""), self.today)
        except ValidationError:
            code = ""
        self.found: tuple[Municipality, ...] = municipalities_of(code, self.today)
        if len(self.found) > 1:
            self.fields["municipality"].choices = [(m.refnis, m.name) for m in self.found]  # type: ignore[attr-defined]
        else:
            del self.fields["municipality"]
        if len(self.found) == 1:
            self.fields["postal_code"].help_text = f"{code} {self.found[0].name}"

    def clean_postal_code(self) -> str:
        return read_postal_code(str(self.cleaned_data["postal_code"]), self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(self.found) == 1:
            self.residence = self.found[0].refnis
        elif self.found and cleaned.get("municipality"):
            self.residence = str(cleaned["municipality"])
        return cleaned


class ClientForm(ResidenceFields, AddressFields):
    """The data of one adult that are `agreed`, and no other (art. 3). Parses; knows no rule of the protocol.

    Which fields there are follows from the table of data (core/datum.py) and from what was agreed.
    """

    has_one_name = one_name_field()

    def __init__(self, *args: Any, agreed: Set[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreed = agreed
        self.fields |= {row.code: field_of(row) for row in rows(agreed) if row.typed is not Typed.ADDRESS}
        if "address" not in agreed:
            for name in ("street", "number", "box"):
                del self.fields[name]
        self.order_fields(self.order())
        if not self.is_bound and "given_name" in self.fields:
            self.fields["given_name"].widget.attrs["autofocus"] = True

    def order(self) -> tuple[str, ...]:
        """The fields as they are asked: names, ways to reach, place, and what else was agreed."""
        more = [row.code for row in rows(self.agreed) if not (row.is_name or row.reaches)]
        place = ("street", "number", "box", "postal_code", "municipality")
        return ("given_name", "family_name", "has_one_name", "phone", "email", *place, *more)

    def more(self) -> list[forms.BoundField]:
        """What was agreed beside names and ways to reach."""
        return [self[row.code] for row in rows(self.agreed) if not (row.is_name or row.reaches)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        check_names(self, cleaned)
        if not self.errors and not any(cleaned.get(way) for way in ("street", "phone", "email")):
            ways = [name for name in ("phone", "email", "street") if name in self.fields]
            self.add_error(ways[0], _("Fill in at least one way to reach the client."))
        return cleaned

    def so_far(self) -> dict[str, str]:
        """What was typed and is right, field by field, of a form that is not complete."""
        return {name: typed for name in self.fields if name not in self.errors and (typed := self.data.get(name))}

    def client(self) -> message.Client:
        """The message's part about the client. Without a street the address is only a municipality."""
        typed = {row.code: self.cleaned_data.get(row.code) or None for row in rows(self.agreed)}
        typed |= names_of(self.cleaned_data)
        if "address" in self.agreed:
            parts = ("street", "number", "box", "postal_code")
            typed["address"] = {part: self.cleaned_data.get(part) or None for part in parts}
        return message.Client.model_validate(typed)


class RectifyFields(AddressFields):
    """Which field of those `agreed`, and what is right; for a name both parts, of which one is put right."""

    field = one_of(_("What is put right?"))
    has_one_name = one_name_field()
    postal_code = postal_field(required=False)

    def __init__(self, *args: Any, agreed: Set[Field], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = legal_day(now)
        self.fields["field"].choices = choices_of(agreed)  # type: ignore[attr-defined]
        plain = {row.code: field_of(row) for row in rows(agreed) if row.typed is not Typed.ADDRESS}
        self.fields |= plain
        names = [row.code for row in rows(agreed) if row.is_name]
        below: dict[str, Sequence[str]] = {row.code: (row.code,) for row in rows(agreed)}
        below |= dict.fromkeys(names, (*names, "has_one_name")) | {
            "address": (*AddressFields.base_fields, "postal_code")
        }
        unfold(self, "field", {row.code: below[row.code] for row in rows(agreed)})

    def clean_postal_code(self) -> str:
        return read_postal_code(str(self.cleaned_data["postal_code"]), self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        field = cleaned.get("field") or ""
        if field in NAMES:
            check_names(self, cleaned)
        needed = "postal_code" if field == "address" else field
        if needed and not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Fill in the right value."))
        fold_others(self, "field")
        return cleaned

    def correction(self) -> message.Correction:
        typed, field = self.cleaned_data, self.cleaned_data["field"]
        if field == "address":
            parts = {name: typed[name] or None for name in ("street", "number", "box", "postal_code")}
            return message.Correction(address=message.Address.model_validate(parts))
        return message.Correction.model_validate({field: typed[field]})

    def folded_now(self) -> str:
        """The whole name as it is now, folded; "" when no name was put right."""
        typed = self.cleaned_data
        return fold(typed["given_name"], typed["family_name"]) if typed["field"] in NAMES else ""
