"""How every form is dressed: label, description, error and input as the design system has them; and the log-in form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    Input,
    MultiWidget,
    RadioSelect,
    Textarea,
    Widget,
)
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.utils.translation import gettext_lazy as _

from brug.core.identity import Invalid
from brug.core.words import Words
from brug.kit import kept
from brug.kit.fields import day_field, name_input, one_of, some_of, tick

KEPT_HERE = {
    "autocomplete": "off",
    "autocorrect": "off",
    "spellcheck": "false",
    "translate": "no",
}
"""What keeps a browser from sending what is typed to whoever checks spelling, completes or translates for it."""
gettext_noop("This field is required.")  # what Django says of an empty field, in our own words where they are plainer


def depends(*fields: forms.Field) -> None:
    """What another field decides is not called optional."""
    for field in fields:
        field.is_conditional = True  # type: ignore[attr-defined]


def unfold(form: forms.Form, choice: str, under: Mapping[str, Iterable[str]]) -> None:
    """Below each option of the field `choice` stand the fields that it asks for, seen while it is chosen.

    `under`: value of an option → names of fields; options that follow each other and have the same share them. A
    browser that cannot do this shows them all, and what stands below another option is never read (`fold_others`).
    """
    form.fields[choice].under = {value: tuple(names) for value, names in under.items()}  # type: ignore[attr-defined]
    for name in {name for names in under.values() for name in names}:
        depends(form.fields[name])
        form.fields[name].is_folded = True  # type: ignore[attr-defined]


def fold_others(form: forms.Form, choice: str) -> None:
    """What was typed below an option of `choice` that is not chosen is none, and no mistake. At the end of `clean`."""
    under: dict[str, tuple[str, ...]] = form.fields[choice].under  # type: ignore[attr-defined]
    chosen = under.get(form.cleaned_data.get(choice) or "", ())
    for name in {name for names in under.values() for name in names} - set(chosen):
        form.errors.pop(name, None)
        form.cleaned_data[name] = form.fields[name].clean("")


class DressedField(BoundField):
    """A field with the classes and references of the design system; `kit/field.html` draws it."""

    @property
    def is_choice(self) -> bool:
        """Whether it is a group of radio buttons or ticks, each drawn by itself."""
        return isinstance(self.field.widget, RadioSelect | CheckboxSelectMultiple)

    @property
    def is_folded(self) -> bool:
        """Whether it stands below an option of another field (`unfold`)."""
        return getattr(self.field, "is_folded", False)

    @property
    def branches(self) -> list[tuple[list[BoundWidget], list[BoundField]]]:
        """The options of a choice, those that follow each other together with the fields below them."""
        under = getattr(self.field, "under", {})
        parted = groupby(self.subwidgets, lambda option: under.get(str(option.data["value"]), ()))
        return [(list(options), [self.form[name] for name in names]) for names, options in parted]

    @property
    def is_tick(self) -> bool:
        """Whether it is one tick, with its label behind it."""
        return isinstance(self.field.widget, CheckboxInput)

    @property
    def is_optional(self) -> bool:
        """Whether its label says so; not where another field decides (`is_conditional`)."""
        return not self.field.required and not getattr(self.field, "is_conditional", False)

    @property
    def first_id(self) -> str:
        """The element that an error leads to: the field, or the first of a group."""
        is_group = self.is_choice or isinstance(self.field.widget, MultiWidget)
        return f"{self.auto_id}_0" if is_group else self.id_for_label

    def value(self) -> Any:
        """What was typed and did not arrive, where the page is shown again; else as Django has it.

        What a form asks anew each time (`asked_anew`) is never filled in.
        """
        given = None if self.form.is_bound or self.name in getattr(self.form, "asked_anew", ()) else kept.fields()
        if given is None or not any(self.form.add_prefix(name) in given for name in self.form.fields):
            return super().value()
        return self.field.prepare_value(self.field.widget.value_from_datadict(given, {}, self.html_name))

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Django's attributes and the class of the design system; a choice has its error at the group (ARIA 1.2)."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if (widget or self.field.widget).is_hidden:
            return built
        if self.is_choice:
            built.pop("aria-invalid", None)
        if isinstance(widget or self.field.widget, Textarea | Input) and not self.is_tick:
            built |= {name: value for name, value in KEPT_HERE.items() if name not in self.field.widget.attrs}
        return {**built, "class": "ds-input"}


class Renderer(TemplatesSetting):
    """`{{ form }}` and `{{ form.field.as_field_group }}` in the design system's dress."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"
    bound_field_class = DressedField


def choices(kind: Iterable[Words]) -> list[tuple[str, Any]]:
    """The members of an enum that carries its words, or some of them, to choose from."""
    return [(member.value, gettext_lazy(member.offered)) for member in kind]


class DeskForm(forms.Form):
    """A form whose desk words what its verbs refuse: `faults` is code of `Invalid` → field it stands at, and words.

    A fault of no field, or of one that this form has not, stands above the form; one without words says what was
    expected, at the field `fault_at`.
    """

    faults: ClassVar[Mapping[str, tuple[str, str | Promise]]] = {}
    fault_at: ClassVar[str] = ""

    def add_invalid(self, invalid: Invalid) -> None:
        """Say at its field what the verb refused."""
        field, words = self.faults.get(invalid.code, (self.fault_at, gettext(str(invalid))))
        self.add_error(field if field in self.fields else None, words)  # type: ignore[arg-type]  # lazy words


class SampleForm(forms.Form):
    """One field of each sort, for the page of components. Keeps nothing."""

    given_name = forms.CharField(
        label=_("Given name"),
        max_length=100,
        widget=name_input(),
        error_messages={"required": _("Type the given name.")},
    )
    street = forms.CharField(label=_("Street"), required=False)
    number = forms.CharField(label=_("Number"), required=False)
    postal_code = forms.CharField(
        label=_("Postal code"),
        help_text=_("Four digits; the municipality follows from it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        error_messages={"required": _("Type the postal code.")},
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        help_text=_("Or an e-mail address. One of the two is enough."),
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    informed_on = day_field(_("When did you explain it?"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("nl", _("Dutch")), ("fr", _("French")), ("ar", _("Arabic"))], required=False
    )
    how = one_of(
        _("How was the yes given?"),
        [("spoken", _("Spoken")), ("written", _("In writing"))],
        missing=_("Choose one of the two."),
    )
    purposes = some_of(
        _("Yes to what?"),
        [("contact", _("Getting in touch")), ("clarify", _("Looking together at what help fits"))],
        missing=_("Without a yes nothing may be sent."),
        help_text=_("One question for each purpose."),
    )
    sure = tick(_("I have read this to the client."), missing=_("Tick this first."))
