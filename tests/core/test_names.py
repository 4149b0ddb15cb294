"""People are found as they are spelled, and nobody else is (art. 3, GDPR 15)."""

from __future__ import annotations

import hmac
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.core import names
from tests.core.test_mending import lines

NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0x2000), min_size=1, max_size=12).filter(
    lambda name: names.fold(name) not in names.PARTICLES
)


@pytest.mark.parametrize(("given_name", "family_name", "typed", "found"), lines("search.tsv"))
def test_a_spelling_finds_the_name(given_name: str, family_name: str, typed: str, found: str) -> None:
    kept, asked = names.fold(given_name, family_name), names.sought(typed)
    assert (names.whole(asked, kept), names.in_part(asked, kept)) == (found == "whole", found == "part")


@given(NAMES, NAMES)
def test_order_case_and_form_do_not_count(given_name: str, family_name: str) -> None:
    folded = names.fold(given_name, family_name)
    assert folded == names.fold(family_name, given_name) == names.fold(f"{family_name} {given_name}")
    assert folded == names.fold(unicodedata.normalize("NFD", given_name), unicodedata.normalize("NFD", family_name))
    assert len(folded.split()) <= names.WORDS and folded.isascii()


@given(NAMES, NAMES)
def test_two_names_agree_whole_or_in_part_or_not_at_all(one: str, other: str) -> None:
    asked, kept = names.fold(one), names.fold(other)
    assert not (names.whole(asked, kept) and names.in_part(asked, kept))


GIVEN, FAMILY = lines("people.tsv")


def test_false_hits_are_counted(record_property: Callable[[str, str], None]) -> None:
    """Ten thousand fictional people, a thousand sought in another spelling: what is found whole is never another."""
    picked = random.Random(22)  # noqa: S311
    people: dict[str, tuple[str, str]] = {}
    while len(people) < 10_000:
        one = " ".join(picked.sample(GIVEN, picked.choice((1, 2, 2, 3))))
        family = "-".join(picked.sample(FAMILY, picked.choice((1, 1, 2))))
        people.setdefault(names.fold(one, family), (one, family))
    rows: dict[int, set[str]] = defaultdict(set)  # as the vault keeps them: fifteen bits of a keyed digest of each word
    for folded in people:
        for word in folded.split():
            rows[_short(word)].add(folded)
    sought = picked.sample(sorted(people), 1_000)
    opened = found = maybe = 0
    for folded in sought:
        asked = names.fold(f"{people[folded][1].upper()} {people[folded][0].lower()}")
        counted = Counter(each for word in asked.split() for each in rows[_short(word)])
        candidates = [each for each, words in counted.items() if words >= min(2, len(asked.split()))]
        opened += len(candidates)
        found += sum(names.whole(asked, each) for each in candidates)
        maybe += sum(names.in_part(asked, each) for each in candidates)
        assert [each for each in candidates if names.whole(asked, each)] == [folded]
    told = f"{found / len(sought):.2f} found, {maybe / len(sought):.2f} perhaps, {opened / len(sought):.1f} opened"
    record_property("figure", f"of {len(people)} people, in each of {len(sought)} searches: {told}; somebody else: 0")


def _short(word: str) -> int:
    return int.from_bytes(hmac.digest(b"key", word.encode(), "sha256")[:4]) >> 17
