"""The menu shows a member what their role may do, in the order of the desks, and where they are."""

from __future__ import annotations

import pytest
from django.urls import reverse

from brug.kit.context import LETTERS, ROOM, menu, navigation
from brug.office.parties.may import POLICY, Relation
from brug.office.parties.models import Member
from brug.office.parties.states import Verb
from brug.office.plug import desks
from brug.office.roles import Role

OFFERED = [entry for desk in desks().values() for entry in desk.menu]


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_holds_what_the_policy_allows_and_nothing_else(role: Role) -> None:
    member = Member(username="x", name="X", role=role)
    ways = (Relation.NONE, Relation.OWN)
    expected = [reverse(name) for verb, name, _ in OFFERED if any((role, Verb(verb), way) in POLICY for way in ways)]
    assert [item.url for item in navigation(member)] == expected


@pytest.mark.parametrize("role", list(Role))
def test_at_most_one_item_is_where_one_is(role: Role) -> None:
    member = Member(username="x", name="X", role=role)
    for item in navigation(member):
        current = [other.url for other in navigation(member, item.url + "below/") if other.is_current]
        assert current == [item.url]


@pytest.mark.parametrize("role", list(Role))
def test_a_row_and_the_rest_in_groups_hold_every_item_once(role: Role) -> None:
    member = Member(username="x", name="X", role=role)
    found = menu(member)
    rest = [item for _, items in found.groups for item in items]
    assert sorted(item.url for item in [*found.row, *rest]) == sorted(item.url for item in navigation(member))
    assert found.row and sum(len(str(item.label)) + ROOM for item in found.row) <= LETTERS and len(rest) != 1
