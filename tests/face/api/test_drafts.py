"""The discloser's side: a draft waits for a person; the protocol answers without one (recital C, art. 5)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from brug.core.calendar import legal_day
from brug.desks.referrals.models import Referral
from brug.face.api.states import Scope
from brug.office.ledger.models import Entry
from brug.office.post.models import Outgoing
from tests.face.api.conftest import CANARY, Node
from tests.face.api.test_cases import problem


def start(node: Node, **changes: Any) -> dict[str, Any]:
    told = (node.at - timedelta(hours=2)).isoformat()
    body = {
        "notifier": str(node.members["lien"].pseudonym),
        "residence": "13049",
        "consent": {
            **{"informedAt": told, "informedHow": "talk", "language": "ar", "interpreter": True},
            **{"consentedAt": told, "consentedHow": "oral", "metOnDuty": True, "judgedWithClient": True},
        },
        "client": {
            **{"givenName": CANARY[0], "familyName": CANARY[1], "phone": CANARY[4], "email": CANARY[5]},
            "address": {"street": CANARY[2], "number": "14", "postalCode": "2260"},
        },
    }
    for path, value in changes.items():
        where, _, name = path.rpartition("__")
        (body[where] if where else body)[name] = value
    return body


def test_a_draft_waits_for_a_person_and_nothing_leaves(node: Node) -> None:
    ask = node.software(Scope.DRAFTS_WRITE, for_=("lien",))
    answer = ask("post", "/drafts", start(node), idempotency_key="one")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["state"] == "consented" and answer["Location"] == told["href"]
    assert not any(word in answer.content.decode() for word in CANARY)
    assert {reason["article"] for reason in told["reasons"]} <= {"recital C", "art. 6", "art. 1"}
    assert Outgoing.objects.count() == 0
    lien = Client()
    lien.force_login(node.members["lien"])
    page = lien.get(told["page"])
    assert CANARY[0] in page.content.decode()
    assert ask("post", "/drafts", start(node), idempotency_key="one").json() == told
    assert Referral.objects.count() == 1
    assert ask("get", told["href"].removeprefix("/api/v1")).json()["state"] == "consented"
    acts = Entry.objects.filter(subject=told["reference"]).values_list("act", flat=True)
    assert "draft_brought" in acts and "consent_recorded" in acts


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client__remark": "ziek"}, 400),
        ({"client__givenName": "85.07.30-033.28"}, 422),
        ({"client__phone": "12"}, 400),
        ({"client__email": None}, 201),
        ({"consent__interpreter": "yes"}, 400),
        ({"consent__informedAt": 1_700_000_000}, 400),
        ({"consent__informedAt": "2026-01-01T10:00:00"}, 400),
        ({"consent__consentedAt": "2020-01-01T10:00:00Z"}, 422),
        ({"consent__consentedAt": "2999-01-01T10:00:00Z"}, 422),
        ({"residence": "11002"}, 422),
        ({"notifier": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}, 404),
    ],
)
def test_what_cannot_be_is_told(node: Node, changes: dict[str, Any], status: int) -> None:
    ask = node.software(Scope.DRAFTS_WRITE, for_=("lien",))
    answer = ask("post", "/drafts", start(node, **changes))
    if status == 201:
        assert answer.status_code == 201, answer.content
    else:
        problem(answer, status)
        assert Referral.objects.count() == 0


def test_only_for_a_member_who_allowed_it_and_only_its_own_drafts(node: Node) -> None:
    ask, other = node.software(Scope.DRAFTS_WRITE, for_=("tom",)), node.software(Scope.DRAFTS_WRITE, for_=("lien",))
    problem(ask("post", "/drafts", start(node)), 404)
    made = other("post", "/drafts", start(node)).json()
    problem(ask("get", f"/drafts/{made['reference']}"), 404)


def question(node: Node, **changes: Any) -> dict[str, Any]:
    today = legal_day(node.at).isoformat()
    return {
        **{"protocolId": "opgroeien-ocmw-westerlo", "team": "zuiderkempen", "residence": "13049"},
        **{"purposes": ["increase_access_to_social_services"], "fields": ["given_name", "family_name", "phone"]},
        **{"informedOn": today, "consentedOn": today, "secrecyThrough": today},
        **{"metOnDuty": True, "judgedWithClient": True},
    } | changes


def test_the_protocol_answers_with_its_articles(node: Node) -> None:
    ask = node.software(Scope.DECISION_ASK)
    yes = ask("post", "/decision", question(node)).json()
    assert yes == {"permitted": True, "protocol": "opgroeien-ocmw-westerlo@1", "reasons": []}
    no = ask("post", "/decision", question(node, residence="11002", metOnDuty=False)).json()
    assert no["permitted"] is False
    assert {(r["article"], r["code"]) for r in no["reasons"]} == {
        ("art. 2", "residence_not_served"),
        ("recital C", "not_met_on_duty"),
    }
    problem(ask("post", "/decision", question(node, protocolId="another")), 404)
    problem(ask("post", "/decision", question(node, fields=["income"])), 400)
    assert json.dumps(no).count("client") == 0
