"""What is due, and the figures of it, inside the OCMW only (art. 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brug.desks.casework import files, promptness, queries, services
from brug.desks.casework.models import Intake, Promptness
from brug.desks.casework.states import Channel, NextStep, Result
from brug.desks.casework.waiting import ROWS
from brug.office.parties import waiting
from brug.office.parties.models import Member
from tests.desks.casework.conftest import PERSON, member

LogIn = Callable[[Member], Client]


@pytest.fixture
def head(db: None) -> Member:
    return member("greet", "Greet Smets", "head_of_service", email="greet@westerlo.example")


def test_a_planned_step_waits_on_its_day_and_is_gone_when_done(assigned: Intake, karim: Member, now: datetime) -> None:
    on = (now + timedelta(days=2)).date()
    files.plan(assigned, NextStep.CALL, on, by=karim, at=now, version=assigned.version)
    planned = [row for row in ROWS if row.code == "case_planned"]
    assert not waiting.lines(karim, now + timedelta(days=1), table=(*planned,))
    later = now + timedelta(days=2)
    assert len(waiting.lines(karim, later, table=(*planned,))) == 1
    services.record_attempt(
        assigned, Channel.PHONE, Result.NO_ANSWER, told=False, by=karim, at=later, version=assigned.version
    )
    assert (assigned.next_step, assigned.next_on) == ("", None)
    assert not waiting.lines(karim, now + timedelta(days=3), table=(*planned,))


@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_a_case_that_was_hardly_tried_is_put_to_the_dispatcher_too(
    attempts: int, assigned: Intake, hilde: Member, now: datetime
) -> None:
    Intake.objects.filter(pk=assigned.pk).update(attempts=attempts)
    [row] = [row for row in ROWS if row.code == "intake_hardly_tried"]
    assert not waiting.lines(hilde, now + timedelta(days=59), table=(row,))
    [line] = waiting.lines(hilde, now + timedelta(days=60), table=(row,))
    assert assigned.number in line.words and line.url.endswith("/assign")


def test_ones_list_stands_in_the_order_of_its_days(
    receive: Callable[..., Intake], hilde: Member, karim: Member, now: datetime
) -> None:
    first, second, third = (receive(at=now + timedelta(minutes=n)) for n in range(3))
    for intake in (first, second, third):
        services.assign(intake, karim, by=hilde, at=now, version=intake.version)
    files.plan(first, NextStep.CALL, (now + timedelta(days=3)).date(), by=karim, at=now, version=first.version)
    assert list(queries.own_intakes(karim, now)) == [second, third, first]
    files.plan(second, NextStep.VISIT, (now + timedelta(days=9)).date(), by=karim, at=now, version=second.version)
    assert list(queries.own_intakes(karim, now)) == [third, first, second]


def test_the_head_sees_numbers_and_counts_and_no_person(
    assigned: Intake, head: Member, hilde: Member, karim: Member, as_member: LogIn, now: datetime, settings: Settings
) -> None:
    with time_machine.travel(now + timedelta(days=30), tick=False):
        Member.objects.exclude(pk=head.pk).update(secrecy_attested_on=(now + timedelta(days=1)).date())
        answer = as_member(head).get("/cases/on-time")
        said = answer.content.decode()
        assert assigned.number in said and not any(needle in said for needle in PERSON)
        assert f"{assigned.reference}/assign" not in said  # she escalates; the dispatcher assigns
        assert f"{assigned.reference}/assign" in as_member(hilde).get("/cases/on-time").content.decode()
        assert as_member(karim).get("/cases/on-time").status_code == 404
        for address in ("/cases/inbox", "/cases/mine", f"/cases/mine/{assigned.reference}"):
            assert as_member(head).get(address).status_code == 404


def test_the_share_in_time_is_a_figure(
    receive: Callable[..., Intake], hilde: Member, karim: Member, now: datetime
) -> None:
    for days in (1, 2, 20):
        intake = receive()
        services.assign(intake, karim, by=hilde, at=now, version=intake.version)
        at = now + timedelta(days=days)
        services.record_attempt(
            intake, Channel.PHONE, Result.REACHED, told=True, by=karim, at=at, version=intake.version
        )
    share = promptness.share_in_time(now.date(), (now + timedelta(days=40)).date(), {})
    assert (share.in_time, share.late, share.percent) == (2, 1, 66)
    assert (
        promptness.share_in_time(now.date() - timedelta(days=90), now.date() - timedelta(days=60), {}).percent is None
    )


def test_who_still_waits_is_not_in_time(
    receive: Callable[..., Intake], hilde: Member, karim: Member, now: datetime, client: Client
) -> None:
    """One was spoken with in time and seven wait for two months: that is not a hundred per cent."""
    spoken = receive()
    services.assign(spoken, karim, by=hilde, at=now, version=spoken.version)
    at = now + timedelta(days=1)
    services.record_attempt(spoken, Channel.PHONE, Result.REACHED, told=True, by=karim, at=at, version=spoken.version)
    for _ in range(7):
        receive()
    later = now + timedelta(days=60)
    [month] = [share for share in promptness.shares(later) if share.total]
    assert (month.in_time, month.late, month.waiting, month.percent) == (1, 0, 7, 12)
    assert promptness.promptness(later) == "1 / 8"
    with time_machine.travel(later, tick=False):
        client.force_login(hilde)
        page = client.get(reverse("on-time")).content.decode()
    assert "12%" in page and "7 wachten nog" in page and "100%" not in page


@pytest.mark.parametrize(
    ("in_time", "late", "percent"), [(0, 0, None), (4, 0, None), (30, 4, None), (30, 10, 75), (5, 0, 100), (0, 5, 0)]
)
def test_the_share_of_a_year_is_evidence_unless_it_is_of_few(
    in_time: int, late: int, percent: int | None, db: None, now: datetime
) -> None:
    Promptness.objects.create(month=date(2025, 11, 1), in_time=in_time, late=late)  # the first of the twelve
    Promptness.objects.create(month=date(2025, 10, 1), late=100)
    Promptness.objects.create(month=date(2026, 11, 1), late=100)  # not over yet
    assert promptness.evidence(now) == {"target_days": 5, "percent": percent}
