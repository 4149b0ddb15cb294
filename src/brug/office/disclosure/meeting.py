"""Coming to know another party: with a key card that is compared over the phone, or without a node (art. 6).

A card counts when two of us compared it, an administrator and an officer; until then none of its keys is used and
nothing leaves for that party. A key that replaces another comes in a message signed with the one before, and is
believed for `UNCOMPARED` unless two of us compare it. A lost key is revoked: what is on its way is sealed anew.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from brug.core import message
from brug.core.identity import Invalid, KboNumber
from brug.core.parcel import card
from brug.core.parcel.keys import key_id, public_parcel_key
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.core.words import marked as _
from brug.office.disclosure import calls, upkeep
from brug.office.disclosure import services as disclosure
from brug.office.keys import services as keys
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act, Actor
from brug.office.ledger.models import Entry
from brug.office.parties import joint
from brug.office.parties.may import Verb, check
from brug.office.parties.models import Counterparty, Meeting, Member, Proposal
from brug.office.parties.states import Category, Joint
from brug.office.post import alerts
from brug.office.post import services as post

UNCOMPARED = timedelta(days=14)  # that keys which a message brought are believed without a call (policy)
NO_KEYS = {"signing_key": b"", "checkpoint_key": b"", "parcel_key": b"", "previous_signing_key": b""}
log = logging.getLogger(__name__)


def our_card(at: datetime) -> str:
    """This node's own key card, to hand out: one line of text."""
    return card.write(
        settings.PARTY,
        settings.PARTY_NAME,
        settings.MAILBOX,
        settings.PHONE,
        signing_key=keys.signing_key(),
        checkpoint_key=keys.checkpoint_key().public_key().public_bytes_raw(),
        parcel_key=public_parcel_key(keys.parcel_key()),
        made_at=at,
    )


def replace_our_keys(*, by: Member, at: datetime) -> None:
    """Sign and open with new keys from now on. Each party is told by a card that the key before signs (a duty)."""
    check(by, Verb.MEET_PARTY, at=at)
    with transaction.atomic():
        ledger.record(Act.KEYS_REPLACED, "node", by=by.actor, at=at)
        keys.rotate_parcel_keys(at)
        keys.rotate_signing_key(at)
        alerts.tell_officers("parties", at)


def note_party(
    kbo: str,
    *,
    name: str,
    mailbox: str,
    phone: str,
    category: Category,
    promised_days: int | None,
    by: Member,
    at: datetime,
) -> Proposal | None:
    """Write down a party, or what changed of it. Where its mail goes and which number is called count once a second
    person agreed: then the proposal; None where only the rest changed, which counts at once. Its keys stay.

    `phone` in E.164; `promised_days`: within how many working days it says it contacts a family. Raises `Invalid`.
    """
    check(by, Verb.MEET_PARTY, at=at)
    digits = _not_ourselves(KboNumber.parse(kbo).digits)
    harmless: dict[str, Any] = {"name": name, "category": category, "promised_days": promised_days}
    with transaction.atomic():
        known = Counterparty.objects.filter(kbo=digits).first()
        if known is not None:
            Counterparty.objects.filter(kbo=digits).update(**harmless)
        _record(Act.PARTY_NOTED, digits, by=by, at=at)
        if known is not None and (known.mailbox, known.phone) == (mailbox, phone):
            return None
        facts = {**harmless, "mailbox": mailbox, "phone": phone}
        proposal = joint.propose(Joint.MAILBOX, digits, facts, by=by, at=at)
        alerts.tell_officers("parties", at)
    return proposal


def take_card(text: str, *, by: Member, at: datetime) -> Meeting:
    """Keep a card until it is compared. Raises `Invalid` for one that is not whole, or is our own."""
    check(by, Verb.MEET_PARTY, at=at)
    kbo = _not_ourselves(card.read(text).kbo)
    with transaction.atomic():
        kept = {"card": text, "taken_at": at, "by": by.pseudonym.hex}
        meeting, _ = Meeting.objects.update_or_create(kbo=kbo, defaults=kept)
        _record(Act.KEY_CARD_TAKEN, kbo, by=by, at=at)
    return meeting


