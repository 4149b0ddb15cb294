"""A published text, even with broken letter spacing, as a draft: what was found and where, what was not, no guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from brug.core.identity import Invalid, KboNumber
from brug.core.protocol import standard as standard_text
from brug.core.protocol.document import load
from brug.core.protocol.standard import Answer
from brug.core.protocol.terms import MONTHS
from brug.core.protocol.text import Block, blocks

ALWAYS_BEFORE_A_SPACE = 0.75  # of its occurrences: such a letter was set too wide, not at the end of so many words
SEEN_OFTEN = 20  # so often a small letter must be seen: small letters end words
FOOTER = re.compile(r"^\s*(Rechtsgeldig elektronisch ondertekend.*|https?://\S+|\d{1,3}|\f)\s*$")
DAY = rf"\d{{1,2}}\s+(?:{'|'.join(MONTHS)})\s+\d{{4}}"
SHAPES = {
    "kbo": r"\d{4}[. ]?\d{3}[. ]?\d{3}",
    "postal_code": r"[1-9]\d{3}",
    "notice_months": r"\d{1,2}",
    "version": r"\d{1,4}",
    "id": r"[a-z0-9]+(?:-[a-z0-9]+)+",
    "residences": r"\d{5}(?:, \d{5})*",
    "number": r"\d\S*(?: bus \S+)?",
    "chair_title": r"\S{2,5}",
    "director_title": r"\S{2,5}",
    "place": r"[^\W\d_][^\d;:“”]{0,40}?",
}


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
class Reading:
    """The draft as values of a document, what was found for each slot, and the clauses that are not the standard's."""

    draft: dict[str, Any]
    findings: tuple[Finding, ...]
    deviating: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Repaired text on one line, with the line of the original for each of its characters."""

    words: str
    lines: tuple[int, ...]

    def line(self, at: int) -> int:
        return self.lines[min(at, len(self.lines) - 1)] if self.lines else 0


def read(text: str, standard: str) -> Reading:
    """Compare `text` with the standard text, block by block, and fill a draft with what stands in its slots."""
    whole, at = repaired(text), 0
    found: dict[str, list[Finding]] = {}
    deviating: dict[str, None] = {}
    for block, *patterns in _expected(standard):
        match = next((match for pattern in patterns if (match := _found(pattern, whole.words, at))), None)
        if match is None:
            if block.kind not in {"name", "signature", "colophon"}:
                deviating[block.clause] = None
            continue
        at = match.end()
        for slot, value in match.groupdict().items():
            if value is not None:
                name = slot.rstrip("_0123456789")
                found.setdefault(name, []).append(Finding(name, value, whole.line(match.start(slot))))
    for number, line in enumerate(text.splitlines(), 1):
        if signed := re.search(r"esignflow\.be met code ([\d-]+)", line):
            found.setdefault("electronic", []).append(Finding("electronic", signed[1], number))
    findings = tuple(_settled(found, standard))
    answers = {finding.slot: finding.value for finding in findings}
    return Reading(_draft(standard, answers, tuple(deviating), whole), findings, tuple(deviating))


@lru_cache(maxsize=4)
def _expected(standard: str) -> tuple[tuple[Block, re.Pattern[str], re.Pattern[str]], ...]:
    """The blocks of the standard text, each with what it looks like, and what it looks like with its spaces moved."""
    marked = load(standard_text.written(standard_text.draft(standard, MARKS)))
    return tuple(
        (
            block,
            re.compile(_pattern(block, loose=False), re.IGNORECASE),
            re.compile(_pattern(block, loose=True), re.IGNORECASE),
        )
        for block in blocks(marked)
    )


def _found(pattern: re.Pattern[str], words: str, at: int) -> re.Match[str] | None:
    """Where a block stands: after the one before it if it can."""
    return pattern.search(words, at) or pattern.search(words)


def _draft(standard: str, answers: Mapping[str, Answer], deviating: tuple[str, ...], whole: Text) -> dict[str, Any]:
    """The draft; a clause that is not the standard's keeps its own words, and no terms: these a person must give."""
    values = standard_text.draft(standard, answers)
    for name in deviating:
        if not name:
            continue  # a heading between the clauses says nothing of its own
        group, _, key = name.replace("art. ", "articles ").replace("recital ", "recitals ").partition(" ")
        if name in {"discloser", "recipient"}:
            group, key = "parties", name
        clause = values[group][key] if key else values[group]
        if group in {"articles", "recitals"}:
            clause["text"] = _own_words(whole, group, key)
        clause.update({term: None for term in clause if term not in {"text", "heading", "flags"}}, flags=[])
    return values


