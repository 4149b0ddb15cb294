"""Every address × every role × every standing: what must open opens, nothing else; no person is shown elsewhere.

A new address without a row in pages.toml fails here, and so does a line of the policy that no cell needs, a verb that
loses its secrecy, a link of a page that does not open. One file, so that one world is made and what a page showed to
one of its laws is there for the next.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

import pytest
from django.test import Client

from brug.kit import context
from brug.office import plug
from brug.office.parties import may as policy
from brug.office.parties.models import Member
from brug.office.parties.states import Relation, Verb
from brug.office.roles import Role
from tests import SOAK
from tests.permissions.crawl import Known, crawl
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
    needs_secrecy,
    rows,
    sees_person,
    standings,
)
from tests.permissions.world import Standing, World, routes

pytestmark = pytest.mark.django_db
ROWS = rows()
LINES = sorted(policy.POLICY)
PAGES_OF = {verb: [row for row in ROWS if verb in (row.right, row.post, row.team, row.person)] for verb in Verb}


@pytest.fixture(scope="module")
def known() -> Known:
    return {}


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


@pytest.mark.soak
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_cell(world: World, row: Row, known: Known) -> None:
    """Every standing in the soak. Else of every third role (in turn) for which nothing opens there one, each in turn
    (about no thing that of whom secrecy binds, who has most rights); about no thing, by no right that hangs on secrecy,
    one role (in turn) shows that without it nothing changes."""
    surprises = list(_from_outside(world, row))
    for number, role in enumerate(Role, ROWS.index(row)):
        for standing in standings(row) if SOAK else _sample(row, role, number):
            answers = dict(ask(world, row, role, standing))
            surprises += _surprises(world, row, role, standing, answers)
            known[world.browser(role, standing), answers["get"].address] = answers["get"]
    assert not surprises, "\n".join(surprises)


def _sample(row: Row, role: Role, number: int) -> list[Standing]:
    each = standings(row)
    if not any(comes_in(row, role, standing, method) for standing in each for method in METHODS):
        return [each[number % len(each)] if row.kind else Standing.OWN] if number % 3 == 0 else []
    is_in_turn = number % len(Role) == 0
    return each if row.kind or needs_secrecy(row) or is_in_turn else [Standing.OWN]


def _from_outside(world: World, row: Row) -> Iterator[str]:
    answers, cell = dict(ask(world, row, None)), f"{row} without log-in"
    yield from _opens(answers, cell, {method: row.right == "anybody" for method in answers}, row)
    yield from _tells(answers, cell, frozenset())


def _surprises(world: World, row: Row, role: Role, standing: Standing, answers: Mapping[str, Answer]) -> Iterator[str]:
    cell = f"{row} for {role}, {standing}"
    yield from _opens(answers, cell, {method: comes_in(row, role, standing, method) for method in answers}, row)
    people = world.things[role, standing]["people"] if row.kind else world.people(role, standing)
    yield from _tells(answers, cell, people if sees_person(row, role, standing) else frozenset())
    for method, answer in answers.items():
        if unread := answer.unread(world):
            yield f"{cell}: {method} shows canaries {unread}, and who looked does not list it"


def _opens(answers: Mapping[str, Answer], cell: str, expected: dict[str, bool], row: Row) -> Iterator[str]:
    """What opens where it must not, or stays shut where it must not."""
    for method, answer in answers.items():
        status = answer.status
        sent_away = row.right == "secret" and status == 302  # from a step of the log-in: home, or to its first step
        if answer.opened is not None and answer.opened != expected[method] and not sent_away:
            yield f"{cell}: {method} {'opens' if answer.opened else 'stays shut'} ({status})"
        if status == 500:
            yield f"{cell}: {method} fails"
    if all(answer.opened is None for answer in answers.values()) and any(expected.values()):
        yield f"{cell}: is asked in no way that it knows"


def _tells(answers: Mapping[str, Answer], cell: str, may_tell: frozenset[int]) -> Iterator[str]:
    """Persons who have no business there, and more than one of them to take away."""
    for method, answer in answers.items():
        if answer.told - may_tell:
            yield f"{cell}: {method} shows canaries {sorted(answer.told - may_tell)}"
        if answer.is_download and len(answer.told) > 1:
            yield f"{cell}: {method} is a list of persons to take away"


def test_no_home_says_nothing_to_do_while_something_waits_and_every_line_opens(world: World) -> None:
    """What the table of what waits has for a role stands on its home, and leads to a page that this role may open."""
    fresh = Member.objects.create(username="nieuw", name="Nieuw", role=Role.TEAM_MEMBER)  # of whom nothing waits
    new = Client()
    new.force_login(fresh)
    homes = [(world.browser(role), world.bound[role]) for role in Role] + [(new, fresh)]
    for browser, who in homes:
        lines = plug.waiting(who, world.at)
        home = html.unescape(browser.get("/").content.decode())
        assert ("U hoeft niets te doen" in home) is (not lines), who.role
        for line in lines:
            assert line.words in home and browser.get(line.url).status_code == 200, (who.role, line)
        assert bool(lines) is (who != fresh), who.role  # both of it are asked


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
    told = False
    for method, answer in ask(world, row, role, standing):
        if expected[method] and answer.opened is False:
            return True
        told = told or bool(answer.told)
    return sees_person(row, role, standing) and not told


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
    answers = [answer for _, answer in ask(world, row, role, Standing.LAPSED)]
    return any(answer.opened for answer in answers), any(answer.told for answer in answers)


@pytest.mark.parametrize("role", list(Role))
def test_every_link_on_every_page_of_a_role_opens_and_tells_of_nobody_else(
    world: World, role: Role, known: Known
) -> None:
    assert not list(crawl(world, ROWS, role, known))
