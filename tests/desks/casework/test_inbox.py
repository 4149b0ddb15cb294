"""The inbox asks what an index answers, counts so far and no further, and says so (art. 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from brug.desks.casework import queries
from brug.desks.casework.models import Intake
from brug.office.parties.models import Member
from tests.desks.casework.conftest import referral

pytestmark = pytest.mark.django_db
LogIn = Callable[[Member], Client]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (lambda at: queries.intakes(), "intakes_of_the_inbox"),
        (lambda at: queries.overdue_intakes(at, 5), "intakes_to_contact"),
        (lambda at: queries.never_reached(at), "intakes_to_contact"),
        (lambda at: queries.waiting(), "intakes_"),
    ],
)
def test_an_index_answers(asked: Callable[[datetime], QuerySet[Intake]], index: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = asked(now)[:50].explain()
    assert index in plan and "B-TREE" not in plan and "Sort" not in plan


def test_a_long_list_is_counted_so_far_and_every_page_is_there(
    receive: Callable[..., Intake],
    hilde: Member,
    as_member: LogIn,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "COUNTED", 2)
    monkeypatch.setattr(queries, "PAGE", 1)
    arrived = [receive(referral(phone=f"+3247000000{n}"), now - timedelta(days=9 - n)).number for n in range(6)]
    browser = as_member(hilde)
    first = browser.get("/cases/inbox").content.decode()
    assert "Meer dan 2 gezinnen wachten" in first and "Pagina 1 van meer dan 2" in first
    seen = [browser.get(f"/cases/inbox?page={n}").content.decode() for n in range(1, 7)]
    assert [[number in page for number in arrived].index(True) for page in seen] == list(range(6))
    assert "Pagina 6 van 6" in seen[-1] and 'rel="next"' not in seen[-1]
    assert "Pagina 6 van 6" in browser.get("/cases/inbox?page=999999999999").content.decode()


def test_an_intake_of_whom_nobody_may_be_contacted_waits_for_nothing(
    receive: Callable[..., Intake], now: datetime
) -> None:
    receive(referral(given_name="Sara"))
    assert queries.longest_without_contact(now + timedelta(days=7)) == 5
    Intake.objects.update(withdrawn_at=now)
    assert queries.longest_without_contact(now + timedelta(days=7)) is None
