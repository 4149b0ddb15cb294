"""A form that unfolds: below each option what it asks for, and what stands below another one counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.utils import timezone

from brug.core.protocol.document import Protocol
from brug.desks.breaches.forms import AffectedForm, AuthorityForm, PersonsForm
from brug.desks.oversight.forms import NoticeForm
from brug.desks.protocols.events_forms import EventForm
from brug.desks.protocols.offering_forms import ChangeForm
from brug.desks.quality.forms import AnswerForm
from brug.kit.client_forms import RectifyFields

NONSENSE = "?" * 5000
FORMS: dict[str, Callable[[Any, Protocol], forms.Form]] = {
    "source": lambda typed, _protocol: AffectedForm(typed),
    "decision of the authority": lambda typed, _protocol: AuthorityForm(typed),
    "decision of the persons": lambda typed, _protocol: PersonsForm(typed),
    "about": lambda typed, protocol: NoticeForm(typed, protocol=protocol),
    "kind of event": lambda typed, protocol: EventForm(protocol, typed, now=timezone.now()),
    "kind of change": lambda typed, protocol: ChangeForm(protocol, typed),
    "result": lambda typed, _protocol: AnswerForm(typed, field="address", now=timezone.now(), at_recipient=False),
    "field": lambda typed, protocol: RectifyFields(typed, agreed=protocol.fields, now=timezone.now()),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_stands_below_another_option_counts_for_nothing(name: str, protocol: Protocol) -> None:
    choice, made = name.split()[0], FORMS[name]
    begun = made(None, protocol)
    under: dict[str, tuple[str, ...]] = begun.fields[choice].under  # type: ignore[attr-defined]
    below = {each for names in under.values() for each in names}
    nonsense = dict.fromkeys(below, NONSENSE)
    options = [value for value, _words in begun.fields[choice].choices]  # type: ignore[attr-defined]
    assert below
    for option in options:
        form = made({choice: option, **nonsense}, protocol)
        others = below - set(under.get(option, ()))
        form.is_valid()
        assert not others & form.errors.keys(), option
        assert not [each for each in others if form.cleaned_data.get(each)], option
    drawn = re.findall(r'id="id_(\w+?)(?:_0)?"', str(begun))
    assert {each: drawn.count(each) for each in below} == dict.fromkeys(below, 1), "each is drawn, and once"
