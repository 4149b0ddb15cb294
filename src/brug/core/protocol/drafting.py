"""The draft of a published text: the standard's clause where it says the same, its own words where it does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from brug.core.protocol import notation, source
from brug.core.protocol import standard as standard_text
from brug.core.protocol.aligning import MAIL
from brug.core.protocol.introductions import Introduced
from brug.core.protocol.matching import Clause
from brug.core.protocol.rows import rows
from brug.core.protocol.signing import days_of, signature, without, without_signatures
from brug.core.protocol.standard import Answer
from brug.core.protocol.words import Word, keys

Values = dict[str, Any]
OTHER_SIDE = {"discloser": "recipient", "recipient": "discloser"}
THROUGH = re.compile(
    r"(?:tot en met|t/m|eindigt(?: \w+){0,3} op|verstrijkt op|loopt (?:af op|tot en met)|uiterlijk tot)\s+", re.I
)
LASTING = re.compile(r"(?:duur|periode|termijn|looptijd)(?:\s+\w+)?\s+van\b|stilzwijgend|hernieuw|verleng", re.I)
MISUNDERSTOOD = "?"  # where a day stands that is not understood: no document can hold it


def draft(
    standard: str,
    answers: Mapping[str, Answer],
    clauses: Sequence[Clause],
    parties: Sequence[Introduced],
) -> Values:
    """The values of a document. What could not be read is None; a person fills it in."""
    return _Draft(standard, answers, clauses, parties).values()


class _Draft:
    def __init__(
        self,
        standard: str,
        answers: Mapping[str, Answer],
        clauses: Sequence[Clause],
        parties: Sequence[Introduced],
    ) -> None:
        self.raw = source.read(standard).values
        in_days = answers.get("notice_months")
        self.notice_days = next(notation.lengths_in_days(in_days), 0) if isinstance(in_days, str) else 0
        answers = {**answers, "notice_months": 0} if self.notice_days else answers
        self.filled: Values = standard_text.draft(standard, answers)
        self.answers, self.clauses, self.parties = answers, clauses, parties
        self.roles = _roles(clauses, len(parties))

    def values(self) -> Values:
        of_kind: dict[str, list[Clause]] = {}
        for clause in self.clauses:
            of_kind.setdefault(clause.piece.kind, []).append(clause)
        title, preamble, closing = (next(iter(of_kind.get(k, [])), None) for k in ("title", "preamble", "closing"))
        values = {
            "id": self.filled["id"],
            "version": self.filled["version"],
            "title": self._title(title),
            "preamble": self._clause(preamble) if preamble else _emptied(self.raw["preamble"], text=None),
            "parties": [self._party(clause, number) for number, clause in enumerate(of_kind.get("party", []))],
            "recitals": [self._recital(clause) for clause in of_kind.get("recital", [])],
            "articles": [self._article(clause) for clause in of_kind.get("article", [])],
            "closing": self._closing(closing),
            "flags": self.filled["flags"],
        }
        if self.roles[:2] == ["recipient", "discloser"]:
            for group in ("recitals", "articles"):
                values[group] = [part | {"terms": _turned(part.get("terms"))} for part in values[group]]
        return values

    def _title(self, clause: Clause | None) -> Values:
        values: Values = dict(self.filled["title"])
        if clause is None:
            return values | {"text": None, "context": None}
        if not _covers([values["text"], values["context"]], clause.own):
            signs = [word.key for word in clause.own]
            at = next((n for n in range(len(signs)) if signs[n : n + 4] == ["in", "het", "kader", "van"]), None)
            values["text"] = _paragraphs(clause.own[:at])
            values["context"] = _paragraphs(clause.own[at:]) if at else None
        return values | _added(clause)

    def _clause(self, clause: Clause) -> Values:
        """A clause that the standard has too: its terms as far as the words say them, its words."""
        raw, filled = self._standard(clause.like)
        values: Values = dict(filled)
        if clause.aligned.missing:
            values["terms"] = _only_slots(raw.get("terms"), filled.get("terms"))
        if not _covers([values["text"]], clause.own):
            values["text"] = _paragraphs(clause.own)
        values["flags"] = _quoting(values)
        return values | _added(clause)

    def _standard(self, name: str) -> tuple[Values, Values]:
        group, _, mark = name.replace("art. ", "articles ").replace("recital ", "recitals ").partition(" ")
        if not mark:
            return self.raw[group], self.filled[group]
        at = next(n for n, each in enumerate(self.raw[group]) if each["mark"] == mark)
        return self.raw[group][at], self.filled[group][at]

    def _party(self, clause: Clause, number: int) -> Values:
        introduced = self.parties[number]
        missing = Counter(clause.aligned.missing)
        names = [party.short_name or "" for party in self.parties] if number >= 2 else []
        told = [
            *keys(" ".join([*source.strings(introduced.values()), *introduced.titles, *names])),
            *missing.elements(),
        ]
        clause.aligned.missing = [*(missing - Counter(word.key for word in clause.own)).elements()]
        clause.keep_added(without([word for run in clause.aligned.added for word in run], told))
        role = self.roles[number]
        values: Values = {"role": role, "text": _paragraphs(clause.own), **introduced.values(), "kept_by": "people"}
        if number < 2 and not clause.aligned.missing and not clause.aligned.added:
            text = self.filled["parties"][number]["text"]
            values["text"] = text if _covers([text], clause.own) else values["text"]
        return values | _added(clause)

    def _recital(self, clause: Clause) -> Values:
        head = {"mark": clause.piece.mark}
        words = " ".join(word.text for word in clause.own)
        if not clause.like:
            values = {"text": _paragraphs(clause.own), **_advice_of_authority(words), "kept_by": "people"}
            return head | values | _added(clause)
        values = self._clause(clause) | head
        if values["kind"] == "advice" and values["terms"]:
            values["terms"] = values["terms"] | {"outcome": _outcome(words)}
        return values

    def _article(self, clause: Clause) -> Values:
        head = {"mark": clause.piece.mark}
        if not clause.like:
            heading, text = _headed(clause.own, None)
            return head | {"kind": "other", "heading": heading, "text": text, "kept_by": "people"} | _added(clause)
        _, filled = self._standard(clause.like)
        values = self._clause(clause) | head
        if not _covers(_printed(values | {"text": filled["text"]}), clause.own):
            heading, text = _headed(clause.own, filled["heading"])
            values |= {"heading": heading, "text": text}
            if values["kind"] == "data":
                self._table(values, filled, clause)
        else:
            values["text"] = filled["text"]
        if values["kind"] == "life" and values["terms"]:
            also = [each for each in self.clauses if each.like == "art. 5"]  # on the duration
            values["terms"] = values["terms"] | {"in_force_through": _through([clause, *also])}
            if self.notice_days:
                values["terms"] |= {"notice_days": self.notice_days}
        if values["kind"] == "security" and re.search(MAIL, " ".join(_words_added(clause))):
            terms = values["terms"] or {}
            values["terms"] = terms | {"transport": (terms.get("transport") or {}) | {"others": MISUNDERSTOOD}}
        values["flags"] = _quoting(values)
        return values

    def _table(self, values: Values, filled: Values, clause: Clause) -> None:
        """The rows of the table as items, the rules of the standard where they stand; the other words stay words."""
        count = len(keys(values["heading"] or ""))
        before, items, after = rows(_behind(clause.own, count))
        rules = filled["terms"]["retention"]
        text = [_paragraphs(before) or ""]
        if _covers([" ".join(rule["text"] for rule in rules)], after) or _stands_in(rules, after):
            left = without(after, [key for rule in rules for key in keys(rule["text"])])
            text.append(" ".join(word.text for word in left))
        else:
            rules = None
            text.append(_paragraphs(after) or "")
        values["text"] = "\n".join(filter(None, text)) or None
        special = None if clause.aligned.missing else filled["terms"]["special_categories"]
        values["terms"] = {"special_categories": special, "items": items or None, "retention": rules}

    def _closing(self, clause: Clause | None) -> Values:
        filled = self.filled["closing"]
        people = [
            ("discloser" if role == "discloser" else "recipient", person)
            for role, party in zip(self.roles, self.parties, strict=True)
            for person in party.representatives or []
        ]
        if clause is None:
            return dict(filled) | {"text": None, "terms": None}
        printed = " ".join(word.text for word in clause.own)
        people.sort(key=lambda each: (printed.find(each[1]["name"]) + 1) or len(printed) + 1)
        days = days_of(printed, [person["name"] for _, person in people])
        signatures = [signature(side, person, printed, days.get(person["name"])) for side, person in people]
        names = [party.short_name or "" for party in self.parties]
        clause.days = [day[0] for day in days.values()]
        left = without_signatures(clause.own, people, names, clause.days)
        copies = [sign for match in notation.COPIES.finditer(printed) for sign in keys(match[0])]
        if copies:
            clause.aligned.missing = [sign for sign in clause.aligned.missing if sign not in {"2", "exemplaren"}]
        clause.keep_added(without(left, copies))
        slots = ("drawn_up_at", "drawn_up_on", "electronic")
        place, day, electronic = (standard_text.filled(f"«{slot}»", self.answers) for slot in slots)
        terms = {
            "place": place,
            "drawn_up_on": day,
            "copies": next(notation.copies(printed), None),
            "signatures": signatures,
            "electronic": electronic,
        }
        return {"text": _paragraphs(left), "terms": terms, "kept_by": filled["kept_by"]} | _added(clause)


def _roles(clauses: Sequence[Clause], count: int) -> list[str | None]:
    """Who gives and who gets, from the title and the first article; None where they do not say the same."""
    told: set[tuple[str, str]] = set()
    for clause in clauses:
        signs = [sign for sign, _ in clause.signs]
        line = " ".join(signs)
        if clause.like == "art. 1":
            told |= set(re.findall(r"door (§\d+) aan (§\d+)", line))
        if clause.piece.kind == "title":
            told |= set(re.findall(r"vanuit (§\d+)(?: \w+){0,6}? naar (§\d+)", line))
    roles: list[str | None] = [None] * count
    if len(told) == 1:
        giver, getter = (int(sign[1:]) - 1 for sign in told.pop())
        if giver != getter:
            roles[giver], roles[getter] = "discloser", "recipient"
    return roles


def _turned(terms: Any) -> Any:
    """Terms of a text that goes the other way than the standard: each side is the other one."""
    if isinstance(terms, dict):
        return {OTHER_SIDE.get(name, name): _turned(part) for name, part in terms.items()}
    if isinstance(terms, list):
        return [_turned(part) for part in terms]
    return OTHER_SIDE.get(terms, terms) if isinstance(terms, str) else terms


def _emptied(raw: Values, **values: Any) -> Values:
    return {name: None if name == "terms" else part for name, part in raw.items()} | {"flags": []} | values


def _only_slots(raw: Any, filled: Any) -> Any:
    """Of the terms what stands in slots: the words that say the rest are not those of the standard."""
    if isinstance(raw, dict):
        found = {name: _only_slots(part, filled[name]) for name, part in raw.items()}
        return found if any(part is not None for part in found.values()) else None
    if isinstance(raw, list):
        several = [_only_slots(part, whole) for part, whole in zip(raw, filled, strict=True)]
        return several if any(part is not None for part in several) else None
    return filled if isinstance(raw, str) and standard_text.is_slot(raw) else None


def _printed(values: Values) -> list[str]:
    terms = values.get("terms") or {}
    items = [f"Gegeven {i['number']} {i['words']} Verantwoording proportionaliteit {i['justification']}"
             for i in terms.get("items") or []]  # fmt: skip
    return [values["heading"], values["text"], *items, *(rule["text"] for rule in terms.get("retention") or [])]


def _covers(printed: Sequence[str | None], words: Sequence[Word]) -> bool:
    """Whether every word of the source stands in what would be printed."""
    return not Counter(word.key for word in words if word.key) - Counter(keys(" ".join(filter(None, printed))))


def _paragraphs(words: Sequence[Word]) -> str | None:
    """Words as they were printed, a line for each paragraph."""
    lines: list[list[str]] = []
    for word in words:
        if not lines or word.opens_paragraph:
            lines.append([])
        lines[-1].append(word.text)
    return "\n".join(" ".join(line) for line in lines) or None


def _added(clause: Clause) -> Values:
    found = [{"words": words} for words in _words_added(clause)]
    return {"added": found} if found else {}


def _quoting(values: Values) -> list[Values]:
    """The flags that quote words which this text has."""
    printed = notation.same_words(" ".join(filter(None, _printed({"heading": "", **values}))))
    return [flag for flag in values.get("flags", []) if notation.same_words(flag.get("words") or "") in printed]


def _headed(words: Sequence[Word], heading: str | None) -> tuple[str | None, str | None]:
    """The heading of an article and its text: the standard's heading, else the first paragraph, else the first line."""
    expected = keys(heading or "")
    signs = [word.key for word in words if word.key]
    if expected and signs[: len(expected)] == expected:
        rest = _behind(words, len(expected))
    else:
        at = next((n for n in range(1, len(words)) if words[n].opens_paragraph), None)
        at = at or next((n for n in range(1, len(words)) if words[n].line != words[0].line), len(words))
        rest = list(words[at:])
    first = words[: len(words) - len(rest)]
    return " ".join(word.text for word in first) or None, _paragraphs(rest)


