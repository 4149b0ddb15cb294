"""Nothing typed and no person goes to who checks spelling, completes or translates for a browser (art. 6)."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from django import forms
from django.forms.widgets import Input, Textarea

from brug.kit.client_forms import NameField
from brug.kit.forms import KEPT_HERE, DressedField

SRC = Path(__file__).parents[2] / "src" / "brug"
COMPLETED = {"off", "username", "current-password", "new-password", "one-time-code"}
NOT_TYPED = {"hidden", "radio", "checkbox", "file", "submit"}


def fields() -> list[tuple[type[forms.BaseForm], str, forms.Field]]:
    """Every field of every form of a node in which something is typed; a start page of a host has no form class."""
    for path in SRC.rglob("*.py"):
        if ("forms" in path.stem or "views" in path.stem) and not path.is_relative_to(SRC / "host"):
            importlib.import_module("brug." + str(path.relative_to(SRC).with_suffix("")).replace("/", "."))
    found = []
    seen: list[type] = [forms.BaseForm]
    while seen:
        form = seen.pop()
        seen += form.__subclasses__()
        if form.__module__.startswith("brug."):
            found += [(form, name, field) for name, field in getattr(form, "base_fields", {}).items()]
    return [(form, name, field) for form, name, field in found if is_typed(field.widget)]


def is_typed(widget: Any) -> bool:
    return isinstance(widget, Input | Textarea) and getattr(widget, "input_type", "text") not in NOT_TYPED


def test_every_field_keeps_what_is_typed_here() -> None:
    for form, name, field in fields():
        where = f"{form.__module__}.{form.__qualname__}.{name}"
        attrs = dict(re.findall(r'([\w-]+)="([^"]*)"', DressedField(forms.Form(), field, name).as_widget()))
        for attribute, said in field.widget.attrs.items():  # what a field says of itself is what the browser reads
            assert attribute not in KEPT_HERE or attrs[attribute] == str(said), (where, attribute)
        for attribute, value in KEPT_HERE.items():
            mine = attrs[attribute]
            assert mine == value or attribute == "autocomplete", (where, attribute)
            assert attribute != "autocomplete" or mine in COMPLETED, (where, mine)


def test_the_keyboard_of_a_telephone_begins_each_part_of_a_name_with_a_capital() -> None:
    names = [field for _form, name, field in fields() if name.endswith(("given_name", "family_name", "notifier_name"))]
    assert {field.widget.attrs.get("autocapitalize") for field in [*names, NameField("Name")]} == {"words"}


def test_no_page_with_persons_is_sent_to_a_translator() -> None:
    """Who may read a page in a browser that translates sends all of it away; leaflets name nobody."""
    base = (SRC / "kit/templates/kit/base.html").read_text()
    assert re.search(r"<html [^>]*>", base) and 'translate="no"' in base


def test_no_template_draws_a_field_by_hand() -> None:
    for template in SRC.rglob("templates/**/*.html"):
        for drawn in re.findall(r"<(?:input|textarea)\b[^>]*>", template.read_text()):
            assert 'type="hidden"' in drawn, (template, drawn)
