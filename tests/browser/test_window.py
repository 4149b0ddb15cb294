"""The family's own window in a browser: on a telephone, without scripts, in its language, from right to left."""

from __future__ import annotations

import pytest
from django.utils import timezone

from brug.core.leaflet import window
from brug.core.protocol.document import Protocol
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.window import code as codes
from brug.desks.window import services
from brug.office.parties.models import Member
from tests.browser.conftest import SIDEWAYS, CheckPage, Visit, go
from tests.conftest import OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS

pytestmark = pytest.mark.django_db(transaction=True)
TELEPHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def dw(db: None) -> Member:
    officer = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo")
    services.turn(True, by=officer, at=timezone.now())
    return officer


@pytest.fixture
def referral(protocol: Protocol, westerlo: OtherParty, lien: Member, dw: Member) -> Referral:
    """Sent, and not confirmed yet."""
    now = timezone.now()
    made = referrals.start("13049", "2260", by=lien, at=now)
    referrals.record_consent(made, FACTS, protocol, by=lien, at=now)
    referrals.keep_client(made, AMAL, "13049", by=lien, at=now)
    referrals.send(made, by=lien, at=now)
    return made


@pytest.mark.parametrize("language", ["ar", "uk", "nl"])
def test_a_family_takes_its_yes_back_without_scripts(
    visit: Visit, referral: Referral, lien: Member, language: str
) -> None:
    text = window(language)
    code = services.hand_over("referrals", referral.reference, by=lien, at=timezone.now())
    page = visit(f"/window/{language}/", java_script_enabled=False, **TELEPHONE)

    def stands(words: str) -> None:
        assert words in page.inner_text("main") and not page.evaluate(SIDEWAYS)
        assert page.locator(".leave a").is_visible() and page.locator("html").get_attribute("lang") == language
        assert page.context.cookies() == [] and code not in page.url

    stands(text["door"]["help"])
    page.fill("#id_code", code[:-1] + str((int(code[-1]) + 1) % 10))
    go(page.locator("main button"))
    stands(text["door"]["typing_error"])
    digits = {"ar": 0x660}.get(language, 0x30)
    page.fill("#id_code", codes.grouped(code).translate({0x30 + n: digits + n for n in range(10)}))
    go(page.locator("main button"))
    stands(text["told"]["no_answer"])
    go(page.locator("[value=sure]"))
    stands(text["sure"]["heading"])
    go(page.locator("[value=take_back]"))
    stands(text["said"]["take_back"])
    referral.refresh_from_db()
    assert referral.state == "withdrawn"
    if language == "ar":
        leave, words = page.locator(".leave a").bounding_box(), page.locator("main p").first
        assert leave and leave["x"] < 90 and words.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_every_page_of_it_is_a_good_page(
    visit: Visit, check_page: CheckPage, referral: Referral, lien: Member, dw: Member
) -> None:
    check_page(visit("/window/for/officers", dw))
    page = visit(f"/window/of/referrals/{referral.reference}", lien)
    check_page(page)
    go(page.locator("main [value=hand]"))
    code = page.locator(".code-once").inner_text().replace(" ", "").replace("\n", "")
    check_page(page, reload=False)
    page = visit("/window/")
    check_page(page)
    page = visit("/window/prs/")
    check_page(page)
    for wish in ("", "which", "not_right", "sure", "copy"):
        page = visit("/window/ti/" if wish == "which" else "/window/nl/")
        page.fill("#id_code", code)
        go(page.locator("main button"))
        if wish == "not_right":
            go(page.locator("[value=which]"))
            go(page.locator("[value=phone]"))
        elif wish:
            go(page.locator(f"[value={wish}]"))
        check_page(page, reload=False)
    page.goto("/window/nl/")
    page.fill("#id_code", codes.make(lambda _upper: 1))
    go(page.locator("main button"))
    check_page(page, reload=False)
    check_page(visit(f"/window/of/referrals/{referral.reference}", lien))
