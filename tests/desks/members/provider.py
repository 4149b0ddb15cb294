"""oidc-provider-mock takes any code_verifier; this one asks for the one of the code (RFC 7636, S256)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from oidc_provider_mock import __main__, _app

CHALLENGES: dict[str, str] = {}  # code → what was promised with it


class Grant(_app.AuthorizationCodeGrant):
    """A code for who promised a verifier, and a token for who shows it."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep the promise beside the code."""
        asked = request.payload.data
        if asked.get("code_challenge_method") == "S256":
            CHALLENGES[code] = asked["code_challenge"]
        super().save_authorization_code(code, request)

    def validate_token_request(self) -> None:
        """Raises `InvalidGrantError` without the right verifier."""
        super().validate_token_request()
        shown = urlsafe_b64encode(sha256(self.request.form.get("code_verifier", "").encode()).digest())
        if CHALLENGES.get(self.request.form["code"]) != shown.decode().rstrip("="):
            raise InvalidGrantError("not the verifier of this code")


if __name__ == "__main__":
    _app.AuthorizationCodeGrant = Grant  # type: ignore[misc]
    __main__.run()
