"""Access tokens of the party's OpenID provider: OAuth 2.0 client credentials, as a signed JWT (RFC 9068).

What is checked: the signature by one of the provider's keys and with an asymmetric algorithm, `iss`, `aud`, `exp`,
`nbf`, and that the token was asked by a client and not by a person. The scopes are those of the token that an
administrator proposed and the DPO agreed to, as far as the provider gave them too.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings

ALGORITHMS = ["ES256", "ES384", "EdDSA", "PS256", "RS256"]
KEYS_SECONDS = 600  # how long the provider's keys are believed
RETRY_SECONDS = 30  # how soon an unknown key makes us ask again
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Claims:
    """Which client asks at the provider, and the scopes that the provider gave it."""

    client: str
    scopes: frozenset[str]


def claims_of(token: str) -> Claims | None:
    """What a token of the provider says, or None: no provider, or a token that is not right in every way."""
    issuer = settings.API_OAUTH_ISSUER
    if not issuer or len(token) > 8_192 or token.count(".") != 2:
        return None
    try:
        head = jwt.get_unverified_header(token)
        key = _keys.find(issuer, str(head.get("kid", "")))
        if key is None or str(head.get("typ", "")).lower() not in {"at+jwt", "application/at+jwt", "jwt"}:
            return None
        told = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=settings.API_AUDIENCE,
            options={"require": ["exp", "iss", "aud"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OSError):
        return None
    client = told.get("client_id") or told.get("azp")
    scopes = told.get("scope", "")
    if not isinstance(client, str) or not isinstance(scopes, str) or told.get("sub", client) != client:
        return None  # without a client, or for a person: that is what the log-in is for
    return Claims(client, frozenset(scopes.split()))


class _Keys:
    """The provider's signing keys, fetched anew now and then, and when one is asked for that is not there."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.issuer, self.fetched_at, self.keys = "", 0.0, list[Any]()

    def find(self, issuer: str, kid: str) -> Any:
        with self.lock:
            found = self._found(kid) if issuer == self.issuer else None
            age = time.monotonic() - self.fetched_at
            if issuer != self.issuer or age > KEYS_SECONDS or (found is None and age > RETRY_SECONDS):
                self.issuer, self.fetched_at = issuer, time.monotonic()
                self.keys = jwt.PyJWKSet.from_dict(_fetch(_discovered(issuer))).keys
                found = self._found(kid)
            return found

    def _found(self, kid: str) -> Any:
        mine = [key for key in self.keys if key.key_id == kid] if kid else self.keys
        return mine[0] if len(mine) == 1 else None


def _discovered(issuer: str) -> str:
    about = _fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != issuer:
        raise ValueError("the provider names another issuer")
    return str(about["jwks_uri"])


def _fetch(url: str) -> dict[str, Any]:
    """JSON of the provider, over TLS; on this machine itself without, for tests and demos."""
    if not url.startswith("https://") and not (settings.DEMO and url.startswith("http://127.0.0.1")):
        raise ValueError("the provider is reached over https only")
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 — https only, from brug.toml
        return dict(json.loads(answer.read(_LARGEST)))


_keys = _Keys()
