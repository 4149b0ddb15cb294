"""Every operation × every scope × every role of who allowed it: one table, made from the schema."""

from __future__ import annotations

import json
import re
import uuid
from functools import cache
from typing import Any

import pytest

from brug.core.calendar import legal_day
from brug.face.api import openapi, services
from brug.face.api.states import Scope
from brug.office.parties.models import Member, Team
from brug.office.roles import Role
from tests.face.api.conftest import CANARY, Asking, Node, arrive
from tests.face.api.test_drafts import question, start


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each, by the name of its view."""
    return {
        operation["operationId"].rpartition("_views_")[2]: (method, path, operation)
        for path, methods in openapi.schema()["paths"].items()
        for method, operation in methods.items()
    }


NAMES = {"social_worker": "karim", "dispatcher": "hilde", "team_member": "lien", "team_lead": "tom"}
NAMES |= {"dpo": "fien", "administrator": "ada", "head_of_service": "greet"}
ACTS_FOR = {  # scope → the roles for which it can do anything at all (domain.md §3.3)
    Scope.CASES_READ: {Role.SOCIAL_WORKER, Role.DISPATCHER},
    Scope.CASES_WRITE: {Role.SOCIAL_WORKER, Role.DISPATCHER},
    Scope.DRAFTS_WRITE: {Role.TEAM_MEMBER, Role.TEAM_LEAD},
}


def call(node: Node, ask: Asking, name: str, values: dict[str, Any]) -> Any:
    """The operation as it should be asked, about what `values` names."""
    method, path, _ = operations()[name]
    address = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), path).removeprefix("/api/v1")
    query = {"prove_consistency": "?from_size=1", "prove_inclusion": "?leaf=0"}.get(name, "")
    body = {
        "put_file": lambda: {"fileNumber": "S-1", "openedOn": legal_day(node.at).isoformat()},
        "start_draft": lambda: start(node, notifier=values["notifier"]),
        "ask_decision": lambda: question(node),
    }.get(name)
    headers = {"if_match": f'"{values["tag"]}"'} if name == "put_file" else {}
    return ask(method, address + query, body() if body else None, **headers)


@pytest.fixture
def there(node: Node) -> dict[str, Any]:
    """What the paths of the schema name, all of it there; the case is Karim's."""
    from brug.office.ledger import services as ledger

    case = arrive(node, "karim", until="clarified")
    ledger.checkpoint(node.at)
    return {
        **{"reference": case.reference, "tag": case.version, "protocol_id": "opgroeien-ocmw-westerlo", "version": 1},
        **{"number": 1, "notifier": str(node.members["lien"].pseudonym)},
    }


def test_every_operation_has_a_row() -> None:
    assert len(operations()) == sum(len(methods) for methods in openapi.schema()["paths"].values())
    open_ones = {name for name, (_, _, operation) in operations().items() if "security" not in operation}
    assert open_ones == {"read_health", "read_context", "list_protocols", "read_protocol"}


def test_an_operation_answers_its_own_scope_and_no_other(node: Node, there: dict[str, Any]) -> None:
    software = {scope: node.software(scope) for scope in Scope} | {None: node.software(Scope.CASES_READ, agreed=False)}
    cells = 0
    for name, (_, _, operation) in operations().items():
        wanted = operation.get("x-required-scope")
        for scope, ask in software.items():
            answer = call(node, ask, name, there)
            allowed = wanted is None or scope == wanted
            expected = {200, 404} if allowed else {401} if scope is None else {403}
            assert answer.status_code in expected, (name, scope, answer.status_code)
            assert not any(word in answer.content.decode() for word in CANARY), (name, scope)
            cells += 1
    assert cells == len(operations()) * (len(Scope) + 1)


