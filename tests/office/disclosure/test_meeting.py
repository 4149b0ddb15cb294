"""Coming to know a party: compared by two people, or not at all; keys that change and keys that are lost (art. 6)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.message import KINDS
from brug.core.parcel import Rejection, card
from brug.core.parcel.keys import encode, generate_parcel_key, public_parcel_key
from brug.core.parcel.manifest import make_id, read
from brug.core.parcel.seal import Parcel, Sender, seal
from brug.core.protocol.decide import duty
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.node import setup, worker
from brug.office.disclosure import calls, meeting, upkeep
from brug.office.disclosure import services as disclosure
from brug.office.keys import services as keys
from brug.office.ledger.acts import OPERATOR, WORKER
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Absence, Counterparty, Meeting, Member, Proposal
from brug.office.parties.states import Category, Joint
from brug.office.post import lives, mail, receipts
from brug.office.post import services as post
from brug.office.post.models import Alert, Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.office.disclosure.test_calls import a_member, acts
from tests.opening import opened

LATER = NOW + timedelta(hours=1)
DIRK, WIM = "dpo@opgroeien.example", "wim@opgroeien.example"


@pytest.fixture
def wim(db: None) -> Member:
    return a_member(Role.ADMINISTRATOR)


@pytest.fixture
def dirk(db: None) -> Member:
    officer = a_member(Role.DPO)
    Member.objects.filter(pk=officer.pk).update(email=DIRK)
    return officer


def card_of(other: OtherParty, **otherwise: object) -> str:
    facts = {"kbo": other.kbo, "name": "OCMW Westerlo", "mailbox": "info.ocmw@westerlo.be", "phone": "+3214000001"}
    return card.write(
        **{"parcel_key": public_parcel_key(other.parcel_key), **facts, **otherwise},  # type: ignore[arg-type]
        signing_key=other.signing_key,
        checkpoint_key=other.signing_key.public_key().public_bytes_raw(),
        made_at=NOW,
    )


def meet(text: str, first: Member, second: Member, at: datetime) -> None:
    waits = meeting.take_card(text, by=first, at=at)
    meeting.agree(meeting.confirm(waits, card.read(text).fingerprint, by=first, at=at), by=second, at=at)


def stranger() -> OtherParty:
    return OtherParty(WESTERLO, Ed25519PrivateKey.generate(), generate_parcel_key())


def test_every_change_of_a_card_is_seen(db: None) -> None:
    text = card_of(stranger())
    card.read(text)
    for name, value in {"name": "OCMW Geel", "mailbox": "x@y.example", "phone": "+32470000001"}.items():
        with pytest.raises(Invalid, match="changed after it was signed"):
            card.read(json.dumps(json.loads(text) | {name: value}))
    for broken in ("", "{}", "[]", text[:-1], "{" * 5000, "x" * 9000, json.dumps(json.loads(text) | {"extra": 1})):
        with pytest.raises(Invalid):
            card.read(broken)


def test_the_words_are_of_the_keys_and_the_number_and_stay_the_same(db: None) -> None:
    other = stranger()
    one, later = card.read(card_of(other)), card.read(card_of(other, phone=""))
    assert one.fingerprint == later.fingerprint and one.fingerprint.count("-") == 6
    assert card.read(card_of(stranger())).fingerprint != one.fingerprint
    assert card.read(meeting.our_card(NOW)).fingerprint == card.read(meeting.our_card(LATER)).fingerprint


def test_a_card_counts_only_when_two_people_compared_it(protocol: Protocol, wim: Member, dirk: Member) -> None:
    other = stranger()
    waits = meeting.take_card(card_of(other), by=wim, at=NOW)
    assert not Counterparty.objects.exists()
    swapped = meeting.take_card(card_of(stranger()), by=wim, at=NOW)  # another card came in between
    with pytest.raises(WrongState):
        meeting.confirm(waits, card.read(card_of(other)).fingerprint, by=wim, at=LATER)
    proposal = meeting.confirm(swapped, card.read(swapped.card).fingerprint, by=wim, at=LATER)
    assert not Counterparty.objects.exists() and not Meeting.objects.exists(), "one person alone knows nobody"
    meeting.agree(proposal, by=dirk, at=LATER)
    party = Counterparty.objects.get()
    assert party.has_node and party.phone == "+3214000001" and not Proposal.objects.exists()
    assert acts()[-1] == "party_met" and Entry.objects.get(act="party_met").by == dirk.pseudonym.hex


def test_only_an_administrator_meets_and_nobody_meets_themselves(lien: Member, wim: Member) -> None:
    with pytest.raises(NotAllowed):
        meeting.take_card(card_of(stranger()), by=lien, at=NOW)
    with pytest.raises(Invalid, match="your own party"):
        meeting.take_card(meeting.our_card(NOW), by=wim, at=NOW)
    with transaction.atomic(), pytest.raises(Invalid, match="your own party") as own:
        meeting.know(card.read(meeting.our_card(NOW)), by=OPERATOR, at=NOW)
    assert (own.value.code, str(own.value)) == (
        "own_card", "This is your own party. Ask the other one for its card."
    )  # fmt: skip


def test_a_party_without_a_node_is_noted_with_its_number_by_two_people(wim: Member, dirk: Member) -> None:
    facts = {"name": "OCMW Geel", "mailbox": "info@geel.example", "phone": "+3214000002"}
    noted = partial(meeting.note_party, "0207473892", category=Category.OCMW, by=wim, at=NOW)
    proposal = noted(**facts, promised_days=5)
    assert proposal is not None and not Counterparty.objects.exists()
    party = meeting.agree(proposal, by=dirk, at=NOW)
    assert not party.has_node and party.promised_days == 5
    assert noted(**facts, promised_days=None) is None and Counterparty.objects.get().promised_days is None


GEEL = "0207473892"


def test_each_step_with_a_party_stands_in_the_log_and_who_has_to_know_hears_of_it(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member, settings: Settings, tmp_path: object
) -> None:
    settings.HOME = tmp_path
    keys.create()
    Member.objects.filter(pk=wim.pk).update(email=WIM)
    steps = itertools.count(1)
    parcel = a_retraction(protocol)

    def done(act: str, by: Member, verb: Callable[..., Any], *what: Any, hear: int, kbo: str = WESTERLO) -> Any:
        at = NOW + timedelta(minutes=next(steps))
        answer = verb(*what, by=by, at=at)
        entry = Entry.objects.latest("id")
        subject = str(UUID(int=int(kbo))) if kbo else "node"
        assert (entry.act, entry.subject, entry.by, entry.at) == (act, subject, by.pseudonym.hex, at)
        heard = {row.address for row in Alert.objects.all() if row.about == "parties"}
        Alert.objects.all().delete()
        assert heard == set([DIRK, WIM][:hear])
        return answer

    mine, theirs = card_of(stranger()), card_of(replace(stranger(), kbo=GEEL))
    waits = done("key_card_taken", wim, meeting.take_card, mine, hear=0)
    assert (waits.card, waits.by, waits.taken_at) == (mine, wim.pseudonym.hex, Entry.objects.latest("id").at)
    unknown = done("key_card_taken", wim, meeting.take_card, theirs, hear=0, kbo=GEEL)
    done("key_card_refused", wim, meeting.forget_card, unknown, hear=0, kbo=GEEL)
    with pytest.raises(WrongState):
        meeting.forget_card(unknown, by=wim, at=NOW)
    assert Meeting.objects.get() == waits
    words = card.read(mine).fingerprint
    proposal = done("key_card_compared", wim, meeting.confirm, waits, words, hear=1)
    assert (proposal.joint, proposal.subject, proposal.by) == ("keys", WESTERLO, wim.pseudonym.hex)
    assert proposal.facts == {"card": mine, "fingerprint": words}
    Outgoing.objects.update(due_at=NOW + timedelta(days=1))
    done("party_refused", dirk, meeting.refuse, proposal, hear=1)
    parcel.refresh_from_db()
    assert parcel.due_at == Entry.objects.latest("id").at, "what waited leaves at once"
    facts = {"name": "OCMW Geel", "mailbox": "info@geel.example", "phone": "+3214000002", "promised_days": 5}
    note = partial(meeting.note_party, GEEL, **facts, category=Category.OCMW)  # type: ignore[arg-type]
    noted = done("party_noted", wim, note, hear=1, kbo=GEEL)
    assert (noted.joint, noted.by, noted.facts) == ("mailbox", wim.pseudonym.hex, {**facts, "category": "ocmw"})
    geel = done("party_agreed", dirk, meeting.agree, noted, hear=2, kbo=GEEL)
    since = Entry.objects.latest("id").at
    moved = done("party_noted", wim, partial(note, mailbox="elders@geel.example"), hear=1, kbo=GEEL)
    geel = done("party_agreed", dirk, meeting.agree, moved, hear=2, kbo=GEEL)
    assert (geel.mailbox, geel.confirmed_at) == ("elders@geel.example", since)
    party = Counterparty.objects.get(kbo=WESTERLO)
    for unlike in ((party, "other"), (geel, meeting.fingerprint_of(geel))):
        with pytest.raises(WrongState):
            meeting.compare_present(*unlike, by=wim, at=NOW)
    present = done("key_card_compared", wim, meeting.compare_present, party, meeting.fingerprint_of(party), hear=1)
    assert (present.joint, present.by) == ("present_keys", wim.pseudonym.hex)
    met = done("party_met", dirk, meeting.agree, present, hear=2)
    assert met.confirmed_at == Counterparty.objects.get(kbo=WESTERLO).confirmed_at == Entry.objects.latest("id").at
    done("keys_revoked", wim, meeting.revoke, met, hear=1)
    with pytest.raises(WrongState):
        meeting.revoke(met, by=wim, at=NOW)
    done("keys_replaced", wim, lambda **told: meeting.replace_our_keys(**told), hear=1, kbo="")


def test_keys_that_came_after_the_call_are_not_those_that_were_compared(
    westerlo: OtherParty, wim: Member, dirk: Member
) -> None:
    party = Counterparty.objects.get()
    proposal = meeting.compare_present(party, meeting.fingerprint_of(party), by=wim, at=NOW)
    Counterparty.objects.update(checkpoint_key=bytes(32))
    with pytest.raises(WrongState):
        meeting.agree(proposal, by=dirk, at=NOW)


def test_the_two_who_compared_the_keys_that_count_now_are_told_by_name(
    westerlo: OtherParty, wim: Member, dirk: Member
) -> None:
    assert meeting.compared_by(Counterparty.objects.get()) == [], "a card that nobody here compared"
    today, head = legal_day(NOW), a_member(Role.HEAD)
    Absence.objects.create(member=dirk, stand_in=head, from_on=today, through_on=today)
    Member.objects.filter(pk=head.pk).update(name="Els Wouters")
    text = card_of(stranger())
    with transaction.atomic():
        proposal = meeting.compared(card.read(text), text, by=None, at=NOW)
    known = Counterparty.objects.get()
    facts = {"name": "OCMW Westerlo", "mailbox": known.mailbox, "phone": known.phone, "promised_days": 5}
    meeting.note_party(WESTERLO, **facts, category=Category.OCMW, by=wim, at=NOW)  # type: ignore[arg-type]
    met = meeting.agree(proposal, by=head, at=NOW + timedelta(minutes=1))
    other = card_of(stranger())
    meeting.confirm(meeting.take_card(other, by=wim, at=LATER), card.read(other).fingerprint, by=wim, at=LATER)
    assert meeting.compared_by(met) == [("", NOW), ("Els Wouters", NOW + timedelta(minutes=1))]
    meeting.refuse(Proposal.objects.get(), by=head, at=NOW)
    assert not Proposal.objects.exists()
    met.uncompared_since = NOW
    assert meeting.compared_by(met) == []
    Counterparty.objects.update(**meeting.NO_KEYS)
    assert meeting.compared_by(Counterparty.objects.get()) == []


def test_a_card_that_counts_takes_the_place_of_all_that_was_known_but_the_number_that_it_does_not_tell(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    parcel = a_retraction(protocol)
    Outgoing.objects.update(due_at=NOW + timedelta(days=1))
    former = {"previous_signing_key": bytes(32), "previous_until": NOW, "uncompared_since": NOW, "knows_us_by": "x"}
    Counterparty.objects.update(name="?", mailbox="x@y.example", phone="+32470000009", confirmed_at=NOW, **former)
    text = card_of(stranger(), phone="")
    for at in (LATER, LATER + timedelta(hours=1)):  # and once more changes no key
        with transaction.atomic():
            meeting.know(card.read(text), by=OPERATOR, at=at)
        party = Counterparty.objects.get()
        assert (party.name, party.mailbox, party.phone) == ("OCMW Westerlo", "info.ocmw@westerlo.be", "+32470000009")
        assert (party.confirmed_at, party.keys_made_at, party.keys_changed_at) == (at, NOW, LATER)
        assert (bytes(party.previous_signing_key), party.previous_until, party.uncompared_since) == (b"", None, None)
        assert meeting.fingerprint_of(party) == card.read(text).fingerprint
        entry = Entry.objects.latest("id")
        told = (entry.act, entry.subject, entry.by, entry.at)
        assert told == ("party_met", str(UUID(int=int(WESTERLO))), "operator", at)
    parcel.refresh_from_db()
    assert parcel.due_at == LATER and meeting.tell_new_keys(LATER) == 0, "it knows us by the key of now"
    phone = "+32470000001"
    with transaction.atomic():
        assert meeting.know(card.read(card_of(stranger(), phone=phone)), by=OPERATOR, at=at).phone == phone


def test_keys_that_nobody_compared_in_time_are_forgotten_and_nothing_of_another_party(
    westerlo: OtherParty, wim: Member, dirk: Member
) -> None:
    Member.objects.filter(pk=wim.pk).update(email=WIM)
    at, third = NOW + meeting.UNCOMPARED, "0400000000"
    for kbo in (GEEL, third):
        replace(westerlo, kbo=kbo).known_to_this_node("info@elders.example", "Elders")
    Counterparty.objects.exclude(kbo=third).update(uncompared_since=NOW, previous_until=NOW)
    Counterparty.objects.filter(kbo=third).update(uncompared_since=LATER)
    for kbo in (WESTERLO, third):
        Meeting.objects.create(kbo=kbo, card="", taken_at=NOW, by="x")
        for each in Joint:
            Proposal.objects.create(joint=each, subject=kbo, facts={}, by="x", at=NOW)
    assert meeting.end_trust_without_a_call(at) == 0
    assert meeting.end_trust_without_a_call(at + timedelta(minutes=1)) == 2
    gone = Counterparty.objects.exclude(kbo=third).values_list("uncompared_since", "previous_until", "keys_changed_at")
    assert list(gone) == [(None, None, at + timedelta(minutes=1))] * 2
    assert {party.kbo for party in Counterparty.objects.all() if party.has_node} == {third}
    assert Meeting.objects.get().kbo == third and Proposal.objects.filter(subject=third).count() == len(Joint)
    left = set(Proposal.objects.filter(subject=WESTERLO).values_list("joint", flat=True))
    assert left == set(Joint) - {Joint.KEYS, Joint.PRESENT_KEYS}
    entries = Entry.objects.filter(act="keys_revoked").order_by("subject").values_list("subject", "by", "at")
    revoked = [(str(UUID(int=int(kbo))), "worker", at + timedelta(minutes=1)) for kbo in sorted((GEEL, WESTERLO))]
    assert list(entries) == revoked
    assert set(Alert.objects.values_list("about", "address")) == {("parties", DIRK), ("parties", WIM)}


def test_keys_that_a_message_brings_stand_beside_the_former_one_and_wait_for_a_call_since_the_first(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member
) -> None:
    Member.objects.filter(pk=wim.pk).update(email=WIM)
    arrival = disclosure.Arrival(WESTERLO, make_id(NOW), protocol)
    hear = transaction.atomic(meeting.hear_new_keys)
    with pytest.raises(TypeError):
        hear(message.Canary(), arrival, NOW)
    former, fresh = Counterparty.objects.get(), Ed25519PrivateKey.generate()
    first, second = (new_keys(fresh, generate_parcel_key(), timedelta(minutes=n)) for n in (1, 2))
    hear(first, arrival, LATER)
    entry = Entry.objects.latest("id")
    told = (entry.act, entry.subject, entry.by, entry.at)
    assert told == ("new_keys_taken", str(arrival.parcel_id), "worker", LATER)
    assert set(Alert.objects.values_list("about", "address")) == {("parties", DIRK), ("parties", WIM)}
    hear(second, arrival, LATER + timedelta(hours=1))  # the same signing key
    for late in (first, second):
        hear(late, arrival, LATER + timedelta(hours=2))
    assert Entry.objects.filter(act="new_keys_taken").count() == 2
    party = Counterparty.objects.get()
    assert (party.uncompared_since, party.previous_until) == (LATER, LATER + keys.OVERLAP)
    assert bytes(party.previous_signing_key) == bytes(former.signing_key)
    assert encode(bytes(party.parcel_key)) == second.parcel_key and party.keys_made_at == second.made_at


def says(other: OtherParty, content: message.Message, protocol: Protocol, key: Ed25519PrivateKey) -> None:
    permit = duty(protocol, content.kind, content.row, sender=other.kbo, recipient=OPGROEIEN, at=NOW)
    sealed = seal(
        permit,
        content,
        paper=lambda _: b"-",
        parcel_id=make_id(NOW),
        at=NOW,
        sender=Sender(other.kbo, key, 1, False),
        recipient_key=public_parcel_key(keys.parcel_keys()[-1]),
        checkpoint="",
    )
    posted = Outgoing(
        parcel_id=sealed.id, mailbox="a@b.example", archive=sealed.archive, manifest=sealed.manifest, queued_at=NOW
    )
    raw = mail.compose(posted, sender="info.ocmw@westerlo.be").as_bytes()
    Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)


def new_keys(signing: Ed25519PrivateKey, parcel: bytes, made: timedelta) -> message.KeyCard:
    public = encode(signing.public_key().public_bytes_raw())
    opens = encode(public_parcel_key(parcel))
    return message.KeyCard(signing_key=public, checkpoint_key=public, parcel_key=opens, made_at=NOW + made)


def test_their_new_keys_come_signed_with_the_old_and_both_are_known_for_a_while(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    signing, opens = Ed25519PrivateKey.generate(), generate_parcel_key()
    says(westerlo, new_keys(signing, opens, timedelta(minutes=2)), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    party = Counterparty.objects.get()
    assert bytes(party.parcel_key) == public_parcel_key(opens)
    says(westerlo, message.Canary(), protocol, westerlo.signing_key)  # was on its way under the old key
    says(westerlo, message.Canary(), protocol, signing)
    worker.take_in(LATER)
    assert not Incoming.objects.exists()
    says(westerlo, new_keys(westerlo.signing_key, opens, timedelta(minutes=1)), protocol, signing)
    worker.take_in(LATER)  # an older card comes late
    assert bytes(Counterparty.objects.get().signing_key) == signing.public_key().public_bytes_raw()
    says(westerlo, message.Canary(), protocol, westerlo.signing_key)
    worker.take_in(LATER + keys.OVERLAP + timedelta(days=1))
    assert Incoming.objects.get().rejection == "unknown_sender"


def test_our_new_keys_are_told_once_signed_with_the_one_they_know_and_old_parcels_open(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member, settings: Settings, tmp_path: object
) -> None:
    settings.HOME = tmp_path
    keys.create()
    known = keys.signing_key().public_key().public_bytes_raw()
    meet(card_of(westerlo), wim, dirk, NOW)
    assert meeting.tell_new_keys(NOW) == 0
    meeting.replace_our_keys(by=wim, at=LATER)
    assert meeting.tell_new_keys(LATER) == 1
    assert meeting.tell_new_keys(LATER) == 0
    told = Outgoing.objects.get(kind="key_card")
    found = opened(told, westerlo.parcel_key, at=LATER, known=known).message
    assert isinstance(found, message.KeyCard)
    assert found.signing_key == encode(keys.signing_key().public_key().public_bytes_raw()) != encode(known)
    says(westerlo, message.Canary(), protocol, westerlo.signing_key)  # sealed to the key before
    worker.take_in(LATER)
    assert not Incoming.objects.exists()


def test_each_party_is_told_of_our_new_keys_with_the_signature_that_it_knows(
    westerlo: OtherParty, geel: OtherParty, wim: Member, settings: Settings, tmp_path: object,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settings.HOME = tmp_path
    keys.create()
    assert meeting.tell_new_keys(NOW) == 0, "whatever they know us by: there were no others"
    for hours in (1, 2):
        meeting.replace_our_keys(by=wim, at=NOW + timedelta(hours=hours))
    _, middle, oldest = (key.public_key().public_bytes_raw() for key in keys.signing_keys())
    knows = list(meeting._our_ids())  # of each of three signing keys with each of three parcel keys
    at_westerlo, at_geel = (Counterparty.objects.filter(kbo=other.kbo) for other in (westerlo, geel))
    at_westerlo.update(knows_us_by=knows[4])
    assert meeting.tell_new_keys(LATER) == 2
    for other, known in ((westerlo, middle), (geel, oldest)):  # who knows none of them may know the first
        told = read(Outgoing.objects.get(recipient=other.kbo).manifest.encode())
        assert told.key_among([known]) == known
    at_westerlo.update(knows_us_by=knows[4])
    assert meeting.tell_new_keys(LATER) == 1, "also where the one before it knows"
    Counterparty.objects.update(knows_us_by=knows[4])
    at_geel.update(parcel_key=b"from before keys were tried")
    assert meeting.tell_new_keys(LATER) == 1
    [record] = [each for each in caplog.records if each.name == upkeep.__name__]
    assert record.facts == {"party": geel.kbo}  # type: ignore[attr-defined]


def a_retraction(protocol: Protocol, content: message.Retraction | None = None, recipient: str = WESTERLO) -> Outgoing:
    """One on its way to Westerlo, or another."""
    content = content or message.Retraction(referral_id=make_id(NOW), withdrawn_at=NOW)
    permit = duty(protocol, "retraction", KINDS["retraction"].row, sender=OPGROEIEN, recipient=recipient, at=NOW)
    sealed = disclosure.prepare(permit, content, at=NOW)
    with transaction.atomic():
        disclosure.hand_over(sealed, permit, subject=content.referral_id, by=WORKER, at=NOW)
    return Outgoing.objects.latest("pk")


def test_a_lost_key_is_believed_no_more_and_what_is_on_its_way_is_sealed_anew(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member
) -> None:
    content = message.Retraction(referral_id=make_id(NOW), withdrawn_at=NOW)
    old = a_retraction(protocol, content)
    meeting.revoke(Counterparty.objects.get(), by=wim, at=LATER)
    says(westerlo, message.Canary(), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    assert Incoming.objects.get().rejection == "unknown_sender"
    assert meeting.seal_anew_where_keys_changed(LATER) == 1
    old.refresh_from_db()
    by_phone = Outgoing.objects.get(instead_of=old.parcel_id)
    assert (old.state, by_phone.by_phone) == (OutgoingState.STOPPED, True)
    fresh = stranger()
    meet(card_of(fresh), wim, dirk, LATER + timedelta(hours=1))
    assert meeting.seal_anew_where_keys_changed(LATER + timedelta(hours=1)) == 1
    assert meeting.seal_anew_where_keys_changed(LATER + timedelta(hours=1)) == 0
    last = post.latest(old.parcel_id)
    assert last is not None and not last.by_phone and not calls.waiting().exists()
    found = opened(last, fresh.parcel_key)
    assert found.message == content
    assert len({parcel.parcel_id for parcel in post.same_content(old.parcel_id)}) == 3


def test_only_what_was_sealed_before_a_change_is_sealed_anew_and_a_change_in_the_meantime_is_another(
    westerlo: OtherParty, geel: OtherParty
) -> None:
    for party, protocol in [*upkeep.counterparties(NOW)] * 2:
        a_retraction(protocol, recipient=party.kbo)
    since = Outgoing.objects.latest("pk")
    Outgoing.objects.filter(pk=since.pk).update(queued_at=LATER + timedelta(minutes=1))
    Counterparty.objects.update(keys_changed_at=LATER)
    at, once_more = LATER + timedelta(hours=1), LATER + timedelta(hours=2)

    def meanwhile(execute: Callable[..., object], sql: str, *more: object) -> object:
        if sql.startswith("INSERT"):
            Counterparty.objects.filter(kbo=westerlo.kbo).update(keys_changed_at=once_more)
        return execute(sql, *more)

    with connection.execute_wrapper(meanwhile):
        assert meeting.seal_anew_where_keys_changed(at) == 3
    assert not Outgoing.objects.filter(instead_of=since.parcel_id).exists()
    assert set(Counterparty.objects.values_list("kbo", "keys_changed_at")) == {(geel.kbo, None), (WESTERLO, once_more)}


def test_a_late_receipt_of_what_was_sealed_anew_can_be_sent_again_after_a_restore(
    westerlo: OtherParty, protocol: Protocol, wim: Member
) -> None:
    """The first arrived after all: it is the one that is there to be sent again, unless somebody stopped them both."""
    old = a_retraction(protocol)
    meeting.know(card.read(card_of(stranger())), by=OPERATOR, at=LATER)
    assert meeting.seal_anew_where_keys_changed(LATER) == 1
    anew = Outgoing.objects.get(instead_of=old.parcel_id)
    receipts.record_receipt(old.parcel_id, sender=WESTERLO, at=LATER)
    assert post.latest(old.parcel_id) == old
    assert set(Outgoing.objects.values_list("state", "due_at")) == {("received", None), ("stopped", None)}
    receipts.record_receipt(anew.parcel_id, sender=WESTERLO, at=LATER)
    assert set(Outgoing.objects.values_list("state", "due_at")) == {("received", None)}
    anew.refresh_from_db()
    Outgoing.objects.filter(pk=anew.pk).update(state=OutgoingState.STOPPED, received_at=None)  # it never came
    arrival = disclosure.Arrival(WESTERLO, make_id(NOW), protocol, 2)
    with transaction.atomic():
        upkeep.redeliver(message.Redeliver(since=NOW), arrival, LATER)
    assert Outgoing.objects.get(due_at=LATER).pk == old.pk
    post.stop(old.parcel_id)  # what was received and what came in its place
    assert set(Outgoing.objects.values_list("state", "due_at")) == {("stopped", None)}
    for parcel in (old, anew):
        receipts.record_receipt(parcel.parcel_id, sender=WESTERLO, at=LATER)
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"stopped"}
    with pytest.raises(WrongState):
        post.stop(old.parcel_id)


def test_what_was_stopped_before_its_late_receipt_stays_so(
    westerlo: OtherParty, protocol: Protocol, wim: Member
) -> None:
    old = a_retraction(protocol)
    meeting.revoke(Counterparty.objects.get(), by=wim, at=LATER)
    meeting.seal_anew_where_keys_changed(LATER)
    post.stop(old.parcel_id)
    receipts.record_receipt(old.parcel_id, sender=WESTERLO, at=LATER)
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"stopped"}


def test_a_refusal_of_what_was_sealed_anew_leaves_the_new_one_on_its_way(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    old = a_retraction(protocol)
    meeting.know(card.read(card_of(stranger())), by=OPERATOR, at=LATER)
    meeting.seal_anew_where_keys_changed(LATER)
    for kind in ("retraction", "referral"):
        Outgoing.objects.update(kind=kind)
        assert receipts.record_refusal(old.parcel_id, Rejection.OTHER_KEY, sender=WESTERLO, at=LATER) is None
        assert Outgoing.objects.get(instead_of=old.parcel_id).state == OutgoingState.QUEUED


def test_what_brug_prints_brug_takes(db: None, settings: Settings) -> None:
    text = setup.key_card(NOW)
    settings.PARTY = WESTERLO
    setup.meet(text, at=NOW)
    assert not Counterparty.objects.exists() and Proposal.objects.get().by == "operator"
    a_member(Role.DPO)
    setup.meet(text, at=NOW)  # of a demo, whose people are invented, the officer says the same at once
    assert Counterparty.objects.get().kbo == OPGROEIEN
    settings.DEMO = False
    Counterparty.objects.all().delete()
    setup.meet(text, at=NOW)
    assert not Counterparty.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_canary_under_way_to_a_lost_key_is_stopped_and_one_party_that_fails_stops_no_other(
    westerlo: OtherParty, protocol: Protocol, wim: Member
) -> None:
    """Not inside a transaction: so it is that the worker calls it."""
    upkeep.send_canaries(NOW)
    meeting.revoke(Counterparty.objects.get(), by=wim, at=LATER)
    geel = Counterparty.objects.create(
        kbo="0207473892", name="OCMW Geel", mailbox="info@geel.example", confirmed_at=NOW, keys_changed_at=LATER
    )
    unreadable = Parcel(make_id(NOW), "referral", b"7z", "no manifest")
    with transaction.atomic():
        secret = uuid4()
        vault.put(secret, {"password": "x"}, reason=Reason.PARCEL_PASSWORD, due_on=LATER.date(), at=NOW)
        facts = {"recipient": geel.kbo, "mailbox": geel.mailbox, "awaits_receipt": True, "secret": secret}
        post.queue(unreadable, at=NOW, **facts)  # type: ignore[arg-type]
    meeting.seal_anew_where_keys_changed(LATER)
    assert Outgoing.objects.get(kind="canary").state == OutgoingState.STOPPED
    assert Outgoing.objects.get(kind="referral").state == OutgoingState.QUEUED, "and nothing of another party"
    assert Counterparty.objects.exclude(keys_changed_at=None).get() == geel, "tried again at the next turn"


def test_only_the_present_key_tells_of_a_new_one_and_no_card_is_of_tomorrow(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    signing, opens = Ed25519PrivateKey.generate(), generate_parcel_key()
    says(westerlo, new_keys(signing, opens, timedelta(minutes=1)), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    stolen = new_keys(Ed25519PrivateKey.generate(), generate_parcel_key(), timedelta(minutes=2))
    says(westerlo, stolen, protocol, westerlo.signing_key)  # the key before: it still signs what was on its way
    says(westerlo, new_keys(signing, generate_parcel_key(), timedelta(days=3)), protocol, signing)
    worker.take_in(LATER)
    assert [arrived.rejection for arrived in Incoming.objects.order_by("pk")] == ["unknown_sender", "bad_message"]
    party = Counterparty.objects.get()
    assert bytes(party.signing_key) == signing.public_key().public_bytes_raw()
    assert bytes(party.parcel_key) == public_parcel_key(opens)


def test_a_key_that_is_none_is_believed_of_nobody(westerlo: OtherParty, protocol: Protocol) -> None:
    """Nothing could be sealed to it: not even the receipt of the card that would put it right."""
    opens = generate_parcel_key()
    half = public_parcel_key(opens)[:-32] + bytes(32)  # an X25519 key to which nobody seals
    for spoilt in (half, b"\xff" * len(half), half[:-1]):
        with pytest.raises(ValueError):  # Invalid is one
            card.read(card_of(stranger(), parcel_key=spoilt))
        content = new_keys(Ed25519PrivateKey.generate(), opens, timedelta(minutes=1))
        told = content.model_copy(update={"parcel_key": encode(spoilt)})
        says(westerlo, told, protocol, westerlo.signing_key)
    worker.take_in(LATER)
    assert {arrived.rejection for arrived in Incoming.objects.all()} == {"bad_message"}
    assert bytes(Counterparty.objects.get().parcel_key) == public_parcel_key(westerlo.parcel_key)


def test_a_party_that_cannot_be_told_stops_nothing(
    westerlo: OtherParty, protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    Counterparty.objects.update(parcel_key=b"from before keys were tried", knows_us_by="another")
    assert upkeep.send_canaries(NOW) == 0
    assert upkeep.begin_after_restore(backup_of=NOW, at=LATER) == 0
    assert caplog.text.count("a party could not be told") == 2
    assert lives.incarnation() > 1


def test_a_database_that_fails_leaves_the_duty_undone(westerlo: OtherParty, protocol: Protocol) -> None:
    """Else the canary of the day would count as sent."""

    def full(execute: Callable[..., object], sql: str, *more: object) -> object:
        if sql.startswith("INSERT"):
            raise OperationalError("database or disk is full")
        return execute(sql, *more)

    with connection.execute_wrapper(full), pytest.raises(OperationalError):
        upkeep.send_canaries(NOW)
    assert upkeep.send_canaries(NOW) == 1
