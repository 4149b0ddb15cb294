"""Log-in through the organisation: a real OpenID provider on this machine, and one whose tokens we forge ourselves."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as node
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from brug.face.web import openid
from brug.office.parties.models import Member
from brug.office.parties.states import Role

pytestmark = pytest.mark.django_db
BACK = "/login/organisation/back"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """oidc-provider-mock, as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONWARNINGS": "ignore"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(100):
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(autouse=True)
def _at_the_organisation(settings: Settings, provider: str) -> None:
    settings.DEMO = False
    (Path(node.HOME) / "oidc-secret").write_text("geheim")
    settings.OIDC = {
        "issuer": provider,
        "client_id": "brug",
        "secret_file": "oidc-secret",
        "name": "OCMW Westerlo",
        "member": "preferred_username",
        "roles_claim": "roles",
        "roles": {"brug-mw": "social_worker", "brug-hm": "dispatcher", "brug-fg": "dpo"},
        "second_factor": ["mfa", "otp"],
    }


@pytest.fixture
def karim() -> Member:
    made = Member(username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER, secrecy_attested_on=date(2026, 11, 1))
    made.set_unusable_password()
    made.save()
    return made


def through(provider: str, **claims: Any) -> tuple[Client, HttpResponse]:
    """Go to the provider as the browser would, say yes there, and come back."""
    told = {"preferred_username": "karim", "roles": ["brug-mw"], "amr": ["pwd", "otp"]} | claims
    requests.put(f"{provider}/users/sub-{told['preferred_username']}", json=told, timeout=5).raise_for_status()
    client = Client()
    asked = client.get("/login/organisation?next=/cases/files").headers["Location"]
    answer = requests.post(
        asked, data={"sub": f"sub-{told['preferred_username']}"}, timeout=5, allow_redirects=False
    ).headers["Location"]
    parts = urlsplit(answer)
    return client, client.get(f"{parts.path}?{parts.query}")


def test_a_member_comes_in_with_the_second_factor_of_the_organisation(karim: Member, provider: str) -> None:
    client, answer = through(provider)
    assert answer.headers["Location"] == "/cases/files"
    assert client.get("/cases/mine").status_code == 200
    _, again = through(provider)
    assert again.headers["Location"] == "/cases/files"


def test_what_is_asked_is_a_code_with_pkce_a_state_and_a_nonce(provider: str) -> None:
    address = "/login/organisation?auth_params=nonce%3Dx&scope=all"
    asked = parse_qs(urlsplit(Client().get(address).headers["Location"]).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) >= 32 and asked["nonce"] != ["x"] and len(asked["state"][0]) >= 16
    assert set(asked["scope"][0].split()) == {"openid", "profile"}, "nothing of the address is passed on"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"amr": ["pwd"]}, "second_factor"),
        ({"amr": []}, "second_factor"),
        ({"preferred_username": "els"}, "unknown"),
        ({"roles": []}, "role"),
        ({"roles": ["brug-fg"]}, "role"),
    ],
)
def test_who_does_not_come_in(karim: Member, provider: str, claims: dict[str, Any], why: str) -> None:
    client, answer = through(provider, **claims)
    assert answer.status_code == 401
    assert str(openid.WHY[why]) in answer.content.decode()
    assert client.get("/cases/mine").headers["Location"].startswith("/login")
    assert Member.objects.count() == 1, "nobody is made by a claim"


def test_a_claim_may_give_another_role_but_not_what_was_attested_for_the_first(karim: Member, provider: str) -> None:
    _, answer = through(provider, roles=["brug-hm"])
    assert answer.status_code == 302
    karim.refresh_from_db()
    assert (karim.role, karim.secrecy_attested_on) == ("dispatcher", None)


def test_a_closed_account_stays_closed(karim: Member, provider: str) -> None:
    through(provider)
    Member.objects.update(is_active=False)
    assert through(provider)[1].status_code == 401


def test_an_answer_to_nobodys_question_is_refused(provider: str) -> None:
    assert Client().get(f"{BACK}?code=x&state=y").status_code == 401
    assert Client().get(f"{BACK}?error=access_denied").status_code == 401


def test_without_a_provider_there_is_no_such_address(settings: Settings) -> None:
    settings.OIDC = settings.OIDC | {"issuer": ""}
    assert Client().get("/login/organisation").status_code == 404
    assert Client().get(BACK).status_code == 404


KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))


def judge(rf: Any, change: Callable[[dict[str, Any]], object], key: Any = KEY, algorithm: str = "RS256") -> None:
    """Put a token of our own making to the check."""
    now = int(time.time())
    claims = {
        "iss": node.OIDC["issuer"], "aud": "brug", "sub": "1", "iat": now, "exp": now + 60, "nonce": "n" * 32,
    }  # fmt: skip
    change(claims)
    token = jwt.encode(claims, key, algorithm, headers={"kid": "k"})
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "k", "alg": "RS256"}

    class Keys:
        def __enter__(self) -> Keys:
            return self

        def __exit__(self, *_: object) -> None: ...

        def get(self, _: str) -> Any:
            return type("Answer", (), {"json": staticmethod(lambda: {"keys": [jwk]})})

    provider = openid._Provider(rf.get("/"), openid.PROVIDER)
    provider._openid_config = {"issuer": node.OIDC["issuer"], "jwks_uri": "there"}
    provider._session = Keys
    provider._verified(provider.get_provider().app, token, "n" * 32)


def test_a_token_as_it_should_be_is_believed(rf: Any) -> None:
    judge(rf, lambda claims: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(nonce="x" * 32),
        lambda c: c.pop("nonce"),
        lambda c: c.update(aud="other"),
        lambda c: c.update(aud=["brug", "other"]),
        lambda c: c.update(iss="http://kwaad.example"),
        lambda c: c.update(exp=int(time.time()) - 60),
        lambda c: c.pop("exp"),
    ],
)
def test_a_token_for_another_question_party_or_time_is_not(rf: Any, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(openid.OAuth2Error):
        judge(rf, change)


@pytest.mark.parametrize(("key", "algorithm"), [(OTHER, "RS256"), ("s" * 64, "HS256"), (None, "none")])
def test_a_token_that_the_issuer_did_not_sign_is_not(rf: Any, key: Any, algorithm: str) -> None:
    with pytest.raises(openid.OAuth2Error):
        judge(rf, lambda claims: None, key, algorithm)
