"""The life of an intake and of a client file, and what may be noted of a contact (art. 2, art. 3)."""

from __future__ import annotations

import enum

CONTACT_DAYS = 5  # working days to the first conversation: this OCMW's own target, the protocol names none


class IntakeState(enum.StrEnum):
    """Where the intake stands. After an outcome there is no intake any more: it is erased or has become a file."""

    ARRIVED = "arrived"
    ASSIGNED = "assigned"
    CONTACTING = "contacting"  # somebody tried, and has not spoken with the client
    REACHED = "reached"  # contact took place, and the client was told what GDPR 14 asks
    CLARIFIED = "clarified"  # what is needed is known
    HELP_WANTED = "help_wanted"
    HELP_DECLINED = "help_declined"


class IntakeEvent(enum.StrEnum):
    ASSIGN = "assign"
    ATTEMPT = "attempt"
    REACH = "reach"
    CLARIFY = "clarify"
    ACCEPT = "accept"
    DECLINE = "decline"


S, E = IntakeState, IntakeEvent
TRANSITIONS: dict[IntakeState, dict[IntakeEvent, IntakeState]] = {
    S.ARRIVED: {E.ASSIGN: S.ASSIGNED},
    S.ASSIGNED: {E.ASSIGN: S.ASSIGNED, E.ATTEMPT: S.CONTACTING, E.REACH: S.REACHED},
    S.CONTACTING: {E.ASSIGN: S.CONTACTING, E.ATTEMPT: S.CONTACTING, E.REACH: S.REACHED},
    S.REACHED: {
        E.ASSIGN: S.REACHED,
        E.ATTEMPT: S.REACHED,
        E.REACH: S.REACHED,
        E.CLARIFY: S.CLARIFIED,
        E.DECLINE: S.HELP_DECLINED,  # who wants nothing need not say what would have been needed
    },
    S.CLARIFIED: {
        E.ASSIGN: S.CLARIFIED,
        E.ATTEMPT: S.CLARIFIED,
        E.REACH: S.CLARIFIED,
        E.CLARIFY: S.CLARIFIED,
        E.ACCEPT: S.HELP_WANTED,
        E.DECLINE: S.HELP_DECLINED,
    },
    S.HELP_WANTED: {},
    S.HELP_DECLINED: {},
}
BEFORE_CONTACT = frozenset({S.ARRIVED, S.ASSIGNED, S.CONTACTING})


class FileState(enum.StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FileEvent(enum.StrEnum):
    CLOSE = "close"
    REOPEN = "reopen"


FILE_TRANSITIONS: dict[FileState, dict[FileEvent, FileState]] = {
    FileState.OPEN: {FileEvent.CLOSE: FileState.CLOSED},
    FileState.CLOSED: {FileEvent.REOPEN: FileState.OPEN},
}


class Channel(enum.StrEnum):
    """How a person, never the program, tried to reach the client."""

    PHONE = "phone"
    HOME_VISIT = "home_visit"
    TEXT_BY_HAND = "text_by_hand"
    EMAIL = "email"
    LETTER = "letter"
    CARD = "card"


class Result(enum.StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_NEUTRAL_MESSAGE = "left_neutral_message"
    ASKED_TO_CALL_BACK = "asked_to_call_back"
    WRONG_NUMBER = "wrong_number"
    LETTER_SENT = "letter_sent"


_TALK = frozenset({Result.REACHED, Result.NO_ANSWER, Result.LEFT_NEUTRAL_MESSAGE, Result.ASKED_TO_CALL_BACK})
RESULTS: dict[Channel, frozenset[Result]] = {
    Channel.PHONE: _TALK | {Result.WRONG_NUMBER},
    Channel.HOME_VISIT: _TALK,
    Channel.TEXT_BY_HAND: _TALK | {Result.WRONG_NUMBER},
    Channel.EMAIL: _TALK,
    Channel.LETTER: frozenset({Result.LETTER_SENT}),
    Channel.CARD: frozenset({Result.LETTER_SENT}),
}


class Aid(enum.StrEnum):
    """What may be needed: the three kinds that article 2 names, and whatever else it leaves open."""

    FIRST_AGE_MILK = "first_age_milk"
    CHILDCARE_RATE = "childcare_rate"
    BUDGET_GUIDANCE = "budget_guidance"
    OTHER = "other"
