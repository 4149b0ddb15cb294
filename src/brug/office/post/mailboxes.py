"""Where mail comes in: a Maildir on this machine, or a folder of an IMAP server over verified TLS (art. 6).

A mailbox may be shared with people. What is not ours is neither fetched, flagged nor removed. Nothing is remembered of
a mailbox but in memory: after a restart, or when the server has renumbered its mails, it is looked through again.
Anybody can mail to it: no mail costs more than a bounded answer, and none keeps those behind it from coming in.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import mailbox
import os
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import imap_tools

LARGEST_MAIL = 5_000_000  # bytes; of a larger one only the beginning is read, and where an archive begins
BEGINNING, PIECE = 100_000, 1_000_000  # bytes
LOOKED_THROUGH = 30_000_000  # bytes of a larger one that are looked through for an archive, a piece at a time
ARCHIVE = re.compile(
    rb"N3q8ryc|7z\xbc\xaf\x27\x1c|name[*0-9]{0,4}=[^\r\n]{0,200}\.7[z_]|zending-[0-9a-f-]{36}\.7z", re.IGNORECASE
)
"""How a 7-Zip archive begins, in base64 or as it is, or the header that names one."""
TIMEOUT_SECONDS = 30  # of every single answer of a mail server
LOOK_SECONDS = 20.0  # how often a mailbox is looked through where the server cannot tell of news (no IDLE)
LOOK_ANYWAY_SECONDS = 300.0  # and where it can
TOGETHER = 100  # mails whose structure is asked for at once, of `LARGEST_MAIL` together at the most
SETTLED_SECONDS = 2.0  # two changes of a folder in one tick of its clock look like one
ASIDE_SECONDS = 3600.0  # a mail waits that the server cannot give, also when asked for alone, or this node not keep
MACHINES = "FROM RETURN-PATH X-FAILED-RECIPIENTS IN-REPLY-TO REFERENCES"
OURS = re.compile(
    rb'"(?:application|message)" "|7[z_]|zending-|=\?[^?]+\?b\?|winmail|'
    rb"mailer-daemon|postmaster|x-failed-recipients:|return-path:\s*<>|"
    rb"\d\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}@",
    re.IGNORECASE,
)
"""In the structure and the `MACHINES` of a mail: it may carry a parcel or an archive, or be the report on one. Archives
are renamed on their way: so a mail with any attachment but pictures is looked into. The bytes decide."""
IN_ITS_TEXT = 'OR TEXT "zending-" TEXT "N3q8ryc"'  # asked of the server about the others: a gateway's own words
log = logging.getLogger(__name__)


class Unreachable(OSError):
    """The mail system did not take or give mail now; try again later. Says no address and no password."""


class Mailbox(Protocol):
    """Where mail comes in. `waiting` gives of each mail a key, its raw bytes (of one that is larger than `LARGEST_MAIL`
    the beginning, and behind it how an archive in the rest begins) and its size in bytes; `remove` takes mails out.

    `pause` waits at most so many seconds, less when mail comes in; `has_news`: it is time to look. These raise
    `Unreachable`; `close` never does, nor `set_aside`, after a look: these mails are given again, later.
    """

    def waiting(self) -> Iterator[tuple[str, bytes, int]]: ...

    def remove(self, *keys: str) -> None: ...

    def set_aside(self, *keys: str) -> None: ...

    def pause(self, seconds: float) -> None: ...

    def has_news(self) -> bool: ...

    def close(self) -> None: ...


class Maildir:
    """A Maildir on this machine, as a mail server or the demo drops into it.

    A mail in it never changes: each is read once, and again only after it was set aside for its hour.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._maildir = mailbox.Maildir(folder, create=True)
        except OSError as failure:
            raise Unreachable(type(failure).__name__) from None
        self._unreadable, self._seen = set[str](), tuple[int, ...]()
        self._changed_at = 0.0  # when that was seen first, by the monotonic clock
        self._looked_at, self._done = 0.0, set[str]()  # when a look that came to its end began; what was dealt with
        self._aside: dict[str, float] = {}  # until when

    def waiting(self) -> Iterator[tuple[str, bytes, int]]:
        now = time.monotonic()
        if self._looked_at > self._changed_at + SETTLED_SECONDS and not self.has_news():
            return  # no look while nothing came
        if self._changed() != self._seen:
            self._seen, self._changed_at = self._changed(), now
        self._looked_at = 0.0
        present = set(self._maildir.keys())
        self._done &= present
        self._aside = {key: end for key, end in self._aside.items() if key in present and end > now}
        for key in sorted(present - self._done - self._aside.keys()):
            if found := self._read(key):
                yield key, *found
                self._done.add(key)  # whoever took it has dealt with it
        self._looked_at = now

    def _read(self, key: str) -> tuple[bytes, int] | None:
        """The bytes and the size of one mail; None for one that is gone, or that this machine does not let us read."""
        try:
            with self._maildir.get_file(key) as file:
                file.seek(0, os.SEEK_END)
                size = file.tell()
                file.seek(0)
                raw = file.read(_readable(size))
                rest = _first_archive(iter(lambda: file.read(PIECE), b"")) if size > LARGEST_MAIL else b""
                return raw + rest, size
        except (KeyError, FileNotFoundError):
            return None
        except OSError as error:
            if key not in self._unreadable:
                self._unreadable.add(key)
                log.error("a mail cannot be read", extra={"facts": {"why": type(error).__name__}})
            return None

    def remove(self, *keys: str) -> None:
        self._done.difference_update(keys)  # should this fail, the next look gives them once more
        for key in keys:
            self._maildir.discard(key)

    def set_aside(self, *keys: str) -> None:
        self._done.difference_update(keys)
        self._aside |= dict.fromkeys(keys, time.monotonic() + ASIDE_SECONDS)

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def has_news(self) -> bool:
        return self._changed() != self._seen or any(end <= time.monotonic() for end in self._aside.values())

    def _changed(self) -> tuple[int, ...]:
        """When something came into its folders, or left them. Raises `OSError`."""
        return tuple(os.stat(Path(self._maildir._path) / name).st_mtime_ns for name in ("new", "cur"))

    def close(self) -> None:
        """There is nothing open."""


