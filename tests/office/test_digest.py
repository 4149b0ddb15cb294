"""One mail a person for all that waits, never one each; a node that stood still catches up in one (art. 2)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.desks.casework.models import Intake
from brug.desks.oversight.models import NoProcessors, OverviewDue
from brug.office import digest
from brug.office.parties import standing
from brug.office.parties.models import Member
from brug.office.post import alerts
from brug.office.post.models import Alert
from brug.office.registry import services as registry
from brug.office.roles import Role
from tests.conftest import NOW, PROTOCOL_TEXT, WESTERLO


@pytest.fixture(autouse=True)
def _forgets(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def member(name: str, role: Role) -> Member:
    address = f"{name}@westerlo.example"
    return Member.objects.create(username=name, name=name, role=role, email=address, secrecy_attested_on=legal_day(NOW))


def arrive(count: int, at: datetime, worker: Member | None = None) -> None:
    begin = Intake.objects.count()
    for n in range(count):
        Intake.objects.create(
            number=f"W-2026-{begin + n:04}", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), residence="13049",
            protocol="x@1", arrived_at=at, worker=worker, assigned_at=at if worker else None,
            state="assigned" if worker else "arrived",
        )  # fmt: skip


def live(start: datetime, days: float, every: timedelta = timedelta(minutes=15)) -> list[tuple[str, datetime]]:
    """A node that runs: so often it looks; who was mailed when."""
    told: list[tuple[str, datetime]] = []
    at = start
    while at <= start + timedelta(days=days):
        digest.tell(at)
        told += [(notice.address.partition("@")[0], at) for notice in Alert.objects.all()]
        Alert.objects.all().delete()
        at += every
    return told


def test_thirty_one_arrivals_are_one_mail_to_the_dispatcher_within_the_hour() -> None:
    member("hilde", Role.DISPATCHER)
    arrive(31, NOW)
    told = live(NOW, 0.3)
    assert [who for who, _at in told] == ["hilde"]
    assert told[0][1] - NOW <= timedelta(hours=1)


def test_sixteen_families_given_in_five_minutes_are_one_mail_to_the_worker() -> None:
    karim = member("karim", Role.SOCIAL_WORKER)
    for minute in range(5):
        arrive(4 if minute == 0 else 3, NOW + timedelta(minutes=minute), karim)
    assert [who for who, _at in live(NOW, 0.3)] == ["karim"]


def test_it_is_told_again_on_working_days_and_goes_up_when_nobody_acts() -> None:
    member("hilde", Role.DISPATCHER)
    member("greet", Role.HEAD)
    arrive(1, NOW)  # a Monday
    told = live(NOW, 7, every=timedelta(hours=2))
    assert {at.weekday() for who, at in told} <= {0, 1, 2, 3, 4}
    assert sum(who == "hilde" for who, _at in told) >= 5
    first_of_head = min(at for who, at in told if who == "greet")
    assert legal_day(first_of_head) == legal_day(NOW) + timedelta(days=3)


def test_at_night_and_in_a_weekend_nobody_is_mailed_and_nothing_is_lost() -> None:
    member("hilde", Role.DISPATCHER)
    friday_night = NOW + timedelta(days=4, hours=11)
    arrive(2, friday_night)
    [first, *_rest] = live(friday_night, 3, every=timedelta(hours=1))
    assert first[1].weekday() == 0


def test_a_node_that_stood_still_tells_in_one_mail_what_it_missed() -> None:
    member("hilde", Role.DISPATCHER)
    arrive(1, NOW)
    live(NOW, 0.1)
    arrive(5, NOW + timedelta(days=1))
    again = NOW + timedelta(days=14)
    assert [who for who, _at in live(again, 0.05)] == ["hilde"]


def test_whoever_stands_in_is_told_of_what_waited_before() -> None:
    member("hilde", Role.DISPATCHER)
    karim = member("karim", Role.SOCIAL_WORKER)
    arrive(3, NOW - timedelta(days=3))
    hilde = Member.objects.get(username="hilde")
    standing.begin(hilde, karim, legal_day(NOW), legal_day(NOW), by=hilde, at=NOW)
    assert "karim" in {who for who, _at in live(NOW, 0.1)}


def test_the_mail_says_where_and_nothing_of_anybody(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["brug.westerlo.example"]
    member("hilde", Role.DISPATCHER)
    arrive(1, NOW)
    digest.tell(NOW + timedelta(hours=1))
    mail = alerts.compose(Alert.objects.get(), NOW)
    text = mail.get_content()
    assert "brug.westerlo.example/" in text and "W-2026" not in text and "1" not in mail["Subject"]


def test_it_asks_as_often_with_five_protocols_as_with_two() -> None:
    """A discloser has one for nearly every municipality."""
    member("nadia", Role.DPO)
    OverviewDue.objects.create(party=WESTERLO, since=NOW)
    NoProcessors.objects.create(said_at=NOW)
    for name, residence in {"geel": "13008", "herentals": "13011"}.items():
        adopt(name, residence)
    with CaptureQueriesContext(connection) as two:
        digest.due({}, NOW)
    for name, residence in {"mol": "13025", "dessel": "13006", "retie": "13036"}.items():
        adopt(name, residence)
    with CaptureQueriesContext(connection) as five:
        digest.due({}, NOW)
    assert len(five) == len(two)


def adopt(name: str, residence: str) -> None:
    text = PROTOCOL_TEXT.replace("id: opgroeien-ocmw-westerlo", f"id: opgroeien-ocmw-{name}")
    registry.adopt(text.replace('residences: ["13049"]', f'residences: ["{residence}"]'), at=NOW)
