"""Log in with name and password, show them again before what is sensitive, choose another password, log out (art. 6).

django-allauth does the work; these are its pages with Brug's templates, and only those that Brug uses.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from brug.desks.members import known, sessions
from brug.desks.members.login_forms import AgainForm, ChangePasswordForm, LoginForm
from brug.desks.members.sessions import is_fresh

log = logging.getLogger(__name__)
WRONG = _("This user name and password do not belong together. Look at capitals and spaces.")
TOO_OFTEN = _("Too many wrong ones in a row. Wait five minutes, then try again.")


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks us: its sentences in our words, and that nobody signs up by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "incorrect_password": _("This is not your password. Look at capitals and spaces."),
        "enter_current_password": _("This is not your password. Look at capitals and spaces."),
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
        "incorrect_code": _("This code is not right. Type the newest one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a member is invited."""
        return False

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """For another second factor: show who you are, unless you did so just now."""
        return not is_fresh(self.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What wrong ones in a row are counted under: the name, and the browser in which it logged in before. allauth
        adds the host name and port that the browser says, and so would count anew for each of them."""
        return known.counted_under(request, str(credentials.get("username", "")))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """For the log of the machine: that it happened, not with which name."""
        log.warning("a log-in was refused")

    def add_message(self, *given: Any, **named: Any) -> None:
        """Nothing from allauth's own stock: our pages say what happened."""


class Login(allauth_views.LoginView):  # type: ignore[misc]
    """The door for members. Somebody who is in already goes to their home."""

    template_name = "members/login.html"
    form_class = LoginForm

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with the reason, and a status that says that nothing was done."""
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[no-any-return]

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With the name of the organisation's own log-in, when this node has one."""
        following = self.get_next_url() or ""
        return super().get_context_data(**more) | {"next": following, "openid": settings.OIDC["name"]}  # type: ignore[no-any-return]


class Again(allauth_views.ReauthenticateView):  # type: ignore[misc]
    """Show once more who you are, by password."""

    template_name = "members/again.html"
    form_class = AgainForm

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with the reason."""
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[no-any-return]


class ChangePassword(allauth_views.PasswordChangeView):  # type: ignore[misc]
    """Another password for oneself."""

    template_name = "members/password.html"
    form_class = ChangePasswordForm

    def get_default_success_url(self) -> str:
        """To one's own log-in, with a word."""
        messages.success(self.request, _("You have a new password."))
        return reverse("mfa_index")

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with the reason."""
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[no-any-return]

    @method_decorator(allauth_views.rate_limit(action="change_password"))
    def dispatch(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        """Only who has a password here has one to change."""
        if not request.user.has_usable_password():  # type: ignore[union-attr]
            return redirect("mfa_index")
        return super().dispatch(request, *given, **named)  # type: ignore[no-any-return]


@login_not_required
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Out; the browser is asked to forget the pages it has seen."""
    sessions.end(request)
    response = redirect("account_login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
