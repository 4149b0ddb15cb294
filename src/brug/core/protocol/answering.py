"""The permit to say that a parcel arrived, whatever it is sent under (art. 6)."""

from __future__ import annotations

from datetime import datetime

from brug.core.protocol.decide import Permit


def answer(
    protocol_id: str, protocol_version: int, protocol_sha256: str, *, sender: str, recipient: str, at: datetime
) -> Permit:
    """The permit of a receipt under the protocol that a parcel names, also one that is not known here, or not with this
    text: who proved who they are is told so, and nothing of a person is in it."""
    who = (sender, recipient, frozenset[str](), at)
    return Permit(protocol_id, protocol_version, "receipt", "art. 6", *who, protocol_sha256)
