"""A small OpenID provider: discovery, keys, client credentials. It makes wrong tokens too, where a test asks for them.

Run it: it prints its address and serves until it is killed.
"""

from __future__ import annotations

import http.server
import json
import sys
import time
import urllib.parse
import warnings
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

KEY, STOLEN = (ECKey.generate_key("P-256", {"kid": name, "use": "sig"}) for name in ("one", "one"))
CLIENTS = {"dossier": "not-so-secret"}


class Provider(http.server.BaseHTTPRequestHandler):
    """`/.well-known/openid-configuration`, `/keys`, `/token`."""

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        if self.path == "/.well-known/openid-configuration":
            self.tell({"issuer": here, "jwks_uri": f"{here}/keys", "token_endpoint": f"{here}/token"})
        else:
            self.tell({"keys": [KEY.as_dict(private=False)]})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        if asked.get("grant_type") != "client_credentials" or CLIENTS.get(asked["client_id"]) != asked["client_secret"]:
            self.tell({"error": "invalid_client"}, 401)
            return
        now, client = int(time.time()), asked.get("client_id_claim", asked["client_id"])
        claims: dict[str, Any] = {
            "iss": asked.get("iss", f"http://127.0.0.1:{self.server.server_address[1]}"),
            "aud": asked.get("aud", "brug"),
            "sub": asked.get("sub", client),
            "client_id": client,
            "iat": now,
            "exp": int(asked.get("exp") or now + 300),
            "scope": asked["scope"],
        }
        if asked.get("exp") == "":
            del claims["exp"]
        if "nbf" in asked:
            claims["nbf"] = int(asked["nbf"])
        self.tell({"access_token": sign(asked, claims), "token_type": "Bearer", "expires_in": 300})

    def tell(self, answer: dict[str, Any], status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *told: Any) -> None:
        """Quiet."""


def sign(asked: dict[str, str], claims: dict[str, Any]) -> str:
    """The token, by our key; or by one that is not ours, by a public one as a secret, by none."""
    algorithm = asked.get("alg", "ES256")
    head = {"alg": algorithm, "kid": asked.get("kid", "one"), "typ": asked.get("typ", "at+jwt")}
    key: Any = STOLEN if asked.get("key") == "stolen" else KEY
    if algorithm == "HS256":
        key = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    if algorithm == "none":
        key = OctKey.import_key("none")
    return jwt.encode(head, claims, key, algorithms=[algorithm])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()
