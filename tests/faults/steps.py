"""The named steps of a handover, at each of which a worker can be made to die by SIGKILL."""

from __future__ import annotations

import functools
import imaplib
import os
import random
import signal
import smtplib
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from brug.desks.referrals import services as referrals
from brug.node import worker
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.post import services as post
from brug.office.post.mailboxes import Imap
from brug.office.post.models import Incoming

PLACES: tuple[tuple[Any, str], ...] = (
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
    (imaplib.IMAP4, "uid"),  # between \\Deleted and EXPUNGE, too
    (post, "claim_incoming"),
    (disclosure, "_accept"),
    (disclosure, "_answer_again"),
    (post, "accept"),
    (post, "record_receipt"),
    (worker.VERBS, "referral"),
    (worker.VERBS, "receipt"),
    (worker.VERBS, "redeliver"),
    (ledger, "_sign"),
    (ledger, "_sequence_batch"),
)
_doom: tuple[str, int] | None = None
_passed = 0


def doom(step: str, passage: int) -> None:
    """This process dies when it passes `step` for the `passage`-th time."""
    global _doom, _passed
    _doom, _passed = (step, passage), 0


def draw(chance: random.Random) -> tuple[str, int]:
    return chance.choice(NAMES), chance.choice([1, 1, 1, 2, 3])


def _pass(step: str) -> None:
    global _passed
    if _doom is not None and _doom[0] == step:
        _passed += 1
        if _passed == _doom[1]:
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


NAMES = tuple(f"{when} {name}" for _, name in PLACES for when in ("before", "after"))
