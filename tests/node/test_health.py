"""`brug check`, /healthz and /metrics: they tell what is wrong, to whom may know, and of no person."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.parcel.seal import Parcel
from brug.desks.breaches import services as breaches
from brug.desks.breaches.models import Breach
from brug.desks.breaches.states import Kind
from brug.desks.requests import services as requests
from brug.desks.requests.states import Channel, Right
from brug.node import health, health_commands, monitoring, setup
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, Act
from brug.office.ledger.models import Conflict
from brug.office.parties.models import Member
from brug.office.post import services as post
from brug.office.post.models import Incoming, Outgoing
from brug.office.roles import Role
from brug.office.vault import clock
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.faults.mail_system import make_certificate

pytestmark = pytest.mark.django_db


def state(name: str, at: datetime) -> str:
    [finding] = health.look(at, (name,))
    return finding.state


def test_every_check_says_one_thing(now: datetime) -> None:
    found = health.look(now)
    assert [finding.name for finding in found] == list(health.checks())
    assert all(finding.words.endswith(".") for finding in found if finding.state != health.OK)


def test_a_worker_that_stopped_is_an_error(now: datetime) -> None:
    assert state("worker", now) == health.ERROR
    clock.observe(now)
    assert state("worker", now + timedelta(minutes=9)) == health.OK
    assert state("worker", now + timedelta(minutes=11)) == health.ERROR


def test_who_confirms_the_clock_is_no_worker_at_work(now: datetime) -> None:
    clock.observe(now)
    clock.confirm(now + timedelta(minutes=30))
    assert state("worker", now + timedelta(minutes=30)) == health.WARNING, "one that is there looks at once"
    assert state("worker", now + timedelta(minutes=31)) == health.ERROR
    clock.observe(now + timedelta(minutes=31))
    assert state("worker", now + timedelta(minutes=31)) == health.OK


def test_a_clock_that_jumped_is_an_error(now: datetime) -> None:
    clock.observe(now)
    clock.observe(now + timedelta(days=400))
    assert state("clock", now) == health.ERROR


def test_what_is_past_its_last_day_is_an_error(now: datetime) -> None:
    assert state("retention", now) == health.OK
    vault.put(uuid.uuid4(), {}, reason=Reason.CONSENT_RECORD, due_on=legal_day(now) - timedelta(days=1), at=now)
    assert state("retention", now) == health.ERROR


def test_a_backup_is_wanted_every_night(now: datetime) -> None:
    assert state("backup", now) == health.WARNING
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=OPERATOR, at=now)
    assert state("backup", now + timedelta(hours=25)) == health.OK
    assert state("backup", now + timedelta(hours=27)) == health.WARNING


def test_acts_without_a_place_and_a_ledger_that_is_not_what_it_was_are_errors(now: datetime) -> None:
    assert state("ledger", now) == health.OK
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=OPERATOR, at=now)
    assert state("ledger", now + timedelta(hours=1)) == health.ERROR
    ledger.sequence(now)
    assert state("ledger", now + timedelta(hours=1)) == health.OK
    odd = {"origin": "brug/0212181956/ledger", "note": "x", "at": now}
    Conflict.objects.create(**odd, why="bad_note", sha256="0" * 64)
    assert state("ledger", now) == health.WARNING, "a mistake is no accusation"
    Conflict.objects.create(**odd, why="fork", against="y", sha256="1" * 64)
    assert state("ledger", now) == health.ERROR
    Conflict.objects.update(closed_at=now)
    assert state("ledger", now) == health.OK


def test_who_is_not_bound_by_secrecy_is_counted(now: datetime, lien: Member) -> None:
    assert state("secrecy", now) == health.OK
    assert state("secrecy", now + timedelta(days=800)) == health.WARNING


def test_a_breach_past_its_seventy_two_hours_and_a_request_past_its_month_are_errors(now: datetime) -> None:
    officer = Member.objects.create(username="ann", name="Ann Vos", role=Role.DPO)
    breach = breaches.suspect(Kind.MAILBOX, now, "Een vreemde aanmelding.", is_going_on=True, by=officer, at=now)
    breaches.confirm(breach, now, by=officer, at=now)
    requests.receive(Right.ACCESS, Channel.LETTER, legal_day(now), by=officer, at=now)
    for name, last in (("breaches", timedelta(hours=72)), ("requests", timedelta(days=30))):
        assert state(name, now + last - timedelta(minutes=1)) == health.OK, name
        assert state(name, now + last + timedelta(days=2)) == health.ERROR, name
    Breach.objects.update(authority_at=now)
    assert state("breaches", now + timedelta(days=9)) == health.OK


def test_a_disk_that_is_almost_full_is_an_error(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for total, free, told in (
        (10**10, 10**9 - 1, health.ERROR),
        (10**10, 10**9, health.OK),
        (10**11, 10**9, health.ERROR),
    ):
        space = _Space(total, total - free, free)
        monkeypatch.setattr(shutil, "disk_usage", lambda path, space=space: space)
        assert state("disk", now) == told


class _Space(NamedTuple):
    total: int
    used: int
    free: int


def test_a_parcel_without_an_answer_one_given_up_and_one_in_quarantine_are_each_told(
    now: datetime, westerlo: OtherParty
) -> None:
    assert state("parcels", now) == health.OK
    sent: dict[str, Any] = {"parcel_id": uuid.uuid4(), "recipient": WESTERLO, "kind": "canary", "awaits_receipt": True}
    sent |= {"queued_at": now, "trying_since": now, "due_at": now}
    parcel = Outgoing.objects.create(**sent)
    assert state("parcels", now) == health.OK
    assert state("parcels", now + timedelta(days=3)) == health.WARNING
    Outgoing.objects.update(awaits_receipt=False, state="bounced")
    assert state("parcels", now) == health.WARNING
    parcel.delete()
    Incoming.objects.create(raw=b"x", size=1, fetched_at=now, due_at=None)
    assert state("parcels", now) == health.WARNING


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Path]:
    """The name that browsers know, of a certificate for two days; who looks at it comes out at a server of ours."""
    certificate, key = make_certificate(tmp_path, "brug.voorbeeld.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    connect = socket.create_connection
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()

        def answer() -> None:
            with suppress(OSError):
                while True:
                    with suppress(ssl.SSLError), context.wrap_socket(server.accept()[0], server_side=True) as safe:
                        safe.recv(1)

        threading.Thread(target=answer, daemon=True).start()
        monkeypatch.setattr(socket, "create_connection", lambda address, timeout: connect(here, timeout))
        settings.ALLOWED_HOSTS, settings.SESSION_COOKIE_SECURE = ["127.0.0.1", "brug.voorbeeld.example"], True
        yield certificate
        server.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_ends_soon_or_is_none_of_ours_is_told(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.now()
    [told] = health.look(today, ("tls",))
    assert told.state == health.WARNING and "SSLCertVerificationError" in told.words, "nobody vouches for it"
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    [told] = health.look(today, ("tls",))
    assert told.state == health.WARNING and "holds until" in told.words
    assert state("tls", today - health.CERTIFICATE_SOON) == health.OK


@pytest.fixture
def readable_keys(settings: Settings) -> Iterator[Path]:
    file = settings.UNLOCK_FILE
    before = file.stat().st_mode
    os.chmod(file, 0o644)
    yield file
    os.chmod(file, before)


def test_a_secret_that_systemd_hands_over_is_nobody_elses(
    now: datetime, readable_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given to the user of the unit by a list, which shows as a right of the group."""
    os.chmod(readable_keys, 0o440)
    assert state("keys", now) == health.ERROR
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(readable_keys.parent))
    assert state("keys", now) == health.OK


