"""What one party tells the other of a protocol: a text to agree on, the answer, what happens (recital D, art. 11).

    offer        here drafted and offered, there taken up and waiting for its officer; nobody is bound
    answer       accepted or refused, from the same instant on both sides; accepted, both hold the same text
    what happened   recorded here and told; there it counts when it is the teller's to tell and the protocol knows it
    another mailbox   asked by the recipient, agreed by the discloser's officer after a call: only then parcels go there

Sealing comes before the transaction, as everywhere; a party without a node is told on paper, and the officer records
here what it answered.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from pydantic import ConfigDict, TypeAdapter, ValidationError

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol import life, standard
from brug.core.protocol.digest import written
from brug.core.protocol.document import DocumentError, Protocol
from brug.core.protocol.life import Event, EventKind
from brug.core.protocol.terms import Mailbox, Side
from brug.core.states import WrongState
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival, Owed
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act, Actor
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.post import alerts
from brug.office.registry import queries, services

BELIEVABLE = timedelta(
    days=3650
)  # so far from now at the most: another clock may be wrong, or its message made to harm
CLOCKS_DIFFER = timedelta(days=1)
_MAILBOX = TypeAdapter(Mailbox, config=ConfigDict(defer_build=True))
NOBODYS = frozenset({EventKind.LAPSED, EventKind.AGREEMENT_ENDED})
AHEAD = NOBODYS  # what may have its day still to come


def other_party(protocol: Protocol) -> Counterparty | None:
    """The other party as this node knows it; None when nobody met it."""
    return Counterparty.objects.filter(kbo=queries.other_party(protocol).kbo.digits).first()


def is_ours(protocol: Protocol) -> bool:
    return settings.PARTY in {protocol.discloser.kbo.digits, protocol.recipient.kbo.digits}


def may_be_offered(protocol: Protocol, at: datetime) -> bool:
    """Whether it is a text of ours that nobody offered yet, that has not ended, and that the other party is not seen to
    hold. A signed one may be offered too: it holds again when the other party accepts it."""
    offered = any(event.kind in {EventKind.OFFERED, *life.ANSWERS} for event in protocol.events)
    ended = life.state(protocol, protocol.events, at).phase in life.ENDED
    return is_ours(protocol) and not offered and not ended and life.same_text(protocol.events) is not True


def offer(protocol: Protocol, *, by: Member, at: datetime) -> None:
    """Lay this text before the other party. Raises `WrongState`, `NotAllowed`."""
    check(by, Verb.RECORD_EVENT, at=at)
    if not may_be_offered(protocol, at):
        raise WrongState
    content = message.ProtocolOffer(document=written(protocol), offered_at=at)
    owed = _owed(content, protocol, at)
    with transaction.atomic():
        _record(protocol, Event(EventKind.OFFERED, at, queries.our_side(protocol)), by=by.actor, at=at)
        _hand_over(owed, by=by.actor, at=at)


def hear_offer(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """A text from the other party. The door saw that it is whole and that this node could take it up.

    Who has taken this very text up already, by a file, has accepted it by that.
    """
    if not isinstance(content, message.ProtocolOffer):
        raise TypeError("hear_offer takes offers")
    known = queries.protocol(arrival.protocol.id, arrival.protocol.version)
    text = standard.written(arrival.protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    protocol = known or services.adopt(text, by=WORKER, at=at)
    offered_at = content.offered_at if _is_believable(EventKind.OFFERED, content.offered_at, at) else at
    if life.open_offer(protocol.events) is not None or any(e.kind in life.ANSWERS for e in protocol.events):
        return
    theirs = _side_of(protocol, arrival.sender)
    protocol = _record(protocol, Event(EventKind.OFFERED, offered_at, theirs), by=WORKER, at=at)
    if known is not None:
        accepted = Event(EventKind.ACCEPTED, at, queries.our_side(protocol))
        _hand_over(_owed(_said(accepted), protocol, at), by=WORKER, at=at)  # rare: a derivation in the transaction
        _record(protocol, accepted, by=WORKER, at=at)
    alerts.tell_officers("protocol", at)


def answer(protocol: Protocol, *, accepts: bool, by: Member, at: datetime) -> None:
    """Accept or refuse what the other party offered. Raises `WrongState`, `NotAllowed`, and `DocumentError` when this
    node can take it up no more."""
    check(by, Verb.RECORD_EVENT, at=at)
    offered = life.open_offer(protocol.events)
    if offered is None or offered.side == queries.our_side(protocol):
        raise WrongState
    if accepts and (found := services.faults(protocol, at)):
        raise DocumentError(found)
    kind = EventKind.ACCEPTED if accepts else EventKind.REFUSED
    happened(protocol, Event(kind, at, queries.our_side(protocol)), by=by, at=at)


def happened(protocol: Protocol, what: Event, *, by: Member, at: datetime) -> Protocol:
    """Record what happened and tell the other party, where it is ours to tell. Raises as `services.record_event`."""
    check(by, Verb.RECORD_EVENT, at=at)
    owed = _owed(_said(what), protocol, at) if _is_told_by(what, queries.our_side(protocol), protocol) else None
    with transaction.atomic():
        after = _record(protocol, what, by=by.actor, at=at)
        _hand_over(owed, by=by.actor, at=at)
    return after


def end_noted(proposal: Proposal, *, by: Member, at: datetime) -> Protocol:
    """The second of two agreed to an end without a term: it is recorded, and told. As `services.end_noted`."""
    protocol = queries.named(proposal.subject)
    if protocol is None:
        raise WrongState
    facts = proposal.facts
    what = Event(
        EventKind(facts["kind"]),
        datetime.fromisoformat(facts["happened_at"]),
        "discloser" if facts["side"] == "discloser" else "recipient" if facts["side"] else None,
        told=facts.get("ground", ""),
    )
    owed = _owed(_said(what), protocol, at) if _is_told_by(what, queries.our_side(protocol), protocol) else None
    with transaction.atomic():
        after = services.end_noted(proposal, by=by, at=at)
        _hand_over(owed, by=by.actor, at=at)
    return after


def ask_mailbox(protocol: Protocol, mailbox: str, *, by: Member, at: datetime) -> None:
    """The recipient wants its parcels elsewhere. Nothing goes there before the other party's officer called and agreed.

    Raises `Invalid`, `WrongState`, `NotAllowed`.
    """
    if queries.our_side(protocol) != "recipient":
        raise WrongState
    if mailbox in protocol.mailboxes:
        raise Invalid("same_mailbox", "This is the mailbox that is agreed on.")
    happened(protocol, Event(EventKind.MAILBOX_ASKED, at, "recipient", told=mailbox), by=by, at=at)


def agree_mailbox(protocol: Protocol, mailbox: str, *, by: Member, at: datetime) -> None:
    """The second of two people, at the other party: they called, and parcels go to `mailbox` from now on (art. 6).

    Raises `WrongState` when another one is asked for by now, `NotAllowed`.
    """
    check(by, Verb.AGREE_PARTY, at=at)
    asked = life.open_mailbox(protocol.events)
    if asked is None or asked.told != mailbox or queries.our_side(protocol) != "discloser":
        raise WrongState
    happened(protocol, Event(EventKind.MAILBOX_CHANGED, at, "recipient", told=mailbox), by=by, at=at)


def hear_event(content: message.Message, arrival: Arrival, at: datetime) -> None:
    """What the other party says happened. What is not theirs to tell, or the protocol does not know, has no effect."""
    if not isinstance(content, message.ProtocolEvent):
        raise TypeError("hear_event takes events")
    what = Event(content.about, content.happened_at, content.side, content.who or "", content.told or "")
    protocol = queries.protocol(arrival.protocol.id, arrival.protocol.version) or arrival.protocol
    try:
        theirs = _side_of(protocol, arrival.sender)
        is_theirs = _is_told_by(what, theirs, protocol) and _is_believable(what.kind, what.at, at)
        if not is_theirs or not _is_sound(what):
            raise WrongState
        with transaction.atomic():
            _record(protocol, what, by=WORKER, at=at)
    except WrongState:
        name = f"{protocol.id}@{protocol.version}"
        ledger.record(Act.PROTOCOL_EVENT_VOID, name, by=WORKER, at=at, protocol=name)
    alerts.tell_officers("protocol", at)


def _is_told_by(what: Event, teller: Side, protocol: Protocol) -> bool:
    """Whether it is for this side to tell: its own acts, what is nobody's, and that a notice arrived.

    That a mailbox is agreed on is for the discloser to tell, whose officer called.
    """
    if what.kind in NOBODYS:
        return what.side is None
    if what.kind is EventKind.MAILBOX_CHANGED:
        return teller == "discloser" and what.side == "recipient"
    if what.kind is EventKind.MAILBOX_ASKED and teller != "recipient":
        return False
    return what.side == teller or (what.kind is EventKind.NOTICE_REACHED and what.side is not None)


def _is_sound(what: Event) -> bool:
    """Whether what is told has the form of what it is: it becomes a link, or an address that parcels go to."""
    if what.kind is EventKind.PUBLISHED:
        return re.fullmatch(r"https?://[^\s<>\"']+", what.told) is not None
    if what.kind in {EventKind.MAILBOX_ASKED, EventKind.MAILBOX_CHANGED, EventKind.OFFICER_CHANGED}:
        try:
            _MAILBOX.validate_python(what.told)
        except ValidationError:
            return False
    return what.kind is not EventKind.REPRESENTATIVE_CHANGED or bool(what.who and what.told)


def put_right(protocol: Protocol, signature: life.Event, who: str, *, by: Member, at: datetime) -> Protocol:
    """A signature recorded here was `who`'s, or nobody's (""). What it was stays recorded, and counts no more.

    Raises `WrongState` for one that was put right already, `NotAllowed`.
    """
    if signature not in queries.signatures_recorded_here(protocol):
        raise WrongState
    right = Event(EventKind.SIGNED, signature.at, signature.side, who, told=signature.who)
    return happened(protocol, right, by=by, at=at)


def _is_believable(kind: EventKind, told: datetime, at: datetime) -> bool:
    latest = at + (BELIEVABLE if kind in AHEAD else CLOCKS_DIFFER)
    return at - BELIEVABLE <= told <= latest


def _side_of(protocol: Protocol, kbo: str) -> Side:
    return "discloser" if protocol.discloser.kbo.digits == kbo else "recipient"


def _said(what: Event) -> message.ProtocolEvent:
    """The message of an event. Raises `pydantic.ValidationError` for what may not cross."""
    return message.ProtocolEvent.model_validate(
        {
            "about": what.kind.value,
            "happened_at": what.at,
            "side": what.side,
            "who": what.who or None,
            "told": what.told or None,
        }
    )


def _owed(content: message.Message, protocol: Protocol, at: datetime) -> Owed | None:
    """Sealed for the other party; None where it has no node: then it is told on paper."""
    party = other_party(protocol) if is_ours(protocol) else None
    return disclosure.owe(content, protocol, at=at, to=party.kbo) if party and party.has_node else None


def _hand_over(owed: Owed | None, *, by: Actor, at: datetime) -> uuid.UUID | None:
    if owed is None:
        return None
    disclosure.hand_over(*owed, subject=owed[0].id, by=by, at=at)
    return owed[0].id


def _record(protocol: Protocol, what: Event, *, by: Actor, at: datetime) -> Protocol:
    return services.record_event(
        protocol,
        what.kind,
        by=by,
        at=at,
        happened_at=what.at,
        side=what.side or "",
        who=what.who,
        ground=what.told,
    )