class Imap:
    """One folder of an IMAP server. The connection is kept between two looks; after any failure a new one is made.

    The key of a mail is its UID behind the UIDVALIDITY under which that UID was given (RFC 9051 §2.3.1.1).
    """

    def __init__(
        self, host: str, port: int, user: str, log_in: Callable[[imap_tools.MailBox, str, str], None], folder: str
    ) -> None:
        self._host, self._port, self._user, self._folder = host, port, user, folder
        self._log_in = log_in
        self._connection: imap_tools.MailBox | None = None
        self._can: frozenset[bytes] = frozenset()
        self._validity = ""
        self._is_idling = False
        self._done: set[str] = set()  # keys of what was looked at: it is not ours, or being removed
        self._alone: set[str] = set()  # keys of what the server could not give together
        self._aside: dict[str, float] = {}  # of what it could not give alone, or there was no room for: until when
        self._hung_up: tuple[str, ...] = ()  # at which keys the connection ended, when that was the last failure
        self._next_look = 0.0  # by the monotonic clock

    def waiting(self) -> Iterator[tuple[str, bytes, int]]:
        if time.monotonic() < self._next_look:
            return
        with self._server() as server:
            server.client.response("EXISTS")  # what was said before this look is no news after it
            for key, size in self._ours(server):
                with self._trying(key):
                    raw, length = self._raw(server, key, size)
                if raw:
                    yield key, raw, length
                self._done.add(key)  # whoever took it has dealt with it
        self._next_look = time.monotonic() + (LOOK_ANYWAY_SECONDS if b"IDLE" in self._can else LOOK_SECONDS)

    def remove(self, *keys: str) -> None:
        """Only these mails: a plain EXPUNGE would take along what people have marked."""
        self._done.difference_update(keys)  # should this fail, the next look gives them once more
        with self._server() as server:
            uids = ",".join(key.partition(".")[2] for key in keys if key.startswith(f"{self._validity}."))
            if not uids:  # renumbered meanwhile: these are other mails now
                return
            result, _ = server.client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)")
            if b"UIDPLUS" in self._can:
                server.client.uid("EXPUNGE", uids)
        if result != "OK":
            raise Unreachable("the mail server lets nothing be removed")

    def set_aside(self, *keys: str) -> None:
        self._done.difference_update(keys)
        self._aside |= dict.fromkeys(keys, time.monotonic() + ASIDE_SECONDS)

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

    def has_news(self) -> bool:
        return time.monotonic() >= self._next_look

    @contextlib.contextmanager
    def _server(self) -> Iterator[imap_tools.MailBox]:
        """The connection with its folder selected, not idling."""
        if self._connection is None:
            self._connect()
        with self._guarded() as server:
            if self._is_idling:
                self._is_idling = False
                server.idle.stop()  # type: ignore[no-untyped-call]
            yield server

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[imap_tools.MailBox]:
        """Any failure of the server or the network is one kind, and the end of this connection."""
        server = self._connection
        if server is None:
            raise Unreachable("not connected")
        try:
            yield server
        except (imap_tools.ImapToolsError, imaplib.IMAP4.error, OSError) as failure:
            self.close()
            raise Unreachable(type(failure).__name__) from None

    def _connect(self) -> None:
        try:
            context = ssl.create_default_context()
            server = imap_tools.MailBox(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=context)
            self._connection = server
            self._log_in(server, self._user, self._folder)
            self._validity = (server.client.response("UIDVALIDITY")[1][0] or b"").decode()
            self._can = frozenset(server.client.capability()[1][0].upper().split())  # another list than before log-in
        except Unreachable:  # it says why
            self.close()
            raise
        except (imap_tools.ImapToolsError, imaplib.IMAP4.error, OSError) as failure:
            self.close()
            raise Unreachable(type(failure).__name__) from None

    def close(self) -> None:
        """The next look makes a new connection, and looks whether there is something new."""
        connection, self._connection = self._connection, None
        self._is_idling, self._next_look = False, 0.0
        if connection is not None:
            with contextlib.suppress(Exception):  # it is gone anyway
                connection.client.shutdown()

    def _ours(self, server: imap_tools.MailBox) -> Iterator[tuple[str, int]]:
        """Key and size of the mails that may be ours, by their structure alone: nothing of other mails is fetched."""
        present = {f"{self._validity}.{uid}" for uid in server.uids("UNDELETED")}
        self._done &= present
        self._alone &= present
        self._aside = {key: end for key, end in self._aside.items() if key in present and end > time.monotonic()}
        sizes = self._sizes(server, present - self._done - self._aside.keys())
        for keys in _together(sizes, alone=self._alone):
            with self._trying(*keys):
                ours = self._named(server, keys)
            self._done.update(key for key in keys if key not in ours)
            yield from ((key, sizes[key]) for key in ours)
        for key in sorted(sizes):
            if sizes[key] > LARGEST_MAIL:  # even its structure may be endless: its beginning says enough
                yield key, sizes[key]

    def _sizes(self, server: imap_tools.MailBox, keys: Collection[str]) -> dict[str, int]:
        found = {}
        for some in _chunks(sorted(keys), TOGETHER):
            for line in self._fetch(server, some, "(UID RFC822.SIZE)"):
                if (uid := _UID.search(line)) and (size := _SIZE.search(line)):
                    found[f"{self._validity}.{uid[1].decode()}"] = int(size[1])
        return {key: found[key] for key in keys if key in found}

    def _named(self, server: imap_tools.MailBox, keys: Sequence[str]) -> list[str]:
        """Those of these mails that may be ours, by their structure, who sent them, or words that the server finds."""
        asked = f"(UID BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({MACHINES})])"
        structures = [(_UID.search(line), line) for line in self._fetch(server, keys, asked)]
        uids = {uid[1].decode() for uid, line in structures if uid and OURS.search(line)}
        if others := [uid for key in keys if (uid := key.partition(".")[2]) not in uids]:
            found = server.client.uid("SEARCH", "UID", ",".join(others), IN_ITS_TEXT)[1]
            uids |= {uid.decode() for uid in (found[0] or b"").split()}
        return [key for key in keys if key.partition(".")[2] in uids]

    def _raw(self, server: imap_tools.MailBox, key: str, size: int) -> tuple[bytes, int]:
        """The bytes of one mail, as far as they may be ours, and its size; it is not marked as read. Empty when gone.

        The size that a server tells is that of what it stores (Exchange): what it gives may be longer.
        """
        raw = self._piece(server, key, 0, LARGEST_MAIL + 1 if size <= LARGEST_MAIL else BEGINNING)
        size = max(size, len(raw))
        if size <= LARGEST_MAIL or not raw:
            return raw, size
        starts = range(BEGINNING, min(size, LOOKED_THROUGH), PIECE)
        return raw[:BEGINNING] + _first_archive(self._piece(server, key, start, PIECE) for start in starts), size

    def _piece(self, server: imap_tools.MailBox, key: str, start: int, length: int) -> bytes:
        asked = f"(BODY.PEEK[]<{start}.{length}>)"
        answer = server.client.uid("FETCH", key.partition(".")[2], asked)[1]
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")

    def _fetch(self, server: imap_tools.MailBox, keys: Sequence[str], what: str) -> Iterator[bytes]:
        uids = ",".join(key.partition(".")[2] for key in keys)
        return _each(server.client.uid("FETCH", uids, what)[1])

    @contextlib.contextmanager
    def _trying(self, *keys: str) -> Iterator[None]:
        """What the server answers wrong, too late or without end is asked for alone next time, then set aside.

        So is what it hangs up at, when it does so twice in a row: once may be the connection, whatever was asked.
        """
        try:
            yield
        except (imaplib.IMAP4.error, OSError) as failure:
            answers = isinstance(failure, imaplib.IMAP4.error) and not isinstance(failure, imaplib.IMAP4.abort)
            hung_up = () if answers or isinstance(failure, TimeoutError) else keys
            if not hung_up or hung_up == self._hung_up:
                for key in self._alone.intersection(keys):
                    self._aside[key] = time.monotonic() + ASIDE_SECONDS
                    log.error("a mail cannot be read and stays in the mailbox", extra={"facts": {"mail": key}})
            self._alone.update(keys)
            self._hung_up = hung_up
            raise


_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")


def _readable(size: int) -> int:
    """How many bytes are read of a mail of this size."""
    return size if size <= LARGEST_MAIL else BEGINNING


def _first_archive(pieces: Iterator[bytes]) -> bytes:
    """Two empty lines and what says that an archive stands in these pieces; nothing when none does."""
    before, through = b"", 0
    for piece in pieces:
        if found := ARCHIVE.search(before[-100:] + piece):
            return b"\r\n\r\n" + found[0]
        before, through = piece, through + len(piece)
        if through > LOOKED_THROUGH:
            break
    return b""


def _chunks(keys: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + length] for start in range(0, len(keys), length))


def _together(sizes: Mapping[str, int], *, alone: Collection[str]) -> Iterator[list[str]]:
    """Keys of mails whose structure is asked for in one go; of none whose server says that it is over the limit."""
    some: list[str] = []
    total = 0
    for key, size in sorted(sizes.items()):
        if size > LARGEST_MAIL:
            continue
        if some and (key in alone or len(some) == TOGETHER or total + size > LARGEST_MAIL):
            yield some
            some, total = [], 0
        some.append(key)
        total += LARGEST_MAIL if key in alone else size
    if some:
        yield some


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
