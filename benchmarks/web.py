"""Requests per second and p99 of the inbox, a case and *send*, on PostgreSQL with 10^5 intakes, through a real server.

Against bare Django views that render the same templates from the same rows, with Django's own default middleware, and
without encryption, need to know or ledger. Two servers (waitress, two threads each) on one machine, measured in turn by
four clients in another process; the middle of the rounds. Plain *send* copies a row; ours seals a parcel, with its PDF.

    ratio: NAME VALUE      requests per second, ours over plain; the statements of one click on *send*
"""

from __future__ import annotations

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
INTAKES, DRAFTS, CLIENTS, ROUNDS, SECONDS = 100_000, 160, 4, 3, 1.0
OPGROEIEN, WESTERLO = "0886886638", "0212181956"
DEFAULT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # it refuses to start without
]


def use(home: Path, *, plain: bool = False) -> None:
    os.environ |= {"BRUG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "brug.node.settings"}
    import django
    from django.conf import settings

    if plain:
        settings.MIDDLEWARE = DEFAULT_MIDDLEWARE
        settings.ROOT_URLCONF = "benchmarks.web"
    django.setup()


# What is measured against: the same pages as anybody would write them first.


def plain_views() -> list[object]:
    from django.core.paginator import Paginator
    from django.db import connection, transaction
    from django.http import HttpRequest, HttpResponse
    from django.shortcuts import redirect, render
    from django.urls import include, path
    from django.utils import timezone

    from brug.desks.casework import queries, views
    from brug.desks.casework.models import Intake

    def inbox(request: HttpRequest) -> HttpResponse:
        intakes = Intake.objects.select_related("worker").order_by("arrived_at")
        page = Paginator(intakes, queries.PAGE).get_page(request.GET.get("page"))
        rows = queries.inbox_rows(page.object_list, timezone.now())
        return render(request, "casework/inbox.html", {"page": page, "rows": rows, "waiting": intakes.count()})

    def case(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
        intake = Intake.objects.get(pk=reference)
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM plain_case WHERE reference = %s", [reference])
            [(content,)] = cursor.fetchall()
        import json

        content = json.loads(content) if isinstance(content, str) else content
        return render(request, "casework/case.html", views._context(intake, content, timezone.now()))

    def send(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE plain_referral SET state = 'sent' WHERE reference = %s", [reference])
            cursor.execute(
                "INSERT INTO plain_outbox (reference, client) SELECT reference, client FROM plain_referral "
                "WHERE reference = %s",
                [reference],
            )
        return redirect("referral", reference)

    return [
        path("cases/inbox", inbox),
        path("cases/mine/<uuid:reference>", case),
        path("referrals/<uuid:reference>/send", send),
        path("", include("brug.node.urls")),
    ]


def __getattr__(name: str) -> object:
    if name == "urlpatterns":
        return plain_views()
    raise AttributeError(name)


# Two nodes with their rows.


def make_node(folder: Path, party: str, name: str, database: str) -> Path:
    home = folder / party
    home.mkdir()
    (folder / f"{party}-unlock").write_bytes(os.urandom(32))
    (home / "brug.toml").write_text(
        f'[node]\nparty = "{party}"\nname = "{name}"\ndemo = true\n[web]\nhttps = false\n'
        f'[keys]\nunlock_file = "{folder / f"{party}-unlock"}"\n'
        f'[mail]\nmailbox = "{name.split()[0].lower()}@voorbeeld.example"\n{database}'
    )
    return home


def apart(home: Path, what: str) -> str:
    """One part of the preparation in a process of its own, as a process is one node for good."""
    done = subprocess.run([sys.executable, __file__, what, str(home)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def session_of(username: str) -> str:
    """The cookie of a member who has logged in."""
    from django.conf import settings
    from django.test import Client

    from brug.office.parties.models import Member

    browser = Client()
    browser.force_login(Member.objects.get(username=username))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def prepare(home: Path) -> None:
    use(home)
    from django.core.management import call_command

    from brug.node import demo_people
    from brug.office.keys import services as keys

    keys.create()
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.utils import timezone

    demo_people.settle(at=timezone.now())
    if settings.PARTY == WESTERLO:
        print(fill_inbox())
    else:
        print(fill_drafts())


def fill_inbox() -> str:
    """10^5 intakes, one of them with a person, readable in a plain table too; sessions and the reference."""
    import json

    from django.db import connection, transaction
    from django.utils import timezone

    from brug.desks.casework.history import client_of, indexes
    from brug.desks.casework.models import Intake
    from brug.office.parties.models import Member
    from brug.office.vault import services as vault
    from brug.office.vault.reasons import Reason

    now, karim = timezone.now(), Member.objects.get(username="karim")
    common = {"residence": "13049", "protocol": "opgroeien-ocmw-westerlo@1"}
    own = Intake(number="W-0", parcel_id=uuid.uuid4(), referral_id=uuid.uuid4(), arrived_at=now, **common)
    own.worker, own.state = karim, "contacting"
    own.save()
    client = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
    content = {
        "referral": {"client": client, "residence": "13049", "notifier": {"name": "Lien", "team": "zuiderkempen"}},
        "journal": [],
    }
    with transaction.atomic():
        known = indexes(client_of(content))
        vault.put(own.record, content, reason=Reason.INTAKE, due_on=None, at=now, indexes=known)
    differs = {"number": "'W-' || i", "arrived_at": "arrived_at - (i % 40000) * interval '1 minute'"}
    differs |= {"state": "'arrived'", "worker_id": "NULL"}
    differs |= dict.fromkeys(("reference", "parcel_id", "referral_id", "record"), "gen_random_uuid()")
    columns = [field.column for field in Intake._meta.local_fields]
    values = ", ".join(differs.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO casework_intake ({', '.join(columns)}) SELECT {values} "  # noqa: S608 (our own names)
            f"FROM generate_series(1, {INTAKES - 1}) AS n(i), casework_intake WHERE number = 'W-0'"
        )
        cursor.execute("CREATE TABLE plain_case (reference uuid PRIMARY KEY, content jsonb)")
        cursor.execute("INSERT INTO plain_case VALUES (%s, %s)", [own.pk, json.dumps(content)])
        cursor.execute("ANALYZE")
    return f"{session_of('hilde')} {session_of('karim')} {own.pk}"


def fill_drafts() -> str:
    """Referrals that wait for one click, in both shapes; the session and the references."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from brug.core import message
    from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
    from brug.desks.referrals import services
    from brug.desks.referrals.models import Referral
    from brug.office.parties.models import Counterparty, Member

    now, lien = timezone.now(), Member.objects.get(username="lien")
    Counterparty.objects.create(
        kbo=WESTERLO,
        name="OCMW Westerlo",
        mailbox="info.ocmw@westerlo.be",
        signing_key=bytes(32),
        checkpoint_key=bytes(32),
        parcel_key=public_parcel_key(generate_parcel_key()),
        confirmed_at=now,
    )
    client = message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001")
    made = []
    for _ in range(DRAFTS):
        referral = services.start("13049", "2260", by=lien, at=now)
        protocol = services.protocol_for(referral, now)
        assert protocol is not None
        facts = services.ConsentFacts(
            informed_at=now,
            informed_how="talk_and_leaflet",
            language="nl",
            interpreter=False,
            consented_at=now,
            consented_how="oral",
            met_on_duty=True,
            judged_with_client=True,
        )
        services.record_consent(referral, facts, protocol, by=lien, at=now)
        services.keep_client(referral, client, "13049", by=lien, at=now)
        made.append(referral.reference)
    versions = dict(Referral.objects.values_list("reference", "version"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain_referral (reference uuid PRIMARY KEY, state text, client jsonb)")
        cursor.execute("CREATE TABLE plain_outbox (id serial PRIMARY KEY, reference uuid, client jsonb)")
        for pk in made:
            row = [pk, client.model_dump_json(exclude_none=True)]
            cursor.execute("INSERT INTO plain_referral VALUES (%s, 'ready', %s)", row)
    return f"{session_of('lien')} {settings.CSRF_COOKIE_NAME} " + " ".join(f"{pk}:{versions[pk]}" for pk in made)


def count(home: Path) -> None:
    """How many statements one click on *send* costs, through every middleware."""
    use(home)
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from brug.desks.referrals.models import Referral

    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_of("lien").partition("=")[2]
    referral = Referral.objects.filter(state="consented").order_by("pk")[0]
    with CaptureQueriesContext(connection) as asked:
        answer = browser.post(reverse("referral-send", args=[referral.reference]), {"version": referral.version})
    assert answer.status_code == 302, answer.status_code
    print(sum("pg_advisory_xact_lock" not in query["sql"] for query in asked.captured_queries))  # SQLite needs none


# Serving and asking.


def serve(home: Path, plain: bool, port: int) -> None:
    use(home, plain=plain)
    from django.core.wsgi import get_wsgi_application
    from waitress import serve as listen

    listen(get_wsgi_application(), listen=f"127.0.0.1:{port}", threads=2, _quiet=True)


@contextmanager
def server(home: Path, *, plain: bool) -> Iterator[int]:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BRUG_HOME": str(home), "BRUG_PLAIN": "1" if plain else ""}
    command = [sys.executable, __file__, "serve-plain" if plain else "serve", str(home), str(port)]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            for _ in range(150):
                try:
                    if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=10), "/healthz")[0]:
                        break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            os.killpg(process.pid, 15)
            process.wait()


def ask(
    to: http.client.HTTPConnection, where: str, *, cookie: str = "", form: str | None = None
) -> tuple[int, str, str]:
    headers = {"Cookie": cookie} if cookie else {}
    if form is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    to.request("GET" if form is None else "POST", where, body=form, headers=headers)
    answer = to.getresponse()
    return answer.status, answer.read().decode(), answer.getheader("Set-Cookie") or ""


def load(port: int, what: Callable[[http.client.HTTPConnection], bool], seconds: float) -> tuple[float, float]:
    """Requests per second, and the 99th percentile in milliseconds, of some clients that ask without a pause."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < until:
            begin = time.perf_counter()
            if not what(connection):
                return
            took.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - begin
    return len(took) / spent, sorted(took)[int(len(took) * 0.99) - 1] * 1000 if took else 0.0


def reader(where: str, session_cookie: str) -> Callable[[http.client.HTTPConnection], bool]:
    def read(connection: http.client.HTTPConnection) -> bool:
        status, _, _ = ask(connection, where, cookie=session_cookie)
        assert status == 200, (where, status)
        return True

    return read


def sender(
    port: int, session_cookie: str, name: str, waiting: list[str]
) -> Callable[[http.client.HTTPConnection], bool]:
    first = waiting[0].partition(":")[0]
    _, page, cookies = ask(http.client.HTTPConnection("127.0.0.1", port), f"/referrals/{first}", cookie=session_cookie)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    secret = re.search(rf"({name}=\w+)", cookies)
    assert token and secret, "no form on the page"

    def send(connection: http.client.HTTPConnection) -> bool:
        try:
            reference, _, version = waiting.pop().partition(":")
        except IndexError:
            return False
        form = f"csrfmiddlewaretoken={token[1]}&version={version}"
        cookie = f"{session_cookie}; {secret[1]}"
        status, page, _ = ask(connection, f"/referrals/{reference}/send", cookie=cookie, form=form)
        assert status == 302, (status, page[:200])
        return True

    return send


def compare(name: str, measure: Callable[[int], tuple[float, float]], ports: tuple[int, int]) -> None:
    figures: list[list[tuple[float, float]]] = [[], []]
    for _ in range(ROUNDS):
        for side, port in enumerate(ports):
            figures[side].append(measure(port))
    (ours, slow), (plain, plain_slow) = ((statistics.median(f) for f in zip(*side, strict=True)) for side in figures)
    print(f"{name:6} ours {ours:7.1f}/s, p99 {slow:6.1f} ms; plain {plain:7.1f}/s, p99 {plain_slow:6.1f} ms")
    RATIOS.append(f"ratio: {name}_vs_plain {ours / plain:.2f}")


RATIOS: list[str] = []


def main() -> None:
    import psycopg

    from tests import postgres

    with ExitStack() as open_things:
        host = open_things.enter_context(postgres.cluster())
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="brug-web-")))
        homes = {}
        for party, name in ((WESTERLO, "OCMW Westerlo"), (OPGROEIEN, "Opgroeien regie")):
            with psycopg.connect(host=str(host), user=postgres.USER, dbname="postgres", autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE brug_{party}".encode())
            homes[party] = make_node(folder, party, name, postgres.settings_of(host, f"brug_{party}"))
        with ThreadPoolExecutor() as threads:
            theirs, ours_too = threads.map(lambda party: apart(homes[party], "prepare"), (WESTERLO, OPGROEIEN))
        hilde, karim, own = theirs.split()
        lien, csrf, *drafts = ours_too.split()
        with server(homes[WESTERLO], plain=False) as ours, server(homes[WESTERLO], plain=True) as plain:
            for page, where, who in (("inbox", "/cases/inbox", hilde), ("case", f"/cases/mine/{own}", karim)):
                read = reader(where, who)
                for port in (ours, plain):
                    load(port, read, 0.4)
                compare(page, lambda port, read=read: load(port, read, SECONDS), (ours, plain))  # type: ignore[misc]
        with server(homes[OPGROEIEN], plain=False) as ours, server(homes[OPGROEIEN], plain=True) as plain:
            waiting = {ours: drafts[1 : DRAFTS // 2], plain: drafts[DRAFTS // 2 :]}  # the first one is for `count`
            share = (DRAFTS // 2 - 1) // ROUNDS

            def measure(port: int) -> tuple[float, float]:
                now = [waiting[port].pop() for _ in range(share)]
                return load(port, sender(port, lien, csrf, now), 60)

            compare("send", measure, (ours, plain))
        RATIOS.append(f"ratio: send_statements {apart(homes[OPGROEIEN], 'count')}")
    print(*RATIOS, sep="\n")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] in {"prepare", "count"}:
        {"prepare": prepare, "count": count}[sys.argv[1]](Path(sys.argv[2]))
    else:
        serve(Path(sys.argv[2]), sys.argv[1] == "serve-plain", int(sys.argv[3]))
