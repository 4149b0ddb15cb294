"""The life of a breach case at one controller, and the closed lists of what is chosen in it (art. 9, GDPR 33, 34)."""

from __future__ import annotations

import enum

from brug.core.words import Chosen, Words
from brug.core.words import marked as _

CLOCK_HOURS = (24, 48, 60, 68)  # elapsed from awareness, at which the officer is told that the 72 hours run
UNREAD_HOURS = (0, 1, 8, 24, 48)  # from the arrival of what the other officer wrote, until it is read
UNJUDGED_HOURS = (0, 24, 48)  # from a suspicion, until somebody says whether it is a breach
NOBODY_HOURS = 24  # after which others than the officer hear that nobody took it up


class BreachState(Words):
    # reported here, or told by the other party and not read yet
    SUSPECTED = "suspected", _("to be assessed"), "warning"
    AWARE = "aware", _("under way"), "danger"  # reasonably certain: from here the 72 hours run
    NO_BREACH = "no_breach", _("no breach"), "neutral"
    CLOSED = "closed", _("closed"), "success"


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


class Kind(Words):
    """What somebody saw. A closed list, so that a report is quick and names nobody."""

    MAILBOX = "mailbox", _("Somebody else may have been in a mailbox")
    ACCOUNT = "account", _("Somebody else may have used an account of Brug")
    DEVICE = "device", _("A computer, phone or backup is lost or stolen")
    WRONG_RECIPIENT = "wrong_recipient", _("Data went to the wrong person")
    PAPER = "paper", _("A paper or a screen was seen by somebody else")
    LOST_DATA = "lost_data", _("Data are gone or changed")
    OTHER = "other", _("Something else")


class Source(Chosen):
    """Where the affected references come from."""

    MAILBOX = "mailbox", _("mailbox"), _("What was in a mailbox")
    ACCOUNT = "account", _("account"), _("What one account opened")
    BACKUP = "backup", _("backup"), _("What was on a backup")
    TOLD = "told", _("told by the other party")  # by the other party
    # one, by its number: what went to the wrong person
    REFERENCE = "reference", _("one number"), _("One referral, case or file, by its number")


TOLD_BY_REFERENCE = (Source.MAILBOX, Source.TOLD)  # of the others it would say who has a file: only about how many


class NotNotified(Words):
    """Why the authority is not told (GDPR 33(1): the risk is unlikely)."""

    # sealed, and the key was not within reach
    UNREADABLE = "unreadable", _("everything was sealed and the key was out of reach")
    NOBODY_LOOKED = "nobody_looked", _("it is certain that nobody looked")
    UNDONE = "undone", _("it was recovered before anything could happen")  # back in hand before anything could happen
    # it is the other controller's to notify
    OTHERS_CASE = "others_case", _("it is the other controller who must tell")


class Told(Words):
    """How a person was told of the breach (GDPR 34), or that it did not succeed."""

    SPOKEN = "spoken", _("in a conversation")
    LETTER = "letter", _("by letter")
    NOT_REACHED = "not_reached", _("I could not reach the person")


class NotTold(Words):
    """Why the persons are not told (GDPR 34(1) and (3))."""

    NO_HIGH_RISK = "no_high_risk", _("the risk is not high")
    UNREADABLE = "unreadable", _("the data were unreadable for others (GDPR 34(3)(a))")
    RISK_GONE = "risk_gone", _("measures took the high risk away (GDPR 34(3)(b))")
    PUBLIC_NOTICE = "public_notice", _("it would take too much; a public notice instead (GDPR 34(3)(c))")
