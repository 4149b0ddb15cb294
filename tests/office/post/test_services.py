"""The mail room against a real SMTP listener and a real Maildir: due until the receipt, raw bytes first."""

from __future__ import annotations

import asyncio
import mailbox
import re
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from brug.core.parcel import Rejected, Rejection
from brug.core.parcel.seal import Parcel
from brug.core.states import WrongState
from brug.node.demo import Drop, free_port, maildir
from brug.office.post import mail, receipts, services, transport
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState
from tests import examples
from tests.conftest import NOW, WESTERLO

MAILBOX = "info.ocmw@westerlo.be"
pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_system(tmp_path: Path, settings: Settings) -> Iterator[Controller]:
    """A real SMTP listener on this machine; this node sends by it, and reads what is dropped for the OCMW."""
    controller = Controller(Drop(tmp_path), hostname="127.0.0.1", port=free_port())
    settings.MAILBOX = "brug@opgroeien.example"
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{controller.port}"
    settings.MAIL_INCOMING = f"maildir:{maildir(tmp_path, MAILBOX)}"
    controller.start()
    yield controller
    controller.stop()


def parcel(awaits_receipt: bool = True) -> Outgoing:
    sealed = Parcel(uuid.uuid4(), "referral", b"7z archive " * 500, "a.signed.manifest")  # the mail room opens neither
    return services.queue(sealed, recipient=WESTERLO, mailbox=MAILBOX, awaits_receipt=awaits_receipt, at=NOW)


def test_what_is_sent_comes_in_byte_for_byte_once(mail_system: Controller) -> None:
    sent = parcel()
    assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    assert services.collect(NOW) == 1
    assert services.collect(NOW) == 0  # the mail has left the mailbox
    manifest, archive = mail.split(bytes(Incoming.objects.get().raw))
    assert (manifest.decode(), archive) == (sent.manifest, sent.archive)


def test_a_parcel_stays_due_until_its_receipt(mail_system: Controller) -> None:
    sent = parcel()
    later = NOW
    for _ in range(3):
        assert services.send_due(later, where=attrgetter("mailbox")) == 1
        assert services.send_due(later, where=attrgetter("mailbox")) == 0  # not at once again
        later += timedelta(days=1)
    assert not receipts.record_receipt(sent.parcel_id, sender="0207654333", at=later)  # not whom it went to
    assert receipts.record_receipt(sent.parcel_id, sender=WESTERLO, at=later)
    assert services.send_due(later + timedelta(days=30), where=attrgetter("mailbox")) == 0
    assert not receipts.record_receipt(sent.parcel_id, sender=WESTERLO, at=later)  # no news
    done = Outgoing.objects.get()
    assert (done.state, done.sent_at, done.attempts) == (OutgoingState.RECEIVED, NOW, 3)


def test_what_awaits_no_receipt_is_done_when_the_mail_server_has_it(mail_system: Controller) -> None:
    parcel(awaits_receipt=False)
    assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    assert services.send_due(NOW + timedelta(days=1), where=attrgetter("mailbox")) == 0


def test_a_stopped_parcel_never_leaves(mail_system: Controller) -> None:
    stopped = parcel()
    services.stop(stopped.parcel_id)
    assert services.send_due(NOW + timedelta(days=1), where=attrgetter("mailbox")) == 0
    with pytest.raises(WrongState):
        services.stop(stopped.parcel_id)


def test_no_id_is_the_id_of_no_parcel() -> None:
    """A referral that was never sent has none: nothing is stopped for it, and least of all everything."""
    kept = parcel()
    for asked in (services.stop, services.latest, services.is_given_up):
        with pytest.raises(ValueError, match="id of a parcel"):
            asked(None)  # type: ignore[arg-type]
    kept.refresh_from_db()
    assert kept.state == OutgoingState.QUEUED


def test_what_was_withdrawn_is_never_sent_again_not_even_to_a_party_that_lost_it() -> None:
    sent = parcel()
    receipts.record_receipt(sent.parcel_id, sender=WESTERLO, at=NOW)
    services.stop(sent.parcel_id)
    receipts.record_receipt(sent.parcel_id, sender=WESTERLO, at=NOW)  # its receipt, once more
    assert services.send_again(Outgoing.objects.all(), at=NOW) == 0
    assert Outgoing.objects.get().state == OutgoingState.STOPPED


def test_a_mail_server_that_is_away_loses_nothing(settings: Settings) -> None:
    settings.MAIL_OUTGOING = f"smtp://127.0.0.1:{free_port()}"
    parcel()
    assert services.send_due(NOW, where=attrgetter("mailbox")) == 0
    assert Outgoing.objects.get().state == OutgoingState.QUEUED


