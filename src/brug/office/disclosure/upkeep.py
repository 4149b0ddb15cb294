"""What the mail rooms of two parties say to each other by themselves: a canary each day, and a plea after a restore.

Neither holds anything of a person; both await their receipt like any parcel (art. 6).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max

from brug.core import message
from brug.core.calendar import is_working_day, legal_day
from brug.core.parcel.unseal import CLOCKS_DIFFER
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act
from brug.office.parties import joint
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.parties.states import Joint
from brug.office.post import alerts, lives, queries
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry

log = logging.getLogger(__name__)


def send_canaries(at: datetime) -> int:
    """Each working day one parcel without a person to every party we have a protocol with; how many now.

    It takes the same way as a family's data, so that a gateway that swallows it is found first.
    """
    sent = 0
    if not is_working_day(legal_day(at)):
        return sent
    canaries = Outgoing.objects.filter(kind="canary")
    last = dict(canaries.values_list("recipient").annotate(Max("queued_at")))
    for party, protocol in counterparties(at):
        if party.kbo not in last or legal_day(last[party.kbo]) < legal_day(at):
            with one_of_many(party):
                _say(message.Canary(), protocol, at)
                sent += 1
    return sent


def alarm(at: datetime) -> int:
    """Say in the log, once a day, that canaries have no answer; how many. The page of the mail room says it too."""
    unanswered = [parcel for parcel in queries.silent(at) if parcel.kind == "canary"]
    if unanswered:
        log.error("canaries without an answer", extra={"facts": {"parties": [p.recipient for p in unanswered]}})
    return len(unanswered)


def begin_after_restore(*, backup_of: datetime, at: datetime) -> int:
    """This node stands as it was at `backup_of`: begin a new life and ask every party to send again; how many.

    Nothing leaves, the asking neither, until an officer agrees (`go_on`). Whatever the parties sent in between is
    theirs alone until then.
    """
    with transaction.atomic():
        lives.begin_incarnation(backup_of=backup_of, at=at)
        joint.propose(Joint.RESTORE, "node", {"backup_of": backup_of.isoformat()}, by=None, at=at)
        alerts.tell_officers("second", at)
        ledger.record(Act.RESTORED, "node", by=OPERATOR, at=at)
    asked = 0
    for party, protocol in counterparties(at):
        with one_of_many(party):
            _say(message.Redeliver(since=backup_of), protocol, at)
            asked += 1
    return asked


def go_on(proposal: Proposal, *, by: Member, at: datetime) -> None:
    """The second of two: an officer looked at what came back; from now on mail leaves. `NotAllowed`, `WrongState`."""
    with transaction.atomic():
        joint.agree(proposal, by=by, at=at)
        ledger.record(Act.RESTORE_AGREED, "node", by=by.actor, at=at)


def redeliver(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The other party was restored: what it confirmed since the time it names is due again, the same parcel.

    Called by the worker inside the transaction that accepts the request.
    """
    if not isinstance(content, message.Redeliver):
        raise TypeError
    parcels = Outgoing.objects.filter(recipient=arrival.sender, received_at__gte=content.since - CLOCKS_DIFFER)
    post.send_again(parcels.exclude(kind="canary"), at=at)
    ledger.record(Act.REDELIVERED, arrival.parcel_id, by=WORKER, at=at)


def hear_canary(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """Nothing: that it arrived is all, and its receipt says so."""


def counterparties(at: datetime) -> Iterator[tuple[Counterparty, Protocol]]:
    """Each counterparty with a protocol between us, in force or not: a duty outlives it."""
    first: dict[str, Protocol] = {}
    for protocol in registry.by_recipient(settings.PARTY, at) + registry.by_discloser(settings.PARTY, at):
        if not life.is_settled(protocol.events):
            continue  # only offered: it may be unknown there
        for kbo in (protocol.discloser.kbo.digits, protocol.recipient.kbo.digits):
            first.setdefault(kbo, protocol)
    for party in Counterparty.objects.exclude(parcel_key=b"").order_by("kbo"):
        if party.kbo in first:
            yield party, first[party.kbo]


@contextmanager
def one_of_many(party: Counterparty) -> Iterator[None]:
    """What fails for one party stops no other: it is logged without values. A database that fails is no party's fault,
    and leaves the whole duty to be done again."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception:  # our bug, or a key of theirs that is none
        log.exception("a party could not be told", extra={"facts": {"party": party.kbo}})


def _say(content: message.Message, protocol: Protocol, at: datetime) -> None:
    owed = disclosure.owe(content, protocol, at=at)
    with transaction.atomic():
        disclosure.hand_over(*owed, subject=owed[0].id, by=WORKER, at=at)
