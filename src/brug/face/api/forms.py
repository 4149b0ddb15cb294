"""What an administrator types about a connection: its name, where it hears of things, what a token may be used for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.face.api.states import TOKEN_DAYS, Scope
from brug.kit.fields import text_field
from brug.kit.forms import DeskForm

FAULTS: dict[str, tuple[str, str | Promise]] = {  # code of `Invalid` → the field it stands at, and its words
    "application_taken": ("name", _("There is a connection with this name already.")),
    "oauth_client_taken": ("oauth_client", _("Another connection uses this name at the OpenID provider.")),
    "not_a_hook_address": ("hook_url", _("Type an address that begins with https:// and names a server.")),
    "no_scope": ("scopes", _("Choose at least one.")),
    "token_too_long": ("through_on", _("Choose a day from today, at most a year ahead.")),
}


class ConnectionForm(DeskForm):
    """What a verb refuses is said at the field it is about."""

    faults = FAULTS


class ApplicationForm(ConnectionForm):
    """Which software, and where it hears that something happened."""

    name = text_field(
        _("Which software?"),
        missing=_("Type a name."),
        help_text=_("The name that colleagues know it by."),
        max_length=100,
    )
    hook_url = forms.CharField(
        label=_("Where does it want to hear that something happened?"),
        help_text=_(
            "An address of your own software. It is told a reference and nothing about a person. "
            "Leave it empty if it asks by itself."
        ),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    oauth_client = forms.CharField(
        label=_("Its name at your OpenID provider"),
        help_text=_("Only if that provider gives it its tokens. Otherwise leave it empty: you get a token here."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TokenForm(ConnectionForm):
    """What a token may be used for, and how long."""

    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        help_text=_("As little as it needs. Nothing works before the data protection officer agrees."),
        widget=forms.CheckboxSelectMultiple,
        choices=[(scope.value, _(scope.words)) for scope in Scope],
        error_messages={"required": _("Choose at least one.")},
    )
    through_on = forms.DateField(
        label=_("Through which day?"),
        help_text=_("At most a year. Make a new token in time."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose a day, such as 31/01/2026.")},
    )

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"through_on": legal_day(now) + timedelta(days=TOKEN_DAYS)})

    def chosen(self) -> tuple[list[Scope], date]:
        return [Scope(code) for code in self.cleaned_data["scopes"]], self.cleaned_data["through_on"]


def in_words(scopes: list[str]) -> list[str]:
    """Scopes as people read them."""
    return [gettext(Scope(scope).words) for scope in scopes]


def for_me(scopes: Sequence[str]) -> list[str]:
    """Scopes as the member reads them who is asked to allow them."""
    return [gettext(Scope(scope).offered) for scope in scopes]
