"""Form fields that desks share: a value in its normal form, a moment, the reference of what is made (art. 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
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


SEASONS = {"summer": _("summer time, the first of the two"), "winter": _("winter time, the second")}


def _offsets(typed: str) -> tuple[timedelta, timedelta]:
    """What Brussels is ahead of UTC at the hour that was typed, by the clock before a change and by the one after."""
    try:
        moment = datetime.fromisoformat(typed).replace(tzinfo=BRUSSELS)
    except ValueError:
        return timedelta(), timedelta()
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    return before or timedelta(), after or timedelta()


class MomentInput(forms.DateTimeInput):
    """A day and an hour; of an hour that came twice in that night it asks which of the two."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed, season = super().value_from_datadict(data, files, name), data.get(f"{name}_season")
        return f"{typed} {season}" if typed and season in SEASONS else typed

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        typed, _blank, season = value.partition(" ") if isinstance(value, str) else (value, "", "")
        drawn = super().render(name, typed if isinstance(value, str) else value, attrs, renderer)
        before, after = _offsets(str(typed)) if isinstance(value, str) else (timedelta(), timedelta())
        if before <= after:
            return drawn
        choices = format_html_join(
            "",
            '<label class="ds-label" data-weight="regular"><input class="ds-input" type="radio" name="{}_season" '
            'value="{}"{}> {}</label>',
            ((name, code, mark_safe(" checked") if code == season else "", words) for code, words in SEASONS.items()),
        )
        return format_html('{}<span class="stack">{}</span>', drawn, choices)


class MomentField(forms.DateTimeField):
    """An instant in Brussels, also in the nights in which the clock changes."""

    widget = MomentInput

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        typed, _blank, season = value.strip().partition(" ")
        before, after = _offsets(typed)
        if before < after:
            raise ValidationError(_("That hour was not there: the clock went from two to three."), code="skipped")
        if before == after:
            return super().to_python(typed if season in SEASONS else value)
        if season not in SEASONS:
            raise ValidationError(_("That hour came twice in that night. Was it summer or winter time?"), code="twice")
        return datetime.fromisoformat(typed).replace(tzinfo=BRUSSELS, fold=int(season == "winter"))


def moment_field(label: Any, **more: Any) -> MomentField:
    """A day and an hour in Brussels, of this time: no clock reckons with those of the year 1."""
    return MomentField(
        label=label,
        validators=[MinValueValidator(EARLIEST, message=_("This is too long ago. Check the day and the hour."))],
        **more,
    )
