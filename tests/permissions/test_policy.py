"""No line of the policy goes unnoticed, no verb loses its secrecy, and every link on every page of a role opens."""

from __future__ import annotations

import pytest

from brug.kit import context
from brug.office.parties import may as policy
from brug.office.parties.states import Relation, Verb
from brug.office.roles import Role
from tests.permissions.crawl import crawl
from tests.permissions.matrix import METHODS, Row, any_right, ask, comes_in, rows, sees_person, standings
from tests.permissions.world import Standing, World

pytestmark = pytest.mark.django_db
ROWS = rows()
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