class Later(Drop):
    """A mail server that says "not now" to every mail until it may, at one of the places where servers say so."""

    may, where = False, "MAIL"

    async def _answer(self, place: str) -> str:
        return "250 OK" if self.may or place != self.where else "451 4.7.1 try again later"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = await self._answer("DATA")
        return await super().handle_DATA(server, session, envelope) if said.startswith("250") else said


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
def test_a_mail_server_that_says_not_now_for_hours_gets_it_at_its_first_yes(
    where: str, tmp_path: Path, settings: Settings
) -> None:
    handler = Later(tmp_path)
    handler.where = where
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    settings.MAILBOX, settings.MAIL_OUTGOING = "brug@opgroeien.example", f"smtp://127.0.0.1:{controller.port}"
    settings.MAIL_INCOMING = f"maildir:{maildir(tmp_path, MAILBOX)}"
    waiting, at = parcel(), NOW
    controller.start()
    try:
        while at < NOW + timedelta(hours=6):
            assert services.send_due(at, where=attrgetter("mailbox")) == 0
            waiting.refresh_from_db()
            assert waiting.state == OutgoingState.QUEUED and waiting.due_at and waiting.due_at > at
            at = waiting.due_at
        handler.may = True
        assert services.send_due(at, where=attrgetter("mailbox")) == 1
    finally:
        controller.stop()
    assert len(list(transport.incoming(settings.MAIL_INCOMING).waiting())) == 1


def test_waits_grow_fourfold_from_two_minutes_to_a_day_until_it_is_given_up(mail_system: Controller) -> None:
    """A receipt never comes: when each try of two weeks is, and that there is none after them."""
    waiting = parcel()
    tried = [NOW]
    while not services.give_up(tried[-1]):
        assert services.send_due(tried[-1], where=attrgetter("mailbox")) == 1
        waiting.refresh_from_db()
        assert (
            waiting.due_at
            and services.send_due(waiting.due_at - timedelta(microseconds=1), where=attrgetter("mailbox")) == 0
        )
        tried.append(waiting.due_at)
    *tries, after = tried
    waits = [round((later - earlier) / timedelta(minutes=1)) for earlier, later in pairwise(tried)]
    assert waits[:5] == [2, 8, 32, 128, 512] and set(waits[5:]) == {24 * 60}
    assert tries[-1] - NOW <= timedelta(days=14) < after - NOW
    assert services.send_due(after + timedelta(days=30), where=attrgetter("mailbox")) == 0


def test_a_killed_worker_holds_nothing_longer_than_its_lease() -> None:
    waiting = parcel()
    assert services._claim_outgoing(NOW) == waiting
    assert services._claim_outgoing(NOW) is None
    assert services._claim_outgoing(NOW + services.LEASE) == waiting


