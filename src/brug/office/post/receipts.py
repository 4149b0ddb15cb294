"""What the other party says of a parcel: it is taken in, or it is kept shut there and a person has to act (art. 6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from brug.office.post.models import Outgoing
from brug.office.post.services import first_id, same_content
from brug.office.post.states import OutgoingState
from brug.office.vault import services as vault


def record_receipt(parcel_id: UUID, *, sender: str, at: datetime) -> bool:
    """The party it went to (`sender` of the receipt, KBO digits) has the parcel: it is due no more.

    Also when another came in its place: what arrived is what can be sent again, should its receiver be restored. Not
    when a person stopped it. Whether this was news. Call inside the transaction that takes the receipt in.
    """
    theirs, family = Outgoing.objects.filter(parcel_id=parcel_id, recipient=sender), same_content(first_id(parcel_id))
    list(family.select_for_update(of=("self",)))  # who stops it or seals it anew comes before, or after
    known = theirs.filter(received_at=None).update(received_at=at, due_at=None, undelivered_at=None)
    if family.exclude(state=OutgoingState.STOPPED).exists():
        theirs.update(state=OutgoingState.RECEIVED)
    if known:
        _end_family(parcel_id)
    return bool(known)


def record_refusal(parcel_id: UUID, *, sender: str, at: datetime) -> Outgoing | None:
    """The party it went to keeps the parcel shut: nothing of it is sent by itself, until a person has it sent again.

    The parcel, when this was news; None for a referral too: its desk hands it back to who sent it. What was stopped
    stays so, and what was sealed anew in its place stays on its way. Call as `record_receipt`.
    """
    refused = Outgoing.objects.filter(parcel_id=parcel_id, recipient=sender).exclude(state=OutgoingState.STOPPED)
    if refused.filter(kind="referral").exists():
        record_receipt(parcel_id, sender=sender, at=at)
        return None
    on_its_way = refused.filter(state__in=[OutgoingState.QUEUED, OutgoingState.SENT])
    news = on_its_way.update(state=OutgoingState.BOUNCED, due_at=None, undelivered_at=None)
    return refused.get() if news else None


def _end_family(parcel_id: UUID) -> None:
    """The content arrived: its password goes, and what holds the same content need not be sent any more."""
    received = Outgoing.objects.get(parcel_id=parcel_id)
    for parcel in same_content(received.first_id):
        if parcel.secret:
            vault.erase(parcel.secret)
        if parcel.pk != received.pk and parcel.received_at is None:
            Outgoing.objects.filter(pk=parcel.pk).update(state=OutgoingState.STOPPED, due_at=None)
