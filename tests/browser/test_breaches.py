"""A breach in a browser: anybody reports, the officer runs the case to its end (art. 9, GDPR 33, 34)."""
# ruff: noqa: F811 (a fixture of another module, asked for by its name)

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from brug.core.protocol.document import Protocol
from brug.desks.breaches.models import Affected, Breach, Person, Word
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, make_member, send_form
from tests.browser.test_casework import karim  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_reports(visit: Visit, check_page: CheckPage, karim: Member) -> None:
    page = visit("/breaches/", karim)
    send_form(page, kind="mailbox", text="Bel 0470 00 00 01.")
    check_page(page, reload=False)
    send_form(page, text="Iemand anders zat in de mailbox.")
    check_page(page, reload=False)


def test_the_officer_runs_the_case(visit: Visit, check_page: CheckPage, protocol: Protocol, karim: Member) -> None:
    dirk, now = make_member("dw", "Dirk Wuyts", Role.DPO, email="dw@iok.example"), timezone.now()
    theirs = Breach.objects.create(
        breach_id=uuid.uuid4(),
        is_theirs=True,
        party="0212181956",
        state="aware",
        kind="other",
        recorded_at=now - timedelta(hours=55),
        suspected_at=now - timedelta(hours=55),
        aware_at=now - timedelta(hours=50),
        facts="Iemand had de mailbox van vrijdag 17 uur tot zaterdag 9 uur.",
        consequences="Wie de zendingen heeft, kan ze zonder sleutel niet openen.",
        measures="Wachtwoord vervangen, tweede factor aangezet.",
        aspects=["confidentiality"],
        risk="unlikely",
    )
    said = {
        "breach": theirs,
        "party": "0212181956",
        "said_at": now - timedelta(hours=55),
        "risk": "unlikely",
        "count": 3,
    }
    Word.objects.create(is_ours=False, number=1, text=theirs.facts, measures=theirs.measures, read_at=now, **said)
    for _ in range(3):
        Affected.objects.create(breach=theirs, reference=uuid.uuid4(), told_as=uuid.uuid4(), source="told")
    case = f"/breaches/{theirs.reference}"
    check_page(visit("/breaches/", dirk))
    page = visit(case, dirk)
    check_page(page)
    for step in ("affected", "authority", "answers", "references"):
        page.goto(f"{case}/{step}")
        check_page(page)
    hers = Person.objects.create(breach=theirs, number=1, worker=karim)
    for step in ("people", "people/1"):
        page.goto(f"{case}/{step}")
        check_page(page)
    check_page(visit(f"/breaches/persons/{hers.pk}", karim))
    page.goto(f"{case}/describe")
    Breach.objects.update(facts="De mailbox stond open tot zondag.")  # a colleague, meanwhile
    send_form(page, measures="Iedereen kreeg een nieuw wachtwoord.")
    check_page(page, reload=False)
    assert "tot zondag" in page.locator(".facts").inner_text()
    page.goto(f"{case}/authority")
    send_form(page, decision="spared")
    check_page(page, reload=False)
