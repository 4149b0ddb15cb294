"""The life of an intake and of a client file, and what may be noted of a contact (art. 2, art. 3)."""

from __future__ import annotations

import enum

from brug.core.words import Chosen, Words
from brug.core.words import marked as _


class IntakeState(Words):
    """Where the intake stands. After an outcome there is no intake any more: it is erased or has become a file."""

    ARRIVED = "arrived", _("new"), "info"
    ASSIGNED = "assigned", _("assigned"), "neutral"
    CONTACTING = "contacting", _("not reached yet"), "warning"  # somebody tried, and has not spoken with the client
    REACHED = "reached", _("reached"), "success"  # contact took place, and the client was told what GDPR 14 asks
    CLARIFIED = "clarified", _("need is clear"), "success"  # what is needed is known
    HELP_WANTED = "help_wanted", _("wants help"), "success"
    HELP_DECLINED = "help_declined", _("wants no help"), "neutral"  # also when one conversation was enough
    NOT_REACHED = (
        "not_reached",
        _("never reached"),
        "neutral",
    )  # the dispatcher decided to end (this OCMW's policy, the protocol names no maximum)
    NOT_OURS = "not_ours", _("lives elsewhere"), "neutral"  # the client lives elsewhere now
    DECEASED = "deceased", _("deceased"), "neutral"
    WITHDRAWN = (
        "withdrawn",
        _("consent withdrawn"),
        "neutral",
    )  # the client took the consent back, at the discloser's or here
    NO_GROUND = "no_ground", _("protocol ended before it arrived"), "neutral"
    NOT_SENT = (
        "not_sent",
        _("not sent by its sender"),
        "danger",
    )  # whoever is said to have sent it says that they did not
    HAS_FILE = "has_file", _("has a file here"), "success"  # the data joined a client file that was here


class IntakeEvent(enum.StrEnum):
    ASSIGN = "assign"
    ATTEMPT = "attempt"
    REACH = "reach"
    CLARIFY = "clarify"
    ACCEPT = "accept"
    DECLINE = "decline"
    KEEP_TRYING = "keep_trying"
    GIVE_UP = "give_up"
    MOVE_AWAY = "move_away"
    BURY = "bury"
    WITHDRAW = "withdraw"
    DISOWN = "disown"
    LAPSE = "lapse"  # the protocol had ended when it arrived
    JOIN = "join"


S, E = IntakeState, IntakeEvent
_ALWAYS = {E.WITHDRAW: S.WITHDRAWN, E.DISOWN: S.NOT_SENT, E.LAPSE: S.NO_GROUND}
_WITH_A_WORKER = _ALWAYS | {E.BURY: S.DECEASED, E.MOVE_AWAY: S.NOT_OURS, E.JOIN: S.HAS_FILE}
_UNREACHED = _WITH_A_WORKER | {E.ATTEMPT: S.CONTACTING, E.REACH: S.REACHED, E.GIVE_UP: S.NOT_REACHED}
_AFTER_CONTACT = _WITH_A_WORKER | {E.DECLINE: S.HELP_DECLINED, E.CLARIFY: S.CLARIFIED}
TRANSITIONS: dict[IntakeState, dict[IntakeEvent, IntakeState]] = {
    S.ARRIVED: _ALWAYS | {E.ASSIGN: S.ASSIGNED},
    S.ASSIGNED: _UNREACHED | {E.ASSIGN: S.ASSIGNED, E.KEEP_TRYING: S.ASSIGNED},
    S.CONTACTING: _UNREACHED | {E.ASSIGN: S.CONTACTING, E.KEEP_TRYING: S.CONTACTING},
    S.REACHED: _AFTER_CONTACT | {E.ASSIGN: S.REACHED, E.ATTEMPT: S.REACHED, E.REACH: S.REACHED},
    S.CLARIFIED: _AFTER_CONTACT
    | {E.ASSIGN: S.CLARIFIED, E.ATTEMPT: S.CLARIFIED, E.REACH: S.CLARIFIED, E.ACCEPT: S.HELP_WANTED},
    S.HELP_WANTED: {},
    S.HELP_DECLINED: {},
    S.NOT_REACHED: {},
    S.NOT_OURS: {},
    S.DECEASED: {},
    S.WITHDRAWN: {},
    S.NO_GROUND: {},
    S.NOT_SENT: {},
    S.HAS_FILE: {},
}
WHILE_RESTRICTED = frozenset({E.ASSIGN, E.WITHDRAW, E.DISOWN, E.LAPSE})  # what may still be done then
AFTER_WITHDRAWAL = WHILE_RESTRICTED | {E.JOIN}  # and once the consent was taken back
BEFORE_CONTACT = frozenset({S.ARRIVED, S.ASSIGNED, S.CONTACTING})


class FileState(Words):
    OPEN = "open", _("open"), "success"
    CLOSED = "closed", _("closed"), "neutral"


class FileEvent(enum.StrEnum):
    CLOSE = "close"
    REOPEN = "reopen"
    FOLLOW_OPEN = "follow_open"  # the other software says that it is open there, or closed
    FOLLOW_CLOSED = "follow_closed"


