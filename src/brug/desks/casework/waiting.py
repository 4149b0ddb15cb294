"""What waits at the OCMW: families without a worker, families to contact, decisions, plans of today (art. 2, 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from brug.core.calendar import after_working_days, legal_day
from brug.desks.casework import queries
from brug.desks.casework.models import TO_CONTACT, ClientFile, Intake, Onward
from brug.desks.casework.states import TRANSITIONS, FileState, IntakeState, OnwardState
from brug.office.parties.models import Grant
from brug.office.parties.states import Verb
from brug.office.parties.waiting import Find, Quiet, Row, Step, Thing, morning
from brug.office.roles import Role

DISPATCHER, HEAD, OFFICER = (Role.DISPATCHER,), (Role.HEAD,), (Role.DPO,)
NOBODY_DAYS = 2  # working days without a worker after which the head of the service hears of it
STILL_DAYS = 20  # working days after which an open file without a next step is put to its worker
Whose = Collection[int] | None


def _intakes(whose: Whose) -> QuerySet[Intake]:
    found = Intake.objects.exclude(worker=None).order_by("arrived_at")
    return found if whose is None else found.filter(worker__in=whose)


def _files(whose: Whose) -> QuerySet[ClientFile]:
    found = ClientFile.objects.order_by("opened_on")
    return found if whose is None else found.filter(worker__in=whose)


def _case(case: Intake | ClientFile, since: datetime, *, is_late: bool = False) -> Thing:
    names = ("case", "case-assign") if isinstance(case, Intake) else ("file", "file-reassign")
    url, others = (reverse(name, args=[case.reference]) for name in names)
    return Thing(case.number, url, since, owner=case.worker_id, is_late=is_late, others=others)


def _of_dispatcher(name: str, intake: Intake, since: datetime) -> Thing:
    return Thing(intake.number, reverse(name, args=[intake.reference]), since)


@lru_cache(maxsize=1024)
def _late_from(arrived_on: date, days: int) -> datetime:
    return morning(after_working_days(arrived_on, days + 1))


def _listed(rows: Iterable[tuple[str, datetime | None, int | None]], at: datetime) -> Iterable[Thing]:
    return (Thing(number, "", since or at, owner=owner) for number, since, owner in rows)


def without_worker(at: datetime, _whose: Whose) -> Iterable[Thing]:
    found = Intake.objects.filter(worker=None).order_by("arrived_at")
    return (Thing(number, "", since) for number, since in found.values_list("number", "arrived_at"))


def nobody_took(at: datetime, _whose: Whose) -> Iterable[Thing]:
    for thing in without_worker(at, None):
        if (since := _late_from(legal_day(thing.since), NOBODY_DAYS)) <= at:
            yield Thing(thing.number, "", since)


def to_contact(at: datetime, whose: Whose) -> Iterable[Thing]:
    return _listed(_intakes(whose).filter(TO_CONTACT).values_list("number", "assigned_at", "worker"), at)


def too_long(at: datetime, _whose: Whose) -> Iterable[Thing]:
    late = queries.overdue_intakes(at, settings.CONTACT_DAYS).values_list("number", "arrived_at")
    return (
        Thing(number, "", _late_from(legal_day(came), settings.CONTACT_DAYS), is_late=True) for number, came in late
    )


def far_too_long(at: datetime, _whose: Whose) -> Iterable[Thing]:
    late = queries.overdue_intakes(at, settings.HEAD_AFTER_DAYS).values_list("number", "arrived_at")
    return (Thing(number, "", _late_from(legal_day(came), settings.HEAD_AFTER_DAYS)) for number, came in late)


def to_decide(at: datetime, _whose: Whose) -> Iterable[Thing]:
    for intake in queries.never_reached(at):
        yield _of_dispatcher("case-decide", intake, intake.last_attempt_at or intake.arrived_at)


def hardly_tried(at: datetime, _whose: Whose) -> Iterable[Thing]:
    """As long ago as a decision takes, and too few attempts for one: nobody would ever ask."""
    for intake in queries.hardly_tried(at):
        since = morning(legal_day(intake.arrived_at) + timedelta(days=settings.NEVER_REACHED_DAYS))
        yield _of_dispatcher("case-assign", intake, since)


def to_conclude(at: datetime, whose: Whose) -> Iterable[Thing]:
    """Somebody spoke with the client; what the client wants is not written down yet, and nothing is planned."""
    spoken = _intakes(whose).filter(state__in=(IntakeState.REACHED, IntakeState.CLARIFIED), next_on=None)
    found = spoken.filter(withdrawn_at=None, restricted_at=None)
    return _listed(found.values_list("number", "last_attempt_at", "worker"), at)


def planned(at: datetime, whose: Whose) -> Iterable[Thing]:
    today = legal_day(at)
    due = {"next_on__lte": today, "restricted_at": None, "withdrawn_at": None}
    files = _files(whose).filter(state=FileState.OPEN, **due)
    for found in (_intakes(whose).filter(**due), files):
        for number, on, owner in found.values_list("number", "next_on", "worker"):
            yield Thing(number, "", morning(on or today), owner=owner)


def called(at: datetime, whose: Whose) -> Iterable[Thing]:
    """The client called for a colleague, who has not called back."""
    for found in (_intakes(whose), _files(whose)):
        for case in found.exclude(called_on=None).order_by("called_on"):
            yield _case(case, morning(case.called_on or legal_day(at)))


def _withdrawn(intakes: bool) -> Find:
    def find(at: datetime, whose: Whose) -> Iterable[Thing]:
        found: QuerySet[Intake] | QuerySet[ClientFile] = _intakes(whose) if intakes else _files(whose)
        for case in found.exclude(withdrawn_at=None).order_by("withdrawn_at"):
            yield _case(case, case.withdrawn_at or at, is_late=True)

    return find


def to_tell(at: datetime, whose: Whose) -> Iterable[Thing]:
    """A partner that may have what the client took back: a person calls."""
    found = Onward.objects.filter(state=OnwardState.TO_TELL).select_related("file")
    for onward in found if whose is None else found.filter(file__worker__in=whose):
        yield _case(onward.file, morning(onward.withdrawn_on or legal_day(at)), is_late=True)


def without_step(at: datetime, whose: Whose) -> Iterable[Thing]:
    open_files = _files(whose).filter(state=FileState.OPEN, next_on=None, is_elsewhere=False)
    for file in open_files.filter(withdrawn_at=None, restricted_at=None):
        if (since := _late_from(file.opened_on, STILL_DAYS)) <= at:
            yield Thing(file.number, "", since, owner=file.worker_id)


def opened_in_need(at: datetime, _whose: Whose) -> Iterable[Thing]:
    for given_at in Grant.objects.filter(seen_at=None).order_by("given_at").values_list("given_at", flat=True):
        yield Thing("", "", given_at)


N = "n"
ROWS = (
    Row(
        "intake_without_worker",
        without_worker,
        ngettext_lazy("%(n)d referral has no worker yet", "%(n)d referrals have no worker yet", N),
        where="inbox",
        roles=DISPATCHER,
        states=(IntakeState.ARRIVED,),
    ),
    Row(
        "intake_nobody_took",
        nobody_took,
        ngettext_lazy("%(n)d referral has no worker after days", "%(n)d referrals have no worker after days", N),
        where="on-time",
        roles=HEAD,
        is_late=True,
    ),
    Row(
        "intake_to_contact",
        to_contact,
        ngettext_lazy("%(n)d family to get in touch with", "%(n)d families to get in touch with", N),
        where="my-cases",
        verb=Verb.SEE_OWN_CASES,
        states=(IntakeState.ASSIGNED, IntakeState.CONTACTING),
        again=3,
    ),
    Row(
        "intake_too_long",
        too_long,
        ngettext_lazy(
            "%(n)d family waits too long for a first conversation",
            "%(n)d families wait too long for a first conversation",
            N,
        ),
        where="on-time",
        roles=DISPATCHER,
        is_late=True,
    ),
    Row(
        "intake_far_too_long",
        far_too_long,
        ngettext_lazy(
            "%(n)d family waits far too long for a first conversation",
            "%(n)d families wait far too long for a first conversation",
            N,
        ),
        where="on-time",
        roles=HEAD,
        is_late=True,
    ),
    Row(
        "intake_to_decide",
        to_decide,
        _("%(number)s: nobody could be reached. Go on or stop?"),
        roles=DISPATCHER,
        again=5,
    ),
    Row(
        "intake_hardly_tried",
        hardly_tried,
        _("%(number)s: hardly tried in all this time. Ask the colleague, or give it to another"),
        roles=DISPATCHER,
        is_late=True,
        again=5,
    ),
    Row(
        "intake_to_conclude",
        to_conclude,
        ngettext_lazy(
            "%(n)d family spoken with: write down what is needed, or what was chosen",
            "%(n)d families spoken with: write down what is needed, or what was chosen",
            N,
        ),
        where="my-cases",
        verb=Verb.SEE_OWN_CASES,
        states=(IntakeState.REACHED, IntakeState.CLARIFIED),
        again=5,
    ),
    Row(
        "case_planned",
        planned,
        ngettext_lazy("%(n)d step planned for today or earlier", "%(n)d steps planned for today or earlier", N),
        where="my-cases",
        verb=Verb.SEE_OWN_CASES,
    ),
    Row(
        "case_called",
        called,
        _("%(number)s: the client called. Call back"),
        then=(Step(2, DISPATCHER),),
        verb=Verb.SEE_OWN_CASES,
    ),
    Row(
        "intake_withdrawn",
        _withdrawn(intakes=True),
        _("%(number)s: the consent is withdrawn, or the protocol had ended. Erase it"),
        then=(Step(2, DISPATCHER),),
        verb=Verb.SEE_OWN_CASES,
    ),
    Row(
        "file_withdrawn",
        _withdrawn(intakes=False),
        _("%(number)s: the client withdrew the consent or asks to erase it. Does the file stay?"),
        then=(Step(5, DISPATCHER),),
        verb=Verb.SEE_OWN_CASES,
    ),
    Row(
        "onward_to_tell",
        to_tell,
        _("%(number)s: call the partner, the client withdrew the consent"),
        then=(Step(1, DISPATCHER),),
        verb=Verb.SEE_OWN_CASES,
        states=(OnwardState.TO_TELL,),
    ),
    Row(
        "file_without_step",
        without_step,
        ngettext_lazy(
            "%(n)d open file in which no next step is planned", "%(n)d open files in which no next step is planned", N
        ),
        where="files",
        verb=Verb.SEE_OWN_CASES,
        states=(FileState.OPEN,),
        again=20,
    ),
    Row(
        "opened_in_need",
        opened_in_need,
        ngettext_lazy(
            "%(n)d family was opened in need: see who, when and why",
            "%(n)d families were opened in need: see who, when and why",
            N,
        ),
        where="openings",
        roles=OFFICER + HEAD,
        hours=(0,),
        about="glass",
    ),
)
ENDED = "the intake is gone: erased, or a client file"
QUIET: Quiet = {
    **{state: ENDED for state, events in TRANSITIONS.items() if not events},
    FileState.CLOSED: "kept for its term; the sweep erases it and the officer signs",
    OnwardState.SENT: "on its way or with the partner; a parcel without a receipt is the mail room's",
    OnwardState.STOPPED: "the partner has nothing",
    OnwardState.TOLD: "the partner was called",
}
