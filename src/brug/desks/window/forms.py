"""What is filled in about windows: the language of the paper, what an officer has read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.core import leaflet
from brug.core.leaflet import LANGUAGES


def _languages() -> list[tuple[str, str]]:
    return [(code, leaflet.texts(code)["name"]) for code in LANGUAGES]


class LanguageForm(forms.Form):
    """In which language the family reads."""

    language = forms.ChoiceField(
        label=_("In which language does the family read?"),
        choices=_languages,
    )


class SwitchForm(forms.Form):
    """The officer has read what windows may do to families, and to whom none is given."""

    has_read = forms.BooleanField(
        label=_("I have read the threat model, and my organisation accepts what remains."),
        error_messages={"required": _("Read it first, and tick this.")},
    )
