"""The life of a referral at the discloser's (recital C, art. 5)."""

from __future__ import annotations

import enum

from brug.core.words import Words
from brug.core.words import marked as _


class ReferralState(Words):
    DRAFT = "draft", _("not sent yet"), "warning"  # the municipality is known, nothing else
    CONSENTED = (
        "consented",
        _("not sent yet"),
        "warning",
    )  # informed and consented are recorded; the five fields may be typed and changed
    SENT = "sent", _("on its way"), "info"  # sealed, in the outbox or on its way; due until its receipt
    RECEIVED = "received", _("arrived"), "success"  # the receipt is in; the contact data are gone here
    REFUSED = "refused", _("not accepted"), "danger"  # it arrived and the other side could not accept it
    WITHDRAWN = (
        "withdrawn",
        _("withdrawn"),
        "neutral",
    )  # the client took the consent back; the OCMW is told if it may have anything (GDPR 7(3))
    STOPPED = (
        "stopped",
        _("stopped"),
        "danger",
    )  # the protocol ended before it was confirmed: handed back to the notifier (art. 5)
    TOLD = "told", _("stopped; the family knows"), "neutral"  # by the notifier, whatever became of the parcel


class ReferralEvent(enum.StrEnum):
    RECORD_CONSENT = "record_consent"
    KEEP_CLIENT = "keep_client"
    SEND = "send"
    RECEIPT = "receipt"
    REFUSAL = "refusal"
    STOP = "stop"
    WITHDRAW = "withdraw"
    TELL = "tell"  # the notifier told the family that it was stopped


S, E = ReferralState, ReferralEvent
TRANSITIONS: dict[ReferralState, dict[ReferralEvent, ReferralState]] = {
    S.DRAFT: {E.RECORD_CONSENT: S.CONSENTED},
    S.CONSENTED: {E.RECORD_CONSENT: S.CONSENTED, E.KEEP_CLIENT: S.CONSENTED, E.SEND: S.SENT},
    S.SENT: {
        E.RECEIPT: S.RECEIVED,
        E.REFUSAL: S.REFUSED,
        E.SEND: S.SENT,  # only once the mail room has given up
        E.STOP: S.STOPPED,
        E.WITHDRAW: S.WITHDRAWN,
    },
    S.REFUSED: {
        E.RECEIPT: S.RECEIVED,
        E.REFUSAL: S.REFUSED,
        E.SEND: S.SENT,
        E.STOP: S.STOPPED,
        E.WITHDRAW: S.WITHDRAWN,
    },
    S.STOPPED: {E.RECEIPT: S.STOPPED, E.REFUSAL: S.STOPPED, E.WITHDRAW: S.WITHDRAWN, E.TELL: S.TOLD},
    S.TOLD: {E.RECEIPT: S.TOLD, E.REFUSAL: S.TOLD, E.WITHDRAW: S.WITHDRAWN},
    S.RECEIVED: {E.RECEIPT: S.RECEIVED, E.REFUSAL: S.RECEIVED, E.WITHDRAW: S.WITHDRAWN},
    S.WITHDRAWN: {E.RECEIPT: S.WITHDRAWN, E.REFUSAL: S.WITHDRAWN},
}
TO_PUT_RIGHT = frozenset({S.SENT, S.RECEIVED, S.REFUSED})  # the OCMW has it, or soon, or gets it anew
DISCARDABLE = frozenset({S.DRAFT, S.CONSENTED})  # nothing has left yet: throwing away leaves nothing


class Purpose(Words):
    """The purposes of which Brug has plain words; of another the protocol's own are shown."""

    INCREASE_ACCESS_TO_SOCIAL_SERVICES = "increase_access_to_social_services", _("to find help more easily")
    PREVENT_UNDERPROTECTION = "prevent_underprotection", _("to get what the client has a right to")
