"""Queue a parcel in the transaction of the act, send until its receipt, take mail in once (art. 6).

A claim is a lease: it moves `due_at` forward, so that what a killed worker held comes back by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from smtplib import SMTP
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Q, QuerySet
from django.db.models.functions import Coalesce

from brug.core.parcel import Rejection
from brug.core.parcel.seal import Parcel
from brug.core.states import WrongState
from brug.office.moves import move_all
from brug.office.post import aside, by_hand, incoming, mail, transport
from brug.office.post.models import Accepted, Incoming, Outgoing
from brug.office.post.queries import BYTES
from brug.office.post.states import OutgoingEvent, OutgoingState
from brug.office.vault import services as vault

LEASE = timedelta(minutes=2)
RENEW_SECONDS = 20.0  # so often a worker says that it is still at a mail; a mail server may take 30 for each answer
GIVE_UP = timedelta(days=14)  # without a receipt nothing is sent by itself any more; a person was told long before
TRIES = 3  # of one incoming mail that raise, before it goes to quarantine
DEATHS = 20  # of workers at one incoming mail: then it is the mail
TAKEN_OUT_TOGETHER = 10  # mails; as many are stored twice at most when a worker dies
KEEP_SEALED = timedelta(days=35)  # how long a receipted parcel can be sent again, should the receiver be restored
Where = Callable[[Outgoing], str | None]
NONE = Q(pk__in=())
log = logging.getLogger(__name__)


def queue(
    parcel: Parcel, *, recipient: str, mailbox: str, awaits_receipt: bool, at: datetime, **facts: Any
) -> Outgoing:
    """Hand a sealed parcel to the mail room. It leaves only if the surrounding transaction commits.

    `facts`: what else is known of it: `subject`, `by`, `secret`, `instead_of` (see `Outgoing`).
    """
    return Outgoing.objects.create(
        parcel_id=parcel.id,
        kind=parcel.kind,
        recipient=recipient,
        mailbox=mailbox,
        archive=parcel.archive,
        manifest=parcel.manifest,
        awaits_receipt=awaits_receipt,
        queued_at=at,
        trying_since=at,
        due_at=at,
        by_phone=parcel.password is not None,
        **facts,
    )


def send_due(at: datetime, *, where: Where, waiting: Collection[str] = (), held: Collection[int] = ()) -> int:
    """Send what is due over one connection; how many left. What the mail server does not take now, waits longer.

    `where`: the mailbox that a parcel may leave for, asked at each delivery; None: it does not leave. `waiting`: the
    parties to which nothing leaves now. `held`: the parcels (primary keys) that do not.
    """
    sent, started = 0, time.monotonic()
    stay = Q(recipient__in=waiting) | Q(pk__in=held)
    if not Outgoing.objects.filter(due_at__lte=at).exclude(stay).exists():
        return sent
    try:
        with transport.outgoing(settings.MAIL_OUTGOING) as connected:
            parcel = _claim_outgoing(at, stay=stay)
            while parcel:
                has_left = _deliver(connected, parcel, where, at, started)
                with transaction.atomic():  # what left is marked and the next is taken with one write to the disk
                    if has_left:
                        _mark_sent(parcel, at)
                    parcel = _claim_outgoing(at, time.monotonic() - started, stay=stay)
                sent += has_left
    except transport.Unreachable as unreachable:
        log.warning("mail could not be sent", extra={"facts": {"why": str(unreachable)}})
    return sent


def _deliver(connected: SMTP, parcel: Outgoing, where: Where, at: datetime, started: float) -> bool:
    """Whether the mail server took it. Raises `Unreachable`."""
    mailbox = where(parcel)
    if mailbox is None:
        return False
    if mailbox != parcel.mailbox:
        parcel.mailbox = mailbox
        Outgoing.objects.filter(pk=parcel.pk).update(mailbox=mailbox)
    renewed = time.monotonic()

    def is_ours() -> bool:
        """Hold the parcel for another lease, unless another worker has it now."""
        nonlocal renewed
        now = time.monotonic()
        if now - renewed < RENEW_SECONDS:
            return True
        renewed = now
        held = Outgoing.objects.filter(pk=parcel.pk, attempts=parcel.attempts + 1).exclude(due_at=None)
        return bool(held.update(due_at=at + timedelta(seconds=now - started) + _wait(parcel.attempts)))

    try:
        transport.deliver(connected, mail.compose(parcel, sender=settings.MAILBOX), is_ours)
    except transport.Refused as refused:
        if refused.forever:
            note_undelivered(parcel.parcel_id, at=at)
        return False
    return True


def _claim_outgoing(at: datetime, seconds: float = 0.0, *, stay: Q = NONE) -> Outgoing | None:
    """Take the parcel that is due longest, or None. Two workers never take the same: the UPDATE decides.

    `seconds` after `at`: the lease of the last of many begins when those before it have left. `stay`: which stay.
    """
    with transaction.atomic():
        due = Outgoing.objects.filter(due_at__lte=at).exclude(stay).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        parcel = due.first()
        if parcel is None:
            return None
        claimed = Outgoing.objects.filter(pk=parcel.pk, due_at=parcel.due_at)
        due_at = at + timedelta(seconds=seconds) + _wait(parcel.attempts)
        return parcel if claimed.update(due_at=due_at, attempts=F("attempts") + 1) else None


def _wait(attempts: int) -> timedelta:
    """The lease of a first attempt, then growing waits up to a day."""
    return min(LEASE * float(4 ** min(attempts, 10)), timedelta(days=1))


def _mark_sent(parcel: Outgoing, at: datetime) -> None:
    """The mail server took it. A parcel stays due until its receipt; one that awaits none is done.

    What a person has to open is mailed once: the receipt is what they say over the phone.
    """
    row = Outgoing.objects.filter(pk=parcel.pk)
    if not parcel.awaits_receipt:
        move_all(row, OutgoingEvent.RECEIPT, sent_at=at, received_at=at, due_at=None)
        return
    once: dict[str, Any] = {"due_at": None} if parcel.by_phone else {}
    if not move_all(row.filter(sent_at=None), OutgoingEvent.SEND, sent_at=at, **once):
        first_time = Coalesce("sent_at", at, output_field=DateTimeField())  # sent before, or stopped since
        row.update(sent_at=first_time, **once)


def same_content(first_id: UUID) -> QuerySet[Outgoing]:
    """The parcel that was handed over under this id, and those it was sealed anew in, newest last; without the bytes,
    which are read when they are asked for. Raises `ValueError` for no id, which every parcel would answer to."""
    if not first_id:
        raise ValueError("the id of a parcel")
    return Outgoing.objects.filter(Q(parcel_id=first_id) | Q(instead_of=first_id)).defer(*BYTES).order_by("pk")


def first_id(parcel_id: UUID) -> UUID:
    """Under which id the content of this parcel was handed over first; its own when we know nothing of it."""
    parcel = Outgoing.objects.filter(parcel_id=parcel_id).defer(*BYTES).first()
    return parcel.first_id if parcel else parcel_id


def latest(first_id: UUID) -> Outgoing | None:
    """The parcel that now carries what was handed over under this id."""
    return same_content(first_id).exclude(state=OutgoingState.STOPPED).last() or same_content(first_id).last()


def is_given_up(first_id: UUID) -> bool:
    """Whether nobody confirmed it in all that time, and nothing of it is sent by itself any more."""
    parcel = latest(first_id)
    return parcel is not None and parcel.state == OutgoingState.BOUNCED


def replace(old: Outgoing, parcel: Parcel, *, mailbox: str, secret: UUID | None, at: datetime) -> Outgoing:
    """Send `parcel`, which holds the same for the same party, in the place of `old`; that one never leaves again.

    Raises `WrongState` when the old one was confirmed or stopped meanwhile. Call inside a transaction.
    """
    if not move_all(Outgoing.objects.filter(pk=old.pk, received_at=None), OutgoingEvent.STOP, due_at=None):
        raise WrongState
    if old.secret:
        vault.erase(old.secret)
    facts = {"subject": old.subject, "by": old.by, "secret": secret, "instead_of": old.first_id}
    return queue(parcel, recipient=old.recipient, mailbox=mailbox, awaits_receipt=True, at=at, **facts)


def is_untold(about: UUID, kinds: Collection[str]) -> bool:
    """Whether a parcel of these kinds on this subject was refused or never confirmed, and a person has to act."""
    return Outgoing.objects.filter(subject=about, kind__in=kinds, state=OutgoingState.BOUNCED).exists()


def waits_to_leave(kind: str, *, about: UUID) -> bool:
    """Whether such a parcel on this subject was handed over and no worker has taken it yet."""
    return Outgoing.objects.filter(kind=kind, subject=about, state=OutgoingState.QUEUED, attempts=0).exists()


def note_undelivered(parcel_id: UUID, *, at: datetime) -> None:
    """A mail system says that it could not bring this parcel. A person sees it; nothing else changes."""
    Outgoing.objects.filter(parcel_id=parcel_id, received_at=None, undelivered_at=None).update(undelivered_at=at)


def give_up(at: datetime) -> int:
    """Send no more what had no receipt in all this time, by itself; how many. A person can have it sent again."""
    waiting = Outgoing.objects.filter(awaits_receipt=True, trying_since__lt=at - GIVE_UP)
    return move_all(waiting, OutgoingEvent.GIVE_UP, due_at=None)


def send_again(parcels: QuerySet[Outgoing], *, at: datetime) -> int:
    """Send these anew until their receipt; how many.

    For the other side it is the same parcel: at most a duplicate.
    """
    again = {"due_at": at, "trying_since": at, "attempts": 0, "received_at": None, "undelivered_at": None}
    return move_all(parcels.filter(awaits_receipt=True), OutgoingEvent.SEND_AGAIN, rejection="", **again)


def hurry(recipient: str, at: datetime) -> None:
    """What waited for `recipient` (KBO digits) is due at once."""
    Outgoing.objects.filter(recipient=recipient, due_at__gt=at).update(due_at=at, attempts=0)


def stop(parcel_id: UUID) -> None:
    """Never send this content (again), not even to a party that lost it. Raises `WrongState` when it was stopped."""
    family = list(same_content(parcel_id).select_for_update(of=("self",)))
    if not family:
        raise Outgoing.DoesNotExist
    if not move_all(same_content(parcel_id), OutgoingEvent.STOP, due_at=None):
        raise WrongState
    for parcel in family:
        if parcel.secret:
            vault.erase(parcel.secret)


def stop_unsent(parcel_id: UUID) -> bool:
    """Stop a parcel that no worker has claimed: it certainly never left. Whether it was so; the UPDATE decides."""
    unsent = Outgoing.objects.filter(parcel_id=parcel_id, state=OutgoingState.QUEUED, attempts=0, sent_at=None)
    if not move_all(unsent, OutgoingEvent.STOP, due_at=None):
        return False
    if secret := Outgoing.objects.get(parcel_id=parcel_id).secret:
        vault.erase(secret)
    return True


def forget_sealed(at: datetime) -> int:
    """Delete the parcels whose receipt is older than any backup their receiver could be restored from."""
    received = Q(state=OutgoingState.RECEIVED, received_at__lt=at - KEEP_SEALED)
    stopped = Q(state=OutgoingState.STOPPED, queued_at__lt=at - KEEP_SEALED)
    return Outgoing.objects.filter(received | stopped).delete()[0]


def collect(at: datetime) -> int:
    """Store what is ours in the mailbox, then take the mail out; how many rows wait for somebody. A crash between the
    two stores mails twice, and the second has no effect: its parcel was accepted before. All other mail stays there."""
    if not settings.MAIL_INCOMING:
        return 0
    box = transport.incoming(settings.MAIL_INCOMING)
    look, stored, later, rows = incoming.Look(at), list[str](), list[str](), 0
    no_room = False
    try:
        try:
            for key, raw, size in box.waiting():
                try:
                    made = look.store(raw, size)
                except (incoming.Later, by_hand.NoRoom) as wait:
                    later.append(key)
                    no_room = no_room or isinstance(wait, by_hand.NoRoom)
                    continue
                if made and made.goes:
                    stored.append(key)
                rows += made.rows if made else 0
                if len(stored) == TAKEN_OUT_TOGETHER:
                    _take_out(box, stored)
        finally:  # also when a mail cannot be stored: those before it are
            look.end()
            box.set_aside(*later)
            if no_room:
                log.error("archives made by hand stay in the mailbox: too many wait here for their password")
            _take_out(box, stored)
    except transport.Unreachable as unreachable:
        log.warning("mail could not be fetched", extra={"facts": {"why": str(unreachable)}})
    return rows


def _take_out(box: transport.Mailbox, stored: list[str]) -> None:
    """Out of the mailbox, and off the list."""
    if stored:
        box.remove(*stored)
        stored.clear()


def claim_incoming(at: datetime, seconds: float = 0.0) -> Incoming | None:
    """Take the mail that waits longest to be looked into, what parties signed first, or None.

    What workers die at comes back; not for ever.

    `seconds` after `at`, as for what goes out.
    """
    with transaction.atomic():
        waiting = Incoming.objects.filter(due_at__lte=at).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        while arrived := waiting.filter(proven=True).first() or waiting.filter(proven=False).first():
            claimed = Incoming.objects.filter(pk=arrived.pk, due_at=arrived.due_at)
            if arrived.attempts < DEATHS:
                due_at = at + timedelta(seconds=seconds) + LEASE
                return arrived if claimed.update(due_at=due_at, attempts=F("attempts") + 1) else None
            aside.quarantine(arrived, Rejection.FAILED_HERE)
    return None


def count_failure(incoming: int) -> None:
    """Taking it in raised: after `TRIES` times it waits in quarantine for a person, and the fault is ours."""
    row = Incoming.objects.filter(pk=incoming)
    row.update(failures=F("failures") + 1)
    for failed in row.filter(failures__gte=TRIES):
        aside.quarantine(failed, Rejection.FAILED_HERE)


def accept(
    arrived: Incoming, parcel_id: UUID, *, sender: str, manifest_sha256: str, about: UUID | None, at: datetime
) -> bool:
    """The parcel counts as taken in: remember its id for ever, and let the raw mail go.

    `about`: what it brings, by the sender's own number. Whether this is the first parcel that brings it: the same
    referral in a second parcel (its sender was restored, or sent a refused one again) has no second effect.
    """
    is_first = about is None or not Accepted.objects.filter(sender=sender, about=about).exists()
    Accepted.objects.create(
        parcel_id=parcel_id,
        sender=sender,
        manifest_sha256=manifest_sha256,
        about=about if is_first else None,
        accepted_at=at,
    )
    arrived.delete()
    return is_first


def was_taken_in(about: UUID) -> bool:
    """Whether a parcel ever brought what its sender gave this number; also when it has ended here since."""
    return Accepted.objects.filter(about=about).exists()
