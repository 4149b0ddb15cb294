"""Tokens: proposed, agreed, shown once, stored hashed, expiring, in the ledger; what a wrong one gets (art. 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.face.api import services
from brug.face.api.models import Application, Delegation, Token
from brug.face.api.states import Scope
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from tests.face.api.conftest import Asking, Node, arrive
from tests.face.api.test_cases import problem


def test_a_token_is_of_no_use_before_the_dpo_agrees(node: Node) -> None:
    ask = node.software(Scope.OVERSIGHT_READ, agreed=False)
    problem(ask("get", "/checkpoints"), 401)
    token = ask.application.tokens.get()
    for who in ("ada", "karim", "hilde", "lien"):
        with pytest.raises(NotAllowed):
            services.agree(token, by=node.members[who], at=node.at)
    services.agree(token, by=node.members["fien"], at=node.at)
    assert ask("get", "/checkpoints").status_code == 200
    acts = Entry.objects.values_list("act", flat=True)
    assert {"application_added", "token_proposed", "token_agreed", "token_used.oversight.read"} <= set(acts)


def test_only_an_administrator_makes_one_and_the_secret_is_stored_nowhere(node: Node) -> None:
    ask = node.software(Scope.OVERSIGHT_READ)
    token = ask.application.tokens.get()
    assert len(ask.secret) == 48 and ask.secret.startswith("brug_")
    assert bytes(token.digest or b"") == services.digest(ask.secret) != ask.secret.encode()
    with pytest.raises(NotAllowed):
        services.propose_token(
            ask.application, [Scope.CASES_READ], legal_day(node.at), by=node.members["fien"], at=node.at
        )


def test_it_ends_by_its_day_by_itself_or_with_the_connection(node: Node) -> None:
    ask = node.software(Scope.OVERSIGHT_READ)
    token = ask.application.tokens.get()
    Token.objects.filter(pk=token.pk).update(through_on=legal_day(node.at) - timedelta(days=1))
    problem(ask("get", "/checkpoints"), 401)
    Token.objects.filter(pk=token.pk).update(through_on=legal_day(node.at))
    assert ask("get", "/checkpoints").status_code == 200
    services.end_token(token, by=node.members["fien"], at=node.at)
    problem(ask("get", "/checkpoints"), 401)
    with pytest.raises(WrongState):
        services.agree(token, by=node.members["fien"], at=node.at)
    other = node.software(Scope.CASES_READ, for_=("karim",))
    services.end_application(other.application, by=node.members["ada"], at=node.at)
    problem(other("get", "/cases"), 401)
    assert not Delegation.objects.filter(application=other.application).exists()


@pytest.mark.parametrize("days", [-1, 366])
def test_a_token_is_for_a_year_at_most(node: Node, days: int) -> None:
    with pytest.raises(Invalid):
        made = services.add_application("x", hook_url="", oauth_client="", by=node.members["ada"], at=node.at)
        through = legal_day(node.at) + timedelta(days=days)
        services.propose_token(made, [Scope.OVERSIGHT_READ], through, by=node.members["ada"], at=node.at)


@pytest.mark.parametrize("url", ["ftp://x.example", "https://", "https://a:b@x.example", "//x", "https://x.example:0"])
def test_a_call_goes_to_a_server_over_https(node: Node, url: str) -> None:
    with pytest.raises(Invalid):
        services.add_application("x", hook_url=url, oauth_client="", by=node.members["ada"], at=node.at)


@pytest.mark.parametrize("secret", ["", "x", "brug_" + "A" * 43, "a.b.c", "ey" * 5000, "brug_é"])
def test_a_wrong_token_gets_one_answer_and_no_cookie_helps(node: Node, nobody: Asking, secret: str) -> None:
    arrive(node, "karim")
    browser = Client()
    browser.force_login(node.members["karim"])
    given = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} if secret else {}
    answer = browser.get("/api/v1/cases", **given)
    told = problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer") and "Set-Cookie" not in answer
    assert set(told) == {"type", "title", "status"}
    problem(browser.get("/api/v1/cases", HTTP_AUTHORIZATION="Basic a2FyaW06eA=="), 401)


def test_a_scope_that_is_too_small_is_named_and_the_use_is_in_the_ledger(node: Node) -> None:
    ask = node.software(Scope.DECISION_ASK)
    answer = ask("get", "/cases")
    assert "cases:read" in problem(answer, 403)["detail"]
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert Entry.objects.filter(act="token_used.cases.read").count() == 1


def test_the_pages_from_proposal_to_use(node: Node) -> None:
    """The administrator's page shows the secret once; the DPO's click makes it work; the worker allows it."""
    ada, fien, karim = Client(), Client(), Client()
    for browser, who in ((ada, "ada"), (fien, "fien"), (karim, "karim")):
        browser.force_login(node.members[who])
    assert ada.post("/connections/add", {"name": ""}).status_code == 422
    added = ada.post("/connections/add", {"name": "Dossier", "hook_url": "https://dossier.example/brug"})
    made = Application.objects.get()
    assert added.url == f"/connections/{made.pk}/token"
    day = (legal_day(node.at) + timedelta(days=400)).isoformat()
    assert ada.post(added.url, {"scopes": ["cases:read"], "through_on": day}).status_code == 422
    day = (legal_day(node.at) + timedelta(days=100)).isoformat()
    shown = ada.post(added.url, {"scopes": ["cases:read"], "through_on": day})
    secret = shown.content.decode().partition("brug_")[2][:43]
    assert shown["Cache-Control"] == "no-store" and "whsec_" in shown.content.decode()
    assert secret not in ada.get("/connections/").content.decode()
    token = Token.objects.get()
    assert ada.post(f"/connections/tokens/{token.pk}/agree").status_code == 404
    assert karim.get("/connections/").status_code == 404
    assert fien.get("/connections/").status_code == 404
    assert fien.get("/connections/to-agree").status_code == 200
    assert fien.post(f"/connections/tokens/{token.pk}/agree").status_code == 302
    assert karim.post(f"/connections/own/{made.pk}/allow").status_code == 302
    assert "Dossier" in karim.get("/connections/own").content.decode()
    ask = Asking(made, f"brug_{secret}", Client())
    arrive(node, "karim")
    assert len(ask("get", "/cases").json()["items"]) == 1
    assert karim.post(f"/connections/own/{made.pk}/disallow").status_code == 302
    assert ask("get", "/cases").json()["items"] == []
    assert ada.get(f"/connections/{made.pk}/end").status_code == 200
    assert ada.post(f"/connections/{made.pk}/end").status_code == 302
    problem(ask("get", "/cases"), 401)
