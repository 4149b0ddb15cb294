"""Reads of the OCMW's desk: lists without persons, and what a page shows of a person who was opened (art. 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, DateField, F, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import IsNull
from django.utils.functional import Promise
from django.utils.translation import gettext

from brug.core.calendar import BRUSSELS, after_working_days, legal_day, working_days
from brug.core.datum import BEYOND
from brug.core.identity import municipalities_of, municipality, write_phone
from brug.desks.casework import aids
from brug.desks.casework.history import HISTORY, PENDING
from brug.desks.casework.models import TO_CONTACT, ClientFile, Intake
from brug.desks.casework.states import (
    BEFORE_CONTACT,
    IntakeState,
    TakenBack,
    ToDo,
)
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties.may import whose
from brug.office.parties.models import Member
from brug.office.post.models import Incoming
from brug.office.registry import queries as registry
from brug.office.roles import Role

PAGE = 50  # intakes on one page of the inbox
COUNTED = 1_000  # a page counts so far, and says "more than" beyond it: it stays as quick however much comes in


class LongList(Paginator):  # type: ignore[type-arg]
    """A list page by page, counted no further than `COUNTED`, or than the page after the one that is asked for."""

    def __init__(self, found: QuerySet[Any], asked: str | None) -> None:
        super().__init__(found, PAGE)
        self.found = found
        page = int(asked[:6]) if asked and asked.isdecimal() else 1
        self.bound = max(COUNTED, (page + 1) * PAGE)

    @cached_property
    def _counted(self) -> int:
        return count_to(self.found, self.bound)

    @property
    def is_longer(self) -> bool:
        return self._counted > self.bound

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.bound)


def count_to(found: QuerySet[Any], bound: int) -> int:
    """How many there are, or `bound` + 1 when there are more."""
    return found.order_by()[: bound + 1].count()


class Listed(NamedTuple):
    """The columns of an intake that a list shows, by their own names."""

    reference: UUID
    number: str
    residence: str
    arrived_at: datetime
    state: str
    withdrawn_at: datetime | None
    restricted_at: datetime | None
    worker_id: int | None
    version: int


@dataclass(frozen=True, slots=True)
class InboxRow:
    """What the dispatcher knows of an intake: a number, a place, days, a state, a colleague. No person."""

    intake: Intake | Listed
    worker: str  # a colleague's name, or ""
    municipality: str
    working_days: int  # since it arrived
    is_overdue: bool  # nobody spoke with the client within the OCMW's own target


def intakes() -> QuerySet[Intake]:
    """Every intake: what waits for somebody first, the oldest on top."""
    return Intake.objects.order_by(IsNull(F("worker"), True).desc(), "arrived_at")


def inbox_rows(found: Any, at: datetime) -> list[InboxRow]:
    today = legal_day(at)
    rows = found.values_list(*Listed._fields, "worker__name")
    return [_row(Listed(*row[:-1]), row[-1] or "", today) for row in rows]


def inbox_row(intake: Intake, at: datetime) -> InboxRow:
    return _row(intake, intake.worker.name if intake.worker else "", legal_day(at))


def _row(intake: Intake | Listed, worker: str, today: date) -> InboxRow:
    days = working_days(legal_day(intake.arrived_at), today)
    stopped = intake.withdrawn_at or intake.restricted_at
    overdue = intake.state in BEFORE_CONTACT and not stopped and days > settings.CONTACT_DAYS
    return InboxRow(intake, worker, _place(intake.residence, today), days, overdue)


@lru_cache(maxsize=1024)
def _place(residence: str, today: date) -> str:
    place = municipality(residence, today)
    return place.name if place else residence


def waiting() -> QuerySet[Intake]:
    """What waits for somebody."""
    return Intake.objects.filter(worker=None)


def longest_without_contact(at: datetime) -> int | None:
    """Working days since the oldest intake of which nobody has spoken with the client; None if there is none."""
    oldest = Intake.objects.filter(TO_CONTACT).order_by("arrived_at").values_list("arrived_at", flat=True).first()
    return working_days(legal_day(oldest), legal_day(at)) if oldest else None


def overdue_intakes(at: datetime, days: int) -> QuerySet[Intake]:
    """Families nobody has spoken with within `days` working days of their arrival, the oldest first.

    Not those whom nobody may contact now: the consent was taken back, or the processing is restricted (GDPR 7(3), 18).
    """
    today = last = legal_day(at)
    while working_days(last, today) <= days:
        last -= timedelta(days=1)  # the last day of arrival that is too long ago
    return _arrived_through(last)


def _arrived_through(last: date) -> QuerySet[Intake]:
    """Who is still to be contacted and came in on the legal day `last` or before it, the oldest first."""
    until = datetime.combine(last + timedelta(days=1), time(), tzinfo=BRUSSELS)
    return Intake.objects.filter(TO_CONTACT, arrived_at__lt=until).order_by("arrived_at")


def never_reached(at: datetime) -> QuerySet[Intake]:
    """Where the dispatcher must decide: enough attempts, enough days (this OCMW's policy), and nobody spoken with."""
    return _long_ago(at).filter(attempts__gte=settings.NEVER_REACHED_ATTEMPTS)


def hardly_tried(at: datetime) -> QuerySet[Intake]:
    """Where as many days went by, and there were too few attempts to decide anything."""
    return _long_ago(at).filter(attempts__lt=settings.NEVER_REACHED_ATTEMPTS)


def _long_ago(at: datetime) -> QuerySet[Intake]:
    today = legal_day(at)
    given = _arrived_through(today - timedelta(days=settings.NEVER_REACHED_DAYS)).exclude(worker=None)
    return given.filter(Q(ask_again_on=None) | Q(ask_again_on__lte=today))


def quarantine() -> list[str]:
    """Why each parcel in quarantine waits there: codes of `core.parcel.Rejection`."""
    return list(Incoming.objects.exclude(rejection="").order_by("fetched_at").values_list("rejection", flat=True))


def colleagues(by: Member) -> QuerySet[Member, Member]:
    """Who may be given a case by `by`: the social workers in service, and the dispatcher herself."""
    return Member.objects.filter(Q(role=Role.SOCIAL_WORKER) | Q(pk=by.pk), is_active=True).order_by("name")


def load_of(members: Iterable[Member]) -> dict[int, int]:
    """How many intakes each of `members` has at the moment, by primary key."""
    counted = Intake.objects.filter(worker__in=[m.pk for m in members]).order_by().values("worker")
    return {row["worker"]: row["count"] for row in counted.annotate(count=Count("pk"))}


def own_intakes(member: Member, at: datetime) -> QuerySet[Intake]:
    """One's own cases and those of who is away, by the day they are due: planned, else since they were touched."""
    touched = Cast(Coalesce("last_attempt_at", "arrived_at"), DateField())
    return Intake.objects.filter(worker__in=whose(member, at)).order_by(Coalesce("next_on", touched), "arrived_at")


def own_intake(member: Member, reference: UUID, at: datetime) -> Intake:
    """Raises `Intake.DoesNotExist`, also for another's: the two answers are the same."""
    return Intake.objects.get(pk=reference, worker__in=whose(member, at))


def own_files(member: Member, at: datetime) -> QuerySet[ClientFile]:
    """One's own client files: the open ones first, by the day that something is planned, then the newest."""
    order = (F("closed_on").desc(nulls_first=True), F("next_on").asc(nulls_last=True), "-opened_on", "number")
    return ClientFile.objects.filter(worker__in=whose(member, at)).order_by(*order)


def own_file(member: Member, reference: UUID, at: datetime) -> ClientFile:
    """Raises `ClientFile.DoesNotExist`, also for another's."""
    return ClientFile.objects.get(pk=reference, worker__in=whose(member, at))


def ended_by(member: Member, reference: UUID) -> bool:
    """Whether `member` had this case erased: then a second click is no mistake, and there is nothing left to say."""
    ended = Entry.of(Act.HELP_DECLINED, Act.ENDED, Act.JOINED_TO_FILE)
    return ended.filter(subject=str(reference), by=member.pseudonym.hex).exists()


def contact_target(intake: Intake) -> date:
    """The day by which somebody should have spoken with the client: the OCMW's own target, not the protocol's."""
    return after_working_days(legal_day(intake.arrived_at), settings.CONTACT_DAYS)


@dataclass(frozen=True, slots=True)
class Person:
    """The client as the page shows her, and who to ask about the data (art. 7)."""

    given_name: str
    family_name: str
    phone: str  # E.164 or ""
    email: str
    address: str  # lines
    notifier: str
    notifier_phone: str  # E.164 or ""
    team: str
    more: tuple[tuple[str, str], ...] = ()  # label and value of what else was agreed and given
    also: tuple[str, ...] = ()  # what later referrals that joined the file gave beside this

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def person(case: Intake | ClientFile, content: dict[str, Any], on: date) -> Person:
    """Who stands in the opened envelope of `case`; the municipality's name as of the legal day `on`."""
    referral = content.get("referral", {"client": {}, "residence": "", "notifier": {"name": "", "team": ""}})
    client, notifier = referral["client"], referral["notifier"]
    given = _reached_by(referral, on)
    later = [value for came in content.get("joined", []) for value in _reached_by(came["referral"], on).values()]
    return Person(
        given_name=client.get("given_name", ""),
        family_name=client.get("family_name", ""),
        phone=client.get("phone", ""),
        email=client.get("email", ""),
        address=given.get("address", ""),
        notifier=notifier["name"],
        notifier_phone=notifier.get("phone", ""),
        team=team_name(case.protocol, notifier["team"]),
        more=tuple((gettext(row.label), row.write(client[row.code])) for row in BEYOND if client.get(row.code)),
        also=tuple(dict.fromkeys(value for value in later if value not in given.values())),
    )


def _reached_by(referral: dict[str, Any], on: date) -> dict[str, str]:
    """By what the client of one referral may be reached, in the words of a page."""
    client = referral["client"]
    given = {
        "phone": write_phone(client["phone"]) if client.get("phone") else "",
        "email": client.get("email", ""),
        "address": _address(client.get("address") or {}, referral["residence"], on),
    }
    return {field: value for field, value in given.items() if value}


def team_name(protocol: str, code: str) -> str:
    """The name that the protocol gives the team, or its code."""
    known = registry.named(protocol)
    return next((team.name for team in known.teams if team.code == code), code) if known else code


def _address(address: dict[str, str], residence: str, on: date) -> str:
    served = municipalities_of(address.get("postal_code", ""), on)
    place = next((place for place in served if place.refnis == residence), None) or next(iter(served), None)
    place = place or municipality(residence, on)
    street = " ".join(address[part] for part in ("street", "number") if address.get(part))
    if street and address.get("box"):
        street += f" bus {address['box']}"
    town = f"{address.get('postal_code', '')} {place.name if place else ''}".strip()
    return "\n".join(line for line in (street, town) if line)


def to_put_right(content: dict[str, Any], on: date) -> list[tuple[str, str]]:
    """What must be put right in the other software: field, and its right value in the words of a page ("": none)."""
    pending = content.get(PENDING, [])
    given = {each["field"]: each["value"] for each in pending if each["value"] is not None}
    words = given | _reached_by({"client": given, "residence": ""}, on)
    return [(each["field"], words.get(each["field"], "")) for each in pending]


def kinds_in_words(codes: Iterable[str]) -> list[str | Promise]:
    """The names of kinds of aid."""
    names = aids.names()
    return [names.get(code, code) for code in codes]


def newest(content: dict[str, Any], kind: str) -> dict[str, Any]:
    """The newest entry of this kind in the history, or an empty one."""
    found = (entry for entry in reversed(content[HISTORY]) if entry["kind"] == kind)
    return next(found, {})


def to_do(intake: Intake, *, is_to_report: bool = False) -> ToDo:
    """What is to be done now; `is_to_report`: the last attempt found a datum wrong, and nobody reported it yet."""
    if intake.withdrawn_at:
        return ToDo.NO_GROUND if intake.taken_back == TakenBack.NO_GROUND else ToDo.WITHDRAWN
    if is_to_report:
        return ToDo.REPORT
    if intake.state == IntakeState.CLARIFIED:
        return ToDo.DECIDE
    if intake.state == IntakeState.REACHED:
        return ToDo.CLARIFY
    return ToDo.RETRY if intake.attempts else ToDo.CONTACT
