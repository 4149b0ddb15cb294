"""What waits for a person: one table over all desks. Homes, mails and who is next follow from its rows (art. 2 to 9).

A row says in which states something waits, whose it is, and after how many working days who else hears of it. Whoever
is away is stood in for; where nobody has the role, the next in the row is asked at once (`Staff`).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from brug.core.calendar import BRUSSELS, after_working_days, hours_after, legal_day, working_days
from brug.office.parties.may import may, roles, whose
from brug.office.parties.models import Absence, Member
from brug.office.parties.states import Verb
from brug.office.roles import Role

OLDEST = timedelta(days=1000)  # nothing waits longer than it is counted: another party may tell any instant
MORNING = time(7, 0)  # in Brussels: when a working day begins for what is told again


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to do now, a line of a home: in words, where, since when; late when it should have been done.

    `count`: how many things it is about.
    """

    words: str
    url: str
    since: datetime | None = None
    is_late: bool = False
    may_wait: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that waits: its number ("" where it has none), where, since when.

    `owner`: primary key of whose it is; None: of whoever has the role. `team`: whose leads alone hear of it.
    """

    number: str
    url: str
    since: datetime
    owner: int | None = None
    team: int | None = None
    is_late: bool = False
    others: str = ""  # where who is next goes, when whose it is lets it wait; "": the same page


@dataclass(frozen=True, slots=True)
class Step:
    """Who is next, after so many working days."""

    after: int
    roles: tuple[Role, ...]


Find = Callable[[datetime, Collection[int] | None], Iterable[Thing]]
"""What waits at this instant: of these members (primary keys), or of everybody."""


@dataclass(frozen=True, slots=True)
class Row:
    """One sort of thing that waits.

    `states`: what of the state tables it is about. `words`: with %(number)s for one thing; where `where` (the name of
    an address) is given, a plural (`ngettext_lazy` on "n") for all of them in one line. `roles`: who is told first;
    none: whose it is. `hours`: elapsed hours since it began at which it is told, at night and on Sunday too, with the
    sentence `about`; then as all else. `mails`: False where it is told once, in the transaction that brought it.
    """

    code: str
    find: Find
    words: Any
    where: str = ""
    roles: tuple[Role, ...] = ()
    then: tuple[Step, ...] = ()
    states: tuple[enum.StrEnum, ...] = ()
    again: int = 1  # working days between two mails about the same
    is_late: bool = False
    may_wait: bool = False  # goes by itself when nobody does it: stands below all else, however old it is
    mails: bool = True
    hours: tuple[int, ...] = ()
    about: str = "waiting"  # a code of `alerts.WORDS`: the sentence of the mail
    verb: Verb | None = None  # what the page asks for: a home leads nowhere that stays shut


Quiet = Mapping[enum.StrEnum, str | Promise]
"""The states of a desk's tables in which nobody has to do anything, and why."""


