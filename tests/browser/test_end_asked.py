"""While the end of a protocol waits for its second person, the notifier reads why nothing leaves (art. 5, 8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from brug.core.protocol.document import Protocol
from brug.desks.referrals import services as referrals
from brug.office.disclosure import calls
from brug.office.ledger.acts import WORKER
from brug.office.parties import joint
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.states import Joint
from brug.office.post.models import Outgoing
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, make_member
from tests.conftest import OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_referral_and_the_call_say_what_they_wait_for(
    visit: Visit, check_page: CheckPage, lien: Member, westerlo: OtherParty, protocol: Protocol
) -> None:
    now = timezone.now()
    referral = referrals.start("13049", "2260", by=lien, at=now - timedelta(minutes=5))
    referrals.record_consent(referral, FACTS, protocol, by=lien, at=now)
    referrals.keep_client(referral, AMAL, "13049", by=lien, at=now)
    referrals.send(referral, by=lien, at=now)
    dirk = make_member("dw", "Dirk Wuyts", Role.DPO)
    joint.propose(Joint.END, f"{protocol.id}@{protocol.version}", {"from_on": None}, by=dirk, at=now)
    page = visit(f"/referrals/{referral.reference}", lien)
    check_page(page)
    assert page.get_by_role("heading", name="Wacht: een collega vroeg het einde van dit protocol").is_visible()
    Counterparty.objects.update(parcel_key=b"", signing_key=b"", checkpoint_key=b"")
    anew = calls.seal_anew(Outgoing.objects.get(), by=WORKER, at=now)
    page = visit(f"/calls/{anew.parcel_id}", lien)
    check_page(page)
    assert page.get_by_role("heading", name="Bel nog niet").is_visible()
    page = visit("/calls", lien)
    check_page(page)
    assert page.get_by_text("Bel nog niet").is_visible()
