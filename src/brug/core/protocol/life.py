"""From dated events to where a protocol stands at an instant: in force, ended, and how (art. 5, art. 8, art. 11).

An agreement has one life; the versions are its texts. A text holds from the moment that it is signed, that its day
has come and, once it was offered, that the other party has accepted it; until the next one holds. Ends are of the
agreement: a notice, a sanction, a lapse, the end of the cooperation agreement, the last day that a text names. After an
end no text holds any more, not a former one, not a later one: whoever wants to go on makes another agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from brug.core.calendar import BRUSSELS, legal_day
from brug.core.words import Crossing, Words
from brug.core.words import marked as _

if TYPE_CHECKING:
    from brug.core.protocol.document import Protocol
    from brug.core.protocol.terms import Side


class EventKind(Crossing):
    """What can happen to a protocol. For a day without a time, `at` is the first moment of that day. What one party
    tells the other has its words for paper."""

    DRAFTED = "drafted", _("Drawn up")
    # by the data protection officer of `side`
    ADVISED = (
        "advised", _("Advice of the data protection officer of %(side)s"),
        "Advies van de functionaris voor gegevensbescherming",
    )  # fmt: skip
    APPROVED_BY_COUNCIL = (
        "approved_by_council", _("Approved by the council of %(side)s"), "Goedgekeurd door de raad",
        _("The council of a party approved it"),
    )  # fmt: skip
    OFFERED = "offered", _("Offered by %(side)s to the other party")  # this text, by `side` to the other party
    # this text, by `side`: from then on both hold the same
    ACCEPTED = (
        "accepted", _("Accepted by %(side)s: both parties hold the same text"),
        "Aanvaard: beide partijen hebben dezelfde tekst", _("The other party accepted our offer, on paper"),
    )  # fmt: skip
    # this text, by `side`
    REFUSED = "refused", _("Refused by %(side)s"), "Niet aanvaard", _("The other party refused our offer, on paper")
    # by `who` for `side`; `told`: whose it was wrongly recorded as before, of the same `at`; no `who`: nobody's
    SIGNED = "signed", _("Signed by %(who)s for %(side)s"), "Ondertekend", _("Somebody signed it")
    # on the website of `side`
    PUBLISHED = "published", _("Published by %(side)s"), "Bekendgemaakt", _("It was published on a website")
    # notice given by `side` reached the other at `at`
    NOTICE_REACHED = (
        "notice_reached", _("Notice given by %(side)s reached the other party"), "De opzegging kwam aan",
        _("A written notice reached the other party (article 11)"),
    )  # fmt: skip
    # simple notice under art. 8 by `side` reached the other at `at`
    ENDED_AT_ONCE = (
        "ended_at_once", _("Ended at once by %(side)s"), "Onmiddellijk beëindigd",
        _("A simple notice that ends it at once reached the other party (article 8)"),
    )  # fmt: skip
    # no legal ground left from `at` on
    LAPSED = (
        "lapsed", _("No ground in law any more"), "Geen rechtsgrond meer",
        _("There is no legal ground any more from this moment (article 11)"),
    )  # fmt: skip
    # the day of `at` is the last day of the cooperation agreement
    AGREEMENT_ENDED = (
        "agreement_ended", _("Last day of the cooperation agreement"), "Laatste dag van de samenwerkingsovereenkomst",
        _("The cooperation agreement ends on this day (article 5)"),
    )  # fmt: skip
    # the recipient asks that parcels go to `told`; they do not yet
    MAILBOX_ASKED = (
        "mailbox_asked", _("%(side)s asks for another mailbox: %(told)s"),
        "Een andere mailbox gevraagd; u wordt gebeld", _("The mailbox to which parcels go"),
    )  # fmt: skip
    # and the discloser agreed after a call: they go to `told` from `at` on
    MAILBOX_CHANGED = "mailbox_changed", _("Both agreed: parcels go to %(told)s"), "Een andere mailbox afgesproken"
    # the data protection officer of `side` is reached at `told`
    OFFICER_CHANGED = (
        "officer_changed", _("The data protection officer of %(side)s is reached at %(told)s"),
        "Een andere functionaris voor gegevensbescherming", _("How the data protection officer is reached"),
    )  # fmt: skip
    # `who` represents `side` as `told`; who signed stays who signed
    REPRESENTATIVE_CHANGED = (
        "representative_changed", _("%(who)s represents %(side)s, as %(told)s"), "Een andere vertegenwoordiger",
        _("Who represents you"),
    )  # fmt: skip
    # a parcel under this version was accepted: the other party holds this very text
    TEXT_SAME = "text_same", _("A parcel showed that both parties hold the same text")
    # one was refused: there it is another text, or none
    TEXT_DIFFERS = "text_differs", _("A parcel showed that the other party holds another text, or none")


class Phase(Words):
    """Where a protocol stands."""

    DRAFTED = "drafted", _("draft"), "neutral"
    ADVISED = "advised", _("advised by both data protection officers"), "neutral"
    PARTLY_SIGNED = "partly_signed", _("signed by some"), "neutral"
    SIGNED = "signed", _("signed, not in force yet"), "neutral"  # by all, not yet in force
    IN_FORCE = "in_force", _("in force"), "success"
    NOTICE_GIVEN = "notice_given", _("in force, notice given"), "warning"  # still in force, its last day is known
    ENDED_BY_NOTICE = "ended_by_notice", _("ended by notice"), "danger"
    ENDED_AT_ONCE = "ended_at_once", _("ended at once"), "danger"
    LAPSED = "lapsed", _("ended by law"), "danger"
    AGREEMENT_ENDED = "agreement_ended", _("ended with the cooperation agreement"), "danger"
    EXPIRED = "expired", _("ended on its last day"), "danger"
    REPLACED = "replaced", _("replaced by another version"), "danger"  # by the next text of the same agreement


ANSWERS = frozenset({EventKind.ACCEPTED, EventKind.REFUSED})
IN_FORCE = frozenset({Phase.IN_FORCE, Phase.NOTICE_GIVEN})
ENDED = frozenset(
    {Phase.ENDED_BY_NOTICE, Phase.ENDED_AT_ONCE, Phase.LAPSED, Phase.AGREEMENT_ENDED, Phase.EXPIRED, Phase.REPLACED}
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one version of a protocol. `at` is aware; `told` as the kind says, else ""."""

    kind: EventKind
    at: datetime
    side: Side | None = None
    who: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """From the instant `at` on the protocol is no longer in force, as `phase` says, by the article `by`."""

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
    for advice in (recital.terms for recital in protocol.advices):
        if advice.advised_on is not None and advice.side != "authority":
            yield Event(EventKind.ADVISED, first_moment(advice.advised_on), advice.side)
    for signature in protocol.closing.terms.signatures:
        if signature.signed_on is not None:
            yield Event(EventKind.SIGNED, first_moment(signature.signed_on), signature.side, signature.name)