_FOLLOWS = {FileEvent.FOLLOW_OPEN: FileState.OPEN, FileEvent.FOLLOW_CLOSED: FileState.CLOSED}
FILE_TRANSITIONS: dict[FileState, dict[FileEvent, FileState]] = {
    FileState.OPEN: _FOLLOWS | {FileEvent.CLOSE: FileState.CLOSED},
    FileState.CLOSED: _FOLLOWS | {FileEvent.REOPEN: FileState.OPEN},
}


class OnwardState(Words):
    """What the client's yes to one parcel to a partner has become. No party is told by the program."""

    SENT = "sent", _("sent"), "success"  # the consent stands
    # taken back before the mail left: the partner has nothing
    STOPPED = "stopped", _("stopped before it was sent"), "neutral"
    # taken back, and the partner may have it: a person calls them
    TO_TELL = "to_tell", _("withdrawn, still to call"), "warning"
    TOLD = "told", _("withdrawn, and told"), "neutral"


class OnwardEvent(enum.StrEnum):
    STOP = "stop"
    WITHDRAW = "withdraw"
    TELL = "tell"


ONWARD_TRANSITIONS: dict[OnwardState, dict[OnwardEvent, OnwardState]] = {
    OnwardState.SENT: {OnwardEvent.STOP: OnwardState.STOPPED, OnwardEvent.WITHDRAW: OnwardState.TO_TELL},
    OnwardState.STOPPED: {},
    OnwardState.TO_TELL: {OnwardEvent.TELL: OnwardState.TOLD},
    OnwardState.TOLD: {},
}


class Channel(Words):
    """How a person, never the program, tried to reach the client."""

    PHONE = "phone", _("By phone")
    HOME_VISIT = "home_visit", _("Home visit")
    TEXT_BY_HAND = "text_by_hand", _("Text message, typed by yourself")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    CARD = "card", _("Card in the letter box")


class Result(Words):
    REACHED = "reached", _("spoken with the client")
    NO_ANSWER = "no_answer", _("no answer")
    LEFT_NEUTRAL_MESSAGE = "left_neutral_message", _("left a message without a name or a reason")
    ASKED_TO_CALL_BACK = "asked_to_call_back", _("asked to call back later")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    LETTER_SENT = "letter_sent", _("letter or card left")


_TALK = frozenset({Result.REACHED, Result.NO_ANSWER, Result.LEFT_NEUTRAL_MESSAGE, Result.ASKED_TO_CALL_BACK})
RESULTS: dict[Channel, frozenset[Result]] = {
    Channel.PHONE: _TALK | {Result.WRONG_NUMBER},
    Channel.HOME_VISIT: _TALK,
    Channel.TEXT_BY_HAND: _TALK | {Result.WRONG_NUMBER},
    Channel.EMAIL: _TALK,
    Channel.LETTER: frozenset({Result.LETTER_SENT}),
    Channel.CARD: frozenset({Result.LETTER_SENT}),
}


class Aid(Words):
    """What may be needed: the three kinds that article 2 names, and whatever else it leaves open."""

    FIRST_AGE_MILK = "first_age_milk", _("First-age milk")
    CHILDCARE_RATE = "childcare_rate", _("Lower rate for childcare")
    BUDGET_GUIDANCE = "budget_guidance", _("Budget guidance")
    OTHER = "other", _("Something else")


class Ending(Words):
    """How a social worker may end a case beside yes and no. A closed list; each erases."""

    NOT_OURS = "not_ours", _("The client lives elsewhere now")
    WITHDRAWN = "withdrawn", _("The client withdraws the consent")
    DECEASED = "deceased", _("The client has died")
    NOT_SENT = "not_sent", _("not sent by its sender")  # of an archive made by hand, when its sender was called back
    NO_GROUND = "no_ground", _("The protocol had ended before this arrived")


ENDINGS: dict[Ending, IntakeEvent] = {
    Ending.NOT_OURS: IntakeEvent.MOVE_AWAY,
    Ending.DECEASED: IntakeEvent.BURY,
    Ending.WITHDRAWN: IntakeEvent.WITHDRAW,
    Ending.NOT_SENT: IntakeEvent.DISOWN,
    Ending.NO_GROUND: IntakeEvent.LAPSE,
}


class GiveUp(Words):
    """Why the dispatcher ends a case of which nobody was ever reached."""

    NO_ANSWER = "no_answer", _("every way was tried, nobody answered")
    WRONG_DETAILS = "wrong_details", _("none of the details is right")
    LETTER_UNANSWERED = "letter_unanswered", _("a letter was sent, without a reply")


class Reassignment(Words):
    """Why a case goes to another colleague."""

    ABSENCE = "absence", _("the colleague is absent")
    WORKLOAD = "workload", _("too much work")
    TOO_CLOSE = "too_close", _("the colleague knows the family privately")
    ANOTHER_FIT = "another_fit", _("somebody else fits better")


