"""How mail goes out and comes in, by address: `smtp+tls:`, `smtp:` on this machine only, `maildir:` (art. 6).

Nothing falls back to clear text: `smtp:` is refused for any host but this machine. Certificates are verified.
"""

from __future__ import annotations

import contextlib
import mailbox
import os
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

LARGEST_MAIL = 5_000_000  # bytes; a larger one is stored as its first bytes and goes to quarantine
TIMEOUT_SECONDS = 30
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Unreachable(OSError):
    """The mail system did not take or give mail now; try again later. Says no address and no password."""


class Mailbox(Protocol):
    """Where mail comes in. `waiting` gives a key and the raw bytes of each mail; `remove` takes one out."""

    def waiting(self) -> Iterator[tuple[str, bytes]]: ...

    def remove(self, key: str) -> None: ...


class Maildir:
    """A Maildir on this machine, as a mail server or the demo drops into it."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder, create=True)

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        for key in sorted(self._maildir.keys()):
            with contextlib.suppress(KeyError, FileNotFoundError), self._maildir.get_file(key) as file:
                yield key, file.read(LARGEST_MAIL + 1)

    def remove(self, key: str) -> None:
        self._maildir.discard(key)


def incoming(address: str) -> Mailbox:
    """The mailbox at `address`. Raises `ValueError` for an address that no transport serves."""
    parts = urlsplit(address)
    if parts.scheme == "maildir":
        return Maildir(Path(unquote(parts.path)))
    raise ValueError("Mail comes in by maildir:/folder.")


@contextlib.contextmanager
def outgoing(address: str) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server at `address`, for as many mails as there are. Raises `Unreachable`."""
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtp+tls"} or not parts.hostname:
        raise ValueError("Mail goes out by smtp+tls://host:port.")
    if parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise ValueError("Mail to another machine goes by smtp+tls only.")
    try:
        with smtplib.SMTP(parts.hostname, parts.port or 587, timeout=TIMEOUT_SECONDS) as connection:
            if parts.scheme == "smtp+tls":
                connection.starttls(context=ssl.create_default_context())
            if parts.username:
                connection.login(unquote(parts.username), _password(parts.password))
            yield connection
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from None


def _password(reference: str | None) -> str:
    """A password stands in an environment variable, never in the address: `smtp+tls://user:$MAIL_PASSWORD@host`."""
    name = unquote(reference or "")
    if not name.startswith("$"):
        raise ValueError("Name the environment variable that holds the mail password: user:$NAME@host.")
    return os.environ[name[1:]]


def deliver(connection: smtplib.SMTP, mail: EmailMessage) -> None:
    """Hand one mail over. Returns when the server has taken it. Raises `Unreachable`."""
    try:
        connection.send_message(mail)
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(type(error).__name__) from None