def _own_words(whole: Text, group: str, key: str) -> str | None:
    """The printed words of an article or recital, paragraph by paragraph, up to the next one."""
    if group == "articles":
        start, end = rf"(?m:^)\s*Artikel\s+{key}\s*[:.]", r"(?m:^)\s*(Artikel\s+\d+\s*[:.]|Opgemaakt\s)"
    else:
        start, end = rf"(?m:^)\s*{key}\.\s", r"(?m:^)\s*([A-F]\.\s|WORDT\s+OVEREENGEKOMEN)"
    if (first := re.search(start, whole.words)) is None:
        return None
    last = re.compile(end).search(whole.words, first.end())
    words = whole.words[first.end() : last.start() if last else None]
    return "\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", words) if paragraph.strip())


def _settled(found: Mapping[str, list[Finding]], standard: str) -> Iterator[Finding]:
    """One finding for each slot: where every place says the same; where they differ, none, and a note."""
    for slot in sorted(standard_text.slots(standard) - {"team_code"}):  # that is made from the name of the team
        places = found.get(slot, [])
        values = {repr(_value(slot, str(place.value))): place for place in places}
        if not places:
            yield Finding(slot, None, 0)
        elif len(values) > 1:
            lines = ", ".join(str(place.line) for place in values.values())
            yield Finding(slot, None, 0, f"lines {lines} differ")
        else:
            value = _value(slot, str(places[0].value))
            yield Finding(slot, value, places[0].line if value is not None else 0, "" if value else "not valid")


def _value(slot: str, words: str) -> Answer:
    """What the printed words mean; None if they cannot be that."""
    words = " ".join(words.split())
    try:
        return _MEANS.get(slot, str if not isinstance(MARKS[slot], date) else _day)(words)
    except (Invalid, ValueError):
        return None


def _day(words: str) -> date:
    day, month, year = words.casefold().split()
    return date(int(year), MONTHS.index(month) + 1, int(day))


_MEANS: dict[str, Callable[[str], Answer]] = {
    "kbo": lambda words: str(KboNumber.parse(words)),
    "notice_months": int,
    "version": int,
    "residences": lambda words: words.split(", "),
    "electronic": lambda words: {"service": "eSignFlow", "verification_code": words},
}
_FIRST8 = "09876543"
MARKS: dict[str, Answer] = {
    **{
        name: f"Q{name.replace('_', '')}q"
        for name in ("place", "street", "number", "municipality", "chair", "director", "team", "head", "drawn_up_at")
    },
    "chair_title": "Qct.",
    "director_title": "Qdt.",
    "id": "slot-id",
    "version": 9973,
    "notice_months": 57,
    "kbo": str(KboNumber(f"{_FIRST8}{97 - int(_FIRST8) % 97:02}")),
    "postal_code": "9871",
    "residences": ["99999"],
    "electronic": {"service": "eSignFlow", "verification_code": "Qelectronicq"},
    **{name: f"q{name.replace('_', '')}q@slot.example" for name in ("mailbox", "recipient_dpo", "discloser_dpo")},
    **{
        name: date(2099, 1, number)
        for number, name in enumerate(
            (
                *("agreement_on", "advised_by_discloser_on", "advised_by_recipient_on", "in_force_from", "drawn_up_on"),
                *("signed_on_head", "signed_on_director", "signed_on_chair"),
            ),
            1,
        )
    },
}
"""An answer for each slot that stands nowhere else: where it is printed, the slot is."""


def _printed(name: str, answer: Answer) -> str:
    if isinstance(answer, dict):
        return answer["verification_code"]
    return answer[0] if isinstance(answer, list) else standard_text.in_words(name, answer)


