"""Adopt a protocol, and record what happens to it (recital D, art. 5, art. 8, art. 11)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from brug.core.protocol import life
from brug.core.protocol.digest import digest as digest_of
from brug.core.protocol.document import DocumentError, Fault, Protocol
from brug.core.states import WrongState
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act, Actor
from brug.office.parties import joint
from brug.office.parties.models import Member, Proposal
from brug.office.parties.states import Joint
from brug.office.registry import queries
from brug.office.registry.models import LifeEvent, ProtocolVersion, Served, SignedDocument


def adopt(text: str, *, by: Actor = OPERATOR, at: datetime) -> Protocol:
    """Take the YAML `text` up as a version of a protocol, whole or not at all; the same text twice changes nothing.

    Raises `DocumentError` with every fault: of the document itself, added words that nobody looked at, another text
    under the same version, a version of an agreement that has ended, or a municipality and purpose that another
    protocol of the same discloser serves on the same days.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    document = queries.read(text, digest)
    with transaction.atomic():
        known = ProtocolVersion.objects.filter(protocol_id=document.id, version=document.version).first()
        if known is not None and digest_of(queries.parsed(known)) == digest_of(document):
            _signatures_of(document, known, by=by, at=at)
            return queries.alive(known)
        if found := [*_same_version(known), *faults(document, at)]:
            raise DocumentError(found)
        _keep(document, text, digest, by=by.who, at=at)
        ledger.record(
            Act.PROTOCOL_ADOPTED,
            f"{document.id}@{document.version}",
            by=by,
            at=at,
            protocol=f"{document.id}@{document.version}",
            details=digest,
        )
    return document


def faults(document: Protocol, at: datetime) -> list[Fault]:
    """Why this node cannot take up a text that is whole in itself: it has words that nobody looked at, its agreement is
    between others or ended, or another serves there."""
    return [*_not_looked_at(document), *_between_others(document), *_ended(document, at), *_same_route(document)]


def saw_text(protocol: Protocol, *, is_same: bool, at: datetime) -> bool:
    """A parcel showed whether the other party holds this very text; whether that is news. Not an act of anybody."""
    if life.same_text(protocol.events) is is_same:
        return False
    kind = life.EventKind.TEXT_SAME if is_same else life.EventKind.TEXT_DIFFERS
    row = ProtocolVersion.objects.get(protocol_id=protocol.id, version=protocol.version)
    LifeEvent.objects.create(version=row, kind=kind, at=at, recorded_at=at, recorded_by=WORKER.who)
    return True


def _signatures_of(document: Protocol, known: ProtocolVersion, *, by: Actor, at: datetime) -> None:
    """The signatures that `document` tells of and `known`, the same text, does not."""
    alive = queries.alive(known)
    told = {(event.side, event.who) for event in life.signatures(alive, alive.events)}
    for event in life.written(document):
        if event.kind is SIGNED and event.side and (event.side, event.who) not in told:
            facts = {"happened_at": event.at, "side": event.side, "who": event.who}
            record_event(document, SIGNED, by=by, at=at, **facts)  # type: ignore[arg-type]


SIGNED = life.EventKind.SIGNED


def record_event(
    document: Protocol,
    kind: life.EventKind,
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime,
    side: str = "",
    who: str = "",
    ground: str = "",
) -> Protocol:
    """Record that `kind` happened at `happened_at`; the same event twice changes nothing.

    What the protocol does not know (a sanction by the recipient, a notice by nobody, an answer without an offer, a
    mailbox that nobody asked for, a signature that was put right) raises `WrongState`.
    """
    with transaction.atomic():
        row = ProtocolVersion.objects.get(protocol_id=document.id, version=document.version)
        event = LifeEvent(version=row, kind=kind, at=happened_at, side=side, who=who, ground=ground)
        same = LifeEvent.objects.filter(version=row, kind=kind, at=happened_at, side=side, who=who)
        put_right = ground if kind is SIGNED else ""
        is_known = (same.filter(ground=put_right) if put_right else same).exists()
        if kind is SIGNED or not is_known:
            _is_known_to(queries.alive(row), event)
        if not is_known:
            event.recorded_at, event.recorded_by = at, by.who
            event.save()
            act = Act.PROTOCOL_SIGNATURE_PUT_RIGHT if put_right else Act(f"protocol_{kind}")
            ledger.record(act, str(row), by=by, at=at, protocol=str(row))
    return queries.alive(row)


