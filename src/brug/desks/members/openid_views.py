"""Log-in through the organisation's own (OpenID Connect: code flow with PKCE), as Flanders' ACM/IDM does.

We check what allauth leaves out when a token came over the back channel: the signature and the nonce. A second factor
must have been shown there. Only a member whom the administrator added comes in; a claim may give a role, never access.
Who proves again who they are is asked there, and not let through because of an earlier log-in: the token says when.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from pathlib import Path
from typing import Any, NoReturn, cast

import jwt
from allauth.account.adapter import get_adapter as account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.decorators import rate_limit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from brug.core.identity import Invalid
from brug.desks.members import leaving
from brug.desks.members.sessions import LEEWAY_SECONDS, proven_at
from brug.office.parties import services
from brug.office.parties.models import Member
from brug.office.parties.states import OVERSIGHT
from brug.office.post.alerts import tell_officers
from brug.office.roles import Role

PROVIDER = "organisation"
MAY_BE_ASKED = frozenset({"acr_values", "claims"})  # in brug.toml: how strongly, never who, where to or by which flow
NONCE = "brug_openid_nonce"  # in the session, for one log-in
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # signatures only; never one with a shared secret, never none
WHY: dict[str, str | Promise] = {
    "failed": _("The log-in of your organisation did not answer as it should. Try again in a minute."),
    "cancelled": _("You stopped the log-in. You can begin again."),
    "unknown": _("You are not a member of this node. Ask the administrator of your organisation."),
    "second_factor": _("Your organisation did not ask for a second factor. Without one Brug does not let you in."),
    "again": _("Your organisation did not ask anew who you are. Tell the administrator."),
    "role": _("Your organisation gives you another role than Brug does. Ask the administrator."),
}
log = logging.getLogger(__name__)
registry.load()


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks us: which provider there is, and who may come in."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The one provider that brug.toml names, or none; never one from the database."""
        if not settings.OIDC["issuer"] or provider not in (None, "openid_connect", PROVIDER):
            return []
        app = SocialApp(
            provider="openid_connect",
            provider_id=PROVIDER,
            name=settings.OIDC["name"],
            client_id=settings.OIDC["client_id"],
            secret=Path(settings.HOME, settings.OIDC["secret_file"]).read_text().strip(),
            settings={"server_url": settings.OIDC["issuer"], "oauth_pkce_enabled": True, "fetch_userinfo": False},
        )
        return [app]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never: the administrator adds a member."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the member whom the administrator added, and what the claims say of the role."""
        claims = request.openid_claims  # type: ignore[attr-defined]
        member = sociallogin.user if sociallogin.is_existing else _member(claims)
        if member is None or not member.is_active:
            _refuse(request, "unknown")
        with transaction.atomic():
            _take_role(request, cast(Member, member), claims)
            if not services.come_in_elsewhere(cast(Member, member)):
                _refuse(request, "unknown")
            if not sociallogin.is_existing:
                sociallogin.connect(request, member)

    def on_authentication_error(self, request: HttpRequest, provider: Any, error: Any = None, **more: Any) -> NoReturn:
        """One page of our own, without what the provider wrote."""
        _refuse(request, "cancelled" if error == AuthError.CANCELLED else "failed")


