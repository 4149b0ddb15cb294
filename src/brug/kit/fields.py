"""The fields of which desks make their forms: a text, a choice, a day, a tick, each with what is said where it lacks.

How a text is read stands in `office/parties/fields.py`, how a field is drawn in `kit/forms.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import BRUSSELS
from brug.core.identity import KboNumber
from brug.office.parties.fields import MomentField, ParsedField, moment_field

ONE, SOME, DAY = _("Choose one."), _("Choose at least one."), _("Choose the day.")  # what is said where it lacks


def one_of(label: Any, choices: Any = (), *, missing: Any = ONE, **more: Any) -> forms.ChoiceField:
    """One of `choices` (`kit.forms.choices`), as radio buttons. `missing` is said where none of them was chosen."""
    wrong = {"required": missing, "invalid_choice": missing}
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, error_messages=wrong, **more)


def some_of(label: Any, choices: Any = (), *, missing: Any = SOME, **more: Any) -> forms.MultipleChoiceField:
    """Some of `choices`, as ticks. `missing` is said where none of them was chosen."""
    wrong = {"required": missing, "invalid_choice": missing}
    boxes = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, widget=boxes, error_messages=wrong, **more)


def tick(label: Any, *, missing: Any = "", **more: Any) -> forms.BooleanField:
    """A statement to tick: one that must be ticked has words for who does not, `missing`; another may stay empty."""
    return forms.BooleanField(label=label, required=bool(missing), error_messages={"required": missing}, **more)


def text_field(
    label: Any, *, missing: Any, parse: Callable[[str], str] = str, rows: int = 0, attrs: Any = None, **more: Any
) -> ParsedField:
    """A text as `parse` has it: of one line with those `attrs`, or of `rows`. `missing` is said where it is empty."""
    shown = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs=attrs)
    return ParsedField(parse, label=label, error_messages={"required": missing}, **{"widget": shown} | more)


def day_field(label: Any, *, missing: Any = DAY, **more: Any) -> forms.DateField:
    """A day, chosen from the calendar of the browser. `missing` is said where none was chosen."""
    wrong = {"required": missing, "invalid": _("Choose a day, such as 31/01/2026.")}
    shown = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=shown, error_messages=wrong, **more)


def when_field(label: Any, **more: Any) -> MomentField:
    """A day and an hour, with what is said where they lack."""
    wrong = {"required": _("Fill in when this was."), "invalid": _("Choose a day and an hour.")}
    return moment_field(label, error_messages=wrong, **more)


def file_field(label: Any, *, missing: Any, accept: str = "", **more: Any) -> forms.FileField:
    """A file of the kind that `accept` names, any where it is empty. `missing` is said of none and of an empty one."""
    shown = forms.FileInput(attrs={"accept": accept} if accept else {})
    return forms.FileField(label=label, widget=shown, error_messages={"required": missing, "empty": missing}, **more)


def name_input() -> forms.TextInput:
    """Where the name of a person is typed: the keyboard of a telephone begins each part with a capital."""
    return forms.TextInput(attrs={"autocapitalize": "words"})


def kbo_field(label: Any, **more: Any) -> ParsedField:
    """An enterprise number, however it is written; ten digits come out."""
    shown = forms.TextInput(attrs={"inputmode": "numeric", "size": 14})
    return ParsedField(lambda typed: KboNumber.parse(typed).digits, label=label, max_length=20, widget=shown, **more)


def minute(at: datetime) -> datetime:
    """That minute in Brussels, as a field for a day and an hour begins."""
    return at.astimezone(BRUSSELS).replace(second=0, microsecond=0, tzinfo=None)
