"""Retention at a node: the duty of the worker, and `brug retention` (art. 3)."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from brug.core.calendar import Now, legal_day
from brug.office.ledger.acts import OPERATOR, WORKER, Act, Actor

if TYPE_CHECKING:
    from brug.office.vault.clock import Ticks
    from brug.office.vault.models import Certificate


def sweep(
    at: datetime, as_of: date | None = None, by: Actor = WORKER, counted: Ticks | None = None
) -> list[Certificate]:
    """Erase what is due; the certificates, each of them in the ledger. A duty of the worker, every day, which looked
    at the clock at the beginning of its turn; who did not gives `counted`."""
    from brug.office.ledger import queries
    from brug.office.plug import departures
    from brug.office.vault import retention

    return retention.sweep(
        at,
        departures=departures(),
        account=partial(_account, by=by, at=at),
        announce=partial(_announce, by=by, at=at),
        witnessed=queries.newest_cosignature(),
        counted=counted,
        as_of=as_of,
    )


def _announce(*, by: Actor, at: datetime) -> None:
    """The keys of what is due are destroyed; the certificates follow with the rows."""
    from brug.office.ledger import services as ledger

    ledger.record(Act.RETENTION_KEYS_DESTROYED, "node", by=by, at=at)


def _account(certificate: Certificate, *, by: Actor, at: datetime) -> None:
    from brug.office.ledger import services as ledger

    ledger.record(
        Act.RETENTION_SWEPT,
        certificate.reference,
        by=by,
        at=at,
        details=certificate.digest(),
    )


def add_commands(commands: Any) -> None:
    """`brug retention run [--as-of DATE] [--dry-run]` and `brug retention confirm-clock`."""
    verbs = commands.add_parser("retention", help="erase what is due, or show it").add_subparsers(
        dest="verb", required=True
    )
    run = verbs.add_parser("run", help="erase what is due, in batches, each with its certificate")
    run.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="as if it were this day (YYYY-MM-DD)")
    run.add_argument("--dry-run", action="store_true", help="only show what would go; then any day may be asked")
    run.set_defaults(run=_run)
    confirm = verbs.add_parser("confirm-clock", help="say that the clock is right, after it has jumped")
    confirm.set_defaults(run=_confirm)


def _run(given: argparse.Namespace, now: Now) -> int:
    from brug.office.plug import departures
    from brug.office.vault import clock, retention

    at = now()
    if given.dry_run:
        counts, lines = retention.plan(given.as_of or legal_day(at), legal_day(at), departures())
        _print_counts(dict(counts), lines)
        print("Nothing was erased: this was a dry run.")
        return 0
    try:
        certificates = sweep(at, given.as_of, by=OPERATOR, counted=clock.ticks())
    except clock.Jumped:
        sys.stderr.write("The clock has jumped; nothing was erased. Is it right? brug retention confirm-clock" + "\n")
        return 1
    for certificate in certificates:
        print(f"certificate {certificate.reference}  sha256 {certificate.digest()}")
        _print_counts(certificate.counts, certificate.destroyed)
    print(f"{sum(sum(c.counts.values()) for c in certificates)} erased.")
    return 0


def _print_counts(counts: dict[str, int], lines: list[dict[str, str]]) -> None:
    for reason, count in sorted(counts.items()):
        print(f"  {reason}: {count}")
    for line in lines:
        print(f"  {line['number']}  opened {line['opened_on']}  closed {line['closed_on']}  due {line['due_on']}")


def _confirm(given: argparse.Namespace, now: Now) -> int:
    from django.db import transaction

    from brug.office.ledger import services as ledger
    from brug.office.vault import clock

    at = now()
    with transaction.atomic():
        clock.confirm(at)
        ledger.record(Act.CLOCK_CONFIRMED, "node", by=OPERATOR, at=at)
    print(f"Confirmed: it is {at.isoformat(timespec='seconds')}.")
    return 0
