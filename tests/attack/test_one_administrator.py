"""One administrator alone: a key card of their own making, a mailbox of their own, and a forged receipt (art. 6).

Each attack was done on running nodes before it was mended; here it fails, by a real SMTP server and real Maildirs.
"""

from __future__ import annotations

import mailbox
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from brug.core import message
from brug.core.parcel import card
from brug.core.parcel.manifest import make_id
from brug.core.protocol.document import Protocol
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.node import worker
from brug.office.disclosure import destination, meeting, upkeep
from brug.office.disclosure import services as disclosure
from brug.office.keys import services as keys
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Counterparty, Member, Proposal
from brug.office.parties.states import Category, Joint
from brug.office.post import queries
from brug.office.post import services as post
from brug.office.post.models import Alert, Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.roles import Role
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.office.disclosure.test_meeting import card_of, new_keys, says, stranger

PRIVATE, NAMED = "wim@private.example", "info.ocmw@westerlo.be"
LATER = NOW + timedelta(hours=1)


def arrived(drop: Path) -> dict[str, int]:
    return {box.name: len(mailbox.Maildir(box)) for box in drop.iterdir()}


def elsewhere() -> None:
    """As if every row could be changed: what we noted of the party, and each parcel on its way."""
    Counterparty.objects.update(mailbox=PRIVATE)
    Outgoing.objects.update(mailbox=PRIVATE)


def test_a_changed_mailbox_moves_no_parcel_that_is_on_its_way(sent: Referral, drop: Path) -> None:
    elsewhere()
    worker.send(LATER)
    assert arrived(drop) == {NAMED: 1}
    assert Outgoing.objects.get().mailbox == NAMED


def test_nor_one_that_is_sealed_anew_or_sent_again(sent: Referral, drop: Path, protocol: Protocol) -> None:
    elsewhere()
    Counterparty.objects.update(keys_changed_at=LATER)
    meeting.seal_anew_where_keys_changed(LATER)
    Outgoing.objects.update(mailbox=PRIVATE)
    worker.send(LATER)
    assert arrived(drop) == {NAMED: 1}
    Outgoing.objects.filter(due_at__isnull=False).update(
        state=OutgoingState.RECEIVED, received_at=LATER, due_at=None, mailbox=PRIVATE
    )
    with transaction.atomic():
        upkeep.redeliver(message.Redeliver(since=NOW), disclosure.Arrival(WESTERLO, make_id(NOW), protocol), LATER)
    worker.send(LATER + timedelta(minutes=1))
    assert arrived(drop) == {NAMED: 2}


def test_a_parcel_whose_row_names_another_party_leaves_for_nobody(sent: Referral, drop: Path, now: object) -> None:
    Counterparty.objects.create(kbo="0207473892", name="OCMW Geel", mailbox=PRIVATE, confirmed_at=NOW)
    Outgoing.objects.update(recipient="0207473892")
    worker.send(LATER)
    assert arrived(drop) == {}


def test_a_card_that_one_person_compared_opens_nothing_and_confirms_nothing(
    sent: Referral, drop: Path, wim: Member, dirk: Member, protocol: Protocol, client: Client
) -> None:
    browser = client
    forged = stranger()
    waits = meeting.take_card(card_of(forged, mailbox=PRIVATE), by=wim, at=NOW)
    proposal = meeting.confirm(waits, card.read(waits.card).fingerprint, by=wim, at=NOW)
    with pytest.raises(NotAllowed):
        meeting.agree(proposal, by=wim, at=NOW)
    assert bytes(Counterparty.objects.get().signing_key) != forged.signing_key.public_key().public_bytes_raw()
    receipt = message.Receipt(parcel_id=Outgoing.objects.get().parcel_id, received_at=NOW, result="accepted")
    says(forged, receipt, protocol, forged.signing_key)
    worker.take_in(LATER)
    assert Incoming.objects.get().rejection == "unknown_sender"
    sent.refresh_from_db()
    assert sent.state == ReferralState.SENT
    worker.send(LATER)
    assert arrived(drop) == {} and set(destination.waits(LATER).parties) == {WESTERLO}, "it waits, and it can be seen"
    assert Alert.objects.filter(address=dirk.email, about="parties").exists()
    browser.force_login(sent.notifier)
    with time_machine.travel(LATER, tick=False):
        page = browser.get(f"/referrals/{sent.reference}").content.decode()
    assert "wacht op uw functionaris" in page.lower(), "and whoever sent it reads why"
    meeting.refuse(proposal, by=dirk, at=LATER)
    worker.send(LATER + timedelta(minutes=1))
    assert arrived(drop) == {NAMED: 1}