def forget_card(meeting: Meeting, *, by: Member, at: datetime) -> None:
    """The words did not fit, or nobody knows the card: it never counts. Raises `WrongState`."""
    check(by, Verb.MEET_PARTY, at=at)
    with transaction.atomic():
        if not Meeting.objects.filter(pk=meeting.pk).delete()[0]:
            raise WrongState
        _record(Act.KEY_CARD_REFUSED, meeting.kbo, by=by, at=at)


def confirm(meeting: Meeting, fingerprint: str, *, by: Member, at: datetime) -> Proposal:
    """The first of two: the words of both cards were compared over the phone. It counts when an officer compared them
    too; until then nothing leaves for this party.

    `fingerprint` is what the page showed, so that a card that came in between is not taken for it. Raises `WrongState`.
    """
    check(by, Verb.MEET_PARTY, at=at)
    with transaction.atomic():
        kept = Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
        if kept is None or card.read(kept.card).fingerprint != fingerprint:
            raise WrongState
        proposal = compared(card.read(kept.card), kept.card, by=by, at=at)
        kept.delete()
    return proposal


def compared(their: card.Card, text: str, *, by: Member | None, at: datetime) -> Proposal:
    """One person compared this card. `by`: None for the operator. Call inside a transaction. Raises `Invalid`."""
    kbo = _not_ourselves(their.kbo)
    ledger.record(Act.KEY_CARD_COMPARED, _subject(kbo), by=by.actor if by else OPERATOR, at=at)
    alerts.tell_officers("parties", at)
    return joint.propose(Joint.KEYS, kbo, {"card": text, "fingerprint": their.fingerprint}, by=by, at=at)


def compare_present(party: Counterparty, fingerprint: str, *, by: Member, at: datetime) -> Proposal:
    """The same of keys that a message brought: they are in use already, and stay so when an officer compares them too.

    Raises `WrongState` when they are others than the page showed.
    """
    check(by, Verb.MEET_PARTY, at=at)
    with transaction.atomic():
        now = Counterparty.objects.select_for_update().get(pk=party.pk)
        if not now.has_node or fingerprint_of(now) != fingerprint:
            raise WrongState
        _record(Act.KEY_CARD_COMPARED, now.kbo, by=by, at=at)
        alerts.tell_officers("parties", at)
        return joint.propose(Joint.PRESENT_KEYS, now.kbo, {"fingerprint": fingerprint}, by=by, at=at)


def fingerprint_of(party: Counterparty) -> str:
    """The seven words of the keys by which we know a party."""
    return card.fingerprint(party.kbo, {name: bytes(getattr(party, name)) for name in card.NAMES})


def compared_by(party: Counterparty) -> list[tuple[str, datetime]]:
    """Who compared the keys that count now by phone, and when, the second of the two last; nobody where a message
    brought them. A card that was compared since, and waits or was refused, is another. The operator has no name."""
    if not party.has_node or party.uncompared_since is not None:
        return []
    entries = Entry.objects.filter(subject=str(_subject(party.kbo))).order_by("-pk")
    met = entries.filter(act=Act.PARTY_MET).first()
    if met is None:
        return []
    first = entries.filter(act=Act.KEY_CARD_COMPARED, pk__lt=met.pk).first()
    names = {member.pseudonym.hex: member.name for member in Member.objects.all()}
    return [(names.get(entry.by, ""), entry.at) for entry in (first, met) if entry]


def agree(proposal: Proposal, *, by: Member, at: datetime) -> Counterparty:
    """The second of two: what was proposed of a party counts from now on. Raises `NotAllowed`, `WrongState`."""
    with transaction.atomic():
        facts = joint.agree(proposal, by=by, at=at)
        if proposal.joint == Joint.KEYS:
            party = know(card.read(facts["card"]), by=by.actor, at=at)
        elif proposal.joint == Joint.PRESENT_KEYS:
            party = _keep_present(proposal.subject, facts["fingerprint"], by=by, at=at)
        else:
            party, _ = Counterparty.objects.update_or_create(
                kbo=proposal.subject, defaults=facts, create_defaults={**facts, "confirmed_at": at}
            )
            _record(Act.PARTY_AGREED, proposal.subject, by=by, at=at)
        alerts.tell_officers("parties", at)
        alerts.tell_administrators("parties", at)
    return party


