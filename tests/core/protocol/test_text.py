"""The Dutch text reads like the seed, and two documents are compared in words."""

from __future__ import annotations

import re

import pytest

from brug.core.protocol.document import load
from brug.core.protocol.text import blocks, difference, text
from tests.core.protocol.samples import SEED, WESTERLO, text_with

KINDS = {"title", "heading", "name", "paragraph", "item", "signature", "colophon"}


def words(printed: str) -> str:
    return re.sub(r"[\s\uf0b7]+", "", printed).casefold()


def test_the_generated_text_is_the_seed_but_for_its_footer_and_the_order_of_signatures() -> None:
    """«Dat protocol wordt bekendgemaakt op de website van beide partijen.»"""
    seed = re.sub(r"rechtsgeldigelektronisch.*?(?=verschaffen)", "", words(SEED))
    generated = words(text(WESTERLO)).replace("artikel5:", "artikel5.")
    generated = generated.replace("verantwoordingproportionaliteit:", "verantwoordingproportionaliteit")
    end = generated.index("vooropgroeienregiebruno")
    assert seed.startswith(generated[:end])
    signed = re.sub(r",ondertekendop29januari2024|kenmerk:.*", "", generated[end:])
    assert sorted(seed[end:]) == sorted(signed.replace(",", ""))


def test_every_block_says_what_it_is_and_where_it_belongs() -> None:
    found = list(blocks(WESTERLO))
    assert {block.kind for block in found} == KINDS
    assert {block.clause for block in found} - {""} == WESTERLO.clauses.keys()
    assert all(block.text.strip() and "\n" not in block.text for block in found)


def test_a_document_does_not_differ_from_itself() -> None:
    assert difference(WESTERLO, WESTERLO) == ()


def test_a_changed_notice_is_told_in_its_article_with_the_words_around_it() -> None:
    other = load(
        text_with(
            ("notice_months: 6", "notice_months: 3"), ("opzegtermijn van 6 maanden", "opzegtermijn van 3 maanden")
        )
    )
    assert [str(change) for change in difference(WESTERLO, other)] == [
        "art. 11: text becomes opzegtermijn van 3 maanden. Het (was opzegtermijn van 6 maanden. Het)",
        "art. 11: terms.notice_months becomes 3 (was 6)",
    ]


def test_what_is_new_and_what_is_dropped_is_told() -> None:
    team = "- {code: zuiderkempen, name: lokaal team Kind en Gezin Zuiderkempen}"
    other = load(text_with((team, f"{team}\n        - {{code: kempen, name: lokaal team Kind en Gezin}}")))
    assert [str(change) for change in difference(WESTERLO, other)] == [
        "recital C: terms.teams[1].code is new: kempen",
        "recital C: terms.teams[1].name is new: lokaal team Kind en Gezin",
    ]
    assert next(str(change) for change in difference(other, WESTERLO)).endswith("is dropped: kempen")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("kept_by: people", "kept_by: both", "kept_by"),
        ("proof_on_simple_request: true", "proof_on_simple_request: false", "terms.proof_on_simple_request"),
        ("outcome: unknown", "outcome: positive", "terms.outcome"),
        ("words: artikel 2, 2°", "words: in artikel 2, 2°", "flags[0].words"),
    ],
)
def test_any_change_is_found_and_stands_in_its_clause(old: str, new: str, path: str) -> None:
    found = difference(WESTERLO, load(text_with((old, new))))
    assert {change.path for change in found} == {path}
    assert {change.clause for change in found} <= WESTERLO.clauses.keys()
