"""Who asks: a token of our own, or one of the party's OpenID provider; its use goes into the ledger (art. 4, 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja.security import HttpBearer

from brug.face.api import oauth, queries
from brug.face.api.models import Application, Token
from brug.face.api.problems import Problem
from brug.face.api.services import PREFIX, digest
from brug.face.api.states import Scope
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="brug"'}
_OURS = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The application that asks, and when."""

    application: Application
    at: datetime

    def record(self, act: Act, subject: Any, *, why: str = "", protocol: str = "") -> None:
        """What the application did, in the ledger; inside the transaction that does it."""
        ledger.record(act, subject, by=self.application.actor, at=self.at, why=why, protocol=protocol)


class Bearer(HttpBearer):
    """A token with one scope. No cookie is ever looked at, so no other site can make a browser ask."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            raise Problem("belgif:missingAccessToken", headers=CHALLENGE)
        if kind.lower() != "bearer":
            raise _refused()
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, secret: str) -> Caller:
        at: datetime = request.at  # type: ignore[attr-defined]  # by the door (views.py)
        token, scopes = _find(secret, at)
        with transaction.atomic():
            Token.objects.filter(pk=token.pk).update(used_at=at)
            caller = Caller(token.application, at)
            caller.record(Act.TOKEN_USED, token.number, why=self.scope.replace(":", "."))
        if self.scope not in scopes:
            wanted = {"WWW-Authenticate": f'Bearer realm="brug", error="insufficient_scope", scope="{self.scope}"'}
            raise Problem("belgif:missingScope", f"Needed: {self.scope}.", headers=wanted)
        return caller


def for_scope(scope: Scope) -> dict[str, Any]:
    """The keywords of an operation that asks `scope`: its check, and the scope in the published schema."""
    return {"auth": Bearer(scope), "openapi_extra": {"x-required-scope": scope.value}}


def _find(secret: str, at: datetime) -> tuple[Token, set[str]]:
    """The token in force and its scopes. Unknown, waiting, ended and over are one answer."""
    tokens = queries.in_force(at).select_related("application")
    if _OURS.fullmatch(secret):
        token = tokens.filter(digest=digest(secret)).first()
        return (token, set(token.scopes)) if token else _give_up()
    claims = oauth.claims_of(secret)
    found = tokens.filter(digest=None, application__oauth_client=claims.client) if claims else None
    token = found.order_by("-through_on").first() if found else None
    return (token, set(token.scopes) & claims.scopes) if token and claims else _give_up()


def _give_up() -> Any:
    raise _refused()


_refused = partial(
    Problem,
    "belgif:invalidAccessToken",
    headers={"WWW-Authenticate": 'Bearer realm="brug", error="invalid_token"'},
)
