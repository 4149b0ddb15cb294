"""Where a parcel goes, and what waits for a second person: asked at each delivery, of the text alone (art. 6, 8)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brug.core.calendar import legal_day
from brug.core.parcel import manifest, seal
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.office.disclosure import destination
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act
from brug.office.parties.models import Counterparty, Proposal
from brug.office.parties.states import Joint
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.registry import services as registry
from brug.office.registry.models import ProtocolVersion
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.core.protocol.test_decide_edges import BOTH, text_with

GEEL = "0207473892"
NAMED, NOTED = "info.ocmw@westerlo.be", "wim@private.example"
INSTANT = timedelta(microseconds=1)
KEY = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def _noted(westerlo: OtherParty) -> None:
    """What we noted of a party is another mailbox than the text names."""
    Counterparty.objects.update(mailbox=NOTED)


def queued(protocol: Protocol | None, kind: str = "referral", signed_for: str = WESTERLO, **row: Any) -> Outgoing:
    """A parcel in the outbox under `protocol`, as far as its destination is read from it."""
    parcel_id = manifest.make_id(NOW)
    agreed = protocol and manifest.Agreed(id=protocol.id, version=protocol.version, sha256=protocol.sha256)
    signed = manifest.Manifest(
        archive=manifest.Archive(name=manifest.archive_name(parcel_id), sha256="0" * 64, size=2),
        checkpoint="", format=manifest.FORMAT, id=parcel_id, incarnation=1, kind=kind, practice=False, protocol=agreed,
        recipient=signed_for, sender=OPGROEIEN, sent_at=NOW,
    )  # fmt: skip
    sealed = seal.Parcel(parcel_id, kind, b"7z", manifest.sign(signed, KEY))
    facts = {"recipient": WESTERLO, "mailbox": NOTED, "awaits_receipt": True, "subject": uuid4()} | row
    return post.queue(sealed, at=NOW, **facts)


CHOSEN = "onthaal@westerlo.be"


def with_two_mailboxes() -> Protocol:
    one = "transport: {method: 7z-aes-256-by-mail, mailbox: info.ocmw@westerlo.be}"
    more = one.replace("}", f', others: [{{residences: ["13049"], mailbox: {CHOSEN}}}]}}')
    several = text_with((one, more), ("naar volgende mailadres: info.ocmw@westerlo.be .", BOTH))
    ProtocolVersion.objects.all().delete()
    return registry.adopt(several, by=OPERATOR, at=NOW)


def test_where_the_text_names_several_mailboxes_it_is_the_chosen_one_and_else_the_first(protocol: Protocol) -> None:
    text = with_two_mailboxes()
    assert destination.of(queued(text, mailbox=CHOSEN)) == CHOSEN
    assert destination.of(queued(text)) == destination.of(queued(text, mailbox="")) == NAMED


def test_only_for_whom_the_text_names_no_mailbox_it_is_the_one_that_two_people_agreed(protocol: Protocol) -> None:
    partner = Counterparty(kbo=GEEL, mailbox="caw@voorbeeld.example")
    assert destination.mailbox(protocol, partner, NAMED) == "caw@voorbeeld.example"
    assert destination.mailbox(None, partner, NAMED) == "caw@voorbeeld.example"
    assert destination.mailbox(protocol, Counterparty.objects.get(), NOTED) == NAMED


def test_a_parcel_goes_where_its_version_says_and_what_is_sent_onward_to_the_partner(protocol: Protocol) -> None:
    assert destination.of(queued(protocol)) == NAMED
    assert destination.of(queued(None, "onward")) == NOTED


def test_it_goes_nowhere_when_its_version_its_recipient_or_itself_is_unknown_and_that_is_said(
    protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    Counterparty.objects.create(kbo=GEEL, name="OCMW Geel", mailbox=NOTED, confirmed_at=NOW)
    unreadable = queued(protocol)
    unreadable.manifest = "a.b.c"
    lost = [
        unreadable,
        queued(protocol.model_copy(update={"version": 7})),
        queued(protocol, recipient="0207654333"),
        queued(protocol, recipient=GEEL),
        queued(None, "onward", signed_for=GEEL),
    ]
    for parcel in lost:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            assert destination.of(parcel) is None
        [said] = caplog.records
        assert said.message == "a parcel has no destination"
        assert vars(said)["facts"] == {"parcel": str(parcel.parcel_id)}


def test_what_discloses_a_client_leaves_until_the_end_and_what_is_owed_after_it_too(protocol: Protocol) -> None:
    end = NOW + timedelta(hours=1)
    ended = life.EventKind.ENDED_AT_ONCE
    registry.record_event(protocol, ended, by=OPERATOR, at=NOW, happened_at=end, side="discloser", ground="protocol")
    new, owed, sent = queued(protocol), queued(protocol, "retraction"), queued(protocol, sent_at=NOW)
    onward = queued(None, "onward")
    ledger.record(Act.DISCLOSED_ONWARD, onward.subject, by=WORKER, at=NOW, protocol=f"{protocol.id}@{protocol.version}")
    assert [destination.now(each, at=end - INSTANT) for each in (new, onward)] == [NAMED, NOTED]
    assert [destination.now(each, at=end) for each in (new, onward)] == [None, None]
    assert [destination.now(each, at=end) for each in (owed, sent)] == [NAMED, NAMED], "what was sent may be asked for"
    assert destination.now(queued(protocol, recipient=GEEL), at=NOW) is None


def test_what_is_sent_onward_says_no_protocol_but_our_ledger_does_the_latest_entry(protocol: Protocol) -> None:
    onward, unreadable = queued(None, "onward"), queued(protocol)
    unreadable.manifest = "a.b.c"
    assert destination.under(queued(protocol)) == (protocol.id, protocol.version)
    assert destination.under(onward) == destination.under(unreadable) == ("", 0)
    for act, subject, version in (
        (Act.DISCLOSED_ONWARD, onward.subject, "een-protocol@1"),
        (Act.DISCLOSED_ONWARD, onward.subject, "een-protocol@2"),
        (Act.DISCLOSED_ONWARD, uuid4(), "een-protocol@3"),
        (Act.SEALED_ANEW, onward.subject, "een-protocol@4"),
    ):
        ledger.record(act, subject or UUID(int=0), by=WORKER, at=NOW, protocol=version)
    assert destination.under(onward) == ("een-protocol", 2)


def proposed(joint: Joint, subject: str, **facts: Any) -> Proposal:
    told = {"joint": joint, "subject": subject, "facts": facts, "by": "wim", "at": NOW}
    return Proposal.objects.create(**told)


@pytest.mark.parametrize(
    ("facts", "has_begun"),
    [
        ({}, True),
        ({"from_on": None}, True),
        ({"from_on": legal_day(NOW).isoformat()}, True),
        ({"from_on": (legal_day(NOW) + timedelta(days=1)).isoformat()}, False),
        ({"happened_at": NOW.isoformat(), "from_on": "2099-01-01"}, True),
        ({"happened_at": (NOW + INSTANT).isoformat()}, False),
    ],
)
def test_an_end_holds_from_its_instant_or_its_legal_day_on_and_one_without_a_day_at_once(
    facts: dict[str, Any], has_begun: bool
) -> None:
    for joint in destination.ENDS:
        proposed(joint, "een-protocol@1", **facts)
        assert destination.waits(NOW).ends == ({"een-protocol"} if has_begun else set())
        Proposal.objects.all().delete()


def test_what_waits_names_its_proposal_an_end_before_a_card_and_a_card_before_a_restore(protocol: Protocol) -> None:
    Counterparty.objects.create(kbo=GEEL, name="OCMW Geel", mailbox=NOTED, confirmed_at=NOW)
    for harmless in (Joint.MAILBOX, Joint.PRESENT_KEYS, Joint.TOKEN, Joint.LIFT):
        proposed(harmless, WESTERLO)
    assert destination.waits(NOW) == destination.Waits(frozenset(), {})
    assert destination.why_waits(protocol, NOW) is None
    proposed(Joint.RESTORE, "node")
    assert destination.waits(NOW).parties == {WESTERLO: Joint.RESTORE, GEEL: Joint.RESTORE}
    assert destination.why_waits(protocol, NOW) == Joint.RESTORE
    proposed(Joint.KEYS, WESTERLO)
    assert destination.waits(NOW).parties == {WESTERLO: Joint.KEYS, GEEL: Joint.RESTORE}
    assert destination.why_waits(protocol, NOW) == Joint.KEYS
    proposed(Joint.END, "een-ander-protocol@1")
    assert destination.why_waits(protocol, NOW) == Joint.KEYS
    proposed(Joint.END_NOTED, f"{protocol.id}@7")
    assert destination.why_waits(protocol, NOW) == Joint.END, "whichever version it was asked of"


def test_of_all_that_is_on_its_way_what_discloses_a_client_is_held(protocol: Protocol) -> None:
    Counterparty.objects.create(kbo=GEEL, name="OCMW Geel", mailbox=NOTED, confirmed_at=NOW)
    other = protocol.model_copy(update={"id": "een-ander-protocol"})
    held, another = queued(protocol), queued(other, recipient=GEEL)
    onward, gone = queued(None, "onward", recipient=GEEL), queued(protocol)
    ledger.record(Act.DISCLOSED_ONWARD, onward.subject, by=WORKER, at=NOW, protocol=f"{protocol.id}@1")
    owed = [queued(protocol, kind) for kind in ("retraction", "receipt", "notice", "key_card")]
    Outgoing.objects.filter(pk=gone.pk).update(due_at=None)
    assert destination.held(NOW) == {}
    asked = proposed(Joint.END, f"{protocol.id}@{protocol.version}", from_on=legal_day(NOW).isoformat())
    with CaptureQueriesContext(connection) as read:
        assert destination.held(NOW) == {held.pk: Joint.END, onward.pk: Joint.END}
    assert not any('"archive"' in query["sql"] for query in read), "however many wait, their archives are not read"
    assert destination.held(NOW - timedelta(days=1)) == {} and destination.why_waits(protocol, NOW) == Joint.END
    assert destination.why_waits(protocol, NOW - timedelta(days=1)) is None
    assert destination.now(held, at=NOW - timedelta(days=1)) == NAMED
    assert destination.why_held([gone, *owed], NOW) == {gone.pk: Joint.END}, "its words wait also when it left"
    assert [destination.now(each, at=NOW) for each in (held, *owed)] == [None] + [NAMED] * 4
    asked.delete()
    proposed(Joint.KEYS, GEEL)
    assert destination.held(NOW) == {another.pk: Joint.KEYS, onward.pk: Joint.KEYS}
    assert destination.now(held, at=NOW) == NAMED
