"""From officer to officer: numbered notices of a breach, remarks, and that they were read (art. 9, GDPR 33(4))."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.breaches import affected
from brug.desks.breaches.models import Affected, Breach, Call, Word
from brug.desks.breaches.records import parse_text, record, reopen
from brug.desks.breaches.states import TOLD_BY_REFERENCE, TRANSITIONS, BreachEvent, BreachState, Kind, Source
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import Act
from brug.office.moves import move
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member
from brug.office.registry import queries as registry

OTHERS = "Daarnaast gaat het bij benadering om {} andere dossiers onder ons protocol."  # as all that officers write


def counterparties(at: datetime) -> list[tuple[Counterparty, Protocol]]:
    """Every party we share a protocol with, in force or not: a duty outlives it."""
    both = registry.by_recipient(settings.PARTY, at) + registry.by_discloser(settings.PARTY, at)
    found = []
    for party in Counterparty.objects.order_by("name"):
        shared = [p for p in both if party.kbo in {p.discloser.kbo.digits, p.recipient.kbo.digits}]
        if shared:
            found.append((party, shared[0]))
    return found


def tell(breach: Breach, kbo: str, *, said: int | None = None, by: Member, at: datetime) -> Word:
    """Send the other party's officer a numbered notice of the case as it stands; references, never names.

    Without a node over there it goes as a 7z mail, and the officer reads out the words that open it. Each party has
    notices of its own, with its own references. `said`: what `count_said` was when the sender saw the case.
    Raises `Invalid` (not described yet, no such party), `WrongState` (also when something was said since).
    """
    check(by, Verb.RUN_BREACH, at=at)
    party, protocol = _partner(kbo, at)
    if not breach.is_described or breach.aware_at is None:
        raise Invalid("not_described", "A case with its facts, consequences, measures and risk.")
    references, facts = _shown(breach, kbo)
    ours = breach.words.filter(is_ours=True, party=kbo)
    number = (ours.aggregate(last=Max("number"))["last"] or 0) + 1
    content = message.BreachNotice(
        breach_id=breach.breach_id,
        number=number,
        suspected_at=breach.suspected_at,
        aware_at=breach.aware_at,
        aspects=frozenset(breach.aspects),
        risk=breach.risk,  # type: ignore[arg-type]  # one of `Risk`
        references=references,
        facts=facts,
        consequences=breach.consequences,
        measures=breach.measures,
    )
    word = Word(
        breach=breach,
        party=kbo,
        is_ours=True,
        number=number,
        text=facts,
        consequences=breach.consequences,
        measures=breach.measures,
        risk=breach.risk,
        count=len(references),
        said_at=at,
        by_phone=not party.has_node,
    )
    _say(breach, word, content, party, protocol, said=said, by=by, at=at)
    return word


def count_said(breach: Breach) -> int:
    """How often we said something about this case to another party."""
    return breach.words.filter(is_ours=True).count()


def _shown(breach: Breach, kbo: str) -> tuple[tuple[uuid.UUID, ...], str]:
    """What this party may see: its references that passed between us, and the facts with about how many others.

    What one of our accounts opened or a backup held would say who has a file here (art. 4): those have no number.
    """
    theirs = breach.affected.filter(party=kbo)
    between_us = theirs.filter(source__in=TOLD_BY_REFERENCE)
    references = tuple(sorted(set(between_us.values_list("told_as", flat=True))))
    others = theirs.exclude(source__in=TOLD_BY_REFERENCE).count()
    if not others:
        return references, breach.facts
    return references, parse_text(f"{breach.facts}\n{OTHERS.format(-(-others // 10) * 10)}")


def sharers(breach: Breach) -> list[str]:
    """The parties (KBO digits) with which words on this case were exchanged."""
    return sorted({breach.party, *breach.words.values_list("party", flat=True)} - {""})


def remark(breach: Breach, text: str, kbo: str = "", *, said: int | None = None, by: Member, at: datetime) -> Word:
    """A word in the joint consultation with the party `kbo`, by default the only one that shares the case.

    Raises `Invalid` (nobody was told yet, no such party), `WrongState`.
    """
    check(by, Verb.RUN_BREACH, at=at)
    shared = sharers(breach)
    if not shared:
        raise Invalid("nobody_told", "A case of which the other party was told.")
    kbo = kbo or (shared[0] if len(shared) == 1 else "")
    if kbo not in shared:
        raise Invalid("not_shared", "A party that was told of this case.")
    party, protocol = _partner(kbo, at)
    words = parse_text(text)
    content = message.BreachRemark(breach_id=breach.breach_id, remark=words, said_at=at)
    word = Word(breach=breach, party=kbo, is_ours=True, text=words, said_at=at, by_phone=not party.has_node)
    _say(breach, word, content, party, protocol, said=said, by=by, at=at)
    return word


def call(breach: Breach, kbo: str, facts: Call, *, by: Member, at: datetime) -> None:
    """The officers spoke; the number is kept as that officer's. Once for each `facts.reference` (art. 9).

    Raises `Invalid` (to come, no such party).
    """
    check(by, Verb.RUN_BREACH, at=at)
    party, _protocol = _partner(kbo, at)
    if facts.spoke_at > at:
        raise Invalid("called_in_future", "A moment that has come.")
    facts.breach, facts.party, facts.by, facts.text = breach, kbo, by, parse_text(facts.text)
    with transaction.atomic():
        if breach.calls.filter(reference=facts.reference).exists():
            return
        facts.save(force_insert=True)
        Counterparty.objects.filter(pk=party.pk).update(officer_phone=facts.phone)
        record(Act.BREACH_CALLED, breach, by=by, at=at)


def _say(
    breach: Breach,
    word: Word,
    content: message.Message,
    party: Counterparty,
    protocol: Protocol,
    *,
    said: int | None,
    by: Member,
    at: datetime,
) -> None:
    owed = disclosure.owe(content, protocol, at=at, to=party.kbo)
    with transaction.atomic():
        move(breach, BreachEvent.SAY)
        if said is not None and said != count_said(breach):  # a second click
            raise WrongState
        word.save()
        disclosure.hand_over(*owed, subject=breach.reference, by=by.actor, at=at)


def _shared(breach_id: uuid.UUID, kbo: str) -> Breach | None:
    """The case that is called so with this party: one that it told us of, or of which we told it."""
    found = Breach.objects.filter(Q(party=kbo) | Q(words__party=kbo), breach_id=breach_id)
    return found.order_by("pk").first()


def _version(protocol: Protocol) -> str:
    return f"{protocol.id}@{protocol.version}"


def _partner(kbo: str, at: datetime) -> tuple[Counterparty, Protocol]:
    for party, protocol in counterparties(at):
        if party.kbo == kbo:
            return party, protocol
    raise Invalid("no_such_party", "A party of a protocol with us.")


def take_notice(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """The other officer tells of a breach: a case of our own, whose clock starts when somebody reads it.

    A later number adds to it, and opens it again when it had ended (GDPR 33(4)). Called by the worker inside the
    transaction that accepts the parcel.
    """
    if not isinstance(content, message.BreachNotice):
        raise TypeError("take_notice takes notices of breaches")
    breach = _shared(content.breach_id, arrival.sender)
    if breach and breach.words.filter(party=arrival.sender, is_ours=False, number=content.number).exists():
        return
    breach = breach or _open_theirs(content, arrival, at)
    if BreachEvent.REOPEN in TRANSITIONS[BreachState(breach.state)]:
        reopen(breach)
    Word.objects.create(
        breach=breach,
        party=arrival.sender,
        is_ours=False,
        number=content.number,
        text=content.facts,
        consequences=content.consequences,
        measures=content.measures,
        risk=content.risk,
        count=len(content.references),
        said_at=at,
        came_at=at,
    )
    references = sorted(set(content.references))
    affected.add(
        Affected(breach=breach, reference=each, party=arrival.sender, told_as=each, source=Source.TOLD)
        for each in references
    )
    record(Act.BREACH_NOTICE_TAKEN_IN, breach, by=None, at=at, protocol=_version(arrival.protocol))


def _open_theirs(content: message.BreachNotice, arrival: Arrival, at: datetime) -> Breach:
    """A case of our own on what they told; suspected from now, and nobody is aware before somebody has read it."""
    return Breach.objects.create(
        reference=uuid.uuid4(),
        breach_id=content.breach_id,
        is_theirs=True,
        party=arrival.sender,
        protocol=_version(arrival.protocol),
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
    """A word of the other officer; one on a case that we do not share is not kept, nor the same one twice.

    Called as `take_notice`.
    """
    if not isinstance(content, message.BreachRemark):
        raise TypeError("take_remark takes remarks")
    breach, said = _shared(content.breach_id, arrival.sender), {"party": arrival.sender, "is_ours": False}
    if breach is None or breach.words.filter(**said, number=None, said_at=content.said_at).exists():
        return
    Word.objects.create(breach=breach, **said, text=content.remark, said_at=content.said_at, came_at=at)
    record(Act.BREACH_REMARK_TAKEN_IN, breach, by=None, at=at, protocol=_version(arrival.protocol))


def read(breach: Breach, last: int, *, by: Member, at: datetime) -> None:
    """An officer has read what others told, up to the word `last` (its pk): this controller is aware from now on.

    Its own 72 hours run. Each other side is told that it was read. A second click does nothing twice.
    """
    check(by, Verb.RUN_BREACH, at=at)
    unread = breach.words.filter(is_ours=False, read_at=None, pk__lte=last)
    tellers = sorted(set(unread.values_list("party", flat=True)))
    if not tellers:
        return
    sealed = []
    for party, protocol in (_partner(kbo, at) for kbo in tellers):
        content = message.Acknowledgement(about=breach.breach_id, read_at=at)
        if party.has_node:
            sealed.append(disclosure.owe(content, protocol, at=at, to=party.kbo))
    with transaction.atomic():
        if breach.state == BreachState.SUSPECTED:
            move(breach, BreachEvent.CONFIRM, aware_at=at)
        unread.update(read_at=at)
        record(Act.BREACH_NOTICE_READ, breach, by=by, at=at)
        for owed in sealed:
            disclosure.hand_over(*owed, subject=breach.reference, by=by.actor, at=at)


def record_acknowledgement(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A person at the other side has read what we had told by then. What is not ours to know is passed over."""
    if isinstance(content, message.Acknowledgement) and (breach := _shared(content.about, arrival.sender)):
        read_at = min(content.read_at, at)
        ours = breach.words.filter(is_ours=True, party=arrival.sender, read_at=None, said_at__lte=read_at)
        ours.update(read_at=read_at)
