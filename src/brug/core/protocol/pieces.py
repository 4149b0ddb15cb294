"""A published text cut into its clauses, in its own order and under its own numbers, whatever its lines (art. 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from brug.core.protocol.words import Word, key

Kind = Literal["title", "preamble", "party", "recital", "article", "closing"]
CONSIDERING = (
    ("na", "te", "hebben", "uiteengezet"),
    ("wordt", "vooraf", "uiteengezet"),
    ("overwegende", "hetgeen", "volgt"),
    ("overwegende", "wat", "volgt"),
    ("overwegende",),
    ("overwegingen",),
)
AGREED = (
    ("wordt", "overeengekomen", "wat", "volgt"),
    ("wordt", "het", "volgende", "overeengekomen"),
    ("wordt", "overeengekomen", "als", "volgt"),
    ("komen", "overeen", "wat", "volgt"),
    ("komen", "de", "partijen", "overeen", "wat", "volgt"),
    ("komen", "partijen", "overeen", "wat", "volgt"),
    ("komen", "het", "volgende", "overeen"),
    ("is", "overeengekomen", "wat", "volgt"),
    ("zijn", "overeengekomen", "wat", "volgt"),
    ("zijn", "het", "volgende", "overeengekomen"),
)
_DRAWN_UP = (("opgemaakt", "te"), ("opgemaakt", "in"), ("opgesteld", "te"), ("gedaan", "te"))
DRAWN_UP = (*(("aldus", *words) for words in _DRAWN_UP), *_DRAWN_UP)
SIDES = {"enerzijds", "anderzijds"}  # of a heading: «TUSSEN ENERZIJDS», «EN ANDERZIJDS»
PREAMBLE = ("dit", "protocol", "wordt", "gesloten")
NUMBER = re.compile(r"\d{1,2}(?:bis|ter)?|[IVX]{1,5}")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
FIGURES = tuple(str(number) for number in range(1, 31))
MARKS = (tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), FIGURES, ROMAN, tuple("abcdefghijklmnopqrstuvwxyz"))
"""How recitals are marked, the usual way first; each mark after the one before it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One clause of the source: `mark` as printed ("A", "12"), "" where the text has none; `words` without it."""

    kind: Kind
    mark: str
    words: tuple[Word, ...]


def pieces(words: Sequence[Word]) -> list[Piece]:
    """Every word of `words` in a piece, but for the headings between them and the marks that the pieces carry."""
    signs = [key(word.text) for word in words]
    between = _alone(words, signs, "tussen", 0)
    considering, after_considering = _frame(signs, CONSIDERING, between or 0)
    agreed, after_agreed = _frame(signs, AGREED, after_considering or between or 0)
    if agreed is None:  # the first article begins without a heading before it
        heads = (n for n in range(after_considering or 0, len(words) - 1) if words[n].opens_paragraph)
        agreed = after_agreed = next((n for n in heads if _heads(words, n)), None)
    drawn_up, _ = _frame(signs, DRAWN_UP, after_agreed or 0)
    body = after_agreed if after_agreed is not None else (considering or 0)
    end = drawn_up if drawn_up is not None and after_agreed is not None else len(words)
    first = next(place for place in (between, considering, agreed, end) if place is not None)
    found = [*_opening(words[:first], signs[:first])]
    if between is not None:
        last = next(place for place in (considering, agreed, end) if place is not None)
        found += _parties(words[between + 1 : last])
    if considering is not None and after_considering is not None:
        found += _recitals(words[after_considering : agreed if agreed is not None else end])
    if after_agreed is not None:
        found += _articles(words[body:end])
    if end < len(words):
        found.append(Piece("closing", "", tuple(words[end:])))
    return [piece for piece in found if piece.words]


def _alone(words: Sequence[Word], signs: list[str], sign: str, start: int) -> int | None:
    """Where a heading of one word stands: in capitals, or alone on its line."""
    places = (n for n in range(start, len(words)) if signs[n] == sign)
    return next((n for n in places if words[n].text.strip(":").isupper() or words[n].alone), None)


def _frame(signs: list[str], frames: tuple[tuple[str, ...], ...], start: int) -> tuple[int | None, int | None]:
    """Where a heading between the clauses begins and ends."""
    for frame in frames:
        for place in range(start, len(signs) - len(frame) + 1):
            if tuple(signs[place : place + len(frame)]) == frame:
                return place, place + len(frame)
    return None, None


def _opening(words: Sequence[Word], signs: list[str]) -> Iterator[Piece]:
    at, _ = _frame(signs, (PREAMBLE,), 0)
    at = len(words) if at is None else at
    yield Piece("title", "", tuple(words[:at]))
    yield Piece("preamble", "", tuple(words[at:]))


def _parties(words: Sequence[Word]) -> Iterator[Piece]:
    """«TUSSEN … EN …»"""
    start = _behind_side(words, 0)
    for place, word in enumerate(words):
        if word.text.strip(":") == "EN" or (
            word.key == "en" and (word.alone or _behind_side(words, place + 1) > place + 1)
        ):
            yield Piece("party", "", tuple(words[start:place]))
            start = _behind_side(words, place + 1)
    yield Piece("party", "", tuple(words[start:]))


def _behind_side(words: Sequence[Word], place: int) -> int:
    """Where a party begins: «enerzijds» that ends a line is of the heading before it."""
    is_side = words[place : place + 1] and words[place].key in SIDES
    return place + 1 if is_side and (place + 1 == len(words) or words[place + 1].line > words[place].line) else place


def _recitals(words: Sequence[Word]) -> Iterator[Piece]:
    """«A. … B. …», also «1. …», «I. …», «a) …»; what stands before the first one goes with it."""
    starts, marks = max(((_marked(words, marks), marks) for marks in MARKS), key=lambda found: len(found[0]))
    for number, start in enumerate(starts):
        until = starts[number + 1] if number + 1 < len(starts) else len(words)
        before = words[:start] if number == 0 else ()
        yield Piece("recital", marks[number], (*before, *words[start + 1 : until]))
    if not starts:
        yield Piece("recital", "A", tuple(words))


def _marked(words: Sequence[Word], marks: Sequence[str]) -> list[int]:
    """Where each of `marks` opens a clause, each after the one before it."""
    starts: list[int] = []
    for place, word in enumerate(words):
        if len(starts) == len(marks):
            break
        is_mark = word.text.strip("().°") == marks[len(starts)] and word.text[-1] in ".)°"
        if is_mark and _begins(words, place):
            starts.append(place)
    return starts


def _begins(words: Sequence[Word], place: int) -> bool:
    """Whether a sentence begins behind the mark at `place`, and one ended before it."""
    ended = (
        place == 0
        or words[place].opens_paragraph
        or words[place - 1].text[-1] in ".;:"
        or (words[place - 1].text == "§")
    )
    return ended and place + 1 < len(words) and not words[place + 1].text[:1].islower()


def _articles(words: Sequence[Word]) -> Iterator[Piece]:
    """«Artikel 1: … Artikel 2: …», also «Art. 5 – …»; a reference to an article is none."""
    starts = [(place, place + 1) for place in range(len(words) - 1) if _heads(words, place)]
    if not starts:  # «1. Onderwerp», «§ 1. Onderwerp»
        found = max((_marked(words, marks) for marks in (FIGURES, ROMAN)), key=len)
        starts = [(n - (n > 0 and words[n - 1].text == "§"), n) for n in found]
    for number, (start, mark) in enumerate(starts):
        until = starts[number + 1][0] if number + 1 < len(starts) else len(words)
        before = words[:start] if number == 0 else ()
        yield Piece("article", _number(words[mark].text), (*before, *words[mark + 1 : until]))
    if not starts:
        yield Piece("article", "1", tuple(words))


def _number(text: str) -> str:
    return text.strip(".:)°–—-")


def _heads(words: Sequence[Word], place: int) -> bool:
    """Whether an article begins at `place`: the word, its number, and a heading with a capital."""
    if words[place].text.strip(" ") not in {"Artikel", "ARTIKEL", "Art.", "ART.", "Art"} or not NUMBER.fullmatch(
        _number(words[place + 1].text)
    ):
        return False
    ended = place == 0 or words[place].opens_paragraph or words[place - 1].text[-1] not in ",("
    following = next((word.text for word in words[place + 2 : place + 4] if word.key), "")
    marked = words[place + 1].text[-1] in ".:)–—-"
    return ended and (following[:1].isupper() or (marked and words[place].opens_paragraph))
