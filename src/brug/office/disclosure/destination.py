"""Where a parcel goes: to the mailbox that its protocol version names, whatever stands in a row (art. 6).

«… naar volgende mailadres». Asked at each delivery, so the first time, sealed anew, sent again and after a restore are
one: who changes a row, or what we noted of a party, moves no parcel. Only what the protocol names no mailbox for (the
discloser's own, a partner's) goes where two people agreed that it goes.
"""

from __future__ import annotations

import logging

from django.db.models import Q

from brug.core.parcel import Rejected, manifest
from brug.core.protocol.document import Protocol
from brug.office.parties import queries as parties
from brug.office.parties.models import Counterparty, Proposal
from brug.office.parties.states import Joint
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry

log = logging.getLogger(__name__)


def mailbox(protocol: Protocol | None, recipient: Counterparty, chosen: str = "") -> str:
    """Where what is sent to `recipient` under `protocol` goes: where the protocol names several, the `chosen` one."""
    if protocol is not None and protocol.recipient.kbo.digits == recipient.kbo:
        return chosen if chosen in protocol.mailboxes else protocol.mailbox
    return recipient.mailbox


def of(parcel: Outgoing) -> str | None:
    """Where this parcel goes now; None: nowhere, its version or its recipient is none that we know."""
    recipient = Counterparty.objects.filter(kbo=parcel.recipient).first()
    try:
        signed = manifest.read(parcel.manifest.encode()).manifest
    except Rejected:
        signed = None
    agreed = signed.protocol if signed else None
    protocol = registry.protocol(agreed.id, agreed.version) if agreed else None
    is_onward = signed is not None and signed.kind == manifest.ONWARD  # names no protocol: for a partner (art. 4)
    if recipient is None or signed is None or signed.recipient != recipient.kbo or not (protocol or is_onward):
        log.error("a parcel has no destination", extra={"facts": {"parcel": str(parcel.parcel_id)}})
        return None
    return mailbox(protocol, recipient, parcel.mailbox)


def why_waits(kbo: str) -> Joint | None:
    """Which proposal keeps what is for this party (KBO digits) here until an officer has looked; None: nothing does."""
    held = Proposal.objects.filter(Q(joint=Joint.KEYS, subject=kbo) | Q(joint=Joint.RESTORE))
    first = held.order_by("joint").values_list("joint", flat=True).first()
    return Joint(first) if first else None


def waiting() -> frozenset[str]:
    """The parties (KBO digits) to which nothing leaves: a card of theirs was compared by one person, not by two; all of
    them, while no officer has looked at what a restore brought back."""
    if parties.proposed(Joint.RESTORE).exists():
        return frozenset(Counterparty.objects.values_list("kbo", flat=True))
    return frozenset(parties.proposed(Joint.KEYS).values_list("subject", flat=True))