AT_ONCE = life.ENDING - {life.EventKind.NOTICE_REACHED}
"""What ends an agreement without a term: a member records it with a second person."""


def propose_end(document: Protocol, kind: life.EventKind, *, by: Member, at: datetime, **facts: Any) -> Proposal:
    """The first of two: an end of `AT_ONCE` that `record_event` would record, with the same facts. `WrongState`."""
    row = ProtocolVersion.objects.get(protocol_id=document.id, version=document.version)
    happened_at: datetime = facts["happened_at"]
    _is_known_to(queries.alive(row), LifeEvent(version=row, kind=kind, at=happened_at, side=facts["side"]))
    told = {**facts, "happened_at": happened_at.isoformat(), "kind": kind}
    with transaction.atomic():
        proposal = joint.propose(Joint.END_NOTED, str(row), told, by=by, at=at)
        ledger.record(Act.PROTOCOL_END_PROPOSED, str(row), by=by.actor, at=at, protocol=str(row))
    return proposal


def end_noted(proposal: Proposal, *, by: Member, at: datetime) -> Protocol:
    """The second of two: it ends, from the instant that was proposed. Raises `NotAllowed`, `WrongState`."""
    with transaction.atomic():
        facts = joint.agree(proposal, by=by, at=at)
        protocol_id, _, number = proposal.subject.rpartition("@")
        row = ProtocolVersion.objects.get(protocol_id=protocol_id, version=number)
        kind, happened_at = life.EventKind(facts.pop("kind")), datetime.fromisoformat(facts.pop("happened_at"))
        return record_event(queries.alive(row), kind, by=by.actor, at=at, happened_at=happened_at, **facts)


def record_again(version: str, kind: life.EventKind, *, by: Actor, at: datetime, happened_at: datetime) -> bool:
    """Record the end of `version` (id@version) that stands in the ledger and that a restore forgot; whether it was so.

    The ledger knows neither the side nor the day: it is the side that may, and `happened_at`, that of the entry.
    Raises `ProtocolVersion.DoesNotExist`.
    """
    protocol_id, _, number = version.rpartition("@")
    row = ProtocolVersion.objects.get(protocol_id=protocol_id, version=number)
    if row.events.filter(kind=kind, at__lte=happened_at).exists():
        return False
    document = queries.alive(row)
    side = {
        life.EventKind.ENDED_AT_ONCE: document.articles.sanction.terms.by if document.articles.sanction else "",
        life.EventKind.NOTICE_REACHED: min(document.articles.life.terms.notice_by, default=""),
    }.get(kind, "")
    record_event(document, kind, by=by, at=at, happened_at=happened_at, side=side)
    return True


def attach_signed(
    document: Protocol, pdf: bytes, *, by: Actor, at: datetime, instead_of: SignedDocument | None = None
) -> SignedDocument:
    """Keep `pdf` as what was signed of this version, with what its signatures are found to be; twice is once.

    `instead_of`: the wrong one, which goes; which it was stays in the ledger, by its digest.
    Raises `Invalid` for what is no PDF that can be read.
    """
    from brug.office.registry import signed  # with pyHanko: half a second that no other command has to wait for

    found = signed.as_stored(signed.signatures(pdf, at=at))
    digest = hashlib.sha256(pdf).hexdigest()
    with transaction.atomic():
        row = ProtocolVersion.objects.get(protocol_id=document.id, version=document.version)
        kept, is_new = SignedDocument.objects.get_or_create(
            version=row,
            sha256=digest,
            defaults={"pdf": pdf, "signatures": found, "attached_at": at, "attached_by": by.who},
        )
        if is_new:
            ledger.record(
                Act.SIGNED_DOCUMENT_ATTACHED,
                str(row),
                by=by,
                at=at,
                protocol=str(row),
                details=digest,
            )
        others = SignedDocument.objects.filter(version=row).exclude(pk=kept.pk)
        if instead_of is not None and others.filter(pk=instead_of.pk).delete()[0]:
            name, digest = str(row), instead_of.sha256
            ledger.record(Act.SIGNED_DOCUMENT_REMOVED, name, by=by, at=at, protocol=name, details=digest)
    return kept


