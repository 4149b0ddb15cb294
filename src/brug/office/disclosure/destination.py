"""Where a parcel goes: to the mailbox that its protocol version names, whatever stands in a row (art. 6).

«… naar volgende mailadres». Asked at each delivery, so the first time, sealed anew, sent again and after a restore are
one: who changes a row, or what we noted of a party, moves no parcel. Only what the protocol names no mailbox for (the
discloser's own, a partner's) goes where two people agreed that it goes.

What discloses a client goes nowhere from the moment that one person asked for an end without a term: the second person
lets it go on, or ends it (art. 8). What is owed stays owed after an end, and leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, manifest
from brug.core.protocol.document import Protocol
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Proposal
from brug.office.parties.states import Joint
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry

DISCLOSE = ("referral", "onward")  # the kinds that need a protocol in force when they leave
ENDS = (Joint.END, Joint.END_NOTED)
log = logging.getLogger(__name__)


def mailbox(protocol: Protocol | None, recipient: Counterparty, chosen: str) -> str:
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


def now(parcel: Outgoing, *, at: datetime) -> str | None:
    """As `of`, when it leaves at the instant `at`; None for what discloses a client and waits, or is too late."""
    mailbox = of(parcel)
    if mailbox is not None and parcel.kind in DISCLOSE:
        protocol = registry.protocol(*under(parcel))
        ends = protocol.ends if protocol and parcel.sent_at is None else []  # what was sent may be asked for again
        if (ends and ends[0].at <= at) or why_held([parcel], at):
            return None
    return mailbox


def under(parcel: Outgoing) -> tuple[str, int]:
    """Id and version of the protocol under which it was sealed; `("", 0)` where nothing says it.

    What is sent onward does not say it, so that a partner is not told where the family came from; our ledger does.
    """
    try:
        told = manifest.read(parcel.manifest.encode()).manifest.protocol
    except Rejected:
        return "", 0
    if told:
        return told.id, told.version
    act = message.KINDS[parcel.kind].row.act
    acts = Entry.objects.filter(act=act, subject=str(parcel.subject)).order_by("-pk")
    name, _, number = (acts.values_list("protocol", flat=True).first() or "").partition("@")
    return name, int(number or 0)


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a second person: the protocols (id) of which one person asked for an end without a term that would
    have begun, and the parties (KBO digits) to which nothing leaves, each with the proposal that it waits for."""

    ends: frozenset[str]
    parties: dict[str, Joint]

    def why(self, protocol_id: str, party: str) -> Joint | None:
        """For which proposal a family's data under this protocol stay here; None: for none."""
        return Joint.END if protocol_id in self.ends else self.parties.get(party)


def waits(at: datetime) -> Waits:
    """A card of a party was compared by one person, not by two; an officer has not looked at what a restore brought
    back, and then it is every party; or somebody asked for an end that begins by `at`."""
    ends, cards, restored = set(), [], False
    for joint, subject, facts in Proposal.objects.values_list("joint", "subject", "facts"):
        if joint in ENDS and _has_begun(facts, at):
            ends.add(subject.rpartition("@")[0])
        elif joint == Joint.KEYS:
            cards.append(subject)
        restored |= joint == Joint.RESTORE
    all_of_them = Counterparty.objects.values_list("kbo", flat=True) if restored else ()
    parties = dict.fromkeys(all_of_them, Joint.RESTORE) | dict.fromkeys(cards, Joint.KEYS)
    return Waits(frozenset(ends), parties)


def _has_begun(facts: dict[str, str | None], at: datetime) -> bool:
    """Whether the end that was proposed is of now (no day told), or of an instant or a legal day that has come."""
    if instant := facts.get("happened_at"):
        return datetime.fromisoformat(instant) <= at
    day = facts.get("from_on")
    return day is None or date.fromisoformat(day) <= legal_day(at)


def why_waits(protocol: Protocol, at: datetime) -> Joint | None:
    """Which proposal keeps a family's data for the other party here until a second person has looked; None: none."""
    return waits(at).why(protocol.id, protocol.recipient.kbo.digits)


def why_held(parcels: Iterable[Outgoing], at: datetime) -> dict[int, Joint]:
    """Of those that disclose a client and wait for a second person (primary key): for which proposal. Their words are
    read out to nobody: to a party without a node these are what lets it in, also when the mail has left."""
    asked, found = waits(at), {}
    if asked.ends or asked.parties:
        for parcel in parcels:
            if parcel.kind in DISCLOSE and (why := asked.why(under(parcel)[0], parcel.recipient)):
                found[parcel.pk] = why
    return found


def held(at: datetime) -> dict[int, Joint]:
    """As `why_held`, of all that has not left."""
    return why_held(Outgoing.objects.filter(kind__in=DISCLOSE).exclude(due_at=None).defer("archive"), at)
