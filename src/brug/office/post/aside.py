"""Mail in quarantine: set aside for a person, looked at anew or thrown away, and gone after its term (art. 6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from brug.core.parcel import Rejection
from brug.core.states import WrongState
from brug.office.post import by_hand, mail
from brug.office.post.models import ByHand, Incoming, Left
from brug.office.vault import services as vault

UNPROVEN_LIMIT = 200_000_000  # bytes of quarantined mail that nobody is proven to have sent
REMEMBER_LEFT = timedelta(days=365)  # of a mail that is none of ours, that a person was told; its hash, nothing else


def quarantine(arrived: Incoming, rejection: Rejection, *, sender: str = "", parcel_id: UUID | None = None) -> None:
    """Keep the mail aside for a person, with the first check that failed. Nothing in it is trusted.

    Strangers cannot fill the disk: of what nobody is proven to have sent, only so much is kept whole.
    """
    kept: dict[str, Any] = {"due_at": None, "rejection": rejection, "sender": sender, "parcel_id": parcel_id}
    unproven = by_hand.bytes_kept(Incoming.objects.filter(due_at=None, sender=""))
    if not sender and unproven + len(arrived.raw) > UNPROVEN_LIMIT:
        kept["raw"] = mail.from_whom(bytes(arrived.raw))
    Incoming.objects.filter(pk=arrived.pk).update(**kept)


def discard(arrived: Incoming) -> None:
    """A person threw a quarantined mail away. Raises `WrongState` when somebody was first."""
    if not Incoming.objects.filter(pk=arrived.pk, due_at=None).delete()[0]:
        raise WrongState("gone", "discard")


def try_again(arrived: Incoming, *, at: datetime) -> None:
    """Look at a quarantined mail anew, from the first check: perhaps the protocol or a key has come since."""
    if not Incoming.objects.filter(pk=arrived.pk, due_at=None).update(due_at=at, attempts=0, failures=0, rejection=""):
        raise WrongState("gone", "try_again")


def empty_quarantine(at: datetime) -> int:
    """Delete the mails and the archives made by hand that waited for the whole term (policy); how many."""
    term = timedelta(days=settings.QUARANTINE_DAYS)
    for waiting in ByHand.objects.filter(parcel_id=None, came_at__lt=at - term):
        with transaction.atomic():
            vault.erase(waiting.record)
            waiting.delete()
    Left.objects.filter(told_at__lt=at - REMEMBER_LEFT).delete()
    return Incoming.objects.filter(due_at=None, fetched_at__lt=at - term).delete()[0]