def refuse(proposal: Proposal, *, by: Member, at: datetime) -> None:
    """What was proposed never counts; what waited leaves as before. Raises `NotAllowed`, `WrongState`."""
    with transaction.atomic():
        joint.refuse(proposal, by=by, at=at)
        post.hurry(proposal.subject, at)
        _record(Act.PARTY_REFUSED, proposal.subject, by=by, at=at)
        alerts.tell_officers("parties", at)


def _keep_present(kbo: str, fingerprint: str, *, by: Member, at: datetime) -> Counterparty:
    party = Counterparty.objects.select_for_update().get(kbo=kbo)
    if not party.has_node or fingerprint_of(party) != fingerprint:
        raise WrongState
    party.uncompared_since, party.confirmed_at = None, at
    party.save(update_fields=["uncompared_since", "confirmed_at"])
    _record(Act.PARTY_MET, kbo, by=by, at=at)
    return party


def know(their: card.Card, *, by: Actor, at: datetime) -> Counterparty:
    """Use the keys of a card that two people compared. Call inside a transaction. Raises `Invalid` for our own card."""
    _not_ourselves(their.kbo)
    facts = {"name": their.name, "mailbox": their.mailbox, "confirmed_at": at, "keys_made_at": their.made_at}
    facts |= {
        "knows_us_by": next(iter(_our_ids())),
        "previous_signing_key": b"",
        "previous_until": None,
        "uncompared_since": None,
        **their.keys(),
    }
    if their.phone:
        facts["phone"] = their.phone
    before = Counterparty.objects.filter(kbo=their.kbo).first()
    if before is not None and bytes(before.parcel_key) != facts["parcel_key"]:
        facts["keys_changed_at"] = at
    party, _ = Counterparty.objects.update_or_create(kbo=their.kbo, defaults=facts)
    post.hurry(their.kbo, at)
    ledger.record(Act.PARTY_MET, _subject(their.kbo), by=by, at=at)
    return party


def revoke(party: Counterparty, *, by: Member, at: datetime) -> None:
    """Their key is lost or stolen: nothing that it signs is believed and nothing is sealed to it, from now on."""
    check(by, Verb.MEET_PARTY, at=at)
    with transaction.atomic():
        if not forget_keys(party, by=by.actor, at=at):
            raise WrongState
        alerts.tell_officers("parties", at)


def forget_keys(party: Counterparty, *, by: Actor, at: datetime) -> bool:
    """The same for who has no role: a restored node does again what was done. Whether there were keys to forget."""
    known = Counterparty.objects.filter(pk=party.pk).exclude(parcel_key=b"")
    if not known.update(**NO_KEYS, previous_until=None, uncompared_since=None, keys_changed_at=at):
        return False
    Meeting.objects.filter(kbo=party.kbo).delete()
    Proposal.objects.filter(subject=party.kbo, joint__in=[Joint.KEYS, Joint.PRESENT_KEYS]).delete()
    ledger.record(Act.KEYS_REVOKED, _subject(party.kbo), by=by, at=at)
    return True


def end_trust_without_a_call(at: datetime) -> int:
    """Keys that a message brought and nobody compared by phone in all these days are believed no more; how many.

    Who stole a key can sign a message that names the next one: only a call tells them from its owner. A duty.
    """
    ended = 0
    for party in Counterparty.objects.filter(uncompared_since__lt=at - UNCOMPARED).order_by("kbo"):
        with transaction.atomic():
            ended += forget_keys(party, by=WORKER, at=at)
            alerts.tell_officers("parties", at)
            alerts.tell_administrators("parties", at)
    return ended


