"""The life of a parcel that goes out. A claim of a worker is no state but a lease: it ends by itself."""

from __future__ import annotations

import enum


class OutgoingState(enum.StrEnum):
    QUEUED = "queued"  # written in the verb's transaction; nobody has seen it yet
    SENT = "sent"  # the mail server took it; it stays due until its receipt
    RECEIVED = "received"  # the receipt is in (or none is awaited)
    BOUNCED = "bounced"  # no receipt in all that time: no more tries by itself, a person is told
    STOPPED = "stopped"  # withdrawn or forbidden: never sent (again), also when its receipt comes after all


class OutgoingEvent(enum.StrEnum):
    SEND = "send"
    RECEIPT = "receipt"
    STOP = "stop"
    GIVE_UP = "give_up"
    SEND_AGAIN = "send_again"  # a person, or the other party after it was restored


S, E = OutgoingState, OutgoingEvent
TRANSITIONS: dict[OutgoingState, dict[OutgoingEvent, OutgoingState]] = {
    S.QUEUED: {E.SEND: S.SENT, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.GIVE_UP: S.BOUNCED},
    S.SENT: {E.SEND: S.SENT, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.GIVE_UP: S.BOUNCED},
    S.RECEIVED: {E.SEND: S.RECEIVED, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.SEND_AGAIN: S.SENT},
    S.BOUNCED: {E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED, E.SEND_AGAIN: S.SENT},
    S.STOPPED: {E.RECEIPT: S.STOPPED},
}
