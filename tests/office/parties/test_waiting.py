"""Nothing waits unseen: each state of each table has somebody, who is told, told again, and somebody next (art. 2)."""

from __future__ import annotations

import enum
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.db.models import Model
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

import brug.desks
import brug.office
from brug.core.calendar import is_working_day, legal_day
from brug.desks.breaches.models import Breach
from brug.desks.casework.models import ClientFile, Intake, Onward, Partner
from brug.desks.quality.models import Report
from brug.desks.referrals.models import Referral
from brug.desks.requests.models import Request
from brug.office import plug
from brug.office.parties import standing, waiting
from brug.office.parties.models import Absence, Counterparty, Member, Team
from brug.office.parties.states import Category
from brug.office.parties.waiting import Row, Staff, Step, Thing
from brug.office.post import alerts
from brug.office.post.models import ByHand, Outgoing
from brug.office.roles import Role
from tests.conftest import NOW

LATER = timedelta(days=40)  # by then everything that waits has been told


def tables() -> Iterator[tuple[str, type[enum.StrEnum]]]:
    """The states of every table of transitions, wherever one stands."""
    for room in (brug.office, brug.desks):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if found.name.endswith(".states"):
                for name, value in vars(import_module(found.name)).items():
                    if name.endswith("TRANSITIONS"):
                        yield f"{found.name}.{name}", type(next(iter(value)))


def quiet() -> list[enum.StrEnum]:
    """In which states nobody has to do anything, as every desk says with the reason."""
    desks = sorted({row.find.__module__ for row in plug.rows()})
    return [state for desk in desks for state, why in getattr(import_module(desk), "QUIET", {}).items() if why]


def test_every_state_of_every_table_has_somebody_or_says_why_nobody() -> None:
    owned = [state for row in plug.rows() for state in row.states]
    states = [state for _name, table in tables() for state in table]
    assert len(list(tables())) >= 9
    for state in states:
        said = any(state is each for each in quiet())
        waits = any(state is each for each in owned)
        assert waits != said, f"{type(state).__name__}.{state}: somebody's, or quiet with the reason; not both"


def test_the_rows_have_names_of_their_own_and_each_has_somebody() -> None:
    rows = plug.rows()
    assert len({row.code for row in rows}) == len(rows)
    for row in rows:
        steps = [step.after for step in row.then]
        assert steps == sorted(steps) and row.again >= 1


@pytest.fixture
def people(db: None) -> dict[Role, Member]:
    """One of each role, of one team."""
    team = Team.objects.create(code="zuiderkempen", name="Zuiderkempen")
    today = legal_day(NOW)
    return {
        role: Member.objects.create(
            username=role,
            name=f"Noor {role}",
            role=role,
            team=team,
            secrecy_attested_on=today,
            email=f"{role}@x.example",
        )
        for role in Role
    }


Make = Callable[[dict[Role, Member], enum.StrEnum], Model]


