"""The page of the log book: what accuses and what does not, and its end (art. 6)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from brug.office.ledger import queries, verifier
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
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


def test_what_leaves_the_building_is_downloaded_and_judged_elsewhere(desk: Client, tmp_path: Path) -> None:
    with transaction.atomic():
        entry = ledger.record(Act.RETENTION_SWEPT, "node", by=WORKER, at=NOW)
    ledger.checkpoint(NOW)
    with zipfile.ZipFile(io.BytesIO(desk.get(reverse("ledger-proof"), {"entry": str(entry.pk)}).content)) as archive:
        archive.extractall(tmp_path)
    said = (tmp_path / "case.tlog-proof").read_text(), (tmp_path / "entry.json").read_bytes().rstrip(b"\n")
    assert "is in the ledger" in verifier.check_proof(*said, [str(queries.signing_keys()[0])])
    for name in ("ledger-witnessed", "ledger-conflicts"):
        found = desk.get(reverse(name))
        assert found.status_code == 200 and found["Content-Disposition"].startswith("attachment")
        assert found.content.startswith(b'{"format":"brug/')
    for wrong in ("", "x", "999999", "٣"):
        assert desk.get(reverse("ledger-proof"), {"entry": wrong}).status_code == 302