def seal_anew_where_keys_changed(at: datetime) -> int:
    """Seal again what is on its way to a party whose key was lost or replaced by a meeting; how many. A duty.

    One party for whom that fails stops no other; it is tried again at the next turn.
    """
    count = 0
    for party in Counterparty.objects.exclude(keys_changed_at=None).order_by("kbo"):
        changed_at = party.keys_changed_at
        with upkeep.one_of_many(party):
            count += calls.seal_open_anew(party.kbo, before=changed_at or at, by=WORKER, at=at)
            Counterparty.objects.filter(pk=party.pk, keys_changed_at=changed_at).update(keys_changed_at=None)
    return count


def tell_new_keys(at: datetime) -> int:
    """Send our key card to each party that knows us by an earlier key, signed with that one; how many. A duty."""
    told = 0
    present, *earlier = _our_ids()
    late = Counterparty.objects.exclude(parcel_key=b"").exclude(knows_us_by=present)
    if not earlier or not late.exists():
        return told
    for party, protocol in upkeep.counterparties(at):
        if party.knows_us_by == present:
            continue
        with upkeep.one_of_many(party):
            _tell_keys(party, protocol, at)
            told += 1
    return told


def _tell_keys(party: Counterparty, protocol: Protocol, at: datetime) -> None:
    known_by = _our_ids().get(party.knows_us_by, keys.signing_keys()[-1])
    owed = disclosure.owe(_announcement(at), protocol, at=at, signing_key=known_by)
    with transaction.atomic():
        disclosure.hand_over(*owed, subject=owed[0].id, by=WORKER, at=at)
        Counterparty.objects.filter(pk=party.pk).update(knows_us_by=next(iter(_our_ids())))


def hear_new_keys(content: message.Message, arrival: disclosure.Arrival, at: datetime) -> None:
    """The other party's keys from now on; an older card that comes late changes nothing.

    Called by the worker inside the transaction that accepts the parcel: `take_in` saw that it was signed with the key
    that is theirs now, not with one before it, and that it was not made in the future.
    """
    if not isinstance(content, message.KeyCard):
        raise TypeError
    party = Counterparty.objects.select_for_update().get(kbo=arrival.sender)
    if party.keys_made_at is not None and content.made_at <= party.keys_made_at:
        return
    fresh = card.public_keys(content)
    known = Counterparty.objects.filter(pk=party.pk)
    if fresh["signing_key"] != bytes(party.signing_key):
        known.update(previous_signing_key=party.signing_key, previous_until=at + keys.OVERLAP)
    known.update(keys_made_at=content.made_at, **fresh)
    ledger.record(Act.NEW_KEYS_TAKEN, arrival.parcel_id, by=WORKER, at=at)
    if any(fresh[name] != bytes(getattr(party, name)) for name in card.NAMES):
        known.update(uncompared_since=party.uncompared_since or at)
        alerts.tell_officers("parties", at)
        alerts.tell_administrators("parties", at)


def _our_ids() -> dict[str, Ed25519PrivateKey]:
    """By which ids our pair of signing and parcel key was ever known, the present one first, with what signed then."""
    opens = [public_parcel_key(private) for private in keys.parcel_keys()]
    signs = keys.signing_keys()
    return {key_id(key.public_key().public_bytes_raw() + public): key for key in signs for public in opens}


def _announcement(at: datetime) -> message.KeyCard:
    ours = card.read(our_card(at))
    return message.KeyCard(
        signing_key=ours.signing_key,
        checkpoint_key=ours.checkpoint_key,
        parcel_key=ours.parcel_key,
        made_at=ours.made_at,
    )


def _not_ourselves(kbo: str) -> str:
    if kbo == settings.PARTY:
        raise Invalid("own_card", _("This is your own party. Ask the other one for its card."))
    return kbo


def _record(act: Act, kbo: str, *, by: Member, at: datetime) -> None:
    ledger.record(act, _subject(kbo), by=by.actor, at=at)


def _subject(kbo: str) -> UUID:
    """A party in the ledger: its KBO number, in the shape of a reference."""
    return UUID(int=int(kbo))
