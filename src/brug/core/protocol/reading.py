"""A published text as a draft: what was found and where, what was not, what it adds; nothing is guessed, nothing lost.

The words of the text are aligned with those of the standard text, not its lines. A clause that says what the standard
says is the standard's; any other keeps its own words, and what differs is told: added words that a person must look at,
missing words for which its terms are left empty. What stands in the source stands in the draft, or in `left_out`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from brug.core.identity import Invalid
from brug.core.protocol import notation, source
from brug.core.protocol import standard as standard_text
from brug.core.protocol.aligning import MARKS, SHAPES
from brug.core.protocol.drafting import MISUNDERSTOOD, draft
from brug.core.protocol.introductions import Introduced, introduced
from brug.core.protocol.matching import Clause, is_turned, matched, page_numbers
from brug.core.protocol.pieces import Piece, pieces
from brug.core.protocol.standard import Answer
from brug.core.protocol.words import LeftOut, Word, key, keys, words_of

FRAME = "TUSSEN NA TE HEBBEN UITEENGEZET WORDT OVEREENGEKOMEN WAT VOLGT"
"""What is printed between the clauses, beside EN between the parties and the number of each clause."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a slot: `value` as in the draft, `line` of the text (from 1); None and 0 if it was not."""

    slot: str
    value: Answer
    line: int
    note: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "not found"
        return f"{self.slot}: {where}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, slots=True)
class Added:
    """Words of the text that the standard does not have, in `clause` of the draft."""

    clause: str
    words: str
    line: int

    def __str__(self) -> str:
        return f"{self.clause}: line {self.line}: added: {self.words}"


@dataclass(frozen=True, slots=True)
class Reading:
    """The draft as values of a document, and the account of it.

    `deviating`: the clauses that lack words of the standard; their terms are empty. `unread`: the paths of values that
    the standard would have and the text did not tell. `words`: all of the source, broken ones mended.
    """

    draft: dict[str, Any]
    findings: tuple[Finding, ...]
    deviating: tuple[str, ...]
    added: tuple[Added, ...]
    missing: tuple[tuple[str, str], ...]
    left_out: tuple[LeftOut, ...]
    words: tuple[str, ...]
    unread: tuple[str, ...]


def read(text: str, standard: str) -> Reading:
    """Hold `text` against the standard text, clause by clause, and fill a draft with what it says."""
    words, left_out = words_of(text, _known(standard))
    everything = (*(word.text for word in words), *(each.words for each in left_out))
    cut = pieces(words)
    left_out += _headings(words, cut)
    turned = is_turned(cut, standard)
    if turned:  # read as if the standard's first party came first; the draft has them in the text's own order
        cut = _exchanged(cut)
    parties = [introduced(" ".join(word.text for word in piece.words)) for piece in cut if piece.kind == "party"]
    names = [party.short_name or "" for party in parties]
    clauses = matched(cut, names, standard)
    for clause in clauses:
        left_out += page_numbers(clause)
    found = _found(clauses, text)
    first, second = (*parties, None, None)[:2]
    findings = tuple(_settled(found | _of_parties(clauses, first, second), standard))
    answers = {finding.slot: finding.value for finding in findings}
    values = draft(standard, answers, clauses, parties)
    findings = tuple(_signed(findings, values, clauses))
    for clause in clauses:
        left_out += (LeftOut(day, clause.piece.words[0].line, "printed_otherwise") for day in clause.days)
    if turned:
        values["parties"][:2] = values["parties"][1::-1]
        clauses = [replace(clause, name=TURNED.get(clause.name, clause.name)) for clause in clauses]
    return Reading(
        draft=values,
        findings=findings,
        deviating=tuple(clause.name for clause in clauses if clause.like and clause.aligned.missing),
        added=tuple(
            Added(clause.name, " ".join(word.text for word in run), run[0].line)
            for clause in clauses
            for run in clause.aligned.added
        ),
        missing=tuple((clause.name, " ".join(clause.aligned.missing)) for clause in clauses if clause.aligned.missing),
        left_out=tuple(sorted(left_out, key=lambda each: each.line)),
        words=everything,
        unread=tuple(_empty(values)),
    )


TURNED = {"party 1": "party 2", "party 2": "party 1"}


