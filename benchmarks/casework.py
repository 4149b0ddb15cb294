"""Inbox and search at 10^3, 10^4 and 10^5 intakes, and erasing a month among 10^6 data, on SQLite and PostgreSQL.

`inbox_vs_plain` compares with a page of the same frame behind Django's own middleware that lists 50 rows of the same
table: no counts, states, links or checks.
`erase_vs_delete` compares the bare, indexed `DELETE` of a month's rows with what makes the same data unreadable: the
keys of its days are destroyed, with the entry in the ledger and the write-ahead log emptied; the rows follow later.
PostgreSQL's DELETE only marks rows, which stay readable in its file until a VACUUM: there both are compared.
The other ratios are the worse one of the two databases.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import _node

from brug.office.ledger.acts import WORKER

if TYPE_CHECKING:
    from django.test import Client

SIZES = (1_000, 10_000, 100_000)
OWN, ROUNDS = 40, 7
DATA, DAYS, MONTH, MONTHS, CONTENT = 1_000_000, 3_650, 30, 5, 208
FIRST = date(2027, 1, 1)  # of the days on which the data are due
PLAIN = """{% extends "kit/base.html" %}{% block title %}Plain{% endblock %}{% block main %}<table class="ds-table">
{% for row in rows %}<tr><th>{{ row.number }}</th><td>{{ row.arrived_at }}</td><td>{{ row.state }}</td></tr>{% endfor %}
</table>{% endblock %}"""
SPELLED = {  # what the two databases call the same thing
    "sqlite": {
        "series": "WITH RECURSIVE n(i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {})",
        "uuid": "lower(hex(randomblob(16)))",
        "bytes": "randomblob({})",
        "minutes_before": "datetime(arrived_at, '-' || (i % 40000) || ' minutes')",
        "day": "date('{}', '+' || ({}) || ' days')",
        "indexes": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '{}'",
    },
    "postgresql": {
        "series": "WITH n(i) AS (SELECT generate_series({}, {}))",
        "uuid": "gen_random_uuid()",
        "bytes": "decode(repeat(md5(i::text), ({}) / 16), 'hex')",
        "minutes_before": "arrived_at - (i % 40000) * interval '1 minute'",
        "day": "(date '{}' + ({}))",
        "indexes": "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = '{}'::regclass AND NOT indisunique",
    },
}

FILLING = {  # what makes filling faster, and then as a node has it
    "sqlite": (
        ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", "PRAGMA analysis_limit = 1000"),
        ("PRAGMA synchronous = FULL", "PRAGMA cache_size = -2000"),
    ),
    "postgresql": (("SET synchronous_commit = off",), ("SET synchronous_commit = on", "CHECKPOINT")),
}


def run(*statements: str) -> None:
    from django.db import connection, transaction

    with connection.cursor() as cursor, transaction.atomic():
        for statement in statements:
            cursor.execute(statement)


def say(statement: str) -> list[tuple[str, ...]]:
    """One statement outside a transaction, and what it answers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def filling(*tables: str) -> Iterator[None]:
    """Fill tables without their indexes, which are built afterwards as they were; then the database looks at them."""
    from django.db import connection

    fast, usual = FILLING[connection.vendor]
    for statement in fast:
        say(statement)
    indexes = [index for table in tables for index in say(word("indexes", table))]
    run(*(f"DROP INDEX {name}" for name, _ in indexes))
    yield
    run(*(definition for _, definition in indexes), *(f"ANALYZE {table}" for table in tables))
    for statement in usual:
        say(statement)


def word(name: str, *given: object) -> str:
    from django.db import connection

    return SPELLED[connection.vendor][name].format(*given)


def people() -> list[object]:
    from django.utils import timezone

    from brug.office.parties.models import Member

    bound = {"secrecy_attested_on": timezone.localdate()}
    return [
        Member.objects.create(username=name, name=name.title(), role=role, **bound)
        for name, role in (("hilde", "dispatcher"), ("karim", "social_worker"), ("els", "social_worker"))
    ]


