"""Recording, ordering, signing: laws of the ledger's verbs."""

from __future__ import annotations

import pytest
from django.db import transaction

from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from tests.conftest import NOW
from tests.office.ledger import files


@pytest.mark.django_db(transaction=True)
def test_a_database_of_a_test_is_emptied_though_the_ledger_only_grows() -> None:
    files.add(1)
    ledger.checkpoint(NOW)


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_a_transaction_is_refused() -> None:
    assert not Entry.objects.exists()
    with pytest.raises(RuntimeError):
        ledger.record("case_opened", "node", by="worker", role="worker", at=NOW)
    with transaction.atomic():
        ledger.record("case_opened", "node", by="worker", role="worker", at=NOW)
    assert ledger.latest_checkpoint() == ""
    assert ledger.checkpoint(NOW) == ledger.checkpoint(NOW) == ledger.latest_checkpoint() != ""
    assert ledger.verify() == []
