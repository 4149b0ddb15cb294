"""What is typed on the host's start page (decision 38)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The code of who reads health."""

    code = forms.CharField(
        label=_("Code"),
        max_length=100,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Fill in the code.")},
    )
