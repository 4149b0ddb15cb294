"""Tokens instead of a password for a mailbox: OAuth 2.0 client credentials (RFC 6749 §4.4, 7521, 7523), kept in memory.

    imaps+oauth2://MAILBOX@outlook.office365.com/INBOX?provider=microsoft&tenant=…&client=…&secret=$NAME
    smtp+oauth2://MAILBOX@smtp.office365.com:587?provider=microsoft&tenant=…&client=…&certificate=$NAME
    imaps+oauth2://MAILBOX@imap.gmail.com/INBOX?provider=google&key=$NAME
    …?token=https://…&scope=…&client=…&secret=$NAME           any other provider

`MAILBOX` (its `@` written as %40) may be a shared one: the application logs in, not a person. `secret`: of the client.
`certificate`: a PEM file with its key, that signs an assertion. `key`: the JSON file of a Google service account. Each
`$NAME` is found as a mail password is. Nothing of a token is logged, stored or shown.
"""

from __future__ import annotations

import json
import re
import secrets
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from brug.core.parcel.keys import encode

EARLY_SECONDS = 300.0  # a token is renewed so long before it ends, or halfway when it lives shorter than twice that
TIMEOUT_SECONDS = 15
ASSERTION_SECONDS = 300  # an assertion is used at once
LARGEST_ANSWER = 65_536  # bytes
MICROSOFT = "https://login.microsoftonline.com/%s/oauth2/v2.0/token"
MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
GOOGLE = "https://oauth2.googleapis.com/token"
GOOGLE_SCOPE = "https://mail.google.com/"
BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_WHAT_TO_DO = {  # what a provider answers (RFC 6749 §5.2) → what is wrong, and what to do
    "invalid_client": "the provider does not accept this client: look at client, tenant and whether the secret or the "
    "certificate has ended, and put a new one in its file",
    "unauthorized_client": "the application may not do this: give it its permission, and have an administrator "
    "consent to it",
    "invalid_scope": "the application may not ask for this scope: give it the permission for IMAP and SMTP",
    "invalid_grant": "the provider does not accept the assertion: look at the clock of this machine, at the key, and "
    "whether the service account may act for this mailbox",
    "unsupported_grant_type": "the provider gives no tokens to an application by itself: look at the address of token",
}

Find = Callable[[str], str]
"""What `$NAME` refers to. Raises `ValueError`."""


class NoToken(OSError):
    """There is no token now; the sentence says what to do. Holds no address, no name and no secret."""


@dataclass(slots=True)
class Tokens:
    """The token of one client, asked for when it is needed and renewed before it ends."""

    url: str
    _asked: Callable[[], dict[str, str]] = field(repr=False)
    _token: str = field(default="", repr=False)
    _renew_at: float = 0.0  # by the monotonic clock
    _lock: Any = field(default_factory=Lock, repr=False)

    def get(self) -> str:
        """A token that still lives a while. Raises `NoToken`."""
        with self._lock:
            if not self._token or time.monotonic() >= self._renew_at:
                self._token, seconds = _ask(self.url, self._asked())
                self._renew_at = time.monotonic() + max(seconds - EARLY_SECONDS, seconds / 2)
            return self._token

    def forget(self, token: str) -> None:
        """A server refused it: the next one is asked for anew."""
        with self._lock:
            if self._token == token:
                self._token = ""


def from_query(query: str, mailbox: str, find: Find) -> Tokens:
    """The tokens that the query of an address describes. Raises `ValueError`."""
    said = dict(parse_qsl(query))
    if said.get("provider") == "google":
        return _google(json.loads(find(_required(said, "key"))), mailbox)
    client, scope = _required(said, "client"), said.get("scope", "")
    if said.get("provider") == "microsoft":
        url, scope = MICROSOFT % quote(_required(said, "tenant"), safe=""), scope or MICROSOFT_SCOPE
    else:
        url = _required(said, "token")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("Tokens are asked for by https only.")
    asked = {"grant_type": "client_credentials", "client_id": client} | ({"scope": scope} if scope else {})
    if "certificate" in said:
        key, header = _certified(find(said["certificate"]).encode())
        claims = {"iss": client, "sub": client, "aud": said.get("audience", url)}
        by = {"client_assertion_type": BY_ASSERTION}
        return Tokens(url, lambda: asked | by | {"client_assertion": _signed(claims, key, header)})
    name = _required(said, "secret")
    find(name)  # said at once when it is not there
    return Tokens(url, lambda: asked | {"client_secret": find(name)})  # read anew: it is renewed now and then


def _google(account: Mapping[str, str], mailbox: str) -> Tokens:
    """A service account that may act for the mailboxes of its domain: it signs for which one."""
    url = account.get("token_uri", GOOGLE)
    key = serialization.load_pem_private_key(account["private_key"].encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The key of the service account is no RSA key.")
    header = {"kid": named} if (named := account.get("private_key_id")) else {}
    claims = {"iss": account["client_email"], "sub": mailbox, "aud": url, "scope": GOOGLE_SCOPE}
    return Tokens(url, lambda: {"grant_type": JWT_BEARER, "assertion": _signed(claims, key, header)})


def _required(said: Mapping[str, str], name: str) -> str:
    if not said.get(name):
        raise ValueError(f"The address of the mailbox lacks {name}=…; see the guide of the administrator.")
    return said[name]


def _certified(pem: bytes) -> tuple[rsa.RSAPrivateKey, dict[str, str]]:
    """The key in a PEM file, and the header that names the certificate beside it by its thumbprint. `ValueError`."""
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The certificate of the application needs an RSA key.")
    certificate = x509.load_pem_x509_certificate(pem)
    sha1, sha256 = (encode(certificate.fingerprint(each)) for each in (hashes.SHA1(), hashes.SHA256()))  # noqa: S303
    return key, {"x5t": sha1, "x5t#S256": sha256}


def _signed(claims: Mapping[str, str], key: rsa.RSAPrivateKey, header: dict[str, str]) -> str:
    """An assertion of now with RS256 (RFC 7515), which both providers take."""
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(16)}
    return jwt.encode({**claims, **times}, key, algorithm="RS256", headers=header)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A secret goes nowhere but where it was sent."""


def _ask(url: str, asked: Mapping[str, str]) -> tuple[str, float]:
    """A token and how many seconds it lives. Raises `NoToken`."""
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(https, _NoRedirect)
    request = urllib.request.Request(url, urlencode(asked).encode(), {"Accept": "application/json"})  # noqa: S310
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            said = json.loads(answer.read(LARGEST_ANSWER))
        token, seconds = str(said["access_token"]), float(said.get("expires_in", 3600))
    except urllib.error.HTTPError as refused:
        with refused:
            raise NoToken(_why(refused.read(LARGEST_ANSWER), refused.code)) from None
    except (OSError, ValueError, KeyError, TypeError):
        told = "the provider of tokens cannot be reached: look at the network, at its address, and try again"
        raise NoToken(told) from None
    if not re.fullmatch(r"[\x21-\x7e]{1,16384}", token):
        raise NoToken("the provider gives something that is no token: look at its address")
    return token, seconds


def _why(answer: bytes, status: int) -> str:
    """By the code of the answer alone: its description may name anybody."""
    try:
        code = str(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError):
        code = ""
    return _WHAT_TO_DO.get(code, f"the provider gives no token now (status {int(status)}): try again later")
