"""How a referral leaves when its term is over: a draft at once, a consent record after years (art. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import DISCARDABLE
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from brug.office.vault.retention import Departure


def erase_drafts(records: Sequence[UUID], at: datetime) -> None:
    """The rows behind drafts that are due; both records of each go. Call inside the batch's transaction."""
    theirs = Q(client__in=records) | Q(consent__in=records)
    for referral in Referral.objects.filter(theirs, state__in=DISCARDABLE):
        for record in (referral.client, referral.consent):
            if record not in records:
                vault.erase(record)
        referral.delete()
        _record(Act.DRAFT_EXPIRED, referral, at)


def erase_consents(records: Sequence[UUID], at: datetime) -> None:
    """The referrals whose consent record is due: the last that named them. Call inside the batch's transaction."""
    for referral in Referral.objects.filter(consent__in=records):
        vault.erase(referral.client)
        referral.delete()
        _record(Act.CONSENT_RECORD_ERASED, referral, at)


LETS_GO = {Reason.DRAFT: Departure(erase_drafts), Reason.CONSENT_RECORD: Departure(erase_consents)}


def _record(act: Act, referral: Referral, at: datetime) -> None:
    ledger.record(act, referral.reference, by=WORKER, at=at)
