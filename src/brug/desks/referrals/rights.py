"""What a client may ask of the discloser: all that is kept, put right, erased, restricted; the OCMW is told (GDPR 19).

Reached through the desk for requests, by the worker who has the request. The consent record stays after an erasure: it
proves that what was done was allowed (GDPR 7(1), 17(3)(e)), and knows the client by keyed digests only.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import municipality
from brug.core.leaflet.letter import Account, Kept
from brug.core.names import fold, in_part
from brug.core.states import Changed, WrongState
from brug.desks.referrals import recognition, services, withdrawal
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import DISCARDABLE, ReferralEvent, ReferralState
from brug.office.asks import Found, Known, Sought
from brug.office.disclosure import services as disclosure
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.moves import move
from brug.office.parties.models import Member
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import queries as registry
from brug.office.vault import services as vault

MARKED = ("name", "phone", "email")
HERE = (*DISCARDABLE, ReferralState.SENT, ReferralState.REFUSED, ReferralState.STOPPED)  # contact data may be here


def find(sought: Sought, *, by: Member, at: datetime) -> list[Found]:
    """The referrals of who has this folded `name`, this `phone` or this `email`, and in what each agrees."""
    asked = sought.typed()
    agreed: dict[UUID, set[str]] = {}
    for field, value in asked.items():
        for reference, code in recognition.known_as(field, value).items():
            agreed.setdefault(reference, set()).add(code)
    for referral in Referral.objects.filter(state__in=HERE):
        typed = services.typed_of(referral)
        for field, value in asked.items():
            kept = _typed(typed, field)
            if kept and kept == value:
                agreed.setdefault(referral.reference, set()).add(field)
            elif field == "name" and in_part(value, kept):
                agreed.setdefault(referral.reference, set()).add("name_in_part")
    found = Referral.objects.filter(reference__in=agreed).order_by("pk")
    with transaction.atomic():
        for referral in found:
            _record(Act.CLIENT_COMPARED, referral, by=by, at=at, article="GDPR 15")
    return [Found(each.reference, each.number, tuple(sorted(agreed[each.reference]))) for each in found]


def _typed(typed: dict[str, Any], field: str) -> str:
    if field == "name":
        return fold(typed.get("given_name", ""), typed.get("family_name", ""))
    return str(typed.get(field) or "")


def _referral(reference: UUID) -> Referral | None:
    return Referral.objects.select_related("team").filter(reference=reference).first()


def number(reference: UUID) -> str:
    """The number of the referral; "" once it is gone."""
    referral = _referral(reference)
    return referral.number if referral else ""


def works_with(reference: UUID) -> list[Member]:
    """The notifier, in service."""
    referral = _referral(reference)
    return [referral.notifier] if referral and referral.notifier.is_active else []


def referrals_in(reference: UUID) -> list[UUID]:
    """Itself: the discloser's reference is the one that both sides know."""
    return [reference]


def is_erasure_asked(reference: UUID) -> bool:
    """Never: what the discloser erases is erased at once."""
    return False


def to_tell(reference: UUID) -> list[str]:
    """Nobody: a parcel tells the OCMW."""
    return []


def gather(reference: UUID, *, by: Member, at: datetime) -> dict[str, Any]:
    """All that is kept of one referral, as JSON values; the digests of the consent record are named, not given."""
    if (referral := _referral(reference)) is None:
        return {"number": "", "reference": str(reference)}
    with transaction.atomic():
        _record(Act.CLIENT_GATHERED, referral, by=by, at=at)
    consent = services.consent_of(referral) or {}
    place = municipality(referral.residence, legal_day(at))
    return {
        "number": referral.number,
        "reference": str(referral.reference),
        "state": referral.state,
        "started_at": referral.started_at.isoformat(),
        "sent_at": referral.sent_at.isoformat() if referral.sent_at else None,
        "received_at": referral.received_at.isoformat() if referral.received_at else None,
        "residence": place.name if place else referral.residence,
        "team": referral.team.name,
        "protocol": f"{referral.protocol_id}@{referral.protocol_version}" if referral.protocol_id else None,
        "client": services.typed_of(referral),
        "consent": {name: value for name, value in consent.items() if name not in {"client", "recorded_by", "told_to"}},
        "kept_as_digest": sorted(consent.get("client", {})),
    }


