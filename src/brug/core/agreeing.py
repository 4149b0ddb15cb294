"""The kinds of message by which two parties agree on a protocol and tell what happens to it (recital D, art. 11).

Nothing of a client: the text itself, and dated facts about it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field as Constrained

from brug.core.kind import Kind
from brug.core.normal import Instant, StaffName
from brug.core.protocol.terms import Strict
from brug.core.words import marked as _

EventKind = Literal[
    "advised",
    "approved_by_council",
    "accepted",
    "refused",
    "signed",
    "published",
    "notice_reached",
    "ended_at_once",
    "lapsed",
    "agreement_ended",
    "mailbox_asked",
    "mailbox_changed",
    "officer_changed",
    "representative_changed",
]
"""What of a protocol's life one party tells the other; an offer brings its text, and is a kind of its own."""


class ProtocolOffer(Strict):
    """Either way: a text, laid before the other party's officer (recital D). It binds nobody before it is accepted.

    `document`: the JSON of `protocol.schema.json` in its one form (core/protocol/digest.py, `written`). The parcel
    names the very text that it holds. Names of representatives, nothing of a client.
    """

    row: ClassVar[Kind] = Kind("protocol_sent", _("A protocol, offered"), "publication")
    kind: Literal["protocol_offer"] = "protocol_offer"
    document: Annotated[str, Constrained(min_length=2, max_length=400_000)]
    offered_at: Instant


class ProtocolEvent(Strict):
    """Either way: something happened to the version that the parcel names (art. 11). Nothing of a client.

    `side`: whose act it was; none for what is nobody's. `who`: the representative who signed, or who is new. `told`:
    the address of a publication, the new mailbox, the ground of an end, the capacity of who is new.
    """

    row: ClassVar[Kind] = Kind("protocol_event_told", _("What happened to a protocol"), "life")
    kind: Literal["protocol_event"] = "protocol_event"
    about: EventKind
    happened_at: Instant
    side: Literal["discloser", "recipient"] | None = None
    who: StaffName | None = None
    told: Annotated[str, Constrained(min_length=1, max_length=200)] | None = None
