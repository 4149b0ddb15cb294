"""The life of a protocol as a picture: which state from when to when, what happened, where we are now (art. 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import BRUSSELS, legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind, Phase

Words = dict[str, "str | Promise"]
Place = Callable[[datetime], float]  # an instant → percent of the width

GROUNDS = {
    EventKind.PUBLISHED: "publication", EventKind.NOTICE_REACHED: "life", EventKind.ENDED_AT_ONCE: "sanction",
    EventKind.LAPSED: "life", EventKind.AGREEMENT_ENDED: "duration", EventKind.MAILBOX_ASKED: "security",
    EventKind.MAILBOX_CHANGED: "security", EventKind.OFFICER_CHANGED: "notification",
}  # fmt: skip
WARNINGS: Words = {
    "signed_after_entry_into_force": _(
        "It was signed after it came into force. What was shared in between is a question for both data protection "
        "officers; this program allows nothing before the last signature."
    ),
    "not_published_by_discloser": _("The discloser has not told yet where it published this protocol."),
    "not_published_by_recipient": _("The recipient has not told yet where it published this protocol."),
    "end_of_agreement_unknown": _("The end of the cooperation agreement is not known; the protocol ends with it."),
    "text_of_agreement_unknown": _("The text of the cooperation agreement is not with this protocol."),
}
PUT_RIGHT = _("Signed by %(who)s for %(side)s; first recorded as %(told)s’s")
NOBODYS = _("Not signed for %(side)s: %(told)s’s signature was recorded wrongly")
NARROW = 7.0  # percent: two marks nearer than this touch each other on a telephone


@dataclass(frozen=True, slots=True)
class Span:
    """A state from `since` to `until` (None: as far as is known), drawn at `x` with `width` (percent)."""

    phase: Phase
    since: datetime
    until: datetime | None
    x: float
    width: float

    @property
    def words(self) -> str:
        return gettext(self.phase.words)

    @property
    def colour(self) -> str:
        return self.phase.colour


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, by its number in the table, drawn at `x` (percent) in the row `row` from 0."""

    number: int
    words: str
    at: datetime
    article: str
    x: float
    row: int

    @property
    def y(self) -> int:
        """The middle of the circle, in pixels."""
        return 102 + 30 * self.row


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn; positions in percent of the width, so that it fits any screen."""

    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    years: tuple[tuple[int, float], ...]
    today: float

    @property
    def rest(self) -> float:
        """What is still to come, in percent."""
        return round(100 - self.today, 2)

    @property
    def height(self) -> int:
        """In pixels."""
        return max((mark.y for mark in self.marks), default=90) + 20


def standing(protocol: Protocol, at: datetime) -> str:
    """Where it stands, in a few words with the day since when: "in force since 29 January 2024"."""
    state = life.state(protocol, protocol.events, at)
    if state.since is None:
        return gettext(state.phase.words)
    words = {"state": gettext(state.phase.words), "day": date_format(legal_day(state.since), "j F Y")}
    return gettext("%(state)s since %(day)s") % words


def colour(protocol: Protocol, at: datetime) -> str:
    """The colour of the badge of where it stands."""
    return life.state(protocol, protocol.events, at).phase.colour


def warnings(protocol: Protocol, at: datetime) -> list[str]:
    """What a reader should know about its life."""
    return [str(WARNINGS[code]) for code in life.state(protocol, protocol.events, at).warnings]


def publications(protocol: Protocol) -> Iterator[dict[str, object]]:
    """Where each party published it, the last address of each that was told."""
    told = sorted((e for e in protocol.events if e.kind is EventKind.PUBLISHED), key=lambda e: e.at)
    for event in {event.side: event for event in told}.values():
        if event.side and event.told.startswith(("https://", "http://")):
            yield {"party": getattr(protocol, event.side).short_name, "at": event.at, "address": event.told}


def picture(protocol: Protocol, at: datetime) -> Picture:
    """The life of `protocol` as known at `at`."""
    told = sorted(_told(protocol), key=lambda each: each[0])
    moments = [moment for moment, _words, _article in told]
    ends = [end.at for end in protocol.ends]
    first = min([*moments, at]) - timedelta(days=30)
    last = max([*moments, *ends, at]) + timedelta(days=60)

    def place(moment: datetime) -> float:
        return round(100 * (moment - first) / (last - first), 2)

    return Picture(
        spans=tuple(_spans(protocol, moments, ends, last, place)),
        marks=tuple(_marks(told, place)),
        years=tuple(_years(first, last, place)),
        today=place(at),
    )


def _told(protocol: Protocol) -> Iterator[tuple[datetime, str, str]]:
    """Every dated thing: instant, words, article."""
    for event in life.standing(protocol, protocol.events):
        side = getattr(protocol, event.side).short_name if event.side else ""
        article = protocol.cites(GROUNDS[event.kind]) if event.kind in GROUNDS else ""
        if event.kind is EventKind.ADVISED:
            advised = (each for each in protocol.advices if each.terms.side == event.side)
            article = next((f"recital {each.mark}" for each in advised), "")
        words: str | Promise = event.kind.words
        if event.kind is EventKind.SIGNED and event.told:
            words = PUT_RIGHT if event.who else NOBODYS
        yield event.at, gettext(str(words)) % {"side": side, "who": event.who, "told": event.told}, article
    if protocol.agreement is not None:
        concluded = life.first_moment(protocol.agreement.concluded_on)
        yield concluded, gettext("Cooperation agreement concluded"), protocol.cites("ground")
    yield (
        life.first_moment(protocol.in_force_from),
        gettext("In force from this day, once signed"),
        protocol.cites("life"),
    )
    for end in protocol.ends:
        yield end.at, gettext(end.phase.words).capitalize(), end.article


def _spans(
    protocol: Protocol, moments: list[datetime], ends: list[datetime], last: datetime, place: Place
) -> Iterator[Span]:
    borders = sorted({*moments, *ends, last})
    found: list[tuple[Phase, datetime, datetime]] = []
    for since, until in pairwise(borders):
        phase = life.state(protocol, protocol.events, since).phase
        if found and found[-1][0] is phase:
            found[-1] = (phase, found[-1][1], until)
        else:
            found.append((phase, since, until))
    for phase, since, until in found:
        width = round(place(until) - place(since), 2)
        yield Span(phase, since, None if until == last else until, place(since), width)


def _marks(told: list[tuple[datetime, str, str]], place: Place) -> Iterator[Mark]:
    rows: list[float] = []  # where the last mark of each row stands
    for number, (moment, words, article) in enumerate(told, start=1):
        x = place(moment)
        row = next((n for n, taken in enumerate(rows) if x - taken >= NARROW), len(rows))
        rows[row : row + 1] = [x]
        yield Mark(number, words, moment, article, x, row)


def _years(first: datetime, last: datetime, place: Place) -> Iterator[tuple[int, float]]:
    begin, end = legal_day(first).year + 1, legal_day(last).year
    step = 1 + (end - begin) // 6
    for year in range(begin, end + 1, step):
        yield year, place(datetime(year, 1, 1, tzinfo=BRUSSELS))
