"""A clause of a published text held against the standard one, word by word: what stands in its slots, what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from brug.core.identity import KboNumber
from brug.core.protocol import notation
from brug.core.protocol import standard as standard_text
from brug.core.protocol.document import Protocol, load
from brug.core.protocol.standard import Answer
from brug.core.protocol.text import Block, blocks
from brug.core.protocol.words import Word, key

SLOTS_AT_ONCE, WORDS_AT_ONCE = 3, 40  # of which every division is tried
DISCLOSER, RECIPIENT = "§1", "§2"  # how a party is named within a clause: the first and the second one introduced
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
    "residences": ["23096"],
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
    if name == "notice_months":
        return f"{answer} maanden"
    return answer[0] if isinstance(answer, list) else standard_text.in_words(name, answer)


_TOKENS = {_printed(name, answer): name for name, answer in MARKS.items()}
_TOKEN = re.compile("|".join(re.escape(token) for token in sorted(_TOKENS, key=len, reverse=True)))
MAIL = r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\w"
SHAPES = {
    **{name: notation.DAY for name, answer in MARKS.items() if isinstance(answer, date)},
    **{name: re.compile(MAIL) for name in ("mailbox", "recipient_dpo", "discloser_dpo")},
    "notice_months": notation.TERM,
    "kbo": re.compile(r"[01]\d{3}[. ]?\d{3}[. ]?\d{3}"),
    "number": re.compile(r"\d+\w?(?:/\w+)?(?: bus \w+)?"),
    "postal_code": re.compile(r"[1-9]\d{3}"),
    **dict.fromkeys(("chair_title", "director_title"), re.compile(r"dhr\.?|mevr\.?|mw\.?|de heer|mevrouw")),
}
"""What can be recognised wherever it stands among other words."""
EMPTY = re.compile(r"\[[a-z_]+\]\W*$")  # what a draft of Brug prints for what is still to be told
FREE = re.compile(r"[^\W\d_][^\d;:“”(),]{0,60}")  # what only its neighbours tell: the name of a team


class Expected(NamedTuple):
    """A word of the standard text; or a slot, whose `key` is its name between guillemets."""

    key: str
    slot: str = ""


@dataclass(slots=True)
class Aligned:
    """What one clause holds: the place of each slot (its words), what it adds, what it lacks of the standard."""

    found: dict[str, list[tuple[Word, ...]]] = field(default_factory=dict)
    added: list[tuple[Word, ...]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    common: int = 0  # words that both have


@lru_cache(maxsize=4)
def expected(standard: str) -> Mapping[str, tuple[Expected, ...]]:
    """The words of each clause of the standard text, by the name of the clause; "" holds the headings between them."""
    found: dict[str, list[Expected]] = {}
    for block in blocks(marked(standard)):
        found.setdefault(_place(block), []).extend(_expected(block.text))
    return {name: tuple(words) for name, words in found.items()}


@lru_cache(maxsize=4)
def marked(standard: str) -> Protocol:
    """The standard text with a mark in every slot."""
    return load(standard_text.written(standard_text.draft(standard, MARKS)))


def _place(block: Block) -> str:
    return block.clause if block.kind in {"title", "heading", "paragraph", "item"} else "signatures"


def _expected(text: str) -> list[Expected]:
    text = re.sub(r"^(?:[A-Z]\. |Artikel \S+ )", "", text)
    text = text.replace("OCMW Qplaceq", RECIPIENT).replace("Opgroeien regie", DISCLOSER)
    found, end = [], 0
    for token in _TOKEN.finditer(text):
        found += [Expected(key(word)) for word in text[end : token.start()].split() if key(word)]
        slot = _TOKENS[token.group()]
        found.append(Expected(f"«{slot}»", slot))
        end = token.end()
    return found + [Expected(key(word)) for word in text[end:].split() if key(word)]


def with_parties(words: Sequence[Word], names: Sequence[str]) -> list[tuple[str, tuple[Word, ...]]]:
    """The words by their keys, each name of a party as one: "§1", "§2". Punctuation that stands alone is left out."""
    plain = [word for word in words if word.key]
    spelled = [(f"§{number}", [key(part) for part in name.split()]) for number, name in enumerate(names, 1) if name]
    spelled.sort(key=lambda each: -len(each[1]))
    found: list[tuple[str, tuple[Word, ...]]] = []
    at = 0
    while at < len(plain):
        for sign, parts in spelled:
            if [word.key for word in plain[at : at + len(parts)]] == parts:
                found.append((sign, tuple(plain[at : at + len(parts)])))
                at += len(parts)
                break
        else:
            found.append((plain[at].key, (plain[at],)))
            at += 1
    return found


def align(standard: Sequence[Expected], source: Sequence[tuple[str, tuple[Word, ...]]]) -> Aligned:
    """`source` (of `with_parties`) held against the words of a standard clause."""
    result = Aligned()
    matcher = SequenceMatcher(None, [word.key for word in standard], [sign for sign, _ in source], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            result.common += b - a
            continue
        _differing(standard[a:b], [word for _, words in source[c:d] for word in words], result)
    return result


def _differing(standard: Sequence[Expected], words: list[Word], result: Aligned) -> None:
    if _same_letters(standard, words):
        result.common += len(standard)
        return
    slots = [word.slot for word in standard if word.slot]
    if len(slots) == len(standard) == len(words) and all(EMPTY.match(word.text) for word in words):
        return
    few = len(slots) <= SLOTS_AT_ONCE and len(words) <= WORDS_AT_ONCE
    if slots and few and (places := _places(standard, words)) is not None:
        for slot, between in zip(slots, places, strict=True):
            result.found.setdefault(slot, []).append(tuple(between))
        return
    left = words
    for slot in slots:
        left, place = _recognised(
            slot, slots, left, opens=bool(standard[0].slot == slot), closes=standard[-1].slot == slot
        )
        if place:
            result.found.setdefault(slot, []).append(place)
    result.missing += [word.key for word in standard if not word.slot]
    result.added += runs_of(words, left)


def _same_letters(standard: Sequence[Expected], words: list[Word]) -> bool:
    """Whether only spaces and hyphens differ: "7- zip", "e-mail adres"."""

    def letters(texts: list[str]) -> str:
        return re.sub(r"[\W_]", "", "".join(texts))

    one, other = letters([word.key for word in standard]), letters([word.key for word in words])
    return bool(one) and one == other and not any(word.slot for word in standard)


def _places(standard: Sequence[Expected], words: list[Word]) -> list[list[Word]] | None:
    """The words in each slot where slots and words of the standard follow each other just so, or None."""
    text, starts = _joined(words)
    parts = [rf"(?P<s{n}>{_shape(word.slot)})" if word.slot else re.escape(word.key) for n, word in enumerate(standard)]
    pattern = r"\W*" + r"\W+".join(parts) + r"\W*"
    match = re.fullmatch(pattern, text, re.I | re.X)
    if match is None:
        return None
    return [_between(words, starts, *match.span(f"s{n}")) for n, word in enumerate(standard) if word.slot]


def _shape(slot: str) -> str:
    pattern = SHAPES.get(slot, FREE).pattern
    return (
        re.sub(r"\(\?P<\w+>", "(?:", pattern)
        .replace("(?P=sep)", r"\s?[/.-]\s?")
        .replace(" ", "[ ]" if "\n" not in pattern else " ")
    )


def _recognised(
    slot: str, slots: list[str], words: list[Word], *, opens: bool, closes: bool
) -> tuple[list[Word], tuple[Word, ...]]:
    """The one place among `words` that can be this slot and no other one of `slots`; what is left, and the place.

    Of several places the one right behind (`opens`) or before (`closes`) the words of the standard around the slot.
    """
    shape = SHAPES.get(slot)
    if shape is None or any(other != slot and SHAPES.get(other) is shape for other in slots):
        return words, ()
    text, starts = _joined(words)
    matches = [*shape.finditer(text)]
    if len(matches) > 1 and shape.pattern == MAIL:  # which of them counts, only a person can say
        return words, ()
    if len(matches) > 1 and opens:
        matches = [match for match in matches if match.start() == 0]
    elif len(matches) > 1 and closes:
        matches = [match for match in matches if not re.search(r"\w", text[match.end() :])]
    if len(matches) != 1:
        return words, ()
    place = _between(words, starts, *matches[0].span())
    return [word for word in words if word not in place], tuple(place)


def _joined(words: list[Word]) -> tuple[str, list[int]]:
    """The words with a space between, and where each starts."""
    starts, length = [], 0
    for word in words:
        starts.append(length)
        length += len(word.text) + 1
    return " ".join(word.text for word in words), starts


def _between(words: list[Word], starts: list[int], since: int, until: int) -> list[Word]:
    return [word for word, start in zip(words, starts, strict=True) if start < until and start + len(word.text) > since]


def runs_of(words: Sequence[Word], left: Sequence[Word]) -> list[tuple[Word, ...]]:
    """Those of `words` that are left, as runs that stood together."""
    runs: list[list[Word]] = []
    together = False
    these = {id(each) for each in left}
    for word in words:
        if id(word) in these:
            if not together:
                runs.append([])
            runs[-1].append(word)
            together = True
        else:
            together = False
    return [tuple(run) for run in runs]
