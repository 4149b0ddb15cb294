"""A desk is a plug: what it takes in, keeps, lets go of, hands over, does by itself, shows (art. 3, art. 4, art. 6).

Each desk gives one `Desk` as `plug` of its AppConfig, and beside the plug what a command asks alone. The node and the
pages read these and know no desk by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.urls import reverse
from django.utils.functional import Promise

from brug.office.asks import Cases, HandingOver, Keeper, ReadsLists, Referrals, Reports, Requests, Shows, Windows
from brug.office.ledger.acts import Again
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint, Verb
from brug.office.parties.waiting import Row, Waiting, lines

if TYPE_CHECKING:
    from brug.core import message
    from brug.office.disclosure.services import Arrival, Take
    from brug.office.vault.retention import Departures

Duty = Callable[[datetime], object]
DoAgain = Callable[[Entry, datetime], Iterator[str]]
"""What a restore does about an act that its backup does not know, in the caller's transaction; in words."""


@dataclass(frozen=True)
class SecondPerson:
    """An act that waits for the second of two people, on the page where they agree: about what, and what makes it
    true. `agree` takes the proposal, `by` and `at`, and raises `NotAllowed`, `WrongState`, `Invalid`."""

    about: Callable[[Proposal], list[tuple[str, str]]]  # label and value
    agree: Callable[..., object]


@dataclass(frozen=True)
class Overdue:
    """What is late at a desk, for who runs the machine: how many at an instant, and the words for some and for none."""

    count: Callable[[datetime], int]
    some: str  # "{n} … are past their last day"
    none: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a desk gives to the whole. Every duty may be done twice."""

    takes: Mapping[str, Take] = field(default_factory=dict)  # message kind → verb, in the transaction that accepts it
    keeps: Keeper | None = None
    shows: Shows | None = None
    brings: Callable[[UUID], Iterable[UUID]] | None = None  # the sender's reference → the records it brought here
    behind: Callable[[UUID], UUID | None] | None = None  # a reference of an address → the record that it shows
    hands_over: HandingOver | None = None
    each_turn: tuple[Duty, ...] = ()
    before_sending: tuple[Duty, ...] = ()  # stops what may no longer leave: where one fails, nothing is sent
    after_sending: tuple[Duty, ...] = ()
    each_day: tuple[Duty, ...] = ()
    cases: Cases | None = None  # who answers what other desks ask, of `asks`
    referrals: Referrals | None = None
    reports: Reports | None = None
    requests: Requests | None = None
    windows: Windows | None = None
    menu: tuple[tuple[Verb, str, str | Promise], ...] = ()  # who sees it, name of the address, word
    waits: tuple[Row, ...] = ()
    proves: Mapping[str, Callable[..., Any]] = field(default_factory=dict)  # clause of the evidence → counts
    agrees: Mapping[Joint, SecondPerson] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)  # beginning of an address → the module of those behind it
    again: Mapping[Again, DoAgain] = field(default_factory=dict)
    without_journal: Callable[[datetime], list[str]] | None = None  # closes what may have been since a backup; in words


@cache
def desks() -> dict[str, Desk]:
    """The plug of each desk by its label, in the order of `INSTALLED_APPS`."""
    return {config.label: config.plug for config in apps.get_app_configs() if hasattr(config, "plug")}


def _beside(what: str) -> dict[str, Any]:
    """What each desk that has it gives beside its plug, by its label: a command reads no desk that it does not ask."""
    return {config.label: getattr(config, what) for config in apps.get_app_configs() if hasattr(config, what)}


def overdue() -> dict[str, Overdue]:
    """What is late at each desk that counts it, by its label."""
    return _beside("overdue")


def departures() -> Departures:
    """Which desk lets go of what. A reason without a row has nothing but its envelope (art. 3)."""
    return {reason: departure for lets_go in _beside("lets_go").values() for reason, departure in lets_go.items()}


def reads_lists() -> ReadsLists:
    """The desk that reads a list of referrals that were mailed before this node was."""
    desk: ReadsLists
    [desk] = _beside("reads_lists").values()
    return desk


def invitation(code: str) -> str:
    """The address that an invitation leads to, at the desk that invites: no other address is read for it."""
    [where] = _beside("invites").values()
    return reverse("invitation", args=[code], urlconf=where)


def cases() -> Cases:
    """The desk that answers for the recipient's cases."""
    return next(desk.cases for desk in desks().values() if desk.cases)


