"""From officer to officer: numbered notices of a breach, remarks, and that they were read (art. 9, GDPR 33(4))."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol.decide import duty
from brug.core.protocol.document import Protocol
from brug.desks.breaches.models import Affected, Breach, Word
from brug.desks.breaches.moves import move, parse_text, record, tell_officers
from brug.desks.breaches.states import BreachEvent, BreachState, Kind, Source
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries as registry


def partners(at: datetime) -> list[tuple[Counterparty, Protocol]]:
    """Every party we share a protocol with, in force or not: a duty outlives it."""
    both = registry.by_recipient(settings.PARTY, at) + registry.by_discloser(settings.PARTY, at)
    found = []
    for party in Counterparty.objects.order_by("name"):
        shared = [p for p in both if party.kbo in {p.discloser.kbo.digits, p.recipient.kbo.digits}]
        if shared:
            found.append((party, shared[0]))
    return found


def tell(breach: Breach, kbo: str, *, by: Member, at: datetime) -> Word:
    """Send the other party's officer a numbered notice of the case as it stands; references, never names.

    Without a node over there it is noted as told by phone. Raises `Invalid` (not described yet, no such party, told
    another party before), `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    party, protocol = _partner(breach, kbo, at)
    if not breach.is_described or breach.aware_at is None:
        raise Invalid("not_described", "A case with its facts, consequences, measures and risk.")
    references = tuple(sorted(set(breach.affected.values_list("told_as", flat=True))))
    number = (breach.words.filter(is_ours=True).aggregate(last=Max("number"))["last"] or 0) + 1
    content = message.BreachNotice(
        breach_id=breach.breach_id,
        number=number,
        suspected_at=breach.suspected_at,
        aware_at=breach.aware_at,
        aspects=frozenset(breach.aspects),
        risk=breach.risk,  # type: ignore[arg-type]  # one of `Risk`
        references=references,
        facts=breach.facts,
        consequences=breach.consequences,
        measures=breach.measures,
    )
    stands = {"partner": kbo, "protocol": f"{protocol.id}@{protocol.version}"}
    word = Word(
        breach=breach,
        is_ours=True,
        number=number,
        text=breach.facts,
        consequences=breach.consequences,
        measures=breach.measures,
        risk=breach.risk,
        count=len(references),
        said_at=at,
        by_phone=not party.has_node,
    )
    _say(breach, word, content, party, protocol, stands, by=by, at=at)
    return word


def remark(breach: Breach, text: str, *, by: Member, at: datetime) -> Word:
    """A word in the joint consultation. Raises `Invalid` (nobody was told yet), `WrongState`."""
    check(by, Verb.RUN_BREACH, at=at)
    if not breach.partner:
        raise Invalid("nobody_told", "A case of which the other party was told.")
    party, protocol = _partner(breach, breach.partner, at)
    said = parse_text(text)
    content = message.BreachRemark(breach_id=breach.breach_id, remark=said, said_at=at)
    word = Word(breach=breach, is_ours=True, text=said, said_at=at, by_phone=not party.has_node)
    _say(breach, word, content, party, protocol, {}, by=by, at=at)
    return word


def _say(
    breach: Breach,
    word: Word,
    content: message.Message,
    party: Counterparty,
    protocol: Protocol,
    changes: dict[str, str],
    *,
    by: Member,
    at: datetime,
) -> None:
    permit = duty(protocol, content.kind, sender=settings.PARTY, recipient=party.kbo, at=at)
    parcel = None if word.by_phone else disclosure.prepare(permit, content, at=at)
    with transaction.atomic():
        move(breach, BreachEvent.SAY, **changes)
        word.save()
        if parcel:
            disclosure.hand_over(parcel, permit, subject=breach.reference, by=by.pseudonym.hex, role=by.role, at=at)
        else:
            record("breach_told_by_phone", breach, by=by, at=at)


def _partner(breach: Breach, kbo: str, at: datetime) -> tuple[Counterparty, Protocol]:
    if breach.partner and breach.partner != kbo:
        raise Invalid("other_partner", "The party that this case is shared with.")
    for party, protocol in partners(at):
        if party.kbo == kbo:
            return party, protocol
    raise Invalid("no_such_party", "A party of a protocol with us.")


def take_notice(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The other officer tells of a breach: a case of our own, whose clock starts when somebody reads it.

    A later number adds to it. Called by the worker inside the transaction that accepts the parcel.
    """
    if not isinstance(content, message.BreachNotice):
        raise TypeError("take_notice takes notices of breaches")
    breach = Breach.objects.filter(breach_id=content.breach_id, partner=arrival.sender).first()
    if breach and breach.words.filter(is_ours=False, number=content.number).exists():
        return
    breach = breach or _open_theirs(content, arrival, at)
    Word.objects.create(
        breach=breach,
        is_ours=False,
        number=content.number,
        text=content.facts,
        consequences=content.consequences,
        measures=content.measures,
        risk=content.risk,
        count=len(content.references),
        said_at=at,
    )
    references = sorted(set(content.references))
    Affected.objects.bulk_create(
        [Affected(breach=breach, reference=each, told_as=each, source=Source.TOLD) for each in references],
        ignore_conflicts=True,
    )
    record("breach_notice_taken_in", breach, by=None, at=at)
    tell_officers("breach", at)


def _open_theirs(content: message.BreachNotice, arrival: Arrival, at: datetime) -> Breach:
    """A case of our own on what they told; suspected from now, and nobody is aware before somebody has read it."""
    return Breach.objects.create(
        reference=uuid.uuid4(),
        breach_id=content.breach_id,
        is_theirs=True,
        partner=arrival.sender,
        protocol=f"{arrival.protocol.id}@{arrival.protocol.version}",
        kind=Kind.OTHER,
        recorded_at=at,
        suspected_at=at,
        facts=content.facts,
        consequences=content.consequences,
        measures=content.measures,
        aspects=sorted(content.aspects),
        risk=content.risk,
    )


def take_remark(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A word of the other officer; one on a case that we do not share is not kept. Called as `take_notice`."""
    if not isinstance(content, message.BreachRemark):
        raise TypeError("take_remark takes remarks")
    breach = Breach.objects.filter(breach_id=content.breach_id, partner=arrival.sender).first()
    if breach is None:
        return
    Word.objects.create(breach=breach, is_ours=False, text=content.remark, said_at=content.said_at)
    record("breach_remark_taken_in", breach, by=None, at=at)
    tell_officers("breach", at)


def read(breach: Breach, *, by: Member, at: datetime) -> None:
    """An officer has read what the other told: this controller is aware, and its own 72 hours run from now.

    The other side is told that it was read. A second click does nothing twice.
    """
    check(by, Verb.RUN_BREACH, at=at)
    party, protocol = _partner(breach, breach.partner, at)
    if not breach.words.filter(is_ours=False, read_at=None).exists():
        return
    permit = duty(protocol, "acknowledgement", sender=settings.PARTY, recipient=party.kbo, at=at)
    content = message.Acknowledgement(about=breach.breach_id, read_at=at)
    parcel = disclosure.prepare(permit, content, at=at) if party.has_node else None
    with transaction.atomic():
        if breach.state == BreachState.SUSPECTED:
            move(breach, BreachEvent.CONFIRM, aware_at=at)
        breach.words.filter(is_ours=False, read_at=None).update(read_at=at)
        record("breach_notice_read", breach, by=by, at=at)
        if parcel:
            disclosure.hand_over(parcel, permit, subject=breach.reference, by=by.pseudonym.hex, role=by.role, at=at)


def record_acknowledgement(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A person at the other side has read what we told of this breach. What is not ours to know is passed over."""
    if isinstance(content, message.Acknowledgement):
        for breach in Breach.objects.filter(breach_id=content.about, partner=arrival.sender):
            breach.words.filter(is_ours=True, read_at=None).update(read_at=content.read_at)
