"""Every code that a person may see carries its words, in both languages (core/words.py)."""

from __future__ import annotations

import enum
from collections import Counter

import pytest
from django.utils.translation import gettext, override

import brug.core.leaflet  # an enum that no page needs
import brug.node.urls  # noqa: F401  # and those that pages need
from brug.core.words import Words, every, named

UNSEEN = {  # what only the program reads
    *(
        "casework.TakenBack",
        "core.Holds",
        "core.Region",
        "core.Typed",
        "ledger.Again",
        "core.Kind",
        "parties.Relation",
    ),
    *("post.ByHandState", "post.OutgoingState", "quality.Side", "window.Counted", "window.Said"),
}
SAME = {"account", "open", "mailbox", "E-mail"}  # what is the same word in Dutch


def enums(above: type[enum.Enum] = enum.Enum) -> set[type[enum.Enum]]:
    found = {each for each in above.__subclasses__() if each.__module__.startswith("brug.")}
    return found | {one for each in above.__subclasses__() for one in enums(each)}


def of_room(kind: type[enum.Enum]) -> str:
    return f"{kind.__module__.split('.')[-2]}.{kind.__name__}"


def test_every_enum_carries_its_words_but_what_only_the_program_reads() -> None:
    bare = {each for each in enums() if not issubclass(each, Words) and not each.__name__.endswith("Event")}
    assert {of_room(each) for each in bare} == UNSEEN


def test_every_enum_has_a_name_of_its_own_for_templates() -> None:
    names = Counter(map(of_room, every()))
    assert [name for name, times in names.items() if times > 1] == []
    assert all(of_room(named(name)) == name for name in names)


@pytest.mark.parametrize("kind", list(every()), ids=str)
def test_every_member_has_english_and_dutch_words(kind: type[Words]) -> None:
    for member in kind:
        for words in {member.words, member.offered}:
            with override("en"):
                english = gettext(words)
            with override("nl-be"):
                dutch = gettext(words)
            assert english == words and ("_" not in member or member.value not in {english, dutch}), member
            assert dutch != words or words in SAME, f"{member!r}: no Dutch words"
