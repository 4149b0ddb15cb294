"""A code that carries its words: what is stored, and what people read in its place.

Core knows no Django: the words stand in English as the source of a translation, marked for its collector; the kit
translates them when they are shown. So a new member without words cannot be written, and none lies elsewhere.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, Self


def marked(text: str) -> str:
    """The text itself. Import it as `_`, and `make messages` collects what it is called with."""
    return text


_ = marked


class Words(enum.StrEnum):
    """Members are `NAME = "code", _("words")`, with the colour of their badge where there is one.

    >>> class Answer(Words):
    ...     YES = "yes", marked("They agree."), "success"
    >>> Answer("yes").words, Answer.YES.colour, Answer.YES == "yes"
    ('They agree.', 'success', True)
    """

    words: str
    colour: str
    offered: str

    def __new__(cls, code: str, words: str = "", colour: str = "") -> Self:
        if not words:
            raise TypeError(f"{code} has no words")
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour, member.offered = code, words, colour, words
        return member


class Chosen(Words):
    """The same, where a form that offers it, or a timeline, says more: `NAME = "code", _("words"), _("all of it")`.

    >>> class Answer(Chosen):
    ...     YES = "yes", marked("agreed"), marked("They agree, and I heard it myself.")
    >>> Answer.YES.words, Answer.YES.offered
    ('agreed', 'They agree, and I heard it myself.')
    """

    def __new__(cls, code: str, words: str = "", offered: str = "") -> Self:
        if not words:
            raise TypeError(f"{code} has no words")
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour, member.offered = code, words, "", offered or words
        return member


class Crossing(Chosen):
    """A code that crosses between parties: `NAME = "code", _("words"), "on paper", _("all of it")`.

    Paper speaks Dutch whatever a page does. A member without words for it crosses never: no message takes it.

    >>> class Answer(Crossing):
    ...     YES = "yes", marked("agreed"), "akkoord"
    >>> Answer.YES.words, Answer.YES.dutch, Answer.YES.offered
    ('agreed', 'akkoord', 'agreed')
    """

    dutch: str

    def __new__(cls, code: str, words: str = "", dutch: str = "", offered: str = "") -> Self:
        if not words:
            raise TypeError(f"{code} has no words")
        member = str.__new__(cls, code)
        member._value_, member.words, member.colour, member.offered = code, words, "", offered or words
        member.dutch = dutch
        return member

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema as form

        crossing = [each for each in cls if each.dutch]
        return form.literal_schema(crossing, serialization=form.to_string_ser_schema())


class How(Words):
    """How somebody said yes."""

    ORAL = "oral", _("spoken")
    WRITTEN = "written", _("in writing")


def every(above: type[Words] = Words) -> Iterator[type[Words]]:
    """Each enum that carries its words."""
    for kind in above.__subclasses__():
        if len(kind):
            yield kind
        yield from every(kind)


def named(name: str) -> type[Words]:
    """The enum that a template calls `room.Name`, as `breaches.Risk`. Raises `StopIteration` for none."""
    return next(kind for kind in every() if name == f"{kind.__module__.split('.')[-2]}.{kind.__name__}")
