"""A published text cut into its clauses, in its own order and under its own numbers, whatever its lines (art. 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from brug.core.protocol.words import Word, key

Kind = Literal["title", "preamble", "party", "recital", "article", "closing"]
CONSIDERING = (("na", "te", "hebben", "uiteengezet"), ("overwegende",), ("wordt", "vooraf", "uiteengezet"))
AGREED = (
    ("wordt", "overeengekomen", "wat", "volgt"),
    ("wordt", "het", "volgende", "overeengekomen"),
    ("komen", "overeen", "wat", "volgt"),
)
DRAWN_UP = (("opgemaakt", "te"), ("opgemaakt", "in"), ("opgesteld", "te"), ("gedaan", "te"))
PREAMBLE = ("dit", "protocol", "wordt", "gesloten")
NUMBER = re.compile(r"\d{1,2}(?:bis|ter)?|[IVX]{1,5}")


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
    start = 0
    for place, word in enumerate(words):
        if word.text == "EN" or (word.key == "en" and word.alone):
            yield Piece("party", "", tuple(words[start:place]))
            start = place + 1
    yield Piece("party", "", tuple(words[start:]))


def _recitals(words: Sequence[Word]) -> Iterator[Piece]:
    """«A. … B. …»: each letter after the one before it; what stands before the first one goes with it."""
    starts: list[int] = []
    expected = "A"
    for place, word in enumerate(words):
        if word.text.strip("().") == expected and word.text[-1] in ".)" and _begins(words, place):
            starts.append(place)
            expected = chr(ord(expected) + 1)
    for number, start in enumerate(starts):
        until = starts[number + 1] if number + 1 < len(starts) else len(words)
        before = words[:start] if number == 0 else ()
        yield Piece("recital", chr(ord("A") + number), (*before, *words[start + 1 : until]))
    if not starts:
        yield Piece("recital", "A", tuple(words))


def _begins(words: Sequence[Word], place: int) -> bool:
    """Whether a sentence begins behind the mark at `place`, and one ended before it."""
    ended = place == 0 or words[place].opens_paragraph or words[place - 1].text[-1] in ".;:"
    return ended and place + 1 < len(words) and not words[place + 1].text[:1].islower()


def _articles(words: Sequence[Word]) -> Iterator[Piece]:
    """«Artikel 1: … Artikel 2: …», also «Art. 5 – …»; a reference to an article is none."""
    starts = [place for place in range(len(words) - 1) if _heads(words, place)]
    for number, start in enumerate(starts):
        until = starts[number + 1] if number + 1 < len(starts) else len(words)
        before = words[:start] if number == 0 else ()
        yield Piece("article", _number(words[start + 1].text), (*before, *words[start + 2 : until]))
    if not starts:
        yield Piece("article", "1", tuple(words))


def _number(text: str) -> str:
    return text.strip(".:)–—-")


def _heads(words: Sequence[Word], place: int) -> bool:
    """Whether an article begins at `place`: the word, its number, and a heading with a capital."""
    if words[place].text.strip(" ") not in {"Artikel", "ARTIKEL", "Art."} or not NUMBER.fullmatch(
        _number(words[place + 1].text)
    ):
        return False
    ended = place == 0 or words[place].opens_paragraph or words[place - 1].text[-1] not in ",("
    following = next((word.text for word in words[place + 2 : place + 4] if word.key), "")
    marked = words[place + 1].text[-1] in ".:)–—-"
    return ended and (following[:1].isupper() or (marked and words[place].opens_paragraph))
