"""The kinds of message by which two parties agree on a protocol and tell what happens to it (recital D, art. 11).

Nothing of a client: the text itself, and dated facts about it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Constrained

from brug.core.kind import FOR_OFFICER, Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, part
from brug.core.normal import Instant, StaffName
from brug.core.protocol.document import load
from brug.core.protocol.life import EventKind
from brug.core.protocol.text import text
from brug.core.words import marked as _

_SIDES = {"discloser": "de verstrekker", "recipient": "de ontvanger"}


class ProtocolOffer(Message):
    """Either way: a text, laid before the other party's officer (recital D). It binds nobody before it is accepted.

    `document`: the JSON of `protocol.schema.json` in its one form (core/protocol/digest.py, `written`). The parcel
    names the very text that it holds. Names of representatives, nothing of a client.
    """

    row = Kind(
        "protocol_sent", _("A protocol, offered"), "publication",
        title="Voorstel van een protocol", notice=FOR_OFFICER,
    )  # fmt: skip
    kind: Literal["protocol_offer"] = "protocol_offer"
    document: Annotated[str, Constrained(min_length=2, max_length=400_000)]
    offered_at: Instant

    def parts(self) -> list[Part]:
        protocol = load(self.document)
        named = ("Protocol", f"{protocol.id}, versie {protocol.version}")
        digest = ("Kenmerk van de tekst", protocol.sha256[:12])
        return [part("Voorstel", named, digest, ("Aangeboden", self.offered_at), text=text(protocol).strip())]


class ProtocolEvent(Message):
    """Either way: something happened to the version that the parcel names (art. 11). Nothing of a client.

    `side`: whose act it was; none for what is nobody's. `who`: the representative who signed, or who is new. `told`:
    the address of a publication, the new mailbox, the ground of an end, the capacity of who is new.
    """

    row = Kind(
        "protocol_event_told", _("What happened to a protocol"), "life",
        title="Wat er gebeurde met een protocol", notice=FOR_OFFICER,
    )  # fmt: skip
    kind: Literal["protocol_event"] = "protocol_event"
    about: EventKind
    happened_at: Instant
    side: Literal["discloser", "recipient"] | None = None
    who: StaffName | None = None
    told: Annotated[str, Constrained(min_length=1, max_length=200)] | None = None

    def parts(self) -> list[Part]:
        happened = (("Wat", self.about), ("Wanneer", self.happened_at), ("Door", self.side and _SIDES[self.side]))
        return [part("Protocol", *happened, ("Wie", self.who), ("Wat of waar", self.told))]
