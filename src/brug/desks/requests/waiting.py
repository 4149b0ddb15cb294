"""What waits of requests of data subjects: to assign, to answer, near the last day and after it (GDPR 12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brug.core.calendar import legal_day
from brug.desks.requests.models import Place, Request
from brug.desks.requests.states import OPEN, REMIND_DAYS, RequestState
from brug.office.parties.states import Verb
from brug.office.parties.waiting import Quiet, Row, Step, Thing, morning
from brug.office.roles import Role

OFFICER = (Role.DPO,)


def _open(whose: Collection[int] | None) -> QuerySet[Request]:
    found = Request.objects.filter(state__in=OPEN).order_by("due_on")
    return found if whose is None else found.filter(worker__in=whose)


def late(at: datetime) -> int:
    """How many open requests are past their last day."""
    return Request.objects.filter(state__in=OPEN, due_on__lt=legal_day(at)).count()


def _thing(request: Request, since: datetime, at: datetime) -> Thing:
    where, is_late = reverse("request", args=[request.reference]), request.due_on < legal_day(at)
    return Thing(request.number, where, since, owner=request.worker_id, is_late=is_late)


def to_assign(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    for request in Request.objects.filter(state__in=OPEN, worker=None).order_by("due_on"):
        yield _thing(request, request.recorded_at, at)


def to_answer(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    for request in _open(whose).exclude(worker=None).filter(due_on__gt=legal_day(at) + timedelta(days=REMIND_DAYS)):
        yield _thing(request, request.recorded_at, at)


def near_the_end(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    """The last week before the answer must be there."""
    last_week = {"due_on__gte": legal_day(at), "due_on__lte": legal_day(at) + timedelta(days=REMIND_DAYS)}
    for request in _open(whose).exclude(worker=None).filter(**last_week):
        begins = max(request.recorded_at, morning(request.due_on - timedelta(days=REMIND_DAYS)))
        yield _thing(request, begins, at)


def over(at: datetime, whose: Collection[int] | None) -> Iterable[Thing]:
    for request in _open(whose).exclude(worker=None).filter(due_on__lt=legal_day(at)):
        yield _thing(request, morning(request.due_on + timedelta(days=1)), at)


def doubtful(at: datetime, _whose: Collection[int] | None) -> Iterable[Thing]:
    """A record of which one field agrees: the officer decides whether it is the person's."""
    found = Place.objects.filter(allowed_at=None, request__state__in=OPEN).exclude(agrees_in__contains=" ")
    for place in found.select_related("request").order_by("request__due_on"):
        since = place.request.searched_at or at
        yield Thing(place.request.number, reverse("request", args=[place.request.reference]), since)


ROWS = (
    Row(
        "request_to_assign",
        to_assign,
        _("%(number)s: give the request to a colleague"),
        roles=OFFICER,
        verb=Verb.SEE_REQUESTS,
        states=(RequestState.RECEIVED,),
    ),
    Row(
        "request_to_answer",
        to_answer,
        _("%(number)s: a request of a data subject"),
        then=(Step(10, OFFICER),),
        verb=Verb.SEE_REQUESTS,
        states=(RequestState.ASSIGNED, RequestState.IDENTIFIED),
        again=5,
    ),
    Row(
        "request_last_week",
        near_the_end,
        _("%(number)s: the last week for the answer"),
        then=(Step(2, OFFICER),),
        verb=Verb.SEE_REQUESTS,
    ),
    Row(
        "request_doubtful",
        doubtful,
        _("%(number)s: a record agrees in one field, decide whether it is the person’s"),
        roles=OFFICER,
        verb=Verb.SEE_REQUESTS,
    ),
    Row(
        "request_over",
        over,
        _("%(number)s: the last day for the answer is over"),
        then=(Step(0, OFFICER),),
        verb=Verb.SEE_REQUESTS,
    ),
)
QUIET: Quiet = {
    RequestState.ANSWERED: "the person has the answer",
    RequestState.REFUSED: "the person has the reason and the way to complain",
}
