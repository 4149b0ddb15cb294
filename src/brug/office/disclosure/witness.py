"""The other party is the witness: with every parcel a checkpoint, with its receipt the cosignature (art. 6)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from brug.core import message, note
from brug.core.parcel.keys import decode, encode
from brug.core.parcel.manifest import Consistency, Manifest
from brug.office.ledger import queries, witnessing
from brug.office.ledger.models import Held
from brug.office.parties.models import Counterparty

log = logging.getLogger(__name__)


def for_parcel_to(party: str) -> tuple[str, Consistency | None]:
    """Our newest checkpoint, and the proof that it follows the one that `party` (KBO digits) saw last."""
    text, after, proof = queries.latest_for(party)
    if proof is None:
        return text, None
    return text, Consistency(after=after, proof=tuple(encode(step) for step in proof))


@dataclass(frozen=True, slots=True)
class Seen:
    """How many entries of the sender's ledger we have seen, and our line under its checkpoint if it followed."""

    size: int
    cosignature: str


NOTHING = Seen(0, "")


def hear(known: Manifest, at: datetime) -> Seen:
    """Look at the checkpoint that came with a parcel.

    What we saw is stored before it is signed. One that does not fit is kept and said aloud, loudest where it convicts;
    the family in the parcel has no part in that, so the parcel goes its way.
    """
    origin = queries.origin(known.sender)
    key = note.Key(origin, _checkpoint_key(known.sender))
    line = ""
    if known.checkpoint:
        after, proof = None, list[bytes]()
        if known.consistency:
            after, proof = known.consistency.after, [decode(step) for step in known.consistency.proof]
        try:
            line = witnessing.hear(known.checkpoint, key, after=after, proof=proof, at=at)
        except witnessing.Inconsistent as inconsistent:
            _say(inconsistent, known.sender)
    last = queries.last_witnessed(origin)
    return Seen(last.size if last else 0, line)


def keep(receipt: message.Receipt, sender: str, at: datetime) -> None:
    """What a receipt says of our ledger: how much `sender` (KBO digits) saw of it, and its word under a checkpoint.

    Call inside the transaction that takes the receipt in.
    """
    if receipt.witnessed is None:
        return
    origin = queries.origin(sender)
    Held.objects.update_or_create(origin=origin, defaults={"size": receipt.witnessed})
    if receipt.cosignature:
        key = note.Key(origin, _checkpoint_key(sender), note.COSIGNED)
        try:
            witnessing.keep_cosignature(queries.under(receipt.witnessed, receipt.cosignature), key)
        except witnessing.Inconsistent as inconsistent:
            witnessing.keep(origin, inconsistent, at)
            _say(inconsistent, sender)


def _say(inconsistent: witnessing.Inconsistent, party: str) -> None:
    facts = {"facts": {"party": party, "why": inconsistent.why}}
    if inconsistent.convicts:
        log.error("a ledger contradicts itself", extra=facts)
    else:
        log.warning("a checkpoint does not fit", extra=facts)


def _checkpoint_key(party: str) -> bytes:
    return bytes(Counterparty.objects.values_list("checkpoint_key", flat=True).get(kbo=party))
