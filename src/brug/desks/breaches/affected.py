"""Who is affected by a breach, computed from the ledger: references only, never names (art. 9, GDPR 33(3)(a)).

A parcel lay in a mailbox from when it was sealed (its id says when, RFC 9562) until it was taken in; a referral that
we sent, from its disclosure until its receipt. What one account saw are the references it left an entry on. What was on
a backup is what had begun and not ended by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from brug.core import message
from brug.desks.breaches.models import Affected
from brug.desks.breaches.states import TOLD_BY_REFERENCE
from brug.office.ledger.acts import Act
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Accepted, Outgoing
from brug.office.registry import queries as registry

BEGINS, ENDS = [act for act in Act if act.begins], [act for act in Act if act.ends]
BROUGHT = [act for act in Act if act.carries and not act.sends]  # beside referrals, what brings a datum of a client


def sealed_at(parcel_id: UUID) -> datetime:
    """When the parcel with this id (UUIDv7) was sealed, by its sender's clock.

    >>> sealed_at(UUID("01a208b7-9a20-7000-8000-000000000000")).isoformat()
    '2026-11-23T14:03:00+00:00'
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=parcel_id.int >> 80)


def by_own_mailbox(since: datetime, until: datetime) -> set[UUID]:
    """The references of what lay in our own mailbox at any moment from `since` to `until`, both included."""
    taken = Entry.of(Act.RECEIPT_SENT, Act.QUARANTINED).filter(at__gte=since).exclude(subject="node")
    there = {UUID(entry.subject): entry for entry in taken if sealed_at(UUID(entry.subject)) <= until}
    brought = Accepted.objects.filter(parcel_id__in=there).values_list("about", flat=True)
    found = {about for about in brought if about is not None}
    instants = {entry.at for entry in there.values()}
    found |= _subjects(Entry.of(*BROUGHT).filter(at__in=instants))
    return found | {parcel for parcel, entry in there.items() if entry.what is Act.QUARANTINED and parcel.int}


def by_their_mailbox(party: Counterparty, since: datetime, until: datetime) -> set[UUID]:
    """The references of what we sent to `party` and lay in its mailbox at any moment from `since` to `until`."""
    sent = [e for e in Entry.of(Act.DISCLOSED).filter(at__lte=until) if _is_between_us(e.protocol, party)]
    confirmed = Entry.of(Act.RECEIPT_TAKEN_IN).filter(at__lt=since, subject__in={e.subject for e in sent})
    last = {e.subject: e.at for e in confirmed.order_by("at")}
    found = {UUID(e.subject) for e in sent if e.subject not in last or last[e.subject] < e.at}
    acts = {code: Act(kind.row.act) for code, kind in message.KINDS.items()}
    for code in (code for code, act in acts.items() if act.carries and act is not Act.DISCLOSED):
        for entry in Entry.of(acts[code]).filter(at__lte=until):
            parcel = Outgoing.objects.filter(kind=code, queued_at=entry.at, recipient=party.kbo).first()
            left_at = (parcel.received_at or until) if parcel else entry.at  # forgotten: received long ago
            if left_at >= since and _is_between_us(entry.protocol, party):
                found.add(UUID(entry.subject))
    return found


def by_account(member: Member, since: datetime, until: datetime) -> set[UUID]:
    """The references of clients that were opened or worked on with `member`'s account from `since` to `until`."""
    within = Entry.objects.filter(by=member.pseudonym.hex, at__gte=since, at__lte=until)
    return _subjects(within) & _subjects(Entry.of(*BEGINS).filter(at__lte=until))


def by_backup(as_of: datetime) -> set[UUID]:
    """The references of clients of whom this node kept anything at the instant `as_of`."""
    begun = _subjects(Entry.of(*BEGINS).filter(at__lte=as_of))
    return begun - _subjects(Entry.of(*ENDS).filter(at__lte=as_of))


def add(rows: Iterable[Affected]) -> None:
    """Keep what was not there yet; what one may speak of by its number from now on, is so known. In a transaction."""
    found = list(rows)
    Affected.objects.bulk_create(found, ignore_conflicts=True)
    if found and found[0].source in TOLD_BY_REFERENCE:
        named, whose = {row.reference for row in found}, {row.party for row in found}
        known = Affected.objects.filter(breach=found[0].breach, reference__in=named, party__in=whose)
        known.exclude(source__in=TOLD_BY_REFERENCE).update(source=found[0].source)


def parties_of(references: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The parties (KBO digits) under whose protocol with us each reference stands in the ledger, or that sent it."""
    wanted = list(references)
    found: dict[UUID, set[str]] = {}
    for reference, sender in Accepted.objects.filter(about__in=wanted).values_list("about", "sender"):
        if reference is not None:
            found.setdefault(reference, set()).add(sender)
    entries = Entry.objects.filter(subject__in=[str(each) for each in wanted]).exclude(protocol="")
    for subject, stored in entries.values_list("subject", "protocol").distinct():
        if protocol := registry.named(stored):
            both = {protocol.recipient.kbo.digits, protocol.discloser.kbo.digits}
            found.setdefault(UUID(subject), set()).update(both)
    return {reference: parties - {settings.PARTY} for reference, parties in found.items()}


def _subjects(entries: QuerySet[Entry]) -> set[UUID]:
    named = entries.exclude(subject="node").exclude(subject__contains="@").values_list("subject", flat=True)
    return {UUID(subject) for subject in named.distinct()}


def _is_between_us(stored: str, party: Counterparty) -> bool:
    protocol = registry.named(stored)
    return protocol is not None and party.kbo in {protocol.recipient.kbo.digits, protocol.discloser.kbo.digits}
