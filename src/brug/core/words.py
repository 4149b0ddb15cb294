"""A code that carries its words: what is stored, and what people read in its place.

Core knows no Django: the words stand in English as the source of a translation, marked for its collector; the kit
translates them when they are shown. So a new member without words cannot be written, and none lies elsewhere.
"""

from __future__ import annotations

import enum
from typing import Self


def marked(text: str) -> str:
    """The text itself. Import it as `_`, and `make messages` collects what it is called with."""
    return text


class Words(enum.StrEnum):
    """Members are `NAME = "code", _("words")`, with the colour of their badge where there is one.

    >>> class Answer(Words):
    ...     YES = "yes", marked("They agree."), "success"
    >>> Answer("yes").words, Answer.YES.colour, Answer.YES == "yes"
    ('They agree.', 'success', True)
    """

    words: str
    colour: str

    def __new__(cls, code: str, words: str = "", colour: str = "") -> Self:
        if not words:
            raise TypeError(f"{code} has no words")
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour = code, words, colour
        return member