@pytest.mark.parametrize("role", list(Role))
def test_a_member_gives_no_more_than_her_role_may_and_only_what_is_hers(node: Node, role: Role) -> None:
    """The case is of somebody else, unless the member is its worker: then, and only then, the family is seen."""
    from brug.core.identity import Invalid

    member = node.members[NAMES[role]]
    case = arrive(node, "karim")
    values = {"reference": case.reference, "tag": case.version, "notifier": str(member.pseudonym)}
    for scope in Scope:
        ask = node.software(scope)
        if role in ACTS_FOR.get(scope, set()):
            services.allow(ask.application, by=member, at=node.at)
        else:
            with pytest.raises(Invalid):
                services.allow(ask.application, by=member, at=node.at)
        for name, (_, _, operation) in operations().items():
            if operation.get("x-required-scope") != scope or scope == Scope.OVERSIGHT_READ:
                continue
            answer = call(node, ask, name, values)
            seen = any(word in answer.content.decode() for word in CANARY)
            own = member.username == "karim" and name in {"list_cases", "read_case"}
            assert seen == own, (name, role)
            if name == "start_draft":
                assert answer.status_code == (201 if role in ACTS_FOR[scope] else 404)
            if name == "list_cases":
                assert len(json.loads(answer.content)["items"]) == int(own)


def whose(node: Node, role: Role) -> dict[str, Member]:
    """By relation who it is that has a thing; of nobody's there is nobody."""
    far = Team.objects.create(code="noorderkempen", name="Noorderkempen")
    bound = {"role": Role.SOCIAL_WORKER if role == Role.DISPATCHER else role, "secrecy_attested_on": legal_day(node.at)}
    node.members["near"] = Member.objects.create(username="near", name="Near", team=Team.objects.first(), **bound)
    node.members["far"] = Member.objects.create(username="far", name="Far", team=far, **bound)
    return {"own": node.members[NAMES[role]], "other's": node.members["near"], "other team's": node.members["far"]}


@pytest.mark.parametrize("is_lapsed", [False, True], ids=["bound", "lapsed"])
@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.DISPATCHER])
def test_software_reaches_the_cases_of_who_allowed_it_and_none_once_her_secrecy_lapsed(
    node: Node, role: Role, is_lapsed: bool
) -> None:
    people = whose(node, role)
    cases = {relation: arrive(node, who.username, until="clarified") for relation, who in people.items()}
    cases["nobody's"] = arrive(node)
    asks = [node.software(scope, for_=(NAMES[role],)) for scope in (Scope.CASES_READ, Scope.CASES_WRITE)]
    if is_lapsed:
        Member.objects.filter(pk=people["own"].pk).update(secrecy_attested_on=None)
    for relation, case in cases.items():
        values, opens = {"reference": case.reference, "tag": case.version}, relation == "own" and not is_lapsed
        for ask, name in zip(asks, ("read_case", "put_file"), strict=True):
            answer = call(node, ask, name, values)
            assert (answer.status_code < 300, answer.status_code == 404) == (opens, not opens), (relation, name)
            assert opens or not any(word in answer.content.decode() for word in CANARY)


@pytest.mark.parametrize("is_lapsed", [False, True], ids=["bound", "lapsed"])
@pytest.mark.parametrize("role", [Role.TEAM_MEMBER, Role.TEAM_LEAD])
def test_software_starts_and_reads_drafts_of_who_allowed_it_and_none_once_her_secrecy_lapsed(
    node: Node, role: Role, is_lapsed: bool
) -> None:
    people = whose(node, role)
    ask = node.software(Scope.DRAFTS_WRITE, for_=(NAMES[role], "near", "far"))
    drafts = {
        relation: call(node, ask, "start_draft", {"notifier": str(who.pseudonym)}).json()["reference"]
        for relation, who in people.items()
    }
    services.disallow(ask.application, by=people["other's"], at=node.at)
    services.disallow(ask.application, by=people["other team's"], at=node.at)
    if is_lapsed:
        Member.objects.filter(pk=people["own"].pk).update(secrecy_attested_on=None)
    for relation, who in people.items():
        opens = relation == "own" and not is_lapsed
        read = call(node, ask, "read_draft", {"reference": drafts[relation]})
        begun = call(node, ask, "start_draft", {"notifier": str(who.pseudonym)})
        assert (read.status_code, begun.status_code) == ((200, 201) if opens else (404, 404)), relation
    nobodys = call(node, ask, "start_draft", {"notifier": str(uuid.uuid4())})
    assert nobodys.status_code == 404
