"""Twenty years of closings, reopenings, holds, outages and wrong clocks: nothing goes early, nothing stays (art. 3).

`BRUG_SOAK=1` walks a million histories of the rule, and a hundred times as many through the database.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from brug.core.calendar import BRUSSELS, first_day_after_years, legal_day
from brug.office.vault import clock, keyring, retention
from brug.office.vault import services as vault
from brug.office.vault.models import DataEncryptionKey, Envelope, KeyEncryptionKey
from brug.office.vault.reasons import HoldReason, Reason
from brug.office.vault.retention import Departure

pytestmark = pytest.mark.soak

SOAK = bool(os.environ.get("BRUG_SOAK"))
YEARS, TERM = 20, 10
RULE, STORED = (1_000_000, 400) if SOAK else (3_000, 1)
BEGIN = date(2024, 2, 1)  # with a leap day to close on


def end_of(closed_on: date) -> date:
    """The first day on which it may no longer be here, said by pencil and paper: ten years, 29 February as the 28th."""
    year, month, day = closed_on.year + TERM, closed_on.month, closed_on.day
    last = date(year, month, 28) if (month, day) == (2, 29) and year % 4 else date(year, month, day)
    return last + timedelta(days=1)


def test_a_term_ends_where_pencil_and_paper_say() -> None:
    """Every closing at any second of twenty years, also in the hours that summer time doubles or takes away."""
    chance = random.Random(3)  # noqa: S311 (no secret)
    begin = datetime.combine(BEGIN, time(), UTC)
    for _ in range(RULE):
        closed_at = begin + timedelta(seconds=chance.randrange(YEARS * 365 * 86_400))
        closed_on = closed_at.astimezone(BRUSSELS).date()
        assert legal_day(closed_at) == closed_on
        due_on = first_day_after_years(closed_on, TERM)
        assert due_on == end_of(closed_on)
        last_second = datetime.combine(due_on, time(), BRUSSELS).astimezone(UTC) - timedelta(seconds=1)
        assert legal_day(last_second) < due_on <= legal_day(last_second + timedelta(seconds=1))
    assert first_day_after_years(date(2024, 2, 29), TERM) == date(2034, 3, 1)


@dataclass
class File:
    """What a history knows of one record: when it may go, and until when it must not."""

    due_on: date | None
    held_until: date | None = None

    def must_stay(self, today: date) -> bool:
        return self.due_on is None or self.due_on > today or (self.held_until is not None and self.held_until >= today)


@dataclass
class Town:
    """A node over the years, beside a plain model of what it must hold."""

    chance: random.Random
    files: dict[UUID, File] = field(default_factory=dict)
    gone: list[UUID] = field(default_factory=list)
    dies: bool = False

    def live(self) -> None:
        """Weeks with a few events and the sweeps of their days; only the days on which something happens are walked."""
        day = BEGIN
        while day < date(BEGIN.year + YEARS, 2, 1):
            at = datetime.combine(day, time(self.chance.randrange(24), self.chance.randrange(60)), BRUSSELS)
            self._something_happens(at)
            clock.confirm(at)  # a person, after a time off; the days in between had nothing due
            self._a_clock_goes_wrong(at)
            self._sweep(at)
            day = self._next(day)

    def _next(self, day: date) -> date:
        """The next day on which something is due, or some weeks later: a node may be off for a while."""
        due = [f.due_on for f in self.files.values() if f.due_on and f.due_on > day]
        held = [f.held_until + timedelta(days=1) for f in self.files.values() if f.held_until and f.held_until >= day]
        return min([*due, *held, day + timedelta(days=self.chance.randrange(20, 200))])

    def _something_happens(self, at: datetime) -> None:
        chance, today = self.chance, legal_day(at)
        for _ in range(chance.randrange(4)):
            record = uuid.uuid4() if chance.random() < 0.4 or not self.files else chance.choice([*self.files])
            what = chance.random()
            if record not in self.files:
                self.files[record] = File(None)
                vault.put(record, {}, reason=Reason.CLIENT_FILE, due_on=None, at=at)
            elif self.files[record].due_on is None or what < 0.2:  # closed, on some day that is past
                closed_on = today - timedelta(days=chance.randrange(0, 3))
                self.files[record].due_on = first_day_after_years(closed_on, TERM)
                vault.keep(record, reason=Reason.CLIENT_FILE, due_on=self.files[record].due_on)
            elif what < 0.3:  # opened again
                self.files[record].due_on = None
                vault.keep(record, reason=Reason.CLIENT_FILE, due_on=None)
            elif what < 0.7:  # corrected
                vault.amend(record, {"corrected": True}, at=at)
            else:
                until = today + timedelta(days=chance.randrange(1, 900))
                self.files[record].held_until = until
                retention.hold(record, reason=HoldReason.COURT, until_on=until, by="a" * 32, at=at)

    def _a_clock_goes_wrong(self, at: datetime) -> None:
        for years in (-10, 10):
            with pytest.raises(clock.Jumped):
                self._sweep(at + timedelta(days=365 * years), checked=False)

    def _sweep(self, at: datetime, *, checked: bool = True) -> None:
        departures = {Reason.CLIENT_FILE: Departure(self._erase)}
        how = {"departures": departures, "account": lambda certificate: None, "batch": 2}
        if checked and self.chance.random() < 0.3:
            self.dies = True
            with suppress(ZeroDivisionError):  # half-way; the run after it goes on
                retention.sweep(at, **how)  # type: ignore[arg-type]
            self.dies = False
        retention.sweep(at, **how)  # type: ignore[arg-type]
        if checked:
            keyring.rotate(at)
            self._compare(legal_day(at))

    def _erase(self, records: Sequence[UUID], at: datetime) -> None:
        if self.dies and self.chance.random() < 0.5:
            raise ZeroDivisionError
        for record in records:
            assert not self.files[record].must_stay(legal_day(at)), "erased before its term, or under a hold"
        self.gone += records

    def _compare(self, today: date) -> None:
        self.files = {record: file for record, file in self.files.items() if file.must_stay(today)}
        here = set(Envelope.objects.values_list("record", flat=True))
        assert here == set(self.files) == set(DataEncryptionKey.objects.values_list("record", flat=True))
        for record in here:
            vault.read(record)
        for kek in KeyEncryptionKey.objects.all():
            records = DataEncryptionKey.objects.filter(kek=kek.id).values("record")
            days = set(Envelope.objects.filter(record__in=records).values_list("due_on", flat=True))
            assert days <= {kek.due_on}, "a key is wrapped under the KEK of its day"


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(STORED))
def test_nothing_goes_before_its_term_and_nothing_is_found_after_it(seed: int) -> None:
    town = Town(random.Random(seed))  # noqa: S311 (no secret)
    town.live()
    assert town.gone, "something went in all those years"
    assert len(town.gone) == len(set(town.gone))
