"""After a restore what was confirmed is sent again, once; each working day a canary; silence is told to a person."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.parcel import Rejected, Rejection, paper
from brug.core.parcel.keys import public_parcel_key
from brug.core.parcel.manifest import make_id
from brug.core.parcel.seal import Parcel, Sender, seal
from brug.core.protocol.decide import duty
from brug.core.protocol.document import Protocol
from brug.core.protocol.life import EventKind
from brug.node import worker
from brug.office.disclosure import upkeep
from brug.office.disclosure.services import Arrival
from brug.office.keys import services as keys
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Absence, Counterparty, Member, Proposal
from brug.office.post import lives, mail, queries, receipts
from brug.office.post import services as post
from brug.office.post.models import Alert, Incoming, Outgoing
from brug.office.post.states import OutgoingState
from brug.office.registry import services as registry
from brug.office.roles import Role
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.office.disclosure.test_calls import a_member
from tests.opening import opened

LATER = NOW + timedelta(days=3)
SATURDAY = NOW + timedelta(days=5)


def says(other: OtherParty, content: message.Message, protocol: Protocol, *, incarnation: int) -> None:
    """A message of the other party arrives, said in this life of its node."""
    permit = duty(protocol, content.kind, content.row, sender=other.kbo, recipient=OPGROEIEN, at=NOW)
    sealed = seal(
        permit,
        content,
        paper=partial(paper.render, permit=permit, practice=False)
        if isinstance(content, message.Receipt)
        else lambda _: b"-",
        parcel_id=make_id(NOW),
        at=NOW,
        sender=Sender(other.kbo, other.signing_key, incarnation, False),
        recipient_key=public_parcel_key(keys.parcel_key()),
        checkpoint="",
    )
    posted = Outgoing(
        parcel_id=sealed.id, mailbox="a@b.example", archive=sealed.archive, manifest=sealed.manifest, queued_at=NOW
    )
    raw = mail.compose(posted, sender="info.ocmw@westerlo.be").as_bytes()
    Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)


def confirms(other: OtherParty, parcel: Outgoing, protocol: Protocol, *, incarnation: int = 1) -> None:
    receipt = message.Receipt(parcel_id=parcel.parcel_id, received_at=NOW, result="accepted")
    says(other, receipt, protocol, incarnation=incarnation)


def refuses(other: OtherParty, parcel: Outgoing, protocol: Protocol) -> None:
    content = message.Receipt(
        parcel_id=parcel.parcel_id, received_at=NOW, result="quarantined", rejection=Rejection.ARCHIVE_CHANGED
    )
    says(other, content, protocol, incarnation=1)


def sent() -> Outgoing:
    sealed = Parcel(make_id(NOW), "referral", b"7z", "jws")
    return post.queue(sealed, recipient=WESTERLO, mailbox="info@w.example", awaits_receipt=True, at=NOW)


def test_what_was_confirmed_before_a_restore_is_sent_again_the_same_parcel(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    parcel = sent()
    confirms(westerlo, parcel, protocol)
    worker.take_in(NOW)
    says(westerlo, message.Redeliver(since=NOW - timedelta(hours=5)), protocol, incarnation=2)
    worker.take_in(LATER)
    again = Outgoing.objects.get(pk=parcel.pk)
    assert (again.state, again.due_at) == (OutgoingState.SENT, LATER)
    assert (again.parcel_id, again.manifest, bytes(again.archive)) == (parcel.parcel_id, "jws", b"7z")
    assert Entry.objects.filter(act="redelivered").count() == 1
    confirms(westerlo, parcel, protocol, incarnation=2)
    worker.take_in(LATER)
    again.refresh_from_db()
    assert (again.state, again.due_at) == (OutgoingState.RECEIVED, None)


def test_what_was_confirmed_long_before_the_backup_stays_where_it_is(westerlo: OtherParty, protocol: Protocol) -> None:
    parcel = sent()
    confirms(westerlo, parcel, protocol)
    worker.take_in(NOW)
    says(westerlo, message.Redeliver(since=LATER), protocol, incarnation=2)
    worker.take_in(LATER)
    assert Outgoing.objects.get(pk=parcel.pk).state == OutgoingState.RECEIVED


def test_a_receipt_from_before_the_restore_ends_nothing(westerlo: OtherParty, protocol: Protocol) -> None:
    parcel = sent()
    says(westerlo, message.Redeliver(since=NOW), protocol, incarnation=2)
    worker.take_in(NOW)
    confirms(westerlo, parcel, protocol, incarnation=1)
    worker.take_in(NOW)
    assert Outgoing.objects.get(pk=parcel.pk).state == OutgoingState.QUEUED
    assert not Incoming.objects.exists()  # it was a true receipt, only too old
    confirms(westerlo, parcel, protocol, incarnation=2)
    worker.take_in(NOW)
    assert Outgoing.objects.get(pk=parcel.pk).state == OutgoingState.RECEIVED


def test_a_restored_node_asks_every_party_and_says_everything_in_its_next_life(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    assert lives.incarnation() == 1
    assert upkeep.begin_after_restore(backup_of=NOW, at=LATER) == 1
    asked = opened(Outgoing.objects.get(), westerlo.parcel_key)
    assert asked.message == message.Redeliver(since=NOW)
    assert asked.manifest.incarnation == lives.incarnation() == int(LATER.timestamp())
    assert Outgoing.objects.get().awaits_receipt  # so it is asked until it is answered
    assert set(Entry.objects.values_list("act", flat=True)) >= {"restored", "redelivery_asked"}


def test_the_same_backup_restored_twice_gives_two_lives(db: None) -> None:
    first = lives.begin_incarnation(backup_of=NOW, at=LATER)
    lives.Restore.objects.all().delete()  # what the second restore does to the first
    second = lives.begin_incarnation(backup_of=NOW, at=LATER + timedelta(minutes=1))
    third = lives.begin_incarnation(backup_of=NOW, at=NOW)  # and a clock that went back gives no lower one
    assert 1 < first < second < third


def test_a_canary_each_working_day_to_each_party(westerlo: OtherParty, protocol: Protocol) -> None:
    assert upkeep.send_canaries(NOW) == 1
    assert upkeep.send_canaries(NOW + timedelta(hours=3)) == 0
    assert upkeep.send_canaries(NOW + timedelta(days=1)) == 1
    assert upkeep.send_canaries(SATURDAY) == 0
    assert opened(Outgoing.objects.earliest("pk"), westerlo.parcel_key).message == message.Canary()


def to_whom(kind: str) -> set[str]:
    return set(Outgoing.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_each_party_with_a_key_and_a_settled_protocol_is_told(westerlo: OtherParty, geel: OtherParty) -> None:
    assert upkeep.send_canaries(NOW) == upkeep.begin_after_restore(backup_of=NOW, at=LATER) == 2
    assert to_whom("canary") == to_whom("redeliver") == {westerlo.kbo, geel.kbo}
    [(_, of_geel), (_, of_westerlo)] = upkeep.counterparties(LATER)
    registry.record_event(of_geel, EventKind.OFFERED, by=OPERATOR, at=NOW, happened_at=NOW, side="discloser")
    assert [party.kbo for party, _ in upkeep.counterparties(LATER)] == [westerlo.kbo], "the other is only offered"
    end = {"happened_at": NOW, "side": "discloser", "ground": "protocol"}
    registry.record_event(of_westerlo, EventKind.ENDED_AT_ONCE, by=OPERATOR, at=NOW, **end)  # type: ignore[arg-type]
    assert [party.kbo for party, _ in upkeep.counterparties(LATER)] == [westerlo.kbo], "a duty outlives its protocol"
    Counterparty.objects.update(parcel_key=b"")
    assert list(upkeep.counterparties(LATER)) == []


def test_a_party_that_cannot_be_told_is_named_in_the_log_and_stops_no_other(
    westerlo: OtherParty, geel: OtherParty, caplog: pytest.LogCaptureFixture
) -> None:
    Counterparty.objects.filter(kbo=geel.kbo).update(parcel_key=b"from before keys were tried")
    assert upkeep.send_canaries(NOW) == upkeep.begin_after_restore(backup_of=NOW, at=LATER) == 1
    assert logged(caplog) == [("a party could not be told", {"party": geel.kbo})] * 2


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    return [(record.message, record.facts) for record in caplog.records if record.name == upkeep.__name__]  # type: ignore[attr-defined]


def test_a_restore_waits_for_an_officer_who_hears_of_it(db: None) -> None:
    wim, dirk = a_member(Role.ADMINISTRATOR), a_member(Role.DPO)
    Member.objects.filter(pk=dirk.pk).update(email="dpo@opgroeien.example")
    upkeep.begin_after_restore(backup_of=NOW, at=LATER)
    waits = Proposal.objects.get()
    assert (waits.joint, waits.subject, waits.facts) == ("restore", "node", {"backup_of": NOW.isoformat()})
    assert Alert.objects.get().about == "second"
    with pytest.raises(NotAllowed):
        upkeep.go_on(waits, by=wim, at=LATER)
    head = a_member(Role.HEAD)
    today = legal_day(LATER)
    Absence.objects.create(member=dirk, stand_in=head, from_on=today, through_on=today)
    upkeep.go_on(waits, by=head, at=LATER + timedelta(hours=1))
    entries = list(Entry.objects.order_by("id").values_list("act", "subject", "by", "at"))
    agreed = ("restore_agreed", "node", head.pseudonym.hex, LATER + timedelta(hours=1))
    assert entries == [("restored", "node", "operator", LATER), agreed]
    assert not Proposal.objects.exists()


def test_after_its_restore_a_party_gets_its_own_parcels_again_and_no_canary(
    westerlo: OtherParty, protocol: Protocol
) -> None:
    for other in (WESTERLO, "0207473892"):
        for kind in ("referral", "canary"):
            facts = {"recipient": other, "mailbox": "", "awaits_receipt": True}
            post.queue(Parcel(make_id(NOW), kind, b"7z", "jws"), at=NOW, **facts)  # type: ignore[arg-type]
    Outgoing.objects.update(state=OutgoingState.RECEIVED, received_at=NOW, due_at=None)
    says(westerlo, message.Redeliver(since=NOW), protocol, incarnation=2)
    worker.take_in(LATER)
    due = Outgoing.objects.exclude(kind="receipt").exclude(due_at=None)
    assert [(parcel.kind, parcel.recipient) for parcel in due] == [("referral", WESTERLO)]
    with pytest.raises(TypeError):
        upkeep.redeliver(message.Canary(), Arrival(WESTERLO, make_id(NOW), protocol), LATER)


def test_what_awaits_no_receipt_is_not_silent(db: None) -> None:
    Outgoing.objects.filter(pk=sent().pk).update(state=OutgoingState.BOUNCED, awaits_receipt=False)
    assert queries.silent(LATER) == []


def test_a_canary_without_a_receipt_is_an_alarm(
    westerlo: OtherParty, protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    upkeep.send_canaries(NOW)
    canary = Outgoing.objects.get()
    assert upkeep.alarm(NOW + timedelta(hours=1)) == 0
    assert upkeep.alarm(NOW + timedelta(hours=3)) == 1
    assert logged(caplog) == [("canaries without an answer", {"parties": [WESTERLO]})]
    confirms(westerlo, canary, protocol)
    worker.take_in(NOW + timedelta(hours=4))
    assert upkeep.alarm(NOW + timedelta(hours=5)) == 0


def test_a_canary_that_was_refused_is_an_alarm_too(westerlo: OtherParty, protocol: Protocol) -> None:
    upkeep.send_canaries(NOW)
    refuses(westerlo, Outgoing.objects.get(), protocol)
    worker.take_in(NOW)
    assert upkeep.alarm(NOW) == 1
    assert [parcel.rejection for parcel in queries.silent(NOW)] == [Rejection.ARCHIVE_CHANGED]


def test_a_canary_that_arrives_ends_the_alarm_of_those_before_it(westerlo: OtherParty, protocol: Protocol) -> None:
    refused, unanswered, arrived, later = (NOW + timedelta(days=day) for day in range(4))
    for day in (refused, unanswered, arrived, later):
        upkeep.send_canaries(day)
    canaries = list(Outgoing.objects.order_by("pk"))
    refuses(westerlo, canaries[0], protocol)
    confirms(westerlo, canaries[2], protocol)
    worker.take_in(later)
    states = list(Outgoing.objects.order_by("pk").values_list("state", flat=True))
    assert states == [OutgoingState.STOPPED, OutgoingState.STOPPED, OutgoingState.RECEIVED, OutgoingState.QUEUED]
    assert upkeep.alarm(later + timedelta(hours=3)) == 1  # the newest has no answer


def test_a_canary_that_comes_in_gets_its_receipt_and_leaves_nothing(westerlo: OtherParty, protocol: Protocol) -> None:
    says(westerlo, message.Canary(), protocol, incarnation=1)
    assert worker.take_in(NOW) == 1
    assert isinstance(opened(Outgoing.objects.get(), westerlo.parcel_key).message, message.Receipt)
    assert not Incoming.objects.exists()


def test_after_two_weeks_without_a_receipt_a_person_decides(westerlo: OtherParty, protocol: Protocol) -> None:
    parcel = sent()
    late = NOW + post.GIVE_UP + timedelta(minutes=1)
    assert post.give_up(NOW + post.GIVE_UP) == 0
    assert queries.silent(late) == [parcel]
    assert post.give_up(late) == 1
    parcel.refresh_from_db()
    assert (parcel.state, parcel.due_at) == (OutgoingState.BOUNCED, None)
    assert queries.silent(late) == [parcel]  # still told
    assert post.send_again(Outgoing.objects.filter(pk=parcel.pk), at=late) == 1
    assert post.give_up(late + timedelta(days=1)) == 0
    confirms(westerlo, parcel, protocol)
    worker.take_in(late)
    assert queries.silent(late + timedelta(days=30)) == []


def test_a_parcel_is_kept_sealed_as_long_as_its_receiver_may_be_restored(db: None) -> None:
    parcel = sent()
    received = NOW + timedelta(days=10)
    receipts.record_receipt(parcel.parcel_id, sender=WESTERLO, at=received)
    assert post.forget_sealed(received + post.KEEP_SEALED) == 0
    assert post.forget_sealed(received + post.KEEP_SEALED + timedelta(minutes=1)) == 1


def test_a_report_about_nothing_of_ours_changes_nothing(db: None) -> None:
    post.note_undelivered(uuid.uuid4(), at=NOW)
    assert not Outgoing.objects.exists()


def test_practice_stays_among_practice_nodes(westerlo: OtherParty, protocol: Protocol, settings: Settings) -> None:
    """A practice node says so in all it signs, and takes nothing of a real one; the reverse is in test_take_in."""
    settings.PRACTICE = True
    upkeep.send_canaries(NOW)
    with pytest.raises(Rejected, match="practice"):
        opened(Outgoing.objects.get(), westerlo.parcel_key)
    says(westerlo, message.Canary(), protocol, incarnation=1)
    worker.take_in(NOW)
    assert Incoming.objects.get().rejection == Rejection.PRACTICE
