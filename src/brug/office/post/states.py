"""The life of a parcel that goes out, and of a mail that came in."""

from __future__ import annotations

import enum


class OutgoingState(enum.StrEnum):
    QUEUED = "queued"  # written in the verb's transaction; nobody has seen it yet
    SENT = "sent"  # the mail server took it; it stays due until its receipt
    RECEIVED = "received"  # the receipt is in (or none is awaited)
    STOPPED = "stopped"  # withdrawn or forbidden before it arrived: never sent again


class OutgoingEvent(enum.StrEnum):
    SEND = "send"
    RECEIPT = "receipt"
    STOP = "stop"


S, E = OutgoingState, OutgoingEvent
TRANSITIONS: dict[OutgoingState, dict[OutgoingEvent, OutgoingState]] = {
    S.QUEUED: {E.SEND: S.SENT, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED},
    S.SENT: {E.SEND: S.SENT, E.RECEIPT: S.RECEIVED, E.STOP: S.STOPPED},
    S.RECEIVED: {E.SEND: S.RECEIVED, E.RECEIPT: S.RECEIVED},
    S.STOPPED: {E.RECEIPT: S.RECEIVED},
}
