"""What comes in: each check has its own answer, one effect, and the worker goes on (art. 6)."""

from __future__ import annotations

import mailbox
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import Rejection, paper, unseal
from brug.core.parcel.keys import encode, generate_parcel_key, public_parcel_key
from brug.core.parcel.manifest import Consistency, make_id, read
from brug.core.parcel.seal import Parcel, Sender, seal
from brug.core.protocol import life
from brug.core.protocol.decide import Permit
from brug.core.protocol.digest import written
from brug.core.protocol.document import Protocol, load
from brug.core.states import WrongState
from brug.desks.casework.models import Intake
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.node import worker
from brug.office import plug
from brug.office.disclosure import quarantine, upkeep
from brug.office.disclosure import services as disclosure
from brug.office.keys import services as keys
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Absence, Counterparty, Member
from brug.office.post import aside, lives, mail
from brug.office.post import services as post
from brug.office.post.models import Accepted, Alert, Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.registry import queries as registries
from brug.office.registry import services as registry
from brug.office.roles import Role
from brug.office.vault.models import Envelope
from tests import moves
from tests.conftest import NOW, OPGROEIEN, PROTOCOL_TEXT, WESTERLO, OtherParty
from tests.desks.referrals.test_services import FACTS
from tests.office.disclosure.test_destination import with_two_mailboxes
from tests.opening import opened

FIELDS = frozenset({"given_name", "family_name", "phone"})
CLIENT = message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001")


def referral(protocol: Protocol, **other: object) -> message.Referral:
    today = legal_day(NOW)
    content = message.Referral(
        referral_id=uuid.uuid4(),
        client=CLIENT,
        residence="13049",
        attestation=message.Attestation(
            informed_on=today,
            consented_on=today,
            purposes=protocol.purposes,
            fields=protocol.fields,
            bound_by_secrecy=True,
            met_on_duty=True,
            judged_with_client=True,
        ),
        notifier=message.Notifier(name="Lien Peeters", team="zuiderkempen"),
    )
    return content.model_copy(update=other)


def sealed(
    other: OtherParty,
    content: message.Message,
    protocol: Protocol,
    *,
    recipient: str = WESTERLO,
    key: bytes | None = None,
    signing_key: Ed25519PrivateKey | None = None,
    practice: bool = False,
    incarnation: int = 1,
    page: Callable[[message.Message], bytes] | None = None,
    parcel_id: uuid.UUID | None = None,
    checkpoint: str = "",
    consistency: Consistency | None = None,
    at: datetime = NOW,
) -> Parcel:
    """A parcel as the other party's node would seal it."""
    permit = Permit(
        protocol.id, protocol.version, content.kind, "art. 5", other.kbo, recipient, FIELDS, NOW, protocol.sha256
    )
    return seal(
        permit,
        content,
        paper=page or partial(paper.render, permit=permit, practice=practice),
        parcel_id=parcel_id or make_id(NOW),
        at=at,
        sender=Sender(other.kbo, signing_key or other.signing_key, incarnation, practice),
        recipient_key=public_parcel_key(keys.parcel_key()) if key is None else key or None,
        checkpoint=checkpoint,
        consistency=consistency,
    )


def arrive(parcel: Parcel, *, archive: bytes | None = None, manifest: str | None = None) -> Incoming:
    """The mail with this parcel, stored as the mail room stores it."""
    posted = Outgoing(
        parcel_id=parcel.id,
        mailbox="info.ocmw@westerlo.be",
        archive=parcel.archive if archive is None else archive,
        manifest=parcel.manifest if manifest is None else manifest,
        queued_at=NOW,
    )
    raw = mail.compose(posted, sender="brug@opgroeien.example").as_bytes()
    return Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)


def answer(opgroeien: OtherParty) -> message.Receipt:
    """The newest answer that waits in the outbox, opened as the other party would."""
    out = Outgoing.objects.latest("pk")
    found = opened(out, opgroeien.parcel_key)
    assert isinstance(found.message, message.Receipt)
    return found.message


def test_a_parcel_becomes_an_intake_a_receipt_and_no_mail(opgroeien: OtherParty, protocol: Protocol) -> None:
    parcel = sealed(opgroeien, referral(protocol), protocol)
    arrive(parcel)
    assert worker.take_in(NOW) == 1
    assert Intake.objects.get().parcel_id == parcel.id
    assert not Incoming.objects.exists()
    assert Accepted.objects.get().parcel_id == parcel.id
    assert (answer(opgroeien).parcel_id, answer(opgroeien).result) == (parcel.id, "accepted")
    assert Outgoing.objects.get().mailbox == "brug@opgroeien.example"
    assert not Outgoing.objects.get().awaits_receipt


def taken(parcel: Parcel, at: datetime = NOW) -> list[tuple[object, ...]]:
    """What a desk is told of this parcel: message, arrival and instant, once; or nothing."""
    told: list[tuple[object, ...]] = []

    def hears(verb: disclosure.Take, *what: Any) -> None:
        told.append(what)
        verb(*what)

    verbs = {kind: partial(hears, verb) for kind, verb in plug.takes().items()}
    disclosure.take_in(arrive(parcel), verbs=verbs, at=at)
    return told


