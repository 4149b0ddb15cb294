"""How far a parcel is on its way, as lines of a timeline; that a person opened it never shows (art. 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from brug.office.disclosure.upkeep import SILENT_AFTER
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState

register = template.Library()


@register.inclusion_tag("web/components/sending.html")
def sending(parcel_id: UUID | None) -> dict[str, Any]:
    """What the mail room knows of the parcel beyond that it was handed to it; nothing when it knows none."""
    parcel = Outgoing.objects.filter(parcel_id=parcel_id).first() if parcel_id else None
    if parcel is None:
        return {}
    open_still = parcel.state in {OutgoingState.QUEUED, OutgoingState.SENT, OutgoingState.BOUNCED}
    return {
        "parcel": parcel,
        "undelivered": open_still and parcel.undelivered_at,
        "is_over": parcel.state == OutgoingState.BOUNCED,
        "is_silent": open_still and timezone.now() - parcel.trying_since > SILENT_AFTER,
    }
