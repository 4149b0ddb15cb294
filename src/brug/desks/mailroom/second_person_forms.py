"""What the second person ticks before keys or a mailbox count (art. 6)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from brug.kit.fields import tick


class AgreeForm(forms.Form):
    """The officer called too; both ticks, or nothing."""

    called = tick(
        _("I called them myself, on a number that did not come with the card."),
        missing=_("Call them yourself, on the number that we know."),
    )
    same = tick(
        _("What they say is what stands on this page."), missing=_("Have them say it. Not the same? Then refuse.")
    )
