"""The second factor: an app with codes, a passkey, and codes on paper for when both are lost (art. 6).

No page but the enrolment is served without one (sessions.py). What it rests on is kept encrypted.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from brug.core.words import Words
from brug.desks.members.sessions_views import elsewhere
from brug.office.keys import services as keys
from brug.office.parties.may import secrecy_through

with_script = method_decorator(csp_update({"script-src": [SELF]}), name="dispatch")  # passkey.js, and nothing inline
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Way(Words):
    """By what a member may show once more who they are: the ids of allauth."""

    PASSWORD = "reauthenticate", gettext_noop("With your password")
    CODE = "mfa_reauthenticate", gettext_noop("With a code")
    PASSKEY = "mfa_reauthenticate:webauthn", gettext_noop("With a passkey")


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth asks us: how its secrets are kept, and whether a factor may go."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Type the newest one."),
        "cannot_delete_authenticator": _("This is your last one. Add another first, then remove this one."),
    }

    def encrypt(self, text: str) -> str:
        """Under a key of this node; the database alone opens nothing."""
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + _sealing().encrypt(nonce, text.encode(), b"second factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given. Raises `InvalidTag` if it was changed."""
        stored = base64.b64decode(encrypted_text)
        return _sealing().decrypt(stored[:12], stored[12:], b"second factor").decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Never the last one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def get_totp_label(self, user: Any) -> str:
        """The user name: the app shows it."""
        return str(user.username)


def _sealing() -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"brug/second-factor/1").derive(keys.index_key()))


class _Refusing:
    """A form that is not right comes back with a status that says that nothing was done."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with the reason."""
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[attr-defined,no-any-return]


class _Here:
    """Only who logs in here has factors here: whoever comes through the organisation would lock themselves out."""

    def dispatch(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        """Others go to their overview."""
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            return redirect("mfa_index")
        return super().dispatch(request, *given, **named)  # type: ignore[misc,no-any-return]


class _Enrolling(_Here, _Refusing):
    """A new factor: this session has shown it, and goes on to the codes for paper, or back."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, and remember that this session showed it."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        record_authentication(self.request, self.request.user, "mfa", type="enrolled")
        messages.success(self.request, _("Your second factor is set up."))
        return response


class Overview(base_views.IndexView):  # type: ignore[misc]
    """One's own log-in: what one logs in with, what one may see, until when."""

    template_name = "members/my_login.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With the attestation of professional secrecy and its last day."""
        member = self.request.user
        return super().get_context_data(**more) | {  # type: ignore[no-any-return]
            "through": secrecy_through(member),
            "here": member.has_usable_password(),
            "elsewhere": elsewhere(self.request),
        }


@with_script
class Authenticate(base_views.AuthenticateView):  # type: ignore[misc]
    """The second step of the log-in: a code or a passkey."""

    template_name = "members/second_step.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with the reason."""
        return self.render_to_response(self.get_context_data(), status=422)  # type: ignore[no-any-return]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With whether this member has a passkey at all."""
        passkeys = Authenticator.objects.filter(user=self.stage.login.user, type=Authenticator.Type.WEBAUTHN)
        return super().get_context_data(**more) | {"has_passkey": passkeys.exists()}  # type: ignore[no-any-return]


class CodeAgain(_Refusing, base_views.ReauthenticateView):  # type: ignore[misc]
    """Show once more who you are, by a code."""

    template_name = "members/again.html"


@with_script
class PasskeyAgain(webauthn_views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Show once more who you are, by a passkey."""

    template_name = "members/passkey_again.html"


class AddApp(_Enrolling, totp_views.ActivateTOTPView):  # type: ignore[misc]
    """An app with codes: scan, type the first code."""

    template_name = "members/app_add.html"

    def get_form(self, form_class: Any = None) -> Any:
        """The field in our words."""
        form = super().get_form(form_class)
        form.fields["code"].label = _("The code that the app shows")
        form.fields["code"].widget.attrs |= {"placeholder": "", "inputmode": "numeric"}
        return form


class RemoveApp(_Here, _Refusing, totp_views.DeactivateTOTPView):  # type: ignore[misc]
    """The app goes, if there is something else."""

    template_name = "members/factor_remove.html"


@with_script
class AddPasskey(_Enrolling, webauthn_views.AddWebAuthnView):  # type: ignore[misc]
    """A passkey: of a key on a ring, a telephone or this computer."""

    template_name = "members/passkey_add.html"

    def get_form(self, form_class: Any = None) -> Any:
        """The field in our words."""
        form = super().get_form(form_class)
        form.fields["name"].label, form.initial["name"] = _("What do you call it?"), ""
        return form


class RemovePasskey(_Here, webauthn_views.RemoveWebAuthnView):  # type: ignore[misc]
    """One passkey goes, if there is something else."""

    template_name = "members/factor_remove.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Never the last one."""
        if not Adapter().can_delete_authenticator(self.get_object()):
            form.add_error(None, Adapter.error_messages["cannot_delete_authenticator"])
            return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[no-any-return]
        return super().form_valid(form)  # type: ignore[no-any-return]


class Codes(_Here, codes_views.ViewRecoveryCodesView):  # type: ignore[misc]
    """The codes for paper, once."""

    template_name = "members/codes.html"


class NewCodes(_Here, _Refusing, codes_views.GenerateRecoveryCodesView):  # type: ignore[misc]
    """New codes for paper; the earlier ones open nothing any more."""

    template_name = "members/codes_new.html"

    def get_success_url(self) -> str:
        """Where they are shown."""
        return reverse("mfa_view_recovery_codes")