def _exchanged(cut: Sequence[Piece]) -> list[Piece]:
    """The same pieces, the first two parties in each other's place."""
    found = list(cut)
    one, other = [place for place, piece in enumerate(cut) if piece.kind == "party"][:2]
    found[one], found[other] = cut[other], cut[one]
    return found


def _headings(words: Sequence[Word], cut: Sequence[Piece]) -> Iterator[LeftOut]:
    """What stands between the clauses and is printed otherwise in a draft: «OVERWEGENDE», «Art.»."""
    inside = {id(word) for piece in cut for word in piece.words}
    usual = Counter(keys(FRAME))
    for piece in cut:
        usual.update({"party": ["en"], "article": ["artikel", key(piece.mark)]}.get(piece.kind, [key(piece.mark)]))
    for word in words:
        if id(word) not in inside and word.key:
            usual[word.key] -= 1
            if usual[word.key] < 0:
                yield LeftOut(word.text, word.line, "printed_otherwise")


def _known(standard: str) -> frozenset[str]:
    """The words that a broken word may be mended to: those of the standard and of the frame around it."""
    frame = "Gegeven Verantwoording proportionaliteit Voor TUSSEN EN NA TE HEBBEN UITEENGEZET Artikel ondertekend op"
    values = source.read(standard).values
    printed = " ".join([frame, "WORDT OVEREENGEKOMEN WAT VOLGT", *notation.MONTHS, *source.strings(values)])
    return frozenset(keys(re.sub("«.*?»", " ", printed)))


def _found(clauses: Sequence[Clause], text: str) -> dict[str, list[Finding]]:
    """What stands in the slots of each clause, and what the colophon and the footer tell."""
    found: dict[str, list[Finding]] = {}
    for clause in clauses:
        if clause.piece.kind == "party":
            continue
        for slot, places in clause.aligned.found.items():
            for place in places:
                words = " ".join(word.text for word in place)
                doubtful = any(word.doubtful for word in place)
                several = clause.piece.kind != "closing" and _has_another(clause, slot, place)
                value = None if doubtful or several else _value(slot, words)
                note = "" if value is not None else "its spaces are not certain" if doubtful else "not valid"
                note = "another one stands in the same sentence" if several else note
                found.setdefault(slot, []).append(Finding(slot, value, place[0].line if place else 0, note))
    for slot, pattern in COLOPHON:
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            found.setdefault(slot, []).append(Finding(slot, _value(slot, match[1]), line))
    return found


def _has_another(clause: Clause, slot: str, place: Sequence[Word]) -> bool:
    """Whether the sentence of `place` says another day, term or mailbox too: which it is, and when, is for a person.
    A last day is another thing."""
    shape = SHAPES.get(slot)
    if shape is None or slot not in ALONE or not place:
        return False
    words = clause.own
    at = next(n for n, word in enumerate(words) if word is place[0])
    first = next((n for n in range(at, 0, -1) if _opens_sentence(words, n)), 0)
    last = next((n for n in range(at + 1, len(words)) if _opens_sentence(words, n)), len(words))
    sentence = " ".join(word.text for word in words[first:last])
    found = [match for match in shape.finditer(sentence) if not UNTIL.search(sentence[: match.start()])]
    return len({_value(slot, match[0]) for match in found}) > 1


def _opens_sentence(words: Sequence[Word], at: int) -> bool:
    return words[at].opens_paragraph or (words[at - 1].text.endswith((".", ";")) and words[at].text[0].isupper())


ALONE = frozenset({"mailbox", *(slot for slot, shape in SHAPES.items() if shape in {notation.DAY, notation.TERM})})
UNTIL = re.compile(r"(?:\btot(?: en met)?|t/m|(?:eindigt|verstrijkt|loopt)(?: \w+){0,3}? op)\s*$", re.I)

COLOPHON = (
    ("electronic", re.compile(r"met\s+code\s+([\d-]{9,})")),
    ("electronic", re.compile(r"^Verificatiecode\s+\w+:\s+(\S+)", re.M)),
    ("id", re.compile(r"^Kenmerk:\s+([a-z0-9-]+),", re.M)),
    ("version", re.compile(r"^Kenmerk:\s+\S+,\s+versie\s+(\d{1,4})", re.M)),
    ("residences", re.compile(r"^Gemeenten\s+\(REFNIS\):\s+(\d{5}(?:,\s+\d{5})*)", re.M)),
)


