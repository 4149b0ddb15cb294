"""The table of need to know is printed in the docs, each right has its words, and both are current."""

from __future__ import annotations

from brug.desks.members.rights import VERBS
from brug.office.parties.states import Verb
from tests.conftest import ROOT


def test_every_right_has_its_words() -> None:
    assert set(VERBS) == set(Verb)


def test_the_page_of_need_to_know_is_the_one_of_the_policy() -> None:
    from tools.rights import page

    said = "run: python -m tools.rights docs/need-to-know.md"
    assert (ROOT / "docs" / "need-to-know.md").read_text() == page(), said
