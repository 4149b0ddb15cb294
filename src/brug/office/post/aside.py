"""Mail in quarantine: set aside for a person, looked at anew or thrown away, and gone after its term (art. 6).

A row says in columns what a person is shown of it: who reads a list of them reads no mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Length

from brug.core.parcel import Rejection
from brug.core.states import WrongState
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.post import mail
from brug.office.post.models import ByHand, Incoming, Left, Stranger
from brug.office.vault import services as vault

UNPROVEN_LIMIT = 200_000_000  # bytes of quarantined mail that nobody is proven to have sent
REMEMBER_LEFT = timedelta(days=365)  # of a mail that is none of ours, that a person was told; its hash, nothing else
HOUR = timedelta(hours=1)


def in_quarantine() -> QuerySet[Incoming]:
    """What waits for a person: of senders that are proven first, the newest before the others; without the mails."""
    return Incoming.objects.filter(due_at=None).defer("raw").order_by(F("sender").desc(), "-fetched_at", "-pk")


def quarantine(arrived: Incoming, rejection: Rejection, *, sender: str = "", parcel_id: UUID | None = None) -> None:
    """Keep the mail aside for a person, with the first check that failed. Nothing in it is trusted.

    Strangers cannot fill the disk: of what nobody is proven to have sent, only so much is kept whole.
    """
    raw = bytes(arrived.raw)
    kept: dict[str, Any] = {"due_at": None, "rejection": rejection, "sender": sender, "parcel_id": parcel_id}
    kept |= _said(mail.claims(raw))
    unproven = bytes_kept(Incoming.objects.filter(due_at=None, sender=""))
    if not sender and unproven + len(raw) > UNPROVEN_LIMIT:
        kept |= _only_whom(raw)
    Incoming.objects.filter(pk=arrived.pk).update(**kept)


def refuse_unread(
    raw: bytes, size: int, rejection: Rejection, *, stays: bool = False, mails: int = 1, at: datetime
) -> None:
    """Tell a person of a mail of `size` bytes, and keep nothing of it but whom it says it is from.

    `stays`: it is still in the mailbox. `mails`: for how many the line stands.
    """
    with transaction.atomic():
        account_for_stranger(at)
        facts = _only_whom(raw) | {"rejection": rejection, "stays": stays, "mails": mails}
        Incoming.objects.create(size=size, fetched_at=at, due_at=None, **facts)


def set_aside(arrived: Incoming, rejection: Rejection, *, at: datetime) -> None:
    """Of a mail that is stored, and is no archive that can be kept, nothing stays but whom it says it is from."""
    account_for_stranger(at)
    kept = _only_whom(bytes(arrived.raw))
    Incoming.objects.filter(pk=arrived.pk).update(due_at=None, rejection=rejection, **kept)


def tell_too_many(raw: bytes, mails: int, *, at: datetime) -> None:
    """One line for each sender of whom mails stay in the mailbox until the next hour."""
    told = Incoming.objects.filter(
        due_at=None, rejection=Rejection.TOO_MANY_MAILS, said_address=_said(mail.claims(raw))["said_address"]
    )
    if told.filter(fetched_at__gt=at - HOUR).update(mails=F("mails") + mails):
        return
    if not told.update(mails=mails, fetched_at=at):
        refuse_unread(raw, 0, Rejection.TOO_MANY_MAILS, stays=True, mails=mails, at=at)


def account_for_stranger(at: datetime) -> None:
    """One entry an hour for all that strangers mail: the ledger is for ever, and anybody can mail."""
    strangers = Incoming.objects.filter(due_at=None, sender="", fetched_at__gt=at - HOUR)
    if not strangers.exists():
        ledger.record(Act.QUARANTINED, "node", by=WORKER, at=at)


def bytes_kept(mails: QuerySet[Incoming]) -> int:
    """How much is really kept of these, whatever their size was."""
    return mails.aggregate(bytes=Sum(Length("raw")))["bytes"] or 0


def _only_whom(raw: bytes) -> dict[str, Any]:
    return {"raw": mail.from_whom(raw) + b"\r\n", "is_whole": False} | _said(mail.claims(raw))


def _said(claims: mail.Claims) -> dict[str, Any]:
    address = claims.address[: mail.LONGEST_CLAIM]
    return {"said_from": claims.sender, "said_date": claims.sent, "said_address": address}


def discard(arrived: Incoming) -> None:
    """A person threw a quarantined mail away. Raises `WrongState` when somebody was first."""
    if not Incoming.objects.filter(pk=arrived.pk, due_at=None).delete()[0]:
        raise WrongState


def of_same_sender(arrived: Incoming) -> QuerySet[Incoming]:
    """What is in quarantine and says that it is from the same address; nothing of senders that are proven."""
    return Incoming.objects.filter(due_at=None, sender="", said_address=arrived.said_address)


def try_again(arrived: Incoming, *, at: datetime) -> None:
    """Look at a quarantined mail anew, from the first check: perhaps the protocol or a key has come since.

    Raises `WrongState` when it is gone, or nothing of it was kept.
    """
    kept = Incoming.objects.filter(pk=arrived.pk, due_at=None, is_whole=True)
    if not kept.update(due_at=at, attempts=0, failures=0, rejection=""):
        raise WrongState


def empty_quarantine(at: datetime) -> int:
    """Delete the mails and the archives made by hand that waited for the whole term (policy); how many."""
    term = timedelta(days=settings.QUARANTINE_DAYS)
    for waiting in ByHand.objects.filter(parcel_id=None, came_at__lt=at - term):
        with transaction.atomic():
            vault.erase(waiting.record)
            waiting.delete()
    Left.objects.filter(told_at__lt=at - REMEMBER_LEFT).delete()
    Stranger.objects.filter(hour__lt=at - timedelta(days=1)).delete()
    return Incoming.objects.filter(due_at=None, fetched_at__lt=at - term).delete()[0]
