"""Every address × every role × every standing: what must open opens, nothing else; no person is shown elsewhere.

A new address without a row in pages.toml fails here, and so does a line of the policy that no cell needs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from brug.desks.quality import queries as quality
from brug.desks.quality.models import Report
from brug.desks.quality.states import Side
from brug.desks.requests import services as requests
from brug.desks.requests.models import Request
from brug.face.web import context
from brug.office.parties import may as policy
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.parties.states import Relation, Role, Verb
from tests.permissions.matrix import (
    RIGHTS,
    Row,
    ask,
    asked,
    comes_in,
    missing,
    rows,
    sees_person,
    send,
    standings,
    text,
)
from tests.permissions.world import SECOND, Standing, World, build, routes

pytestmark = pytest.mark.django_db
ROWS = {row.name: row for row in rows()}
NOT_YET = {  # opens only after another act
    "case-behind-glass": "the glass was broken",
    "mfa_deactivate_totp": "an app was set up",
    "mfa_view_recovery_codes": "a second factor was set up",
    "account_logout": "is the way to the log-in",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all cells; each request is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build(timezone.now())
        transaction.set_rollback(True)


def test_every_address_has_a_row(world: World) -> None:
    new = missing()
    assert not new, "add to tests/permissions/pages.toml:\n" + "\n".join(f'{n} = "{asked(world, n)}"' for n in new)
    gone = sorted(set(ROWS) - set(routes()))
    assert not gone, f"no longer an address: {gone}"


def test_the_reviewed_rights_are_those_of_the_policy() -> None:
    """A change of the policy is a line in rights.txt too, read by a person."""
    reviewed = {(right.role, Verb(right.verb), right.relation) for right in RIGHTS}
    assert reviewed == set(policy.POLICY)
    assert {Verb(right.verb) for right in RIGHTS if right.needs_secrecy} == policy.NEEDS_SECRECY


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_cell(world: World, name: str) -> None:
    row, surprises = ROWS[name], []
    for role in Role:
        for standing in standings(row, role):
            surprises += _surprises(world, row, role, standing)
    stranger = ask(world, row, None)
    if stranger is not None:
        assert stranger.told == set(), "nobody who is not logged in sees a client"
        if row.right == "anybody" and name not in NOT_YET:
            assert stranger.opened
        elif row.right not in ("anybody", "secret", "token"):
            assert not stranger.opened, "without log-in"
        assert 500 not in stranger.statuses
    assert not surprises, "\n".join(surprises)


def _surprises(world: World, row: Row, role: Role, standing: Standing) -> Iterator[str]:
    answer = ask(world, row, role, standing)
    cell = f"{row.name} for {role}, {standing}"
    if answer is None:
        return
    if 500 in answer.statuses:
        yield f"{cell}: {answer.statuses}"
    if row.right == "secret" or row.name in NOT_YET:
        pass
    elif answer.opened != comes_in(row, role, standing):
        yield f"{cell}: {'opens' if answer.opened else 'stays shut'} ({answer.statuses})"
    if answer.told and not sees_person(row, role, standing):
        yield f"{cell}: shows {sorted(answer.told)}"
    downloads = [one for one in (answer.get, answer.post) if "html" not in one.headers.get("Content-Type", "html")]
    for one in downloads:
        words = {word for word in answer.told if word in text(one)}
        if words & set(SECOND) and words - set(SECOND):
            yield f"{cell}: a list of persons to take away"


LINES = sorted(policy.POLICY)
PAGES_OF = {verb: [row for row in ROWS.values() if row.right == verb or row.person == verb] for verb in Verb}


@pytest.mark.parametrize("line", LINES, ids="-".join)
def test_no_line_of_the_policy_can_go_unnoticed(
    world: World, line: tuple[Role, Verb, Relation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, some cell that opened stays shut or shows a person no more, a page offers less, or a desk refuses."""
    role, verb, relation = line
    offered, lets = offers(world, role), desk_lets(world.bound[role], verb, relation, world)
    for module in (policy, context):  # the menu reads the table by its own name
        monkeypatch.setattr(module, "POLICY", policy.POLICY - {line})
    cells = ((row, standing) for row in PAGES_OF[verb] for standing in standings(row, role))
    assert (
        (lets and not desk_lets(world.bound[role], verb, relation, world))
        or offers(world, role) < offered
        or any(_differs(world, row, role, standing) for row, standing in cells)
    ), "nothing needs this line"


def _differs(world: World, row: Row, role: Role, standing: Standing) -> bool:
    if not comes_in(row, role, standing) or row.name in NOT_YET:
        return False
    answer = ask(world, row, role, standing)
    if answer is None:
        return False
    return not answer.opened or (sees_person(row, role, standing) and not answer.told)


def offers(world: World, role: Role) -> Counter[str]:
    """What pages without a thing of somebody offer this role: links, and forms with their fields."""
    said = "".join(text(send(world.browser(role), "get", reverse(name))) for name in ("home", "departures", "breaches"))
    return Counter(re.findall(r'(?:href|action|name)="([^"]*)"', said))


def desk_lets(member: Member, verb: Verb, relation: Relation, world: World) -> bool:
    """What the desk itself says of a report or a request of the member's own, or of a colleague's of the same team."""
    worker = member if relation == Relation.OWN else Member.objects.get(username="near")
    if verb == Verb.ANSWER_QUALITY:
        report = Report(side=Side.DISCLOSER, whose=worker, team=worker.team)
        return quality.may_work_on(member, report, (), world.at)
    if verb == Verb.GATHER_REQUEST:
        with suppress(NotAllowed):
            requests.check_worker(Request(worker=worker), member, world.at)
            return True
    return False


@pytest.mark.parametrize("verb", sorted(policy.NEEDS_SECRECY))
def test_no_verb_loses_its_secrecy_unnoticed(world: World, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another right that needs secrecy stands before it: alone it still keeps out whose attestation lapsed."""
    monkeypatch.setattr(policy, "NEEDS_SECRECY", frozenset({verb}))
    before = {cell: lapsed_sees(world, cell) for cell in lapsed_cells(verb)}
    let = {role: desk_lets(world.lapsed[role], verb, Relation.OWN, world) for role in Role}
    monkeypatch.setattr(policy, "NEEDS_SECRECY", frozenset())
    assert not any(let.values())
    assert any(lapsed_sees(world, cell) > seen for cell, seen in before.items()) or any(
        desk_lets(world.lapsed[role], verb, Relation.OWN, world) for role in Role
    )


def lapsed_cells(verb: Verb) -> list[tuple[Row, Role]]:
    return [(row, role) for row in PAGES_OF[verb] for role in Role if Standing.LAPSED in standings(row, role)]


def lapsed_sees(world: World, cell: tuple[Row, Role]) -> tuple[bool, bool]:
    """Whether the page opens, and whether it shows a person."""
    row, role = cell
    answer = ask(world, row, role, Standing.LAPSED)
    return (False, False) if answer is None else (answer.opened, bool(answer.told))
