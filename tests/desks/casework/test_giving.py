"""Thirty-one families are given in thirty-five clicks; who calls finds a colleague, and nothing more (art. 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from brug.core import message
from brug.desks.casework import asking, files, queries, services
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Channel, NextStep, Result
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Absence, Member
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
    thirty_one: None,
    hilde: Member,
    karim: Member,
    els: Member,
    as_member: LogIn,
    now: datetime,
    record_property: Callable[[str, str], None],
) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        page = browser.get("/cases/inbox").content.decode()
        found = ticks(page)
        clicks = len(found) + 3  # a tick each, the list of colleagues, «share evenly», the button
        browser.post("/cases/inbox/give", {"case": found, "to": "share"})
    record_property("figure", f"31 families assigned: {clicks} clicks, 2 pages")
    assert len(found) == 31 and clicks <= 35
    given = [Intake.objects.filter(worker=each).count() for each in (hilde, karim, els)]
    assert sum(given) == 31 and max(given) - min(given) <= 1


def test_shared_evenly_two_parents_of_one_address_go_to_one_colleague(
    receive: Receive, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    """The father after the mother, and a mother whose family a colleague has already; and it is said."""
    address = {"address": message.Address(street="Lindestraat", number="3", postal_code="2260"), "email": None}
    known = receive(referral(given_name="Sara", family_name="Peeters", phone="+32470000020", **address), at=now)
    services.assign(known, karim, by=hilde, at=now, version=known.version)
    pair = [
        receive(referral(given_name=name, family_name=family, phone=phone, email=None), at=now)
        for name, family, phone in (("Amal", "Haddou", "+32470000001"), ("Youssef", "Idrissi", "+32470000002"))
    ]
    again = receive(referral(given_name="Tom", family_name="Wouters", phone="+32470000021", **address), at=now)
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        found = ticks(browser.get("/cases/inbox").content.decode())
        said = browser.post("/cases/inbox/give", {"case": found, "to": "share"}, follow=True).content.decode()
    mother, father = (Intake.objects.get(pk=each.pk).worker for each in pair)
    assert mother == father is not None
    assert Intake.objects.get(pk=again.pk).worker == karim
    assert "2 ervan" in said


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
        elsewhere = message.Address(street="Loofven", number="2", postal_code="2260")
        facts = {"given_name": "Iemand", "family_name": "Anders", "phone": "+32470999999", "email": None}
        other = receive(referral(**facts, address=elsewhere), at=now)
        assert asking.family_at_arrival(other, by=hilde, at=now) == ([], [])


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
    assert (told.next_step, told.next_on, told.called_on) == ("", None, now.date())
    assert vault.read(told.record)[HISTORY][-1]["kind"] == "client_called"


@pytest.mark.parametrize("state", ["planned", "closed", "elsewhere"])
def test_word_that_a_client_called_waits_until_somebody_called_back_whatever_else_is_so(
    state: str, clarified: Intake, els: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    later = now.date() + timedelta(days=9)
    if state == "planned":
        files.plan(file, NextStep.MEET, later, by=karim, at=now, version=file.version)
    elif state == "closed":
        services.close_file(file, now.date(), by=karim, at=now, version=file.version)
    else:
        files.hand_to_other_software(file, "2026/17", by=karim, at=now, version=file.version)
    with time_machine.travel(now, tick=False):
        said = as_member(els).post(f"/cases/who/{file.reference}/called", follow=True).content.decode()
        assert f"{karim.name} ziet dat de persoon belde" in said
        mine = as_member(karim)
        assert f"{file.number}: de cliënt belde" in mine.get("/").content.decode()
        assert "Ik belde terug" in mine.get(f"/cases/files/{file.reference}").content.decode()
        for _click in range(2):
            mine.post(f"/cases/who/{file.reference}/back")
        assert "de cliënt belde" not in mine.get("/").content.decode()
    file.refresh_from_db()
    assert (file.next_step, file.next_on) == ((NextStep.MEET, later) if state == "planned" else ("", None))
    kinds = [entry["kind"] for entry in vault.read(file.record)[HISTORY]]
    assert kinds[-2:] == ["client_called", "called_back"]


def test_word_goes_along_to_the_file(clarified: Intake, els: Member, karim: Member, now: datetime) -> None:
    assert asking.leave_word(clarified.reference, by=els, at=now) == karim
    clarified.refresh_from_db()
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    assert file.called_on == now.date()


def test_where_no_word_can_be_left_the_page_says_so(
    assigned: Intake, els: Member, as_member: LogIn, now: datetime
) -> None:
    Intake.objects.update(restricted_at=now)
    with time_machine.travel(now, tick=False):
        page = as_member(els).post("/cases/who", {"words": assigned.number}).content.decode()
    assert "zeg het uw collega zelf" in page and "/called" not in page


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


def test_one_after_the_other_is_given_without_the_list_between(
    thirty_one: None, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, first = as_member(hilde), Intake.objects.order_by("arrived_at").first()
        assert first is not None
        url, given = f"/cases/inbox/{first.reference}/assign", 0
        while url.endswith("/assign"):
            page = browser.get(url).content.decode()
            assert ("Toewijzen en volgende" in page) is (given < 30), given
            answer = browser.post(url, {"version": 1, "worker": karim.pseudonym.hex, "next": "1"})
            url, given = answer["Location"], given + 1
    assert given == 31 and Intake.objects.filter(worker=karim).count() == 31


def test_the_list_is_narrowed_and_ordered_and_keeps_that_from_page_to_page(
    receive: Receive, hilde: Member, karim: Member, as_member: LogIn, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = receive(at=now - timedelta(days=30)), receive(referral(given_name="Els"), at=now)
    services.assign(new, karim, by=hilde, at=now, version=new.version)
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)

        def shown(asked: str) -> list[str]:
            page = browser.get(f"/cases/inbox?{asked}").content.decode()
            return sorted((each.number for each in (old, new) if each.number in page), key=page.index)

        assert shown("state=late") == [old.number] and shown(f"worker={karim.pk}") == [new.number]
        assert shown("order=newest") == [new.number, old.number] and shown("place=13049&state=all") == shown("")
        assert shown("place=11002") == shown("") and shown("state=late&worker=zzz") == shown("state=late")
        monkeypatch.setattr(queries, "PAGE", 1)
        page = browser.get("/cases/inbox?order=newest").content.decode()
        assert "?order=newest&amp;page=2" in page


def test_who_is_away_is_given_no_family(
    arrived: Intake, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    Absence.objects.create(member=karim, from_on=now.date(), through_on=now.date())
    with time_machine.travel(now, tick=False):
        page = as_member(hilde).get(f"/cases/inbox/{arrived.reference}/assign").content.decode()
    assert els.name in page and karim.pseudonym.hex not in page


def test_a_worker_reads_phone_numbers_in_the_list_and_a_day(
    assigned: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    on = now.date() + timedelta(days=2)
    files.plan(assigned, NextStep.VISIT, on, by=karim, at=now, version=assigned.version)
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        assert "tel:+32470000001" in browser.get("/cases/mine").content.decode()
        for asked, found in (("contact", True), ("spoken", False), ("today", False)):
            assert ("Haddou" in browser.get(f"/cases/mine?show={asked}").content.decode()) is found
        assert "Haddou" not in browser.get("/cases/mine/day").content.decode()
        assert "Haddou" in browser.get(f"/cases/mine/day/{on}").content.decode()
        assert browser.get("/cases/mine/day/gisteren").status_code == 404
    with time_machine.travel(now + timedelta(days=5), tick=False):
        assert "Haddou" in as_member(karim).get("/cases/mine/day").content.decode()


def test_a_calendar_reads_the_steps_and_no_person(
    assigned: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    on = now.date() + timedelta(days=2)
    files.plan(assigned, NextStep.VISIT, on, by=karim, at=now, version=assigned.version)
    with time_machine.travel(now, tick=False):
        browser, program = as_member(karim), Client()
        page = browser.post("/cases/mine/calendar", {"do": "make"}).content.decode()
        [address] = re.findall(r"http://testserver(/cases/calendar/\S+\.ics)", page)
        answer = program.get(address)
        [step] = Calendar.from_ical(answer.content).walk("VEVENT")
        assert step.decoded("dtstart") == on and assigned.number in step["summary"]
        assert not any(needle in answer.content.decode() for needle in PERSON)
        assert address not in browser.get("/cases/mine/calendar").content.decode()
        browser.post("/cases/mine/calendar", {"do": "stop"})
        assert program.get(address).status_code == 404
        page = browser.post("/cases/mine/calendar", {"do": "make"}).content.decode()
        [address] = re.findall(r"http://testserver(/cases/calendar/\S+\.ics)", page)
        Member.objects.filter(pk=karim.pk).update(is_active=False)
        assert program.get(address).status_code == 404


def test_two_parents_of_one_address_can_go_to_one_worker(
    receive: Receive, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    other = {"given_name": "Youssef", "family_name": "Benali", "phone": "+32470999998", "email": None}
    first, second = receive(at=now), receive(referral(**other), at=now)
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        page = browser.get(f"/cases/inbox/{second.reference}/assign").content.decode()
        assert f"/cases/inbox/{first.reference}/assign" in page and not any(needle in page for needle in PERSON)
        services.assign(first, karim, by=hilde, at=now, version=first.version)
        page = browser.get(f"/cases/inbox/{second.reference}/assign").content.decode()
        assert page.count(karim.name) >= 2 and f"/cases/inbox/{first.reference}/assign" not in page


def test_the_officer_sees_who_asked_how_often(assigned: Intake, els: Member, as_member: LogIn, now: datetime) -> None:
    ann = Member.objects.create(username="ann", name="Ann", role="dpo")
    with time_machine.travel(now, tick=False):
        assert "Niemand vroeg iets" in as_member(ann).get("/cases/openings").content.decode()
        for words in ("Amal Haddou", "Niemand Zo"):
            as_member(els).post("/cases/who", {"words": words})
        page = as_member(ann).get("/cases/openings").content.decode()
        assert els.name in page and "2 keer" in page and "Haddou" not in page
    assert asking.questions(now + timedelta(days=60)) == []


def test_beside_a_colleague_stands_what_she_is_for(
    arrived: Intake, hilde: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    Member.objects.filter(pk=els.pk).update(remit="Tongerlo, budget")
    with time_machine.travel(now, tick=False):
        page = as_member(hilde).get(f"/cases/inbox/{arrived.reference}/assign").content.decode()
        assert f"{els.name} (Tongerlo, budget)" in page