@dataclass(frozen=True)
class Staff:
    """Who is in service, and who stands in for whom, on a legal day."""

    at: datetime

    @cached_property
    def members(self) -> dict[int, Member]:
        return {member.pk: member for member in Member.objects.filter(is_active=True)}

    @cached_property
    def away(self) -> dict[int, list[Absence]]:
        """The absences of today, by who is away; also those without anybody who stands in."""
        found: dict[int, list[Absence]] = {}
        for absence in Absence.objects.on(legal_day(self.at)):
            found.setdefault(absence.member_id, []).append(absence)
        return found

    def of_role(self, role: Role, team: int | None = None) -> dict[int, datetime | None]:
        """Who has this role today, and since when when standing in; of a team's things only its own lead."""
        found: dict[int, datetime | None] = {}
        for member in self.members.values():
            if member.role == role and (role != Role.TEAM_LEAD or member.team_id == team):
                found[member.pk] = None
                found |= {k: v for k, v in self.instead_of(member.pk).items() if k not in found}
        return found

    def instead_of(self, pk: int) -> dict[int, datetime | None]:
        """Who stands in today for the member, each since when."""
        return {
            absence.stand_in_id: morning(absence.from_on)
            for absence in self.away.get(pk, [])
            if absence.stand_in_id in self.members
        }

    def told(self, row: Row, thing: Thing) -> dict[int, datetime]:
        """Who has to hear of the thing, each from which instant on; never nobody while anybody of the row is here."""
        told: dict[int, datetime] = {}
        steps = [Step(0, row.roles), *row.then]
        since_ever = max(thing.since, self.at - OLDEST)
        takes_over = True  # nobody of a step before this one is here: it begins with the thing
        for step in steps:
            begins = since_ever if takes_over else _after(since_ever, step.after)
            people = self._of_step(step, thing)
            for pk, since in people.items():
                told.setdefault(pk, max(begins, since) if since else begins)
            takes_over = takes_over and not self._are_here(people)
        return {pk: since for pk, since in told.items() if since <= self.at}

    def _of_step(self, step: Step, thing: Thing) -> dict[int, datetime | None]:
        if step.roles:
            return {pk: since for role in step.roles for pk, since in self.of_role(role, thing.team).items()}
        if thing.owner is None:
            return {}
        mine: dict[int, datetime | None] = {thing.owner: None} if thing.owner in self.members else {}
        return mine | self.instead_of(thing.owner)

    def _are_here(self, people: Collection[int]) -> bool:
        return any(pk not in self.away for pk in people)


def morning(day: date) -> datetime:
    """The instant at which the legal day `day` begins for who works."""
    return datetime.combine(day, MORNING, tzinfo=BRUSSELS)


def _after(since: datetime, days: int) -> datetime:
    return morning(after_working_days(legal_day(since), days)) if days else since


def last_call(since: datetime, again: int, at: datetime, hours: tuple[int, ...] = ()) -> datetime | None:
    """The latest instant up to `at` at which a thing that waits since `since` is told: then, or at each of the elapsed
    `hours`, and from there every `again` working days in the morning. None: not yet."""
    if hours:
        passed = [call for hour in hours if (call := hours_after(since, hour)) <= at]
        if len(passed) < len(hours):
            return passed[-1] if passed else None
        since = passed[-1]
    day = legal_day(since)
    for back in (0, 1):  # this round of days may begin later this morning
        rounds = working_days(day, legal_day(at)) // again - back
        if rounds <= 0:
            return since
        if (call := morning(after_working_days(day, rounds * again))) <= at:
            return call
    return since


def lines(member: Member, at: datetime, *, table: tuple[Row, ...]) -> list[Waiting]:
    """What waits for the member now (of the rows of `table`): what is late, then what waits longest, then drafts."""
    staff, mine = Staff(at), whose(member, at)
    open_to = [row for row in table if row.verb is None or may(member, row.verb, at=at)]
    found = [line for row in open_to for line in _lines(row, _of(row, member, staff), mine)]
    return sorted(found, key=lambda line: (not line.is_late, line.may_wait, line.since or at))


def _of(row: Row, member: Member, staff: Staff) -> list[Thing]:
    asked = {role for step in (Step(0, row.roles), *row.then) for role in step.roles}
    everything = asked & roles(member, staff.at)
    things = row.find(staff.at, None if everything else whose(member, staff.at))
    return [thing for thing in things if member.pk in staff.told(row, thing)]


def _lines(row: Row, things: list[Thing], mine: Collection[int]) -> Iterator[Waiting]:
    if row.where and things:
        first = min(thing.since for thing in things)
        is_late = row.is_late or any(thing.is_late for thing in things)
        yield Waiting(row.words % {"n": len(things)}, reverse(row.where), first, is_late, row.may_wait, len(things))
        return
    for thing in things:
        words, url = str(row.words) % {"number": thing.number}, thing.url
        if thing.owner is not None and thing.owner not in mine:
            words, url = _("%(what)s (waits with a colleague)") % {"what": words}, thing.others or url
        yield Waiting(words, url, thing.since, row.is_late or thing.is_late, row.may_wait)
