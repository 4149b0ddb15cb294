"""The other helpers of integrated broad intake that this OCMW may involve, each with the proof that it is one (art. 4).

A partner has no need of a node: its parcel goes by mail, and the password by phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from brug.core.calendar import legal_day
from brug.core.identity import Invalid, KboNumber, parse_email, parse_line, parse_phone
from brug.core.protocol.decide import PARTNERS
from brug.core.states import Changed
from brug.desks.casework.models import Partner
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import Act
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.states import Category
from brug.office.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Facts:
    """What the dispatcher knows of a partner; `proof` names the document of its membership, `proven_on` its day."""

    kbo: str
    name: str
    category: str
    mailbox: str
    phone: str
    proof: str
    proven_on: date


def listed() -> QuerySet[Partner]:
    """Every partner, those of today first."""
    return Partner.objects.select_related("counterparty").order_by("retired_on", "counterparty__name")


def today() -> QuerySet[Partner]:
    """The partners that a social worker may choose now, by name."""
    return listed().filter(retired_on=None).order_by("counterparty__name")


def categories() -> list[Category]:
    """What a partner may be: the core actors, and what the policy of this node adds."""
    return [category for category in Category if category in PARTNERS | set(settings.PARTNERS_ALSO)]


def add(facts: Facts, *, by: Member, at: datetime) -> Partner:
    """Add a partner. One that this node has met already keeps its name, mailbox and keys. Raises `Invalid`."""
    check(by, Verb.EDIT_PARTNERS, at=at)
    kbo = KboNumber.parse(facts.kbo).digits
    if facts.category not in categories():
        raise Invalid("not_a_partner", "Another OCMW, a CAW or a DMW.")
    if facts.proven_on > legal_day(at):
        raise Invalid("proven_in_future", "Today, or a day before.")
    if Partner.objects.filter(counterparty__kbo=kbo).exists() or kbo == settings.PARTY:
        raise Invalid("partner_is_listed", "A party that is not in the list yet.")
    if kbo in _of_our_protocols(at):
        raise Invalid("partner_is_a_party", "A party that is in no protocol with this one.")
    told = {
        "name": parse_line(facts.name),
        "category": facts.category,
        "mailbox": parse_email(facts.mailbox),
        "phone": parse_phone(facts.phone),
        "confirmed_at": at,
    }
    with transaction.atomic():
        party, is_new = Counterparty.objects.get_or_create(kbo=kbo, defaults=told)
        if not is_new and party.category == Category.PARTY:
            Counterparty.objects.filter(pk=party.pk).update(category=facts.category)
        made = Partner.objects.create(counterparty=party, proof=parse_line(facts.proof), proven_on=facts.proven_on)
        _record(Act.PARTNER_LISTED, by=by, at=at)
    return made


def _of_our_protocols(at: datetime) -> set[str]:
    """Every party of a protocol with this one: it gets what the protocol says, and is no partner."""
    ours = registry.by_recipient(settings.PARTY, at) + registry.by_discloser(settings.PARTY, at)
    return {party.kbo.digits for protocol in ours for party in (protocol.discloser, protocol.recipient)}


def retire(partner: Partner, *, by: Member, at: datetime, version: int) -> None:
    """No partner any more: it may not be chosen; what was sent stays on the timelines. Raises `Changed`."""
    check(by, Verb.EDIT_PARTNERS, at=at)
    with transaction.atomic():
        _change(partner, version, retired_on=legal_day(at))
        _record(Act.PARTNER_RETIRED, by=by, at=at)


def prove_again(partner: Partner, proof: str, proven_on: date, *, by: Member, at: datetime, version: int) -> None:
    """A newer document, or a partner that comes back. Raises `Invalid`, `Changed`."""
    check(by, Verb.EDIT_PARTNERS, at=at)
    if proven_on > legal_day(at):
        raise Invalid("proven_in_future", "Today, or a day before.")
    spelt = parse_line(proof)
    with transaction.atomic():
        _change(partner, version, proof=spelt, proven_on=proven_on, retired_on=None)
        _record(Act.PARTNER_LISTED, by=by, at=at)


def _change(partner: Partner, version: int, **changes: Any) -> None:
    """Another version of the entry, if nobody changed it since `version`; the UPDATE decides."""
    if not Partner.objects.filter(pk=partner.pk, version=version).update(version=version + 1, **changes):
        raise Changed
    partner.refresh_from_db()


def _record(act: Act, *, by: Member, at: datetime) -> None:
    ledger.record(act, "node", by=by.actor, at=at)
