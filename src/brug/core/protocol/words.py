"""The words of a published text: what is no part of it left out and told, broken letter spacing undone (recital D)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

ALWAYS_BEFORE_A_SPACE = 0.75  # of its occurrences: such a letter was set too wide, not at the end of so many words
SEEN_OFTEN = 20  # so often a small letter must be seen: small letters end words
PROVEN = 3  # so many joins behind a letter must have made a known word, before it may make an unknown one
LONGEST = 12  # pieces, of one broken word

Why = Literal["footer", "header", "page_number", "password", "printed_otherwise"]
PASSWORD = re.compile(
    r"(?:code|via)\s+\S*\d\S*\s*(?:,|en|met)?\s*(?:het\s+)?(?:wachtwoord|paswoord|password)\s*:?\s+(?P<password>\S+)",
    re.I,
)
FOOTERS = (
    re.compile(
        r"Rechtsgeldig\s+elektronisch\s+ondertekend(?:\s+document)?.{0,200}?(?:wachtwoord\s+\S+|(?=\n\s*\n)|\Z)",
        re.I | re.S,
    ),
    re.compile(r"DocuSign\s+Envelope\s+ID:\s*\S+", re.I),
    re.compile(r"^[ \t]*https?://\S+[ \t]*$", re.M),
)
PAGES = re.compile(
    r"^[ \t\f]*(?:(?:blz\.?|bladzijde|pagina|page|p\.)\s*\d{1,3}(?:\s*(?:/|van|of)\s*\d{1,3})?|\d{1,3}\s*/\s*\d{1,3}"
    r"|[-–]\s*\d{1,3}\s*[-–])[ \t]*$",
    re.I | re.M,
)
BULLETS = str.maketrans(dict.fromkeys("\uf0b7\u2022\u25aa\u00ad\ufeff", " "))


@dataclass(frozen=True, slots=True)
class Word:
    """A word as printed, its `line` in the text (from 1); whether a paragraph or a line begins with it.

    `alone`: it is all there is on its line. `doubtful`: a space before it may stand inside a word.
    """

    text: str
    line: int
    opens_paragraph: bool = False
    alone: bool = False
    doubtful: bool = False

    @property
    def key(self) -> str:
        """For comparing: without capitals and without the punctuation around it; "" for punctuation alone."""
        return key(self.text)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What stands in the text and is no part of the protocol. The password of a signature is never told."""

    words: str
    line: int
    why: Why


_EDGES = re.compile(r"^[^\w§]+|[^\w]+$")


@lru_cache(maxsize=1 << 14)  # a text has few words, and each is asked for at every place where it could stand
def key(text: str) -> str:
    """A word for comparing.

    >>> key("“OCMW’s"), key("bezorgen.."), key("–")
    ("ocmw's", 'bezorgen', '')
    """
    return _EDGES.sub("", text.casefold().replace("’", "'"))


def keys(words: str) -> list[str]:
    """The words of a text for comparing, without punctuation that stands alone."""
    return [found for word in words.translate(BULLETS).split() if (found := key(word))]


def words_of(text: str, known: Set[str]) -> tuple[list[Word], list[LeftOut]]:
    """The words of `text`, and what was left out. `known`: the keys of words that a broken word may be mended to."""
    text = unicodedata.normalize("NFC", text)  # some programs write an accent as a letter of its own
    text, left_out = _without_frames(text.translate(BULLETS).replace("\r\n", "\n").replace("\r", "\n"))
    lines = [line.replace("\f", " ") for line in text.split("\n")]
    mended = _Mended(lines, known)
    found: list[Word] = []
    opens = True
    for number, line in enumerate(lines, 1):
        pieces = mended.words(line)
        opens = opens or not pieces
        for place, (piece, doubtful) in enumerate(pieces):
            first = place == 0
            if first and found and not opens and (joined := _over_the_line(found[-1].text, piece, known)):
                last = found.pop()
                found.append(Word(joined, last.line, last.opens_paragraph))
            else:
                found.append(Word(piece, number, opens and first, len(pieces) == 1, doubtful))
        opens = not pieces
    return found, left_out


def _over_the_line(before: str, after: str, known: Set[str]) -> str:
    """A word that was broken at the end of a line, if joining makes a known one."""
    if before.endswith("-") and key(before[:-1] + after) in known:
        return before[:-1] + after
    return before + after if before[-1] in "-/" and key(before + after) in known else ""


def _without_frames(text: str) -> tuple[str, list[LeftOut]]:
    """The text with footers, headers and page numbers blanked out line by line, and what they were."""
    found: list[LeftOut] = []
    secrets = {match["password"] for match in PASSWORD.finditer(text)}

    def blank(match: re.Match[str], why: Why) -> str:
        words = " ".join(match[0].split())
        for secret in secrets:
            words = words.replace(secret, "…")
        found.append(LeftOut(words, text.count("\n", 0, match.start()) + 1, why))
        return re.sub(r"\S", " ", match[0])

    for pattern in FOOTERS:
        text = pattern.sub(lambda match: blank(match, "footer"), text)
    text = PAGES.sub(lambda match: blank(match, "page_number"), text)
    for line in _running_heads(text):
        text = re.sub(rf"^\f?{re.escape(line)}$", lambda match: blank(match, "header"), text, flags=re.M)
    for secret in secrets:
        text = re.sub(rf"(?<!\S){re.escape(secret)}(?!\S)", lambda match: blank(match, "password"), text)
    return text, sorted(found, key=lambda each: each.line)


