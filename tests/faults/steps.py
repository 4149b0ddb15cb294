"""The named steps of a handover, at each of which a worker can be made to die by SIGKILL."""

from __future__ import annotations

import functools
import imaplib
import os
import random
import signal
import smtplib
from collections.abc import Callable, Container
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from brug.desks.referrals import services as referrals
from brug.office import plug
from brug.office.disclosure import outgoing
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.post import receipts
from brug.office.post import services as post
from brug.office.post.mailboxes import Imap, Maildir
from brug.office.post.models import Incoming

PLACES: tuple[tuple[Any, str], ...] = (
    (outgoing, "prepare"),
    (disclosure, "prepare"),
    (disclosure, "hand_over"),
    (referrals, "send"),
    (BaseDatabaseWrapper, "_commit"),
    (post, "_claim_outgoing"),
    (smtplib.SMTP, "mail"),
    (smtplib.SMTP, "rcpt"),
    (smtplib.SMTP, "data"),
    (smtplib.SMTP, "getreply"),
    (post, "_mark_sent"),
    (Imap, "_raw"),
    (Incoming, "save"),
    (Imap, "remove"),
    (Maildir, "remove"),
    (imaplib.IMAP4, "uid"),  # between \\Deleted and EXPUNGE, too
    (post, "claim_incoming"),
    (disclosure, "_accept"),
    (disclosure, "_answer_again"),
    (post, "accept"),
    (receipts, "record_receipt"),
    (plug.takes(), "referral"),
    (plug.takes(), "receipt"),
    (plug.takes(), "redeliver"),
    (ledger, "_sign"),
    (ledger, "_sequence_batch"),
)
OF_A_CREATOR = {"prepare", "hand_over", "send", "_commit"}
NAMES = tuple(dict.fromkeys(f"{when} {name}" for _, name in PLACES for when in ("before", "after")))
DEATHS = ("any instant", *NAMES)
ESSENTIAL = {  # from the act over SMTP and IMAP to its effect, and back: where one is lost if anywhere
    f"{when} {name}"
    for name in ("hand_over", "_commit", "_claim_outgoing", "data", "_mark_sent", "_raw", "save", "remove", "uid",
                 "claim_incoming", "_accept", "accept", "referral", "receipt", "record_receipt")
    for when in ("before", "after")
}  # fmt: skip
_doom: tuple[str, int] | None = None
_told: Callable[[int], object]
_passed = 0


def doom(step: str, passage: int, told: Callable[[int], object]) -> None:
    """This process dies when it passes `step` (or any step, when that is empty) for the `passage`-th time.

    `told` hears at which of `DEATHS` it does.
    """
    global _doom, _told, _passed
    _doom, _told, _passed = (step, passage), told, 0


def draw(chance: random.Random, kind: str, seen: Container[str]) -> tuple[str, int]:
    """A step that such a life can come to, first those where somebody must die and nobody did yet; or whichever it
    comes to as the n-th."""
    can = [name for name in NAMES if kind == "worker" or name.split()[1] in OF_A_CREATOR]
    unseen = [name for name in can if name not in seen]
    wanted = [name for name in unseen if name in ESSENTIAL]
    if chance.random() < (0.2 if wanted else 0.5 if unseen else 0.7):
        return "", 1 + int(chance.expovariate(0.15))
    if unseen:
        return chance.choice(wanted or unseen), 1
    return chance.choice(can), chance.choice([1, 1, 1, 2, 3])


def _pass(step: str) -> None:
    global _passed
    if _doom is not None and _doom[0] in ("", step):
        _passed += 1
        if _passed == _doom[1]:
            _told(DEATHS.index(step))
            os.kill(os.getpid(), signal.SIGKILL)


def _around(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(call)
    def passing(*args: Any, **kwargs: Any) -> Any:
        _pass(f"before {name}")
        result = call(*args, **kwargs)
        _pass(f"after {name}")
        return result

    return passing


def install() -> None:
    """Put a step before and after each of these calls; what they do stays as it is."""
    for owner, name in PLACES:
        if isinstance(owner, dict):
            owner[name] = _around(owner[name], name)
        else:
            setattr(owner, name, _around(getattr(owner, name), name))