_TOKENS = {_printed(name, answer): name for name, answer in MARKS.items()}
_TOKEN = re.compile("|".join(re.escape(token) for token in sorted(_TOKENS, key=len, reverse=True)))
_LOOSE = {"-": r"-\s*", "/": r"/\s*", "“": '[“”"„]', "”": '[“”"„]', "’": "[’']", ".": r"\s*\.", ",": r"\s*,"}


def _pattern(block: Block, *, loose: bool) -> str:
    """What a block looks like in print, with a group for each slot: whole paragraphs, spaces where they may be."""
    parts, end = [], 0
    for number, token in enumerate(_TOKEN.finditer(block.text)):
        slot = _TOKENS[token.group()]
        parts += [_literal(block.text[end : token.start()], loose=loose), f"(?P<{slot}_{number}>{_shape(slot, block)})"]
        end = token.end()
    pattern = "".join((*parts, _literal(block.text[end:], loose=loose)))
    if block.kind == "heading":
        pattern = pattern.replace(":", "[:.]", 1)
    elif block.kind == "item":
        pattern = pattern.replace(":", ":?", 1)
    return rf"(?m:^)\s*{pattern}(?=\s*(?:\n|$))"


def _shape(slot: str, block: Block) -> str:
    if isinstance(MARKS[slot], date):
        return rf"{DAY}|\[[a-z_]+\]"
    if slot in {"mailbox", "recipient_dpo", "discloser_dpo"}:
        return r"[^\s@]+@[^\s@]+?"
    if block.kind in {"signature", "colophon"}:  # on lines of their own
        return SHAPES.get(slot, r"\S[^;:,“”\n]{0,80}?")
    return SHAPES.get(slot, r"\S[^;:,“”]{0,80}?")


def _literal(words: str, *, loose: bool) -> str:
    if loose:
        return "".join(rf"\s*{_LOOSE.get(c, re.escape(c))}" for c in words if not c.isspace()) + r"\s*"
    return "".join(r"\s+" if c.isspace() else _LOOSE.get(c, re.escape(c)) for c in words).replace(r"\s+\s*", r"\s*")


def repaired(text: str) -> Text:
    """The text without footers and bullets, and with the letter spacing of a badly embedded font undone."""
    wide = _wide(text)
    words, lines = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if FOOTER.match(line):
            continue
        mended = " ".join(_mended(line, wide).replace("\uf0b7", " ").replace("•", " ").split()) + "\n"
        words.append(mended)
        lines += [number] * len(mended)
    return Text("".join(words), tuple(lines))


def _wide(text: str) -> frozenset[str]:
    """The letters that extraction puts a space behind: those that nearly always stand before one.

    Looked for twice, the second time only in the lines set in the bad font, so that a letter which also stands in
    headings of another font is found.
    """
    found = _before_a_space(text.splitlines())
    return found | _before_a_space([line for line in text.splitlines() if _is_broken(line, found)]) if found else found


def _before_a_space(lines: list[str]) -> frozenset[str]:
    counts: dict[str, list[int]] = {}
    for line in lines:
        for here, following in pairwise(f"{line} "):
            if here.isalpha() or here == "@":
                count = counts.setdefault(here, [0, 0])
                count[0] += 1
                count[1] += not following.isalpha()
    return frozenset(
        c
        for c, (seen, spaced) in counts.items()
        if spaced / seen >= ALWAYS_BEFORE_A_SPACE and seen >= (SEEN_OFTEN if c.islower() else 1)
    )


def _is_broken(line: str, wide: frozenset[str]) -> bool:
    """Whether a line is set in the bad font: a wide letter stands in it, and never right before another letter."""
    after = [line[n + 1 : n + 2] for n, c in enumerate(line) if c in wide]
    return bool(after) and not any(following.isalpha() for following in after)


def _mended(line: str, wide: frozenset[str]) -> str:
    """In a line set in the bad font one space behind a wide letter is none, and two are one."""
    if not _is_broken(line, wide):
        return line
    letters = "".join(map(re.escape, sorted(wide)))
    return re.sub(rf"([{letters}]) (?=\S)", r"\1", line)
