"""The life of a data subject's request, and the closed lists of what is chosen in it (GDPR 12, 15 to 22)."""

from __future__ import annotations

import enum

ANSWER_MONTHS = 1  # GDPR 12(3): from the day of receipt, no roll-over
LONGER_MONTHS = 2  # more, when told with the reason within the first
REMIND_DAYS = 7  # before the last day


class RequestState(enum.StrEnum):
    RECEIVED = "received"
    ASSIGNED = "assigned"  # with a worker bound by secrecy, who alone sees data
    IDENTIFIED = "identified"  # it is certain that the request is the person's own
    ANSWERED = "answered"
    REFUSED = "refused"  # with the reason and the way to complain


class RequestEvent(enum.StrEnum):
    ASSIGN = "assign"
    RELEASE = "release"  # the worker leaves: an officer gives it to somebody else
    IDENTIFY = "identify"
    WORK = "work"  # find, gather, carry out
    EXTEND = "extend"
    ANSWER = "answer"
    REFUSE = "refuse"


S, E = RequestState, RequestEvent
TRANSITIONS: dict[RequestState, dict[RequestEvent, RequestState]] = {
    S.RECEIVED: {E.ASSIGN: S.ASSIGNED, E.EXTEND: S.RECEIVED, E.REFUSE: S.REFUSED},
    S.ASSIGNED: {
        E.ASSIGN: S.ASSIGNED,
        E.RELEASE: S.RECEIVED,
        E.EXTEND: S.ASSIGNED,
        E.IDENTIFY: S.IDENTIFIED,
        E.REFUSE: S.REFUSED,
    },
    S.IDENTIFIED: {
        E.ASSIGN: S.IDENTIFIED,
        E.RELEASE: S.RECEIVED,
        E.EXTEND: S.IDENTIFIED,
        E.WORK: S.IDENTIFIED,
        E.ANSWER: S.ANSWERED,
        E.REFUSE: S.REFUSED,
    },
    S.ANSWERED: {},
    S.REFUSED: {},
}
OPEN = frozenset({S.RECEIVED, S.ASSIGNED, S.IDENTIFIED})


class Right(enum.StrEnum):
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class Channel(enum.StrEnum):
    LETTER = "letter"
    EMAIL = "email"
    COUNTER = "counter"
    PHONE = "phone"
    WINDOW = "window"  # the family's own: no colleague took it down


class Identity(enum.StrEnum):
    """How it was made certain that the request is the person's own. No copy of a card is kept."""

    CARD_SHOWN = "card_shown"
    KNOWN = "known"  # the worker knows the person from the case
    CALLED_BACK = "called_back"  # on the number that is in the case
    REPRESENTATIVE = "representative"  # somebody with a mandate that was shown


class Longer(enum.StrEnum):
    """Why two months more are needed (GDPR 12(3))."""

    COMPLEX = "complex"
    MANY = "many"


class Refusal(enum.StrEnum):
    """Why not (GDPR 11, 12(5) and (6), 15(4), 17(3))."""

    NOT_PROVEN = "not_proven"
    SOMEBODY_ELSE = "somebody_else"
    EXCESSIVE = "excessive"
    RIGHTS_OF_OTHERS = "rights_of_others"
    OWN_GROUND = "own_ground"


class Deed(enum.StrEnum):
    """What was done with one record of the person."""

    GATHERED = "gathered"
    RECTIFIED = "rectified"
    ERASED = "erased"
    ASKED = "erasure_asked"  # of the colleague who works with it: whether a ground is left (GDPR 17(3))
    KEPT = "kept"  # a ground is left
    RESTRICTED = "restricted"
    LIFTED = "restriction_lifted"
