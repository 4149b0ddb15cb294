"""Addresses of log-in, of one's own second factors, and of an invitation; of allauth only what Brug uses."""

from __future__ import annotations

from django.urls import path

from brug.desks.members import invitation_views as invitation
from brug.desks.members import login_views as login
from brug.desks.members import openid_views as openid
from brug.desks.members import second_factor_views as second_factor
from brug.desks.members import sessions_views as my_sessions
from brug.desks.members import start_page_views as start_page
from brug.desks.members import typed_views as typed

urlpatterns = [
    path("login", login.Login.as_view(), name="account_login"),
    path("login/code", second_factor.Authenticate.as_view(), name="mfa_authenticate"),
    path("login/organisation", openid.begin, name="openid-begin"),
    path("login/organisation/back", openid.finish, {"provider_id": openid.PROVIDER}, name="openid_connect_callback"),
    path("logout", login.log_out, name="account_logout"),
    path("invitation/<str:token>", invitation.accept, name="invitation"),
    path("account", second_factor.Overview.as_view(), name="mfa_index"),
    path("account/again", login.Again.as_view(), name="account_reauthenticate"),
    path("account/again/code", second_factor.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("account/again/passkey", second_factor.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/typed", typed.save, name="typed"),
    path("account/typed/away", typed.throw_away, name="typed-away"),
    path("account/stay", typed.stay, name="stay"),
    path("account/password", login.ChangePassword.as_view(), name="account_change_password"),
    path("account/app", second_factor.AddApp.as_view(), name="mfa_activate_totp"),
    path("account/app/remove", second_factor.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("account/passkey", second_factor.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("account/passkey/<int:pk>/remove", second_factor.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/elsewhere/end", my_sessions.end, name="account_end_elsewhere"),
    path("account/start-page", start_page.link, name="start-page"),
    path("account/start-page/end", start_page.end, name="start-page-end"),
    path("start-page/token", start_page.token, name="start-page-token"),
    path("start-page/numbers", start_page.numbers, name="start-page-numbers"),
    path("account/codes", second_factor.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("account/codes/new", second_factor.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
]
