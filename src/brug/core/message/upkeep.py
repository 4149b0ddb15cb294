"""What two mail rooms say to each other: that a parcel arrived, that parcels still do, new keys (art. 6)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Constrained

from brug.core.kind import Kind
from brug.core.message.kinds import Message
from brug.core.message.page import Part, part
from brug.core.normal import Instant
from brug.core.words import marked as _


class Receipt(Message):
    """Either way: the parcel has arrived and was accepted, or waits in quarantine and why. No person.

    `manifest_sha256`: the digest of the manifest that is answered, so that of two under one id it is clear which; none
    for an archive that was made by hand.
    `witnessed`: how many entries of the sender's ledger the writer has seen; `cosignature`: its line under the
    checkpoint that came with the parcel, where that one followed (C2SP tlog-cosignature).
    """

    row = Kind("receipt_sent", _("A receipt"), "security", caller="take_in_by_hand", title="Ontvangstbewijs")
    kind: Literal["receipt"] = "receipt"
    parcel_id: UUID
    received_at: Instant
    result: Literal["accepted", "quarantined"]
    rejection: Annotated[str, Constrained(pattern=r"^[a-z_]{1,40}$")] | None = None  # a code of core/parcel's Rejection
    manifest_sha256: Annotated[str, Constrained(pattern=r"^[0-9a-f]{64}$")] | None = None
    witnessed: Annotated[int, Constrained(ge=0, lt=2**53)] | None = None
    cosignature: Annotated[str, Constrained(max_length=300)] | None = None

    @property
    def notice(self) -> str:
        return f"De zending is aangekomen en {'aanvaard' if self.result == 'accepted' else 'wordt nagekeken'}."

    def parts(self) -> list[Part]:
        return [part("Zending", ("Nummer", self.parcel_id), ("Ontvangen", self.received_at))]


class Canary(Message):
    """Either way, every working day: nothing at all, to see that parcels still arrive. Its receipt is the answer."""

    row = Kind("canary_sent", _("A test parcel"), "security")
    kind: Literal["canary"] = "canary"


class Redeliver(Message):
    """Either way, after a restore: send again what was received at `since` or later, it may be forgotten here."""

    row = Kind("redelivery_asked", _("A request to send again"), "security")
    kind: Literal["redeliver"] = "redeliver"
    since: Instant


class KeyCard(Message):
    """Either way: the sender's keys from now on, signed with the key that was known till now (art. 6). Public keys."""

    row = Kind("keys_told", _("New keys"), "security")
    kind: Literal["key_card"] = "key_card"
    signing_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{43}$")]
    checkpoint_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{43}$")]
    parcel_key: Annotated[str, Constrained(pattern=r"^[A-Za-z0-9_-]{40,3000}$")]
    made_at: Instant
