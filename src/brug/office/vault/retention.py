"""The one engine of retention: what is due leaves in batches, each with its certificate; what is held stays (art. 3).

The vault knows records, reasons and days; the rows that name a record belong to a desk. So the node gives the engine a
table reason → `Departure`, as it gives the worker its table of verbs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from brug.core.calendar import add_months, legal_day
from brug.core.identity import Invalid
from brug.office.vault import clock, keyring
from brug.office.vault.models import BlindIndex, Certificate, Envelope, Erasure, Hold, Typed
from brug.office.vault.reasons import Reason
from brug.office.vault.services import let_go_typed

BATCH = 500
MONTHS_AHEAD = 24  # of the calendar; after that by year


@dataclass(frozen=True, slots=True)
class Departure:
    """How what one reason keeps goes: `erase` for the rows and their ledger entries, `lines` for the destruction list.

    What is no archive stands on no list, and has no lines.

    Both get records; `erase` is called inside the batch's transaction, before the keys and envelopes are destroyed.
    """

    erase: Callable[[Sequence[UUID], datetime], None]
    lines: Callable[[Sequence[UUID]], list[dict[str, str]]] = lambda _records: []


Departures = Mapping[Reason, Departure]


def due(day: date, today: date) -> QuerySet[Envelope]:
    """What may no longer be here on `day`, unless a hold stops it `today`; the oldest end first."""
    held = _held(today).values("record")
    return Envelope.objects.filter(due_on__lte=day).exclude(record__in=held).order_by("due_on", "record")


def _held(today: date) -> QuerySet[Hold]:
    return Hold.objects.filter(until_on__gte=today)


def plan(day: date, today: date, departures: Departures) -> tuple[Counter[str], list[dict[str, str]]]:
    """What a sweep as of `day` would erase: how many by reason, and the destruction list. Erases nothing."""
    counts: Counter[str] = Counter()
    lines: list[dict[str, str]] = []
    for reason in Reason:
        records = list(due(day, today).filter(reason=reason).values_list("record", flat=True))
        if records:
            counts[reason.value] = len(records)
            lines += departures[reason].lines(records) if reason in departures else []
    return counts, lines


def sweep(
    at: datetime,
    *,
    departures: Departures,
    account: Callable[[Certificate], None],
    announce: Callable[[], None] = lambda: None,
    witnessed: clock.Witnessed | None = None,
    counted: clock.Ticks | None = None,
    as_of: date | None = None,
    batch: int = BATCH,
) -> list[Certificate]:
    """Erase what is due as of `as_of` (today by default; never later); the certificates.

    First the keys of all of it, in one transaction with `announce`: from then on nobody can read it. The rows follow
    batch by batch, each one transaction with its certificate and with `account`, which records it: who dies half-way
    has done whole batches, and the next run goes on. `witnessed`, `counted`: see `clock.check`. Raises `clock.Jumped`,
    and `Invalid` for a day to come.
    """
    clock.check(at, witnessed, counted)
    today = legal_day(at)
    day = as_of or today
    if day > today:
        raise Invalid("as_of_in_future", "Today or a day before: nothing leaves before its term.")
    destroy_keys(day, today, announce)
    made = []
    while certificate := _sweep_batch(day, at, departures, account, batch):
        made.append(certificate)
        keyring.truncate_log()
    return made


def destroy_keys(day: date, today: date, announce: Callable[[], None]) -> int:
    """Destroy the keys of everything that is due on `day` and that no hold stops `today`; how many KEKs.

    What shares a KEK with a held record waits for its row: then its own key goes.
    """
    with transaction.atomic():
        keyring.alone()
        if gone := keyring.destroy_due(day, but=list(_held(today).values_list("record", flat=True))):
            announce()
    if gone:
        keyring.truncate_log()
    return gone


@transaction.atomic
def _sweep_batch(
    day: date, at: datetime, departures: Departures, account: Callable[[Certificate], None], batch: int
) -> Certificate | None:
    leaving = due(day, legal_day(at))
    if connection.features.has_select_for_update_skip_locked:
        leaving = leaving.select_for_update(skip_locked=True)
    envelopes = list(leaving[:batch])
    if not envelopes:
        return None
    by_reason: dict[Reason, list[UUID]] = {}
    for envelope in envelopes:
        by_reason.setdefault(Reason(envelope.reason), []).append(envelope.record)
    lines: list[dict[str, str]] = []
    for reason, records in by_reason.items():
        if departure := departures.get(reason):
            lines += departure.lines(records)
            departure.erase(records, at)
    certificate = Certificate.objects.create(
        made_at=at,
        due_through=day,
        counts={reason.value: len(records) for reason, records in sorted(by_reason.items())},
        destroyed=lines,
        proofs=sorted(hashlib.sha256(bytes(envelope.content)).hexdigest() for envelope in envelopes),
    )
    destroy([envelope.record for envelope in envelopes])
    account(certificate)
    return certificate


@transaction.atomic
def destroy(records: Sequence[UUID], *, about: UUID | None = None) -> None:
    """Destroy the keys, envelopes, index rows and holds of `records`. Cannot be undone; `about` as in `vault.erase`."""
    keyring.remove(records)
    let_go_typed(Typed.objects.filter(Q(about__in=records) | Q(record__in=records)))
    for kept in (Envelope, BlindIndex, Hold):
        kept.objects.filter(record__in=records).delete()
    Erasure.objects.bulk_create([Erasure(record=record, about=about) for record in records], ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What leaves when: (first day, how many) by month and then by year, and what waits for an event, by reason."""

    months: list[tuple[date, int]]
    years: list[tuple[date, int]]
    waiting: dict[str, int]
    dated: dict[str, int]
    held: list[Hold] = field(default_factory=list)


