"""The protocol as a document: what was agreed, article by article, and what the program reads from it (art. 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, PrivateAttr, ValidationError, model_validator
from pydantic import Field as Constrained

from brug.core import datum
from brug.core.calendar import legal_day
from brug.core.protocol import digest, life, source
from brug.core.protocol.articles import Articles, Transport
from brug.core.protocol.recitals import Agreement, Parties, Party, Preamble, Recitals, Title
from brug.core.protocol.source import DocumentError, Fault, said
from brug.core.protocol.terms import Clause, Day, Field, Flag, Side, Signature, Strict, Team, Words, dutch_day

__all__ = ["DocumentError", "Fault", "Field", "Party", "Protocol", "Strict", "Team", "Transport", "load"]

CARRIED: frozenset[Field] = frozenset(datum.BY_CODE)


class ElectronicSignature(Strict):
    """With which service it was signed and the code to verify it; a password is no part of a published document."""

    service: Words
    verification_code: Words


class Closing(Clause):
    """Where and when it was drawn up, and who signed for whom."""

    class Terms(Strict):
        place: Words
        drawn_up_on: Day | None
        copies: Annotated[int, Constrained(ge=1)]
        signatures: tuple[Signature, ...]
        electronic: ElectronicSignature | None = None

    terms: Terms

    def spoken(self) -> dict[str, str]:
        drawn_up_on = self.terms.drawn_up_on
        days = {"drawn_up_on": dutch_day(drawn_up_on)} if drawn_up_on else {}
        return {"place": self.terms.place, "copies": f"{self.terms.copies} exemplaren", **days}


class Protocol(Strict):
    """One version of one protocol between two controllers (e-gov decree of 18 July 2008, art. 8 §1)."""

    id: Annotated[str, Constrained(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=100)]
    version: Annotated[int, Constrained(ge=1, le=9999)]
    title: Title
    preamble: Preamble
    parties: Parties
    recitals: Recitals
    articles: Articles
    closing: Closing
    flags: tuple[Flag, ...] = ()  # on the whole, not on one clause
    _events: tuple[life.Event, ...] = PrivateAttr(())

    @property
    def events(self) -> tuple[life.Event, ...]:
        """What has happened since it was drawn up, as far as whoever loaded it knows (core/protocol/life.py)."""
        return self._events

    def with_events(self, events: Iterable[life.Event]) -> Protocol:
        """The same document, with what has happened to it: `decide` looks at both."""
        copy = self.model_copy()
        copy._events = tuple(events)
        for remembered in ("signed_at", "ends"):
            copy.__dict__.pop(remembered, None)
        return copy

    @property
    def discloser(self) -> Party:
        return self.parties.discloser

    @property
    def recipient(self) -> Party:
        return self.parties.recipient

    @property
    def teams(self) -> tuple[Team, ...]:
        return self.recitals.c.terms.teams

    @property
    def agreement(self) -> Agreement | None:
        """The cooperation agreement that bounds the duration (recital C, art. 5)."""
        return self.recitals.c.terms.agreement

    @cached_property
    def sha256(self) -> str:
        """Which text it is: see core/protocol/digest.py."""
        return digest.digest(self)

    @cached_property
    def team_codes(self) -> frozenset[str]:
        return frozenset(team.code for team in self.teams)

    @cached_property
    def purposes(self) -> frozenset[str]:
        return frozenset(purpose.code for purpose in self.recitals.c.terms.purposes)

    @cached_property
    def fields(self) -> frozenset[Field]:
        """The fields of the data table that a message can carry (art. 3)."""
        named = {field for item in self.articles.data.terms.items for field in item.fields}
        return frozenset(field for field in CARRIED if field in named)

    @cached_property
    def residences(self) -> frozenset[str]:
        """REFNIS codes of the municipalities whose residents the recipient serves (art. 2)."""
        return frozenset(self.articles.grounds.terms.residences)

    @property
    def transport(self) -> Transport:
        return self.articles.security.terms.transport

    @cached_property
    def signed_at(self) -> datetime | None:
        """The instant from which every representative of both parties had signed; None while one has not."""
        return life.signed_at(self, self._events)

    @property
    def signed_on(self) -> date | None:
        """The legal day by which all had signed."""
        return legal_day(self.signed_at) if self.signed_at else None

    @cached_property
    def ends(self) -> tuple[life.End, ...]:
        """Every end that is known, the earliest first."""
        return tuple(life.ends(self, self._events))

    def representatives(self) -> frozenset[tuple[Side, str]]:
        """Who must sign: the side and the name of each."""
        ours: frozenset[tuple[Side, str]] = frozenset(("discloser", p.name) for p in self.discloser.representatives)
        return ours | {("recipient", person.name) for person in self.recipient.representatives}

    @property
    def in_force_from(self) -> date:
        return self.articles.life.terms.in_force_from

    @property
    def in_force_through(self) -> date | None:
        """The last day that the document itself names; ends that come later are events."""
        return self.articles.life.terms.in_force_through

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        """Every clause by the name under which it is cited: "recital C", "art. 3"."""
        recitals = {f"recital {name.upper()}": getattr(self.recitals, name) for name in Recitals.model_fields}
        articles = {
            f"art. {field.alias}": getattr(self.articles, name) for name, field in Articles.model_fields.items()
        }
        head = {
            "title": self.title,
            "preamble": self.preamble,
            "discloser": self.discloser,
            "recipient": self.recipient,
        }
        return {**head, **recitals, **articles, "closing": self.closing}

    @cached_property
    def all_flags(self) -> dict[str, tuple[str, Flag]]:
        """Every flag by its id, with the name of its clause ("" for the whole)."""
        found = {flag.id: ("", flag) for flag in self.flags}
        return found | {flag.id: (name, flag) for name, clause in self.clauses.items() for flag in clause.flags}

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if any((s.side, s.name) not in self.representatives() for s in self.closing.terms.signatures):
            raise said("someone signed who represents neither party", "signatures by the representatives named")
        if len(self.all_flags) != len(self.flags) + sum(len(clause.flags) for clause in self.clauses.values()):
            raise said("two flags have the same id", "each flag its own id")
        if self.discloser.kbo == self.recipient.kbo:
            raise said("both parties have the same number", "two parties")
        return self


def load(text: str) -> Protocol:
    """The protocol written in the YAML `text`. Raises `DocumentError` with every fault, its path and its line."""
    found = source.read(text)
    try:
        protocol = Protocol.model_validate_json(json.dumps(found.values))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise DocumentError([*found.faults, *source.faults(errors, found, _keys_at)]) from None
    if found.faults:
        raise DocumentError(found.faults)
    return protocol


def _keys_at(path: source.Path) -> list[str]:
    """The keys that may stand at `path`, for the message about an unknown one."""
    model: Any = Protocol
    for part in path:
        if isinstance(part, int):
            continue
        fields = model.model_fields if model else {}
        model = next((_model_in(f.annotation) for n, f in fields.items() if (f.alias or n) == part), None)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