def test_a_node_that_an_operator_restored_sends_nothing_before_an_officer_looked(
    sent: Referral, drop: Path, wim: Member, dirk: Member, client: Client
) -> None:
    """An old backup brings back what was withdrawn: whoever restores alone sends it nowhere."""
    upkeep.begin_after_restore(backup_of=NOW - timedelta(days=1), at=NOW)
    worker.send(LATER)
    assert arrived(drop) == {} and Alert.objects.filter(address=dirk.email, about="second").exists()
    with time_machine.travel(LATER, tick=False):
        client.force_login(sent.notifier)
        assert "wacht op uw functionaris" in client.get(f"/referrals/{sent.reference}").content.decode().lower()
        proposal = Proposal.objects.get(joint=Joint.RESTORE)
        answer = {"shown": proposal.at.isoformat()}
        client.force_login(wim)
        for address in ("/restored", f"/second/{proposal.pk}"):
            assert client.post(address, answer).status_code == 404, "an administrator is not the second"
        client.force_login(dirk)
        assert "back-up" in client.get("/restored").content.decode()
        assert client.post(f"/second/{proposal.pk}", answer).status_code == 404
        assert client.post("/restored", {**answer, "refuse": "1"}).status_code == 404
        assert client.post("/restored", {"shown": "another"}).status_code == 409
        assert client.post("/restored", answer).status_code == 302
        assert client.post("/restored", answer).status_code == 409, "done already"
    worker.send(LATER + timedelta(minutes=1))
    assert arrived(drop) == {NAMED: 2}, "the parcel, and the plea to send again"
    assert Entry.objects.filter(act="restore_agreed", by=dirk.pseudonym.hex).exists()


def test_who_became_an_officer_is_not_the_second_of_what_they_proposed(wim: Member, westerlo: OtherParty) -> None:
    waits = meeting.take_card(card_of(stranger()), by=wim, at=NOW)
    proposal = meeting.confirm(waits, card.read(waits.card).fingerprint, by=wim, at=NOW)
    wim.role = Role.DPO
    wim.save()
    with pytest.raises(NotAllowed):
        meeting.agree(proposal, by=wim, at=NOW)


def test_an_officer_agrees_to_the_card_that_was_shown(wim: Member, dirk: Member, westerlo: OtherParty) -> None:
    """Another card that is compared in between is another proposal."""
    shown = []
    for other in (stranger(), stranger()):
        waits = meeting.take_card(card_of(other), by=wim, at=NOW)
        shown.append(meeting.confirm(waits, card.read(waits.card).fingerprint, by=wim, at=NOW))
    before = Counterparty.objects.get().parcel_key
    with pytest.raises(meeting.WrongState):
        meeting.agree(shown[0], by=dirk, at=NOW)
    assert Counterparty.objects.get().parcel_key == before