def standing(protocol: Protocol, events: Iterable[Event]) -> Iterator[Event]:
    """What the document tells and what was recorded, without each signature that was put right since: whoever knows
    the same events, in whatever order, has the same ones left."""
    known = (*written(protocol), *events)
    wrong = {(e.side, e.told, e.at) for e in known if e.kind is EventKind.SIGNED and e.told}
    yield from (e for e in known if e.kind is not EventKind.SIGNED or (e.side, e.who, e.at) not in wrong)


def signatures(protocol: Protocol, events: Iterable[Event]) -> Iterator[Event]:
    """Who signed, and when."""
    yield from (e for e in standing(protocol, events) if e.kind is EventKind.SIGNED and e.who)


def signed_at(protocol: Protocol, events: Iterable[Event]) -> datetime | None:
    """The instant from which every representative of both parties had signed, or None."""
    days: dict[tuple[Side | None, str], datetime] = {}
    for event in signatures(protocol, events):
        key = (event.side, event.who)
        days[key] = min(event.at, days.get(key, event.at))
    people = protocol.representatives()
    return max(days[person] for person in people) if people <= days.keys() else None


def holds_from(protocol: Protocol, events: Iterable[Event]) -> datetime | None:
    """The instant from which this text could hold: signed by all, its day come, accepted if it was offered; or None."""
    events = list(events)
    instants = [signed_at(protocol, events), first_moment(protocol.in_force_from)]
    if any(event.kind is EventKind.OFFERED for event in events):
        answers = [event for event in events if event.kind in ANSWERS]
        last = max(answers, key=lambda event: event.at, default=None)
        instants.append(last.at if last and last.kind is EventKind.ACCEPTED else None)
    found = [instant for instant in instants if instant is not None]
    return max(found) if len(found) == len(instants) else None


