"""What is filled in about windows: the code at the door, the language of the paper, what an officer has read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from brug.core import leaflet
from brug.core.leaflet import LANGUAGES
from brug.kit.fields import tick


def _languages() -> list[tuple[str, str]]:
    return [(code, leaflet.texts(code)["name"]) for code in LANGUAGES]


class CodeForm(forms.Form):
    """The code of a window, in the words of the family's language; what is wrong with it, the door says."""

    code = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}))

    def __init__(self, words: dict[str, Any], *args: Any, wrong: str = "") -> None:
        """`words`: the door's, of `leaflet.window`."""
        super().__init__(*args)
        self.fields["code"].label, self.fields["code"].help_text = words["code"], words["help"]
        if wrong:
            self._errors = ErrorDict({"code": self.error_class([wrong])})


class LanguageForm(forms.Form):
    """In which language the family reads."""

    language = forms.ChoiceField(
        label=_("In which language does the family read?"),
        choices=_languages,
    )


class SwitchForm(forms.Form):
    """The officer has read what windows may do to families, and to whom none is given."""

    has_read = tick(
        _("I have read the threat model, and my organisation accepts what remains."),
        missing=_("Read it first, and tick this."),
    )
