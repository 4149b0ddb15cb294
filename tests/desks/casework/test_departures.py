"""What leaves when: no file before its term nor after it, the calendar without a person, the DPO's hold (art. 3)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brug.core.calendar import first_day_after_years, legal_day
from brug.core.identity import Invalid
from brug.core.states import WrongState
from brug.desks.casework import departures, services
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import ClientFile, Intake
from brug.node import retention as node
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member, Proposal
from brug.office.vault import clock, retention
from brug.office.vault import services as vault
from brug.office.vault.models import Certificate, ClockMark, DataEncryptionKey, Envelope
from brug.office.vault.reasons import HoldReason, Reason
from tests import SOAK
from tests.desks.casework.conftest import PERSON, acts, member

LogIn = Callable[[Member], Client]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(11), tzinfo=UTC)


@pytest.fixture
def dpo(db: None) -> Member:
    return member("dw", "Wim Daems", "dpo")


@pytest.fixture
def closed(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    file = services.accept_help(clarified, by=karim, at=now, version=clarified.version)
    services.close_file(file, legal_day(now), by=karim, at=now, version=file.version)
    return file


def later(day: date) -> datetime:
    """Noon of `day`, with a clock that a person confirmed."""
    clock.confirm(noon(day))
    return noon(day)


def test_a_file_is_there_on_its_last_day_and_gone_on_the_next(closed: ClientFile) -> None:
    node.sweep(later(date(2036, 11, 23)))
    assert ClientFile.objects.count() == 1
    (certificate,) = node.sweep(later(date(2036, 11, 24)))
    assert not ClientFile.objects.exists()
    assert not Envelope.objects.exists() and not DataEncryptionKey.objects.exists()
    assert certificate.destroyed == [
        {
            "number": "D-2026-0001",
            "opened_on": "2026-11-23",
            "closed_on": "2026-11-23",
            "due_on": "2036-11-24",
            "protocol": closed.protocol,
        }
    ]
    assert acts()[-2:] == ["file_erased", "retention_swept"]
    assert Entry.objects.latest("pk").details == certificate.digest()


def test_a_hold_stops_the_sweep_visibly_and_ends_by_itself(closed: ClientFile, dpo: Member, now: datetime) -> None:
    departures.hold_file("d-2026-0001 ", HoldReason.COURT, date(2037, 1, 31), by=dpo, at=now)
    assert acts()[-1] == "hold_placed"
    assert node.sweep(later(date(2037, 1, 31))) == []
    assert len(node.sweep(later(date(2037, 2, 1)))) == 1


def test_only_the_dpo_holds(closed: ClientFile, karim: Member, hilde: Member, now: datetime) -> None:
    for other in (karim, hilde, member("ad", "An Admin", "administrator")):
        with pytest.raises(NotAllowed):
            departures.hold_file(closed.number, HoldReason.COURT, date(2037, 1, 1), by=other, at=now)
        with pytest.raises(NotAllowed):
            departures.propose_lift(closed.reference, by=other, at=now)


def test_a_hold_on_no_file_is_refused(dpo: Member, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        departures.hold_file("D-2026-0001", HoldReason.COURT, date(2037, 1, 1), by=dpo, at=now)
    assert refused.value.code == "no_such_file"


def test_a_hold_is_lifted_by_two(closed: ClientFile, dpo: Member, now: datetime) -> None:
    """What an officer alone lets go, an officer alone destroys."""
    ada = member("ad", "An Admin", "administrator")
    with pytest.raises(WrongState):
        departures.propose_lift(closed.reference, by=dpo, at=now)  # nothing is held
    departures.hold_file(closed.number, HoldReason.COURT, date(2037, 1, 1), by=dpo, at=now)
    before = len(acts())
    proposal = departures.propose_lift(closed.reference, by=dpo, at=now)
    assert retention.hold_on(closed.record, now.date()), "asking lifts nothing"
    with pytest.raises(NotAllowed):
        departures.lift_hold(proposal, by=dpo, at=now)
    departures.lift_hold(proposal, by=ada, at=now)
    assert retention.hold_on(closed.record, now.date()) is None
    with pytest.raises(WrongState):
        departures.lift_hold(proposal, by=ada, at=now)
    assert acts()[before:] == ["hold_lift_proposed", "hold_lifted"]


def test_a_hold_that_is_placed_anew_is_another(closed: ClientFile, dpo: Member, now: datetime) -> None:
    departures.hold_file(closed.number, HoldReason.COURT, date(2037, 1, 1), by=dpo, at=now)
    proposal = departures.propose_lift(closed.reference, by=dpo, at=now)
    departures.hold_file(closed.number, HoldReason.AUTHORITY, date(2038, 1, 1), by=dpo, at=now)
    with pytest.raises(WrongState):
        departures.lift_hold(proposal, by=member("ad", "An Admin", "administrator"), at=now)


def test_what_waits_for_an_event_is_never_swept(arrived: Intake) -> None:
    node.sweep(later(date(2090, 1, 1)))
    assert Intake.objects.count() == 1
    assert vault.read(arrived.record)


def put_file(opened_on: date, worker: Member, protocol: str) -> ClientFile:
    """A client file without the conversations before it."""
    file = ClientFile.objects.create(
        reference=uuid.uuid4(),
        number=f"D-{uuid.uuid4().hex[:8]}",
        worker=worker,
        opened_on=opened_on,
        record=uuid.uuid4(),
        protocol=protocol,
        version=1,
    )
    client = {"given_name": "Els", "family_name": "Wouters", "phone": "+32470000001"}
    content = {"referral": {"client": client}, HISTORY: []}
    vault.put(file.record, content, reason=Reason.CLIENT_FILE, due_on=None, at=noon(opened_on))
    return file


@given(seed=st.integers(0, 2**32))
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.soak
def test_twenty_years_of_daily_sweeps_erase_nothing_early_and_leave_nothing_late(
    seed: int, protocol: object, karim: Member, django_db_blocker: object
) -> None:
    """Forty files, closed and reopened on random days; each day ends with the sweep of the worker.

    `make soak` walks all 7,305 days; else those about each event and each end of a term, and one a month otherwise: a
    node that was off, and whose operator says that the clock is right.
    """
    chance = random.Random(seed)  # noqa: S311 (a history, not a secret)
    start = date(2024, 1, 1) + timedelta(days=chance.randrange(400))
    version = f"{protocol.id}@{protocol.version}"  # type: ignore[attr-defined]
    ClockMark.objects.all().delete()
    ClientFile.objects.all().delete()
    Envelope.objects.all().delete()
    Member.objects.update(secrecy_attested_on=None)
    todo: dict[date, list[tuple[str, ClientFile]]] = {}
    leaves: dict[ClientFile, date | None] = {}
    for _ in range(40):
        file, day = put_file(start, karim, version), start
        leaves[file] = None
        for step in range(chance.randrange(1, 6)):
            day += timedelta(days=chance.choice([0, 1, 59, 365, 3652, 3653]) + chance.randrange(300))
            todo.setdefault(day, []).append(("close" if step % 2 == 0 else "reopen", file))
    for n in range(20 * 365 + 5):
        day = start + timedelta(days=n)
        at = noon(day)
        for verb, file in todo.get(day, []):
            if leaves.get(file, day) is not None and leaves[file] <= day:  # type: ignore[operator]
                continue  # gone by then: nobody can open it any more
            Member.objects.update(secrecy_attested_on=day)
            karim.refresh_from_db()
            file.refresh_from_db()
            doing = {"by": karim, "at": at, "version": file.version}
            if verb == "close":
                services.close_file(file, day, **doing)  # type: ignore[arg-type]
                leaves[file] = first_day_after_years(day, 10)
            else:
                services.reopen_file(file, **doing)  # type: ignore[arg-type]
                leaves[file] = None
        is_near = day in todo or any(due and abs((due - day).days) < 2 for due in leaves.values())
        if SOAK:
            assert clock.observe(at)
        elif is_near or n % 30 == 0:
            clock.confirm(at)
        else:
            continue
        node.sweep(at)
        expected = {file.pk for file, due in leaves.items() if due is None or day < due}
        if is_near:
            assert set(ClientFile.objects.values_list("pk", flat=True)) == expected
            assert Envelope.objects.count() == len(expected)


def test_the_page_shows_figures_and_no_person(closed: ClientFile, dpo: Member, as_member: LogIn, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        page = as_member(dpo).get("/cases/departures")
        said = page.content.decode()
    assert page.status_code == 200
    assert '<table class="ds-table bars">' in said and '<svg aria-hidden="true"' in said, "each bar beside its number"
    assert not any(needle in said for needle in PERSON)
    assert "2036" in said


def test_the_dpo_keeps_a_file_back_and_lets_it_go_on_the_page(
    closed: ClientFile, dpo: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(dpo)
        typed = {"number": closed.number, "reason": "complaint", "until_on": "2040-01-01"}
        assert browser.post("/cases/departures", typed | {"number": "D-2026-9999"}).status_code == 422
        assert browser.post("/cases/departures", typed | {"until_on": "2026-11-22"}).status_code == 422
        assert browser.post("/cases/departures", typed).status_code == 302
        assert closed.number in browser.get("/cases/departures").content.decode()
        assert "2040" in as_member(karim).get(f"/cases/files/{closed.reference}").content.decode()
        assert browser.post(f"/cases/departures/holds/{closed.reference}/lift").status_code == 302
        assert closed.number in browser.get("/cases/departures").content.decode(), "it waits for a second person"
        ada, proposal = member("ad", "An Admin", "administrator"), Proposal.objects.get()
        agreed = {"shown": proposal.at.isoformat()}
        assert as_member(ada).post(f"/second/{proposal.pk}", agreed).status_code == 302
        assert closed.number not in browser.get("/cases/departures").content.decode()


@pytest.mark.parametrize("role", ["dispatcher", "social_worker", "team_member", "team_lead", "administrator", "dpo"])
def test_who_sees_the_page_and_who_holds(role: str, closed: ClientFile, as_member: LogIn, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(member("other", "Other", role, secrecy_attested_on=date(2026, 11, 1)))
        sees = role in {"dpo", "administrator"}
        assert browser.get("/cases/departures").status_code == (200 if sees else 404)
        typed = {"number": closed.number, "reason": "complaint", "until_on": "2040-01-01"}
        assert browser.post("/cases/departures", typed).status_code == (302 if role == "dpo" else 404)


def test_a_certificate_can_be_read_and_a_jumped_clock_is_told(
    closed: ClientFile, dpo: Member, as_member: LogIn, now: datetime
) -> None:
    node.sweep(later(date(2036, 11, 24)))
    with time_machine.travel(noon(date(2036, 11, 24)), tick=False):
        browser = as_member(dpo)
        page = browser.get(f"/cases/departures/{Certificate.objects.get().reference}")
        assert closed.number in page.content.decode()
        assert "confirm-clock" not in browser.get("/cases/departures").content.decode()
        assert browser.get(f"/cases/departures/{uuid.uuid4()}").status_code == 404
    with time_machine.travel(noon(date(2050, 1, 1)), tick=False):
        assert "confirm-clock" in as_member(dpo).get("/cases/departures").content.decode()
