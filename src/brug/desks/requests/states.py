"""The life of a data subject's request, and the closed lists of what is chosen in it (GDPR 12, 15 to 22)."""

from __future__ import annotations

import enum
from typing import NamedTuple

from brug.core.words import Chosen, Words
from brug.core.words import marked as _

ANSWER_MONTHS = 1  # GDPR 12(3): from the day of receipt, no roll-over
LONGER_MONTHS = 2  # more, when told with the reason within the first
REMIND_DAYS = 7  # before the last day


class RequestState(Words):
    RECEIVED = "received", _("to be assigned"), "info"
    # with a worker bound by secrecy, who alone sees data
    ASSIGNED = "assigned", _("identity to be checked"), "warning"
    IDENTIFIED = "identified", _("being worked on"), "warning"  # it is certain that the request is the person's own
    ANSWERED = "answered", _("answered"), "success"
    REFUSED = "refused", _("refused"), "neutral"  # with the reason and the way to complain


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


class Right(Chosen):
    ACCESS = "access", _("access"), _("to see everything that is kept (access)")
    RECTIFICATION = "rectification", _("rectification"), _("to have something put right (rectification)")
    ERASURE = "erasure", _("erasure"), _("to have everything erased (erasure)")
    RESTRICTION = "restriction", _("restriction"), _("to have it kept and not used (restriction)")
    OBJECTION = "objection", _("objection"), _("to object to the use (objection)")


class Channel(Words):
    LETTER = "letter", _("by letter")
    EMAIL = "email", _("by e-mail")
    COUNTER = "counter", _("at the counter")
    PHONE = "phone", _("by phone")
    WINDOW = "window", _("by the family’s own window")  # the family's own: no colleague took it down


class Identity(Words):
    """How it was made certain that the request is the person's own. No copy of a card is kept."""

    CARD_SHOWN = "card_shown", _("an identity card was shown; nothing of it is kept")
    KNOWN = "known", _("I know the person from my work")  # the worker knows the person from the case
    CALLED_BACK = "called_back", _("I called back on the number that we have")  # on the number that is in the case
    # somebody with a mandate that was shown
    REPRESENTATIVE = "representative", _("somebody with a mandate that was shown")


class Longer(Words):
    """Why two months more are needed (GDPR 12(3))."""

    COMPLEX = "complex", _("the request is complex")
    MANY = "many", _("there are many requests")


class Refusal(Words):
    """Why not (GDPR 11, 12(5) and (6), 15(4), 17(3))."""

    NOT_PROVEN = "not_proven", _("the identity was not proven (GDPR 12(6))")
    SOMEBODY_ELSE = "somebody_else", _("the request is about somebody else")
    EXCESSIVE = "excessive", _("it is manifestly unfounded or excessive (GDPR 12(5))")
    RIGHTS_OF_OTHERS = "rights_of_others", _("it would harm the rights of others (GDPR 15(4))")
    OWN_GROUND = "own_ground", _("we must keep it: a law or a claim requires it (GDPR 17(3))")


class Deed(Words):
    """What was done with one record of the person."""

    GATHERED = "gathered", _("gathered"), "success"
    RECTIFIED = "rectified", _("put right"), "success"
    ERASED = "erased", _("erased"), "success"
    # of the colleague who works with it: whether a ground is left (GDPR 17(3))
    ASKED = "erasure_asked", _("erasure asked of a colleague"), "warning"
    KEPT = "kept", _("kept: a law or a claim requires it"), "success"  # a ground is left
    RESTRICTED = "restricted", _("restricted"), "success"
    LIFTED = "restriction_lifted", _("restriction lifted"), "success"


DEEDS: dict[Right, tuple[Deed, ...]] = {  # what may be asked for, so offered on each record
    Right.ACCESS: (),
    Right.RECTIFICATION: (Deed.RECTIFIED,),
    Right.ERASURE: (Deed.ERASED,),
    Right.RESTRICTION: (Deed.RESTRICTED,),
    Right.OBJECTION: (Deed.ERASED, Deed.RESTRICTED),
}


class Sure(NamedTuple):
    """What is asked once more before a deed on one record."""

    question: str
    consequence: str
    button: str


LEAVE_OUT = "leave-out"
SURE: dict[str, Sure] = {
    LEAVE_OUT: Sure(
        _("Is this another person’s record?"),
        _("It is left out of this request. Nothing changes in it."),
        _("Leave it out"),
    ),
    Deed.ERASED: Sure(
        _("Erase what is kept here?"),
        _(
            "Data that nobody has worked with yet are gone at once and for good. If a colleague works with them, that"
            " colleague decides whether a law obliges us to keep them. The OCMW that received the data is told."
        ),
        _("Erase"),
    ),
    Deed.RESTRICTED: Sure(
        _("Set this aside?"),
        _("It is kept and nothing else is done with it. The OCMW that received the data is told."),
        _("Set aside"),
    ),
    Deed.LIFTED: Sure(
        _("Lift the restriction?"),
        _("Tell the person before you do (GDPR 18(3)). The OCMW that received the data is told."),
        _("Lift it"),
    ),
}


class Keeper(Words):
    """The desks that keep something of a person."""

    REFERRALS = "referrals", _("Referrals")
    CASEWORK = "casework", _("Cases and client files")
