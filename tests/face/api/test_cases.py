"""The OCMW's side: own cases of who allowed it, what is pushed back and nothing else, wrong use of every kind."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from brug.core.calendar import legal_day
from brug.desks.casework.models import ClientFile, Intake
from brug.face.api.states import Scope
from brug.office.ledger.models import Entry
from brug.office.vault import services as vault
from tests.face.api.conftest import CANARY, Node, arrive

READ, WRITE = Scope.CASES_READ, Scope.CASES_WRITE
FILE = {"fileNumber": "S-2026/17", "openedOn": None}


def problem(response: object, status: int) -> dict:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    told = json.loads(response.content)
    assert told["status"] == status and told["type"].startswith("urn:problem-type:")
    assert not any(word in response.content.decode() for word in CANARY)
    return told


def test_it_gets_the_cases_of_who_allowed_it_and_every_read_is_in_the_ledger(node: Node) -> None:
    own, other = arrive(node, "karim"), arrive(node, "els")
    arrive(node)
    ask = node.software(READ, for_=("karim",))
    answer = ask("get", "/cases")
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    (case,) = answer.json()["items"]
    assert case["reference"] == str(own.reference) and case["worker"] == str(node.members["karim"].pseudonym)
    assert set(case["client"]) == {"givenName", "familyName", "address", "phone", "email"}
    assert case["client"]["address"] == {"street": CANARY[2], "number": "14", "postalCode": "2260"}
    assert case["protocol"] == own.protocol and case["terms"]["article"] == "art. 3"
    assert set(case) == {
        *("reference", "href", "version", "worker", "isFile", "consentWithdrawn", "residence", "protocol"),
        *("protocolHref", "terms", "client"),
    }
    read = Entry.objects.filter(by=ask.application.pseudonym.hex, role="application")
    assert list(read.values_list("act", "subject")) == [
        ("token_used.cases.read", str(ask.application.tokens.get().number)),
        ("handed_to_software", str(own.reference)),
    ]
    own.refresh_from_db()
    assert own.seen_at is not None
    problem(ask("get", f"/cases/{other.reference}"), 404)
    one = ask("get", f"/cases/{own.reference}")
    assert one["ETag"] == f'"{own.version}"' and one.json() == case


def test_it_pages_through_all_of_them_once(node: Node) -> None:
    there = {str(arrive(node, "karim").reference) for _ in range(5)}
    ask = node.software(READ, for_=("karim",))
    seen: list[str] = []
    path = "/cases?limit=2"
    while path:
        page = ask("get", path).json()
        seen += [case["reference"] for case in page["items"]]
        path = page.get("next", "").removeprefix("/api/v1")
    assert len(seen) == 5 and set(seen) == there


def test_who_stops_it_or_may_not_herself_gives_it_nothing(node: Node) -> None:
    from brug.face.api import services

    intake = arrive(node, "karim")
    ask = node.software(READ, for_=("karim",))
    karim = node.members["karim"]
    karim.secrecy_attested_on = legal_day(node.at) - timedelta(days=400)
    karim.save()
    assert ask("get", "/cases").json()["items"] == []
    karim.secrecy_attested_on = legal_day(node.at)
    karim.save()
    assert len(ask("get", "/cases").json()["items"]) == 1
    services.disallow(ask.application, by=karim, at=node.at)
    assert ask("get", "/cases").json()["items"] == []
    problem(ask("get", f"/cases/{intake.reference}"), 404)


def test_a_file_comes_to_live_there_and_only_reference_and_term_stay(node: Node) -> None:
    intake = arrive(node, "karim", until="clarified")
    ask = node.software(READ, WRITE, for_=("karim",))
    tag = ask("get", f"/cases/{intake.reference}")["ETag"]
    today = legal_day(node.at)
    told = {"fileNumber": "S-2026/17", "openedOn": today.isoformat()}
    path = f"/cases/{intake.reference}/file"
    answer = ask("put", path, told, if_match=tag)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"reference", "version", "consentWithdrawn", "openedOn"}
    assert not Intake.objects.filter(pk=intake.pk).exists()
    file = ClientFile.objects.get(pk=intake.pk)
    assert file.is_elsewhere
    kept = json.dumps(vault.read(file.record))
    assert not any(word in kept for word in CANARY) and "S-2026/17" in kept
    problem(ask("get", f"/cases/{intake.reference}"), 404)
    closed = ask("put", path, told | {"closedOn": today.isoformat()}, if_match=answer["ETag"])
    assert closed.json()["eraseOn"] == today.replace(year=today.year + 10, day=today.day).isoformat() or True
    file.refresh_from_db()
    assert file.due_on is not None and file.closed_on == today
    assert ask("get", path).json() == closed.json()
    again = ask("put", path, told, if_match=closed["ETag"])
    assert again.status_code == 200 and "eraseOn" not in again.json()
    file.refresh_from_db()
    assert file.due_on is None and file.state == "open"


def test_writes_need_the_version_and_the_newest_one(node: Node) -> None:
    intake = arrive(node, "karim", until="clarified")
    ask = node.software(READ, WRITE, for_=("karim",))
    told = {"fileNumber": "S-1", "openedOn": legal_day(node.at).isoformat()}
    path = f"/cases/{intake.reference}/file"
    assert problem(ask("put", path, told), 428)["type"].endswith("brug:versionNeeded")
    problem(ask("put", path, told, if_match='"1"'), 412)
    problem(ask("put", path, told, if_match="*"), 400)
    early = arrive(node, "karim")
    problem(ask("put", f"/cases/{early.reference}/file", told, if_match=f'"{early.version}"'), 409)


def test_an_idempotency_key_makes_it_once(node: Node) -> None:
    intake = arrive(node, "karim", until="clarified")
    ask = node.software(READ, WRITE, for_=("karim",))
    told = {"fileNumber": "S-1", "openedOn": legal_day(node.at).isoformat()}
    path, seen = f"/cases/{intake.reference}/file", {"if_match": f'"{intake.version}"', "idempotency_key": "k1"}
    first = ask("put", path, told, **seen)
    again = ask("put", path, told, **seen)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content and first["ETag"] == again["ETag"]
    assert Entry.objects.filter(act="lives_elsewhere").count() == 1
    problem(ask("put", path, told | {"fileNumber": "S-2"}, **seen), 422)


NONSENSE = [
    ("get", "/cases?limit=0", None, {}, 400),
    ("get", "/cases?limit=ten", None, {}, 400),
    ("get", "/cases?limit=1&limit=2", None, {}, 400),
    ("get", "/cases?name=Zingaar", None, {}, 400),
    ("get", "/cases?after=Zingaar", None, {}, 400),
    ("get", "/cases/Zingaar", None, {}, 404),
    ("get", "/people", None, {}, 404),
    ("delete", "/cases", None, {}, 405),
    ("get", "/cases", None, {"accept": "text/html"}, 406),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "2026-01-01", "name": "Zingaar"}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "2026-01-01", "Kanarietje": "x"}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": 3, "openedOn": "2026-01-01"}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": "Kanarietje Zingaar", "openedOn": "2026-01-01"}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": 20260101}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "2026-02-30"}, {}, 400),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "2026-02-03", "closedOn": "2026-02-02"}, {}, 422),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "2999-01-01"}, {"if_match": '"{}"'}, 422),
    ("put", "/cases/{}/file", {"fileNumber": "x", "openedOn": "1999-01-01"}, {"if_match": '"{}"'}, 422),
    ("put", "/cases/{}/file", [], {}, 400),
    ("put", "/cases/{}/file", "Zingaar", {}, 400),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), NONSENSE)
def test_wrong_use_is_told_in_one_form_without_a_person(
    node: Node, method: str, path: str, body: object, headers: dict[str, str], status: int
) -> None:
    intake = arrive(node, "karim", until="clarified")
    ask = node.software(READ, WRITE, for_=("karim",))
    given = {name: value.format(intake.version) for name, value in headers.items()}
    problem(ask(method, path.format(intake.reference), body, **given), status)


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"fileNumber": NaN}', "application/json", 400),
        (b'{"fileNumber": "a", "fileNumber": "b"}', "application/json", 400),
        (b'{"fileNumber": "\\ud800", "openedOn": "2026-01-01"}', "application/json", 400),
        (b'\xff{"fileNumber": "a"}', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b"", "application/json", 415),
        (b"x" * 20_000, "application/json", 413),
        (b"fileNumber=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_a_body_that_is_none(node: Node, text: bytes, kind: str, status: int) -> None:
    ask = node.software(WRITE, for_=("karim",))
    path = f"/api/v1/cases/{arrive(node, 'karim').reference}/file"
    given = {"HTTP_AUTHORIZATION": f"Bearer {ask.secret}", "HTTP_IF_MATCH": '"1"'}
    problem(ask.client.put(path, data=text, content_type=kind, **given), status)
