"""The page of the log book: what accuses and what does not, and its end (art. 6)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from brug.office.ledger.models import Conflict
from tests.conftest import NOW, WESTERLO
from tests.desks.oversight.conftest import acts

pytestmark = pytest.mark.django_db
ODD = {"origin": f"brug/{WESTERLO}/ledger", "note": "x", "at": NOW}


def test_a_mistake_is_shown_with_its_reason_and_accuses_nobody_until_it_is_closed(desk: Client) -> None:
    conflict = Conflict.objects.create(**ODD, why="no_proof", times=3, sha256="0" * 64)
    page = desk.get(reverse("ledger")).content.decode()
    assert "sluit niet aan" in page and "geen beschuldiging" in page and "spreekt tegen" not in page
    assert desk.post(reverse("ledger-close", args=[conflict.pk])).status_code == 302
    assert desk.post(reverse("ledger-close", args=[conflict.pk])).status_code == 302, "somebody else was first"
    assert "geen beschuldiging" not in desk.get(reverse("ledger")).content.decode()
    assert acts() == ["conflict_closed.no_proof"]


def test_two_notes_convict_on_the_page_too(desk: Client) -> None:
    Conflict.objects.create(**ODD, why="fork", against="y", sha256="0" * 64)
    page = desk.get(reverse("ledger")).content.decode()
    assert "spreekt tegen" in page and "geen beschuldiging" not in page
