"""A draft with gaps made whole: what is still to be told, and where the answer goes, in terms and words alike (art. 1).

A draft is the values of a document, as `reading` and `standard` make them; each of its clauses is looked at beside the
clause of the standard text of the same kind. Nothing is guessed: a gap is filled by a person's answer, or by a person
who says that a clause with words of its own is to be read as the standard's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from brug.core.protocol import source
from brug.core.protocol import standard as standard_text
from brug.core.protocol.drafting import MISUNDERSTOOD
from brug.core.protocol.reading import MAY_BE_EMPTY
from brug.core.protocol.standard import Answer

Values = dict[str, Any]
DURATION = ("periodicity", "each_time_judged", "bounded_by_agreement")
_BRACKETS = re.compile(r"\[([a-z_]+)\]")  # what is printed for a slot without an answer


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is still to be told. `slots` of the standard text; `clauses` (as they are cited) whose terms are empty
    because their words are their own; `terms`: paths of what a text says otherwise than the standard and a person can
    tell; `others`: paths for which only another text helps."""

    slots: tuple[str, ...]
    clauses: tuple[str, ...]
    terms: tuple[source.Path, ...]
    others: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.slots or self.clauses or self.terms or self.others)


TOLD = ("in_force_through", "category", "fields", "role", *DURATION)
"""The terms that a person is asked for by themselves: those that a text may add or say otherwise."""


def gaps(values: Values, standard: str) -> Gaps:
    """Every place of `values` that is empty and may not be."""
    slots, clauses = dict[str, None](), dict[str, None]()
    terms, others = list[source.Path](), list[str]()
    known = standard_text.slots(standard) - {*standard_text.LATER}
    for words in source.strings(values):
        slots |= dict.fromkeys(slot for slot in _BRACKETS.findall(words) if slot in known)
    for path, slot, clause in _empty(values, source.read(standard).values, (), ""):
        if slot:
            slots["team" if slot == "team_code" else slot] = None
        elif path[-1] in TOLD:
            terms.append(path)
        elif path[-1] == "others":  # mailboxes: each with its municipalities
            others.append(source.dotted(path))
        elif path[::2] == ("articles", "terms") and values["articles"][path[1]].get("kind") == "duration":
            terms += [(*path, name) for name in DURATION]
        elif clause and "terms" in path:
            clauses[clause] = None
        else:
            others.append(source.dotted(path))
    return Gaps(tuple(slots), tuple(clauses), tuple(terms), tuple(others))


def told(values: Values, answers: Mapping[source.Path, Any]) -> Values:
    """`values` with each answer at its path."""
    found = deepcopy(values)
    for path, answer in answers.items():
        place: Any = found
        for part, following in pairwise(path):
            if place[part] is None:
                place[part] = [] if isinstance(following, int) else {}
            place = place[part]
        place[path[-1]] = answer
    return found


def filled(values: Values, standard: str, answers: Mapping[str, Answer]) -> Values:
    """`values` with the answers in their slots, and in the words where the name of a slot stands between brackets."""
    told = {slot: answer for slot, answer in answers.items() if answer not in (None, "", [])}
    if isinstance(team := told.get("team"), str):
        told.setdefault("team_code", standard_text.slug(team))
    found: Values = _filled(values, source.read(standard).values, told)
    return found


def read_as_standard(values: Values, standard: str, clause: str) -> Values:
    """`values` with what is empty in the terms of `clause` as in the standard text; its words stay its own.

    Raises `KeyError` for a clause that has no counterpart.
    """
    found = deepcopy(values)
    for name, own, raw in _clauses(found, source.read(standard).values):
        if name == clause and raw is not None and "terms" in raw:
            own["terms"] = _merged(own.get("terms"), raw["terms"])
            return found
    raise KeyError(clause)


def _clauses(values: Values, raw: Values) -> Iterator[tuple[str, Values, Values | None]]:
    """Each clause as it is cited, with its counterpart of the same kind in the standard text, if there is one."""
    for name in ("title", "preamble", "closing"):
        yield name, values[name], raw[name]
    for party, other in _paired(values["parties"], raw["parties"]):
        yield str(party.get("role") or "party"), party, other
    for part, word in (("recitals", "recital"), ("articles", "art.")):
        for own, other in _paired(values[part], raw[part]):
            yield f"{word} {own['mark']}", own, other


def _paired(own: list[Any], raw: list[Any]) -> Iterator[tuple[Any, Any]]:
    left = list(raw)
    for each in own:
        other = next((one for one in left if _kind(one) == _kind(each)), None)
        if other is not None:
            left.remove(other)
        yield each, other


def _kind(clause: Any) -> Any:
    return (clause.get("kind"), clause.get("role")) if isinstance(clause, dict) else None


def _lists(path: source.Path) -> bool:
    return path in {("parties",), ("recitals",), ("articles",)}


def _empty(value: Any, raw: Any, path: source.Path, clause: str) -> Iterator[tuple[source.Path, str, str]]:
    if _lists(path):
        for number, (own, other) in enumerate(_paired(value, raw)):
            word = {"recitals": "recital", "articles": "art."}.get(str(path[0]), "")
            name = f"{word} {own['mark']}" if word else str(own.get("role") or "party")
            yield from _empty(own, other, (*path, number), name)
    elif isinstance(value, dict):
        for name, part in value.items():
            counterpart = raw.get(name) if isinstance(raw, dict) else None
            yield from _empty(part, counterpart, (*path, name), clause or (str(name) if not path else ""))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            counterpart = raw[number] if isinstance(raw, list) and number < len(raw) else None
            yield from _empty(part, counterpart, (*path, number), clause)
    elif value == MISUNDERSTOOD or (value is None and path[-1] not in MAY_BE_EMPTY):
        slot = raw[1:-1] if isinstance(raw, str) and standard_text.is_slot(raw) else ""
        yield path, slot, clause


def _filled(value: Any, raw: Any, told: Mapping[str, Answer], path: source.Path = ()) -> Any:
    if _lists(path):
        return [_filled(own, other, told, (*path, n)) for n, (own, other) in enumerate(_paired(value, raw))]
    if isinstance(value, dict):
        return {
            name: _filled(part, raw.get(name) if isinstance(raw, dict) else None, told, (*path, name))
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [
            _filled(part, raw[n] if isinstance(raw, list) and n < len(raw) else None, told, (*path, n))
            for n, part in enumerate(value)
        ]
    if value is None and isinstance(raw, str) and standard_text.is_slot(raw) and raw[1:-1] in told:
        return standard_text.filled(raw, told)
    if isinstance(value, str):
        for slot, answer in told.items():
            value = value.replace(f"[{slot}]", standard_text.in_words(slot, answer))
    return value


def _merged(own: Any, raw: Any) -> Any:
    """What is empty in `own` as in `raw`; a slot stays empty, for it has an answer of its own."""
    if own is None:
        return standard_text.filled(raw, {})
    if isinstance(own, dict) and isinstance(raw, dict):
        return {name: _merged(own.get(name), raw[name]) for name in raw} | {
            name: part for name, part in own.items() if name not in raw
        }
    if isinstance(own, list) and isinstance(raw, list) and len(own) == len(raw):
        return [_merged(*pair) for pair in zip(own, raw, strict=True)]
    return own