def receive_own(karim: object) -> None:
    """The sealed intakes of Karim."""
    from django.db import transaction
    from django.utils import timezone

    from brug.desks.casework.history import client_of, indexes
    from brug.desks.casework.models import Intake
    from brug.office.vault import services as vault
    from brug.office.vault.reasons import Reason

    now = timezone.now()
    for n in range(OWN):
        intake = Intake.objects.create(
            number=f"W-{n}",
            parcel_id=uuid.uuid4(),
            referral_id=uuid.uuid4(),
            residence="13049",
            protocol="opgroeien-ocmw-westerlo@1",
            arrived_at=now - timedelta(minutes=n),
            state="contacting",
            worker=karim,
        )
        client = {"given_name": "Naam", "family_name": f"Familie{chr(97 + n % 26)}", "phone": f"+3247{n:07d}"}
        notifier = {"name": "Lien Peeters", "team": "zuiderkempen"}
        content = {"referral": {"client": client, "residence": "13049", "notifier": notifier}, "journal": []}
        with transaction.atomic():
            known = indexes(client_of(content))
            vault.put(intake.record, content, reason=Reason.INTAKE, due_on=None, at=now, indexes=known)


def fill(there: int, until: int, els: int) -> None:
    """Intakes number `there` to `until`, rows and index rows, each like the first: a third waits, the rest is Els's."""
    from brug.desks.casework.models import Intake

    differs = {
        "number": "'W-' || i",
        "arrived_at": word("minutes_before"),
        "state": "CASE WHEN i % 3 = 0 THEN 'arrived' ELSE 'contacting' END",
        "worker_id": f"CASE WHEN i % 3 = 0 THEN NULL ELSE {els} END",
    } | dict.fromkeys(("reference", "parcel_id", "referral_id", "record"), word("uuid"))
    columns = [field.column for field in Intake._meta.local_fields]
    values = ", ".join(differs.get(column, column) for column in columns)
    marks = " UNION ALL ".join(f"SELECT '{f}' AS field" for f in ("name", "given_name", "family_name", "phone"))
    with filling("casework_intake", "vault_blindindex"):
        run(
            f"INSERT INTO casework_intake ({', '.join(columns)}) {word('series', there, until - 1)} "  # noqa: S608
            f"SELECT {values} FROM n, casework_intake WHERE number = 'W-0'",
            "INSERT INTO vault_blindindex (record, field, digest) "  # noqa: S608
            "SELECT record, field, (length(number) * 7919 + CAST(substr(number, 3) AS integer) * 31) % 32768 "
            f"FROM casework_intake, ({marks}) AS marks "
            f"WHERE CAST(substr(number, 3) AS integer) BETWEEN {there} AND {until - 1}",
        )


def pages() -> dict[str, float]:
    """Seconds of each page at each size."""
    from django.test import Client

    hilde, karim, els = people()
    receive_own(karim)
    took: dict[str, float] = {}
    there = OWN
    for size in SIZES:
        fill(there, size, els.pk)  # type: ignore[attr-defined]
        there = size
        dispatcher, worker = Client(), Client()
        dispatcher.force_login(hilde)  # type: ignore[arg-type]
        worker.force_login(karim)  # type: ignore[arg-type]
        assert dispatcher.get("/cases/inbox").status_code == 200
        took[f"inbox_{size}"] = _node.median(partial(dispatcher.get, "/cases/inbox"), ROUNDS)
        found = worker.post("/cases/mine/search", {"words": "familiec"})
        assert found.status_code == 200 and "Familiec" in found.content.decode()
        took[f"search_{size}"] = _node.median(partial(worker.post, "/cases/mine/search", {"words": "familiec"}), ROUNDS)
        plain = plain_reader(hilde)
        took[f"plain_{size}"] = _node.median(partial(plain.get, "/plain"), ROUNDS)
    return took


def plain_reader(member: object) -> Client:
    """A browser for the page that `inbox_vs_plain` compares with."""
    from django.contrib.auth.decorators import login_required
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.test import Client, override_settings
    from django.urls import clear_url_caches, path

    from benchmarks.web import DEFAULT_MIDDLEWARE
    from brug.desks.casework.models import Intake
    from brug.node import urls

    template = engines["django"].from_string(PLAIN)

    @login_required
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"rows": Intake.objects.order_by("arrived_at")[:50]}, request))

    urls.urlpatterns[:] = [path("plain", page), *urls.urlpatterns]
    clear_url_caches()
    browser = Client()
    browser.force_login(member)  # type: ignore[arg-type]
    with override_settings(MIDDLEWARE=DEFAULT_MIDDLEWARE):
        assert browser.get("/plain").status_code == 200  # it keeps the middleware that it began with
    return browser