def _running_heads(text: str) -> set[str]:
    """The first and last lines of pages that stand on most of them."""
    pages = [[line for line in page.split("\n") if line.strip()] for page in text.split("\f")]
    edges = [line for page in pages if page for line in {page[0], page[-1]}]
    return {line for line in set(edges) if len(pages) > 2 and edges.count(line) > len(pages) / 2}


class _Mended:
    """Undoes the letter spacing of a badly embedded font: a space behind a wide letter is none, two are one.

    Only where the join makes a word that the standard or the text itself has; or, behind a letter that was seen to be
    wide in known words, where neither piece is a known word.
    """

    def __init__(self, lines: list[str], known: Set[str]) -> None:
        self.known = known
        self.wide = _wide(lines)
        self.own = {found for line in lines for word in line.split() if len(found := key(word)) > 3}
        self.proven: frozenset[str] = frozenset()  # letters that were wide in known words
        self.kept_apart: frozenset[str] = frozenset()  # those of them behind which a true space is two spaces
        if self.wide:
            behind = [piece[-1] for line in lines for pieces in self._split(line) for piece in pieces[:-1]]
            proven = frozenset(letter for letter in self.wide if behind.count(letter) >= PROVEN)
            text = "\n".join(lines)
            self.kept_apart = frozenset(letter for letter in proven if f"{letter}  " in text)
            self.proven = proven

    def words(self, line: str) -> list[tuple[str, bool]]:
        """The words of a line, each with whether the space before it may stand inside a word."""
        if not self.wide:
            return [(word, False) for word in line.split()]
        found: list[tuple[str, bool]] = []
        last = ""
        for pieces in self._split(line):
            word = "".join(pieces)
            unknown = key(word) not in self.known
            doubtful = unknown and last[-1:] in self.proven and key(last) not in self.known and len(last) < 3
            found.append((word, doubtful))
            last = word
        return found

    def _split(self, line: str) -> list[tuple[str, ...]]:
        """The pieces of a line, joined into words at the least cost."""
        pieces = [*re.finditer(r"\S+", line)]
        texts = [piece.group() for piece in pieces]
        if not any(text[-1] in self.wide or text[-1] == "@" for text in texts[:-1]):
            return [(text,) for text in texts]
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(texts) + 1):
            choices = [(best[end - 1][0] + self._alone(texts[end - 1]), end - 1)]
            for start in range(end - 2, max(-1, end - LONGEST - 1), -1):
                if not self._may_join(texts[start], pieces[start + 1].start() - pieces[start].end()):
                    break
                if (cost := self._joined(texts[start:end])) is not None:
                    choices.append((best[start][0] + cost, start))
            best.append(min(choices))
        found, end = [], len(texts)
        while end:
            start = best[end][1]
            found.append(tuple(texts[start:end]))
            end = start
        return found[::-1]

    def _may_join(self, before: str, gap: int) -> bool:
        return gap == 1 and (before[-1] in self.wide or before[-1].isalpha())

    def _alone(self, piece: str) -> float:
        found = key(piece)
        return 0.0 if not found or found in self.known or not any(map(str.isalpha, found)) else 1.0

    def _joined(self, pieces: list[str]) -> float | None:
        joined, behind = key("".join(pieces)), {piece[-1] for piece in pieces[:-1]}
        if behind == {"@"}:
            return 0.3
        if not behind & self.wide:
            return None
        if joined in self.known:
            return -0.1 if behind <= self.kept_apart else 0.1
        if joined in self.own and behind <= self.wide:
            return 0.2
        if behind <= self.proven and all(key(piece) not in self.known or len(piece) == 1 for piece in pieces):
            return 0.5
        return None


def _wide(lines: list[str]) -> frozenset[str]:
    """The letters that extraction puts a space behind: those that nearly always stand before one.

    Looked for twice, the second time only in the lines set in the bad font, so that a letter which also stands in
    headings of another font is found.
    """
    found = _before_a_space(lines)
    return found | _before_a_space([line for line in lines if _is_broken(line, found)]) if found else found


def _before_a_space(lines: list[str]) -> frozenset[str]:
    counts: dict[str, list[int]] = {}
    for line in lines:
        for here, following in pairwise(f"{line} "):
            if here.isalpha() or here == "@":
                count = counts.setdefault(here, [0, 0])
                count[0] += 1
                count[1] += not following.isalpha()
    return frozenset(_always(counts))


def _always(counts: dict[str, list[int]]) -> Iterator[str]:
    for letter, (seen, spaced) in counts.items():
        if spaced / seen >= ALWAYS_BEFORE_A_SPACE and seen >= (SEEN_OFTEN if letter.islower() else 1):
            yield letter


def _is_broken(line: str, wide: frozenset[str]) -> bool:
    """Whether a line is set in the bad font: a wide letter stands in it, and never right before another letter."""
    after = [line[n + 1 : n + 2] for n, c in enumerate(line) if c in wide]
    return bool(after) and not any(following.isalpha() for following in after)
