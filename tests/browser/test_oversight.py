"""The officer's pages in a real browser: wide, narrow, without scripts; and no client on any of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from brug.core import message
from brug.core.protocol.document import Protocol
from brug.desks.casework.models import Outcome, Promptness
from brug.desks.oversight import evidence, processors
from brug.desks.oversight.models import Inquiry, Notice, Processor
from brug.desks.oversight.states import DocumentKind
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER, Act
from brug.office.ledger.models import Conflict
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, go, make_member, send_form
from tests.conftest import NOW, OPGROEIEN, OtherParty
from tests.core.samples_of_messages import PROCESSOR
from tests.desks.oversight.conftest import HOST, heard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nadia(opgroeien: OtherParty) -> Member:
    """The officer of OCMW Westerlo, with something on every page."""
    nadia = make_member("nadia", "Nadia Claes", Role.DPO)
    processors.add(replace(HOST, agreed_through=date(2026, 12, 20)), by=nadia, at=NOW)
    heard(message.ProcessorOverview(as_of=NOW, processors=(PROCESSOR,)), OPGROEIEN)
    evidence.keep_document(
        DocumentKind.SECURITY_POLICY, "Veiligheidsbeleid", date(2026, 1, 5), b"%PDF-1.7\n%%EOF\n", by=nadia, at=NOW
    )
    heard(message.Inquiry(inquiry_id=uuid.uuid4(), about="evidence", asked_at=NOW), OPGROEIEN, number=2)
    told = {"notice_id": uuid.uuid4(), "about": "six_months", "given_at": NOW, "remark": "Wij zeggen op."}
    heard(message.Notice.model_validate(told), OPGROEIEN, number=3)
    month = (NOW - timedelta(days=25)).date().replace(day=1)
    for residence, wants, declined in (("13049", 21, 3), ("13008", 30, 17), ("13013", 12, 9)):
        Outcome.objects.create(month=month, residence=residence, outcome="help_wanted", count=wants)
        Outcome.objects.create(month=month, residence=residence, outcome="help_declined", count=declined)
    Promptness.objects.create(month=month, in_time=12, late=7)
    with transaction.atomic():
        ledger.record(Act.RETENTION_SWEPT, uuid.uuid4(), by=WORKER, at=NOW)
    ledger.checkpoint(NOW)
    odd = {"origin": f"brug/{OPGROEIEN}/ledger", "note": "x", "at": NOW}
    Conflict.objects.create(**odd, why="fork", against="y", sha256="1" * 64)
    Conflict.objects.create(**odd, why="no_proof", times=3, last_at=NOW + timedelta(days=2), sha256="2" * 64)
    return nadia


def test_every_page_of_the_desk(nadia: Member, visit: Visit, check_page: CheckPage) -> None:
    page = visit("/oversight/", nadia)
    check_page(page)
    addresses = ["register", "processors", "processors/new", "notices", "evidence", "looked", "log-book"]
    for address in addresses:
        page.goto(f"/oversight/{address}")
        check_page(page, reload=address == "evidence")
    ours = Processor.objects.get().reference
    for address in ("notices/new/opgroeien-ocmw-westerlo/1", f"processors/{ours}", f"processors/{ours}/end"):
        page.goto(f"/oversight/{address}")
        check_page(page, reload=False)


def test_a_notice_is_read_and_the_life_of_the_protocol_follows(
    protocol: Protocol, nadia: Member, visit: Visit, check_page: CheckPage
) -> None:
    notice = Notice.objects.get()
    page = visit(f"/oversight/notices/{notice.notice_id}", nadia)
    check_page(page, reload=False)
    go(page.locator("main form [type=submit]"))
    check_page(page, reload=False)
    page.goto("/protocols/opgroeien-ocmw-westerlo/1/timeline")
    assert page.locator("main svg[role=img]").count() == 1 and page.locator("main tbody tr").count() >= 3


def test_an_end_is_asked_twice(nadia: Member, visit: Visit, check_page: CheckPage) -> None:
    page = visit("/oversight/notices/new/opgroeien-ocmw-westerlo/1", nadia)
    send_form(page, about="six_months", remark="Wij zeggen op.", decided_by="De voorzitter")
    check_page(page, reload=False)
    go(page.locator("main form [type=submit]"))
    assert Notice.objects.filter(is_ours=True, about="six_months").exists()


def test_a_pack_on_paper_is_handed_over(nadia: Member, visit: Visit, check_page: CheckPage) -> None:
    letter = Inquiry.objects.create(
        is_ours=False,
        party=OPGROEIEN,
        protocol="opgroeien-ocmw-westerlo@1",
        about="evidence",
        by_letter=True,
        asked_at=NOW,
        answered_at=NOW,
        pack="{}",
    )
    check_page(visit(f"/oversight/evidence/{letter.inquiry_id}/given", nadia))


def test_what_a_pack_lacks_is_read_before_it_is_sealed(nadia: Member, visit: Visit, check_page: CheckPage) -> None:
    page = visit("/oversight/evidence", nadia)
    go(page.locator("form[action$='/make'] [type=submit]"))
    check_page(page, reload=False)
    assert not Inquiry.objects.get().pack
    go(page.locator("main form [type=submit]"))
    check_page(page)
    assert Inquiry.objects.get().pack


def test_figures_as_a_picture_with_the_table_behind(nadia: Member, visit: Visit, check_page: CheckPage) -> None:
    page = visit("/figures", nadia)
    page.select_option("#period", index=1)
    go(page.locator("main form [type=submit]"))
    check_page(page, reload=False)
