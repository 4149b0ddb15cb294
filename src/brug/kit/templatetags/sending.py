"""How far a parcel is on its way, as lines of a timeline; that a person opened it never shows (art. 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from brug.office.disclosure import calls, destination
from brug.office.parties.may import Verb, may
from brug.office.parties.models import Counterparty
from brug.office.parties.states import Joint
from brug.office.post import by_hand
from brug.office.post import services as post
from brug.office.post.models import ByHand, Outgoing
from brug.office.post.queries import SILENT_AFTER
from brug.office.post.states import OutgoingState

register = template.Library()


@register.simple_tag
def parcel_of(parcel_id: UUID | None) -> Outgoing | None:
    """The parcel that now carries what was handed over under this id."""
    return post.latest(parcel_id) if parcel_id else None


@register.simple_tag
def waits_for_end(parcel_id: UUID | None) -> bool:
    """Whether this content is not confirmed yet, and stays here until a second person decides of an end."""
    parcel = parcel_of(parcel_id)
    if parcel is None or parcel.state not in calls.OPEN:
        return False
    return destination.why_held([parcel], timezone.now()).get(parcel.pk) == Joint.END


@register.inclusion_tag("kit/components/promise.html")
def promise(kbo: str, name: str) -> dict[str, Any]:
    """What a family may count on at this party, as it publishes it itself, and the number that they can call."""
    return {"party": Counterparty.objects.filter(kbo=kbo).first(), "name": name}


@register.simple_tag
def by_hand_of(parcel_id: UUID) -> ByHand | None:
    """The archive made by hand that this was typed over from, or None: it came by a signed parcel."""
    return ByHand.objects.filter(parcel_id=parcel_id).first()


@register.inclusion_tag("kit/components/by_hand_waiting.html", takes_context=True)
def by_hand_waiting(context: Any) -> dict[str, Any]:
    """How many archives wait for a phoned password or for a call back; nothing for who may not open them."""
    member = context["request"].user
    allowed = may(member, Verb.TAKE_IN_BY_HAND, at=timezone.now())
    waiting = by_hand.waiting().count() + by_hand.unproven().count() if allowed else 0
    return {"count": waiting}


@register.inclusion_tag("kit/components/calls_waiting.html", takes_context=True)
def calls_waiting(context: Any) -> dict[str, Any]:
    """How many calls this member can make now."""
    return {"count": len(calls.to_make(context["request"].user, timezone.now()))}


@register.inclusion_tag("kit/components/sending.html")
def sending(parcel_id: UUID | None) -> dict[str, Any]:
    """What the mail room knows of the parcel beyond that it was handed to it; nothing when it knows none."""
    parcel = parcel_of(parcel_id)
    if parcel is None:
        return {}
    open_still = parcel.state in {OutgoingState.QUEUED, OutgoingState.SENT, OutgoingState.BOUNCED}
    return {
        "parcel": parcel,
        "undelivered": open_still and parcel.undelivered_at,
        "is_over": parcel.state == OutgoingState.BOUNCED,
        "is_silent": open_still and timezone.now() - parcel.trying_since > SILENT_AFTER,
    }
