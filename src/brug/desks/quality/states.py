"""The life of a report on a field of a client, the same at both sides; who is where follows from the side (art. 7)."""

from __future__ import annotations

import enum

from brug.core.words import Words
from brug.core.words import marked as _

ANSWER_DAYS = 5  # working days for the notifier's answer: both parties' own target, the protocol says "reasonable"


class Side(enum.StrEnum):
    RECIPIENT = "recipient"  # we found it and reported it
    DISCLOSER = "discloser"  # it was reported to us, the notifier looks into it


class ReportState(Words):
    REPORTED = "reported", _("on its way to the notifier"), "info"  # on its way to the notifier
    RECEIVED = "received", _("with the notifier"), "warning"  # her node has it, or she has heard it on the phone
    INVESTIGATING = "investigating", _("being looked into"), "warning"  # she looks into it
    # she has answered; at the discloser's until the answer is confirmed
    ANSWERED = "answered", _("answered"), "success"
    APPLIED = "applied", _("put right"), "success"  # the answer is in the case, the old value is erased
    CLOSED = "closed", _("closed"), "neutral"


class ReportEvent(enum.StrEnum):
    RECEIPT = "receipt"
    INVESTIGATE = "investigate"
    ANSWER = "answer"
    APPLY = "apply"
    CLOSE = "close"
    DROP = "drop"  # there is nothing to correct any more: the client is gone, or took the consent back


S, E = ReportState, ReportEvent
TRANSITIONS: dict[ReportState, dict[ReportEvent, ReportState]] = {
    S.REPORTED: {E.RECEIPT: S.RECEIVED, E.ANSWER: S.ANSWERED, E.DROP: S.CLOSED},
    S.RECEIVED: {
        E.RECEIPT: S.RECEIVED,
        E.INVESTIGATE: S.INVESTIGATING,
        E.ANSWER: S.ANSWERED,
        E.DROP: S.CLOSED,
    },
    S.INVESTIGATING: {E.INVESTIGATE: S.INVESTIGATING, E.ANSWER: S.ANSWERED, E.DROP: S.CLOSED},
    S.ANSWERED: {E.APPLY: S.APPLIED, E.CLOSE: S.CLOSED, E.DROP: S.CLOSED},
    S.APPLIED: {E.CLOSE: S.CLOSED},
    S.CLOSED: {E.ANSWER: S.ANSWERED},  # by parcel only, when it was closed without an answer
}
UNANSWERED = frozenset({S.REPORTED, S.RECEIVED, S.INVESTIGATING})


NEEDED = frozenset({"given_name", "family_name"})  # without these nobody can be found: never erased on their own