def changed(events: Iterable[Event], kind: EventKind, side: Side) -> str:
    """What `side` has now instead of what the text names, after the last change of this kind; "" where none was."""
    found = [event for event in events if event.kind is kind and event.side == side]
    return max(found, key=lambda event: event.at).told if found else ""


def same_text(events: Iterable[Event]) -> bool | None:
    """Whether the other party holds this very text, as far as its word or a parcel showed; None: nothing did yet."""
    about = {EventKind.ACCEPTED, EventKind.TEXT_SAME, EventKind.TEXT_DIFFERS}
    told = sorted((event for event in events if event.kind in about), key=lambda event: event.at)
    return told[-1].kind is not EventKind.TEXT_DIFFERS if told else None  # of one instant, what was written last


def open_mailbox(events: Iterable[Event]) -> Event | None:
    """The mailbox that the recipient asked for and the discloser did not agree to yet; the last one asked for."""
    about = {EventKind.MAILBOX_ASKED, EventKind.MAILBOX_CHANGED}
    told = sorted((event for event in events if event.kind in about), key=lambda event: event.at)
    return told[-1] if told and told[-1].kind is EventKind.MAILBOX_ASKED else None


def is_settled(events: Iterable[Event]) -> bool:
    """Whether nobody waits for an answer about this text, nor got a no: adopted by both, or accepted."""
    told = sorted((e for e in events if e.kind in {EventKind.OFFERED, *ANSWERS}), key=lambda event: event.at)
    return not told or told[-1].kind is EventKind.ACCEPTED


def open_offer(events: Iterable[Event]) -> Event | None:
    """The offer of this text that nobody answered yet."""
    told = sorted(
        (each for each in events if each.kind in {EventKind.OFFERED, *ANSWERS}),
        key=lambda event: event.at,
    )
    return told[-1] if told and told[-1].kind is EventKind.OFFERED else None


Text = tuple["Protocol", "list[Event]"]
"""A version with what has happened to it."""


def _holding(texts: Iterable[Text]) -> list[tuple[datetime, Protocol]]:
    """Which text holds from which instant on, as if the agreement never ended: never one before a later version."""
    starts = [(start, text[0]) for text in texts if (start := holds_from(*text))]
    found: list[tuple[datetime, Protocol]] = []
    for start, protocol in sorted(starts, key=lambda pair: (pair[0], -pair[1].version)):
        if not found or protocol.version > found[-1][1].version:
            found.append((start, protocol))
    return found


def ends(protocol: Protocol, events: Iterable[Event]) -> list[End]:
    """Every end of this text that is known, the earliest first: those of the agreement, and the next text.

    `events` are those of this version; the other versions come with `protocol`. An end that the text which holds at
    that instant does not know is none.
    """
    texts: list[Text] = [(protocol, list(events)), *((other, list(other.events)) for other in protocol.others)]
    holding = _holding(texts)
    found = [*_written_ends(protocol, holding), *(end for text in texts for end in _told_ends(*text, holding))]
    over = min((end.at for end in found), default=None)
    later = (start for start, other in holding if other.version > protocol.version and (over is None or start < over))
    if (replaced := min(later, default=None)) is not None:
        found.append(End(replaced, Phase.REPLACED, protocol.cites("life")))
    return sorted(found, key=lambda end: end.at)


