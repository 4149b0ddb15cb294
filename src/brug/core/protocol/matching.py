"""The clauses of a published text, each beside the clause of the standard that most of its words are of (art. 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from brug.core.protocol.aligning import Aligned, Expected, align, expected, runs_of, with_parties
from brug.core.protocol.pieces import Piece
from brug.core.protocol.words import LeftOut, Word, keys

ALIKE = 0.4  # of the words of a clause of the standard: so many stand in a clause that is taken for it


@dataclass(slots=True)
class Clause:
    """A piece of the source beside the clause of the standard that it is taken for, if any."""

    piece: Piece
    name: str  # of the clause in the draft: "art. 12"
    like: str  # of the clause of the standard: "art. 11", ""
    signs: list[tuple[str, tuple[Word, ...]]]
    aligned: Aligned
    lost: list[Word] = field(default_factory=list)  # page numbers that stood between its words
    days: list[str] = field(default_factory=list)  # of its signatures, as printed: a draft has them as terms

    @property
    def own(self) -> list[Word]:
        return [word for word in self.piece.words if not any(word is each for each in self.lost)]

    def keep_added(self, words: Sequence[Word]) -> None:
        """Of what it adds only `words`: the rest was understood."""
        self.aligned.added = [left for run in self.aligned.added for left in runs_of(run, words)]


def is_turned(cut: Sequence[Piece], standard: str) -> bool:
    """Whether the second party that is introduced is the standard's first one, by the words that introduce it."""
    parties = [with_parties(piece.words, ()) for piece in cut if piece.kind == "party"][:2]
    if len(parties) < 2:
        return False
    known = [expected(standard)[name] for name in ("discloser", "recipient")]
    straight, crossed = (
        sum(align(known[role], parties[place]).common for place, role in enumerate(order)) for order in ((0, 1), (1, 0))
    )
    return crossed > straight


def matched(cut: Sequence[Piece], names: Sequence[str], standard: str) -> list[Clause]:
    """Each piece beside the clause of the standard that most of its words are of, each clause once."""
    clauses = expected(standard)
    free = set(clauses) - {"", "signatures"}
    aligned: list[tuple[float, int, str, Aligned]] = []
    for number, piece in enumerate(cut):
        signs = with_parties(piece.words, names)
        for like in _candidates(piece, cut, clauses):
            result = align(clauses[like], signs)
            share = result.common / max(1, len(clauses[like]) - sum(bool(word.slot) for word in clauses[like]))
            aligned.append((share, number, like, result))
    chosen: dict[int, tuple[str, Aligned]] = {}
    for share, number, like, result in sorted(aligned, key=lambda each: -each[0]):
        fixed = cut[number].kind not in {"recital", "article"}
        if number not in chosen and like in free and (fixed or share >= ALIKE):
            chosen[number] = like, result
            free.discard(like)
    found, party = [], 0
    for number, piece in enumerate(cut):
        like, result = chosen.get(number, ("", Aligned(added=[piece.words])))
        if piece.kind == "party" and party >= 2:  # introduced in the words that the standard has for its second one
            usual = align(clauses["recipient"], with_parties(piece.words, names))
            result = Aligned(added=usual.added)
        name = {"recital": f"recital {piece.mark}", "article": f"art. {piece.mark}"}.get(piece.kind, piece.kind)
        if piece.kind == "party":
            party += 1
            name = f"party {party}"
        found.append(Clause(piece, name, like, with_parties(piece.words, names), result))
    _settle_between([clause for clause in found if clause.piece.kind == "party"], names)
    return found


def _settle_between(parties: Sequence[Clause], names: Sequence[str]) -> None:
    """How all parties are called together stands behind the last one, whichever that is."""
    for clause in parties:
        missing = Counter(part for sign in clause.aligned.missing for part in _spelled(sign, names))
        if not {"partij", "partijen"} <= missing.keys():
            continue
        for other in parties:
            if other is not clause and not missing - Counter(word.key for word in other.piece.words):
                clause.aligned.missing = []
                added = [word for run in other.aligned.added for word in run]
                other.keep_added([word for word in added if not _taken(missing, word.key)])


def _taken(counted: Counter[str], key: str) -> bool:
    counted[key] -= 1
    return counted[key] >= 0


def _spelled(sign: str, names: Sequence[str]) -> list[str]:
    return keys(names[int(sign[1:]) - 1]) if sign[1:].isdecimal() and sign[0] == "§" else [sign]


def _candidates(piece: Piece, cut: Sequence[Piece], clauses: Mapping[str, Sequence[Expected]]) -> list[str]:
    if piece.kind == "party":
        order = [each for each in cut if each.kind == "party"].index(piece)
        return [("discloser", "recipient")[order]] if order < 2 else []
    prefix = {"recital": "recital ", "article": "art. "}.get(piece.kind)
    return [name for name in clauses if name.startswith(prefix)] if prefix else [piece.kind]


def page_numbers(clause: Clause) -> Iterator[LeftOut]:
    """A number alone on its line that nothing expects is the number of a page."""
    kept = []
    for run in clause.aligned.added:
        if all(word.alone and word.text.isdecimal() for word in run):
            clause.lost += run
            yield from (LeftOut(word.text, word.line, "page_number") for word in run)
        else:
            kept.append(run)
    clause.aligned.added = kept
