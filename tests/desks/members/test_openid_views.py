"""Log-in through the organisation: a real OpenID provider on this machine, and one whose tokens we forge ourselves."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as node
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brug.desks.members import openid_views as openid
from brug.office.ledger.acts import Actor
from brug.office.parties import services as parties
from brug.office.parties.models import Invitation, Member
from brug.office.post.models import Alert
from brug.office.roles import Role
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
BACK = "/login/organisation/back"
WIM, ANN = Actor("a" * 32, "administrator"), Actor("b" * 32, "dpo")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Of provider.py, as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "tests.desks.members.provider", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "ignore"}, **quiet)  # type: ignore[call-overload]
    address = f"http://localhost:{port}"
    try:
        for _ in range(1800):  # a busy machine takes its time
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(180)


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
        "scopes": ["profile"],
        "ask": {},
    }


@pytest.fixture
def karim() -> Member:
    made = Member(username="karim", name="Karim Aerts", role=Role.SOCIAL_WORKER, secrecy_attested_on=date(2026, 11, 1))
    made.set_unusable_password()
    made.save()
    return made


def through(provider: str, client: Client | None = None, **claims: Any) -> tuple[Client, HttpResponse]:
    """Go to the provider as the browser would, say yes there, and come back."""
    client = client or Client()
    back = answered(provider, client.get("/login/organisation?next=/cases/files").headers["Location"], **claims)
    return client, client.get(back)


def answered(provider: str, asked: str, **claims: Any) -> str:
    """Say yes at the provider, where the browser was sent; the address it is sent back to."""
    told = {"preferred_username": "karim", "roles": ["brug-mw"], "amr": ["pwd", "otp"]} | claims
    who = f"sub-{told['preferred_username']}"
    requests.put(f"{provider}/users/{who}", json=told, timeout=60).raise_for_status()
    answer = requests.post(asked, data={"sub": who}, timeout=60, allow_redirects=False).headers["Location"]
    parts = urlsplit(answer)
    return f"{parts.path}?{parts.query}"


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


def test_a_code_is_worth_nothing_without_the_verifier_it_was_asked_with(karim: Member, provider: str) -> None:
    client = Client()
    back = answered(provider, client.get("/login/organisation").headers["Location"])
    session = client.session
    for state, *_ in session["socialaccount_states"].values():
        state["pkce_code_verifier"] = "x" * 43  # as of a browser to which somebody brings a code of another
    session.save()
    assert client.get(back).status_code == 401


@pytest.mark.parametrize("claims", [{"amr": ["pwd", "otp"]}, {"amr": [], "acr": "mfa"}, {"amr": ["mfa"], "acr": "1"}])
def test_a_second_factor_is_told_by_amr_or_by_acr(karim: Member, provider: str, claims: dict[str, Any]) -> None:
    assert through(provider, **claims)[1].status_code == 302


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"amr": ["pwd"]}, "second_factor"),
        ({"amr": ["pwd"], "acr": "1"}, "second_factor"),
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
    Member.objects.create(username="ann", name="Ann Vos", role=Role.DPO, email="ann@westerlo.example")
    _, answer = through(provider, roles=["brug-hm"])
    assert answer.status_code == 302
    karim.refresh_from_db()
    assert (karim.role, karim.secrecy_attested_on) == ("dispatcher", None)
    assert Alert.objects.get().address == "ann@westerlo.example", "the officers hear of it, as of a change on a page"


def test_who_came_in_at_the_organisation_is_not_followed_by_an_invitation(karim: Member, provider: str) -> None:
    """Who opened the account saw its address, and would come in after the attestation, as this member."""
    secret = parties.invite(karim, by=WIM, at=timezone.now())
    kept = Invitation.objects.get()
    through(provider)
    assert not Invitation.objects.exists()
    parties.attest_secrecy(karim, date(2026, 11, 20), by=ANN, at=timezone.now())
    kept.save(force_insert=True)  # one that was left by an earlier version
    assert Client().get(f"/invitation/{secret}").status_code == 404
    assert parties.accept_invitation(secret, "egel ladder munt oever", at=timezone.now()) is None
    assert not Member.objects.get().has_usable_password()


def test_an_account_of_which_the_invitation_was_accepted_is_not_linked(karim: Member, provider: str) -> None:
    secret = parties.invite(karim, by=WIM, at=timezone.now())
    parties.accept_invitation(secret, "egel ladder munt oever", at=timezone.now())
    assert through(provider)[1].status_code == 401
    assert not parties.come_in_elsewhere(karim), "nor where it was accepted since somebody looked"


SENSITIVE = f"/cases/files/{uuid.uuid4()}/export"  # answers 404 once it is fresh


def test_what_is_sensitive_is_asked_at_the_organisation_anew(karim: Member, provider: str) -> None:
    """Its log-in may let somebody through unasked, because of an hour ago: that proves nothing."""
    client, _ = through(provider, auth_time=int(time.time()) - 3600)
    assert client.get("/cases/mine").status_code == 200
    sent = client.get(SENSITIVE).headers["Location"]
    assert sent == f"/login/organisation?next={quote(SENSITIVE, safe='')}"
    asked = client.get(sent).headers["Location"]
    wanted = parse_qs(urlsplit(asked).query)
    assert (wanted["prompt"], wanted["max_age"]) == (["login"], ["0"])
    assert client.get(answered(provider, asked)).headers["Location"] == SENSITIVE
    assert client.get(SENSITIVE).status_code == 404, "asked just now: the page itself answers"


@pytest.mark.parametrize("page", ["app", "passkey", "codes", "codes/new", "app/remove"])
def test_who_comes_in_through_the_organisation_has_no_second_factor_here(
    karim: Member, provider: str, page: str
) -> None:
    """A new one would prove again who took a session over, and lock its owner out."""
    client, _ = through(provider, auth_time=int(time.time()) - 3600)
    for answer in (client.get(f"/account/{page}"), client.post(f"/account/{page}", {"code": "123456"})):
        assert answer.headers["Location"] == "/account"
    assert client.get(SENSITIVE).headers["Location"].startswith("/login/organisation")


@pytest.mark.parametrize("said", [None, "now", -3600, 3600])
def test_an_organisation_that_does_not_ask_anew_proves_nothing(karim: Member, provider: str, said: object) -> None:
    when = int(time.time()) + said if isinstance(said, int) else said
    client, first = through(provider, auth_time=when)
    assert first.status_code == 302, "to log in it is enough"
    assert client.get(SENSITIVE).status_code == 302
    _, again = through(provider, client, auth_time=when)
    assert again.status_code == 401 and str(openid.WHY["again"]) in again.content.decode()
    assert client.get(SENSITIVE).status_code == 302


def test_the_same_subject_of_another_issuer_is_somebody_else(karim: Member, provider: str, settings: Settings) -> None:
    """A provider is replaced, and numbers its people from one as the other did."""
    through(provider)
    other = provider.replace("localhost", "127.0.0.1")
    settings.OIDC = settings.OIDC | {"issuer": other}
    assert through(other)[1].status_code == 401
    [kept] = SocialAccount.objects.all()
    assert kept.uid == hashlib.sha256(f"{provider}\nsub-karim".encode()).hexdigest()


def test_entra_tells_by_its_authentication_contexts_and_is_asked_for_one(
    karim: Member, provider: str, settings: Settings
) -> None:
    """Its tokens (version 2) have neither amr nor acr: a context that asks a second factor is demanded, looked for."""
    demanded = '{"id_token":{"acrs":{"essential":true,"value":"c1"}}}'
    more = {"claims": demanded, "redirect_uri": "https://kwaad.example", "nonce": "x", "prompt": "none"}
    settings.OIDC = settings.OIDC | {"second_factor": ["c1"], "ask": more, "scopes": ["profile", "vo"]}
    asked = parse_qs(urlsplit(Client().get("/login/organisation").headers["Location"]).query)
    assert asked["claims"] == [demanded] and set(asked["scope"][0].split()) == {"openid", "profile", "vo"}
    assert "kwaad" not in str(asked) and asked["nonce"] != ["x"] and "prompt" not in asked
    assert through(provider, amr=[], acrs=["c2"])[1].status_code == 401
    assert through(provider, amr=[])[1].status_code == 401
    assert through(provider, amr=[], acrs=["c1"])[1].status_code == 302


@pytest.mark.parametrize(
    "claims", [{"acr": None}, {"acr": "", "amr": None}, {"acrs": {"c1": 1}}, {"amr": [None, 7]}, {}]
)
def test_nothing_that_is_said_otherwise_counts_as_shown(claims: dict[str, Any]) -> None:
    assert openid._shown(claims) == set()


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
