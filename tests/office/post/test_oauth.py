"""A mailbox that takes tokens and no password: a real provider gives them, a real Dovecot checks each (art. 6)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from pytest_django import Settings

from brug.core.parcel.keys import encode
from brug.node import health
from brug.office.post import credentials, services, tokens, transport, trying
from brug.office.post.mailboxes import Imap
from brug.office.post.models import Outgoing
from tests.conftest import NOW
from tests.faults.mail_system import MailSystem, free_port, make_certificate, running
from tests.office.post.test_transports import LETTER, parcel

SECRET = "geheim-van-de-toepassing"
BOX = "gedeeld"  # a shared mailbox: nobody's own, and the tokens of the application name it
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Provider:
    """npm `oidc-provider` in a process of its own; `ends` takes back every token that it gave."""

    url: str
    pem: Path  # the certificate of a client, with its key
    process: subprocess.Popen[str]

    def ends(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ended\n"

    def knows(self, token: str) -> bool:
        """As a mail server asks (RFC 7662)."""
        who = b64encode(b"dovecot:geheim-van-dovecot").decode()
        form = urllib.parse.urlencode({"token": token}).encode()
        asked = urllib.request.Request(f"{self.url}/token/introspection", form, {"Authorization": f"Basic {who}"})  # noqa: S310
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            said: dict[str, Any] = json.load(answer)
        return said.get("active") is True and said.get("mailbox") == BOX


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with tempfile.TemporaryDirectory() as name:
        certificate, key = make_certificate(Path(name), "brug")
        pem = Path(name) / "toepassing.pem"
        pem.write_bytes(key.read_bytes() + certificate.read_bytes())
        public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        shown = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        port = free_port()
        command = ["node", str(Path(__file__).with_name("provider.mjs")), str(port), "3600"]
        jwk = json.dumps(RSAKey.import_key(shown.decode()).as_dict(private=False))
        process = subprocess.Popen([*command, jwk], stdin=-1, stdout=-1, stderr=-3, text=True)
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield Provider(f"http://localhost:{port}", pem, process)
        process.communicate()


@pytest.fixture(scope="module")
def mail_system(provider: Provider) -> Iterator[MailSystem]:
    """Dovecot with two ways of saying a token, and with a password for who has one."""
    with tempfile.NamedTemporaryFile("w", suffix=".ext") as file:
        where = provider.url.removeprefix("http://")
        file.write(
            "introspection_mode = post\n"
            f"introspection_url = http://dovecot:geheim-van-dovecot@{where}/token/introspection\n"
            "username_attribute = mailbox\nactive_attribute = active\nactive_value = true\n"
        )
        file.flush()
        Path(file.name).chmod(0o644)
        passdb = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {file.name}\n}}\n"
        with running(f"auth_mechanisms = plain xoauth2 oauthbearer\n{passdb}") as system:
            yield system


@pytest.fixture
def incoming(
    provider: Provider, mail_system: MailSystem, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    monkeypatch.setenv("MAIL_SECRET", SECRET)
    monkeypatch.setenv("MAIL_CERTIFICATE_FILE", str(provider.pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_system.certificate))
    settings.MAIL_INCOMING = there = address(provider, mail_system)
    yield there
    for where in {there, settings.MAIL_INCOMING}:
        with contextlib.suppress(ValueError):
            transport.incoming(where).close()
    transport.incoming.cache_clear()
    transport._bearer.cache_clear()


def query(provider: Provider, **said: str) -> str:
    return urllib.parse.urlencode(
        {"token": f"{provider.url}/token", "scope": "mail", "client": "brug", "secret": "$MAIL_SECRET"} | said
    )


def address(provider: Provider, system: MailSystem, **said: str) -> str:
    return f"imaps+oauth2://{BOX}@localhost:{system.imaps}/INBOX?{query(provider, **said)}"


def finding(find: Callable[..., tuple[str, str]]) -> str:
    return find(NOW)[1]


def came(system: MailSystem) -> int:
    system.drop(BOX, LETTER.replace(b"<1@", f"<{time.monotonic()}@".encode()))
    box = transport.incoming(transport.settings.MAIL_INCOMING)
    box.close()
    return len(list(box.waiting())) + len(box._done)  # type: ignore[attr-defined]


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
def test_a_shared_mailbox_is_read_with_a_token_of_the_application(
    mechanism: str, incoming: str, mail_system: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "MECHANISMS", (mechanism,))
    assert came(mail_system) > 0
    assert finding(health.mail_in) == "The mailbox can be read."


def test_a_certificate_signs_in_the_place_of_a_secret(
    incoming: str, provider: Provider, mail_system: MailSystem, settings: Settings
) -> None:
    by = {"client": "brug-met-certificaat", "certificate": "$MAIL_CERTIFICATE", "audience": provider.url}
    settings.MAIL_INCOMING = address(provider, mail_system, **by)
    assert came(mail_system) > 0


def test_a_token_is_asked_for_once_and_renewed_before_it_ends(
    incoming: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = transport._bearer(incoming).tokens
    first = given.get()
    assert given.get() == first and provider.knows(first)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 3600 - tokens.EARLY_SECONDS + 1)
    assert given.get() != first, "five minutes before its end"
    assert first not in repr(transport._bearer(incoming)) and SECRET not in repr(given)


def test_a_token_that_is_taken_back_while_it_waits_costs_one_new_connection(
    incoming: str, provider: Provider, mail_system: MailSystem
) -> None:
    """As Exchange does: it hangs up in the middle of IDLE when the token ends."""
    box = transport.incoming(incoming)
    assert isinstance(box, Imap)
    list(box.waiting())
    transport.pause(0.1)
    assert box._is_idling and box._connection
    provider.ends()
    box._connection.client.sock.shutdown(socket.SHUT_RDWR)
    transport.pause(0.5)
    assert box.has_news()
    with contextlib.suppress(transport.Unreachable):  # the first look finds out
        list(box.waiting())
    assert came(mail_system) > 0, "the second has a token of its own"


def test_a_token_that_is_not_for_this_mailbox_is_a_sentence_that_says_what_to_do(
    incoming: str, settings: Settings
) -> None:
    settings.MAIL_INCOMING = incoming.replace(f"//{BOX}@", "//andere@")
    assert finding(health.mail_in) == f"The mailbox cannot be read: {credentials.REFUSED}."


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client": "onbekend"}, "the provider does not accept this client"),
        ({"token": "http://localhost:1/token"}, "the provider of tokens cannot be reached"),
        ({"token": "http://elders.example/token"}, "Tokens are asked for by https only"),
        ({"secret": "$NERGENS"}, "The mail password is not there: NERGENS"),
        ({"client": ""}, "lacks client="),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_token_is_a_sentence_without_a_secret(
    wrong: dict[str, str], said: str, incoming: str, provider: Provider, mail_system: MailSystem, settings: Settings
) -> None:
    settings.MAIL_INCOMING = address(provider, mail_system, **wrong)
    told = finding(health.mail_in)
    assert said in told and SECRET not in told and "localhost" not in told


def test_both_ways_are_tried_a_step_at_a_time_and_the_first_that_fails_is_said(
    incoming: str, provider: Provider, mail_system: MailSystem
) -> None:
    """`brug mail try`: the address, the server, its certificate, the token, the log-in."""
    steps = list(trying.both(incoming, mail_system.outgoing))
    assert not any(step.wrong for step in steps)
    assert [step.name for step in steps if step.name.startswith("in")] == [
        "in: the server answers",
        "in: its certificate can be trusted",
        "in: the provider gives a token",
        "in: the server lets this node in",
    ]
    for wrong, step in (
        ("", "in: address"),
        (incoming.replace(f":{mail_system.imaps}", ":1"), "in: the server answers"),
        (address(provider, mail_system, client="onbekend"), "in: the provider gives a token"),
        (incoming.replace(f"//{BOX}@", "//andere@"), "in: the server lets this node in"),
    ):
        failed = [tried for tried in trying.both(wrong, mail_system.outgoing) if tried.wrong]
        assert [tried.name for tried in failed] == [step] and SECRET not in str(failed)


def test_a_server_that_takes_no_tokens_is_told_apart(
    provider: Provider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_SECRET", SECRET)
    with running() as plain:
        monkeypatch.setenv("SSL_CERT_FILE", str(plain.certificate))
        settings.MAIL_INCOMING = address(provider, plain)
        assert finding(health.mail_in) == f"The mailbox cannot be read: {credentials.NO_MECHANISM}."


@pytest.mark.parametrize("code", [*tokens._WHAT_TO_DO, "server_error"])
def test_what_a_provider_refuses_is_said_by_its_code_and_never_in_its_words(code: str) -> None:
    answer = json.dumps({"error": code, "error_description": "Amal Haddou may not; trace 123"}).encode()
    assert ": " in tokens._why(answer, 400) and "Haddou" not in tokens._why(answer, 400)
    assert tokens._why(b"<html>", 502) == "the provider gives no token now (status 502): try again later"


class AsksForTokens:
    """An SMTP server that takes a mail from who shows a token that its provider knows."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.took = provider, 0

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        said = b64decode(args[1]).decode()
        user, token = said.split("\x01auth=Bearer ")
        known = await asyncio.to_thread(self.provider.knows, token.rstrip("\x01"))
        if not known or not user.endswith(BOX):
            assert await server.challenge_auth(b'{"status":"400"}', encode_to_b64=True) == b"", (
                "it hears why, and waits"
            )
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True)

    async def auth_OAUTHBEARER(self, server: Any, args: list[str]) -> AuthResult:
        said = b64decode(args[1]).decode()
        known = await asyncio.to_thread(self.provider.knows, said.split("auth=Bearer ")[1].rstrip("\x01"))
        return AuthResult(success=known and said.startswith(f"n,a={BOX},\x01"), handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.took += 1
        return "250 OK"


@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
def test_what_leaves_shows_a_token_too(
    mechanism: str,
    incoming: str,
    provider: Provider,
    mail_system: MailSystem,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credentials, "MECHANISMS", (mechanism,))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mail_system.certificate, mail_system.folder / "key.pem")
    handler = AsksForTokens(provider)
    server = Controller(
        handler, "localhost", free_port(), tls_context=context, require_starttls=True, auth_required=True
    )
    server.start()
    try:
        settings.MAIL_OUTGOING = f"smtp+oauth2://{BOX}@localhost:{server.port}?{query(provider)}"
        settings.MAILBOX = "brug@opgroeien.example"
        sent = parcel("elders")
        assert services.send_due(NOW, where=attrgetter("mailbox")) == 1 and handler.took == 1
        provider.ends()
        Outgoing.objects.filter(pk=sent.pk).update(due_at=NOW)
        assert services.send_due(NOW + timedelta(seconds=1), where=attrgetter("mailbox")) == 1, (
            "a token that was taken back is asked for anew, once"
        )
        assert finding(health.mail_out) == "The mail server takes our mail."
        settings.MAIL_OUTGOING = settings.MAIL_OUTGOING.replace(f"//{BOX}@", "//andere@")
        assert finding(health.mail_out) == f"Mail cannot leave: {credentials.REFUSED}."
    finally:
        server.stop(no_assert=True)