def test_keys_that_others_can_read_are_an_error(now: datetime, readable_keys: Path) -> None:
    assert state("keys", now) == health.ERROR
    os.chmod(readable_keys, 0o600)
    for path in (readable_keys.parent / "node" / "keys").rglob("*"):
        if path.is_file():
            os.chmod(path, 0o600)
    assert state("keys", now) == health.OK


def test_mail_that_cannot_travel_says_why_and_never_where_to(now: datetime, settings: Settings, tmp_path: Path) -> None:
    settings.MAIL_OUTGOING, settings.MAIL_INCOMING = "smtp://127.0.0.1:1", "maildir:/nonexistent/brug"
    settings.ALLOWED_HOSTS = ["brug.voorbeeld.example"]
    found = {finding.name: finding for finding in health.look(now, ("mail_out", "mail_in"))}
    assert found["mail_out"].state == health.ERROR and "nothing listens at that port" in found["mail_out"].words
    assert found["mail_in"].state == health.ERROR and "/nonexistent" not in found["mail_in"].words
    settings.MAIL_INCOMING = f"maildir:{tmp_path}/mail"
    assert state("mail_in", now) == health.OK
    settings.MAIL_INCOMING = ""
    assert state("mail_in", now) == health.ERROR


def test_a_check_that_breaks_stops_no_other(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(at: datetime) -> health.Said:
        raise KeyError("a secret")

    monkeypatch.setitem(health.CHECKS, "disk", broken)
    found = {finding.name: finding for finding in health.look(now)}
    assert found["disk"].words == "Could not look: KeyError."
    assert len(found) == len(health.checks())


def test_the_command_prints_words_or_json_and_fails_when_something_is_wrong(
    now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    health_commands.add_commands(commands)
    for words in (["check"], ["check", "--json"]):
        given = parser.parse_args(words)
        assert given.run(given, lambda: now) == 1
        out = capsys.readouterr().out
    assert {row["name"] for row in json.loads(out)} == set(health.checks())


def test_healthz_needs_no_log_in_and_tells_nothing_but_whether(client: Client) -> None:
    assert client.get("/healthz").status_code == 503
    clock.observe(timezone.now())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "worker": "ok"})
    assert client.post("/healthz").status_code == 405