def _intake(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    worker = None if state == "arrived" else people[Role.SOCIAL_WORKER]
    numbers = {"parcel_id": uuid.uuid4(), "referral_id": uuid.uuid4(), "residence": "13049", "protocol": "x@1"}
    assigned_at = NOW if worker else None
    return Intake.objects.create(
        number="W-2026-0001", arrived_at=NOW, state=state, worker=worker, assigned_at=assigned_at, **numbers
    )


def _file(people: dict[Role, Member], state: enum.StrEnum = "open") -> ClientFile:  # type: ignore[assignment]
    return ClientFile.objects.create(
        reference=uuid.uuid4(),
        number="D-2026-0001",
        worker=people[Role.SOCIAL_WORKER],
        opened_on=legal_day(NOW),
        record=uuid.uuid4(),
        protocol="x@1",
        state=state,
        version=1,
    )


def _onward(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    party = Counterparty.objects.create(
        kbo="0400000000", name="CAW", mailbox="caw@x.example", category=Category.CAW, confirmed_at=NOW
    )
    partner = Partner.objects.create(counterparty=party, proof="x", proven_on=legal_day(NOW))
    facts = {"partner": partner, "parcel_id": uuid.uuid4(), "sent_at": NOW, "withdrawn_on": legal_day(NOW)}
    return Onward.objects.create(file=_file(people), state=state, **facts)


def _referral(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    notifier = people[Role.TEAM_MEMBER]
    sent_at = None if state in ("draft", "consented") else NOW
    return Referral.objects.create(
        notifier=notifier, team=notifier.team, residence="13049", state=state, started_at=NOW, sent_at=sent_at
    )


def _report(side: str) -> Make:
    def make(people: dict[Role, Member], state: enum.StrEnum) -> Model:
        whose = people[Role.SOCIAL_WORKER if side == "recipient" else Role.TEAM_MEMBER]
        closed_at = NOW if state == "closed" else None
        return Report.objects.create(
            side=side, referral_id=uuid.uuid4(), protocol="x@1", field="phone", defect="wrong", state=state,
            whose=whose, team=whose.team, reported_at=NOW, answered_at=NOW, closed_at=closed_at,
        )  # fmt: skip

    return make


def _breach(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    aware_at = None if state == "suspected" else NOW
    return Breach.objects.create(
        breach_id=uuid.uuid4(), state=state, kind="device", recorded_at=NOW, suspected_at=NOW, aware_at=aware_at
    )


def _request(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    worker = None if state == "received" else people[Role.SOCIAL_WORKER]
    day = legal_day(NOW)
    facts = {"right": "access", "channel": "letter", "received_on": day, "due_on": day + timedelta(days=31)}
    return Request.objects.create(state=state, worker=worker, recorded_at=NOW, **facts)


def _outgoing(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    return Outgoing.objects.create(
        parcel_id=uuid.uuid4(), kind="canary", recipient="0212181956", mailbox="x@x.example", archive=b"", manifest="",
        state=state, awaits_receipt=True, queued_at=NOW, trying_since=NOW,
    )  # fmt: skip


def _by_hand(people: dict[Role, Member], state: enum.StrEnum) -> Model:
    return ByHand.objects.create(state=state, archive_sha256="0" * 64, size=1, came_at=NOW, came_by="mail")


MAKERS: dict[str, tuple[Make, ...]] = {
    "IntakeState": (_intake,),
    "FileState": (_file,),
    "OnwardState": (_onward,),
    "ReferralState": (_referral,),
    "ReportState": (_report("recipient"), _report("discloser")),
    "BreachState": (_breach,),
    "RequestState": (_request,),
    "OutgoingState": (_outgoing,),
    "ByHandState": (_by_hand,),
}
WALKED = [
    (make, state)
    for _name, table in tables()
    for make in MAKERS[table.__name__]
    for state in table
    if not (make is MAKERS["ReportState"][-1] and state in ("answered", "applied"))  # there its parcel is what waits
]


@pytest.mark.parametrize(("make", "state"), WALKED, ids=lambda each: str(getattr(each, "__name__", each)))
def test_whoever_must_act_reads_it_at_home(people: dict[Role, Member], make: Make, state: enum.StrEnum) -> None:
    """The crawl over the states: what waits stands on a home within forty days, and what is quiet on none."""
    make(people, state)
    homes = (plug.waiting(member, NOW + LATER) for member in people.values())
    of_each = ([line for line in home if not line.url.startswith("/members/")] for home in homes)  # that waits anyway
    theirs = next(filter(None, of_each), [])
    is_open_file = make is _onward  # it needs a file to be about, and that waits by itself
    if any(state is each for row in plug.rows() for each in row.states):
        assert theirs, f"{state} waits and nobody reads it"
        assert all(line.since and line.since <= NOW + LATER for line in theirs)
    elif not is_open_file:
        assert not theirs, f"{state} is quiet, and {theirs} stands on a home"


@pytest.mark.parametrize("is_busy", [True, False])
def test_no_home_says_nothing_to_do_while_the_table_has_something_for_that_role(
    people: dict[Role, Member], is_busy: bool
) -> None:
    """One of each thing that waits, in each of its states, against none: the pages, as each role gets them."""
    if is_busy:
        for make in (_intake, _referral, _breach, _request, _by_hand, _report("recipient")):
            make(people, next(state for each, state in WALKED if each is make or each.__name__ == make.__name__))
    said, empty = "U hoeft niets te doen", []
    with time_machine.travel(NOW + LATER, tick=False):
        for role, member in people.items():
            browser = Client()
            browser.force_login(member)
            page = browser.get("/").content.decode()
            assert (said in page) is not bool(plug.waiting(member, NOW + LATER)), role
            empty.append(said in page)
    assert not all(empty) if is_busy else any(empty)


ROLES = st.sampled_from([Role.DISPATCHER, Role.HEAD, Role.DPO, Role.TEAM_LEAD])
STEPS = st.lists(st.tuples(st.integers(1, 10), ROLES), max_size=3)


@given(data=st.data())
@pytest.mark.django_db
def test_while_anybody_of_a_row_is_here_somebody_is_told(data: st.DataObject) -> None:
    """Whoever is away or gone, as long as one colleague of the row is in service the thing is not unseen."""
    Absence.objects.all().delete()
    Member.objects.all().delete()
    here = data.draw(st.sets(ROLES, min_size=1))
    people = [Member.objects.create(username=role, name=role, role=role) for role in sorted(here)]
    away = data.draw(st.sets(st.sampled_from(people), max_size=len(people) - 1))
    for member in away:
        Absence.objects.create(member=member, from_on=legal_day(NOW), through_on=legal_day(NOW))
    steps = sorted(data.draw(STEPS))
    first = (data.draw(ROLES),)
    row = Row("x", lambda _at, _whose: (), "x", roles=first, then=tuple(Step(n, (role,)) for n, role in steps))
    asked = {*first, *(role for _after, role in steps)}
    told = Staff(NOW).told(row, Thing("", "", NOW - timedelta(minutes=1)))
    if asked & (here - {Role(member.role) for member in away}):
        assert any(pk in told for pk in {each.pk for each in people if each not in away})


@given(
    since=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(0, 60 * 24 * 60),
    again=st.integers(1, 10),
)
def test_what_is_told_again_is_told_in_the_morning_of_a_working_day(since: int, minutes: int, again: int) -> None:
    begins = NOW + timedelta(minutes=since)
    at = begins + timedelta(minutes=minutes)
    call = waiting.last_call(begins, again, at)
    assert call and begins <= call <= at
    if call != begins:
        assert is_working_day(legal_day(call))
        assert waiting.last_call(begins, again, call) == call


@given(hours=st.sets(st.integers(0, 90), min_size=1), looks=st.lists(st.integers(0, 100), min_size=1, max_size=20))
def test_whenever_the_node_runs_no_hour_is_lost_or_told_twice(hours: set[int], looks: list[int]) -> None:
    calls, told, latest = tuple(sorted(hours)), set(), NOW - timedelta(hours=1)
    for look in sorted(looks):
        call = waiting.last_call(NOW, 1, NOW + timedelta(hours=look), calls)
        if call and call > latest:  # as the digest compares
            told.add(call)
            latest = NOW + timedelta(hours=look)
    passed = [hour for hour in calls if hour <= max(looks)]
    assert bool(told) == bool(passed)
    assert not passed or latest >= NOW + timedelta(hours=passed[-1])


def test_what_counts_in_hours_has_a_sentence_of_its_own_and_somebody_first() -> None:
    urgent = [row for row in plug.rows() if row.hours]
    assert {"breach_unread", "breach_suspected", "breach_runs", "breach_over", "opened_in_need"} <= {
        row.code for row in urgent
    }
    for row in urgent:
        assert row.about in alerts.WORDS and row.about != "waiting" and row.roles and row.mails


def test_a_stand_in_sees_the_work_and_the_next_in_line_hears_when_there_is_none(people: dict[Role, Member]) -> None:
    karim, hilde = people[Role.SOCIAL_WORKER], people[Role.DISPATCHER]
    els = Member.objects.create(username="els", name="Els", role=Role.SOCIAL_WORKER, team=karim.team)
    file = _file(people)
    ClientFile.objects.filter(pk=file.pk).update(withdrawn_at=NOW)
    assert not [line for line in plug.waiting(els, NOW) if file.number in line.words]
    days = (legal_day(NOW), legal_day(NOW) + timedelta(days=4))
    absence = standing.begin(karim, els, *days, by=karim, at=NOW)
    els = Member.objects.get(pk=els.pk)
    assert [line.url for line in plug.waiting(els, NOW) if file.number in line.words]
    absence.delete()
    standing.begin(karim, None, *days, by=karim, at=NOW)
    [line] = [line for line in plug.waiting(hilde, NOW) if file.number in line.words]
    assert line.url.endswith("/reassign")


def days(first: int, last: int) -> tuple[date, date]:
    return legal_day(NOW) + timedelta(days=first), legal_day(NOW) + timedelta(days=last)


def test_an_officers_stand_in_has_the_role_for_the_period_only(people: dict[Role, Member], settings: Any) -> None:
    from brug.core.identity import Invalid
    from brug.office.parties.may import NotAllowed, Verb, may

    ann, greet, wim = people[Role.DPO], people[Role.HEAD], people[Role.ADMINISTRATOR]
    with pytest.raises(NotAllowed):
        standing.begin(ann, greet, *days(0, 4), by=wim, at=NOW)  # an officer's rights come from the operator
    with pytest.raises(Invalid):
        standing.begin(ann, wim, *days(0, 4), by=None, at=NOW)  # who opens accounts does not attest too
    standing.begin(ann, greet, *days(0, 4), by=None, at=NOW)
    for day, has_it in ((-1, False), (0, True), (4, True), (5, False)):
        fresh = Member.objects.get(pk=greet.pk)
        assert may(fresh, Verb.RUN_OVERSIGHT, at=NOW + timedelta(days=day)) is has_it