def account(reference: UUID, *, by: Member, at: datetime) -> Account | None:
    """What the letter says of one referral: what is here, to whom it went, how long the proof of the yes stays."""
    if (referral := _referral(reference)) is None:
        return None
    with transaction.atomic():
        _record(Act.CLIENT_GATHERED, referral, by=by, at=at)
    typed, consent = services.typed_of(referral), services.consent_of(referral) or {}
    protocol = registry.protocol(referral.protocol_id, referral.protocol_version or 0) if referral.protocol_id else None
    protocol = protocol or services.protocol_for(referral, at)
    said = datetime.fromisoformat(consent["consented_at"]) if consent else referral.started_at
    gave = [(legal_day(referral.sent_at), protocol.recipient.short_name)] if protocol and referral.sent_at else []
    return Account(
        protocol=protocol,
        clients=((typed, referral.residence),) if typed else (),
        came=((legal_day(said), ""),),
        gave=tuple(gave) if has_left(referral) else (),
        kept=tuple(Kept(*each) for each in vault.terms([referral.client, referral.consent], legal_day(at))),
        language=consent.get("language", ""),
    )


def known(references: Iterable[UUID], *, at: datetime) -> dict[UUID, Known]:
    """The referrals of these references: the notifier knows the family; compared by the program itself (GDPR 34)."""
    found: dict[UUID, Known] = {}
    for referral in Referral.objects.select_related("notifier").filter(reference__in=list(references)):
        marks = dict((services.consent_of(referral) or {}).get("client", {}))
        if typed := services.typed_of(referral):
            marks = {field: vault.mark(field, value) for field in MARKED if (value := _typed(typed, field))}
        with transaction.atomic():
            ledger.record(Act.CLIENT_COMPARED, referral.reference, by=WORKER, at=at, article="GDPR 34")
        url = reverse("referral", args=[referral.reference])
        since = referral.sent_at or referral.started_at
        found[referral.reference] = Known(referral.number, referral.notifier, url, since, frozenset(marks.items()))
    return found


def numbered(number: str) -> UUID | None:
    """The referral that people call by this number."""
    key = recognition.key_of(number)
    return Referral.objects.filter(pk=key).values_list("reference", flat=True).first() if key else None


def has_left(referral: Referral) -> bool:
    """Whether the OCMW may have it: its parcel left, or nobody knows any more that it did not."""
    parcel = Outgoing.objects.filter(parcel_id=referral.parcel_id).first() if referral.parcel_id else None
    return referral.received_at is not None or parcel is None or parcel.sent_at is not None or parcel.attempts > 0


def rectify(
    reference: UUID,
    correction: message.Correction,
    folded_name: str,
    *,
    by: Member,
    at: datetime,
    article: str = "GDPR 16",
) -> bool:
    """Put one field right in what is here, and tell the OCMW unless it refused the parcel. Whether there was anything.

    `article`: on what it rests: the client asked (GDPR 16), or the notifier saw her own mistake (art. 7).

    Raises `Invalid` for an address where that OCMW does not serve.
    """
    if (referral := _referral(reference)) is None:
        return False
    is_refused = referral.state == ReferralState.REFUSED  # nobody there opened it: what is sent again is right
    told = None if is_refused else _notice(referral, "rectified", at, correction)
    with transaction.atomic():
        told = told if _is_open(referral) else None  # it may have been taken back while the parcel was sealed
        typed = services.typed_of(referral)
        if typed:
            vault.amend(referral.client, typed | correction.model_dump(mode="json", exclude_none=True), at=at)
            Referral.objects.filter(pk=referral.pk).update(version=F("version") + 1)  # a page that shows it is old
        if recognition.marks_of(referral):
            recognition.remember(referral, correction, folded_name, at=at)
        _hand_over(told, referral, by=by, at=at)
        _record(Act.CLIENT_RECTIFIED, referral, by=by, at=at, article=article)
        transaction.on_commit(vault.truncate_log)
    return bool(typed) or told is not None


