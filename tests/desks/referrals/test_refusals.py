"""A no is counted and never recorded about the person (GDPR 7, recital C)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.referrals import refusals, services
from brug.desks.referrals.models import Referral, Refusals
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.vault.models import Envelope
from tests.conftest import NOW, OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS


def draft(lien: Member) -> Referral:
    return services.start("13049", "2260", by=lien, at=NOW)


def test_nothing_stays_but_a_number(lien: Member, protocol: Protocol) -> None:
    refusals.refuse(draft(lien), by=lien, at=NOW)
    refusals.refuse(draft(lien), by=lien, at=NOW + timedelta(days=2))
    assert not Referral.objects.exists() and not Envelope.objects.exists()
    assert list(Refusals.objects.values_list("month", "count")) == [(NOW.date().replace(day=1), 2)]


def test_its_trace_is_that_of_any_draft_thrown_away(lien: Member, protocol: Protocol) -> None:
    """Whoever reads the ledger cannot tell a family that said no from a typing mistake."""
    services.discard(draft(lien), by=lien, at=NOW)
    refusals.refuse(draft(lien), by=lien, at=NOW)
    of_each = (
        Entry.objects.exclude(act="protocol_adopted").order_by("id").values_list("act", "article", "details", "role")
    )
    assert list(of_each)[:2] == list(of_each)[2:]


def test_small_numbers_are_not_shown(lien: Member, protocol: Protocol) -> None:
    for said in range(1, 7):
        refusals.refuse(draft(lien), by=lien, at=NOW)
        assert refusals.in_year(NOW) == (said if said >= 5 else 0)
    assert refusals.in_year(NOW + timedelta(days=366)) == 0


def test_what_was_sent_is_withdrawn_not_refused(lien: Member, protocol: Protocol, westerlo: OtherParty) -> None:
    referral = draft(lien)
    services.record_consent(referral, FACTS, protocol, by=lien, at=NOW)
    services.keep_client(referral, AMAL, "13049", by=lien, at=NOW)
    services.send(referral, by=lien, at=NOW)
    with pytest.raises(WrongState):
        refusals.refuse(Referral.objects.get(), by=lien, at=NOW)
    assert not Refusals.objects.exists()
