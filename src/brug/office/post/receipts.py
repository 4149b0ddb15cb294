"""What the other party says of a parcel: it is taken in, or it is kept shut there and a person has to act (art. 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from brug.core.parcel import manifest
from brug.office.moves import move, move_all
from brug.office.post.models import Outgoing
from brug.office.post.services import first_id, same_content
from brug.office.post.states import OutgoingEvent, OutgoingState
from brug.office.vault import services as vault


def record_receipt(parcel_id: UUID, *, sender: str, at: datetime, of: str | None = None) -> bool:
    """The party it went to (`sender` of the receipt, KBO digits) has the parcel: it is due no more.

    Also when another came in its place: what arrived is what can be sent again, should its receiver be restored. Not
    when a person stopped it. `of`: the digest of the manifest that arrived; under another one it is not this parcel.
    Whether this was news. Call inside the transaction that takes the receipt in.
    """
    family = list(same_content(first_id(parcel_id)).select_for_update(of=("self",)))  # who stops it: before, or after
    theirs = next((each for each in family if (each.parcel_id, each.recipient) == (parcel_id, sender)), None)
    if theirs is None or not _is_this(theirs, of):
        return False
    is_news = theirs.received_at is None
    told: dict[str, Any] = {"received_at": at, "due_at": None, "undelivered_at": None, "rejection": ""}
    was_replaced = theirs.state == OutgoingState.STOPPED and any(each.state != theirs.state for each in family)
    move(theirs, OutgoingEvent.OVERTAKE if was_replaced else OutgoingEvent.RECEIPT, **(told if is_news else {}))
    if is_news:
        _end(family, theirs)
    return is_news


def record_refusal(
    parcel_id: UUID, rejection: str, *, sender: str, at: datetime, of: str | None = None
) -> Outgoing | None:
    """The party it went to keeps the parcel shut: nothing of it is sent by itself, until a person has it sent again.

    The parcel, when this was news; None for a referral too: its desk hands it back to who sent it. What was stopped
    stays so, and what was sealed anew in its place stays on its way. Call as `record_receipt`.
    """
    refused = Outgoing.objects.filter(parcel_id=parcel_id, recipient=sender).exclude(state=OutgoingState.STOPPED)
    if any(not _is_this(each, of) for each in refused):
        return None
    if refused.filter(kind="referral").exists():
        record_receipt(parcel_id, sender=sender, at=at, of=of)
        return None
    told = {"due_at": None, "undelivered_at": None, "rejection": rejection}
    news = move_all(refused, OutgoingEvent.REFUSE, **told)
    return refused.get() if news else None


def _is_this(parcel: Outgoing, digest: str | None) -> bool:
    """Whether a receipt about this digest is about `parcel`; one that names none is about the id."""
    return digest is None or digest == manifest.digest_of(parcel.manifest)


def _end(family: list[Outgoing], received: Outgoing) -> None:
    """The content arrived: its password goes, and what holds the same content need not be sent any more.

    Nor need an earlier canary: that the way is open now is all that it was to show.
    """
    if received.kind == "canary":
        earlier = Outgoing.objects.filter(kind="canary", recipient=received.recipient, pk__lt=received.pk)
        move_all(earlier.filter(received_at=None), OutgoingEvent.STOP, due_at=None)
    for parcel in family:
        if parcel.secret:
            vault.erase(parcel.secret)
        if parcel.pk != received.pk and parcel.received_at is None:
            move_all(Outgoing.objects.filter(pk=parcel.pk), OutgoingEvent.STOP, due_at=None)
