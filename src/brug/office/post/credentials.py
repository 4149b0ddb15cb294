"""How this node says who it is to a mail server: a password, or a token (RFC 7628, and the older XOAUTH2)."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import imap_tools

from brug.office.post.mailboxes import Unreachable
from brug.office.post.tokens import NoToken, Tokens

MECHANISMS = ("OAUTHBEARER", "XOAUTH2")  # in this order; Exchange Online knows only the second
REFUSED = (
    "the mail server refuses the token: give the application the permission for IMAP and SMTP, and access to this "
    "mailbox"
)
NO_MECHANISM = "the mail server takes no tokens (XOAUTH2, OAUTHBEARER): look at its address, or use a password"


class Credentials(Protocol):
    """Who this node is. Both raise what the server's library raises, or `Unreachable` with a sentence."""

    def log_in(self, server: imap_tools.MailBox, user: str, folder: str) -> None: ...

    def log_in_to_send(self, server: smtplib.SMTP, user: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Password:
    """A password, as it was when the node began."""

    password: str = field(repr=False)

    def log_in(self, server: imap_tools.MailBox, user: str, folder: str) -> None:
        server.login(user, self.password, initial_folder=folder)

    def log_in_to_send(self, server: smtplib.SMTP, user: str) -> None:
        server.login(user, self.password)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token, of the application and not of a person. One that is refused is asked for anew, once."""

    tokens: Tokens = field(repr=False)

    def log_in(self, server: imap_tools.MailBox, user: str, folder: str) -> None:
        mechanism = _mechanism({name.removeprefix("AUTH=") for name in server.client.capabilities})

        def authenticate(say: Callable[[bytes], bytes]) -> bool:
            try:
                server.client.authenticate(mechanism, say)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                return False
            return True

        self._with_token(mechanism, user, authenticate)
        server.folder.set(folder)

    def log_in_to_send(self, server: smtplib.SMTP, user: str) -> None:
        server.ehlo_or_helo_if_needed()
        mechanism = _mechanism(set(server.esmtp_features.get("auth", "").upper().split()))

        def authenticate(say: Callable[[bytes], bytes]) -> bool:
            def answer(challenge: bytes | None = None) -> str:
                return say(challenge or b"").decode("ascii")

            try:
                return server.auth(mechanism, answer)[0] in (235, 503)
            except smtplib.SMTPAuthenticationError:
                return False

        self._with_token(mechanism, user, authenticate)

    def _with_token(self, mechanism: str, user: str, authenticate: Callable[[Callable[[bytes], bytes]], bool]) -> None:
        for _ in range(2):  # the second time with a new one: it may have been taken back before its end
            try:
                token = self.tokens.get()
            except NoToken as none:
                raise Unreachable(str(none)) from None
            if authenticate(_conversation(mechanism, user, token)):
                return
            self.tokens.forget(token)
        raise Unreachable(REFUSED)


def _mechanism(offered: set[str]) -> str:
    for mechanism in MECHANISMS:
        if mechanism in offered:
            return mechanism
    raise Unreachable(NO_MECHANISM)


def _conversation(mechanism: str, user: str, token: str) -> Callable[[bytes], bytes]:
    """What is said first, and what when the server then says why it refuses: nothing, so that it says no."""
    said = False

    def say(challenge: bytes) -> bytes:
        nonlocal said
        if said:
            return b"\x01" if mechanism == "OAUTHBEARER" else b""
        said = True
        who = f"n,a={user}," if mechanism == "OAUTHBEARER" else f"user={user}"
        return f"{who}\x01auth=Bearer {token}\x01\x01".encode("ascii")

    return say
