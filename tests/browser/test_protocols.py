"""The pages of a protocol: public, good pages in every look, and the questions, drafts and directory of members."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page

from brug.core.protocol.document import Protocol, load
from brug.core.protocol.life import EventKind
from brug.core.protocol.text import text
from brug.office.ledger.acts import OPERATOR
from brug.office.parties.models import Member
from brug.office.registry import services
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, faults, go, make_member, send_form
from tests.conftest import NOW, PROTOCOL_TEXT
from tests.office.registry.test_signed import signed_by_two

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/protocols/opgroeien-ocmw-westerlo/1"
GEEL = (
    text(load(PROTOCOL_TEXT.replace("signed_on: 2024-01-29", "signed_on: null")))
    .replace("opgroeien-ocmw-westerlo", "opgroeien-ocmw-geel")
    .replace("(REFNIS): 13049", "(REFNIS): 13008")
    .replace("schriftelijk opzeggen", "schriftelijk en aangetekend opzeggen")
)


@pytest.fixture
def adopted(transactional_db: None) -> Protocol:
    return services.adopt(PROTOCOL_TEXT, by=OPERATOR, at=NOW)


@pytest.fixture
def a_dpo(transactional_db: None) -> Member:
    return make_member("fg", "Sofie Daems", Role.DPO)


@pytest.fixture
def a_signed_document() -> bytes:
    """Signed in another thread: pyHanko wants an event loop of its own, and the browser has one here."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(signed_by_two).result()


@pytest.mark.parametrize("path", ["/protocols/", PAGE, f"{PAGE}/timeline"])
@pytest.mark.parametrize("looks", [{}, {"color_scheme": "dark"}, {"language": "en"}, {"forced_colors": "active"}])
def test_what_is_published_is_a_good_page_for_nobody_in_particular(
    visit: Visit, check_page: CheckPage, adopted: Protocol, path: str, looks: dict[str, Any]
) -> None:
    check_page(visit(path, **looks), reload=not looks)


@pytest.mark.parametrize("path", [f"{PAGE}/ask", "/protocols/directory"])
def test_asking_and_the_directory_are_good_pages_for_members(
    visit: Visit, check_page: CheckPage, adopted: Protocol, karim: Member, path: str
) -> None:
    check_page(visit(path, karim))
    assert "/login" in visit(path).url


def test_the_readings_open_and_close_without_scripts(visit: Visit, check_page: CheckPage, adopted: Protocol) -> None:
    page = visit(PAGE, java_script_enabled=False)
    readings = page.locator("#art-4 details")
    assert not page.get_by_text("De vier verwerkingen die artikel 2 opsomt.").is_visible()
    readings.locator("summary").click()
    assert page.get_by_text("De vier verwerkingen die artikel 2 opsomt.").is_visible()


def test_printed_it_holds_every_reading_and_no_menu(visit: Visit, adopted: Protocol) -> None:
    page = visit(PAGE, is_new=True)
    page.emulate_media(media="print")
    assert page.get_by_text("De vier verwerkingen die artikel 2 opsomt.").is_visible()
    assert not page.locator(".top nav, footer, .forms-of-it").first.is_visible()


def test_a_question_is_answered_with_reasons_that_lead_to_their_article(
    visit: Visit, check_page: CheckPage, adopted: Protocol, karim: Member
) -> None:
    page = visit(f"{PAGE}/ask", karim)
    go(page.locator("main [type=submit]"))
    assert page.locator(".ds-alert[data-color=success]").is_visible()
    check_page(page, reload=False)
    page.check("input[name=fields_asked][value=national_number]")
    page.uncheck("input[name=informed]")
    go(page.locator("main [type=submit]"))
    reasons = page.locator(".denied li a")
    assert [link.get_attribute("href") for link in reasons.all()] == [f"{PAGE}#recital-c", f"{PAGE}#art-3"]
    check_page(page, reload=False)
    go(reasons.last)
    assert page.locator("#art-3").is_visible() and page.url.endswith("#art-3")


