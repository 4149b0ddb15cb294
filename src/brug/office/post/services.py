"""Queue a parcel in the transaction of the act, send until its receipt, take mail in once (art. 6).

A claim is a lease: it moves `due_at` forward, so that what a killed worker held comes back by itself.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from brug.core.parcel import Rejection
from brug.core.parcel.seal import Parcel
from brug.core.states import WrongState, advance
from brug.office.post import mail, transport
from brug.office.post.models import Accepted, Incoming, Outgoing
from brug.office.post.states import TRANSITIONS, OutgoingEvent, OutgoingState

LEASE = timedelta(minutes=2)
TRIES = 3  # of one incoming mail, before it goes to quarantine
KEEP_SEALED = timedelta(days=35)  # how long a receipted parcel can be sent again, should the receiver be restored
log = logging.getLogger(__name__)


def queue(parcel: Parcel, *, recipient: str, mailbox: str, awaits_receipt: bool, at: datetime) -> Outgoing:
    """Hand a sealed parcel to the mail room. It leaves only if the surrounding transaction commits."""
    return Outgoing.objects.create(
        parcel_id=parcel.id,
        kind=parcel.kind,
        recipient=recipient,
        mailbox=mailbox,
        archive=parcel.archive,
        manifest=parcel.manifest,
        awaits_receipt=awaits_receipt,
        queued_at=at,
        due_at=at,
    )


def send_due(at: datetime) -> int:
    """Send what is due over one connection; how many left. What the mail server does not take now, waits longer."""
    sent = 0
    if not Outgoing.objects.filter(due_at__lte=at).exists():
        return sent
    try:
        with transport.outgoing(settings.MAIL_OUTGOING) as connected:
            while parcel := _claim_outgoing(at):
                transport.deliver(connected, mail.compose(parcel, sender=settings.MAILBOX))
                _mark_sent(parcel, at)
                sent += 1
    except transport.Unreachable as unreachable:
        log.warning("mail could not be sent", extra={"facts": {"why": str(unreachable)}})
    return sent


def _claim_outgoing(at: datetime) -> Outgoing | None:
    """Take the parcel that is due longest, or None. Two workers never take the same: the UPDATE decides."""
    with transaction.atomic():
        waiting = Outgoing.objects.filter(due_at__lte=at).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        parcel = waiting.first()
        if parcel is None:
            return None
        claimed = Outgoing.objects.filter(pk=parcel.pk, due_at=parcel.due_at)
        return parcel if claimed.update(due_at=at + _wait(parcel.attempts), attempts=F("attempts") + 1) else None


def _wait(attempts: int) -> timedelta:
    """The lease of a first attempt, then growing waits up to a day."""
    return min(LEASE * float(4 ** min(attempts, 10)), timedelta(days=1))


def _mark_sent(parcel: Outgoing, at: datetime) -> None:
    """The mail server took it. A parcel stays due until its receipt; one that awaits none is done."""
    sending = Outgoing.objects.filter(pk=parcel.pk)
    sending.filter(state=OutgoingState.QUEUED).update(state=OutgoingState.SENT)
    sending.filter(sent_at=None).update(sent_at=at)
    if not parcel.awaits_receipt:
        sending.update(state=OutgoingState.RECEIVED, received_at=at, due_at=None)


def record_receipt(parcel_id: UUID, *, sender: str, at: datetime) -> bool:
    """The party it went to (`sender` of the receipt, KBO digits) has the parcel: it is due no more, accepted or not.

    Whether this was news. Call inside the transaction that takes the receipt in.
    """
    waiting = Outgoing.objects.filter(parcel_id=parcel_id, recipient=sender).exclude(state=OutgoingState.RECEIVED)
    return bool(waiting.update(state=OutgoingState.RECEIVED, received_at=at, due_at=None))


def stop(parcel_id: UUID) -> None:
    """Never send this parcel (again). Raises `WrongState` when it has arrived already."""
    parcel = Outgoing.objects.select_for_update(of=("self",)).get(parcel_id=parcel_id)
    state = advance(TRANSITIONS, OutgoingState(parcel.state), OutgoingEvent.STOP)
    if not Outgoing.objects.filter(pk=parcel.pk, state=parcel.state).update(state=state, due_at=None):
        raise WrongState(parcel.state, OutgoingEvent.STOP)


def forget_sealed(at: datetime) -> int:
    """Delete the parcels whose receipt is older than any backup their receiver could be restored from."""
    deleted, _ = Outgoing.objects.filter(
        state__in=[OutgoingState.RECEIVED, OutgoingState.STOPPED], queued_at__lt=at - KEEP_SEALED
    ).delete()
    return deleted


def collect(at: datetime) -> int:
    """Store the raw bytes of each parcel in the mailbox, then take the mail out; how many. A crash between the two
    stores a mail twice, and the second has no effect: its parcel was accepted before."""
    stored = 0
    box = transport.incoming(settings.MAIL_INCOMING)
    for key, raw in box.waiting():
        if mail.is_parcel(raw):
            Incoming.objects.create(raw=raw, size=len(raw), fetched_at=at, due_at=at)
            box.remove(key)
            stored += 1
    return stored


def claim_incoming(at: datetime) -> Incoming | None:
    """Take the mail that waits longest to be looked into, or None; after `TRIES` failures it is quarantined."""
    with transaction.atomic():
        waiting = Incoming.objects.filter(due_at__lte=at).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        arrived = waiting.first()
        if arrived is None:
            return None
        claimed = Incoming.objects.filter(pk=arrived.pk, due_at=arrived.due_at)
        if arrived.attempts >= TRIES:
            claimed.update(due_at=None, rejection=Rejection.FAILED_HERE)
            return claim_incoming(at)
        return arrived if claimed.update(due_at=at + LEASE, attempts=F("attempts") + 1) else None


def accept(arrived: Incoming, parcel_id: UUID, *, sender: str, manifest_sha256: str, at: datetime) -> None:
    """The parcel has had its effect: remember its id for ever, and let the raw mail go."""
    Accepted.objects.create(parcel_id=parcel_id, sender=sender, manifest_sha256=manifest_sha256, accepted_at=at)
    arrived.delete()


def quarantine(arrived: Incoming, rejection: Rejection, *, sender: str = "", parcel_id: UUID | None = None) -> None:
    """Keep the mail aside for a person, with the first check that failed. Nothing in it is trusted."""
    Incoming.objects.filter(pk=arrived.pk).update(due_at=None, rejection=rejection, sender=sender, parcel_id=parcel_id)