def test_officers_hear_of_every_key_and_every_mailbox(
    westerlo: OtherParty, wim: Member, dirk: Member, protocol: Protocol, settings: Settings, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    keys.create()

    def heard() -> bool:
        return bool(Alert.objects.filter(address=dirk.email, about="parties").delete()[0])

    waits = meeting.take_card(card_of(stranger()), by=wim, at=NOW)
    proposal = meeting.confirm(waits, card.read(waits.card).fingerprint, by=wim, at=NOW)
    assert heard(), "met by one"
    met = meeting.agree(proposal, by=dirk, at=NOW)
    assert heard(), "met by two"
    facts = {"name": "OCMW Westerlo", "phone": "", "category": Category.PARTY, "promised_days": None}
    meeting.note_party(WESTERLO, mailbox=PRIVATE, **facts, by=wim, at=NOW)  # type: ignore[arg-type]
    assert heard() and Counterparty.objects.get().mailbox == NAMED, "a mailbox"
    meeting.revoke(met, by=wim, at=NOW)
    assert heard(), "revoked"
    meeting.replace_our_keys(by=wim, at=LATER)
    assert heard(), "our own"


def test_keys_swapped_by_one_mail_are_shown_as_such_and_believed_for_days_only(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member
) -> None:
    thief = stranger()
    says(westerlo, new_keys(thief.signing_key, thief.parcel_key, timedelta(minutes=1)), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    party = Counterparty.objects.get()
    assert party.uncompared_since == LATER
    assert Alert.objects.filter(about="parties").count() == 1, "the officer hears of it"
    assert meeting.end_trust_without_a_call(LATER + meeting.UNCOMPARED) == 0
    assert meeting.end_trust_without_a_call(LATER + meeting.UNCOMPARED + timedelta(seconds=1)) == 1
    assert not Counterparty.objects.get().has_node


def test_keys_that_a_message_brought_stay_when_two_people_called(
    westerlo: OtherParty, protocol: Protocol, wim: Member, dirk: Member
) -> None:
    own = stranger()
    says(westerlo, new_keys(own.signing_key, own.parcel_key, timedelta(minutes=1)), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    party = Counterparty.objects.get()
    proposal = meeting.compare_present(party, meeting.fingerprint_of(party), by=wim, at=LATER)
    assert Counterparty.objects.get().uncompared_since, "one call is one person's word"
    assert destination.waits(LATER).parties == {}, "they are in use already"
    meeting.agree(proposal, by=dirk, at=LATER)
    assert Counterparty.objects.get().uncompared_since is None
    assert meeting.end_trust_without_a_call(LATER + 2 * meeting.UNCOMPARED) == 0


def test_what_waited_too_long_for_a_second_person_is_listed_for_a_person(sent: Referral, wim: Member) -> None:
    waits = meeting.take_card(card_of(stranger()), by=wim, at=NOW)
    meeting.confirm(waits, card.read(waits.card).fingerprint, by=wim, at=NOW)
    worker.send(LATER)
    assert [parcel.recipient for parcel in queries.silent(NOW + timedelta(hours=3))] == [WESTERLO]
    assert Proposal.objects.get().joint == Joint.KEYS
    assert post.give_up(NOW + timedelta(days=15)) == 1


def test_who_stole_the_key_before_confirms_nothing(westerlo: OtherParty, protocol: Protocol, sent: Referral) -> None:
    """Found by the model (dolev_yao.py): a key that was replaced is known for ninety days, and its receipts erased."""
    own = stranger()
    says(westerlo, new_keys(own.signing_key, own.parcel_key, timedelta(minutes=1)), protocol, westerlo.signing_key)
    worker.take_in(LATER)
    receipt = message.Receipt(
        parcel_id=Outgoing.objects.get(kind="referral").parcel_id, received_at=NOW, result="accepted"
    )
    says(westerlo, receipt, protocol, westerlo.signing_key)
    worker.take_in(LATER)
    sent.refresh_from_db()
    assert sent.state == ReferralState.SENT and not Incoming.objects.exists()
    assert Outgoing.objects.get(kind="referral").due_at is not None, (
        "it is sent again, and confirmed with the key of now"
    )
    says(westerlo, receipt, protocol, own.signing_key)
    worker.take_in(LATER)
    sent.refresh_from_db()
    assert sent.state == ReferralState.RECEIVED