def test_an_officer_goes_the_whole_way_on_pages(
    visit: Visit, check_page: CheckPage, adopted: Protocol, a_dpo: Member, a_signed_document: bytes
) -> None:
    """From a wrong file to the text that the other party is offered, and on to its signatures; no shell anywhere."""
    page = visit("/protocols/", a_dpo)
    go(page.get_by_role("link", name="Een protocol opmaken"))
    check_page(page)
    go(page.get_by_role("link", name="Beginnen met een bestand"))
    check_page(page)
    page.set_input_files("[name=file]", {"name": "x.txt", "mimeType": "text/plain", "buffer": b"Boodschappen: melk."})
    go(page.locator("main [type=submit]"))
    check_page(page)
    go(page.get_by_role("link", name="Een ander bestand in de plaats"))
    check_page(page)
    page.set_input_files("[name=file]", {"name": "x.txt", "mimeType": "text/plain", "buffer": GEEL.encode()})
    go(page.locator("main [type=submit]"))
    check_page(page)
    page.check("[name=seen_0]")
    go(page.get_by_role("button", name="Bewaren"))
    page.locator("summary", has_text="Elk deel van de tekst").click()
    go(page.get_by_role("link", name="art. 6: "))
    check_page(page)
    words = page.locator("textarea").first.input_value() + "\nVoor Mol: ocmw@mol.example."
    page.fill('[name="terms.transport.others.0.mailbox"]', "ocmw@mol.example")
    page.fill('[name="terms.transport.others.0.residences"]', "Geel")
    send_form(page)
    assert "terms.transport.others.0.mailbox" in faults(page), "what the words do not say is no term"
    send_form(page, text=words)
    for name, ending in (("Word", ".docx"), ("Pdf", ".pdf")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename.endswith(ending)
    go(page.get_by_role("link", name="Advies of goedkeuring"))
    check_page(page)
    send_form(page, what="advised", side="recipient", on="2026-10-01", outcome="positive_with_remarks")
    check_page(page)
    for told in (
        {"what": "advised", "side": "discloser", "outcome": "positive"},
        {"what": "approved", "side": "recipient"},
    ):
        go(page.get_by_role("link", name="Advies of goedkeuring"))
        send_form(page, on="2026-10-02", **told)
    assert page.locator("tbody", has_text="Goedgekeurd door de raad").count()
    go(page.get_by_role("button", name="De tekst vastleggen"))
    assert page.url.endswith("/protocols/opgroeien-ocmw-geel/1/offer")
    check_page(page)
    go(page.get_by_role("button", name="Deze tekst voorleggen"))
    check_page(page)
    go(page.get_by_role("link", name="Noteren wat er gebeurde"))
    check_page(page)
    sign_and_publish(page, check_page, a_signed_document)


def sign_and_publish(page: Page, check_page: CheckPage, signed: bytes) -> None:
    """The signed document is attached, its signatures dated, its publication told; a wrong one could be replaced."""
    page.goto("/protocols/opgroeien-ocmw-geel/1")
    go(page.locator("#signed .ds-button"))
    page.set_input_files("[name=pdf]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": signed})
    go(page.locator("main [type=submit]"))
    assert page.url.endswith("/days")
    check_page(page)
    send_form(page, who_0="discloser|Bruno Vanobbergen", who_1="recipient|Jo Vankrunkelsven")
    assert page.locator("#signed .signature").count() == 2
    go(page.get_by_role("link", name="Dit is het verkeerde document"))
    check_page(page)
    page.goto("/protocols/opgroeien-ocmw-geel/1/timeline")
    assert page.locator("tbody", has_text="Jo Vankrunkelsven").count()
    go(page.get_by_role("link", name="Een handtekening is verkeerd opgeschreven"))
    check_page(page)
    send_form(page, which="1", who="Maurice Van Hemelen")
    assert page.locator("tbody", has_text="eerst opgeschreven als die van Jo Vankrunkelsven").count()
    go(page.get_by_role("link", name="Noteren wat er gebeurde"))
    address = "https://westerlo.example/protocol"
    send_form(page, kind="published", side="recipient", address=address)
    page.goto("/protocols/opgroeien-ocmw-geel/1")
    assert page.get_by_role("link", name=address).count() or page.locator(f'a[href="{address}"]').count()
    check_page(page, reload=False)


def test_what_comes_and_goes_between_two_parties_has_good_pages(
    visit: Visit, check_page: CheckPage, adopted: Protocol, a_dpo: Member
) -> None:
    told: dict[str, Any] = {"by": OPERATOR, "at": NOW, "happened_at": NOW, "side": "recipient"}
    second = services.adopt(
        PROTOCOL_TEXT.replace("\nversion: 1\n", "\nversion: 2\n").replace("info.ocmw@", "welkom.ocmw@"), at=NOW
    )
    services.record_event(second, EventKind.OFFERED, **told)
    services.record_event(adopted, EventKind.MAILBOX_ASKED, ground="welkom@westerlo.example", **told)
    page = visit(f"{PAGE}/mailbox", a_dpo)
    check_page(page)
    page.goto(f"{PAGE}/change")
    check_page(page)
    page.goto(PAGE.replace("/1", "/2/answer"))
    assert page.locator("ins", has_text="welkom.ocmw@westerlo.be").count()
    check_page(page)
    go(page.get_by_role("button", name="Deze tekst aanvaarden"))
    assert page.locator("tbody", has_text="Door OCMW Westerlo aan de andere partij voorgelegd").count()
    check_page(page, reload=False)


def test_the_directory_filters(visit: Visit, adopted: Protocol, karim: Member) -> None:
    page = visit("/protocols/directory", karim)
    assert page.locator("tbody tr").count() == 285
    send_form(page, cover="covered")
    assert page.locator("tbody tr th").all_inner_texts() == ["Westerlo 13049"]
    send_form(page, name="zzz")
    assert page.locator(".empty").is_visible()


def test_the_data_protection_officer_attaches_the_signed_document(
    visit: Visit, check_page: CheckPage, adopted: Protocol, a_dpo: Member, a_signed_document: bytes
) -> None:
    page = visit(PAGE, a_dpo)
    go(page.locator("#signed .ds-button"))
    check_page(page)
    page.set_input_files("[name=pdf]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"PK"})
    go(page.locator("main [type=submit]"))
    assert list(faults(page)) == ["pdf"]
    page.set_input_files("[name=pdf]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": a_signed_document})
    go(page.locator("main [type=submit]"))
    assert re.search(r"#signed$", page.url)
    assert page.locator("#signed .signature").count() == 2
    check_page(page)
    page.goto(f"{PAGE}/event")
    check_page(page, reload=False)
    anybody = visit(PAGE)
    assert anybody.locator("#signed .signature").count() == 2
    assert anybody.locator("#signed a").count() == 0, "the document itself holds national numbers of who signed"
