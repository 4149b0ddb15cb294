"""Every address × every role × every standing: what must open opens, nothing else; no person is shown elsewhere.

A new address without a row in pages.toml fails here, and so does a line of the policy that no cell needs.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.template import Template
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from brug.kit import context
from brug.office.parties import may as policy
from brug.office.parties.states import Relation, Role, Verb
from tests.permissions.crawl import crawl
from tests.permissions.matrix import (
    METHODS,
    RIGHTS,
    Answer,
    Row,
    any_right,
    ask,
    asked,
    comes_in,
    missing,
    rows,
    sees_person,
    standings,
)
from tests.permissions.world import Standing, World, build, routes

pytestmark = pytest.mark.django_db
ROWS = rows()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all cells; each request is undone. Templates are rendered as on a node, not as in tests."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
        yield build(timezone.now())
        transaction.set_rollback(True)


def test_every_address_has_a_row(world: World) -> None:
    new = missing()
    assert not new, "add to tests/permissions/pages.toml:\n" + "\n".join(f'{n} = "{asked(world, n)}"' for n in new)
    gone = sorted({row.name for row in ROWS} - set(routes()))
    assert not gone, f"no longer an address: {gone}"


def test_the_reviewed_rights_are_those_of_the_policy() -> None:
    """A change of the policy is a line in rights.txt too, read by a person."""
    reviewed = {(right.role, Verb(right.verb), right.relation) for right in RIGHTS}
    assert reviewed == set(policy.POLICY)
    assert {Verb(right.verb) for right in RIGHTS if right.needs_secrecy} == policy.NEEDS_SECRECY


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_cell(world: World, row: Row) -> None:
    surprises = list(_from_outside(world, row))
    for role in Role:
        for standing in standings(row):
            surprises += _surprises(world, row, role, standing)
    assert not surprises, "\n".join(surprises)


def _from_outside(world: World, row: Row) -> Iterator[str]:
    answers, cell = ask(world, row, None), f"{row} without log-in"
    yield from _opens(answers, cell, {method: row.right == "anybody" for method in answers}, row)
    yield from _tells(answers, cell, frozenset())


def _surprises(world: World, row: Row, role: Role, standing: Standing) -> Iterator[str]:
    answers, cell = ask(world, row, role, standing), f"{row} for {role}, {standing}"
    yield from _opens(answers, cell, {method: comes_in(row, role, standing, method) for method in answers}, row)
    people = world.things[role, standing]["people"] if row.kind else world.people(role, standing)
    yield from _tells(answers, cell, people if sees_person(row, role, standing) else frozenset())


def _opens(answers: dict[str, Answer], cell: str, expected: dict[str, bool], row: Row) -> Iterator[str]:
    """What opens where it must not, or stays shut where it must not."""
    for method, answer in answers.items():
        status = answer.http.status_code
        sent_away = row.right == "secret" and status == 302  # from a step of the log-in: home, or to its first step
        if answer.opened is not None and answer.opened != expected[method] and not sent_away:
            yield f"{cell}: {method} {'opens' if answer.opened else 'stays shut'} ({status})"
        if status == 500:
            yield f"{cell}: {method} fails"
    if all(answer.opened is None for answer in answers.values()) and any(expected.values()):
        yield f"{cell}: is asked in no way that it knows"


def _tells(answers: dict[str, Answer], cell: str, may_tell: frozenset[int]) -> Iterator[str]:
    """Persons who have no business there, and more than one of them to take away."""
    for method, answer in answers.items():
        if answer.told - may_tell:
            yield f"{cell}: {method} shows canaries {sorted(answer.told - may_tell)}"
        if answer.is_download and len(answer.told) > 1:
            yield f"{cell}: {method} is a list of persons to take away"


LINES = sorted(policy.POLICY)
PAGES_OF = {verb: [row for row in ROWS if verb in (row.right, row.post, row.team, row.person)] for verb in Verb}


@pytest.mark.parametrize("line", LINES, ids="-".join)
def test_no_line_of_the_policy_can_go_unnoticed(
    world: World, line: tuple[Role, Verb, Relation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it some cell that opened stays shut, or shows a person no more."""
    role, verb, _relation = line
    for module in (policy, context):  # the menu reads the table by its own name
        monkeypatch.setattr(module, "POLICY", policy.POLICY - {line})
    cells = ((row, standing) for row in PAGES_OF[verb] for standing in standings(row))
    assert any(_differs(world, row, role, standing) for row, standing in cells), "no cell needs this line"


def _differs(world: World, row: Row, role: Role, standing: Standing) -> bool:
    """Whether a request that opened stays shut now, or shows nobody any more."""
    expected = {method: comes_in(row, role, standing, method) for method in METHODS}
    if not any(expected.values()):
        return False
    answers = ask(world, row, role, standing)
    shut = any(expected[method] and answer.opened is False for method, answer in answers.items())
    return shut or (sees_person(row, role, standing) and not any(answer.told for answer in answers.values()))


@pytest.mark.parametrize("verb", sorted(policy.NEEDS_SECRECY))
def test_no_verb_loses_its_secrecy_unnoticed(world: World, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another right that needs secrecy stands before it: alone it still keeps out whose attestation lapsed."""
    monkeypatch.setattr(policy, "NEEDS_SECRECY", frozenset({verb}))
    cells = [(row, role) for row in PAGES_OF[verb] for role in Role if any_right(role, verb, Standing.OWN)]
    before = ((cell, lapsed_sees(world, cell)) for cell in cells)
    assert any(seen < _without_secrecy(world, cell) for cell, seen in before)


def _without_secrecy(world: World, cell: tuple[Row, Role]) -> tuple[bool, bool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "NEEDS_SECRECY", frozenset())
        return lapsed_sees(world, cell)


def lapsed_sees(world: World, cell: tuple[Row, Role]) -> tuple[bool, bool]:
    """Whether the page opens, and whether it shows a person."""
    row, role = cell
    answers = ask(world, row, role, Standing.LAPSED).values()
    return any(answer.opened for answer in answers), any(answer.told for answer in answers)


@pytest.mark.parametrize("role", list(Role))
def test_every_link_on_every_page_of_a_role_opens_and_tells_of_nobody_else(world: World, role: Role) -> None:
    assert not list(crawl(world, ROWS, role))
