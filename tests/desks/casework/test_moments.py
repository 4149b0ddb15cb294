"""Contacts count by the moment they happened; what the client wants is asked once more and undone that day (art. 2)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from brug.core.calendar import BRUSSELS
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.casework import files, queries, services, undoing
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import AidTally, ClientFile, Intake, Origin, Outcome, Promptness
from brug.desks.casework.states import Channel, Ending, IntakeState, NextStep, Reassignment, Result
from brug.office import digest
from brug.office.parties.models import Grant, Member
from brug.office.parties.services import has_grant
from brug.office.post.models import Alert
from brug.office.vault import services as vault
from tests.desks.casework.conftest import member

LogIn = Callable[[Member], Client]
Page = Callable[[Intake], str]
HOUR = timedelta(hours=1)


def tried(intake: Intake, by: Member, at: datetime, happened_at: datetime | None = None) -> None:
    found = Intake.objects.get(pk=intake.pk)
    how: dict[str, Any] = {"told": False, "by": by, "at": at, "version": found.version}
    services.record_attempt(found, Channel.PHONE, Result.NO_ANSWER, happened_at=happened_at, **how)


def test_three_attempts_in_a_minute_are_one_and_three_days_are_three(
    assigned: Intake, karim: Member, now: datetime
) -> None:
    later = now + timedelta(days=settings.NEVER_REACHED_DAYS + 1)
    karim.secrecy_attested_on = now.date()
    for second in range(3):
        tried(assigned, karim, later + timedelta(seconds=second))
    assert Intake.objects.get().attempts == 1 and not queries.never_reached(later).exists()
    for day in (3, 2):  # written down afterwards, in any order
        tried(assigned, karim, later + HOUR, happened_at=later - timedelta(days=day))
    kept = Intake.objects.get()
    assert kept.attempts == 3 and kept.last_attempt_at == later + timedelta(seconds=2)
    assert queries.never_reached(later + HOUR).get() == kept


@pytest.mark.parametrize(("moved", "code"), [(HOUR, "happened_in_future"), (-48 * HOUR, "happened_before_arrival")])
def test_nobody_called_in_the_future_or_before_it_arrived(
    moved: timedelta, code: str, assigned: Intake, karim: Member, now: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        tried(assigned, karim, now, happened_at=now + moved)
    assert refused.value.code == code


def test_a_conversation_of_before_the_weekend_is_in_time_when_it_is_noted_after_it(
    assigned: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    spoken, noted = now + 2 * HOUR, now + timedelta(days=14)
    with time_machine.travel(noted, tick=False):
        browser = as_member(karim)
        page = browser.get(f"/cases/mine/{assigned.reference}/reached").content.decode()
        assert re.search(r'type="datetime-local"[^>]*name="happened_at"|name="happened_at"', page)
        typed = {"version": "2", "channel": "phone", "told": "on"}
        moment = spoken.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")
        answer = browser.post(f"/cases/mine/{assigned.reference}/reached", typed | {"happened_at": moment})
        assert answer.status_code == 302
        shown = browser.get(f"/cases/mine/{assigned.reference}").content.decode()
    assert (Promptness.objects.get().in_time, Promptness.objects.get().late) == (1, 0)
    entry = vault.read(assigned.record)[HISTORY][-1]
    assert entry["at"] != entry["happened_at"] and "genoteerd op" in shown


def test_after_a_wrong_number_the_next_step_is_to_report_it(
    assigned: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    services.record_attempt(assigned, Channel.PHONE, Result.WRONG_NUMBER, told=False, by=karim, at=now, version=2)
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        shown = html.unescape(browser.get(f"/cases/mine/{assigned.reference}").content.decode())
        [address] = re.findall(r'href="([^"]+\?field=phone&defect=wrong)"', shown)
        form = browser.get(address).content.decode()
        assert all(re.search(rf'value="{chosen}"[^>]* checked', form) for chosen in ("phone", "wrong"))
        browser.post(address, {"field": "phone", "defect": "wrong", "how": "phone"})
        shown = html.unescape(browser.get(f"/cases/mine/{assigned.reference}").content.decode())
    assert address not in shown and "nog geen antwoord" in shown


def test_who_moved_is_sent_away_before_any_conversation(
    assigned: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    from brug.desks.casework import endings

    with time_machine.travel(now, tick=False):
        shown = as_member(karim).get(f"/cases/mine/{assigned.reference}/end").content.decode()
    assert f"/cases/mine/{assigned.reference}/end/not_ours" in shown
    endings.end_case(assigned, Ending.NOT_OURS, by=karim, at=now, version=assigned.version)
    assert Outcome.objects.get().outcome == IntakeState.NOT_OURS and not Intake.objects.exists()


def test_a_note_before_there_is_a_file(assigned: Intake, karim: Member, as_member: LogIn, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        answer = browser.post(f"/cases/mine/{assigned.reference}/note", {"version": "2", "text": "belt liever na 18 u"})
        assert answer["Location"] == f"/cases/mine/{assigned.reference}"
        assert "belt liever na 18 u" in browser.get(answer["Location"]).content.decode()
    assert Intake.objects.get().attempts == 0


def test_help_is_confirmed_and_undone_on_the_same_day_only(
    clarified: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        url = f"/cases/mine/{clarified.reference}/outcome"
        assert browser.post(url, {"version": clarified.version}).status_code == 422
        was = Intake.objects.values().get()
        assert browser.post(url, {"version": clarified.version, "sure": "on"}).status_code == 302
        file = ClientFile.objects.get()
        content = vault.read(file.record)
        assert not undoing.can_undo(file, content, now + timedelta(days=1))
        assert f"/cases/files/{file.pk}/undo" in browser.get(f"/cases/files/{file.pk}").content.decode()
        answer = browser.post(f"/cases/files/{file.pk}/undo", {"version": file.version})
        assert answer["Location"] == f"/cases/mine/{clarified.reference}"
        assert browser.get(answer["Location"]).status_code == 200
    again = Intake.objects.values().get()
    assert {name: value for name, value in again.items() if name != "version"} == {
        name: value for name, value in was.items() if name != "version"
    }
    assert not ClientFile.objects.exists() and not Origin.objects.exists()
    assert [tally.count for tally in (*Outcome.objects.all(), *AidTally.objects.all())] == [0, 0]
    assert not vault.due((now + timedelta(days=9999)).date())  # kept as an intake: an event ends it
    services.accept_help(Intake.objects.get(), by=karim, at=now, version=again["version"])


def test_what_was_noted_since_is_not_undone(clarified: Intake, karim: Member, now: datetime) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    files.plan(file, NextStep.CALL, now.date(), by=karim, at=now, version=file.version)
    with pytest.raises(WrongState):
        undoing.undo_help(file, by=karim, at=now, version=file.version)


def test_a_file_with_aid_that_runs_is_closed_only_when_that_is_said(
    clarified: Intake, karim: Member, as_member: LogIn, now: datetime
) -> None:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    granted = files.Grant("budget_guidance", "BC 12", now.date(), now.date())
    files.grant_aid(file, granted, by=karim, at=now, version=file.version)
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        shown = html.unescape(browser.get(f"/cases/files/{file.pk}").content.decode())
        assert "Eersteleeftijdsmelk" in shown and "Budgetbegeleiding" in shown  # the need beside the aid
        typed = {"version": file.version, "closed_on": now.date().isoformat()}
        asked = browser.post(f"/cases/files/{file.pk}/close", typed)
        assert asked.status_code == 422 and 'name="still_runs"' in asked.content.decode()
        assert ClientFile.objects.get().closed_on is None
        browser.post(f"/cases/files/{file.pk}/close", typed | {"still_runs": "on"})
    assert ClientFile.objects.get().closed_on == now.date()


def test_what_a_mail_announces_stands_on_the_home_of_who_got_it(
    clarified: Intake, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    """A family or a file that a dispatcher took over: the officer and the head are mailed, and find it."""
    ann, jan = (member(name, name, role) for name, role in (("ann", "dpo"), ("jan", "head_of_service")))
    Member.objects.filter(pk__in=(ann.pk, jan.pk)).update(email="x@westerlo.example")
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    files.reassign(file, hilde, Reassignment.ABSENCE, by=hilde, at=now, version=file.version)
    digest.tell(now)
    assert Alert.objects.filter(about="glass").count() >= 2
    with time_machine.travel(now, tick=False):
        for who in (ann, jan):
            browser = as_member(who)
            assert "/cases/openings" in browser.get("/").content.decode()
            page = browser.get("/cases/openings").content.decode()
            assert all(each in page for each in (hilde.name, file.number, "Nam het gezin over"))
        [opened] = Grant.objects.all()
        as_member(ann).post(f"/cases/openings/{opened.pk}/seen")
        assert "U hoeft niets te doen" in as_member(jan).get("/").content.decode()
    assert not has_grant(hilde, file.reference, at=now)  # an opening it is not: she has the file