def calendar(today: date) -> Calendar:
    """The departures from `today` on; what is overdue stands in the first month."""
    first = today.replace(day=1)
    by_month: Counter[date] = Counter()
    found = Envelope.objects.exclude(due_on=None).annotate(month=TruncMonth("due_on")).order_by()
    for row in found.values("month").annotate(n=Count("pk")):
        by_month[max(row["month"], first)] += row["n"]
    ahead = [add_months(first, n) for n in range(MONTHS_AHEAD)]
    by_year: Counter[date] = Counter()
    for month, n in by_month.items():
        if month > ahead[-1]:
            by_year[month.replace(month=1)] += n
    last = max(by_year, default=None)
    years = [date(y, 1, 1) for y in range(add_months(ahead[-1], 1).year, last.year + 1)] if last else []
    reasons = Envelope.objects.order_by().values("reason").annotate(n=Count("pk"))
    return Calendar(
        months=[(month, by_month[month]) for month in ahead],
        years=[(year, by_year[year]) for year in years],
        waiting={row["reason"]: row["n"] for row in reasons.filter(due_on=None)},
        dated={row["reason"]: row["n"] for row in reasons.exclude(due_on=None)},
        held=list(Hold.objects.filter(until_on__gte=today).order_by("until_on")),
    )


def hold(record: UUID, *, reason: str, until_on: date, by: str, at: datetime) -> Hold:
    """Keep `record` through the legal day `until_on`, whatever its term. Raises `Invalid` for a day gone by.

    Call inside a transaction: a sweep sees the hold, or is over before it stands.
    """
    if until_on < legal_day(at):
        raise Invalid("hold_in_past", "Today or a later day.")
    keyring.share()
    kept, _ = Hold.objects.update_or_create(
        record=record, defaults={"reason": reason, "until_on": until_on, "placed_by": by, "placed_at": at}
    )
    return kept


def lift(record: UUID) -> bool:
    """Take the hold away; whether there was one."""
    return bool(Hold.objects.filter(record=record).delete()[0])


def hold_on(record: UUID, today: date) -> Hold | None:
    """The hold that stops `record` today, or None."""
    return Hold.objects.filter(record=record, until_on__gte=today).first()