class Slow(Drop):
    """A mail server that takes its time for every answer; while it does, another worker looks what is due."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await asyncio.to_thread(self.meanwhile)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.to_thread(self.meanwhile)
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.django_db(transaction=True)
def test_no_second_worker_sends_what_a_slow_mail_server_is_being_told(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is renewed at each answer: each answer here comes late, all together far later than a lease lasts."""
    seconds = 0.0
    monkeypatch.setattr(services, "time", SimpleNamespace(monotonic=lambda: seconds))
    handler, seen = Slow(tmp_path), []

    def another_worker() -> None:
        nonlocal seconds
        seconds += 0.7 * services.LEASE.total_seconds()
        seen.append(services._claim_outgoing(NOW + timedelta(seconds=seconds)))
        connection.close()

    handler.meanwhile = another_worker  # type: ignore[method-assign]
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.MAIL_OUTGOING, settings.MAILBOX = f"smtp://127.0.0.1:{controller.port}", "brug@opgroeien.example"
        parcel()
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    finally:
        controller.stop()
    assert seen == [None, None]


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_after_his_lease_does_not_send_what_another_worker_took(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a machine that slept: before the mail itself goes it is asked once more whose it is."""
    monkeypatch.setattr(services, "RENEW_SECONDS", 0.0)
    handler = Slow(tmp_path)
    handler.meanwhile = lambda: (Outgoing.objects.update(attempts=2), connection.close())  # type: ignore[method-assign]
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.MAIL_OUTGOING, settings.MAILBOX = f"smtp://127.0.0.1:{controller.port}", "brug@opgroeien.example"
        parcel()
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 0
    finally:
        controller.stop()
    assert not maildir(tmp_path, MAILBOX).exists()


def test_the_mail_says_nothing(mail_system: Controller, tmp_path: Path) -> None:
    parcel()
    services.send_due(NOW, where=attrgetter("mailbox"))
    [dropped] = mailbox.Maildir(maildir(tmp_path, MAILBOX))
    assert dropped["Subject"] == mail.SUBJECT
    assert dropped.get_payload(0).get_payload(decode=True).decode().replace("\r\n", "\n") == mail.TEXT
    assert {name.lower() for name in dropped} <= {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type", "x-peer",
        "x-mailfrom", "x-rcptto",
    }  # fmt: skip


def test_the_mail_is_as_the_specification_says_that_a_sender_must() -> None:
    """Each MUST of docs/spec/parcel.md, The mail."""
    told = message_from_bytes(WHOLE)
    number = uuid.UUID(int=7)
    assert told.get_content_type() == "multipart/mixed" and told["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(rf"<[0-9.]{{20,}}\.{number}@opgroeien\.example>", told["Message-ID"].strip())
    attached = [part for part in told.walk() if part.get_content_disposition() == "attachment"]
    assert [(part.get_content_type(), part["Content-Transfer-Encoding"], part.get_filename()) for part in attached] == [
        ("application/x-7z-compressed", "base64", f"zending-{number}.7z"),
        ("application/jose", "base64", f"zending-{number}.jws"),
    ]
    assert [part.get_payload(decode=True) for part in attached] == [b"7z" * 400, b"m" * 300]
    assert max(map(len, WHOLE.split(b"\r\n"))) <= 998, "RFC 5322"


def test_what_people_write_to_the_same_mailbox_stays_untouched(mail_system: Controller, tmp_path: Path) -> None:
    letters = mailbox.Maildir(maildir(tmp_path, MAILBOX), create=True)
    letters.add("Subject: vergadering\r\n\r\nTot straks")
    assert services.collect(NOW) == 0
    assert len(letters) == 1


def test_a_mail_that_this_machine_cannot_read_keeps_none_behind_it_from_coming_in(
    mail_system: Controller, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = maildir(tmp_path, MAILBOX)
    mailbox.Maildir(folder, create=True)
    (folder / "new" / "0").symlink_to("0")  # to itself: also root cannot open it
    parcel()
    services.send_due(NOW, where=attrgetter("mailbox"))
    assert services.collect(NOW) == 1
    assert services.collect(NOW) == 0
    assert caplog.text.count("a mail cannot be read") == 1


@pytest.mark.parametrize(
    "address", ["smtp://mail.westerlo.example:25", "http://127.0.0.1", "smtp+tls://", "sendmail:", ""]
)
def test_nothing_falls_back_to_clear_text(address: str) -> None:
    with pytest.raises(ValueError, match="Mail"), transport.outgoing(address):
        pass


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    controller = Controller(Drop(tmp_path), hostname="127.0.0.1", port=free_port(), tls_context=context)
    controller.start()
    try:
        with (
            pytest.raises(transport.Unreachable, match="SSLCertVerificationError"),
            transport.outgoing(f"smtp+tls://localhost:{controller.port}"),
        ):
            pass
    finally:
        controller.stop()


def _self_signed(folder: Path) -> tuple[Path, Path]:
    import subprocess

    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def _mail_of(archive: bytes, manifest: str) -> bytes:
    posted = Outgoing(parcel_id=uuid.UUID(int=7), mailbox=MAILBOX, archive=archive, manifest=manifest, queued_at=NOW)
    return mail.compose(posted, sender="brug@opgroeien.example").as_bytes()


WHOLE = _mail_of(b"7z" * 400, "m" * 300)


@hypothesis_settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_hostile_mail_is_refused_in_one_way_only(data: st.DataObject) -> None:
    raw = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        length = data.draw(st.integers(0, 12))
        raw[at : at + length] = data.draw(st.binary(max_size=12))
        if not raw:
            raw = bytearray(b"\n")
    try:
        manifest, archive = mail.split(bytes(raw))
    except Rejected as rejected:
        assert rejected.rejection == Rejection.NOT_A_PARCEL
    else:
        assert isinstance(manifest, bytes) and isinstance(archive, bytes)


def test_a_mail_of_thousands_of_parts_is_refused() -> None:
    boundary = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    raw = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + boundary * 5000 + b"--b--"
    with pytest.raises(Rejected):
        mail.split(raw)


def test_the_loopback_is_the_only_machine_without_tls() -> None:
    assert all(socket.gethostbyname(host).startswith("127.") for host in transport.LOOPBACK if host != "::1")
    assert message_from_bytes(WHOLE)["To"] == MAILBOX
