"""What waits for the officer: suspicions, the clock of a breach, what the other officer wrote (art. 9, GDPR 33).

The desk mails by a clock of its own, in hours (`services.remind`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.desks.breaches import queries
from brug.desks.breaches.models import Person
from brug.desks.breaches.states import BreachState
from brug.office.parties.may import Relation, Verb, may
from brug.office.parties.states import Role
from brug.office.parties.waiting import Find, Quiet, Row, Step, Thing


def _find(asks: Callable[[queries.Row], datetime | None], *, is_late: bool = True) -> Find:
    """The cases of which `asks` says since when they ask something; not since ever: None."""

    def find(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
        for row in queries.register(at):
            if since := asks(row):
                where, near = reverse("breach", args=[row.breach.reference]), row.left is not None and row.left < 24
                yield Thing(row.breach.number, where, since, is_late=is_late or near)

    return find


def _unread(row: queries.Row) -> datetime | None:
    return row.breach.recorded_at if row.is_unread else None


def _suspected(row: queries.Row) -> datetime | None:
    return row.breach.recorded_at if row.breach.state == BreachState.SUSPECTED and not row.is_unread else None


def _running(row: queries.Row) -> datetime | None:
    return row.breach.aware_at if row.left is not None and row.left >= 0 and not row.is_unread else None


def _over(row: queries.Row) -> datetime | None:
    return row.breach.aware_at if row.left is not None and row.left < 0 and not row.is_unread else None


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


OFFICER = (Role.DPO,)
ROWS = (
    Row(
        "breach_unread", _find(_unread), _("%(number)s: read what the other officer wrote"), roles=OFFICER, mails=False
    ),
    Row(
        "breach_suspected",
        _find(_suspected),
        _("%(number)s: assess the suspicion of a breach"),
        roles=OFFICER,
        states=(BreachState.SUSPECTED,),
        mails=False,
    ),
    Row("breach_over", _find(_over), _("%(number)s: the 72 hours are over"), roles=OFFICER, mails=False),
    Row(
        "breach_runs",
        _find(_running, is_late=False),
        _("%(number)s: the 72 hours to notify the authority run"),
        roles=OFFICER,
        states=(BreachState.AWARE,),
        mails=False,
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
