"""From dated events to where a protocol stands at an instant: in force, ended, and how (art. 5, art. 8, art. 11)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from brug.core.calendar import BRUSSELS, last_day_of_notice, legal_day

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol
    from brug.core.protocol.terms import Side


class EventKind(enum.StrEnum):
    """What can happen to a protocol. For a day without a time, `at` is the first moment of that day."""

    DRAFTED = "drafted"
    ADVISED = "advised"  # by the data protection officer of `side`
    APPROVED_BY_COUNCIL = "approved_by_council"
    SIGNED = "signed"  # by `who` for `side`
    PUBLISHED = "published"  # on the website of `side`
    NOTICE_REACHED = "notice_reached"  # notice given by `side` reached the other at `at`
    ENDED_AT_ONCE = "ended_at_once"  # simple notice under art. 8 by `side` reached the other at `at`
    LAPSED = "lapsed"  # no legal ground left from `at` on
    AGREEMENT_ENDED = "agreement_ended"  # the day of `at` is the last day of the cooperation agreement
    REPLACED = "replaced"  # another version holds from `at` on


class Phase(enum.StrEnum):
    """Where a protocol stands."""

    DRAFTED = "drafted"
    ADVISED = "advised"
    PARTLY_SIGNED = "partly_signed"
    SIGNED = "signed"  # by all, not yet in force
    IN_FORCE = "in_force"
    NOTICE_GIVEN = "notice_given"  # still in force, its last day is known
    ENDED_BY_NOTICE = "ended_by_notice"
    ENDED_AT_ONCE = "ended_at_once"
    LAPSED = "lapsed"
    AGREEMENT_ENDED = "agreement_ended"
    EXPIRED = "expired"
    REPLACED = "replaced"


IN_FORCE = frozenset({Phase.IN_FORCE, Phase.NOTICE_GIVEN})
ENDED = frozenset(
    {Phase.ENDED_BY_NOTICE, Phase.ENDED_AT_ONCE, Phase.LAPSED, Phase.AGREEMENT_ENDED, Phase.EXPIRED, Phase.REPLACED}
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one version of a protocol. `at` is aware."""

    kind: EventKind
    at: datetime
    side: Side | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """From the instant `at` on the protocol is no longer in force, as `phase` says, by `article`."""

    at: datetime
    phase: Phase
    article: str


@dataclass(frozen=True, slots=True)
class State:
    """Where a protocol stands: since when, what comes next, and what a person should look at (codes)."""

    phase: Phase
    since: datetime | None
    end: End | None
    warnings: tuple[str, ...]

    @property
    def is_in_force(self) -> bool:
        return self.phase in IN_FORCE

    @property
    def last_day(self) -> date | None:
        """The last legal day on which it holds for at least a moment, if an end is known."""
        return legal_day(self.end.at - timedelta(microseconds=1)) if self.end else None


def first_moment(day: date) -> datetime:
    """The first moment of the legal day `day`."""
    return datetime.combine(day, time.min, BRUSSELS)


def after(day: date) -> datetime:
    """The first moment that is no longer the legal day `day`."""
    return first_moment(day + timedelta(days=1))


def written(protocol: Protocol) -> Iterator[Event]:
    """The events that the document itself tells: the advices and the signatures."""
    for advice in (protocol.recitals.e.terms, protocol.recitals.f.terms):
        if advice.advised_on is not None:
            yield Event(EventKind.ADVISED, first_moment(advice.advised_on), advice.side)
    for signature in protocol.closing.terms.signatures:
        if signature.signed_on is not None:
            yield Event(EventKind.SIGNED, first_moment(signature.signed_on), signature.side, signature.name)


def signed_at(protocol: Protocol, events: Iterable[Event]) -> datetime | None:
    """The instant from which every representative of both parties had signed, or None."""
    days: dict[tuple[Side | None, str], datetime] = {}
    for event in (*written(protocol), *events):
        if event.kind is EventKind.SIGNED:
            key = (event.side, event.who)
            days[key] = min(event.at, days.get(key, event.at))
    people = protocol.representatives()
    return max(days[person] for person in people) if people <= days.keys() else None


