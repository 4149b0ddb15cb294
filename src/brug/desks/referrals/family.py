"""What the family of a referral sees and does by its own window, at the discloser's (GDPR 7(3), 15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from brug.core.calendar import legal_day
from brug.core.leaflet import DATA
from brug.core.states import WrongState
from brug.desks.referrals import queries, services, withdrawal
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import DISCARDABLE, ReferralState
from brug.office.asks import Gone, Stand, Whose
from brug.office.ledger.queries import looked_on
from brug.office.parties.models import Member
from brug.office.vault.models import Envelope


def stand(reference: UUID) -> Stand | None:
    """How the referral stands; None once its consent record is gone."""
    referral = Referral.objects.filter(reference=reference).first()
    looked = looked_on(reference)
    consent = services.consent_of(referral) if referral else None
    if referral is None or consent is None:
        return None
    return Stand(
        told=tuple(_told(referral, consent)),
        looked_on=looked,
        data=tuple(dict.fromkeys(name for field, name in DATA.items() if field in consent["scope"]["fields"])),
        can_take_back=withdrawal.can_be_withdrawn(referral),
    )


def _told(referral: Referral, consent: dict[str, Any]) -> Iterator[tuple[str, date | None]]:
    if referral.sent_at is None:
        yield "not_given", None
        return
    yield "given", legal_day(referral.sent_at)
    if referral.received_at:
        yield "arrived", legal_day(referral.received_at)
        yield "erased_here", legal_day(referral.received_at)
    elif referral.state == ReferralState.STOPPED:
        yield "stopped", None
    elif referral.state != ReferralState.WITHDRAWN:
        yield "no_answer", None
    if "withdrawn_at" in consent:
        yield "withdrawn", legal_day(datetime.fromisoformat(consent["withdrawn_at"]))
    kept = Envelope.objects.filter(record=referral.consent).first()
    if kept and kept.due_on:
        yield "proof_until", kept.due_on


def still_here(references: Iterable[UUID]) -> set[UUID]:
    """Of these referrals, those that are not gone."""
    return set(Referral.objects.filter(reference__in=list(references)).values_list("reference", flat=True))


def take_back(reference: UUID, *, at: datetime) -> None:
    """What the notifier's withdrawal does, by the family itself. Raises `WrongState`."""
    referral = Referral.objects.select_related("notifier").filter(reference=reference).first()
    if referral is None or referral.state in DISCARDABLE:
        raise WrongState
    withdrawal.withdraw(referral, by=None, at=at)


def check(reference: UUID, member: Member, at: datetime) -> None:
    """Raise `Gone` unless the member may work on this referral, and its client said yes."""
    try:
        referral = queries.workable_by(member, reference, at)
    except Referral.DoesNotExist:
        raise Gone from None
    if referral.state == ReferralState.DRAFT:
        raise Gone


def whose(reference: UUID) -> Whose | None:
    """The notifier's; who is next is the lead of the team."""
    referral = Referral.objects.filter(reference=reference).first()
    if referral is None:
        return None
    return Whose(referral.number, referral.notifier_id, referral.team_id, others="")


def address(reference: UUID) -> str:
    """The page of the referral."""
    return reverse("referral", args=[reference])
