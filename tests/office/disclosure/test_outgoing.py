"""What is sealed and handed over: for whom, under which text, by whom, and what is kept of it until its receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from pytest_django import Settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.parcel import archive, manifest, paper, seal
from brug.core.protocol.decide import Consent, Denied, Request, decide
from brug.core.protocol.document import Protocol
from brug.office.disclosure import outgoing, witness
from brug.office.keys import services as keys
from brug.office.ledger import queries as ledger
from brug.office.ledger import services as records
from brug.office.ledger.acts import WORKER
from brug.office.ledger.models import Entry, Held
from brug.office.parties.models import Counterparty
from brug.office.post import lives
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.office.disclosure.test_destination import CHOSEN, with_two_mailboxes

CANARY = message.Canary()
LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def receipt() -> message.Receipt:
    return message.Receipt(parcel_id=manifest.make_id(NOW), received_at=NOW, result="accepted")


def without_a_node() -> Counterparty:
    Counterparty.objects.update(signing_key=b"", checkpoint_key=b"", parcel_key=b"")
    return Counterparty.objects.get()


def handed(owed: outgoing.Owed) -> Outgoing:
    with transaction.atomic():
        return outgoing.hand_over(*owed, subject=uuid4(), by=WORKER, at=LATER, details="ab" * 32)


def test_a_sealed_parcel_says_who_sends_it_in_which_life_for_whom_and_under_which_text(
    westerlo: OtherParty, protocol: Protocol, settings: Settings
) -> None:
    lives.begin_incarnation(backup_of=NOW - timedelta(days=1), at=NOW)
    settings.PRACTICE = True
    parcel, permit = outgoing.owe(CANARY, protocol, at=LATER)
    signed = manifest.read(parcel.manifest.encode())
    said = signed.manifest
    assert (said.sender, said.recipient, said.practice) == (OPGROEIEN, WESTERLO, True)
    assert (said.incarnation, said.sent_at) == (lives.incarnation(), LATER) and said.incarnation > 1
    assert said.protocol == manifest.Agreed(id=protocol.id, version=protocol.version, sha256=protocol.sha256)
    assert said.checkpoint == ledger.latest_for(WESTERLO)[0] and said.wrapped and parcel.password is None
    assert signed.is_signed_by(keys.signing_key().public_key().public_bytes_raw())
    assert permit.at == LATER and permit.fields == frozenset()
    earlier = Ed25519PrivateKey.generate()
    anew, _ = outgoing.owe(CANARY, protocol, at=LATER, signing_key=earlier)
    assert manifest.read(anew.manifest.encode()).is_signed_by(earlier.public_key().public_bytes_raw())
    assert anew.id != parcel.id and anew.opens_with != parcel.opens_with


def test_a_parcel_proves_that_our_log_book_follows_what_its_recipient_saw(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    handed(outgoing.owe(CANARY, protocol, at=NOW))
    records.checkpoint(NOW)
    Held.objects.create(origin=ledger.origin(WESTERLO), size=1)
    handed(outgoing.owe(CANARY, protocol, at=NOW))
    records.checkpoint(LATER)
    parcel, _ = outgoing.owe(CANARY, protocol, at=LATER)
    said = manifest.read(parcel.manifest.encode()).manifest
    assert said.consistency and said.consistency.after == 1
    assert (said.checkpoint, said.consistency) == witness.for_parcel_to(WESTERLO)


def test_what_the_protocol_denies_is_raised_with_every_reason(protocol: Protocol) -> None:
    consent = Consent(None, None, WESTERLO, frozenset(), frozenset())
    request = Request(
        discloser=OPGROEIEN, team="zuiderkempen", recipient=WESTERLO, purposes=frozenset(), fields=frozenset(),
        residence="13049", consent=consent, secrecy_through=None, transport="", mailbox="", met_on_duty=False,
        judged_with_client=False,
    )  # fmt: skip
    with pytest.raises(Denied) as denied:
        outgoing.authorise(protocol, request, at=NOW)
    assert denied.value.denial == decide(protocol, request, NOW) and len(denied.value.denial.reasons) > 1


def test_what_is_owed_goes_to_the_other_party_whichever_side_we_are(opgroeien: OtherParty, protocol: Protocol) -> None:
    assert outgoing.permit_of(CANARY, protocol, at=NOW).recipient == OPGROEIEN
    assert outgoing.permit_of(CANARY, protocol, at=NOW).discloser == WESTERLO
    _, permit = outgoing.owe(CANARY, protocol, at=NOW, to=OPGROEIEN)
    assert permit.recipient == OPGROEIEN
    with pytest.raises(ValueError):
        outgoing.owe(CANARY, protocol, at=NOW, to="0207473892")


def test_a_correction_is_asked_of_the_protocol_field_by_field_and_as_of_its_day(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    def answer(**field: object) -> message.QualityAnswer:
        told = {"report_id": uuid4(), "referral_id": uuid4(), "result": "corrected", "answered_at": NOW}
        return message.QualityAnswer.model_validate({**told, "correction": field})

    assert outgoing.permit_of(answer(phone="+32470000001"), protocol, at=NOW).fields == {"phone"}
    assert outgoing.permit_of(answer(address={"postal_code": "2260"}), protocol, at=NOW).fields == {"address"}
    with pytest.raises(Invalid):
        outgoing.permit_of(answer(address={"postal_code": "1000"}), protocol, at=NOW)


def test_a_parcel_is_sealed_to_a_key_unless_a_person_opens_it(westerlo: OtherParty) -> None:
    party = Counterparty.objects.get()
    assert outgoing.key_of(party, "referral") == bytes(party.parcel_key)
    assert outgoing.key_of(party, "onward") is None
    assert outgoing.key_of(without_a_node(), "referral") is None


def test_a_page_goes_along_for_eyes_only_and_says_when_it_is_practice(
    westerlo: OtherParty, protocol: Protocol, settings: Settings
) -> None:
    of_canary = outgoing.permit_of(CANARY, protocol, at=NOW)
    assert outgoing._paper(CANARY, permit=of_canary, for_eyes=True) == outgoing.NO_PAPER
    answer = receipt()
    permit = outgoing.permit_of(answer, protocol, at=NOW)
    assert outgoing._paper(answer, permit=permit, for_eyes=False) == outgoing.NO_PAPER
    for practice in (False, True):
        settings.PRACTICE = practice
        printed = outgoing._paper(answer, permit=permit, for_eyes=True)
        assert printed == paper.render(answer, permit=permit, practice=practice) != outgoing.NO_PAPER


def test_a_receipt_has_a_page_only_where_a_person_opens_it(westerlo: OtherParty, protocol: Protocol) -> None:
    def page(parcel: seal.Parcel) -> bytes:
        salt = archive.salt_of(parcel.archive)
        return archive.unpack(parcel.archive, archive.ArchiveKey.derive(parcel.opens_with, salt).derived).paper

    assert page(outgoing.owe(receipt(), protocol, at=NOW)[0]) == outgoing.NO_PAPER
    without_a_node()
    assert page(outgoing.owe(receipt(), protocol, at=NOW)[0]) != outgoing.NO_PAPER


def test_what_is_handed_over_stands_in_the_outbox_and_in_the_ledger(westerlo: OtherParty, protocol: Protocol) -> None:
    Counterparty.objects.update(mailbox="elders@voorbeeld.example")
    parcel, permit = outgoing.owe(CANARY, protocol, at=NOW)
    queued = handed((parcel, replace(permit, article="art. 3")))  # the article of the act is another
    assert (queued.parcel_id, queued.recipient, queued.mailbox) == (parcel.id, WESTERLO, protocol.mailbox)
    assert (queued.by, queued.due_at, queued.awaits_receipt, queued.secret) == (WORKER.who, LATER, True, None)
    entry = Entry.objects.latest("pk")
    assert (entry.act, entry.subject, entry.by) == ("canary_sent", str(queued.subject), WORKER.who)
    assert entry.at == LATER and entry.protocol == f"{protocol.id}@{protocol.version}"
    assert (entry.article, entry.details) == ("art. 3", "ab" * 32)


def test_of_several_agreed_mailboxes_it_goes_to_the_chosen_one(westerlo: OtherParty, protocol: Protocol) -> None:
    text = with_two_mailboxes()
    for chosen, expected in ((CHOSEN, CHOSEN), ("", text.mailbox)):
        owed = outgoing.owe(CANARY, text, at=NOW)
        with transaction.atomic():
            queued = outgoing.hand_over(*owed, subject=uuid4(), by=WORKER, at=NOW, mailbox=chosen)
        assert queued.mailbox == expected


def test_a_receipt_awaits_none_unless_it_is_read_out_and_then_its_words_are_kept(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    by_mail = handed(outgoing.owe(receipt(), protocol, at=NOW))
    assert (by_mail.awaits_receipt, by_mail.secret, by_mail.by_phone) == (False, None, False)
    without_a_node()
    owed = outgoing.owe(receipt(), protocol, at=NOW)
    by_phone = handed(owed)
    assert by_phone.awaits_receipt and by_phone.by_phone and by_phone.secret
    assert vault.read(by_phone.secret) == {"password": owed[0].password}
    kept = Envelope.objects.get(record=by_phone.secret)
    due_on: date = legal_day(LATER + post.KEEP_SEALED)
    assert (kept.reason, kept.due_on, kept.kept_since) == (Reason.PARCEL_PASSWORD, due_on, LATER)
