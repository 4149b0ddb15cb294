"""What became of what was sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState

BYTES = ("archive", "manifest")  # of an outgoing parcel: most of what its row weighs
SILENT_AFTER = timedelta(hours=2)  # without a receipt a person is told (policy: two hours)


def silent(at: datetime) -> list[Outgoing]:
    """What was sent and has no receipt although there was time, or was refused, oldest first: for a person."""
    late = Q(state__in=[OutgoingState.QUEUED, OutgoingState.SENT], trying_since__lt=at - SILENT_AFTER)
    waiting = Outgoing.objects.filter(late | Q(state=OutgoingState.BOUNCED), awaits_receipt=True)
    return list(waiting.defer(*BYTES).order_by("trying_since"))
