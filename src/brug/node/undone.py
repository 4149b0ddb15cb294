"""A restore brings back what had been closed since the backup; here it is closed again (art. 4, art. 6).

The journal holds every act of the ledger. Without it nobody knows what was closed: then no token works any more, no
referral that was on its way is sent, and the operator is told what to compare before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brug.core.protocol import life
from brug.office import plug
from brug.office.disclosure import meeting
from brug.office.ledger.acts import OPERATOR, Act, Again
from brug.office.ledger.models import Entry
from brug.office.parties import services as parties
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import services as registry
from brug.office.registry.models import ProtocolVersion

TERMS = {
    Act.BREACH_SUSPECTED: "its 72 hours run from when it was known",
    Act.BREACH_CONFIRMED: "its 72 hours run from then",
    Act.REQUEST_RECEIVED: "its month runs from then",
}


def close_again(after: int, at: datetime) -> Iterator[str]:
    """What the entries with a leaf after `after` closed, closed again; in words for the operator, without names.

    One after the other, each in words once it is done, and once only; what is closed already is left alone.
    """
    said: set[str] = set()
    verbs = OURS | plug.again()
    for entry in Entry.objects.filter(leaf__gt=after).order_by("leaf"):
        with transaction.atomic():
            words = [*verbs[entry.what.again](entry, at)]
        yield from (line for line in words if line not in said)
        said.update(words)


def ended(after: int) -> Iterator[tuple[UUID, UUID]]:
    """Each case that an entry with a leaf after `after` ended and that has a row here, with its record."""
    unseen = (Act.RETRACTED_UNSEEN, Act.ERASURE_TOLD_UNSEEN, Act.ERASURE_ASKED_UNSEEN, Act.TAKEN_BACK_UNSEEN)
    erasing = Entry.of(Act.HELP_DECLINED, Act.ENDED, Act.FILE_ERASED, Act.NOT_REACHED, *unseen)  # nothing is kept
    for subject in erasing.filter(leaf__gt=after).order_by("leaf").values_list("subject", flat=True):
        reference = UUID(subject)
        if record := plug.record_behind(reference):
            yield reference, record


def trust_nobody(at: datetime) -> list[str]:
    """No journal: every token ends, and the operator compares keys and members before anything runs."""
    closing = [desk.without_journal for desk in plug.desks().values() if desk.without_journal]
    said = [line for close in closing for line in close(at)]
    for party in Counterparty.objects.exclude(parcel_key=b"").order_by("name"):
        said.append(f"before the worker starts: was the key of {party.name} revoked since? Compare its words by phone")
    said.append(
        "before the worker starts: did a protocol end, or was a breach or a request recorded since? Enter it again"
    )
    return [*said, "before the pages start: who left since the backup has an account again; close it"]


def _nothing(_entry: Entry, _at: datetime) -> Iterator[str]:
    return iter(())


def _revoke_keys(entry: Entry, at: datetime) -> Iterator[str]:
    kbo = f"{UUID(entry.subject).int:010}"
    party = Counterparty.objects.filter(kbo=kbo).exclude(parcel_key=b"").first()
    if party is not None:
        meeting.forget_keys(party, by=OPERATOR, at=at)
        yield f"keys of {party.name} revoked again"


def _close_account(entry: Entry, at: datetime) -> Iterator[str]:
    if member := Member.objects.filter(pseudonym=entry.subject, is_active=True).first():
        parties.close_account(member, by=OPERATOR, at=at)
        yield f"account {member.pk} closed again; hand its cases over"


def _shut_account(entry: Entry, _at: datetime) -> Iterator[str]:
    if member := Member.objects.filter(pseudonym=entry.subject).first():
        parties.shut(member)
        yield f"account {member.pk} shut again; invite anew"


def _look_at_member(entry: Entry, _at: datetime) -> Iterator[str]:
    yield f"since the backup: {entry.what.words}; look at the members"


def _end_protocol(entry: Entry, at: datetime) -> Iterator[str]:
    """Which side ended it, and as of which day, is not in the ledger: it ends as of the entry."""
    kind = entry.act.removeprefix("protocol_")
    again = f"since the backup, on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.act} of {entry.subject}; enter it again"
    if kind not in life.ENDING:
        yield again
        return
    try:
        if registry.record_again(entry.subject, life.EventKind(kind), by=OPERATOR, at=at, happened_at=entry.at):
            yield f"{entry.subject}: {entry.act} recorded again, as of {entry.at:%Y-%m-%d %H:%M} UTC; or earlier?"
    except ProtocolVersion.DoesNotExist:
        yield again


def _enter_again(entry: Entry, _at: datetime) -> Iterator[str]:
    """A breach or a request: what was in it is lost, its term is not."""
    term = TERMS.get(entry.what, "it may have to be done again")
    yield f"since the backup, on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.act}; enter it again, {term}"


OURS: dict[Again, plug.DoAgain] = {  # what is of no desk; the others stand in their plugs
    Again.NOTHING: _nothing,
    Again.KEYS: _revoke_keys,
    Again.ACCOUNT: _close_account,
    Again.INVITATION: _shut_account,
    Again.MEMBER: _look_at_member,
    Again.PROTOCOL: _end_protocol,
    Again.BREACH: _enter_again,
    Again.REQUEST: _enter_again,
}
