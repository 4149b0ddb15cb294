"""What the other officer says, in two parcels (a restore, a second sealing), has one effect: by its own number."""

from __future__ import annotations

import uuid
from datetime import timedelta

from brug.core import message
from brug.core.parcel.manifest import make_id
from brug.core.protocol.document import Protocol
from brug.desks.breaches import telling
from brug.desks.breaches.models import Affected, Breach, Word
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from tests.conftest import NOW, WESTERLO, OtherParty


def test_a_notice_and_a_remark_that_come_twice_are_one(protocol: Protocol, westerlo: OtherParty) -> None:
    breach_id = uuid.uuid4()
    notice = message.BreachNotice(
        breach_id=breach_id,
        number=1,
        suspected_at=NOW,
        aware_at=NOW,
        aspects=frozenset({"confidentiality"}),
        risk="risk",
        references=(make_id(NOW),),
        facts="De mailbox is overgenomen.",
        consequences="Lezen.",
        measures="Wachtwoord vervangen.",
    )
    remark = message.BreachRemark(breach_id=breach_id, remark="Wij bellen morgen.", said_at=NOW)
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        telling.take_notice(notice, Arrival(WESTERLO, make_id(at), protocol), at)
        telling.take_remark(remark, Arrival(WESTERLO, make_id(at), protocol), at)
    assert (Breach.objects.count(), Word.objects.count(), Affected.objects.count()) == (1, 2, 1)
    acts = list(Entry.objects.values_list("act", flat=True))
    assert acts.count("breach_notice_taken_in") == acts.count("breach_remark_taken_in") == 1
