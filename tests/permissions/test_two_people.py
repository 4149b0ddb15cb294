"""What takes two people: every pair of roles is asked, and only the two that the table names can do it (art. 6)."""

from __future__ import annotations

from itertools import product

import pytest

from brug.core.states import WrongState
from brug.office.parties import joint
from brug.office.parties.may import POLICY, TWO_PEOPLE, NotAllowed, Verb
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint, Relation
from brug.office.roles import Role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def holders(verb: Verb) -> set[Role]:
    return {role for role, its, _relation in POLICY if its == verb}


def a_member(role: Role, number: int) -> Member:
    made = Member(username=f"{role}{number}", name="Somebody", role=role, secrecy_attested_on=NOW.date())
    made.set_unusable_password()
    made.save()
    return made


def halves(act: Joint) -> tuple[set[Role], set[Role]]:
    """Who proposes and who agrees; the operator, who has no role, is none of them."""
    first, second = TWO_PEOPLE[act]
    return holders(first) if first else set(), holders(second)


def test_what_one_person_alone_may_not_do_stands_in_the_table() -> None:
    """Keys, mailboxes, tokens, a hold that is lifted, an end at once, a restore."""
    assert set(TWO_PEOPLE) == set(Joint)
    assert {act for act, (first, _) in TWO_PEOPLE.items() if first is None} == {Joint.RESTORE}


@pytest.mark.parametrize("act", Joint)
def test_no_role_has_both_halves_and_somebody_has_each(act: Joint) -> None:
    first, second = halves(act)
    assert (first or act == Joint.RESTORE) and second and not first & second
    assert all(relation == Relation.NONE for _role, verb, relation in POLICY if verb in TWO_PEOPLE[act])


@pytest.mark.parametrize("act", Joint)
def test_of_every_pair_of_roles_only_the_named_one_makes_it_true(act: Joint) -> None:
    first, second = halves(act)
    done = set()
    people = {role: (a_member(role, 1), a_member(role, 2)) for role in Role}
    for one, other in product(Role, Role):
        Proposal.objects.all().delete()
        try:
            proposal = joint.propose(act, "0212181956", {"n": 1}, by=people[one][0], at=NOW)
            assert joint.agree(proposal, by=people[other][1], at=NOW) == {"n": 1}
            done.add((one, other))
        except NotAllowed:
            assert one not in first or other not in second
    assert done == set(product(first, second))


def test_what_the_operator_did_is_agreed_to_by_an_officer_and_refused_by_nobody() -> None:
    people = {role: a_member(role, 1) for role in Role}
    proposal = joint.propose(Joint.RESTORE, "node", {}, by=None, at=NOW)
    for role, member in people.items():
        with pytest.raises(NotAllowed):
            joint.refuse(proposal, by=member, at=NOW)
        if role != Role.DPO:
            with pytest.raises(NotAllowed):
                joint.agree(proposal, by=member, at=NOW)
    assert joint.agree(proposal, by=people[Role.DPO], at=NOW) == {} and not Proposal.objects.exists()


def test_nobody_is_both_and_what_changed_meanwhile_is_another_proposal() -> None:
    wim, dirk = a_member(Role.ADMINISTRATOR, 1), a_member(Role.DPO, 1)
    proposal = joint.propose(Joint.KEYS, "0212181956", {"n": 1}, by=wim, at=NOW)
    joint.propose(Joint.KEYS, "0212181956", {"n": 2}, by=wim, at=NOW)
    with pytest.raises(WrongState):
        joint.agree(proposal, by=dirk, at=NOW)
    joint.refuse(Proposal.objects.get(), by=wim, at=NOW)
    with pytest.raises(WrongState):
        joint.refuse(proposal, by=dirk, at=NOW)
    with pytest.raises(NotAllowed):
        joint.refuse(proposal, by=a_member(Role.DISPATCHER, 1), at=NOW)
