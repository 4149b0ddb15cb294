"""How mail goes out and comes in, by address (art. 6).

    out  smtp+tls://user:$NAME@host:587   STARTTLS, refused if the server does not offer it
         smtps://user:$NAME@host:465      TLS from the first byte (RFC 8314)
         smtp+oauth2://mailbox@host:587?…  STARTTLS, with a token (see `tokens.py`); smtps+oauth2 with TLS at once
         smtp://127.0.0.1:25              this machine only
    in   imaps://user:$NAME@host:993/FOLDER
         imaps+oauth2://mailbox@host:993/FOLDER?…
         maildir:/folder

Nothing falls back to clear text, and certificates are verified. A password stands in no address: `$NAME` is read from
the environment, else from a file of that name among systemd's credentials, else from the file that `NAME_FILE` names.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.message import Message
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from brug.office.post import tokens
from brug.office.post.credentials import Bearer, Credentials, Password
from brug.office.post.mailboxes import TIMEOUT_SECONDS, Imap, Mailbox, Maildir, Unreachable

__all__ = ["Mailbox", "Refused", "Unreachable", "deliver", "incoming", "outgoing", "pause"]

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
GO_AHEAD = 354  # the server's answer after which the mail itself goes (RFC 5321)
OUT = {"smtp": 25, "smtp+tls": 587, "smtp+oauth2": 587, "smtps": 465, "smtps+oauth2": 465}
IN = {"maildir", "imaps", "imaps+oauth2"}


@cache
def incoming(address: str) -> Mailbox:
    """The mailbox at `address`, the same one each time. Raises `ValueError` for an address that no transport serves."""
    parts = urlsplit(address)
    if parts.scheme == "maildir":
        return Maildir(Path(unquote(parts.path)))
    if parts.scheme.startswith("imaps") and parts.scheme in IN and parts.hostname and parts.username:
        folder = unquote(parts.path.strip("/")) or "INBOX"
        log_in = credentials_of(address).log_in
        return Imap(parts.hostname, parts.port or 993, unquote(parts.username), log_in, folder)
    raise ValueError("Mail comes in by maildir:/folder or imaps://user:$NAME@host/FOLDER.")


def pause(seconds: float) -> bool:
    """Wait until mail comes in, at most so long; whether to look. Never raises: a look will tell."""
    try:
        box = incoming(settings.MAIL_INCOMING)
        box.pause(seconds)
        return box.has_news()
    except (OSError, ValueError):  # Unreachable is one; so is a mailbox, or a file with its password, that is away
        time.sleep(seconds)
        return False


@contextlib.contextmanager
def outgoing(address: str) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server at `address`, for as many mails as there are. Raises `Unreachable`."""
    parts = urlsplit(address)
    if parts.scheme not in OUT or not parts.hostname:
        raise ValueError("Mail goes out by smtp+tls://host:port or smtps://host:port.")
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise ValueError("Mail to another machine goes by smtp+tls or smtps only.")
    try:
        with _connected(parts, parts.hostname) as connection:
            if connection.sock is not None:  # else the end of each mail waits 40 ms for the server's ACK
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.username:
                credentials_of(address).log_in_to_send(connection, unquote(parts.username))
            yield connection
    except Unreachable:  # it says why
        raise
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from None


class _Heard:
    """A connection that asks, at each answer before the mail itself goes, whether it is still ours to send."""

    is_ours: Callable[[], bool] = staticmethod(lambda: True)

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()  # type: ignore[misc]
        if not self.is_ours() and code == GO_AHEAD:
            raise OSError("another worker sends this mail")
        return code, said


class _Plain(_Heard, smtplib.SMTP):
    pass


class _Secure(_Heard, smtplib.SMTP_SSL):
    pass


def _connected(parts: SplitResult, host: str) -> smtplib.SMTP:
    port = parts.port or OUT[parts.scheme]
    if parts.scheme.startswith("smtps"):
        return _Secure(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    connection = _Plain(host, port, timeout=TIMEOUT_SECONDS)
    if parts.scheme != "smtp":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def credentials_of(address: str) -> Credentials:
    """Raises `ValueError`."""
    parts = urlsplit(address)
    return _bearer(address) if parts.scheme.endswith("+oauth2") else Password(_password(parts))


@cache
def _bearer(address: str) -> Bearer:
    """The same for the same address: a token is asked for once, not at each connection."""
    parts = urlsplit(address)
    return Bearer(tokens.from_query(parts.query, unquote(parts.username or ""), _found))


def _password(parts: SplitResult) -> str:
    """What the address refers to. Raises `ValueError` when it holds a password itself, or nothing is found."""
    return _found(unquote(parts.password or ""))


def _found(reference: str) -> str:
    """What `$NAME` refers to. Raises `ValueError`."""
    name = reference.removeprefix("$")
    if not reference.startswith("$") or not name.isidentifier():
        raise ValueError("Name the environment variable that holds the mail password: user:$NAME@host.")
    if name in os.environ:
        return os.environ[name]
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    named = os.environ.get(f"{name}_FILE") or (f"{credentials}/{name}" if credentials else "")
    if not named or not Path(named).is_file():
        raise ValueError(f"The mail password is not there: {name} in the environment, or a file by {name}_FILE.")
    return Path(named).read_text().rstrip("\r\n")


class Refused(Exception):
    """The mail server answers, and does not take this mail; others it may take. `forever` if it says so (5xx)."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.forever = code >= 500


def deliver(connection: smtplib.SMTP, mail: Message, is_ours: Callable[[], bool] = lambda: True) -> None:
    """Hand one mail over. Returns when the server has taken it. Raises `Refused` or `Unreachable`.

    `is_ours` is asked at each answer of the server: who asks may have waited long, and nobody else may send it now.
    """
    if isinstance(connection, _Heard):
        connection.is_ours = is_ours
    try:
        connection.send_message(mail)
    except smtplib.SMTPServerDisconnected as gone:
        raise Unreachable(type(gone).__name__) from None
    except smtplib.SMTPNotSupportedError:  # an address that this server cannot write: others it can
        raise Refused(553) from None
    except smtplib.SMTPRecipientsRefused as refused:
        raise Refused(max(code for code, _ in refused.recipients.values())) from None
    except smtplib.SMTPResponseException as refused:
        raise Refused(refused.smtp_code) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from None
