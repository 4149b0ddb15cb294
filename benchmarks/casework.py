"""The inbox and the search at 10^3, 10^4 and 10^5 intakes, and a sweep against a bare indexed DELETE, on SQLite.

Smaller than the goal so that it stays near a minute on two cores: the sweep runs over 10^4 data instead of 10^6.
`inbox_vs_plain` compares with a page of the same frame that lists 50 rows of the same table without counts or states.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

SIZES = (1_000, 10_000, 100_000)
OWN, ROUNDS, SWEPT, KEPT = 40, 9, 10_000, 20_000
PLAIN = """{% extends "web/base.html" %}{% block title %}Plain{% endblock %}{% block main %}<table class="ds-table">
{% for row in rows %}<tr><th>{{ row.number }}</th><td>{{ row.arrived_at }}</td><td>{{ row.state }}</td></tr>{% endfor %}
</table>{% endblock %}"""


def make_node() -> Path:
    """A node folder with its keys and tables; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="brug-bench-"))
    (folder / "unlock").write_bytes(os.urandom(32))
    home = folder / "node"
    home.mkdir()
    (home / "brug.toml").write_text(
        f'[node]\nparty = "0212181956"\nname = "OCMW Westerlo"\ndemo = true\n[web]\nhttps = false\n'
        f'[keys]\nunlock_file = "{folder / "unlock"}"\n[mail]\nmailbox = "info@westerlo.example"\n'
    )
    os.environ["BRUG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "brug.node.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from brug.office.keys import services as keys

    call_command("migrate", verbosity=0)
    keys.create()
    return folder


def median(do: Callable[[], object]) -> float:
    """Seconds of the middle of some rounds, after one that warms up."""
    do()
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        do()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def people() -> tuple[object, object, object]:
    from django.utils import timezone

    from brug.office.parties.models import Member

    bound = {"secrecy_attested_on": timezone.localdate()}
    made = [
        Member.objects.create(username=name, name=name.title(), role=role, **bound)
        for name, role in (("hilde", "dispatcher"), ("karim", "social_worker"), ("els", "social_worker"))
    ]
    return made[0], made[1], made[2]


def fill(until: int, there: int, karim: object, els: object) -> None:
    """Intakes number `there` to `until`: the first few are Karim's, sealed; the others are rows and index rows."""
    from django.db import connection, transaction
    from django.utils import timezone

    from brug.desks.casework.journal import client_of, indexes
    from brug.desks.casework.models import Intake
    from brug.office.vault import services as vault
    from brug.office.vault.models import BlindIndex
    from brug.office.vault.reasons import Reason

    now = timezone.now()
    rows, digests = [], []
    for n in range(there, until):
        own = n < OWN
        intake = Intake(
            number=f"W-{n}",
            parcel_id=uuid.uuid4(),
            referral_id=uuid.uuid4(),
            residence="13049",
            protocol="opgroeien-ocmw-westerlo@1",
            arrived_at=now - timedelta(minutes=n % 40_000),
            state="contacting" if own or n % 3 else "arrived",
            worker=(karim if own else els) if own or n % 3 else None,
        )
        rows.append(intake)
        if own:
            client = {"given_name": "Naam", "family_name": f"Familie{chr(97 + n % 26)}", "phone": f"+3247{n:07d}"}
            referral = {
                "client": client,
                "residence": "13049",
                "notifier": {"name": "Lien Peeters", "team": "zuiderkempen"},
            }
            content = {"referral": referral, "journal": []}
            known = indexes(client_of(content))
            with transaction.atomic():
                vault.put(intake.record, content, reason=Reason.INTAKE, due_on=None, at=now, indexes=known)
        else:
            digests += [(intake.record.hex, field, (n * 31 + k) % 2**15) for k, field in enumerate(FIELDS)]
    Intake.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor, transaction.atomic():
        table = BlindIndex._meta.db_table
        cursor.executemany(f"INSERT INTO {table} (record, field, digest) VALUES (%s, %s, %s)", digests)  # noqa: S608


FIELDS = ("name", "given_name", "family_name", "phone")


def pages() -> dict[str, float]:
    """Seconds of each page at each size."""
    from django.contrib.messages.storage.base import BaseStorage  # noqa: F401 (the frame shows messages)
    from django.template import engines
    from django.test import Client, RequestFactory

    from brug.desks.casework.models import Intake

    hilde, karim, els = people()
    took: dict[str, float] = {}
    there = 0
    for size in SIZES:
        fill(size, there, karim, els)
        there = size
        dispatcher, worker = Client(), Client()
        dispatcher.force_login(hilde)  # type: ignore[arg-type]
        worker.force_login(karim)  # type: ignore[arg-type]
        assert dispatcher.get("/cases/inbox").status_code == 200
        took[f"inbox_{size}"] = median(lambda: dispatcher.get("/cases/inbox"))  # noqa: B023
        found = worker.post("/cases/mine/search", {"words": "familiec"})
        assert found.status_code == 200 and "Familiec" in found.content.decode()
        took[f"search_{size}"] = median(lambda: worker.post("/cases/mine/search", {"words": "familiec"}))  # noqa: B023
        template = engines["django"].from_string(PLAIN)
        request = RequestFactory().get("/")
        request.user, request.session = hilde, dispatcher.session  # type: ignore[assignment,attr-defined]

        def plain() -> str:
            rows = Intake.objects.order_by("arrived_at")[:50]
            return str(template.render({"rows": rows, "messages": []}, request))  # noqa: B023

        took[f"plain_{size}"] = median(plain)
    return took


def erasures() -> tuple[float, float]:
    """Seconds to sweep `SWEPT` of some more data with certificates, and to DELETE as many rows by their index."""
    from django.db import connection, transaction
    from django.utils import timezone

    from brug.core.calendar import legal_day
    from brug.office.keys import services as keys
    from brug.office.vault import retention
    from brug.office.vault.models import Envelope, WrappedKey

    now = timezone.now()
    today = legal_day(now)
    keys.wrapping_key(today)
    later = today + timedelta(days=400)
    envelopes, wrapped = [], []
    for n in range(SWEPT + KEPT):
        record = uuid.uuid4()
        due_on = today if n < SWEPT else later
        content = os.urandom(900)
        envelopes.append(
            Envelope(record=record, content=content, reason="consent_record", due_on=due_on, kept_since=now)
        )
        wrapped.append(WrappedKey(record=record, epoch=today, wrapped=os.urandom(60)))
    with transaction.atomic():
        Envelope.objects.bulk_create(envelopes, batch_size=2000)
        WrappedKey.objects.bulk_create(wrapped, batch_size=2000)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare AS SELECT record, content, due_on FROM vault_envelope")
            cursor.execute("CREATE INDEX bare_due ON bare (due_on)")
    start = time.perf_counter()
    made = retention.sweep(now, departures={}, account=lambda certificate: None)
    swept = time.perf_counter() - start
    assert sum(certificate.counts["consent_record"] for certificate in made) == SWEPT
    start = time.perf_counter()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DELETE FROM bare WHERE due_on = %s", [today.isoformat()])
    return swept, time.perf_counter() - start


def main() -> None:
    folder = make_node()
    try:
        took = pages()
        for name, seconds in took.items():
            print(f"{name}: {seconds * 1000:.1f} ms")
        small, _, large = SIZES
        print(f"ratio: inbox_1e5_vs_1e3 = {took[f'inbox_{large}'] / took[f'inbox_{small}']:.2f}")
        print(f"ratio: inbox_vs_plain = {took[f'inbox_{large}'] / took[f'plain_{large}']:.2f}")
        print(f"ratio: search_1e5_vs_1e3 = {took[f'search_{large}'] / took[f'search_{small}']:.2f}")
        swept, deleted = erasures()
        print(f"sweep of {SWEPT}: {swept:.2f} s; bare DELETE: {deleted:.3f} s")
        print(f"ratio: erase_vs_delete = {deleted / swept:.3f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
