"""A document as the Dutch text that people sign and publish, and two of them compared in words (recital D)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from brug.core.protocol.articles import Data
from brug.core.protocol.notation import dutch_day
from brug.core.protocol.terms import Item

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol

Kind = Literal["title", "heading", "name", "paragraph", "item", "signature", "colophon"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the printed text: `kind` says how it is set, `clause` names where it belongs ("art. 3", "")."""

    kind: Kind
    text: str
    clause: str = ""


def blocks(protocol: Protocol) -> Iterator[Block]:
    """The whole text, in the order in which it is printed."""
    title = protocol.title
    yield from (Block("title", text, "title") for text in title.paragraphs())
    yield Block("paragraph", title.context, "title")
    yield from _paragraphs("preamble", protocol.preamble.paragraphs())
    for number, (name, party) in enumerate(protocol.parties.by_name().items()):
        yield Block("heading", "EN" if number else "TUSSEN")
        yield from _paragraphs(name, party.paragraphs())
    yield Block("heading", "NA TE HEBBEN UITEENGEZET")
    for recital in protocol.recitals.root:
        first, *more = recital.paragraphs()
        yield from _paragraphs(f"recital {recital.mark}", (f"{recital.mark}. {first}", *more))
    yield Block("heading", "WORDT OVEREENGEKOMEN WAT VOLGT:")
    yield from _articles(protocol)
    yield from _paragraphs("closing", protocol.closing.paragraphs())
    yield from _signatures(protocol)
    yield from _colophon(protocol)


def _paragraphs(clause: str, texts: tuple[str, ...]) -> Iterator[Block]:
    yield from (Block("paragraph", text, clause) for text in texts)


def _articles(protocol: Protocol) -> Iterator[Block]:
    for article in protocol.articles.root:
        clause = f"art. {article.mark}"
        yield Block("heading", f"Artikel {article.mark}: {article.heading}", clause)
        yield from _paragraphs(clause, article.paragraphs())
        if isinstance(article, Data):
            yield from (row for item in article.terms.items for row in _rows(item, clause))
            yield from (Block("paragraph", rule.text, clause) for rule in article.terms.retention)


def _rows(item: Item, clause: str) -> Iterator[Block]:
    yield Block("item", f"Gegeven {item.number} {item.words}", clause)
    yield Block("item", f"Verantwoording proportionaliteit: {item.justification}", clause)


def _signatures(protocol: Protocol) -> Iterator[Block]:
    for side, party in (("discloser", protocol.discloser), ("recipient", protocol.recipient)):
        yield Block("name", f"Voor {party.short_name}", "closing")
        for signature in protocol.closing.terms.signatures:
            if signature.side == side:
                day = f", ondertekend op {dutch_day(signature.signed_on)}" if signature.signed_on else ""
                yield Block("signature", f"{signature.name}, {signature.capacity}{day}", "closing")


def _colophon(protocol: Protocol) -> Iterator[Block]:
    """Which document this is; none of it was signed."""
    yield Block("colophon", f"Kenmerk: {protocol.id}, versie {protocol.version}", "closing")
    yield Block("colophon", f"Gemeenten (REFNIS): {', '.join(sorted(protocol.residences))}", "closing")
    if (electronic := protocol.closing.terms.electronic) is not None:
        yield Block("colophon", f"Verificatiecode {electronic.service}: {electronic.verification_code}", "closing")


def text(protocol: Protocol) -> str:
    """The Dutch text, paragraph by paragraph with an empty line between: what is printed, and can be read back."""
    return "\n\n".join(block.text for block in blocks(protocol)) + "\n"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one place. `path` as in a fault; `before` and `after` in words, empty where there was nothing."""

    clause: str
    path: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"{self.clause}: {self.path} is new: {self.after}"
        if not self.after:
            return f"{self.clause}: {self.path} is dropped: {self.before}"
        return f"{self.clause}: {self.path} becomes {self.after} (was {self.before})"


def difference(one: Protocol, other: Protocol) -> tuple[Change, ...]:
    """What changed from `one` to `other`, clause by clause: terms by value, text by the words that differ."""
    found = []
    for name in (*one.clauses, *(name for name in other.clauses if name not in one.clauses)):
        before, after = (_flat(p.clauses[name]) if name in p.clauses else {} for p in (one, other))
        for path in (*before, *(path for path in after if path not in before)):
            old, new = before.get(path, ""), after.get(path, "")
            if old != new:
                found.append(Change(name, path, *(_words_that_differ(old, new) if old and new else (old, new))))
    for name in ("id", "version"):
        if getattr(one, name) != getattr(other, name):
            found.append(Change("protocol", name, str(getattr(one, name)), str(getattr(other, name))))
    return tuple(found)


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Every value in a model by its path; lists of single values as one."""
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {p: t for key, part in value.items() for p, t in _flat(part, f"{path}.{key}" if path else key).items()}
    if isinstance(value, tuple) and any(isinstance(part, BaseModel) for part in value):
        return {p: t for number, part in enumerate(value) for p, t in _flat(part, f"{path}[{number}]").items()}
    if isinstance(value, tuple):
        return {path: ", ".join(map(str, value))} if value else {}
    return {} if value is None else {path: str(value)}


def _words_that_differ(old: str, new: str) -> tuple[str, str]:
    """Both with the words that are the same left out, a few around each difference kept."""
    before, after = old.split(), new.split()
    if len(before) < 12 and len(after) < 12:
        return old, new
    parts = [
        (" ".join(before[max(0, a - 2) : b + 2]), " ".join(after[max(0, c - 2) : d + 2]))
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    return " … ".join(part for part, _ in parts), " … ".join(part for _, part in parts)


Marked = Literal["same", "gone", "new"]
AROUND = 8  # words of what is the same, on each side of a change


def compared(one: Protocol, other: Protocol) -> tuple[tuple[str, tuple[tuple[Marked, str], ...]], ...]:
    """The printed words of each clause that is not the same, the words that went and that came marked, in order.

    Of a long run that stays the same only what stands next to a change is shown, with "…" for the rest.
    """
    before, after = _by_clause(one), _by_clause(other)
    names = (*before, *(name for name in after if name not in before))
    changed = (name for name in names if before.get(name, "").split() != after.get(name, "").split())
    return tuple((name, tuple(_marked(before.get(name, ""), after.get(name, "")))) for name in changed)


def _by_clause(protocol: Protocol) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for block in blocks(protocol):
        found.setdefault(block.clause, []).append(block.text)
    return {name: " ".join(texts) for name, texts in found.items() if name}


def _marked(old: str, new: str) -> Iterator[tuple[Marked, str]]:
    before, after = old.split(), new.split()
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", _shortened(before[a:b], is_first=a == 0, is_last=b == len(before))
            continue
        if before[a:b]:
            yield "gone", " ".join(before[a:b])
        if after[c:d]:
            yield "new", " ".join(after[c:d])


def _shortened(words: list[str], *, is_first: bool, is_last: bool) -> str:
    head, tail = ([] if is_first else words[:AROUND]), ([] if is_last else words[-AROUND:])
    return " ".join([*head, "…", *tail]) if len(words) > len(head) + len(tail) else " ".join(words)
