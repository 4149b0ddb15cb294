"""What this desk answers to the others: what was sent, and whose referral it was (art. 7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from brug.core import message
from brug.desks.referrals import recognition
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.asks import Gone, Sent
from brug.office.parties.models import Member
from brug.office.registry import queries as registry


def sent(referral_id: UUID) -> Sent:
    """The referral as it was sent. Raises `Gone`."""
    found = Referral.objects.select_related("notifier__team").filter(reference=referral_id).first()
    protocol = registry.protocol(found.protocol_id, found.protocol_version or 0) if found else None
    if found is None or found.sent_at is None or protocol is None:
        raise Gone
    return Sent(
        referral_id=found.reference,
        number=found.number,
        notifier=found.notifier,
        sent_at=found.sent_at,
        is_withdrawn=found.state == ReferralState.WITHDRAWN,
        recipient=protocol.recipient.kbo.digits,
    )


def recognise(referral_id: UUID, given_name: str, family_name: str, *, by: Member, at: datetime) -> bool:
    """Whether that is the name of the client; an act."""
    found = Referral.objects.filter(reference=referral_id).first()
    return found is not None and recognition.is_client(found, given_name, family_name, by=by, at=at)


def remember_correction(referral_id: UUID, correction: message.Correction, folded_name: str, *, at: datetime) -> str:
    """The record knows the client by what is now right; returns the keyed digest of what was said."""
    return recognition.remember(Referral.objects.get(reference=referral_id), correction, folded_name, at=at)
