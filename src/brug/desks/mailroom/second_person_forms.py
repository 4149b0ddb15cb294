"""What the second person ticks before keys or a mailbox count (art. 6)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AgreeForm(forms.Form):
    """The officer called too; both ticks, or nothing."""

    called = forms.BooleanField(
        label=_("I called them myself, on a number that did not come with the card."),
        error_messages={"required": _("Call them yourself, on the number that we know.")},
    )
    same = forms.BooleanField(
        label=_("What they say is what stands on this page."),
        error_messages={"required": _("Have them say it. Not the same? Then refuse.")},
    )
