"""Form fields that desks share: a value in its normal form, a moment, the reference of what is made (art. 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import BRUSSELS
from brug.core.identity import Invalid, parse_email, parse_phone
from brug.core.mending import shown

EARLIEST = datetime(2000, 1, 1, tzinfo=BRUSSELS)  # what was before is a mistake, or made to harm


class ParsedField(forms.CharField):
    """What `parse` makes of the text, `empty_value` (`""` unless said) of none. Its `Invalid` is said at the field."""

    def __init__(self, parse: Callable[[str], str], **more: Any) -> None:
        super().__init__(**more)
        self.parse = parse

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == self.empty_value:
            return text
        try:
            return self.parse(text)
        except Invalid as invalid:
            raise ValidationError(in_words(invalid), code=invalid.code) from None


def in_words(invalid: Invalid) -> str:
    """What was expected, and which character cannot stand there when it is one."""
    words = gettext(str(invalid))
    if not invalid.character:
        return words
    return words + " " + gettext("%(character)s cannot stand here.") % {"character": shown(invalid.character)}


def phone_field(label: Any, **more: Any) -> ParsedField:
    """A number in international form, typed on the keyboard for numbers; optional unless said."""
    usual = {"required": False, "max_length": 100, "widget": forms.TextInput(attrs={"type": "tel"})}
    return ParsedField(parse_phone, label=label, **usual | more)


def email_field(label: Any, **more: Any) -> ParsedField:
    """An address in its normal form, typed on the keyboard for addresses; optional unless said."""
    usual = {"required": False, "max_length": 320, "widget": forms.TextInput(attrs={"type": "email"})}
    return ParsedField(parse_email, label=label, **usual | more)


def once_field() -> forms.UUIDField:
    """The reference of what a form makes, drawn when it is shown: a second click makes no second one."""
    return forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


def moment_field(label: Any, **more: Any) -> forms.DateTimeField:
    """A day and an hour in Brussels, of this time: no clock reckons with those of the year 1."""
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        validators=[MinValueValidator(EARLIEST, message=_("This is too long ago. Check the day and the hour."))],
        **more,
    )
