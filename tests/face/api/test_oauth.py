"""OAuth 2.0 client credentials at a real provider process: its signed token works as far as it and the DPO say."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.face.api import oauth, services
from brug.face.api.states import Scope
from tests.face.api.conftest import Asking, Node, arrive
from tests.face.api.test_cases import problem


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider of its own process: discovery, keys, and a token end point for clients (RFC 6749 §4.4)."""
    command = [sys.executable, str(Path(__file__).parent / "provider.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def token_of(provider: str, **asked: str) -> str:
    """A token as any OAuth client asks for it."""
    body = {"grant_type": "client_credentials", "client_id": "dossier", "client_secret": "not-so-secret"} | asked
    data = urllib.parse.urlencode(body).encode()
    with urllib.request.urlopen(f"{provider}/token", data, timeout=60) as answer:  # noqa: S310 — our own
        return str(json.load(answer)["access_token"])


@pytest.fixture
def connected(node: Node, provider: str, settings: Settings) -> Node:
    settings.API_OAUTH_ISSUER, settings.API_AUDIENCE = provider, "brug"
    ada, fien = node.members["ada"], node.members["fien"]
    made = services.add_application("Dossier", hook_url="", oauth_client="dossier", by=ada, at=node.at)
    scopes = [Scope.CASES_READ, Scope.DECISION_ASK]
    token, secret = services.propose_token(made, scopes, legal_day(node.at) + timedelta(days=9), by=ada, at=node.at)
    assert secret == "" and token.digest is None
    services.agree(token, by=fien, at=node.at)
    services.allow(made, by=node.members["karim"], at=node.at)
    oauth._keys.__init__()  # type: ignore[misc]  # another provider than that of the test before
    return node


def asking(node: Node, secret: str) -> Asking:
    return Asking(services.Application.objects.get(), secret, Client())


def test_it_gets_what_both_gave(connected: Node, provider: str) -> None:
    arrive(connected, "karim")
    ask = asking(connected, token_of(provider, scope="cases:read oversight:read"))
    assert len(ask("get", "/cases").json()["items"]) == 1
    problem(ask("get", "/checkpoints"), 403)  # the provider gave it, the DPO did not
    problem(ask("post", "/decision", {}), 403)  # the DPO gave it, the provider did not


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "somebody-else"},
        {"iss": "https://another.example"},
        {"exp": "1"},
        {"exp": ""},
        {"nbf": "9999999999"},
        {"client_id_claim": "another"},
        {"sub": "a person"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"kid": "unknown"},
        {"typ": "logout+jwt"},
        {"key": "stolen"},
    ],
    ids=str,
)
def test_a_token_that_is_wrong_in_one_way_is_refused(connected: Node, provider: str, wrong: dict[str, str]) -> None:
    ask = asking(connected, token_of(provider, scope="cases:read", **wrong))
    problem(ask("get", "/cases"), 401)


def test_without_a_provider_or_with_a_silent_one_it_is_refused(
    connected: Node, provider: str, settings: Settings
) -> None:
    secret = token_of(provider, scope="cases:read")
    settings.API_OAUTH_ISSUER = ""
    problem(asking(connected, secret)("get", "/cases"), 401)
    settings.API_OAUTH_ISSUER = "http://127.0.0.1:9"
    began = time.monotonic()
    problem(asking(connected, secret)("get", "/cases"), 401)
    assert time.monotonic() - began < 6
