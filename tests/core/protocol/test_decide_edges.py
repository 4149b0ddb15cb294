"""The last instant and the first, the exact reason, and each condition of a duty: what a changed sign would shift."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.kind import Kind
from brug.core.message import KINDS
from brug.core.protocol import decide as room
from brug.core.protocol.decide import Denial, Denied, Permit, Reason, decide, decide_onward, duty
from brug.core.protocol.document import Protocol, load
from brug.core.protocol.life import Event, EventKind, first_moment
from tests.core.protocol import test_decide_onward as onward
from tests.core.protocol.samples import ALLOWED, CONSENT, NOW, WESTERLO, text_with

WITHOUT_PARTNERS = (
    ("aid_if_wanted, partners_if_needed_and_wanted]", "aid_if_wanted]"),
    ("code: gbo_actor", "code: staff_granting_benefit"),
)
OPGROEIEN, OCMW = "0886886638", "0212181956"
TODAY, INSTANT = legal_day(NOW), timedelta(microseconds=1)
SIGNED_ALREADY = WESTERLO.signed_at
assert SIGNED_ALREADY is not None


def of(rule: Any, protocol: Protocol = WESTERLO, request: Any = None, at: Any = NOW) -> list[Reason]:
    return list(rule(protocol, request, at))


def test_secrecy_holds_through_its_last_day() -> None:
    for rule, allowed in ((room.sender_keeps_secrets, ALLOWED), (room.worker_keeps_secrets, onward.ALLOWED)):
        assert of(rule, request=replace(allowed, secrecy_through=TODAY)) == []
        assert of(rule, request=replace(allowed, secrecy_through=TODAY - timedelta(days=1)))


def test_the_agreement_counts_from_the_day_it_was_concluded() -> None:
    agreement = WESTERLO.agreement
    assert agreement is not None
    concluded = first_moment(agreement.concluded_on)
    assert of(room.agreement_was_concluded, at=concluded) == []
    assert of(room.agreement_was_concluded, at=concluded - INSTANT) == [Reason("art. 5", "agreement_not_concluded_yet")]


def test_it_is_signed_from_the_instant_of_the_last_signature() -> None:
    assert of(room.protocol_is_signed, at=SIGNED_ALREADY) == []
    assert of(room.protocol_is_signed, at=SIGNED_ALREADY - INSTANT) == [Reason("art. 11", "not_signed_yet")]


def test_a_text_that_was_offered_counts_from_the_instant_that_it_was_accepted() -> None:
    offered = WESTERLO.with_events([Event(EventKind.OFFERED, NOW, "discloser")])
    assert of(room.protocol_is_signed, offered) == [Reason("art. 11", "not_accepted_yet")]
    accepted = WESTERLO.with_events(
        [Event(EventKind.OFFERED, NOW - INSTANT, "discloser"), Event(EventKind.ACCEPTED, NOW, "recipient")]
    )
    assert of(room.protocol_is_signed, accepted) == []
    assert of(room.protocol_is_signed, accepted, at=NOW - INSTANT) == [Reason("art. 11", "not_accepted_yet")]


def test_before_its_day_it_is_said_once_that_it_is_not_in_force() -> None:
    """Signed and accepted, and its day has not come: that is one reason, not two; on the first moment of it none."""
    begins = first_moment(WESTERLO.in_force_from)
    assert of(room.protocol_is_in_force, at=begins - INSTANT) == [Reason("art. 11", "not_in_force_yet")]
    assert of(room.protocol_is_in_force, at=begins) == []


def test_consent_that_was_not_given_or_was_taken_back_is_said_once() -> None:
    """Whom it was for is not asked of a consent that is none."""
    for changes in ({"given_on": None}, {"withdrawn": True}):
        none: dict[str, Any] = {"recipient": "", "fields": frozenset(), "purposes": frozenset(), **changes}
        assert of(room.consent_covers_this, request=replace(ALLOWED, consent=replace(CONSENT, **none))) == []
        other = replace(onward.ALLOWED, consent=replace(onward.CONSENT, **none))
        assert len(of(room.client_wants_the_partner, request=other)) == 1


def test_a_protocol_without_partners_says_by_which_article() -> None:
    alone = load(text_with(*WITHOUT_PARTNERS))
    assert of(room.partner_is_needed, alone, onward.ALLOWED) == [Reason("art. 2", "no_partners")]
    assert of(room.partner_is_of_the_partnership, alone, onward.ALLOWED) == [Reason("art. 4", "no_partners")]


def test_a_denial_says_its_reasons_and_carries_them() -> None:
    denial = Denial((Reason("art. 1", "other_parties"), Reason("art. 3", "field_not_agreed")))
    denied = Denied(denial)
    assert str(denied) == "other_parties (art. 1), field_not_agreed (art. 3)" and denied.denial is denial


def test_what_happened_later_is_not_known_yet() -> None:
    """A decision as of an instant is the same whenever it is asked again."""
    ended = WESTERLO.with_events([Event(EventKind.LAPSED, NOW + timedelta(days=1))])
    for decided in (decide(ended, ALLOWED, NOW), decide_onward(ended, onward.ALLOWED, NOW)):
        assert isinstance(decided, Permit)
    for late in (
        decide(ended, ALLOWED, NOW + timedelta(days=2)),
        decide_onward(ended, onward.ALLOWED, NOW + timedelta(days=2)),
    ):
        assert isinstance(late, Denial)


OWED = Kind(act="a", words="w", ground="quality", corrects=True)


def owed(kind: Kind = OWED, sender: str = OPGROEIEN, recipient: str = OCMW, **more: Any) -> Permit:
    return duty(WESTERLO, "code", kind, sender=sender, recipient=recipient, at=NOW, **more)


def test_a_duty_is_this_version_this_kind_these_parties_and_fields_as_of_now() -> None:
    fields = frozenset({"phone"})
    expected = ("opgroeien-ocmw-westerlo", 1, "code", "art. 7", OPGROEIEN, OCMW, fields, NOW, WESTERLO.sha256)
    assert owed(fields=fields) == Permit(*expected)
    assert owed().fields == frozenset()
    assert owed(replace(OWED, ground="GDPR 19")).article == "GDPR 19"


@pytest.mark.parametrize(("sender", "other"), [(OPGROEIEN, OCMW), (OCMW, OPGROEIEN)])
def test_each_side_owes_what_is_its_own(sender: str, other: str) -> None:
    side = "discloser" if sender == OPGROEIEN else "recipient"
    assert owed(replace(OWED, sender=side), sender, other).discloser == sender
    assert owed(replace(OWED, sender="either"), sender, other).recipient == other
    with pytest.raises(
        ValueError, match=r"^The protocol decides on each one of this kind, or the other party sends it\.$"
    ):
        owed(replace(OWED, sender="recipient" if side == "discloser" else "discloser"), sender, other)
    with pytest.raises(ValueError, match=r"^The protocol decides"):
        owed(replace(OWED, ground=""), sender, other)


@pytest.mark.parametrize(("sender", "recipient"), [(OPGROEIEN, OPGROEIEN), ("0207654372", OCMW), (OCMW, "0207654372")])
def test_no_duty_to_anybody_else(sender: str, recipient: str) -> None:
    with pytest.raises(ValueError, match=r"^A duty is owed between the parties of the protocol only\.$"):
        owed(sender=sender, recipient=recipient)


def test_fields_go_along_with_a_correction_by_the_discloser_only_and_agreed_ones() -> None:
    phone: Any = {"fields": frozenset({"phone"})}
    for wrong in (
        lambda: owed(replace(OWED, corrects=False), **phone),
        lambda: owed(sender=OCMW, recipient=OPGROEIEN, **phone),
        lambda: owed(fields=frozenset({"phone", "income"})),
    ):
        with pytest.raises(
            ValueError,
            match=r"^Fields of the client go along with a correction by the discloser only, and agreed ones\.$",
        ):
            wrong()
    assert owed(fields=WESTERLO.fields, residences=frozenset({"13049"})).fields == WESTERLO.fields


def test_an_address_lies_where_the_recipient_serves_or_may_lie_there() -> None:
    address: Any = {"fields": frozenset({"address"})}
    for places in (frozenset(), frozenset({"13013"})):
        with pytest.raises(Invalid) as refused:
            owed(residences=places, **address)
        assert refused.value.code == "residence_not_served"
        assert str(refused.value) == "An address in a municipality that the protocol serves (art. 2)."
    assert owed(residences=frozenset({"13013", "13049"}), **address).fields == {"address"}
    assert owed(fields=frozenset({"phone"}), residences=frozenset({"13013"})).fields == {"phone"}


def test_the_kinds_that_are_owed_are_those_of_the_messages() -> None:
    for code, content in KINDS.items():
        if content.row.ground and content.row.sender in ("either", "discloser"):
            assert duty(WESTERLO, code, content.row, sender=OPGROEIEN, recipient=OCMW, at=NOW).kind == code


def test_from_its_day_on_it_is_said_that_a_text_was_not_accepted_and_not_before() -> None:
    """Before its day it does not hold anyway: that is the reason then."""
    day = ("in_force_from: 2024-01-01", "in_force_from: 2026-03-02")
    text = load(text_with(day, ("in werking op 1 januari 2024", "in werking op 2 maart 2026")))
    begins = first_moment(text.in_force_from)
    offered = [Event(EventKind.OFFERED, NOW - timedelta(days=30), "discloser")]
    late = text.with_events([*offered, Event(EventKind.ACCEPTED, begins + timedelta(days=1), "recipient")])
    assert of(room.protocol_is_signed, late, at=begins) == [Reason("art. 11", "not_accepted_yet")]
    assert of(room.protocol_is_signed, late, at=begins - INSTANT) == []


def test_each_municipality_has_the_mailbox_that_was_agreed_for_it() -> None:
    one = "transport: {method: 7z-aes-256-by-mail, mailbox: info.ocmw@westerlo.be}"
    more = one.replace("}", ', others: [{residences: ["13049"], mailbox: onthaal@westerlo.be}]}')
    text = load(text_with((one, more), ("naar volgende mailadres: info.ocmw@westerlo.be .", BOTH)))
    assert of(room.transport_was_agreed, text, ALLOWED) == [Reason("art. 6", "other_mailbox")]
    assert of(room.transport_was_agreed, text, replace(ALLOWED, mailbox="Onthaal@westerlo.be")) == []


BOTH = "naar volgende mailadres: info.ocmw@westerlo.be of onthaal@westerlo.be ."
