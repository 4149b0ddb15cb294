"""Every stored code has its words, and every sentence of `Invalid` can be translated."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from brug.core.parcel import Rejection
from brug.core.protocol.decide import CODES
from brug.core.protocol.life import Phase
from brug.desks.referrals.states import ReferralState
from brug.face.web.templatetags.words import INVALID, REASONS, REJECTIONS, ROLES, STATE_COLOURS, WORDS
from brug.office.parties.states import Role

SRC = Path(__file__).parents[3] / "src" / "brug"
ENDS = {Phase.ENDED_BY_NOTICE, Phase.ENDED_AT_ONCE, Phase.LAPSED, Phase.AGREEMENT_ENDED, Phase.REPLACED}


def test_every_reason_of_a_denial_has_words_and_none_is_left_over() -> None:
    assert set(REASONS) == CODES


def test_every_end_of_a_protocol_has_words_for_its_notifier() -> None:
    assert {end.value for end in ENDS} <= set(REASONS)


@pytest.mark.parametrize(
    ("codes", "words"), [(Rejection, REJECTIONS), (Role, ROLES), (ReferralState, WORDS["referral"])]
)
def test_every_code_has_words(codes: type, words: dict[str, object]) -> None:
    assert {code.value for code in codes} == set(words)


@pytest.mark.parametrize("kind", STATE_COLOURS)
def test_every_state_has_words_and_a_colour(kind: str) -> None:
    assert set(STATE_COLOURS[kind]) == set(WORDS[kind])


def test_every_sentence_about_what_was_typed_can_be_translated() -> None:
    """The sentence of an `Invalid` about what anybody types is the msgid that the form looks up."""
    said = {
        argument.value
        for name in ("core/identity.py", "core/message.py", "core/parcel/card.py", "office/disclosure/meeting.py")
        for node in ast.walk(ast.parse((SRC / name).read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Invalid"
        for argument in node.args[1:2]
        if isinstance(argument, ast.Constant)
    }
    from django.utils.translation import override

    with override("en"):
        assert said == {str(sentence) for sentence in INVALID}
