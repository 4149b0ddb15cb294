"""How fast the ledger is against the least that must be done anyway: reading, inserting, hashing (issue: art. 6).

    python benchmarks/ledger.py [ENTRIES] [postgresql]     300,000 entries on SQLite when not said; under a minute

verify_vs_read     reading every entry only, over reading and verifying it (1.0: verifying costs nothing)
append_vs_plain    inserting into a table of the same columns, over recording, putting in order and signing
verify_new_vs_all  verifying everything, over verifying the last thousand since a trusted checkpoint
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import _node

from brug.office.ledger.acts import WORKER, Act, Actor

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEW = 1000
CPU = time.process_time


def seconds(do: Callable[[], object], times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """The best of `times` runs; by the processor's clock where nothing but computing and cached reading is measured."""
    best = float("inf")
    for _ in range(times):
        start = clock()
        do()
        best = min(best, clock() - start)
    return best


def fill(count: int) -> None:
    """`count` entries as `record` makes them, put in order and signed."""
    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Entry

    made = (
        Entry(
            at=AT,
            act="disclosed",
            by=secrets.token_hex(16),
            role="team_member",
            subject=str(UUID(bytes=secrets.token_bytes(16))),
            protocol="opgroeien-ocmw-westerlo@1",
            article="art. 3",
            details=secrets.token_hex(32),
        )
        for _ in range(count)
    )
    Entry.objects.bulk_create(made, batch_size=2000)
    ledger.checkpoint(AT)


def read_all() -> int:
    from brug.office.ledger import queries

    start, found = 0, queries.rows(0, queries.PAGE)
    while found:
        start += len(found)
        found = queries.rows(start, start + queries.PAGE)
    return start


def appending(count: int) -> tuple[float, float, float]:
    """Seconds per entry: recorded; recorded, put in order and signed; in a plain table. A transaction each."""
    from django.db import connection, models, transaction

    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Entry

    class Plain(models.Model):
        leaf = models.BigIntegerField(null=True, unique=True)
        at = models.DateTimeField()
        act = models.CharField(max_length=60)
        by = models.CharField(max_length=32, db_index=True)
        role = models.CharField(max_length=30)
        subject = models.CharField(max_length=120, db_index=True)
        protocol = models.CharField(max_length=120)
        article = models.CharField(max_length=40)
        details = models.CharField(max_length=64)

        class Meta:
            app_label = "ledger"

    with connection.schema_editor() as editor:
        editor.create_model(Plain)
    by = Actor(secrets.token_hex(16), "team_member")
    parts = {"at": AT, "protocol": "opgroeien-ocmw-westerlo@1"}
    parts |= {"article": "art. 3", "details": secrets.token_hex(32)}

    def plain() -> None:
        for number in range(count):
            with transaction.atomic():
                Plain.objects.create(act="disclosed", subject=str(UUID(int=number)), by=by.who, role=by.role, **parts)

    def recorded() -> None:
        for number in range(count):
            with transaction.atomic():
                ledger.record(Act.DISCLOSED, UUID(int=number), by=by, **parts)

    before = Entry.objects.count()
    ordinary, alone = seconds(plain), seconds(recorded)
    together = alone + seconds(lambda: ledger.sequence(AT))
    assert Entry.objects.filter(leaf__isnull=False).count() == before + count
    return alone / count, together / count, ordinary / count


def main(count: int) -> None:
    from brug.office.ledger import queries
    from brug.office.ledger import services as ledger
    from brug.office.ledger.models import Entry

    fill(count)
    trusted = ledger.latest_checkpoint()
    reading, verifying = seconds(read_all, 2, CPU), seconds(lambda: ledger.verify(), 2, CPU)
    lines = [text.encode() for text in queries.lines(queries.rows(0, count))]
    hashing = seconds(lambda: [sha256(line).digest() for line in lines], 2, CPU)
    entry = Entry.objects.get(leaf=count // 3)
    proving = seconds(lambda: queries.inclusion(entry), 20, CPU)
    fill(NEW)
    everything = seconds(lambda: ledger.verify(), 2, CPU)
    new = seconds(lambda: ledger.verify(since=trusted), 20, CPU)
    assert ledger.verify(since=trusted) == [] == ledger.verify()
    alone, together, plain = appending(2000)
    one_by_one = 0.0
    for _ in range(200):
        fill_one()
        one_by_one += seconds(lambda: ledger.sequence(AT))
    print(f"entries                {count:,}")
    print(f"read all               {count / reading:,.0f} a second")
    print(f"verify all             {count / verifying:,.0f} a second")
    print(f"SHA-256 of the lines   {count / hashing:,.0f} a second")
    print(f"inclusion proof        {proving * 1000:.2f} ms")
    print(f"record                 {alone * 1000:.2f} ms, put in order {(together - alone) * 1000:.3f} ms an entry")
    print(f"put in order one by one, signed each time  {one_by_one / 200 * 1000:.2f} ms")
    print(f"plain insert           {plain * 1000:.2f} ms")
    print(f"ratio: verify_vs_read {reading / verifying:.2f}")
    print(f"ratio: append_vs_plain {plain / together:.2f}")
    print(f"ratio: verify_new_vs_all {everything / new:.0f}")


def fill_one() -> None:
    from django.db import transaction

    from brug.office.ledger import services as ledger

    with transaction.atomic():
        ledger.record(Act.OPENED, "node", by=WORKER, at=AT)


if __name__ == "__main__":
    from tests import postgres

    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    with ExitStack() as open_things:
        database = ""
        if "postgresql" in sys.argv:
            database = postgres.settings_of(open_things.enter_context(postgres.cluster()))
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        _node.begin(folder, _node.OPGROEIEN, database=database)
        main(numbers[0] if numbers else 300_000)
