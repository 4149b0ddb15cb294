"""The life of a breach case at one controller, and the closed lists of what is chosen in it (art. 9, GDPR 33, 34)."""

from __future__ import annotations

import enum

CLOCK_HOURS = (24, 48, 60, 68)  # elapsed from awareness, at which the officer is told that the 72 hours run
UNREAD_HOURS = (0, 1, 8, 24, 48)  # from the arrival of what the other officer wrote, until it is read
UNJUDGED_HOURS = (0, 24, 48)  # from a suspicion, until somebody says whether it is a breach
NOBODY_HOURS = 24  # after which others than the officer hear that nobody took it up


class BreachState(enum.StrEnum):
    SUSPECTED = "suspected"  # reported here, or told by the other party and not read yet
    AWARE = "aware"  # reasonably certain: from here the 72 hours run
    NO_BREACH = "no_breach"
    CLOSED = "closed"


class BreachEvent(enum.StrEnum):
    CONFIRM = "confirm"
    RULE_OUT = "rule_out"
    WORK = "work"  # describe, compute, decide
    SAY = "say"  # to the other officer, also after the end
    CLOSE = "close"
    REOPEN = "reopen"  # new facts: here, or in a later notice of the other party


S, E = BreachState, BreachEvent
TRANSITIONS: dict[BreachState, dict[BreachEvent, BreachState]] = {
    S.SUSPECTED: {E.CONFIRM: S.AWARE, E.RULE_OUT: S.NO_BREACH},
    S.AWARE: {E.WORK: S.AWARE, E.SAY: S.AWARE, E.CLOSE: S.CLOSED},
    S.NO_BREACH: {E.CONFIRM: S.AWARE, E.REOPEN: S.SUSPECTED},
    S.CLOSED: {E.SAY: S.CLOSED, E.REOPEN: S.AWARE},
}


class Kind(enum.StrEnum):
    """What somebody saw. A closed list, so that a report is quick and names nobody."""

    MAILBOX = "mailbox"
    ACCOUNT = "account"
    DEVICE = "device"
    WRONG_RECIPIENT = "wrong_recipient"
    PAPER = "paper"
    LOST_DATA = "lost_data"
    OTHER = "other"


class Aspect(enum.StrEnum):
    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


class Risk(enum.StrEnum):
    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"


class Source(enum.StrEnum):
    """Where the affected references come from."""

    MAILBOX = "mailbox"
    ACCOUNT = "account"
    BACKUP = "backup"
    TOLD = "told"  # by the other party
    REFERENCE = "reference"  # one, by its number: what went to the wrong person


TOLD_BY_REFERENCE = (Source.MAILBOX, Source.TOLD)  # of the others it would say who has a file: only about how many


class NotNotified(enum.StrEnum):
    """Why the authority is not told (GDPR 33(1): the risk is unlikely)."""

    UNREADABLE = "unreadable"  # sealed, and the key was not within reach
    NOBODY_LOOKED = "nobody_looked"
    UNDONE = "undone"  # back in hand before anything could happen
    OTHERS_CASE = "others_case"  # it is the other controller's to notify


class Told(enum.StrEnum):
    """How a person was told of the breach (GDPR 34), or that it did not succeed."""

    SPOKEN = "spoken"
    LETTER = "letter"
    NOT_REACHED = "not_reached"


class NotTold(enum.StrEnum):
    """Why the persons are not told (GDPR 34(1) and (3))."""

    NO_HIGH_RISK = "no_high_risk"
    UNREADABLE = "unreadable"
    RISK_GONE = "risk_gone"
    PUBLIC_NOTICE = "public_notice"