def erasures() -> dict[str, float]:
    """Seconds to erase a month among `DATA` data that leave over ten years, and to DELETE the rows of another one."""
    from django.db import connection, transaction
    from django.utils import timezone

    from brug.node import retention as node
    from brug.office.ledger import services as ledger  # noqa: F401 (loaded before anything is measured)
    from brug.office.vault import keyring, retention

    now = timezone.now()
    with transaction.atomic():
        for day in range(DAYS):
            keyring._kek_for(FIRST + timedelta(days=day), keyring.epochs.current(now))
    day = word("day", FIRST, f"i / {DATA // DAYS + 1}")
    say("ANALYZE vault_bunch")
    with filling("vault_envelope", "vault_wrappedkey"):
        run(
            f"INSERT INTO vault_envelope (record, content, reason, protocol, due_on, kept_since) "  # noqa: S608
            f"{word('series', 0, DATA - 1)} SELECT {word('uuid')}, {word('bytes', CONTENT)}, 'client_file', "
            f"'opgroeien-ocmw-westerlo@1', {day}, '2026-11-23 09:00' FROM n",
            "INSERT INTO vault_wrappedkey (record, bunch, wrapped) "  # noqa: S608
            f"SELECT e.record, b.id, {word('bytes', 64).replace('i::text', 'e.record::text')} "
            "FROM vault_envelope e JOIN vault_bunch b ON b.due_on = e.due_on ORDER BY e.record",
        )
    keyring.truncate_log()  # of what was filled in
    took: dict[str, list[float]] = {"delete": [], "delete_vacuum": [], "erase": []}
    for n in range(MONTHS):
        middle = FIRST + timedelta(days=DAYS // 2 + n * MONTH)
        until = middle + timedelta(days=MONTH - 1)
        start = time.perf_counter()
        run(f"DELETE FROM vault_envelope WHERE due_on BETWEEN '{middle}' AND '{until}'")  # noqa: S608
        took["delete"].append(time.perf_counter() - start)
        if connection.vendor == "postgresql":
            say("VACUUM vault_envelope")
        took["delete_vacuum"].append(time.perf_counter() - start)
        keyring.truncate_log()
        last = FIRST + timedelta(days=(n + 1) * MONTH - 1)
        start = time.perf_counter()
        gone = retention.destroy_keys(last, last, lambda: node._announce(by=WORKER, at=now))
        took["erase"].append(time.perf_counter() - start)
        assert gone == MONTH
    return {name: statistics.median(seconds) for name, seconds in took.items()}


def measure(engine: str) -> None:
    """One database, in a process of its own; prints what it took as JSON."""
    folder = Path(tempfile.mkdtemp(prefix="brug-bench-"))
    try:
        if engine == "sqlite":
            _node.begin(folder, _node.WESTERLO)
            took = pages() | erasures()
        else:
            from tests import postgres

            with postgres.cluster(fsync="on", shared_buffers="256MB", max_wal_size="4GB") as host:
                _node.begin(folder, _node.WESTERLO, database=postgres.settings_of(host))
                took = pages() | erasures()
                from django.db import connections

                connections.close_all()
        print(json.dumps(took))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    ratios: dict[str, list[float]] = {}
    small, _, large = SIZES
    running = {e: subprocess.Popen([sys.executable, __file__, e], stdout=subprocess.PIPE) for e in SPELLED}
    for engine, process in running.items():  # each on a core of its own
        out, _ = process.communicate()
        if process.returncode:
            sys.exit(f"{engine} failed")
        took = json.loads(out.splitlines()[-1])
        for name, seconds in took.items():
            print(f"{engine:10} {name:14} {seconds * 1000:8.1f} ms")
        for name, value in {
            "inbox_1e5_vs_1e3": took[f"inbox_{large}"] / took[f"inbox_{small}"],
            "inbox_vs_plain": took[f"inbox_{large}"] / took[f"plain_{large}"],
            "search_1e5_vs_1e3": took[f"search_{large}"] / took[f"search_{small}"],
        }.items():
            ratios.setdefault(name, []).append(value)
        suffix = "" if engine == "sqlite" else f"_{engine}"
        ratios[f"erase_vs_delete{suffix}"] = [took["delete"] / took["erase"]]
        if engine == "postgresql":
            ratios["erase_vs_delete_and_vacuum"] = [took["delete_vacuum"] / took["erase"]]
    for name, values in ratios.items():
        print(f"ratio: {name} {max(values):.2f}")


if __name__ == "__main__":
    sys.exit(main())