def _of_parties(
    clauses: Sequence[Clause], first: Introduced | None, second: Introduced | None
) -> dict[str, list[Finding]]:
    """The slots that the paragraphs of the two parties of the standard fill."""
    told: dict[str, Answer] = {}
    if first and first.representatives and len(first.representatives) == 1:
        told["head"] = first.representatives[0]["name"]
    if second:
        chair, director = second.named("voorzitter"), second.named("directeur")
        told |= {"chair": chair.get("name"), "director": director.get("name"), "kbo": second.kbo}
        told |= {"chair_title": chair.get("title"), "director_title": director.get("title"), **(second.seat or {})}
        if second.short_name and second.short_name.casefold().startswith("ocmw "):
            told["place"] = second.short_name[5:]
    return {
        slot: [Finding(slot, value, _line(clauses, 0 if slot == "head" else 1, str(value)))]
        for slot, value in told.items()
        if value is not None
    }


def _line(clauses: Sequence[Clause], party: int, value: str) -> int:
    """The line on which the first word of `value` stands in the paragraph of a party."""
    words = [clause.piece.words for clause in clauses if clause.piece.kind == "party"][party]
    first = keys(value)[:1]
    return next((word.line for word in words if [word.key] == first), words[0].line)


def _settled(found: Mapping[str, list[Finding]], standard: str) -> Iterator[Finding]:
    """One finding for each slot: where every place says the same; where they differ, none, and a note."""
    for slot in sorted(standard_text.slots(standard) - {"team_code"}):  # that is made from the name of the team
        places = found.get(slot, [])
        values = {repr(place.value): place for place in places}
        if not places:
            yield Finding(slot, None, 0)
        elif len(values) > 1:
            lines = ", ".join(str(place.line) for place in values.values())
            yield Finding(slot, None, 0, f"lines {lines} differ")
        else:
            yield places[0] if places[0].value is not None else Finding(slot, None, 0, places[0].note or "not valid")


def _signed(findings: Sequence[Finding], values: dict[str, Any], clauses: Sequence[Clause]) -> Iterator[Finding]:
    """The findings with the days of the signatures, which stand behind the names."""
    signatures = (values["closing"]["terms"] or {}).get("signatures") or []
    days = {each["name"]: each["signed_on"] for each in signatures if each["signed_on"]}
    names = {f"signed_on_{finding.slot}": finding.value for finding in findings}
    line = next((clause.piece.words[0].line for clause in clauses if clause.piece.kind == "closing"), 0)
    for finding in findings:
        day = days.get(str(names.get(finding.slot)))
        yield Finding(finding.slot, date.fromisoformat(day), line) if day else finding


def _value(slot: str, words: str) -> Answer:
    """What the printed words mean; None if they cannot be that."""
    words = " ".join(words.split()).strip(" ,;.:")
    means = _MEANS.get(slot, _day if isinstance(MARKS[slot], date) else str)
    try:
        return means(words)
    except (Invalid, ValueError, StopIteration):
        return None


def _terms(words: str) -> Iterator[Answer]:
    """A length of time: its months, or in days as it is printed ("30 dagen")."""
    yield from notation.months(words)
    yield from (str(notation.Days(count)) for count in notation.lengths_in_days(words))


def _day(words: str) -> date:
    return next(notation.days(words))


_MEANS: dict[str, Callable[[str], Answer]] = {
    "notice_months": lambda words: next(_terms(words)),
    "version": int,
    "residences": lambda words: re.split(r",\s+", words),
    "electronic": lambda words: {"service": "eSignFlow", "verification_code": words},
    "mailbox": lambda words: words.strip("()<>").removeprefix("mailto:"),
    "team": lambda words: words.strip("()"),
}


def _empty(values: Any, path: source.Path = ()) -> Iterator[str]:
    """The paths at which the draft holds nothing where something must be."""
    if isinstance(values, dict):
        yield from (found for name, part in values.items() for found in _empty(part, (*path, name)))
    elif isinstance(values, list):
        yield from (found for number, part in enumerate(values) for found in _empty(part, (*path, number)))
    elif values == MISUNDERSTOOD or (values is None and path[-1] not in MAY_BE_EMPTY):
        yield source.dotted(path)


MAY_BE_EMPTY = frozenset({"ends_on", "in_force_through", "signed_on", "electronic", "advised_on", "drawn_up_on"})