def test_microsoft_and_google_are_asked_as_they_want_it(provider: Provider, tmp_path: Path) -> None:
    """The tenant in the path and `.default`; an assertion for the mailbox, signed by the service account."""
    pem = provider.pem.read_text()
    microsoft = tokens.from_query(
        "provider=microsoft&tenant=t-1&client=c-1&certificate=$C", "info@westerlo.example", lambda name: pem
    )
    assert microsoft.url == "https://login.microsoftonline.com/t-1/oauth2/v2.0/token"
    asked = microsoft._asked()
    assert asked["scope"] == "https://outlook.office365.com/.default" and "client_secret" not in asked
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    public = RSAKey.import_key(
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    signed = jwt.decode(asked["client_assertion"], public, algorithms=["RS256"])
    certificate = x509.load_pem_x509_certificate(pem.encode())
    thumb = encode(certificate.fingerprint(hashes.SHA256()))
    assert signed.header["x5t#S256"] == thumb and signed.claims["sub"] == "c-1"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {"client_email": "brug@project.example", "private_key": secret.decode(), "private_key_id": "k1"}
    google = tokens.from_query("provider=google&key=$K", "info@westerlo.example", lambda name: json.dumps(account))
    assert google.url == "https://oauth2.googleapis.com/token"
    claims = jwt.decode(google._asked()["assertion"], public, algorithms=["RS256"]).claims
    assert claims["sub"] == "info@westerlo.example" and claims["scope"] == "https://mail.google.com/"
    assert claims["exp"] - claims["iat"] <= 3600