class _Provider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The provider's side of the exchange, with every check of the token made here."""

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **more: Any) -> SocialLogin:
        """Judge the token; only its subject is kept. Raises `ImmediateHttpResponse` or `OAuth2Error`."""
        claims = self._verified(app, str(more["response"].get("id_token", "")), request.session.pop(NONCE, ""))
        if not _shown(claims) & set(settings.OIDC["second_factor"]):
            _refuse(request, "second_factor")
        if request.user.is_authenticated and not _is_recent(claims):
            _refuse(request, "again")
        request.openid_claims = claims  # type: ignore[attr-defined]
        return self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": _account(claims)}})

    def _verified(self, app: SocialApp, token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that the issuer signed, for us, just now, in answer to our question."""
        if self.openid_config["issuer"] != settings.OIDC["issuer"]:
            raise OAuth2Error("another issuer")
        with self._session() as session:
            keys = session.get(self.openid_config["jwks_uri"]).json()["keys"]
        try:
            wanted = jwt.get_unverified_header(token).get("kid")
            found = [key for key in keys if wanted is None or key.get("kid") == wanted]
            if len(found) != 1:
                raise OAuth2Error("no key of this name")
            claims: dict[str, Any] = jwt.decode(
                token,
                jwt.PyJWK(found[0], None if "alg" in found[0] else jwt.get_unverified_header(token).get("alg")),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=settings.OIDC["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError) as wrong:
            raise OAuth2Error("not a token of this issuer for us") from wrong
        if not (nonce and secrets.compare_digest(str(claims["nonce"]).encode(), nonce.encode())):
            raise OAuth2Error("an answer to another question")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise OAuth2Error("for somebody else too")
        return claims

    def _session(self) -> Any:
        return Adapter(self.request).get_requests_session()


def _account(claims: dict[str, Any]) -> str:
    """Under what the account is kept: issuer and subject together (OpenID Connect Core 5.7), as a digest. A subject of
    another issuer is somebody else, whatever it is called."""
    return hashlib.sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()


def _shown(claims: dict[str, Any]) -> set[str]:
    """What was shown: of `acr`, of `amr` (RFC 8176), and of `acrs`, the authentication contexts of Entra."""
    several = [claims.get(name) for name in ("amr", "acrs")]
    told = [value for each in several for value in (each if isinstance(each, list) else [each])]
    return {value for value in (claims.get("acr"), *told) if isinstance(value, str) and value}


def _is_recent(claims: dict[str, Any]) -> bool:
    return bool(time.time() - proven_at(claims) < settings.PROVEN_MINUTES * 60)


def _member(claims: dict[str, Any]) -> Member | None:
    """Whom the claims name, if that member still has no way in of any kind. Names change hands; accounts do not.

    A role of oversight is never linked by a name: who has one logs in here, with a second factor of their own.
    """
    name = claims.get(settings.OIDC["member"])
    found = Member.objects.filter(username=name, is_active=True).first() if isinstance(name, str) and name else None
    if found is None or found.role in OVERSIGHT or found.has_usable_password():
        return None
    return None if SocialAccount.objects.filter(user=found).exists() else found


def _take_role(request: HttpRequest, member: Member, claims: dict[str, Any]) -> None:
    """The role that the claims give, by the table of brug.toml; a role of oversight is never given by a claim."""
    if not settings.OIDC["roles_claim"]:
        return
    said = claims.get(settings.OIDC["roles_claim"], [])
    table = settings.OIDC["roles"]
    given = {Role(table[code]) for code in ([said] if isinstance(said, str) else said) if code in table}
    if member.role in given:
        return
    if len(given) != 1 or given & OVERSIGHT or member.role in OVERSIGHT:
        _refuse(request, "role")
    now = timezone.now()
    try:
        with transaction.atomic():
            tell_officers("members", now)
            leaving.change_role(member, given.pop(), None, by=member, at=now)
    except Invalid:  # the administrator says who gets the client files
        _refuse(request, "role")


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    log.warning("a log-in through the organisation was refused", extra={"facts": {"why": why}})
    raise ImmediateHttpResponse(render(request, "members/openid_refused.html", {"why": WHY[why]}, status=401))


@login_not_required
@require_GET
@rate_limit(action="login", limit_get=True)  # type: ignore[untyped-decorator]
def begin(request: HttpRequest) -> HttpResponse:
    """Ask the organisation who this is: anew, of who is in already and proves it again (sessions.py).

    Nothing of this address is passed on but where to go afterwards.
    """
    provider = _provider(request)
    nonce = request.session[NONCE] = secrets.token_urlsafe(24)
    asked = {name: value for name, value in settings.OIDC["ask"].items() if name in MAY_BE_ASKED} | {"nonce": nonce}
    asked |= {"prompt": "login", "max_age": "0"} if request.user.is_authenticated else {}
    following = request.GET.get("next", "")
    safe = following if following and account_adapter(request).is_safe_url(following) else None
    try:
        answer = provider.redirect(
            request, AuthProcess.LOGIN, next_url=safe, scope=["openid", *settings.OIDC["scopes"]], auth_params=asked
        )
    except ImmediateHttpResponse as refused:
        return cast(HttpResponse, refused.response)
    except OSError:  # the provider cannot be reached (requests.RequestException)
        return render(request, "members/openid_refused.html", {"why": WHY["failed"]}, status=401)
    return cast(HttpResponse, answer)


@login_not_required
@require_GET
def finish(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The answer of the organisation."""
    _provider(request)
    try:
        return cast(HttpResponse, OAuth2CallbackView.adapter_view(_Provider(request, provider_id))(request))
    except ImmediateHttpResponse as refused:
        return cast(HttpResponse, refused.response)


def _provider(request: HttpRequest) -> Any:
    try:
        provider = Adapter(request).get_provider(request, PROVIDER)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return provider