def referrals() -> Referrals:
    """The desk that answers for the discloser's referrals."""
    return next(desk.referrals for desk in desks().values() if desk.referrals)


def reports() -> Reports:
    """The desk that answers for the reports on data."""
    return next(desk.reports for desk in desks().values() if desk.reports)


def requests() -> Requests:
    """The desk that answers for requests of data subjects."""
    return next(desk.requests for desk in desks().values() if desk.requests)


def windows() -> Windows:
    """The desk of the family's own window."""
    return next(desk.windows for desk in desks().values() if desk.windows)


@cache
def takes() -> dict[str, Take]:
    """Which verbs a message of each kind has; where several desks know their own of it, each is told."""
    from brug.office.disclosure import meeting, upkeep

    known: dict[str, list[Take]] = {
        "canary": [upkeep.hear_canary],
        "redeliver": [upkeep.redeliver],
        "key_card": [meeting.hear_new_keys],
    }
    for desk in desks().values():
        for kind, verb in desk.takes.items():
            known.setdefault(kind, []).append(verb)
    return {kind: verbs[0] if len(verbs) == 1 else all_of(*verbs) for kind, verbs in known.items()}


def all_of(*verbs: Take) -> Take:
    """Each of them is told of the same message, and acts on what is its own."""

    def take(content: message.Message, arrival: Arrival, at: datetime) -> None:
        for verb in verbs:
            verb(content, arrival, at)

    return take


def records_from(reference: UUID) -> list[UUID]:
    """The records that a referral with the sender's `reference` brought here."""
    return [record for desk in desks().values() if desk.brings for record in desk.brings(reference)]


def record_behind(reference: UUID) -> UUID | None:
    """The record of the vault that the pages of `reference` show, whichever desk's; None where they show none."""
    return next((found for desk in desks().values() if desk.behind and (found := desk.behind(reference))), None)


def keepers() -> dict[str, Keeper]:
    """The desks that keep persons, by label (GDPR 15–21)."""
    return {label: desk.keeps for label, desk in desks().items() if desk.keeps}


def shows() -> dict[str, Shows]:
    """The desks whose records a family may see by its own window, by label."""
    return {label: desk.shows for label, desk in desks().items() if desk.shows}


def handing_over() -> list[HandingOver]:
    """The desks that hand over what a leaving member worked on."""
    return [desk.hands_over for desk in desks().values() if desk.hands_over]


def duties(when: str) -> tuple[Duty, ...]:
    """What every desk does by itself: `each_turn`, `before_sending`, `after_sending` or `each_day`."""
    return tuple(duty for desk in desks().values() for duty in getattr(desk, when))


def second_person() -> dict[Joint, SecondPerson]:
    """What waits for a second person on the page that is of no desk; parties and tokens have pages of their own."""
    return {joint: act for desk in desks().values() for joint, act in desk.agrees.items()}


def urls() -> Iterator[tuple[str, str]]:
    """Where the addresses of each desk begin, and the module that has them."""
    return (each for desk in desks().values() for each in desk.urls.items())


def again() -> dict[Again, DoAgain]:
    """What a restore does about acts of desks."""
    return {what: verb for desk in desks().values() for what, verb in desk.again.items()}


def rows() -> tuple[Row, ...]:
    """The one table of what waits for a person."""
    return tuple(row for desk in desks().values() for row in desk.waits)


def waiting(member: Member, at: datetime) -> list[Waiting]:
    """What waits for a member at every desk: what is late first, then what waits longest."""
    return lines(member, at, table=rows())