def _written_ends(protocol: Protocol, holding: list[tuple[datetime, Protocol]]) -> Iterator[End]:
    """The last days that the texts themselves name, each as long as that text holds."""
    untils: list[datetime | None] = [start for start, _text in holding[1:]]
    for (_start, text), until in zip(holding, [*untils, None], strict=False):
        yield from (end for end in _named(text) if until is None or end.at < until)
    if all(text.version != protocol.version for _start, text in holding):
        yield from _named(protocol)


def _named(protocol: Protocol) -> Iterator[End]:
    through, agreement = protocol.in_force_through, protocol.agreement
    if through is not None:
        yield End(after(through), Phase.EXPIRED, protocol.cites("life"))
    if agreement is not None and agreement.ends_on is not None and _is_bounded(protocol):
        yield End(after(agreement.ends_on), Phase.AGREEMENT_ENDED, protocol.cites("duration"))


def _is_bounded(protocol: Protocol) -> bool:
    return protocol.articles.duration.terms.bounded_by_agreement


def _told_ends(protocol: Protocol, events: list[Event], holding: list[tuple[datetime, Protocol]]) -> Iterator[End]:
    """The ends that happened, each judged by the text that held then; by the one it was told of where none did."""
    for event in events:
        at_that_time = [text for start, text in holding if start <= event.at]
        if end := _end(at_that_time[-1] if at_that_time else protocol, event):
            yield end


def _end(protocol: Protocol, event: Event) -> End | None:
    life, sanction = protocol.articles.life.terms, protocol.articles.sanction
    if event.kind is EventKind.NOTICE_REACHED and event.side in life.notice_by:
        return End(after(life.last_day(legal_day(event.at))), Phase.ENDED_BY_NOTICE, protocol.cites("life"))
    if event.kind is EventKind.ENDED_AT_ONCE and sanction is not None and event.side == sanction.terms.by:
        return End(event.at, Phase.ENDED_AT_ONCE, protocol.cites("sanction"))
    if event.kind is EventKind.LAPSED and life.lapses_without_ground:
        return End(event.at, Phase.LAPSED, protocol.cites("life"))
    if event.kind is EventKind.AGREEMENT_ENDED and _is_bounded(protocol):
        return End(after(legal_day(event.at)), Phase.AGREEMENT_ENDED, protocol.cites("duration"))
    return None


ENDING = frozenset({EventKind.NOTICE_REACHED, EventKind.ENDED_AT_ONCE, EventKind.LAPSED, EventKind.AGREEMENT_ENDED})
"""What ends the agreement, under whichever version it was told."""


def state(protocol: Protocol, events: Iterable[Event], at: datetime) -> State:
    """Where `protocol` stands at the instant `at`, after those of `events` (beside its own) that were by then."""
    known = [event for event in events if event.at <= at]
    protocol = protocol.as_known(at)
    end = next(iter(ends(protocol, known)), None)
    signed, starts = signed_at(protocol, known), holds_from(protocol, known)
    warnings = tuple(_warnings(protocol, known, signed, at))
    if end is not None and end.at <= at:
        return State(end.phase, end.at, end, warnings)
    if signed is None or signed > at:
        return State(*_before_signing(protocol, known, at), end, warnings)
    if starts is None or at < starts:
        return State(Phase.SIGNED, signed, end, warnings)
    if end is not None and end.phase is Phase.ENDED_BY_NOTICE:
        told = (*known, *(event for other in protocol.others for event in other.events))
        given = min(event.at for event in told if event.kind is EventKind.NOTICE_REACHED)
        return State(Phase.NOTICE_GIVEN, given, end, warnings)
    return State(Phase.IN_FORCE, starts, end, warnings)


def _before_signing(protocol: Protocol, known: list[Event], at: datetime) -> tuple[Phase, datetime | None]:
    happened = [event for event in (*written(protocol), *known) if event.at <= at]
    if signed := [event.at for event in signatures(protocol, known) if event.at <= at]:
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
    for side in protocol.published_by:
        if side not in published:
            yield f"not_published_by_{side}"
    agreement = protocol.agreement
    if agreement is not None and agreement.ends_on is None and protocol.articles.duration.terms.bounded_by_agreement:
        yield "end_of_agreement_unknown"
    if agreement is not None and not agreement.text_known:
        yield "text_of_agreement_unknown"
