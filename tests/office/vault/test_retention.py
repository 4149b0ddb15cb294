"""The sweep: whole batches with certificates, holds, the clock, and a run that dies half-way (art. 3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.office.vault import clock, retention
from brug.office.vault import services as vault
from brug.office.vault.models import BlindIndex, Certificate, DataEncryptionKey, Envelope, Hold
from brug.office.vault.reasons import HoldReason, Reason
from brug.office.vault.retention import Departure

pytestmark = pytest.mark.django_db
PERSON = {"given_name": "Els", "family_name": "Wouters"}


def kept(at: datetime, due_on: date | None, reason: Reason = Reason.CLIENT_FILE) -> UUID:
    record = uuid.uuid4()
    vault.put(record, PERSON, reason=reason, due_on=due_on, at=at, indexes={"name": "els wouters"})
    return record


def numbers(records: Sequence[UUID]) -> list[dict[str, str]]:
    return [{"number": f"D-{n}"} for n, _ in enumerate(records)]


class Desk:
    """A desk that remembers what it was told to let go of."""

    def __init__(self) -> None:
        self.gone: list[UUID] = []
        self.accounted: list[Certificate] = []
        self.dies_at = 0

    def erase(self, records: Sequence[UUID], at: datetime) -> None:
        if self.dies_at and len(self.gone) + len(records) >= self.dies_at:
            raise ZeroDivisionError
        self.gone += records

    def sweep(self, at: datetime, **how: object) -> list[Certificate]:
        departures = {Reason.CLIENT_FILE: Departure(self.erase, numbers)}
        return retention.sweep(at, departures=departures, account=self.accounted.append, **how)  # type: ignore[arg-type]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_is_due_goes_and_what_is_not_stays(desk: Desk, now: datetime) -> None:
    today = legal_day(now)
    due, tomorrow, waiting = kept(now, today), kept(now, today + timedelta(days=1)), kept(now, None, Reason.INTAKE)
    (certificate,) = desk.sweep(now)
    assert desk.gone == [due]
    assert set(Envelope.objects.values_list("record", flat=True)) == {tomorrow, waiting}
    assert set(DataEncryptionKey.objects.values_list("record", flat=True)) == {tomorrow, waiting}
    assert BlindIndex.objects.filter(record=due).count() == 0
    assert certificate.counts == {"client_file": 1}
    assert desk.sweep(now) == []


def test_a_certificate_tells_numbers_and_hashes_and_no_person(desk: Desk, now: datetime) -> None:
    record = kept(now, legal_day(now))
    sealed = bytes(Envelope.objects.get().content)
    (certificate,) = desk.sweep(now)
    told = f"{certificate.counts}{certificate.destroyed}{certificate.proofs}"
    assert "Wouters" not in told and str(record) not in told
    import hashlib

    assert certificate.proofs == [hashlib.sha256(sealed).hexdigest()]
    assert certificate.destroyed == [{"number": "D-0"}]
    assert [c.digest() for c in desk.accounted] == [Certificate.objects.get().digest()]


def test_a_changed_certificate_no_longer_fits_its_hash(desk: Desk, now: datetime) -> None:
    kept(now, legal_day(now))
    (certificate,) = desk.sweep(now)
    before = certificate.digest()
    certificate.counts = {"client_file": 0}
    assert certificate.digest() != before


def test_who_dies_half_way_has_done_whole_batches_and_goes_on(desk: Desk, now: datetime) -> None:
    for _ in range(10):
        kept(now, legal_day(now))
    desk.dies_at = 7
    with pytest.raises(ZeroDivisionError):
        desk.sweep(now, batch=3)
    assert (Envelope.objects.count(), len(desk.gone), Certificate.objects.count()) == (4, 6, 2)
    desk.dies_at = 0
    desk.sweep(now, batch=3)
    assert (Envelope.objects.count(), len(desk.gone), Certificate.objects.count()) == (0, 10, 4)
    assert sum(c.counts["client_file"] for c in Certificate.objects.all()) == 10


def test_a_hold_stops_it_through_its_last_day(desk: Desk, now: datetime) -> None:
    record, today = kept(now, legal_day(now)), legal_day(now)
    last = today + timedelta(days=1)
    retention.hold(record, reason=HoldReason.COURT, until_on=last, by="a" * 32, at=now)
    assert desk.sweep(now) == []
    assert desk.sweep(now + timedelta(days=1)) == []
    assert len(desk.sweep(now + timedelta(days=2))) == 1
    assert not Hold.objects.exists()


def test_a_hold_survives_a_change_of_the_record_and_can_be_lifted(desk: Desk, now: datetime) -> None:
    record = kept(now, legal_day(now))
    retention.hold(record, reason=HoldReason.COURT, until_on=date(2035, 1, 1), by="a" * 32, at=now)
    vault.replace(record, PERSON, reason=Reason.CLIENT_FILE, due_on=legal_day(now), at=now)
    assert desk.sweep(now) == []
    assert retention.lift(record)
    assert len(desk.sweep(now)) == 1


def test_a_hold_does_not_begin_in_the_past(now: datetime) -> None:
    yesterday = legal_day(now) - timedelta(days=1)
    with pytest.raises(Invalid):
        retention.hold(kept(now, None), reason=HoldReason.COURT, until_on=yesterday, by="a" * 32, at=now)


@pytest.mark.parametrize("jump", [timedelta(days=3653), timedelta(days=-3653), timedelta(hours=49)])
def test_a_clock_that_jumped_erases_nothing(jump: timedelta, desk: Desk, now: datetime) -> None:
    kept(now, legal_day(now) - timedelta(days=4000))
    clock.observe(now)
    with pytest.raises(clock.Jumped):
        desk.sweep(now + jump)
    assert Envelope.objects.count() == 1


def test_a_day_to_come_can_be_shown_and_not_done(desk: Desk, now: datetime) -> None:
    day = legal_day(now) + timedelta(days=400)
    kept(now, day)
    with pytest.raises(Invalid):
        desk.sweep(now, as_of=day)
    departures = {Reason.CLIENT_FILE: Departure(desk.erase, numbers)}
    counts, lines = retention.plan(day, legal_day(now), departures)
    assert (counts, lines) == ({"client_file": 1}, [{"number": "D-0"}])
    assert Envelope.objects.count() == 1
    assert retention.plan(day - timedelta(days=1), legal_day(now), departures)[0] == {}


def test_an_earlier_day_leaves_the_rest(desk: Desk, now: datetime) -> None:
    today = legal_day(now)
    kept(now, today), kept(now, today - timedelta(days=10))
    desk.sweep(now, as_of=today - timedelta(days=5))
    assert Envelope.objects.get().due_on == today


def test_the_calendar_counts_each_record_once(now: datetime) -> None:
    today = legal_day(now)
    for due_on in (today, today - timedelta(days=90), date(2027, 1, 31), date(2036, 5, 1), date(2036, 6, 1)):
        kept(now, due_on)
    kept(now, None, Reason.INTAKE)
    shown = retention.calendar(today)
    assert dict(shown.months)[date(2026, 11, 1)] == 2
    assert dict(shown.months)[date(2027, 1, 1)] == 1
    assert dict(shown.years)[date(2036, 1, 1)] == 2
    assert [first.year for first, _ in shown.years] == list(range(2028, 2037))
    assert (shown.waiting, shown.dated) == ({"intake": 1}, {"client_file": 5})
    assert sum(n for _, n in shown.months + shown.years) == 5


def test_what_is_amended_keeps_its_reason_its_term_and_its_index(now: datetime) -> None:
    record = kept(now, date(2030, 1, 1))
    before = bytes(DataEncryptionKey.objects.get().wrapped)
    vault.amend(record, {"given_name": "Els", "withdrawn": True}, at=now)
    assert vault.read(record)["withdrawn"] is True
    assert Envelope.objects.get().due_on == date(2030, 1, 1)
    assert vault.candidates("name", "els wouters") == [record]
    assert bytes(DataEncryptionKey.objects.get().wrapped) != before
    with pytest.raises(vault.Erased):
        vault.amend(uuid.uuid4(), {}, at=now)
