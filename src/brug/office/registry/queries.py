"""Which protocol holds for whom: by residence, by party, by version, on a day (art. 1, art. 2, art. 11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.document import Field, Party, Protocol, load
from brug.core.protocol.municipalities import MERGERS, is_served, successor
from brug.core.protocol.terms import Side
from brug.office.ledger.acts import WORKER
from brug.office.registry.models import LifeEvent, ProtocolVersion, SignedDocument

REMEMBERED = 1024  # parsed documents, by their digest
_parsed: dict[str, Protocol] = {}


def protocol(protocol_id: str, version: int) -> Protocol | None:
    """One version with what has happened to it, or None if this node does not know it."""
    return next((each for each in _whole({protocol_id}) if each.version == version), None)


def named(spelled: str) -> Protocol | None:
    """The same by `id@version`, as the ledger, the vault and the desks spell it."""
    protocol_id, _, version = spelled.rpartition("@")
    return protocol(protocol_id, int(version)) if protocol_id and version.isdecimal() else None


def kept(spelled: str) -> Protocol:
    """The same of what came or left under it, whose duties outlive it. Raises `LookupError`: none is forgotten."""
    found = named(spelled)
    if found is None:
        raise LookupError("The registry no longer knows the protocol version under which this came or left.")
    return found


def fields_agreed() -> frozenset[Field]:
    """Every datum that one of the protocols here agrees to, whatever its version."""
    return frozenset[Field]().union(*(parsed(row).fields for row in ProtocolVersion.objects.all()))


def protocols_for(residence: str, at: datetime) -> tuple[Protocol, ...]:
    """The protocols that serve `residence` (REFNIS), those in force at `at` first; `decide` says what each allows.

    Of each protocol one version: the one that holds at `at`. What serves a place is said by `is_served`.
    """
    place = successor(residence, legal_day(at))
    codes = {place, *(code for merger in MERGERS if merger.into == place for code in merger.formers)}
    found = current(ProtocolVersion.objects.filter(served__refnis__in=codes), at)
    return tuple(each for each in found if is_served(each.residences, residence, legal_day(at)))


def by_recipient(kbo: str, at: datetime) -> tuple[Protocol, ...]:
    """The protocols under which the party `kbo` (ten digits) receives, one version of each."""
    found = current(ProtocolVersion.objects.filter(recipient=kbo), at)
    return tuple(each for each in found if each.recipient.kbo.digits == kbo)


def by_discloser(kbo: str, at: datetime) -> tuple[Protocol, ...]:
    """The protocols under which the party `kbo` (ten digits) discloses, one version of each."""
    found = current(ProtocolVersion.objects.filter(discloser=kbo), at)
    return tuple(each for each in found if each.discloser.kbo.digits == kbo)


def all_protocols(at: datetime) -> tuple[Protocol, ...]:
    """Every protocol that this node knows, one version of each."""
    return current(ProtocolVersion.objects.all(), at)


def versions(protocol_id: str) -> tuple[Protocol, ...]:
    """Every version of one protocol, the first one first."""
    return tuple(_whole({protocol_id}))


def signatures_recorded_here(protocol: Protocol) -> list[life.Event]:
    """The signatures that a member of this node recorded and that still count, the first one first."""
    of_version = {"version__protocol_id": protocol.id, "version__version": protocol.version}
    here = LifeEvent.objects.filter(**of_version, kind=life.EventKind.SIGNED).exclude(recorded_by=WORKER.who)
    recorded = [as_event(row) for row in here]
    return [each for each in life.signatures(protocol, protocol.events) if each in recorded]


def signed_documents(protocol: Protocol) -> QuerySet[SignedDocument]:
    """What was attached to one version as signed, the first one first, without the bytes."""
    of_version = {"version__protocol_id": protocol.id, "version__version": protocol.version}
    return SignedDocument.objects.filter(**of_version).defer("pdf")


def current(found: QuerySet[ProtocolVersion], at: datetime) -> tuple[Protocol, ...]:
    """One version of each agreement of `found`, those in force first: the one in force, else the last that was not
    only offered."""
    chosen = []
    for _, several in groupby(_whole(found.order_by().values("protocol_id")), key=lambda protocol: protocol.id):
        ranked = [(life.state(each, each.events, at).is_in_force, each) for each in several]
        chosen.append(max(ranked, key=lambda pair: (pair[0], life.is_settled(pair[1].events), pair[1].version)))
    return tuple(each for _, each in sorted(chosen, key=lambda pair: (not pair[0], pair[1].id)))


def _whole(protocol_ids: Iterable[Any]) -> list[Protocol]:
    """Every version of the agreements in the order of id and version, each with its events and the other versions."""
    rows = list(ProtocolVersion.objects.filter(protocol_id__in=protocol_ids))
    events: dict[int, list[life.Event]] = {row.pk: [] for row in rows}
    for event in LifeEvent.objects.filter(version__in=rows) if rows else ():
        events[event.version_id].append(as_event(event))
    alone = {row.pk: parsed(row).with_events(events[row.pk]) for row in rows}
    return [
        alone[row.pk].with_events(
            events[row.pk],
            (alone[other.pk] for other in rows if other.protocol_id == row.protocol_id and other.pk != row.pk),
        )
        for row in rows
    ]


def alive(row: ProtocolVersion) -> Protocol:
    """The document of one row, with what has happened to it and to the other versions."""
    return next(each for each in _whole({row.protocol_id}) if each.version == row.version)


def as_event(row: LifeEvent) -> life.Event:
    """A stored event as the rules of life read it."""
    sides: dict[str, Side] = {"discloser": "discloser", "recipient": "recipient"}
    return life.Event(life.EventKind(row.kind), row.at, sides.get(row.side), row.who, row.ground)


def parsed(row: ProtocolVersion) -> Protocol:
    """The document of `row`."""
    return read(row.text, row.sha256)


def read(text: str, digest: str) -> Protocol:
    """The document that `text` is; once for each digest, since that takes some hundredths of a second.

    Raises `DocumentError`.
    """
    document = _parsed.get(digest)
    if document is None:
        if len(_parsed) >= REMEMBERED:
            _parsed.clear()
        document = _parsed[digest] = load(text)
    return document


def our_protocols(at: datetime) -> list[Protocol]:
    """Every protocol of this party, one version of each, those in force first."""
    found = current(ProtocolVersion.objects.filter(Q(discloser=settings.PARTY) | Q(recipient=settings.PARTY)), at)
    ours = [each for each in found if settings.PARTY in (each.discloser.kbo.digits, each.recipient.kbo.digits)]
    return sorted(ours, key=lambda protocol: (bool(protocol.ends and protocol.ends[0].at <= at), protocol.id))


def our_protocols_and_offers() -> list[Protocol]:
    """Every version of ours, also what is only offered."""
    ours = ProtocolVersion.objects.filter(Q(discloser=settings.PARTY) | Q(recipient=settings.PARTY))
    ids = set(ours.values_list("protocol_id", flat=True))
    return _whole(ids) if ids else []


def told_since(since: datetime) -> list[tuple[str, int, datetime]]:
    """What another party told since then: id, version and when it came, the last of each version."""
    told = LifeEvent.objects.filter(recorded_at__gte=since, recorded_by=WORKER.who).exclude(kind__in=SEEN)
    found = {(e.version.protocol_id, e.version.version): e.recorded_at for e in told.select_related("version")}
    return [(*key, at) for key, at in sorted(found.items())]


SEEN = (life.EventKind.TEXT_SAME, life.EventKind.TEXT_DIFFERS)  # what this node saw by itself


def held_since(protocols: Iterable[Protocol]) -> dict[str, datetime]:
    """From when this node holds to each, by its id: from its first day, or since it was taken up here when that was
    later. One version of each."""
    rows = ProtocolVersion.objects.values_list("protocol_id", "version", "adopted_at")
    adopted = {(protocol_id, version): at for protocol_id, version, at in rows}
    begins = ((each, life.first_moment(each.in_force_from)) for each in protocols)
    return {each.id: max(first, adopted.get((each.id, each.version), first)) for each, first in begins}


def our_side(protocol: Protocol) -> Side:
    return "discloser" if protocol.discloser.kbo.digits == settings.PARTY else "recipient"


def other_party(protocol: Protocol) -> Party:
    """With whom this node's party holds it."""
    return protocol.recipient if our_side(protocol) == "discloser" else protocol.discloser
