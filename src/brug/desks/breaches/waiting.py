"""What waits for the officer: suspicions, the clock of a breach, what the other officer wrote (art. 9, GDPR 33).

What runs is told by elapsed hours, at night and through weekends. Where nobody takes it up, whoever can find the
officer or a stand-in hears it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import hours_after
from brug.desks.breaches import queries
from brug.desks.breaches.models import Person
from brug.desks.breaches.states import CLOCK_HOURS, NOBODY_HOURS, UNJUDGED_HOURS, UNREAD_HOURS, BreachState
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.waiting import Find, Quiet, Row, Step, Thing
from brug.office.roles import Role


def _find(asks: Callable[[queries.Row], datetime | None], *, is_late: bool = True) -> Find:
    """The cases of which `asks` says since when they ask something; not since ever: None."""

    def find(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
        for row in queries.register(at):
            if since := asks(row):
                where, near = reverse("breach", args=[row.breach.reference]), row.left is not None and row.left < 24
                yield Thing(row.breach.number, where, since, is_late=is_late or near)

    return find


def _unread(row: queries.Row) -> datetime | None:
    return row.unread_since


def _suspected(row: queries.Row) -> datetime | None:
    return row.breach.recorded_at if row.breach.state == BreachState.SUSPECTED and not row.is_unread else None


def _running(row: queries.Row) -> datetime | None:
    return row.breach.aware_at if row.left is not None and row.left >= 0 else None


def _over(row: queries.Row) -> datetime | None:
    return row.breach.aware_at if row.left is not None and row.left < 0 else None


def _open(row: queries.Row) -> datetime | None:
    """The authority was told, or need not be: what is left of the case waits all the same."""
    is_open = row.breach.state == BreachState.AWARE and row.left is None and not row.is_unread
    return row.breach.authority_at or row.breach.aware_at if is_open else None


def to_tell(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    """A person whom a breach concerns, and who is not told yet, of who may tell."""
    found = Person.objects.select_related("breach", "worker").filter(told="").exclude(worker=None).order_by("pk")
    for person in found if whose is None else found.filter(worker__in=whose):
        if person.worker is None or not may(person.worker, Verb.TELL_PERSON, Relation.OWN, at=at):
            continue  # the officer says who else does
        where = reverse("breach-person", args=[person.pk])
        others = reverse("breach-persons", args=[person.breach.reference])
        since = person.breach.aware_at or person.breach.recorded_at
        yield Thing(str(person), where, since, owner=person.worker_id, is_late=True, others=others)


def to_give(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    """A person of whom nobody here is known to know the family, or whose colleague may not tell (any more)."""
    waiting = Person.objects.select_related("breach", "worker").filter(told="").order_by("breach", "pk")
    idle = [each for each in waiting if not (each.worker and may(each.worker, Verb.TELL_PERSON, Relation.OWN, at=at))]
    for breach in dict.fromkeys(each.breach for each in idle):
        yield Thing(breach.number, reverse("breach-persons", args=[breach.reference]), breach.recorded_at, is_late=True)


def nobody_took(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    """A breach that no officer took up for a day, or of which the 72 hours are over."""
    for row in queries.register(at):
        waits = [since for asks in (_unread, _suspected) if (since := asks(row))]
        calls = [hours_after(since, NOBODY_HOURS) for since in waits]
        if row.breach.due_at and _over(row):
            calls.append(row.breach.due_at)
        if calls and min(calls) <= at:
            yield Thing(row.breach.number, reverse("breach-report"), min(calls), is_late=True)


def is_over(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    for row in queries.register(at):
        if _over(row) and row.breach.due_at:
            yield Thing(row.breach.number, reverse("breach", args=[row.breach.reference]), row.breach.due_at)


OFFICER = (Role.DPO,)
NEXT = (Role.HEAD, Role.ADMINISTRATOR)  # see no breach; know where the officer is, and who stands in
ROWS = (
    Row(
        "breach_unread",
        _find(_unread),
        _("%(number)s: read what the other officer wrote"),
        roles=OFFICER,
        hours=UNREAD_HOURS,
        about="breach",
    ),
    Row(
        "breach_suspected",
        _find(_suspected),
        _("%(number)s: assess the suspicion of a breach"),
        roles=OFFICER,
        states=(BreachState.SUSPECTED,),
        hours=UNJUDGED_HOURS,
        about="breach",
    ),
    Row(
        "breach_over",
        is_over,
        _("%(number)s: the 72 hours are over"),
        roles=OFFICER,
        hours=(0,),
        about="breach_clock",
        is_late=True,
    ),
    Row(
        "breach_nobody_took",
        nobody_took,
        _("%(number)s: nobody deals with this data breach. Call the data protection officer, or who stands in"),
        roles=NEXT,
        hours=(0,),
        about="breach",
        is_late=True,
    ),
    Row(
        "breach_runs",
        _find(_running, is_late=False),
        _("%(number)s: the 72 hours to notify the authority run"),
        roles=OFFICER,
        states=(BreachState.AWARE,),
        hours=CLOCK_HOURS,
        about="breach_clock",
    ),
    Row(
        "breach_open",
        _find(_open, is_late=False),
        _("%(number)s: decide what is left, and close the case"),
        roles=OFFICER,
        states=(BreachState.AWARE,),
        again=5,
    ),
    Row(
        "breach_person",
        to_tell,
        _("%(number)s: tell this person of a data breach"),
        then=(Step(2, OFFICER),),
    ),
    Row("breach_to_give", to_give, _("%(number)s: say who tells a person of the breach"), roles=OFFICER),
)
QUIET: Quiet = {
    BreachState.NO_BREACH: "the officer judged it",
    BreachState.CLOSED: "the officer closed it",
}
