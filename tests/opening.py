"""What a recipient reads of a parcel, by every check of core/parcel/unseal.py; it keeps no list of what came before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from brug.core import message
from brug.core.parcel.manifest import Manifest
from brug.core.parcel.unseal import open_archive, read_manifest

if TYPE_CHECKING:
    from brug.office.post.models import Outgoing

OPGROEIEN, WESTERLO = "0886886638", "0212181956"


@dataclass(frozen=True, slots=True)
class Opened:
    """A parcel that passed every check."""

    manifest: Manifest
    message: message.Message


def unseal(
    manifest: bytes,
    data: bytes,
    *,
    at: datetime,
    recipient: str,
    practice: bool,
    counterparties: Mapping[str, Collection[bytes]],
    private_keys: Collection[bytes],
) -> Opened:
    """Both steps in one. `counterparties`: by KBO number the public signing keys. Raises `Rejected`."""

    def keys_of(party: str) -> Collection[bytes]:
        return counterparties.get(party, ())

    known = read_manifest(manifest, len(data), recipient=recipient, practice=practice, keys_of=keys_of)
    return Opened(known, open_archive(known, data, at=at, private_keys=private_keys))


def opened(parcel: Outgoing, private_key: bytes, *, at: datetime | None = None, known: bytes = b"") -> Opened:
    """A parcel of this node, by who holds `private_key`. `at`: when it comes in; else when it was queued. `known`: the
    signing key by which this node is known there; else the present one."""
    from brug.office.keys import services as keys

    sender = OPGROEIEN if parcel.recipient == WESTERLO else WESTERLO
    return unseal(
        parcel.manifest.encode(),
        bytes(parcel.archive),
        at=at or parcel.queued_at,
        recipient=parcel.recipient,
        practice=False,
        counterparties={sender: [known or keys.signing_key().public_key().public_bytes_raw()]},
        private_keys=[private_key],
    )
