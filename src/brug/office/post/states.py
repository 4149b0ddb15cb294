"""The life of a parcel that goes out. A claim of a worker is no state but a lease: it ends by itself (decision 27)."""

from __future__ import annotations

import enum


class OutgoingState(enum.StrEnum):
    QUEUED = "queued"  # written in the verb's transaction; nobody has seen it yet
    SENT = "sent"  # the mail server took it; it stays due until its receipt
    RECEIVED = "received"  # the receipt is in (or none is awaited)
    BOUNCED = "bounced"  # no receipt in all that time, or refused: no more tries by itself, a person is told
    STOPPED = "stopped"  # withdrawn or forbidden: never sent (again), also when its receipt comes after all


class ByHandState(enum.StrEnum):
    """The life of an archive that a person made by hand: nothing of it is believed until somebody called back."""

    WAITING = "waiting"  # for the password that the sender phones
    OPENED = "opened"  # a person saw what is inside; the archive itself is gone
    UNPROVEN = "unproven"  # taken in as a person read it; whether they sent it is not proven
    PROVEN = "proven"  # called back on the number we know: they sent it
    DENIED = "denied"  # called back: they did not


class ByHandEvent(enum.StrEnum):
    OPEN = "open"
    TAKE_IN = "take_in"
    PROVE = "prove"
    DENY = "deny"


class OutgoingEvent(enum.StrEnum):
    SEND = "send"
    RECEIPT = "receipt"
    OVERTAKE = "overtake"  # its receipt, although another came in its place; unless a person stopped both
    REFUSE = "refuse"  # the other side keeps it in quarantine; of a referral that counts as its receipt
    STOP = "stop"
    GIVE_UP = "give_up"
    SEND_AGAIN = "send_again"  # a person, or the other party after it was restored


S, E = OutgoingState, OutgoingEvent
TRANSITIONS: dict[OutgoingState, dict[OutgoingEvent, OutgoingState]] = {
    S.QUEUED: {
        E.SEND: S.SENT,
        E.RECEIPT: S.RECEIVED,
        E.REFUSE: S.BOUNCED,
        E.STOP: S.STOPPED,
        E.GIVE_UP: S.BOUNCED,
    },
    S.SENT: {
        E.SEND: S.SENT,
        E.RECEIPT: S.RECEIVED,
        E.REFUSE: S.BOUNCED,
        E.STOP: S.STOPPED,
        E.GIVE_UP: S.BOUNCED,
    },
    S.RECEIVED: {E.SEND: S.RECEIVED, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.SEND_AGAIN: S.SENT},
    S.BOUNCED: {E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.SEND_AGAIN: S.SENT},
    S.STOPPED: {E.RECEIPT: S.STOPPED, E.OVERTAKE: S.RECEIVED},
}
B, H = ByHandState, ByHandEvent
BY_HAND_TRANSITIONS: dict[ByHandState, dict[ByHandEvent, ByHandState]] = {
    B.WAITING: {H.OPEN: B.OPENED},
    B.OPENED: {H.TAKE_IN: B.UNPROVEN},
    B.UNPROVEN: {H.PROVE: B.PROVEN, H.DENY: B.DENIED},
    B.PROVEN: {},
    B.DENIED: {},
}
