"""The protocol as a document: what was agreed, article by article, and what the program reads from it (art. 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, PrivateAttr, RootModel, ValidationError, model_validator
from pydantic import Field as Constrained
from pydantic_core import ErrorDetails

from brug.core import datum
from brug.core.calendar import legal_day
from brug.core.protocol import digest, first_form, life, source
from brug.core.protocol.articles import Articles, Transport
from brug.core.protocol.notation import Copies, Spoken, last_days
from brug.core.protocol.recitals import Advice, Agreement, Parties, Party, Preamble, Recitals, Title
from brug.core.protocol.source import DocumentError, Fault, said
from brug.core.protocol.terms import Clause, Day, Field, Flag, Recipients, Side, Signature, Strict, Team, Words

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

    def spoken(self) -> Mapping[str, Spoken]:
        terms = self.terms
        days = {"drawn_up_on": terms.drawn_up_on} if terms.drawn_up_on else {}
        return {"place": terms.place, "copies": Copies(terms.copies), **days}


class Protocol(Strict):
    """One version of one protocol between controllers (e-gov decree of 18 July 2008, art. 8 §1)."""

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
    _others: tuple[Protocol, ...] = PrivateAttr(())

    @property
    def events(self) -> tuple[life.Event, ...]:
        """What has happened since it was drawn up, as far as whoever loaded it knows (core/protocol/life.py)."""
        return self._events

    @property
    def others(self) -> tuple[Protocol, ...]:
        """The other versions of the same agreement, each with what has happened to it."""
        return self._others

    def with_events(self, events: Iterable[life.Event], others: Iterable[Protocol] = ()) -> Protocol:
        """The same document, with what has happened to it and to the other versions: `decide` looks at all."""
        copy = self.model_copy()
        copy._events, copy._others = tuple(events), tuple(others)
        for remembered in ("signed_at", "ends", "holds_from"):
            copy.__dict__.pop(remembered, None)
        return copy

    def as_known(self, at: datetime) -> Protocol:
        """The same, with only what had happened by the instant `at`."""
        if not self._events and not self._others:
            return self

        def by_then(one: Protocol) -> list[life.Event]:
            return [event for event in one.events if event.at <= at]

        return self.with_events(by_then(self), (other.with_events(by_then(other)) for other in self.others))

    @property
    def discloser(self) -> Party:
        return self.parties.discloser

    @property
    def recipient(self) -> Party:
        return self.parties.recipient

    @property
    def teams(self) -> tuple[Team, ...]:
        return self.recitals.ground.terms.teams

    @property
    def agreement(self) -> Agreement | None:
        """The cooperation agreement that bounds the duration (recital C, art. 5)."""
        return self.recitals.ground.terms.agreement

    @cached_property
    def sha256(self) -> str:
        """Which text it is: see core/protocol/digest.py."""
        return digest.digest(self)

    @cached_property
    def team_codes(self) -> frozenset[str]:
        return frozenset(team.code for team in self.teams)

    @cached_property
    def purposes(self) -> frozenset[str]:
        return frozenset(purpose.code for purpose in self.recitals.ground.terms.purposes)

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

    @cached_property
    def holds_from(self) -> datetime | None:
        """The instant from which this text could hold, as far as is known; None if it cannot yet."""
        return life.holds_from(self, self._events)

    @property
    def signed_on(self) -> date | None:
        """The legal day by which all had signed."""
        return legal_day(self.signed_at) if self.signed_at else None

    @cached_property
    def ends(self) -> tuple[life.End, ...]:
        """Every end that is known, the earliest first."""
        return tuple(life.ends(self, self._events))

    @property
    def advices(self) -> tuple[Advice, ...]:
        """The advices that the recitals tell of."""
        return self.recitals.advices

    @property
    def published_by(self) -> tuple[Side, ...]:
        """The sides that publish it on their website."""
        return self.recitals.publication.terms.published_by if self.recitals.publication else ()

    @property
    def asks_consent(self) -> bool:
        """Whether the client must have said yes (recital of the ground in law)."""
        return "client_consented" in self.recitals.ground.terms.conditions

    def officer(self, side: Side) -> str:
        """The mailbox of the data protection officer of `side` now; "" where the text names none and nobody told."""
        notification = self.articles.notification
        named: str = getattr(notification.terms.contacts, side) if notification else ""
        return life.changed(self._events, life.EventKind.OFFICER_CHANGED, side) or named

    @property
    def mailboxes(self) -> frozenset[str]:
        """Every mailbox that parcels to the recipient may go to."""
        return frozenset({self.mailbox, *(other.mailbox for other in self.transport.others)})

    @property
    def mailbox(self) -> str:
        """Where parcels to the recipient go now: the mailbox of the text, or what both parties agreed on since."""
        return life.changed(self._events, life.EventKind.MAILBOX_CHANGED, "recipient") or self.transport.mailbox

    def mailbox_for(self, residence: str) -> str:
        """The same for the data of a client who lives in `residence` (REFNIS)."""
        named = self.transport.mailbox_for(residence)
        return self.mailbox if named == self.transport.mailbox else named

    @property
    def onward_recipients(self) -> tuple[Recipients, ...]:
        """Who may get the data after the recipient; nobody where the text says nothing of it."""
        return self.articles.onward.terms.recipients if self.articles.onward else ()

    def representatives(self) -> frozenset[tuple[Side, str]]:
        """Who must sign: the side and the name of each. Who signs along signs on the side of the recipient."""
        return frozenset(
            ("discloser" if party.role == "discloser" else "recipient", person.name)
            for party in self.parties.root
            if not party.by_declaration
            for person in party.representatives
        )

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
        return {
            "title": self.title,
            "preamble": self.preamble,
            **self.parties.by_name(),
            **{f"recital {recital.mark}": recital for recital in self.recitals.root},
            **{f"art. {article.mark}": article for article in self.articles.root},
            "closing": self.closing,
        }

    @cached_property
    def cited(self) -> dict[str, str]:
        """How the clause of each known kind is cited in this text: "ground" → "recital C", "data" → "art. 3"."""
        recitals = {recital.kind: f"recital {recital.mark}" for recital in reversed(self.recitals.root)}
        return recitals | {kind: f"art. {article.mark}" for kind, article in self.articles.known.items()}

    def cites(self, kind: str) -> str:
        """The clause of a kind as it is cited; "protocol" where the text has none."""
        return self.cited.get(kind, "protocol")

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
        if self.in_force_through is not None:
            printed = " ".join((*self.articles.life.printed(), *self.articles.duration.printed()))
            if self.in_force_through not in last_days(printed, self.in_force_from):
                raise said(
                    "the words of the text do not say in_force_through", "the last day that they name, or come to"
                )
        return self


def load(text: str) -> Protocol:
    """The protocol written in the YAML `text`. Raises `DocumentError` with every fault, its path and its line."""
    found = source.read(text)
    if not found.faults and first_form.is_first_form(found.values):
        with suppress(ValidationError):  # where it is wrong, it has to be written as documents are now
            return Protocol.model_validate_json(json.dumps(first_form.in_lists(found.values)))
    try:
        protocol = Protocol.model_validate_json(json.dumps(found.values))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise DocumentError([*found.faults, *source.faults(map(_untagged, errors), found, _keys_at)]) from None
    if found.faults:
        raise DocumentError(found.faults)
    return protocol


def _untagged(error: ErrorDetails) -> ErrorDetails:
    """The path as it stands in the document: without the kind that pydantic puts behind the number of a clause."""
    path = error["loc"]
    return {**error, "loc": (*path[:2], *path[3:])} if path[:1] in {("recitals",), ("articles",)} else error


def _keys_at(path: source.Path, values: Any) -> list[str]:
    """The keys that may stand at `path` of `values`, for the message about an unknown one."""
    return list(model_at(path, values).model_fields)


def model_at(path: source.Path, values: Any) -> type[BaseModel]:
    """The model of what stands at `path` of the values of a document: of a clause, the one of its kind."""
    annotation: Any = Protocol
    for part in path:
        if not isinstance(part, int):
            annotation = _model_of(annotation, values).model_fields[part].annotation
        values = values[part]
    found: type[BaseModel] = _model_of(annotation, values)
    return found


def _model_of(annotation: Any, value: Any) -> Any:
    """The model inside an annotation that `value` is written for; of several the one of its kind."""
    found = tuple(_models_in(annotation))
    kind = value.get("kind") if isinstance(value, dict) else None
    of_kind = (m for m in found if "kind" in m.model_fields and get_args(m.model_fields["kind"].annotation) == (kind,))
    return next(of_kind, found[0])


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _models_in(annotation.model_fields["root"].annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        yield from (found for part in get_args(annotation) for found in _models_in(part))