def test_a_desk_learns_from_whom_a_message_is_in_which_parcel_under_which_text_and_of_which_life(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    content = referral(protocol)
    parcel = sealed(opgroeien, content, protocol, incarnation=3)
    assert taken(parcel) == [(content, disclosure.Arrival(OPGROEIEN, parcel.id, protocol, 3), NOW)]


@pytest.mark.parametrize(("later", "is_taken"), [(timedelta(), True), (timedelta(seconds=1), False)])
def test_a_key_card_is_made_no_later_than_clocks_differ(
    opgroeien: OtherParty, protocol: Protocol, later: timedelta, is_taken: bool
) -> None:
    public = encode(opgroeien.signing_key.public_key().public_bytes_raw())
    opens, made_at = encode(public_parcel_key(opgroeien.parcel_key)), NOW + unseal.CLOCKS_DIFFER + later
    card = message.KeyCard(signing_key=public, checkpoint_key=public, parcel_key=opens, made_at=made_at)
    parcel = sealed(opgroeien, card, protocol, page=lambda _: b"-")
    assert bool(taken(parcel)) is is_taken


def test_a_desk_hears_of_what_was_sealed_anew_by_its_first_number(westerlo: OtherParty, protocol: Protocol) -> None:
    facts = {"recipient": WESTERLO, "mailbox": "x@y.example", "awaits_receipt": True, "at": NOW}
    first, anew = (post.queue(Parcel(make_id(NOW), "retraction", b"7z", "jws"), **facts) for _ in range(2))  # type: ignore[arg-type]
    Outgoing.objects.filter(pk=anew.pk).update(instead_of=first.parcel_id)
    told = message.Receipt(parcel_id=anew.parcel_id, received_at=NOW, result="accepted")
    [(content, *_)] = taken(sealed(westerlo, told, protocol, recipient=OPGROEIEN))
    assert isinstance(content, message.Receipt) and content.parcel_id == first.parcel_id


def text_of(**other: str) -> Protocol:
    """The protocol with other words in the place of some, as another text."""
    text = PROTOCOL_TEXT
    for before, after in {"id: opgroeien-ocmw-westerlo": "id: opgroeien-ocmw-elders", **other}.items():
        assert before in text
        text = text.replace(before, after)
    return load(text)


def offer(text: Protocol, document: str = "") -> message.ProtocolOffer:
    return message.ProtocolOffer(document=document or written(text), offered_at=NOW)


def test_an_offer_brings_a_text_that_is_not_here_yet_or_the_very_one_that_is(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    elsewhere = text_of(**{'["13049"]': '["13008"]'})
    for text in (elsewhere, protocol):
        parcel = sealed(opgroeien, offer(text), text)
        [(content, arrival, _)] = taken(parcel)
        assert content == offer(text)
        assert isinstance(arrival, disclosure.Arrival) and arrival.protocol.sha256 == text.sha256
    end = NOW + timedelta(days=2)
    registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=OPERATOR, at=end, happened_at=end,
        side="discloser", ground="protocol",
    )  # fmt: skip
    following = text_of(**{"id: opgroeien-ocmw-westerlo": "id: opgroeien-ocmw-westerlo", "version: 1": "version: 2"})
    for at, is_taken in ((end, False), (end - timedelta(hours=1), True)):
        assert bool(taken(sealed(opgroeien, offer(following), following), at)) is is_taken, "nothing revives"
    assert Incoming.objects.get().rejection == Rejection.PROTOCOL_DENIES


@pytest.mark.parametrize(
    ("named", "brought", "why"),
    [
        ({}, "", "protocol_denies"),  # another serves there
        ({'["13049"]': '["13008"]'}, "not a text", "bad_message"),
        ({'["13049"]': '["13008"]'}, "another", "bad_message"),
        ({'["13049"]': '["13008"]'}, "otherwise", "bad_message"),
        ({'["13049"]': '["13008"]', "0886.886.638": "0207.473.892"}, "", "unknown_protocol"),
    ],
)
def test_an_offer_that_nobody_could_take_up_waits_in_quarantine(
    opgroeien: OtherParty, protocol: Protocol, named: dict[str, str], brought: str, why: str
) -> None:
    text = text_of(**named)
    document = {"another": written(protocol), "otherwise": f" {written(text)}"}.get(brought, brought)
    assert taken(sealed(opgroeien, offer(text, document), text, page=lambda _: b"%PDF-")) == []
    assert Incoming.objects.get().rejection == why


def test_the_same_parcel_again_gets_its_receipt_again_and_nothing_else(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    parcel = sealed(opgroeien, referral(protocol), protocol)
    for _ in range(3):
        arrive(parcel)
    assert worker.take_in(NOW) == 3
    assert Intake.objects.count() == 1
    assert Envelope.objects.count() == 1
    assert Outgoing.objects.count() == 1, "one receipt that has not left answers them all"
    assert not Incoming.objects.exists()
    Outgoing.objects.update(attempts=1)
    arrive(parcel)
    worker.take_in(NOW)
    assert Outgoing.objects.count() == 2, "one that left may be lost"
    assert Intake.objects.count() == 1


def test_what_came_in_once_gets_its_receipt_again_however_late_it_comes_once_more(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    """Or who holds an old mail back could make its sender believe that it was refused."""
    parcel = sealed(opgroeien, referral(protocol), protocol)
    arrive(parcel)
    worker.take_in(NOW)
    arrive(parcel)
    worker.take_in(NOW + timedelta(days=200))
    assert answer(opgroeien).result == "accepted"
    assert not Incoming.objects.exists()


def test_an_erased_client_does_not_come_back_with_a_replayed_parcel(opgroeien: OtherParty, protocol: Protocol) -> None:
    parcel = sealed(opgroeien, referral(protocol), protocol)
    arrive(parcel)
    worker.take_in(NOW)
    Intake.objects.all().delete()
    arrive(parcel)
    worker.take_in(NOW + timedelta(days=30))
    assert not Intake.objects.exists()


def test_the_same_referral_in_another_parcel_has_no_second_effect_and_gets_its_receipt(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    """Its sender was restored to before the send, and she sent again."""
    content = referral(protocol)
    for _ in range(2):
        arrive(sealed(opgroeien, content, protocol))
    assert worker.take_in(NOW) == 2
    assert Intake.objects.count() == 1
    assert Accepted.objects.count() == Outgoing.objects.count() == 2


def test_a_family_accepted_before_the_end_is_not_lost_by_a_restore_after_it(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    """Accepted, the protocol ended, restored from before the acceptance, delivered again: it is decided as of then."""
    parcel = sealed(opgroeien, referral(protocol), protocol)
    end = NOW + timedelta(days=2)
    registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=OPERATOR, at=end, happened_at=end,
        side="discloser", ground="protocol",
    )  # fmt: skip
    later = NOW + timedelta(days=5)
    lives.begin_incarnation(backup_of=NOW - timedelta(days=1), at=later)
    arrive(parcel)
    worker.take_in(later)
    assert Intake.objects.count() == 1


@pytest.mark.parametrize("restored", [True, False])
def test_what_a_restore_may_have_lost_is_taken_in_however_old_it_is(
    restored: bool, opgroeien: OtherParty, protocol: Protocol
) -> None:
    """Its sender had its receipt and erased the contact data: nobody could send it anew."""
    later = NOW + timedelta(days=120)
    if restored:
        lives.begin_incarnation(backup_of=later - timedelta(days=34), at=later)
    arrive(sealed(opgroeien, referral(protocol), protocol))
    worker.take_in(later)
    assert Intake.objects.exists() is restored
    assert Incoming.objects.filter(rejection=Rejection.EXPIRED).exists() is not restored


Spoil = Callable[[OtherParty, Protocol], Incoming]
SPOILT: dict[Rejection, Spoil] = {
    Rejection.NOT_A_PARCEL: lambda o, p: arrive(sealed(o, referral(p), p), manifest="not a manifest"),
    Rejection.UNKNOWN_SENDER: lambda o, p: arrive(
        sealed(replace(o, kbo="0207654333"), referral(p), p, signing_key=Ed25519PrivateKey.generate())
    ),
    Rejection.NOT_FOR_US: lambda o, p: arrive(sealed(o, referral(p), p, recipient="0207654333")),
    Rejection.PRACTICE: lambda o, p: arrive(sealed(o, referral(p), p, practice=True)),
    Rejection.EXPIRED: lambda o, p: arrive(sealed(o, referral(p), p, at=NOW - timedelta(days=91))),
    Rejection.FROM_THE_FUTURE: lambda o, p: arrive(sealed(o, referral(p), p, at=NOW + timedelta(days=2))),
    Rejection.ARCHIVE_CHANGED: lambda o, p: _with_one_byte_changed(o, p),
    Rejection.OTHER_KEY: lambda o, p: arrive(sealed(o, referral(p), p, key=public_parcel_key(generate_parcel_key()))),
    Rejection.PROTOCOL_DENIES: lambda o, p: arrive(sealed(o, referral(p, residence="13013"), p)),
}


def _with_one_byte_changed(other: OtherParty, protocol: Protocol) -> Incoming:
    parcel = sealed(other, referral(protocol), protocol)
    middle = len(parcel.archive) // 2
    changed = parcel.archive[:middle] + bytes([parcel.archive[middle] ^ 1]) + parcel.archive[middle + 1 :]
    return arrive(parcel, archive=changed)


@pytest.mark.parametrize("rejection", SPOILT)
def test_what_cannot_be_accepted_waits_in_quarantine_with_its_reason_and_the_worker_goes_on(
    rejection: Rejection, opgroeien: OtherParty, protocol: Protocol
) -> None:
    SPOILT[rejection](opgroeien, protocol)
    arrive(sealed(opgroeien, referral(protocol), protocol))
    assert worker.take_in(NOW) == 2
    waiting = Incoming.objects.get()
    assert (waiting.rejection, waiting.due_at) == (rejection, None)
    assert Intake.objects.count() == 1
    assert Entry.objects.filter(act="quarantined").count() == 1


@pytest.mark.parametrize("rejection", list(SPOILT)[list(SPOILT).index(Rejection.EXPIRED) :])
def test_a_proven_sender_is_told_that_it_waits_and_why(
    rejection: Rejection, opgroeien: OtherParty, protocol: Protocol
) -> None:
    SPOILT[rejection](opgroeien, protocol)
    worker.take_in(NOW)
    told = answer(opgroeien)
    assert (told.result, told.rejection) == ("quarantined", rejection)


def test_a_party_that_we_know_from_another_protocol_may_not_use_this_one(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    stranger = OtherParty("0207654333", Ed25519PrivateKey.generate(), generate_parcel_key())
    stranger.known_to_this_node("brug@elders.example", "OCMW Elders")
    arrive(sealed(stranger, referral(protocol), protocol))
    assert worker.take_in(NOW) == 1
    assert Incoming.objects.get().rejection == Rejection.UNKNOWN_PROTOCOL
    assert not Intake.objects.exists()
    told = answer(stranger)
    assert (told.result, told.rejection) == ("quarantined", "unknown_protocol"), "who is proven is told why"


def test_another_text_under_the_same_version_is_refused_and_its_sender_is_told(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    other = another_text(protocol)
    assert other.sha256 != protocol.sha256
    Member.objects.create(username="dirk", role=Role.DPO, email="dpo@ocmw.example")
    parcel = sealed(opgroeien, referral(protocol), other)
    arrive(parcel)
    assert worker.take_in(NOW) == 1
    assert Incoming.objects.get().rejection == Rejection.OTHER_TEXT and not Intake.objects.exists()
    told = answer(opgroeien)
    assert (told.rejection, told.manifest_sha256) == ("other_text", read(parcel.manifest.encode()).manifest.digest)
    assert [(alert.about, alert.address) for alert in Alert.objects.all()] == [("protocol", "dpo@ocmw.example")]
    out = read(Outgoing.objects.get().manifest.encode()).manifest.protocol
    assert out and out.sha256 == other.sha256, "the answer names the text that it answers, so that it can be read there"


def another_text(protocol: Protocol) -> Protocol:
    """Under the same id and version."""
    other = protocol.model_copy(update={"title": protocol.title.model_copy(update={"context": "een ander protocol"})})
    other.__dict__.pop("sha256", None)
    return other


def test_what_the_door_does_with_a_parcel_stands_in_the_log_at_its_instant(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    Member.objects.create(username="dirk", role=Role.DPO, email="dpo@ocmw.example")
    taken_in, refused, unknown, receipt = (
        sealed(opgroeien, content, text)
        for content, text in (
            (referral(protocol), protocol),
            (referral(protocol), another_text(protocol)),
            (referral(protocol), text_of(**{'["13049"]': '["13008"]'})),
            (message.Receipt(parcel_id=make_id(NOW), received_at=NOW, result="accepted"), another_text(protocol)),
        )
    )
    before, heard, instants = Entry.objects.count(), [], [NOW + timedelta(hours=hour) for hour in range(1, 7)]
    for at, parcel in zip(instants, (taken_in, taken_in, refused, refused, receipt, unknown), strict=True):
        Outgoing.objects.update(attempts=1)
        arrive(parcel)
        worker.take_in(at)
        heard.append(Alert.objects.count())
        Alert.objects.all().delete()
    assert heard == [0, 0, 1, 0, 0, 1], "once of a text that differs, each time of one that is not here"
    again, first, one, two, three, last = instants[1], instants[0], *instants[2:]
    entries = list(Entry.objects.order_by("id").values_list("act", "subject", "by", "at"))[before + 1 :]
    assert entries == [
        (act, str(parcel.id), "worker", at)
        for act, parcel, at in (
            ("receipt_sent", taken_in, first), ("receipt_sent", taken_in, again),
            ("quarantined", refused, one), ("receipt_sent", refused, one),
            ("quarantined", refused, two), ("receipt_sent", refused, two),
            ("quarantined", receipt, three),
            ("quarantined", unknown, last), ("receipt_sent", unknown, last),
        )
    ]  # fmt: skip
    kept = Accepted.objects.get()
    digest = read(taken_in.manifest.encode()).manifest.digest
    assert (kept.sender, kept.manifest_sha256, kept.accepted_at) == (OPGROEIEN, digest, first)
    now = registries.protocol(protocol.id, protocol.version)
    assert now and [(event.kind, event.at) for event in now.events] == [("text_same", first), ("text_differs", one)]


@pytest.mark.parametrize("has_subject", [True, False])
def test_a_refusal_stands_in_the_log_of_what_was_sent_and_a_text_that_differs_there_is_told(
    westerlo: OtherParty, protocol: Protocol, has_subject: bool
) -> None:
    Member.objects.create(username="dirk", role=Role.DPO, email="dpo@opgroeien.example")
    subject = uuid.uuid4() if has_subject else None
    facts = {"recipient": WESTERLO, "mailbox": "x@y.example", "awaits_receipt": True, "subject": subject, "at": NOW}
    later = NOW + timedelta(hours=1)
    for rejection, alerts in (("protocol_denies", 0), (None, 0), ("other_text", 1), ("other_text", 1)):
        sent = post.queue(Parcel(make_id(NOW), "retraction", b"7z", "jws"), **facts)  # type: ignore[arg-type]
        told = message.Receipt(parcel_id=sent.parcel_id, received_at=NOW, result="quarantined", rejection=rejection)
        arrive(sealed(westerlo, told, protocol, recipient=OPGROEIEN))
        worker.take_in(later)
        entry = Entry.objects.latest("id")
        assert (entry.act, entry.subject, entry.by, entry.at, entry.protocol) == (
            "refusal_taken_in", str(subject or sent.parcel_id), "worker", later, "opgroeien-ocmw-westerlo@1"
        )  # fmt: skip
        assert Alert.objects.filter(about="protocol").count() == alerts
        assert Outgoing.objects.get(pk=sent.pk).rejection == (rejection or "")


@pytest.mark.parametrize("rejection", [Rejection.UNKNOWN_SENDER, Rejection.NOT_FOR_US, Rejection.NOT_A_PARCEL])
def test_who_is_not_proven_gets_no_answer(rejection: Rejection, opgroeien: OtherParty, protocol: Protocol) -> None:
    SPOILT[rejection](opgroeien, protocol)
    worker.take_in(NOW)
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize("result", ["accepted", "quarantined"])
def test_a_receipt_of_another_manifest_under_our_id_says_nothing_of_ours(
    opgroeien: OtherParty, protocol: Protocol, result: Literal["accepted", "quarantined"]
) -> None:
    """After `id_reused` it is clear which of the two was accepted."""
    upkeep.send_canaries(NOW)
    ours = Outgoing.objects.get()
    digest = read(ours.manifest.encode()).manifest.digest
    rejection = "id_reused" if result == "quarantined" else None
    for named, is_ours in (("0" * 64, False), (digest, True)):
        facts = {"parcel_id": ours.parcel_id, "received_at": NOW, "result": result, "rejection": rejection}
        receipt = message.Receipt.model_validate({**facts, "manifest_sha256": named})
        arrive(sealed(opgroeien, receipt, protocol))
        worker.take_in(NOW)
        ours.refresh_from_db()
        assert (ours.due_at is None) == is_ours


def test_the_same_id_with_other_content_is_an_alarm(
    opgroeien: OtherParty, protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    parcel_id = make_id(NOW)
    arrive(sealed(opgroeien, referral(protocol), protocol, parcel_id=parcel_id))
    arrive(sealed(opgroeien, referral(protocol), protocol, parcel_id=parcel_id))
    worker.take_in(NOW)
    assert Incoming.objects.get().rejection == Rejection.ID_REUSED
    assert Intake.objects.count() == 1
    [told] = [record for record in caplog.records if record.name == disclosure.__name__]
    assert (told.message, told.facts) == (  # type: ignore[attr-defined]
        "a parcel id came twice with other content", {"parcel": str(parcel_id)}
    )  # fmt: skip


DAY = legal_day(NOW)
SAID: dict[str, dict[str, Any]] = {
    "client_not_informed": {"informed_on": DAY + timedelta(days=1)},
    "no_consent": {"consented_on": DAY + timedelta(days=1)},
    "consent_for_other_fields": {"fields": frozenset({"given_name", "family_name"})},
    "other_purpose": {"purposes": frozenset({"another"})},
    "sender_not_bound_by_secrecy": {"bound_by_secrecy": False},
    "not_met_on_duty": {"met_on_duty": False},
    "not_judged_with_the_client": {"judged_with_client": False},
}


@pytest.mark.parametrize("reason", [*SAID, "residence_not_served", "team_not_named"])
def test_a_receiver_asks_its_protocol_of_all_that_the_sender_attests(
    reason: str, opgroeien: OtherParty, protocol: Protocol
) -> None:
    content = referral(protocol)
    arrival = disclosure.Arrival(OPGROEIEN, make_id(NOW), protocol)
    assert disclosure.why_denied(content, arrival, NOW) is None
    other = {
        "residence_not_served": {"residence": "13013"},
        "team_not_named": {"notifier": message.Notifier(name="Lien Peeters", team="elders")},
    }.get(reason) or {"attestation": content.attestation.model_copy(update=SAID[reason])}
    denial = disclosure.why_denied(content.model_copy(update=other), arrival, NOW)
    assert denial and reason in {each.code for each in denial.reasons}
    assert disclosure.is_denied(content.model_copy(update=other), arrival, NOW)


def test_a_report_on_what_the_protocol_does_not_carry_is_denied(opgroeien: OtherParty, protocol: Protocol) -> None:
    report = message.QualityReport(
        report_id=uuid.uuid4(), referral_id=uuid.uuid4(), field="email", defect="wrong", reported_at=NOW
    )
    narrow = protocol.model_copy()
    narrow.__dict__["fields"] = protocol.fields - {"email"}
    for text, denied in ((protocol, False), (narrow, True)):
        assert disclosure.is_denied(report, disclosure.Arrival(OPGROEIEN, make_id(NOW), text), NOW) is denied


def test_a_receiver_knows_a_client_of_one_name_and_the_mailbox_that_it_fetches(
    opgroeien: OtherParty, protocol: Protocol, settings: Settings
) -> None:
    arrival = disclosure.Arrival(OPGROEIEN, make_id(NOW), protocol)
    one = message.Client(family_name="Amal", has_one_name=True, phone="+32470000001")
    assert disclosure.why_denied(referral(protocol, client=one), arrival, NOW) is None
    settings.MAILBOX = "elders@westerlo.be"
    denial = disclosure.why_denied(referral(protocol), arrival, NOW)
    assert denial and [each.code for each in denial.reasons] == ["other_mailbox"]


def test_where_a_protocol_names_several_mailboxes_what_came_in_by_any_is_taken_in(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    several = with_two_mailboxes()
    arrival = disclosure.Arrival(OPGROEIEN, make_id(NOW), several)
    assert disclosure.why_denied(referral(several), arrival, NOW) is None


@pytest.mark.parametrize("kept", [0, 1, 100, 2000, 5000])
def test_a_truncated_mail_is_quarantined(kept: int, opgroeien: OtherParty, protocol: Protocol) -> None:
    whole = arrive(sealed(opgroeien, referral(protocol), protocol))
    raw = bytes(whole.raw)[:kept]
    Incoming.objects.filter(pk=whole.pk).update(raw=raw, size=len(raw))
    worker.take_in(NOW)
    assert Incoming.objects.get().rejection in {Rejection.NOT_A_PARCEL, Rejection.ARCHIVE_CHANGED}
    assert not Intake.objects.exists()


def test_our_own_failure_stops_no_other_and_ends_in_quarantine_after_three_tries(
    opgroeien: OtherParty, protocol: Protocol, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verb that raises is our bug: nothing of it stays, the mail comes back, the next one is taken in."""
    taken: list[uuid.UUID] = []
    unlucky = sealed(opgroeien, referral(protocol), protocol)

    def receive(content: message.Message, arrival: object, at: object) -> None:
        if getattr(arrival, "parcel_id") == unlucky.id:  # noqa: B009 (object)
            raise ZeroDivisionError
        taken.append(getattr(arrival, "parcel_id"))  # noqa: B009 (object)

    monkeypatch.setitem(plug.takes(), "referral", receive)
    arrive(unlucky)
    lucky = sealed(opgroeien, referral(protocol), protocol)
    arrive(lucky)
    for hour in range(5):
        worker.take_in(NOW + timedelta(hours=hour))
    assert taken == [lucky.id]
    assert Incoming.objects.get().rejection == Rejection.FAILED_HERE
    assert not Accepted.objects.filter(parcel_id=unlucky.id).exists()


@pytest.mark.parametrize(("result", "rejection"), [("accepted", None), ("quarantined", "protocol_denies")])
def test_a_receipt_ends_the_sending_of_its_parcel(
    result: Literal["accepted", "quarantined"], rejection: str | None, westerlo: OtherParty, protocol: Protocol
) -> None:
    waiting = post.queue(
        Parcel(make_id(NOW), "referral", b"7z", "jws"), recipient=WESTERLO, mailbox="x@y.example", awaits_receipt=True,
        at=NOW,
    )  # fmt: skip
    receipt = message.Receipt(parcel_id=waiting.parcel_id, received_at=NOW, result=result, rejection=rejection)
    arrive(sealed(westerlo, receipt, protocol, recipient=OPGROEIEN))
    assert worker.take_in(NOW) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at) == (OutgoingState.RECEIVED, None)
    assert not Incoming.objects.exists()
    assert Outgoing.objects.count() == 1  # a receipt gets no receipt


@pytest.mark.parametrize(("result", "event"), [("accepted", "receipt"), ("quarantined", "refusal")])
def test_what_a_receipt_moves_at_the_desk_the_door_has_recorded(
    result: Literal["accepted", "quarantined"], event: str, westerlo: OtherParty, protocol: Protocol, lien: Member
) -> None:
    """In the same transaction; everywhere else the verb that moves makes the entry itself (tests/moves.py)."""
    sent = referred(lien, protocol)
    rejection = None if result == "accepted" else "protocol_denies"
    told = message.Receipt(parcel_id=sent.parcel_id, received_at=NOW, result=result, rejection=rejection)
    arrive(sealed(westerlo, told, protocol, recipient=OPGROEIEN))
    later = NOW + timedelta(hours=1)
    with moves.watched() as watch:
        assert worker.take_in(later) == 1
    assert Outgoing.objects.get(parcel_id=sent.parcel_id).received_at == later
    assert ("Referral", event) in watch.seen and ("Referral", event) not in watch.silent


def referred(by: Member, protocol: Protocol) -> Referral:
    """A family that was referred, on its way."""
    referral = referrals.start("13049", "2260", by=by, at=NOW)
    referrals.record_consent(referral, FACTS, protocol, by=by, at=NOW)
    client = message.Client(given_name="Amal", family_name="Haddou", phone="+32470000001")
    referrals.keep_client(referral, client, "13049", by=by, at=NOW)
    referrals.send(referral, by=by, at=NOW)
    return Referral.objects.get()


@pytest.fixture
def stand_in(db: None) -> Member:
    """A social worker who does today what the dispatcher does on other days."""
    hilde, karim = (
        Member.objects.create(username=role, role=role, secrecy_attested_on=NOW.date())
        for role in (Role.DISPATCHER, Role.SOCIAL_WORKER)
    )
    Absence.objects.create(member=hilde, stand_in=karim, from_on=legal_day(NOW), through_on=legal_day(NOW))
    return karim


def test_what_a_person_does_with_a_mail_that_waits_is_done_once_and_stands_in_the_log(
    opgroeien: OtherParty, protocol: Protocol, stand_in: Member
) -> None:
    def waits(parcel: Parcel | None = None) -> Incoming:
        arrived = arrive(parcel or sealed(opgroeien, referral(protocol), protocol, key=b""))
        worker.take_in(NOW)
        return Incoming.objects.get(pk=arrived.pk)

    of_nobody = replace(opgroeien, signing_key=Ed25519PrivateKey.generate())
    nobody = UUID(int=0)
    proven, other, unproven = waits(), waits(), waits(sealed(of_nobody, referral(protocol), protocol))
    facts = {"recipient": OPGROEIEN, "mailbox": "", "awaits_receipt": True, "at": NOW - post.GIVE_UP}
    parcel = post.queue(Parcel(make_id(NOW), "referral", b"7z", "jws"), **facts)  # type: ignore[arg-type]
    Outgoing.objects.filter(pk=parcel.pk).update(state=OutgoingState.BOUNCED, due_at=None)
    before = Entry.objects.count()
    done = partial(Entry.objects.order_by("id").values_list, "act", "subject")

    quarantine.ask_again(proven, by=stand_in, at=NOW)
    told = Outgoing.objects.latest("pk")
    assert (told.kind, told.subject) == ("receipt", proven.parcel_id) and answer(opgroeien).rejection == "no_password"
    with pytest.raises(WrongState):
        quarantine.ask_again(unproven, by=stand_in, at=NOW)
    later = NOW + timedelta(hours=1)
    quarantine.look_again(proven, by=stand_in, at=later)
    proven.refresh_from_db()
    assert (proven.due_at, proven.rejection) == (later, "")
    quarantine.look_again(unproven, by=stand_in, at=NOW)
    worker.take_in(NOW)
    quarantine.discard(other, by=stand_in, at=NOW)
    assert quarantine.discard_all(unproven, by=stand_in, at=NOW) == 1
    assert list(Incoming.objects.all()) == [proven]
    quarantine.send_again(parcel, by=stand_in, at=NOW)
    assert Outgoing.objects.get(pk=parcel.pk).due_at == NOW
    for act, what in (
        (quarantine.discard, other), (quarantine.discard_all, unproven), (quarantine.look_again, unproven),
        (quarantine.send_again, parcel),
    ):  # fmt: skip
        with pytest.raises(WrongState):
            act(what, by=stand_in, at=NOW)  # type: ignore[operator]
        with pytest.raises(NotAllowed):
            act(what, by=stand_in, at=NOW + timedelta(days=2))  # type: ignore[operator]
    with pytest.raises(NotAllowed):
        quarantine.ask_again(proven, by=stand_in, at=NOW + timedelta(days=2))
    assert [(act, subject) for act, subject in done()[before:] if act != "quarantined"] == [
        ("receipt_sent", str(proven.parcel_id)), ("asked_to_send_again", str(proven.parcel_id)),
        ("quarantine_looked_again", str(proven.parcel_id)), ("quarantine_looked_again", str(nobody)),
        ("quarantine_discarded", str(other.parcel_id)), ("quarantine_discarded", str(nobody)),
        ("sent_again", str(parcel.parcel_id)),
    ]  # fmt: skip


def test_who_is_proven_since_can_be_told_of_a_mail_that_was_nobodys(
    opgroeien: OtherParty, protocol: Protocol, stand_in: Member
) -> None:
    Counterparty.objects.all().delete()
    arrive(sealed(opgroeien, referral(protocol), protocol))
    worker.take_in(NOW)
    opgroeien.known_to_this_node("brug@opgroeien.example", "Opgroeien regie")
    quarantine.ask_again(Incoming.objects.get(), by=stand_in, at=NOW)
    assert answer(opgroeien).rejection == "unknown_sender"
    asked = Entry.objects.order_by("id").values_list("act", "subject")
    assert list(asked)[-2:] == [(act, str(UUID(int=0))) for act in ("receipt_sent", "asked_to_send_again")]


def test_what_has_its_receipt_is_not_sent_again_by_hand(stand_in: Member) -> None:
    facts = {"recipient": OPGROEIEN, "mailbox": "", "awaits_receipt": True, "at": NOW}
    parcel = post.queue(Parcel(make_id(NOW), "referral", b"7z", "jws"), **facts)  # type: ignore[arg-type]
    Outgoing.objects.update(state=OutgoingState.RECEIVED, received_at=NOW, due_at=None)
    with pytest.raises(WrongState):
        quarantine.send_again(parcel, by=stand_in, at=NOW)


@pytest.mark.parametrize(("older", "is_sent"), [(timedelta(), True), (timedelta(microseconds=1), False)])
def test_what_would_expire_while_it_is_tried_is_not_sent_again(
    older: timedelta, is_sent: bool, stand_in: Member
) -> None:
    at = NOW - quarantine.SENT_AGAIN - older
    facts = {"recipient": OPGROEIEN, "mailbox": "", "awaits_receipt": True, "at": at}
    mine, another = (post.queue(Parcel(make_id(at), "referral", b"7z", "jws"), **facts) for _ in range(2))  # type: ignore[arg-type]
    Outgoing.objects.update(state=OutgoingState.BOUNCED, due_at=None)
    with nullcontext() if is_sent else pytest.raises(WrongState):
        quarantine.send_again(mine, by=stand_in, at=NOW)
    assert [parcel.pk for parcel in Outgoing.objects.exclude(due_at=None)] == [mine.pk] * is_sent
    assert Outgoing.objects.get(pk=another.pk).state == OutgoingState.BOUNCED


def test_a_message_of_a_kind_without_a_verb_never_happens() -> None:
    kinds = set(message.KINDS)
    assert set(plug.takes()) == kinds - {"onward"}  # goes to partners, who are no party of a protocol and have no node


def test_what_is_sent_onward_to_a_node_waits_for_a_person(opgroeien: OtherParty, protocol: Protocol) -> None:
    """A partner is no party of the protocol (art. 4): nothing of it is taken in by itself."""
    known = referral(protocol)
    content = message.Onward(
        onward_id=uuid.uuid4(), client=known.client, consented_on=NOW.date(), worker=known.notifier
    )
    arrive(sealed(opgroeien, content, protocol))
    worker.take_in(NOW)
    assert Incoming.objects.get().rejection == Rejection.PROTOCOL_DENIES
    assert not Intake.objects.exists()


def test_what_is_sent_onward_stays_in_the_mailbox_for_who_is_phoned(
    opgroeien: OtherParty, protocol: Protocol, settings: Settings, tmp_path: Path
) -> None:
    """Also where its sender is unknown, as a partner's is; what says another kind is taken out as ever."""
    known = referral(protocol)
    onward = message.Onward(onward_id=uuid.uuid4(), client=known.client, consented_on=NOW.date(), worker=known.notifier)
    box = mailbox.Maildir(tmp_path / "box", create=True)
    settings.MAIL_INCOMING, settings.BY_HAND = f"maildir:{tmp_path / 'box'}", True
    Counterparty.objects.all().delete()
    parcels = [sealed(opgroeien, content, protocol, key=b"") for content in (onward, known)]
    for parcel in parcels:
        arrived = arrive(parcel)
        box.add(bytes(arrived.raw))
        arrived.delete()
    assert (post.collect(NOW), post.collect(NOW), len(box)) == (1, 0, 1)
    [left] = box
    assert mail.split(left.as_bytes())[0].decode() == parcels[0].manifest
    worker.take_in(NOW)
    assert Incoming.objects.get().rejection == Rejection.UNKNOWN_SENDER


def test_mails_at_which_workers_die_again_and_again_keep_no_other_from_coming_in(
    opgroeien: OtherParty, protocol: Protocol
) -> None:
    """However many there are: a fault of ours may have lasted for days."""
    early = NOW - timedelta(days=1)
    Incoming.objects.bulk_create(
        Incoming(raw=b"x", size=1, fetched_at=early, due_at=early, attempts=post.DEATHS) for _ in range(1_200)
    )
    arrive(sealed(opgroeien, referral(protocol), protocol))
    assert worker.take_in(NOW) == 1
    assert Intake.objects.count() == 1
    assert Incoming.objects.filter(due_at=None, rejection="failed_here").count() == 1_200


def test_a_worker_that_dies_at_a_mail_is_no_failure_of_the_mail(opgroeien: OtherParty, protocol: Protocol) -> None:
    """Tries count only what raised: a parcel that came before is answered and gone, however many workers died at it."""
    parcel = sealed(opgroeien, referral(protocol), protocol)
    arrive(parcel)
    worker.take_in(NOW)
    arrive(parcel)  # once more, as after a crash
    at = NOW
    for _ in range(post.DEATHS - 1):
        assert post.claim_incoming(at) is not None  # and the worker is killed
        at += post.LEASE
    assert worker.take_in(at) == 1
    assert (Intake.objects.count(), Incoming.objects.count()) == (1, 0)


def test_strangers_cannot_fill_the_disk(monkeypatch: pytest.MonkeyPatch, opgroeien: OtherParty) -> None:
    monkeypatch.setattr(aside, "UNPROVEN_LIMIT", 2_500)
    raw = b"From: a@b.example\r\n\r\n" + b"x" * 979
    for _ in range(4):
        Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)
    worker.take_in(NOW)
    kept = [bytes(arrived.raw) for arrived in Incoming.objects.order_by("pk")]
    assert kept == [raw, raw, b"From: a@b.example\r\n\r\n", b"From: a@b.example\r\n\r\n"]
    assert [arrived.size for arrived in Incoming.objects.all()] == [1_000] * 4, "how large they were is still told"


def test_mails_of_which_only_a_stub_is_kept_leave_room_for_others(
    opgroeien: OtherParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a mail over the limit only a stub is kept, whatever its size was."""
    monkeypatch.setattr(aside, "UNPROVEN_LIMIT", 2_500)
    stub = b"From: a@b.example\r\n\r\n"
    for _ in range(5):
        Incoming.objects.create(raw=stub, size=45_000_000, fetched_at=NOW, due_at=None, rejection="too_large")
    raw = stub + b"x" * 979
    arrived = Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)
    worker.take_in(NOW)
    arrived.refresh_from_db()
    assert (bytes(arrived.raw), arrived.due_at) == (raw, None)
