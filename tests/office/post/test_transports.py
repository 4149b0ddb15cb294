"""Out by SMTP, in by IMAP, against a real server and a real Dovecot: TLS verified, other people's mail untouched."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from operator import attrgetter
from pathlib import Path

import imap_tools
import pytest
from aiosmtpd.controller import Controller
from django.db import OperationalError
from pytest_django import Settings

from brug.core.parcel import archive
from brug.core.parcel.seal import Parcel
from brug.node.demo import Drop
from brug.office.post import incoming, mail, services, transport
from brug.office.post.mailboxes import Imap
from brug.office.post.models import Incoming, Outgoing
from brug.office.post.states import OutgoingState
from tests.conftest import NOW, WESTERLO
from tests.faults.mail_system import PASSWORD, MailSystem, free_port, make_certificate, running

LETTER = b"From: ann@post.example\r\nSubject: vergadering\r\nMessage-ID: <1@post.example>\r\n\r\nTot straks\r\n"
DATE = b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def mail_system() -> Iterator[MailSystem]:
    with running() as system:
        yield system


@pytest.fixture
def user(mail_system: MailSystem, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A mailbox of its own for each test; this node sends to it and reads it."""
    name = f"ocmw{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_system.certificate))
    settings.MAILBOX = "brug@opgroeien.example"
    settings.MAIL_OUTGOING = mail_system.outgoing
    settings.MAIL_INCOMING = mail_system.incoming(name)
    yield name
    transport.incoming(mail_system.incoming(name)).close()
    transport.incoming.cache_clear()


def parcel(user: str) -> Outgoing:
    sealed = Parcel(uuid.uuid4(), "referral", b"7z archive " * 500, "a.signed.manifest")
    return services.queue(sealed, recipient=WESTERLO, mailbox=f"{user}@post.example", awaits_receipt=True, at=NOW)


def mailbox(system: MailSystem, user: str) -> list[imap_tools.MailMessage]:
    with imap_tools.MailBox("localhost", system.imaps).login(user, PASSWORD) as box:
        return list(box.fetch(mark_seen=False))


def test_what_is_sent_comes_in_byte_for_byte_once(mail_system: MailSystem, user: str) -> None:
    sent = parcel(user)
    assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    assert services.collect(NOW) == 1
    manifest, archive = mail.split(bytes(Incoming.objects.get().raw))
    assert (manifest.decode(), archive) == (sent.manifest, bytes(sent.archive))
    assert mailbox(mail_system, user) == []


def test_what_people_write_and_mark_in_the_same_mailbox_stays_untouched(mail_system: MailSystem, user: str) -> None:
    mail_system.drop(user, LETTER)
    mail_system.drop(user, LETTER)
    with imap_tools.MailBox("localhost", mail_system.imaps).login(user, PASSWORD) as box:
        marked = next(iter(box.fetch(mark_seen=False, limit=1))).uid
        box.client.uid("STORE", marked, "+FLAGS", r"(\Deleted)")  # by a person who has not emptied the bin
    parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    assert services.collect(NOW) == 1
    left = mailbox(mail_system, user)
    assert [letter.subject for letter in left] == ["vergadering"] * 2
    assert not any(imap_tools.MailMessageFlags.SEEN in letter.flags for letter in left)


