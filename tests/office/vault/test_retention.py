"""The sweep: whole batches with certificates, holds, the clock, and a run that dies half-way (art. 3)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.office.vault import clock, retention, typed
from brug.office.vault import services as vault
from brug.office.vault.models import (
    BlindIndex,
    Certificate,
    ClockMark,
    DataEncryptionKey,
    Envelope,
    Erasure,
    Hold,
    Typed,
)
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
        self.told_at: set[datetime] = set()
        self.accounted: list[Certificate] = []
        self.dies_at = 0

    def erase(self, records: Sequence[UUID], at: datetime) -> None:
        if self.dies_at and len(self.gone) + len(records) >= self.dies_at:
            raise ZeroDivisionError
        self.gone += records
        self.told_at.add(at)

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
    assert desk.gone == [due] and desk.told_at == {now}
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
    assert certificate.proofs == [hashlib.sha256(sealed).hexdigest()]
    assert certificate.destroyed == [{"number": "D-0"}]
    assert [c.digest() for c in desk.accounted] == [Certificate.objects.get().digest()]


def test_what_the_ledger_holds_of_a_certificate_is_one_spelling_of_all_of_it() -> None:
    """Written out: somebody who has the certificate alone can make the same bytes (docs/spec/ledger.md)."""
    made_at = datetime(2026, 11, 23, 10, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    certificate = Certificate(
        reference=UUID(int=7), made_at=made_at, due_through=date(2026, 11, 23), counts={"intake": 2, "client_file": 1},
        destroyed=[{"number": "D-0"}], proofs=["ab"],
    )  # fmt: skip
    spelled = (
        '{"counts":{"client_file":1,"intake":2},"destroyed":[{"number":"D-0"}],"due_through":"2026-11-23",'
        '"made_at":"2026-11-23T09:00:05+00:00","proofs":["ab"],"reference":"00000000-0000-0000-0000-000000000007"}'
    )
    assert certificate.digest() == hashlib.sha256(spelled.encode()).hexdigest()


def test_the_list_of_destruction_names_what_each_reason_had(now: datetime) -> None:
    for reason in (Reason.CLIENT_FILE, Reason.INTAKE):
        kept(now, legal_day(now), reason)
    told = {
        reason: Departure(lambda _records, _at: None, lambda _records, name=reason.value: [{"number": name}])
        for reason in (Reason.CLIENT_FILE, Reason.INTAKE)
    }
    (certificate,) = retention.sweep(now, departures=told, account=lambda _certificate: None)
    assert sorted(line["number"] for line in certificate.destroyed) == ["client_file", "intake"]


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


def test_what_no_desk_speaks_for_goes_too_and_stands_on_no_list(desk: Desk, now: datetime) -> None:
    today = legal_day(now)
    kept(now, today), kept(now, today - timedelta(days=1)), kept(now, today, Reason.INTAKE)
    oldest_first = list(Envelope.objects.filter(reason=Reason.CLIENT_FILE).order_by("due_on").values_list("record"))
    named = Departure(desk.erase, lambda records: [{"number": str(record)} for record in records])
    both = {Reason.CLIENT_FILE: named, Reason.INTAKE: Departure(desk.erase, numbers)}
    lines = [{"number": str(record)} for (record,) in oldest_first]
    assert retention.plan(today, today, {Reason.CLIENT_FILE: named}) == ({"client_file": 2, "intake": 1}, lines)
    assert sorted(retention.plan(today, today, both)[1], key=str) == sorted([{"number": "D-0"}, *lines], key=str)
    (certificate,) = desk.sweep(now)
    assert list(certificate.counts.items()) == [("client_file", 2), ("intake", 1)]
    assert certificate.destroyed == [{"number": "D-0"}, {"number": "D-1"}]
    assert (certificate.made_at, certificate.due_through) == (now, today)
    assert certificate.proofs == sorted(certificate.proofs) and len(set(certificate.proofs)) == 3
    assert Erasure.objects.count() == 3, "a restored node erases them again"


def test_the_oldest_end_goes_first_and_a_held_one_is_not_due(desk: Desk, now: datetime) -> None:
    today = legal_day(now)
    newer, older, held = kept(now, today), kept(now, today - timedelta(days=9)), kept(now, today - timedelta(days=9))
    retention.hold(held, reason=HoldReason.COURT, until_on=today, by="a" * 32, at=now)
    assert [each.record for each in retention.due(today, today)] == [older, newer]
    assert [each.record for each in retention.due(today - timedelta(days=1), today)] == [older]
    assert held in {each.record for each in retention.due(today, today + timedelta(days=1))}
    desk.sweep(now, batch=1)
    assert desk.gone == [older, newer] and Certificate.objects.count() == 2


def test_what_is_due_stands_by_its_day_and_then_by_its_number(now: datetime) -> None:
    today = legal_day(now)
    days = [today - timedelta(days=day) for day in (1, 5, 3, 3, 3, 3, 2, 4)]
    wanted = sorted((day, kept(now, day)) for day in days)
    assert [(each.due_on, each.record) for each in retention.due(today, today)] == wanted


@pytest.mark.parametrize(("today", "first"), [(date(2027, 1, 15), 2029), (date(2026, 12, 15), 2028)])
def test_the_years_of_the_calendar_begin_where_its_months_end(today: date, first: int, now: datetime) -> None:
    kept(now, date(2031, 1, 1))
    assert [year.year for year, _ in retention.calendar(today).years] == list(range(first, 2032))


def test_first_the_keys_go_and_that_is_told_once(desk: Desk, now: datetime) -> None:
    today, told = legal_day(now), list[int]()
    due, later, held = kept(now, today), kept(now, today + timedelta(days=1)), kept(now, today - timedelta(days=1))
    retention.hold(held, reason=HoldReason.COURT, until_on=today, by="a" * 32, at=now)
    assert retention.destroy_keys(today, today, lambda: told.append(1)) == 1
    assert retention.destroy_keys(today, today, lambda: told.append(2)) == 0
    assert told == [1] and Envelope.objects.filter(record=due).exists()
    with pytest.raises(vault.Erased):
        vault.read(due)
    assert vault.read(later) == vault.read(held) == PERSON
    desk.sweep(now, announce=lambda: told.append(3))
    assert told == [1] and desk.gone == [due]
    desk.sweep(now + timedelta(days=1), announce=lambda: told.append(4))
    assert told == [1, 4] and set(desk.gone) == {due, later, held}


def test_what_is_destroyed_takes_what_was_typed_and_the_hold_with_it(now: datetime) -> None:
    gone, stays, number = kept(now, None), kept(now, None), uuid.uuid4()
    for record in (gone, stays):
        retention.hold(record, reason=HoldReason.COURT, until_on=date(2030, 1, 1), by="a" * 32, at=now)
        page = str(record)
        typed.keep({"a": ["b"]}, page=page, action=page, member=number, about=record, was_sent=False, at=now)
    retention.destroy([gone], about=number)
    for model, by in ((Envelope, "record"), (BlindIndex, "record"), (Hold, "record"), (Typed, "about")):
        assert set(model.objects.exclude(**{by: None}).values_list(by, flat=True)) >= {stays}
        assert not model.objects.filter(**{by: gone}).exists()
    assert list(Erasure.objects.values_list("record", "about")) == [(gone, number)]
    retention.destroy([gone], about=number)
    assert Erasure.objects.count() == 1


def test_a_hold_is_of_today_or_later_one_a_record_and_says_who_and_why(now: datetime) -> None:
    record, today = kept(now, None), legal_day(now)
    assert retention.hold_on(record, today) is None and not retention.lift(record)
    with pytest.raises(Invalid) as refused:
        retention.hold(record, reason=HoldReason.COURT, until_on=today - timedelta(days=1), by="a" * 32, at=now)
    assert (refused.value.code, str(refused.value)) == ("hold_in_past", "Today or a later day.")
    retention.hold(record, reason=HoldReason.COURT, until_on=today, by="a" * 32, at=now)
    later = now + timedelta(hours=1)
    held = retention.hold(record, reason=HoldReason.ARCHIVE, until_on=date(2030, 1, 1), by="b" * 32, at=later)
    assert Hold.objects.get() == held == retention.hold_on(record, date(2030, 1, 1))
    assert (held.reason, held.placed_by, held.placed_at) == (HoldReason.ARCHIVE, "b" * 32, later)
    assert retention.hold_on(record, date(2030, 1, 2)) is None and retention.hold_on(uuid.uuid4(), today) is None
    assert retention.lift(record) and not Hold.objects.exists()


def test_the_calendar_goes_month_by_month_for_two_years_and_then_by_year(now: datetime) -> None:
    today = legal_day(now)
    last_month, first_year = kept(now, date(2028, 10, 31)), kept(now, date(2028, 11, 1))
    for record, until_on in ((last_month, date(2027, 1, 1)), (first_year, today)):
        retention.hold(record, reason=HoldReason.COURT, until_on=until_on, by="a" * 32, at=now)
    gone = Hold.objects.create(
        record=uuid.uuid4(), reason="court", until_on=today - timedelta(days=1), placed_by="", placed_at=now
    )
    shown = retention.calendar(today)
    assert [month for month, _ in shown.months] == [
        date(2026 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(24)
    ]
    assert shown.months[-1] == (date(2028, 10, 1), 1) and shown.years == [(date(2028, 1, 1), 1)]
    assert [hold.record for hold in shown.held] == [first_year, last_month] and gone not in shown.held
    Envelope.objects.all().delete()
    assert retention.calendar(today).years == []
    with pytest.raises(Invalid) as refused:
        Desk().sweep(now, as_of=today + timedelta(days=1))
    assert (refused.value.code, str(refused.value)) == (
        "as_of_in_future",
        "Today or a day before: nothing leaves before its term.",
    )


def test_another_clock_that_disagrees_stops_a_sweep(desk: Desk, now: datetime) -> None:
    clock.observe(now, None, clock.Ticks("b", 0.0))
    kept(now, legal_day(now))
    later = now + timedelta(hours=40)
    with pytest.raises(clock.Jumped):
        desk.sweep(now, witnessed=(now, now + timedelta(days=3)))
    ClockMark.objects.update(unexplained=40 * 3600.0)
    with pytest.raises(clock.Jumped):
        desk.sweep(later, counted=clock.Ticks("b", 1.0))
    assert len(desk.sweep(later, counted=clock.Ticks("b", 40 * 3600.0))) == 1
