"""Where mail comes in: a Maildir on this machine, or a folder of an IMAP server over verified TLS (art. 6).

A mailbox may be shared with people. What is not ours is neither fetched, flagged nor removed. Nothing is remembered of
a mailbox but in memory: after a restart, or when the server has renumbered its mails, it is looked through again.
"""

from __future__ import annotations

import contextlib
import imaplib
import mailbox
import re
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from imap_tools import MailBox
from imap_tools.errors import ImapToolsError

LARGEST_MAIL = 5_000_000  # bytes; of a larger one no more is read, and it goes to quarantine
TIMEOUT_SECONDS = 30  # of every single answer of a mail server
LOOK_SECONDS = 20.0  # how often a mailbox is looked through where the server cannot tell of news (no IDLE)
LOOK_ANYWAY_SECONDS = 300.0  # and where it can
TOGETHER = 100  # mails whose structure is asked for at once
OURS = re.compile(rb"zending-[0-9a-f-]{36}\.(?:7z|jws)|delivery-status|\.7z|x-7z|=\?[^?]+\?b\?", re.IGNORECASE)
"""In the structure of a mail: it may carry a parcel, or be the report on one. The bytes decide later."""


class Unreachable(OSError):
    """The mail system did not take or give mail now; try again later. Says no address and no password."""


class Mailbox(Protocol):
    """Where mail comes in. `waiting` gives a key and the raw bytes of each mail; `remove` takes one out.

    `pause` waits at most so many seconds, less when mail comes in. These raise `Unreachable`; `close` never does.
    """

    def waiting(self) -> Iterator[tuple[str, bytes]]: ...

    def remove(self, key: str) -> None: ...

    def pause(self, seconds: float) -> None: ...

    def close(self) -> None: ...


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

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        """There is nothing open."""


class Imap:
    """One folder of an IMAP server. The connection is kept between two looks; after any failure a new one is made."""

    def __init__(self, host: str, port: int, user: str, password: str, folder: str) -> None:
        self._host, self._port, self._user, self._folder = host, port, user, folder
        self._password = password
        self._connection: MailBox | None = None
        self._can: frozenset[bytes] = frozenset()
        self._is_idling = False
        self._not_ours: set[str] = set()
        self._next_look = 0.0  # by the monotonic clock

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        if time.monotonic() < self._next_look:
            return
        with self._server() as server:
            server.client.response("EXISTS")  # what was said before this look is no news after it
            for uid in self._unseen(server):
                if raw := self._raw(server, uid):
                    yield uid, raw
        self._next_look = time.monotonic() + (LOOK_ANYWAY_SECONDS if b"IDLE" in self._can else LOOK_SECONDS)

    def remove(self, key: str) -> None:
        """Only this mail: a plain EXPUNGE would take along what people have marked."""
        with self._server() as server:
            server.client.uid("STORE", key, "+FLAGS.SILENT", r"(\Deleted)")
            if b"UIDPLUS" in self._can:
                server.client.uid("EXPUNGE", key)

    def pause(self, seconds: float) -> None:
        """With IDLE (RFC 2177) the server itself says when something came.

        What came since the last look it may have said already, in an answer to something else: that is asked first.
        A wait that ends too soon without a word may be a connection that is gone: then the next look finds out.
        """
        if self._connection is None or b"IDLE" not in self._can:
            time.sleep(seconds)
            return
        with self._guarded() as server:
            if not self._is_idling:
                server.client.noop()
                if server.client.response("EXISTS")[1] != [None]:
                    self._next_look = 0.0
                    return
                server.idle.start()  # type: ignore[no-untyped-call]
                self._is_idling = True
            started = time.monotonic()
            if server.idle.poll(timeout=seconds) or time.monotonic() < started + seconds:
                self._next_look = 0.0

    @contextlib.contextmanager
    def _server(self) -> Iterator[MailBox]:
        """The connection with its folder selected, not idling."""
        if self._connection is None:
            self._connect()
        with self._guarded() as server:
            if self._is_idling:
                self._is_idling = False
                server.idle.stop()  # type: ignore[no-untyped-call]
            yield server

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[MailBox]:
        """Any failure of the server or the network is one kind, and the end of this connection."""
        server = self._connection
        if server is None:
            raise Unreachable("not connected")
        try:
            yield server
        except (ImapToolsError, imaplib.IMAP4.error, OSError) as failure:
            self.close()
            raise Unreachable(type(failure).__name__) from None

    def _connect(self) -> None:
        try:
            context = ssl.create_default_context()
            server = MailBox(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=context)
            self._connection = server
            server.login(self._user, self._password, initial_folder=self._folder)
            self._can = frozenset(server.client.capability()[1][0].upper().split())  # another list than before log-in
        except (ImapToolsError, imaplib.IMAP4.error, OSError) as failure:
            self.close()
            raise Unreachable(type(failure).__name__) from None

    def close(self) -> None:
        """The next look makes a new connection, and looks at everything."""
        connection, self._connection = self._connection, None
        self._is_idling, self._next_look = False, 0.0
        self._not_ours.clear()
        if connection is not None:
            with contextlib.suppress(Exception):  # it is gone anyway
                connection.client.shutdown()

    def _unseen(self, server: MailBox) -> Iterator[str]:
        """The mails that may be ours, by their structure alone: nothing of other mails is fetched."""
        unseen = [uid for uid in server.uids("UNDELETED") if uid not in self._not_ours]
        for start in range(0, len(unseen), TOGETHER):
            asked = ",".join(unseen[start : start + TOGETHER])
            for structure in _each(server.client.uid("FETCH", asked, "(UID BODYSTRUCTURE)")[1]):
                if found := re.search(rb"\bUID (\d+)", structure):
                    uid = found[1].decode()
                    if OURS.search(structure):
                        yield uid
                    else:
                        self._not_ours.add(uid)

    def _raw(self, server: MailBox, uid: str) -> bytes:
        """The bytes of one mail, as far as they may be ours; it is not marked as read."""
        answer = server.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST_MAIL + 1}>)")[1]
        self._not_ours.add(uid)  # until `remove` says otherwise: it is not fetched at every look
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")


def _each(answer: list[Any]) -> Iterator[bytes]:
    """The lines of an answer to FETCH, one for each mail, with its literals in their places."""
    whole = b""
    for part in answer:
        line = b" ".join(part) if isinstance(part, tuple) else part or b""
        if re.match(rb"\d+ \(", line):
            if whole:
                yield whole
            whole = b""
        whole += line
    if whole:
        yield whole
