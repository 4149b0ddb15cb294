"""Every code that carries its words has them in both languages (core/words.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import trans_real

from brug.core.words import Words


def enums(above: type[Words] = Words) -> Iterator[type[Words]]:
    for each in above.__subclasses__():
        yield each
        yield from enums(each)


@pytest.mark.parametrize("kind", [each for each in enums() if each.__module__.startswith("brug.")], ids=str)
def test_every_member_has_english_and_dutch_words(kind: type[Words]) -> None:
    dutch = trans_real.translation("nl")._catalog  # type: ignore[attr-defined]  # some words are the same
    lacking = [member for member in kind if not member.words or not dutch.get(member.words)]
    assert not lacking, "no Dutch words"