def erase(reference: UUID, *, by: Member, at: datetime) -> bool:
    """Erase what is here of the client, stop what has not left, and tell the OCMW that may have it.

    A draft goes whole; of what was sent the consent record stays. Whether there was anything to erase.
    """
    if (referral := _referral(reference)) is None:
        return False
    if referral.state in DISCARDABLE:
        with transaction.atomic():
            vault.erase(referral.client)
            vault.erase(referral.consent)
            _record(Act.REFERRAL_DISCARDED, referral, by=by, at=at, article="GDPR 17")
            referral.delete()
            transaction.on_commit(vault.truncate_log)
        return True
    if referral.state == ReferralState.WITHDRAWN:
        return False
    told = _notice(referral, "erased", at)
    with transaction.atomic():
        never_left = referral.parcel_id is not None and post.stop_unsent(referral.parcel_id)
        try:
            move(referral, ReferralEvent.WITHDRAW)
        except Changed:
            return False  # somebody was first: it is withdrawn already
        vault.erase(referral.client)
        kept = vault.read(referral.consent)
        vault.amend(referral.consent, kept | {"withdrawn_at": at.isoformat(), "told_to": by.pseudonym.hex}, at=at)
        withdrawal.stop_notices(referral)
        if not never_left:
            if referral.parcel_id:
                with suppress(WrongState, Outgoing.DoesNotExist):  # stopped already, or forgotten long ago
                    post.stop(referral.parcel_id)
            _hand_over(told, referral, by=by, at=at)
        _record(Act.CLIENT_ERASED, referral, by=by, at=at)
        transaction.on_commit(vault.truncate_log)
    return True


def restrict(reference: UUID, *, by: Member, at: datetime) -> bool:
    """Tell the OCMW that the client had the processing restricted. Whether it has anything."""
    return _tell(reference, lifted=False, by=by, at=at)


def lift(reference: UUID, *, by: Member, at: datetime) -> bool:
    """Tell the OCMW that the restriction is over. Whether it has anything."""
    return _tell(reference, lifted=True, by=by, at=at)


def _tell(reference: UUID, *, lifted: bool, by: Member, at: datetime) -> bool:
    if (referral := _referral(reference)) is None:
        return False
    told = _notice(referral, "restriction_lifted" if lifted else "restricted", at)
    if told is None:
        return False
    with transaction.atomic():
        if not _is_open(referral):
            return False
        _hand_over(told, referral, by=by, at=at)
        _record(Act.RESTRICTION_LIFTED if lifted else Act.RESTRICTION_ASKED, referral, by=by, at=at)
    return True


def _notice(
    referral: Referral, right: str, at: datetime, correction: message.Correction | None = None
) -> disclosure.Owed | None:
    """A sealed notice for the OCMW that has the referral, or None when nothing of it can be there."""
    protocol = registry.protocol(referral.protocol_id, referral.protocol_version or 0)
    if protocol is None or referral.sent_at is None or referral.state == ReferralState.WITHDRAWN:
        return None
    content = message.RightsNotice(
        referral_id=referral.reference,
        right=right,  # type: ignore[arg-type]  # one of the four
        correction=correction,
        decided_at=at,
    )
    return disclosure.owe(content, protocol, at=at)


def _is_open(referral: Referral) -> bool:
    """Whether the consent stands at this moment, and until the end of the transaction."""
    found = Referral.objects.select_for_update().filter(pk=referral.pk).exclude(state=ReferralState.WITHDRAWN)
    return found.exists()


def _hand_over(told: disclosure.Owed | None, referral: Referral, *, by: Member, at: datetime) -> None:
    if told is not None:
        disclosure.hand_over(*told, subject=referral.reference, by=by.actor, at=at)


def _record(act: Act, referral: Referral, *, by: Member, at: datetime, article: str | None = None) -> None:
    ledger.record(act, referral.reference, by=by.actor, at=at, article=article)