def ends(protocol: Protocol, events: Iterable[Event]) -> list[End]:
    """Every end that is known, the earliest first; an end that the protocol does not know is none."""
    terms, agreement = protocol.articles.life.terms, protocol.agreement
    found = [end for event in events if (end := _end(protocol, event))]
    if terms.in_force_through is not None:
        found.append(End(after(terms.in_force_through), Phase.EXPIRED, "art. 11"))
    if (
        agreement is not None
        and agreement.ends_on is not None
        and protocol.articles.duration.terms.bounded_by_agreement
    ):
        found.append(End(after(agreement.ends_on), Phase.AGREEMENT_ENDED, "art. 5"))
    return sorted(found, key=lambda end: end.at)


def _end(protocol: Protocol, event: Event) -> End | None:
    life, sanction = protocol.articles.life.terms, protocol.articles.sanction.terms
    if event.kind is EventKind.NOTICE_REACHED and event.side in life.notice_by:
        last_day = last_day_of_notice(legal_day(event.at), life.notice_months)
        return End(after(last_day), Phase.ENDED_BY_NOTICE, "art. 11")
    if event.kind is EventKind.ENDED_AT_ONCE and event.side == sanction.by:
        return End(event.at, Phase.ENDED_AT_ONCE, "art. 8")
    if event.kind is EventKind.LAPSED and life.lapses_without_ground:
        return End(event.at, Phase.LAPSED, "art. 11")
    if event.kind is EventKind.AGREEMENT_ENDED and protocol.articles.duration.terms.bounded_by_agreement:
        return End(after(legal_day(event.at)), Phase.AGREEMENT_ENDED, "art. 5")
    if event.kind is EventKind.REPLACED:
        return End(event.at, Phase.REPLACED, "art. 11")
    return None


def state(protocol: Protocol, events: Iterable[Event], at: datetime) -> State:
    """Where `protocol` stands at the instant `at`, after those of `events` (beside its own) that were by then."""
    known = [event for event in events if event.at <= at]
    end = next(iter(ends(protocol, known)), None)
    signed, starts = signed_at(protocol, known), first_moment(protocol.in_force_from)
    warnings = tuple(_warnings(protocol, known, signed, at))
    if end is not None and end.at <= at:
        return State(end.phase, end.at, end, warnings)
    if signed is None or signed > at:
        return State(*_before_signing(protocol, known, at), end, warnings)
    if at < starts:
        return State(Phase.SIGNED, signed, end, warnings)
    if end is not None and end.phase is Phase.ENDED_BY_NOTICE:
        given = min(event.at for event in known if event.kind is EventKind.NOTICE_REACHED)
        return State(Phase.NOTICE_GIVEN, given, end, warnings)
    return State(Phase.IN_FORCE, max(signed, starts), end, warnings)


def _before_signing(protocol: Protocol, known: list[Event], at: datetime) -> tuple[Phase, datetime | None]:
    happened = [event for event in (*written(protocol), *known) if event.at <= at]
    if signed := [event.at for event in happened if event.kind is EventKind.SIGNED]:
        return Phase.PARTLY_SIGNED, min(signed)
    advised = {event.side: event.at for event in happened if event.kind is EventKind.ADVISED}
    if {"discloser", "recipient"} <= advised.keys():
        return Phase.ADVISED, max(advised.values())
    drafted = [event.at for event in happened if event.kind is EventKind.DRAFTED]
    return Phase.DRAFTED, min(drafted, default=None)


def _warnings(protocol: Protocol, known: list[Event], signed: datetime | None, at: datetime) -> Iterator[str]:
    """What a data protection officer should look at."""
    if signed is not None and signed > first_moment(protocol.in_force_from):
        yield "signed_after_entry_into_force"  # what was disclosed in between is a question for both officers
    published = {event.side for event in known if event.kind is EventKind.PUBLISHED}
    for side in protocol.recitals.d.terms.published_by:
        if side not in published:
            yield f"not_published_by_{side}"
    agreement = protocol.agreement
    if agreement is not None and agreement.ends_on is None and protocol.articles.duration.terms.bounded_by_agreement:
        yield "end_of_agreement_unknown"
    if agreement is not None and not agreement.text_known:
        yield "text_of_agreement_unknown"
