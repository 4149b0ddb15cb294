"""Codes that stand in what a person reads where their words should; known from the enums themselves."""

from __future__ import annotations

import enum
import re
from functools import cache
from html import unescape

from django.utils.translation import trans_real

from tests.permissions.matrix import Answer

NO_WORDS = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<[^>]*>", re.S)  # names for software stand in <code>
PAPER = ("application/pdf", "text/html")


def bare_codes(answer: Answer) -> set[str]:
    """The codes on a page or on paper that are no words of either language; none in a file for software."""
    if answer.headers.get("Content-Type", "").partition(";")[0] not in PAPER:
        return set()
    said = unescape(NO_WORDS.sub(" ", answer.text.removesuffix(str(answer.headers))))
    return set(re.findall(r"(?<![\w./:=-])[a-z]+(?:_[a-z]+)*(?![\w/=-])", said)) & codes()


@cache
def codes() -> frozenset[str]:
    """Of every enum of Brug, what no sentence of the interface has among its words."""
    catalogue = trans_real.translation("nl")._catalog  # type: ignore[attr-defined]
    texts = [str(each) for pair in catalogue.items() for each in pair]
    ordinary = {word for text in texts for word in re.findall(r"[a-z]+(?:_[a-z]+)*", text.lower())}
    return frozenset(str(member.value) for kind in _enums() for member in kind) - ordinary


def _enums(above: type[enum.Enum] = enum.StrEnum) -> set[type[enum.Enum]]:
    found = {each for each in above.__subclasses__() if each.__module__.startswith("brug.")}
    return found | {one for each in above.__subclasses__() for one in _enums(each)}