def _is_known_to(document: Protocol, row: LifeEvent) -> None:
    """Raises `WrongState` for what the document knows of no such thing."""
    event = queries.as_event(row)
    if (
        (event.kind in life.ENDING and not _ends(document, event))
        or (event.kind is SIGNED and not _can_be_signed(document, event))
        or (event.kind in life.ANSWERS and not _answers(document, event))
        or (event.kind is life.EventKind.MAILBOX_CHANGED and not _was_asked(document, event))
    ):
        raise WrongState


def _ends(document: Protocol, event: life.Event) -> bool:
    return len(life.ends(document, [*document.events, event])) > len(document.ends)


def _can_be_signed(document: Protocol, event: life.Event) -> bool:
    """By a representative, and at no instant at which it was said that it was not theirs. What puts a signature right
    may come before it: messages do."""
    told = [*document.events, event]
    if event.told and (event.who == event.told or (event.side, event.told) not in document.representatives()):
        return False
    if not event.who:
        return bool(event.told)
    return (event.side, event.who) in document.representatives() and event in life.signatures(document, told)


def _answers(document: Protocol, answer: life.Event) -> bool:
    """Whether this offer waits for an answer, and for one by this side: nobody accepts what they offered."""
    offer = life.open_offer(document.events)
    return offer is not None and answer.side != offer.side and answer.at >= offer.at


def _was_asked(document: Protocol, change: life.Event) -> bool:
    asked = life.open_mailbox(document.events)
    return asked is not None and asked.side == change.side and asked.told == change.told and change.at >= asked.at


def _not_looked_at(document: Protocol) -> list[Fault]:
    where = [name for name, clause in document.clauses.items() if any(each.looked_on is None for each in clause.added)]
    return [Fault(name, 1, "it has added words that nobody looked at", "looked_on: the day, at each") for name in where]


def _ended(document: Protocol, at: datetime) -> list[Fault]:
    """Nothing revives: after the end of the agreement there is no next version of it."""
    former = [other for other in queries.versions(document.id) if other.version != document.version]
    ended = [end for other in former for end in other.ends if end.phase is not life.Phase.REPLACED and end.at <= at]
    return [Fault("id", 1, "this agreement has ended", "another agreement, under an id of its own")] if ended else []


def _between_others(document: Protocol) -> list[Fault]:
    """The versions of an agreement are between the same two parties, in the same direction."""
    between = {"discloser": document.discloser.kbo.digits, "recipient": document.recipient.kbo.digits}
    if not ProtocolVersion.objects.filter(protocol_id=document.id).exclude(**between).exists():
        return []
    return [Fault("id", 1, "this agreement is between other parties", "an id of its own")]


def _same_version(known: ProtocolVersion | None) -> list[Fault]:
    if known is None:
        return []
    return [Fault("version", 1, "another text was adopted under this id and version", "the next version")]


def _same_route(document: Protocol) -> list[Fault]:
    """Two protocols for the same municipality and purpose on the same day: nobody could say which one decides."""
    faults = []
    rows = ProtocolVersion.objects.filter(
        served__refnis__in=document.residences, discloser=document.discloser.kbo.digits
    )
    for row in rows.exclude(protocol_id=document.id).distinct():
        other = queries.alive(row)
        refused = any(event.kind is life.EventKind.REFUSED for event in other.events)
        if document.purposes & other.purposes and not refused and _overlap(document, other):
            faults.append(
                Fault(
                    f"{document.cites('grounds')} residences",
                    1,
                    f"served for the same purpose and on the same days by {row}",
                    "one protocol for a municipality and purpose on a day",
                )
            )
    return faults


def _overlap(one: Protocol, other: Protocol) -> bool:
    """Whether there is an instant at which both are or will be in force, as far as is known."""
    first, second = sorted((_span(one), _span(other)), key=lambda span: span[0])
    return first[1] is None or second[0] < first[1]


def _span(document: Protocol) -> tuple[datetime, datetime | None]:
    return life.first_moment(document.in_force_from), document.ends[0].at if document.ends else None


def _keep(document: Protocol, text: str, digest: str, *, by: str, at: datetime) -> None:
    row = ProtocolVersion.objects.create(
        protocol_id=document.id,
        version=document.version,
        text=text,
        sha256=digest,
        discloser=document.discloser.kbo.digits,
        recipient=document.recipient.kbo.digits,
        adopted_at=at,
        adopted_by=by,
    )
    Served.objects.bulk_create(Served(version=row, refnis=refnis) for refnis in sorted(document.residences))