def test_metrics_are_for_who_has_the_token(client: Client, settings: Settings, tmp_path: Path) -> None:
    token = "t" * monitoring.TOKEN_LENGTH
    file = tmp_path / "token"
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN_FILE = str(file)
    file.write_text("short")
    assert client.get("/metrics", headers={"authorization": "Bearer short"}).status_code == 404
    file.write_text(token + "\n")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer " + "x" * 32}).status_code == 404
    with transaction.atomic():
        ledger.record(Act.BACKUP_MADE, "node", by=OPERATOR, at=timezone.now())
    clock.observe(timezone.now())
    vault.put(uuid.uuid4(), {}, reason=Reason.CONSENT_RECORD, due_on=None, at=timezone.now())
    shown = client.get("/metrics", headers={"authorization": f"Bearer {token}"}).content.decode()
    assert 'brug_records{reason="consent_record"} 1.0' in shown
    assert 'brug_check{check="database"} 0.0' in shown and 'brug_time_seconds{of="backup"}' in shown


def test_the_numbers_say_how_many_parcels_are_being_sent(client: Client, settings: Settings, tmp_path: Path) -> None:
    """No state of a row, but what a worker took up and no mail server has taken yet (decision 27)."""
    settings.METRICS_TOKEN_FILE = str(tmp_path / "token")
    (tmp_path / "token").write_text("t" * monitoring.TOKEN_LENGTH)
    for _ in range(3):
        sealed = Parcel(uuid.uuid4(), "referral", b"7z", "jws")
        post.queue(sealed, recipient=WESTERLO, mailbox="x@y.example", awaits_receipt=True, at=NOW)
    post._claim_outgoing(NOW)
    taken = post._claim_outgoing(NOW)
    assert taken
    post._mark_sent(taken, NOW)
    shown = client.get(
        "/metrics", headers={"authorization": f"Bearer {'t' * monitoring.TOKEN_LENGTH}"}
    ).content.decode()
    for state in ("queued", "sending", "sent"):
        assert f'brug_outgoing_parcels{{state="{state}"}} 1.0' in shown


def test_init_asks_what_the_command_line_did_not_say() -> None:
    names = ("party", "name", "mailbox", "unlock_file", "outgoing", "incoming")
    given = argparse.Namespace(**dict.fromkeys(names) | {"party": "0212.181.956"})
    answers = iter(["", "OCMW Westerlo", "brug@voorbeeld.example", "/etc/unlock", "", ""])
    setup.ask_what_is_missing(given, ask=lambda question: next(answers))
    assert (given.name, given.outgoing) == ("OCMW Westerlo", "")
    with pytest.raises(Invalid, match="--name, --mailbox, --unlock-file"):
        setup.ask_what_is_missing(argparse.Namespace(**dict.fromkeys(names) | {"party": "0212.181.956"}), ask=None)