def _behind(words: Sequence[Word], count: int) -> list[Word]:
    """What stands behind the first `count` words, punctuation that stands alone not counted."""
    seen = 0
    for place, word in enumerate(words):
        if seen == count and word.key:
            return list(words[place:])
        seen += bool(word.key)
    return []


def _stands_in(rules: Sequence[Values], words: Sequence[Word]) -> bool:
    signs = " ".join(word.key for word in words if word.key)
    return all(" ".join(keys(rule["text"])) in signs for rule in rules)


def _advice_of_authority(words: str) -> Values:
    days = [*notation.days(words)]
    if (
        not re.search(r"toezichtcommissie|toezichthoudende|gegevensbeschermingsautoriteit", words, re.I)
        or len(days) != 1
    ):
        return {"kind": "other"}
    outcome = _outcome(words)
    if outcome == "unknown" or "advies" not in words.casefold():
        return {"kind": "other"}
    terms = {"side": "authority", "advised_on": days[0].isoformat(), "concerns": "draft", "outcome": outcome}
    return {"kind": "advice", "terms": terms}


def _outcome(words: str) -> str:
    """What an advice came to, as far as one word says it."""
    words = words.casefold()
    if re.search(r"\b(ongunstig|negatief|afwijzend)", words):
        return "negative"
    if not re.search(r"\b(gunstig|positief)", words):
        return "unknown"
    return "positive_with_remarks" if re.search(r"opmerking|voorwaard|voorbehoud|mits", words) else "positive"


def _words_added(clause: Clause) -> list[str]:
    return [" ".join(word.text for word in run) for run in clause.aligned.added]


def _through(clauses: Sequence[Clause]) -> str | None:
    """The last day that added words name; `MISUNDERSTOOD` where they name a day, or how long, in any other way."""
    added = [words for clause in clauses for words in _words_added(clause)]
    for words in added:
        if days := [*notation.days(words)]:
            ends = [*THROUGH.finditer(words)]
            at = [*notation.days(words[ends[0].end() :])] if len(ends) == 1 else []
            return at[0].isoformat() if len(days) == 1 == len(at) else MISUNDERSTOOD
    return MISUNDERSTOOD if any(LASTING.search(words) for words in added) else None
