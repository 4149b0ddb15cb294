"""Oversight: register, processors, figures, checkpoints and their proofs; protocols without a token (art. 6)."""

from __future__ import annotations

import base64
from datetime import date, timedelta

from django.test import Client

from brug.core import tree
from brug.core.calendar import legal_day
from brug.core.protocol.document import load
from brug.core.protocol.life import first_moment
from brug.desks.oversight import processors
from brug.desks.oversight.periods import QUARTER
from brug.desks.referrals.models import Referral
from brug.face.api.states import Scope
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Checkpoint
from tests.conftest import PROTOCOL_TEXT
from tests.face.api.conftest import Node, arrive
from tests.face.api.test_cases import problem


def test_protocols_and_health_need_no_token(node: Node) -> None:
    anybody = Client()
    assert anybody.get("/api/v1/health").json() == {"status": "UP"}
    (listed,) = anybody.get("/api/v1/protocols").json()["items"]
    assert listed["id"] == "opgroeien-ocmw-westerlo" and listed["status"] == "in_force"
    document = anybody.get(listed["href"]).json()
    assert document["id"] == load(PROTOCOL_TEXT).id
    problem(anybody.get("/api/v1/protocols/opgroeien-ocmw-westerlo/versions/99"), 404)
    assert "client" in anybody.get("/api/v1/context.jsonld").json()["@context"]


def test_a_checkpoint_begins_with_an_earlier_one_and_holds_a_leaf(node: Node) -> None:
    ask = node.software(Scope.OVERSIGHT_READ)
    ledger.checkpoint(node.at)
    arrive(node, "karim")
    ledger.checkpoint(node.at)
    first, last = ask("get", "/checkpoints").json()["items"][:2]
    (older, newer) = (Checkpoint.objects.get(number=each["number"]) for each in (first, last))
    assert first["note"] == older.note and ask("get", last["href"].removeprefix("/api/v1")).json() == last
    path = last["href"].removeprefix("/api/v1")
    proof = ask("get", f"{path}/consistency?from_size={older.size}").json()
    hashes = [base64.b64decode(each) for each in proof["hashes"]]
    assert tree.consistent(older.size, newer.size, bytes(older.root), bytes(newer.root), hashes)
    told = ask("get", f"{path}/inclusion?leaf=0").json()
    assert told["leaf"] == 0 and told["size"] == newer.size
    problem(ask("get", f"{path}/consistency?from_size={newer.size + 1}"), 404)
    problem(ask("get", f"{path}/inclusion?leaf={newer.size}"), 404)
    problem(ask("get", "/checkpoints/999"), 404)
    pages = ask("get", "/checkpoints?limit=1").json()
    assert pages["next"].endswith("limit=1&after=1")


def test_the_register_the_processors_and_the_figures_are_those_of_the_pages(node: Node) -> None:
    ask = node.software(Scope.OVERSIGHT_READ)
    facts = processors.Facts(
        name="Hosting nv", kbo="", country="BE", task="hosting", guarantees="ISO 27001", subprocessors="",
        has_client_files=True, agreed_on=date(2026, 1, 1), agreed_through=None,
    )  # fmt: skip
    processors.add(facts, by=node.members["fien"], at=node.at)
    (processor,) = ask("get", "/processors").json()["items"]
    assert processor["name"] == "Hosting nv" and processor["hasClientFiles"] is True and "kbo" not in processor
    register = ask("get", "/register").json()["items"]
    assert any("Hosting nv" in " ".join(each["processors"]) for each in register) and register[0]["purposes"]
    day = legal_day(node.at)
    before = first_moment(date(day.year, day.month - (day.month - 1) % QUARTER, 1)) - timedelta(days=3)
    for n in range(7):
        Referral.objects.create(
            notifier=node.members["lien"], team=node.members["lien"].team, residence="13049" if n else "13021",
            started_at=node.at, sent_at=before,
        )  # fmt: skip
    figures = ask("get", "/figures").json()
    counts = {(each["place"], each["what"]): each.get("count") for each in figures["items"]}
    assert counts and 1 not in counts.values() and 7 in counts.values()
    assert any(before.isoformat()[:7] in each["period"] for each in figures["items"])
    assert not any(node.at.isoformat()[:7] in each["period"] for each in figures["items"]), "a quarter that is not over"