def test_a_mail_larger_than_any_parcel_costs_no_more_than_the_limit(
    mail_system: MailSystem, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("mailboxes", "incoming"):
        monkeypatch.setattr(f"brug.office.post.{module}.LARGEST_MAIL", 50_000)
    posted = Outgoing(parcel_id=uuid.uuid4(), mailbox="x@y.example", archive=b"7" * 80_000, manifest="m", queued_at=NOW)
    raw = mail.compose(posted, sender="a@b.example").as_bytes()
    letter = LETTER.replace(b"Tot straks", b"een foto\r\n" * 9_000)
    mail_system.drop(user, raw)
    mail_system.drop(user, letter)
    assert services.collect(NOW) == 1
    told = Incoming.objects.get()
    assert (told.rejection, told.due_at, bytes(told.raw)) == (
        "too_large",
        None,
        b"From: a@b.example\r\n" + DATE + b"\r\n",
    )
    assert told.size >= len(raw), "as its server counts it"
    assert [left.subject for left in mailbox(mail_system, user)] == ["vergadering"], "what people send stays"


def test_a_mail_whose_structure_has_no_end_keeps_no_other_from_coming_in(mail_system: MailSystem, user: str) -> None:
    """It costs one look, then waits aside: of 1.6 MB a server makes an answer of 5 MB, of this one of more than 20."""
    part = b'--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: "' + b"y" * 1_500 + b'" <a@b.example>\r\n\r\n\r\n'
    endless = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 3_000 + b"--b--\r\n"
    with pytest.MonkeyPatch.context() as smaller:
        smaller.setattr("imaplib._MAXLINE", 5_000_000)  # as a server would be that answers with four times as much
        mail_system.drop(user, endless)
        parcel(user)
        services.send_due(NOW, where=attrgetter("mailbox"))
        found = [services.collect(NOW) for _ in range(5)]
        assert sum(found) == 1, found
        posted = Outgoing(parcel_id=uuid.uuid4(), mailbox="x@y.example", archive=b"7", manifest="m", queued_at=NOW)
        mail_system.drop(user, mail.compose(posted, sender="a@b.example").as_bytes())
        transport.incoming(mail_system.incoming(user)).close()
        assert services.collect(NOW) == 1, "also over a new connection"


def test_what_could_not_be_stored_is_fetched_again(
    mail_system: MailSystem, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full: what came before is taken out, what did not fit stays until it does."""
    for _ in range(3):
        parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    stored: list[int] = []

    def full(*args: object, **kwargs: object) -> object:
        stored.append(1)
        if len(stored) == 2:
            raise OperationalError("database or disk is full")
        return store(*args, **kwargs)  # type: ignore[arg-type]

    store = incoming.Look.store
    monkeypatch.setattr(incoming.Look, "store", full)
    with pytest.raises(OperationalError):
        services.collect(NOW)
    assert (Incoming.objects.count(), len(mailbox(mail_system, user))) == (1, 2)
    assert services.collect(NOW) == 2
    assert not mailbox(mail_system, user)


def test_after_the_server_renumbered_its_mails_no_other_is_removed(mail_system: MailSystem, user: str) -> None:
    parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    box = transport.incoming(mail_system.incoming(user))
    assert isinstance(box, Imap)
    [(key, _, _)] = list(box.waiting())
    box._validity = "1"
    box.remove(key)
    assert len(mailbox(mail_system, user)) == 1
    box.close()
    box.remove(key)
    assert not mailbox(mail_system, user)


def test_more_mails_than_are_taken_out_together_all_come_in_once(mail_system: MailSystem, user: str) -> None:
    for _ in range(services.TAKEN_OUT_TOGETHER + 3):
        parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    assert services.collect(NOW) == services.TAKEN_OUT_TOGETHER + 3
    assert not mailbox(mail_system, user)
    assert services.collect(NOW) == 0


def test_the_server_says_when_mail_comes(mail_system: MailSystem, user: str) -> None:
    assert services.collect(NOW) == 0  # connects and looks
    posted = Outgoing(parcel_id=uuid.uuid4(), mailbox="x@y.example", archive=b"7", manifest="m", queued_at=NOW)
    raw = mail.compose(posted, sender="a@b.example").as_bytes()
    later = threading.Timer(0.5, lambda: mail_system.drop(user, raw))
    later.start()
    transport.pause(0.1)  # IDLE begins
    assert services.collect(NOW) == 0
    started = time.monotonic()
    while not services.collect(NOW):
        transport.pause(10)
    assert time.monotonic() - started < 5
    later.join()


def test_a_server_that_cannot_say_so_is_asked_again_and_again(
    user: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without IDLE (RFC 2177) the mailbox is looked through every twenty seconds: here every half."""
    monkeypatch.setattr("brug.office.post.mailboxes.LOOK_SECONDS", 0.5)
    with running("imap_capability = IMAP4rev1 UIDPLUS LITERAL+\n") as system:
        monkeypatch.setenv("SSL_CERT_FILE", str(system.certificate))
        settings.MAIL_INCOMING, settings.MAIL_OUTGOING = system.incoming(user), system.outgoing
        assert services.collect(NOW) == 0
        looked = time.monotonic()
        parcel(user)
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
        came = 0
        while not came and time.monotonic() < looked + 10:
            transport.pause(0.1)
            came = services.collect(NOW)
        assert came == 1 and time.monotonic() > looked + 0.5
        box = transport.incoming(settings.MAIL_INCOMING)
        assert isinstance(box, Imap) and b"IDLE" not in box._can
        box.close()


class Between:
    """An IMAP server that stands before the real one: it changes what that says, and hangs up at what it is asked."""

    def __init__(self, system: MailSystem, said: Callable[[bytes], bytes], hang_up: Callable[[bytes], bool]) -> None:
        self.system, self.said, self.hang_up = system, said, hang_up
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self) -> Between:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        here.load_cert_chain(self.system.certificate, self.system.folder / "key.pem")
        there = ssl.create_default_context(cafile=str(self.system.certificate))
        with contextlib.suppress(OSError):
            while True:
                near = here.wrap_socket(self.listener.accept()[0], server_side=True)
                far = there.wrap_socket(
                    socket.create_connection(("127.0.0.1", self.system.imaps)), False, server_hostname="localhost"
                )
                threading.Thread(target=self._ask, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    def _ask(self, near: ssl.SSLSocket, far: ssl.SSLSocket) -> None:
        with near, far, contextlib.suppress(OSError):
            while (line := near.recv(65_536)) and not self.hang_up(line):
                far.sendall(line)
            near.shutdown(socket.SHUT_RDWR)
            far.shutdown(socket.SHUT_RDWR)

    def _answer(self, far: ssl.SSLSocket, near: ssl.SSLSocket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while piece := far.recv(65_536):
                near.sendall(self.said(piece))


def test_a_mail_that_its_server_says_is_smaller_than_it_is_comes_in_whole(
    mail_system: MailSystem, user: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Exchange does: it tells the size of what it stores, and makes the mail that it gives of that."""

    def smaller(said: bytes) -> bytes:
        return re.sub(rb"RFC822\.SIZE \d+", b"RFC822.SIZE 99", said)

    sent = parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    with Between(mail_system, smaller, lambda asked: False) as server:
        settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{server.port}"
        assert services.collect(NOW) == 1
        manifest, archive = mail.split(bytes(Incoming.objects.get().raw))
        assert (manifest.decode(), archive) == (sent.manifest, bytes(sent.archive))
        Incoming.objects.all().delete()
        for module in ("mailboxes", "incoming"):
            monkeypatch.setattr(f"brug.office.post.{module}.LARGEST_MAIL", 5_000)
        monkeypatch.setattr("brug.office.post.mailboxes.BEGINNING", 4_000)
        mail_system.drop(user, mail.compose(sent, sender="a@b.example").as_bytes())
        mail_system.drop(user, LETTER.replace(b"Tot straks", b"een foto.7z\r\n" * 900))
        transport.incoming(settings.MAIL_INCOMING).close()
        assert services.collect(NOW) == 1
        told = Incoming.objects.get()
        assert (told.rejection, told.size) == ("too_large", 5_001), "the limit holds for what really came"
        assert [left.subject for left in mailbox(mail_system, user)] == ["vergadering"]
        transport.incoming(settings.MAIL_INCOMING).close()


@pytest.mark.parametrize("at", [rb"BODY\.PEEK", rb"BODYSTRUCTURE"])
def test_a_mail_at_which_its_server_hangs_up_keeps_no_other_from_coming_in(
    at: bytes, mail_system: MailSystem, user: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The first mail of two: it is set aside after the second time in a row that it is asked for alone."""

    def at_the_first(asked: bytes) -> bool:
        return re.search(rb"UID FETCH (1|1,2) .*" + at, asked) is not None

    for _ in range(2):
        parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    with Between(mail_system, lambda said: said, at_the_first) as server:
        settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{server.port}"
        found = [services.collect(NOW) for _ in range(4)]
        assert sum(found) == 1, found
        assert caplog.text.count("cannot be read and stays") == 1
        assert len(mailbox(mail_system, user)) == 1
        transport.incoming(settings.MAIL_INCOMING).close()


def test_what_could_not_be_taken_out_is_looked_at_once_more(
    mail_system: MailSystem, user: str, settings: Settings
) -> None:
    """The connection ends twice at the removal: what was stored stays in the mailbox, and comes in a second time."""
    ends = iter([True, True])
    parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    with Between(mail_system, lambda said: said, lambda asked: b"STORE" in asked and next(ends, False)) as server:
        settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{server.port}"
        found = [services.collect(NOW) for _ in range(3)]
        assert sum(found) >= 2, found
        assert not mailbox(mail_system, user)
        transport.incoming(settings.MAIL_INCOMING).close()


class Silent:
    """A server that takes every connection, says `first`, over TLS where it has a certificate, and then nothing.

    After fifteen seconds it hangs up, so that who waits for ever fails too.
    """

    def __init__(self, first: bytes | None, certificate: tuple[Path, Path] | None = None) -> None:
        self.first, self.certificate = first, certificate
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []

    def __enter__(self) -> Silent:
        threading.Thread(target=self._answer, daemon=True).start()
        self.end = threading.Timer(15, self._hang_up)
        self.end.start()
        return self

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.open.append(self.listener.accept()[0])
                if self.first is None:
                    continue
                if self.certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(*self.certificate)
                    self.open[-1] = context.wrap_socket(self.open[-1], server_side=True)
                self.open[-1].sendall(self.first)

    def _hang_up(self) -> None:
        for connection in [self.listener, *self.open]:
            connection.close()

    def __exit__(self, *_: object) -> None:
        self.end.cancel()
        self._hang_up()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Who waits half a second for each answer instead of thirty, and says in the log that it came to nothing."""
    for module in ("mailboxes", "transport"):
        monkeypatch.setattr(f"brug.office.post.{module}.TIMEOUT_SECONDS", 0.5)
    started = time.monotonic()
    yield
    assert 0.4 < time.monotonic() - started < 12
    assert [record.getMessage()[:10] for record in caplog.get_records("call")] == ["mail could"]  # not be sent, fetched
    transport.incoming.cache_clear()


@pytest.mark.parametrize(
    ("scheme", "first"),
    [("smtp", None), ("smtp+tls", None), ("smtps", None), ("smtp", b"220 dag\r\n"), ("smtp+tls", b"220 dag\r\n")],
)
def test_a_mail_server_that_takes_the_line_and_says_nothing_holds_nobody_up(
    scheme: str, first: bytes | None, settings: Settings, impatient: None
) -> None:
    waiting = parcel("ocmw")
    with Silent(first) as server:
        settings.MAIL_OUTGOING, settings.MAILBOX = f"{scheme}://localhost:{server.port}", "brug@opgroeien.example"
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at is None) == (OutgoingState.QUEUED, False)


@pytest.mark.parametrize("first", [None, b"", b"* OK dag\r\n"], ids=["no TLS", "no word", "no answer to log in"])
def test_a_mailbox_that_takes_the_line_and_says_nothing_holds_nobody_up(
    first: bytes | None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Silent(first, certificate) as server:
        settings.MAIL_INCOMING = f"imaps://ocmw:$MAIL_PASSWORD@localhost:{server.port}"
        assert services.collect(NOW) == 0


def test_a_mailbox_that_hangs_in_the_middle_of_a_body_holds_nobody_up_and_loses_nothing(
    mail_system: MailSystem,
    user: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("brug.office.post.mailboxes.TIMEOUT_SECONDS", 2.0)
    sent, hung = parcel(user), threading.Event()
    services.send_due(NOW, where=attrgetter("mailbox"))

    def half(said: bytes) -> bytes:
        if hung.is_set() or len(said) < 4_000:
            return b"" if hung.is_set() else said
        hung.set()
        return said[:2_000]

    with Between(mail_system, half, lambda asked: False) as server:
        settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{server.port}"
        assert services.collect(NOW) == 0
        transport.incoming(settings.MAIL_INCOMING).close()
    assert hung.is_set() and "mail could not be fetched" in caplog.text
    settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{mail_system.imaps}"
    assert services.collect(NOW) == 1
    manifest, archive = mail.split(bytes(Incoming.objects.get().raw))
    assert (manifest.decode(), archive) == (sent.manifest, bytes(sent.archive))
    transport.incoming(settings.MAIL_INCOMING).close()


def test_what_came_between_a_look_and_idle_is_not_waited_for(mail_system: MailSystem, user: str) -> None:
    services.collect(NOW)
    parcel(user)
    services.send_due(
        NOW, where=attrgetter("mailbox")
    )  # the mail is there before IDLE begins: its server says so only once
    started = time.monotonic()
    while not services.collect(NOW):
        assert time.monotonic() - started < 20
        transport.pause(1)


def test_a_connection_that_breaks_is_made_anew(mail_system: MailSystem, user: str) -> None:
    services.collect(NOW)
    box = transport.incoming(mail_system.incoming(user))
    assert isinstance(box, Imap) and box._connection is not None
    box._connection.client.shutdown()
    box._next_look = 0.0
    parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    assert services.collect(NOW) == 0  # this look failed, and the worker goes on
    assert services.collect(NOW) == 1


def test_a_connection_that_ends_while_it_waits_is_noticed_at_once(mail_system: MailSystem, user: str) -> None:
    services.collect(NOW)
    transport.pause(0.1)  # IDLE begins
    box = transport.incoming(mail_system.incoming(user))
    assert isinstance(box, Imap) and box._connection is not None
    box._connection.client.sock.shutdown(socket.SHUT_RDWR)
    transport.pause(10)
    assert services.collect(NOW) == 0  # this look failed; the next one, within seconds, has a connection of its own
    assert box._connection is None
    parcel(user)
    services.send_due(NOW, where=attrgetter("mailbox"))
    assert services.collect(NOW) == 1


@pytest.mark.parametrize("what", ["password", "certificate", "server"])
def test_a_mailbox_that_cannot_be_trusted_or_reached_gives_nothing_and_says_no_secret(
    what: str,
    mail_system: MailSystem,
    user: str,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if what == "password":
        monkeypatch.setenv("MAIL_PASSWORD", "een-ander")
    elif what == "certificate":
        monkeypatch.delenv("SSL_CERT_FILE")
    else:
        settings.MAIL_INCOMING = f"imaps://{user}:$MAIL_PASSWORD@localhost:{free_port()}"
    assert services.collect(NOW) == 0
    assert "could not be fetched" in caplog.text
    assert PASSWORD not in caplog.text and "een-ander" not in str([vars(record) for record in caplog.records])


def test_a_server_without_tls_gets_nothing(tmp_path: Path, settings: Settings) -> None:
    """It offers no STARTTLS, or somebody on the way takes the offer out: then nothing leaves."""
    server = Controller(Drop(tmp_path), hostname="127.0.0.1", port=free_port())
    settings.MAIL_OUTGOING = f"smtp+tls://localhost:{server.port}"
    server.start()
    try:
        parcel("ocmw")
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 0
    finally:
        server.stop()
    assert Outgoing.objects.get().sent_at is None
    assert not any((tmp_path / "mail").iterdir())


def test_tls_from_the_first_byte(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Controller(Drop(tmp_path), hostname="localhost", port=free_port(), ssl_context=context)
    settings.MAIL_OUTGOING, settings.MAILBOX = f"smtps://localhost:{server.port}", "brug@opgroeien.example"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.start()
    try:
        parcel("ocmw")
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    finally:
        server.stop()


class Refusing:
    """A mail server that takes nothing for one address."""

    async def handle_RCPT(self, server: object, session: object, envelope: object, address: str, _: object) -> str:
        if address.startswith("weg"):
            return "550 no such mailbox"
        getattr(envelope, "rcpt_tos").append(address)  # noqa: B009 (object)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        return "250 OK"


def test_an_address_that_is_refused_holds_up_no_other_and_is_noted(settings: Settings) -> None:
    server = Controller(Refusing(), hostname="127.0.0.1", port=free_port())
    settings.MAIL_OUTGOING, settings.MAILBOX = f"smtp://127.0.0.1:{server.port}", "brug@opgroeien.example"
    server.start()
    refused, other = parcel("weg"), parcel("ocmw")
    try:
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    finally:
        server.stop()
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, refused.undelivered_at) == (OutgoingState.QUEUED, NOW)  # a notice; it stays due
    assert refused.due_at is not None and refused.due_at > NOW
    assert (other.state, other.undelivered_at) == (OutgoingState.SENT, None)


@pytest.mark.parametrize(
    "address", ["imap://u:$P@host", "imaps://host", "imaps://u:secret@host", "pop3://u:$P@host", "maildirs:/x", ""]
)
def test_no_mailbox_without_tls_and_no_password_in_an_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"Mail comes in|Name the environment") as refused:
        transport.incoming(address)
    assert "secret" not in str(refused.value)


def test_a_password_comes_from_the_environment_a_credential_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = transport.urlsplit("imaps://u:$POSTBUS@host")
    with pytest.raises(ValueError, match="POSTBUS"):
        transport._password(parts)
    (tmp_path / "POSTBUS").write_text("uit systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert transport._password(parts) == "uit systemd"
    (tmp_path / "elders").write_text("uit een bestand\n")
    monkeypatch.setenv("POSTBUS_FILE", str(tmp_path / "elders"))
    assert transport._password(parts) == "uit een bestand"
    monkeypatch.setenv("POSTBUS", "uit de omgeving")
    assert transport._password(parts) == "uit de omgeving"


REPORT = """\
From: MAILER-DAEMON@post.example
To: brug@opgroeien.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="grens"

--grens
Content-Type: text/plain

I could not.
--grens
Content-Type: message/delivery-status

Reporting-MTA: dns; post.example

Final-Recipient: rfc822; info.ocmw@westerlo.be
Action: {action}
Status: 5.1.1
--grens
Content-Type: message/rfc822

{original}
--grens--
"""


@pytest.mark.parametrize(("action", "noted"), [("failed", True), ("delayed", False)])
def test_a_report_that_a_parcel_could_not_be_delivered_is_a_notice_and_no_more(
    action: str, noted: bool, mail_system: MailSystem, user: str
) -> None:
    sent = parcel("elders")
    services.send_due(NOW, where=attrgetter("mailbox"))
    original = mail.compose(sent, sender="brug@opgroeien.example").as_string()
    mail_system.drop(user, REPORT.format(action=action, original=original).encode())
    assert services.collect(NOW + timedelta(minutes=1)) == 0
    assert len(mailbox(mail_system, user)) == (0 if noted else 1)
    sent.refresh_from_db()
    assert (sent.undelivered_at is not None) == noted
    assert (sent.state, sent.due_at is not None) == (OutgoingState.SENT, True)


def test_a_report_on_a_mail_that_is_none_of_ours_stays_where_it_is(mail_system: MailSystem, user: str) -> None:
    """Other programs make a Message-ID of digits and a UUID too: a colleague should hear that hers did not arrive."""
    theirs = f"Message-ID: <1764003600.{uuid.uuid4()}@westerlo.be>\nSubject: vergadering\n\nTot straks"
    mail_system.drop(user, REPORT.format(action="failed", original=theirs).encode())
    assert services.collect(NOW) == 0
    assert len(mailbox(mail_system, user)) == 1


def test_an_answer_that_somebody_is_on_leave_is_no_parcel(mail_system: MailSystem, user: str) -> None:
    quoted = mail.compose(parcel("elders"), sender="brug@opgroeien.example")
    del quoted["Auto-Submitted"]
    quoted["Auto-Submitted"] = "auto-replied (vacation)"
    mail_system.drop(user, quoted.as_bytes())
    assert services.collect(NOW) == 0
    assert len(mailbox(mail_system, user)) == 1


def test_what_a_person_must_open_is_mailed_once_and_an_archive_made_by_hand_is_fetched(
    mail_system: MailSystem, user: str
) -> None:
    sealed = Parcel(uuid.uuid4(), "referral", b"7z archive", "a.signed.manifest", "zeven-woorden", "zeven-woorden")
    out = services.queue(sealed, recipient=WESTERLO, mailbox=f"{user}@post.example", awaits_receipt=True, at=NOW)
    assert services.send_due(NOW, where=attrgetter("mailbox")) == 1
    assert (
        services.send_due(NOW + timedelta(days=1), where=attrgetter("mailbox")) == 0
    )  # no receipt will come by itself
    out.refresh_from_db()
    assert (out.state, out.by_phone) == (OutgoingState.SENT, True)
    assert "zeven-woorden" not in str(mailbox(mail_system, user)[0].obj)
    services.collect(NOW)
    wrapped = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n"
    wrapped += b'Content-Disposition: attachment; filename="=?utf-8?B?w6kuN3o=?="\r\n'
    made = archive.pack(archive.Members(b"1", b"2"), archive.ArchiveKey.derive("x", b"s" * 16), vectors=b"v" * 32)
    wrapped += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(made) + b"--b--\r\n"
    mail_system.drop(user, b"From: lien@post.example\r\nSubject: x\r\n" + wrapped)
    mail_system.drop(user, LETTER)
    Incoming.objects.all().delete()
    transport.incoming(mail_system.incoming(user)).close()
    assert services.collect(NOW) == 1
    assert mail.made_by_hand(bytes(Incoming.objects.get().raw)).archives == [("é.7z", made)]
    assert [letter.subject for letter in mailbox(mail_system, user)] == ["vergadering"]


def test_an_archive_for_which_there_is_no_room_is_asked_for_again_later(mail_system: MailSystem, user: str) -> None:
    made = archive.pack(archive.Members(b"1", b"2"), archive.ArchiveKey.derive("x", b"s" * 16), vectors=b"v" * 32)
    head = b'Content-Type: application/x-7z-compressed\r\nContent-Disposition: attachment; filename="a.7z"\r\n'
    head += b"Content-Transfer-Encoding: base64\r\n\r\n"
    mail_system.drop(user, b"From: lien@post.example\r\n" + head + base64.encodebytes(made))
    box = transport.incoming(mail_system.incoming(user))

    def look() -> int:
        box.close()
        return services.collect(NOW)

    with pytest.MonkeyPatch.context() as full:
        full.setattr("brug.office.post.by_hand.WAITING_LIMIT", len(made) - 1)
        assert look() == 0
        assert isinstance(box, Imap) and len(box._aside) == 1 and not box._done
    assert look() == 0, "not fetched at every look"
    box._aside.clear()  # an hour later
    assert look() == 1
    assert not mailbox(mail_system, user)
