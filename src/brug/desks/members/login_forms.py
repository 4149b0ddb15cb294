"""What is typed to log in: name, password, the password once more, another password (art. 6)."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from brug.office.parties.models import Member


def _password(label: Any, missing: Any, autocomplete: str = "current-password") -> forms.CharField:
    """A password as it is typed; the field says what it is for, so that a password manager knows."""
    shown = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, strip=False, max_length=4096, widget=shown, error_messages={"required": missing}
    )


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """Name and password. A wrong pair gets one answer, whichever of the two was wrong."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields.clear()
        self.fields["username"] = forms.CharField(
            label=_("User name"),
            max_length=150,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
            error_messages={"required": _("Type your user name.")},
        )
        self.fields["password"] = _password(_("Password"), _("Type your password."))

    def clean_username(self) -> str:
        """Where allauth looks for it."""
        self.cleaned_data["login"] = self.cleaned_data["username"]
        return str(self.cleaned_data["username"])


class AgainForm(forms.Form):
    """The password once more."""

    password = _password(_("Password"), _("Type your password."))

    def __init__(self, *given: Any, user: Member, **named: Any) -> None:
        super().__init__(*given, **named)
        self.user = user

    clean_password = allauth_forms.ReauthenticateForm.clean_password


class NewPasswordForm(forms.Form):
    """A password of one's own, twice; judged by every validator of the settings."""

    password = _password(_("Password"), _("Type a password."), "new-password")
    again = _password(_("The same password again"), _("Type the same password a second time."), "new-password")

    def __init__(self, *given: Any, user: Member, **named: Any) -> None:
        super().__init__(*given, **named)
        self.user = user
        self.fields["password"].help_text = password_validators_help_texts()[-1]

    def clean_password(self) -> str:
        """Raises `ValidationError` with everything that is wrong with it."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both the same."""
        typed = super().clean() or {}
        if "password" in typed and "again" in typed and typed["password"] != typed["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return typed


class ChangePasswordForm(NewPasswordForm):
    """The old one, then a new one."""

    oldpassword = _password(_("Your password now"), _("Type your password."))
    field_order = ("oldpassword", "password", "again")

    clean_oldpassword = allauth_forms.ChangePasswordForm.clean_oldpassword

    def save(self) -> None:
        """Keep it, as Argon2; every other session of this member ends."""
        self.user.set_password(self.cleaned_data["password"])
        self.user.save(update_fields=["password"])
