"""Thirty-one families are given in thirty-five clicks; who calls finds a colleague, and nothing more (art. 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from brug.desks.casework import asking, files, services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Channel, NextStep, Result
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.vault import services as vault
from tests.desks.casework.conftest import PERSON, referral

Receive = Callable[..., Intake]
LogIn = Callable[[Member], Client]


def ticks(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="case" value="')[1:]]


@pytest.fixture
def thirty_one(receive: Receive, now: datetime) -> None:
    for number in range(31):
        receive(
            referral(
                given_name=f"Ama{chr(97 + number % 26)}{chr(97 + number // 26)}",
                phone=f"+3247000{number:04}",
                email=None,
            ),
            at=now,
        )


def test_thirty_one_families_are_given_in_thirty_five_clicks(
    thirty_one: None, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        page = browser.get("/cases/inbox").content.decode()
        found = ticks(page)
        clicks = len(found) + 3  # a tick each, the list of colleagues, «share evenly», the button
        browser.post("/cases/inbox/give", {"case": found, "to": "share"})
    assert len(found) == 31 and clicks <= 35
    given = [Intake.objects.filter(worker=each).count() for each in (hilde, karim, els)]
    assert sum(given) == 31 and max(given) - min(given) <= 1


def test_what_a_colleague_gave_meanwhile_is_not_given_twice(
    receive: Receive, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    first, second = receive(at=now), receive(at=now)
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        found = ticks(browser.get("/cases/inbox").content.decode())
        services.assign(first, els, by=hilde, at=now, version=first.version)
        browser.post("/cases/inbox/give", {"case": found, "to": karim.pseudonym.hex})
    assert Intake.objects.get(pk=first.pk).worker == els and Intake.objects.get(pk=second.pk).worker == karim


def test_the_dispatcher_and_the_worker_read_that_it_may_be_one_family_and_no_name(
    receive: Receive, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    first, second = receive(at=now), receive(referral(given_name="Youssef"), at=now)
    services.assign(first, karim, by=hilde, at=now, version=first.version)
    with time_machine.travel(now, tick=False):
        said = as_member(hilde).get(f"/cases/inbox/{second.reference}/assign").content.decode()
        assert karim.name in said and "gezin" in said and not any(needle in said for needle in PERSON)
        services.assign(second, els, by=hilde, at=now, version=second.version)
        assert karim.name in as_member(els).get(f"/cases/mine/{second.reference}").content.decode()
        other = receive(referral(given_name="Iemand", family_name="Anders", phone="+32470999999", email=None), at=now)
        assert asking.family_at_arrival(other, by=hilde, at=now) == []


@pytest.mark.parametrize("words", ["Amal Haddou", "0470 00 00 01", "amal@voorbeeld.example", "number"])
def test_who_answers_the_phone_reads_a_colleague_and_nothing_of_the_person(
    words: str, assigned: Intake, els: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    typed = assigned.number if words == "number" else words
    with time_machine.travel(now, tick=False):
        page = as_member(els).post("/cases/who", {"words": typed}).content.decode()
        assert karim.name in page
        shown = page.replace(typed, "")  # what she typed herself stands in the field
        assert not any(needle in shown for needle in PERSON)
        assert Entry.objects.filter(act="asked_around", by=els.pseudonym.hex).count() == 1
        as_member(els).post(f"/cases/who/{assigned.reference}/called")
    told = Intake.objects.get()
    assert (told.next_step, told.next_on) == (NextStep.CALL, now.date())
    assert vault.read(told.record)["journal"][-1]["kind"] == "client_called"


def test_who_finds_nothing_is_told_what_to_ask_and_the_question_is_counted(
    assigned: Intake, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        page = as_member(els).post("/cases/who", {"words": "Niemand Zo"}).content.decode()
    assert "telefoonnummer" in page
    assert Entry.objects.filter(act="asked_around").count() == 1


def test_without_secrecy_nobody_asks(assigned: Intake, els: Member, now: datetime) -> None:
    Member.objects.filter(pk=els.pk).update(secrecy_attested_on=None)
    with pytest.raises(NotAllowed):
        asking.who_knows("Amal Haddou", by=Member.objects.get(pk=els.pk), at=now)


def test_an_appointment_stands_when_the_client_says_yes(assigned: Intake, karim: Member, now: datetime) -> None:
    by: dict[str, Any] = {"by": karim, "at": now}
    services.record_attempt(assigned, Channel.PHONE, Result.REACHED, told=True, version=assigned.version, **by)
    services.clarify(assigned, ["first_age_milk"], version=assigned.version, **by)
    on = (now + timedelta(days=3)).date()
    files.plan(assigned, NextStep.VISIT, on, version=assigned.version, **by)
    services.accept_help(assigned, version=assigned.version, **by)
    file = ClientFile.objects.get()
    assert (file.next_step, file.next_on) == (NextStep.VISIT, on)