class KeepTrying(Words):
    """Why the dispatcher lets a colleague go on."""

    ANOTHER_WAY = "another_way", _("one way was not tried yet")
    HOME_VISIT = "home_visit", _("somebody goes round")
    AWAY = "away", _("the client is away for a while")


class Ground(Words):
    """Why a client file stays after the consent to the referral was taken back: a ground of the OCMW's own."""

    AID_RUNS = "aid_runs", _("aid that the client asked for is running")
    LEGAL_DUTY = "legal_duty", _("a law obliges us to keep the file")


class Noted(Chosen):
    """The kinds of entry in the history of a case or a client file; the second words are those of the timeline."""

    RECEIVED = "received", _("Parcel received and checked")
    ASSIGNED = "assigned", _("Given to a colleague"), _("Given to {to} by {by}")
    ATTEMPT = "attempt", _("Tried to reach the client")
    CLARIFIED = "clarified", _("The need is clear")
    FILE_OPENED = "file_opened", _("The client wants help: client file opened")
    HELP_UNDONE = "help_undone", _("Undone on the same day: there is no client file")
    FILE_CLOSED = "file_closed", _("Client file closed")
    FILE_REOPENED = "file_reopened", _("Client file opened again")
    KEEP_TRYING = "keep_trying", _("Decided: go on trying")
    CLIENT_CALLED = "client_called", _("The client called; a colleague left word")
    CALLED_BACK = "called_back", _("Called back")
    RETRACTED = "retracted", _("The client withdrew the consent"), _("The client withdrew the consent at {discloser}")
    TAKEN_BACK = "taken_back", _("The client took the consent back by the own window")
    ERASURE_ASKED = "erasure_asked", _("The client asks to have the data erased")
    ERASURE_TOLD = (
        "erasure_told",
        _("The client had the data erased at the sender’s"),
        _("The client had the data erased at {discloser}"),
    )
    NO_GROUND = "no_ground", _("The protocol had ended before this arrived")
    CORRECTED = "corrected", _("Corrected"), _("Corrected: {field}")
    REMOVED = "removed", _("Removed"), _("Removed: {field}")
    RESTRICTED = "restricted", _("The client had the processing restricted")
    RESTRICTION_LIFTED = "restriction_lifted", _("The restriction is lifted")
    NOTE = "note", _("Note")
    AID_GRANTED = "aid_granted", _("Aid granted")
    AID_ENDED = "aid_ended", _("Aid ended")
    PLANNED = "planned", _("Next step planned"), _("Planned: {step}, {day}")
    LIVES_ELSEWHERE = "lives_elsewhere", _("The file is kept in your own software from now on")
    PUT_RIGHT_ELSEWHERE = "put_right_elsewhere", _("Put right in your own software")
    ONWARD = (
        "onward",
        _("Sent to a partner, with the client’s consent"),
        _("Sent to {partner}, with the client’s consent"),
    )
    ONWARD_WITHDRAWN = (
        "onward_withdrawn",
        _("The client withdrew the consent for a partner"),
        _("The client withdrew the consent for {partner}: nothing more goes there"),
    )
    ONWARD_STOPPED = (
        "onward_stopped",
        _("The protocol ended before it left for a partner"),
        _("Not sent to {partner}: the protocol has ended"),
    )
    ONWARD_TOLD = (
        "onward_told",
        _("The partner was called: the consent is withdrawn"),
        _("{partner} was called: the consent is withdrawn"),
    )
    JOINED = "joined", _("A new referral joined this file")
    KEPT_AFTER_WITHDRAWAL = "kept_after_withdrawal", _("The file stays on a ground of its own")


class TakenBack(enum.StrEnum):
    """What makes the ground of a referral go: kinds of an entry of the history."""

    RETRACTED = "retracted"  # the client took the consent back
    ERASURE_TOLD = "erasure_told"  # the client had the data erased at the discloser's (GDPR 19)
    ERASURE_ASKED = "erasure_asked"  # the client asks it here (GDPR 17)
    NO_GROUND = "no_ground"  # the protocol had ended when it arrived, and nobody spoke with the client (art. 8)
    TAKEN_BACK = "taken_back"  # the client took the consent back here, by the own window


class ToDo(Words):
    """What is to be done now with an intake, as its state and what was noted have it (`queries.to_do`)."""

    NO_GROUND = "no_ground", _("The protocol had ended: erase")
    WITHDRAWN = "withdrawn", _("Consent withdrawn: erase")
    REPORT = "report", _("Report the wrong number")
    CONTACT = "contact", _("Get in touch")
    RETRY = "retry", _("Try again")
    CLARIFY = "clarify", _("Find out what is needed")
    DECIDE = "decide", _("Ask whether help is wanted")


class NextStep(Words):
    """What a worker plans for a day, on a family or a file. A closed list: the words about it are in the history."""

    CALL = "call", _("Call")
    VISIT = "visit", _("Go round")
    WRITE = "write", _("Write")
    MEET = "meet", _("Appointment")
    ASK_AROUND = "ask_around", _("Ask a service or a partner")  # a service, a partner, a document
    LOOK_AGAIN = "look_again", _("Look at it again")
