"""What is filled in around a call to a party without a node (art. 6)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.kit.fields import one_of, text_field, tick


class CalledForm(forms.Form):
    """Before the words are shown."""

    called = tick(
        _("I called this number myself. They did not call me."),
        missing=_("Never give the words to who calls you. Call the number on this page yourself."),
    )


class ToldForm(forms.Form):
    """After the words were read out: to whom, and whether it worked."""

    told_to = text_field(
        _("To whom did you read the words?"),
        missing=_("Fill in the name of the person you spoke with."),
        help_text=_("The name only. It goes with the parcel, after 35 days."),
        max_length=100,
    )
    opened = one_of(
        _("Did they open it?"),
        [("yes", _("Yes: they see the PDF and can read it")), ("later", _("Not yet: I will hear from them"))],
        missing=_("Choose whether they opened it."),
    )
