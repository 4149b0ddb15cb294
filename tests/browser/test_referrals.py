"""The team member's desk in a browser: every page and every state, all bad input, the whole job by keyboard alone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.referrals import services
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Member, Proposal, Team
from brug.office.post.models import Outgoing
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, enter, faults, follow, go, make_member, press, send_form, tab_to
from tests.conftest import WESTERLO, OtherParty

pytestmark = pytest.mark.django_db(transaction=True)
AGREED: dict[str, str | bool] = {
    "informed_how": "talk_and_leaflet",
    "language": "ar",
    "interpreter": True,
    "consented_how": "oral",
    "judged_with_client": True,
}
TYPED: dict[str, str | bool] = {
    "given_name": "Amal",
    "family_name": "Haddou",
    "phone": "0470 00 00 01",
    "email": "amal@voorbeeld.example",
    "street": "Polderstraat",
    "number": "14",
}
BAD = [
    ("family_name", "85.07.30-033.28"),
    ("given_name", "Amal 👶"),
    ("given_name", "<script>alert(1)</script>"),
    ("given_name", "A" * 200),
    ("family_name", "حداد (حامل)"),
    ("family_name", "\ue000Haddou"),
    ("phone", "0470 00 00"),
    ("email", "amal bij voorbeeld"),
    ("street", "Polderstraat <b>"),
    ("number", "veertien"),
    ("postal_code", "9999"),
]
GO_ON = "main form [type=submit]:not([form])"


@pytest.fixture
def lien(lien: Member, westerlo: OtherParty) -> Member:
    """A team member who may refer today; the OCMW of Westerlo has been met."""
    lien.secrecy_attested_on = legal_day(timezone.now())
    lien.save()
    return lien


def start(page: Page) -> str:
    """Begin a referral for a family in Westerlo; the address of its pages."""
    page.goto("/referrals/new")
    send_form(page, postal_code="2260")
    return page.url.removesuffix("/consent")


def agree(page: Page) -> str:
    """Begin a referral of a client who was told and said yes; the address of its pages."""
    referral = start(page)
    send_form(page, **AGREED)
    assert page.url == f"{referral}/client"
    return referral


def answer(protocol: Protocol, rejection: str | None = None) -> None:
    """The receipt of the OCMW for the one referral that was sent."""
    parcel = Referral.objects.get().parcel_id
    assert parcel is not None
    result = "quarantined" if rejection else "accepted"
    receipt = message.Receipt(parcel_id=parcel, received_at=timezone.now(), result=result, rejection=rejection)
    with transaction.atomic():
        services.record_receipt(receipt, Arrival(WESTERLO, uuid.uuid4(), protocol), timezone.now())


def test_where_the_family_lives(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/new", lien)
    check_page(page)
    for code in ("9999", "Nergenshuizen", ""):
        send_form(page, postal_code=code)
        assert list(faults(page)) == ["postal_code"] and page.input_value("[name=postal_code]") == code
    check_page(page, reload=False)
    send_form(page, postal_code="1804")
    assert list(faults(page)) == ["municipality"], "one code, two municipalities"
    assert page.locator("[name=municipality]").count() == 2 and page.input_value("[name=postal_code]") == "1804"
    check_page(page, reload=False)
    page.locator("[name=municipality]").nth(1).check()
    send_form(page)
    assert page.locator("main form").count() == 0 and not Referral.objects.exists(), "no protocol there either"


@pytest.mark.parametrize(("code", "place"), [("2230", "Herselt"), ("1060", "Sint-Gillis"), ("4000", "Luik")])
def test_without_a_protocol_there_is_advice_and_nothing_is_kept(
    visit: Visit, check_page: CheckPage, lien: Member, code: str, place: str
) -> None:
    page = visit("/referrals/new", lien)
    send_form(page, postal_code=code)
    assert page.locator("main li").count() == 3
    assert not Referral.objects.exists()
    check_page(page, reload=False)


def test_two_facts_and_nothing_ticked_beforehand(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/", lien)
    check_page(page)
    referral = start(page)
    check_page(page)
    assert page.locator("main :checked:is([type=radio], [type=checkbox])").count() == 0
    page.goto(f"{referral}/client")
    assert page.url == f"{referral}/consent" and page.locator(".messages").count() == 1, "without both no way forward"
    tomorrow = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page.locator("main summary").click()
    send_form(page, consented_at=tomorrow, language="ti", interpreter=True)
    wrong = faults(page)
    assert {"informed_how", "consented_how", "judged_with_client"} <= set(wrong)
    assert page.input_value("[name=language]") == "ti" and page.is_checked("[name=interpreter]")
    assert page.input_value("[name=consented_at]") == tomorrow
    check_page(page, reload=False)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_bad_input_gets_one_message_at_its_field_and_nothing_typed_is_lost(
    visit: Visit, check_page: CheckPage, lien: Member, javascript: bool
) -> None:
    page = visit("/referrals/", lien, java_script_enabled=javascript)
    agree(page)
    typed = TYPED | {"postal_code": "2260"}
    for name, text in BAD if javascript else BAD[:2]:
        wrong = typed | {name: text}
        send_form(page, **wrong)
        told = faults(page)
        assert list(told) == [name] and len(told[name]) == 1, (text, told)
        assert {field: page.input_value(f"[name={field}]") for field in wrong} == wrong
    if javascript:
        everything = {"given_name": "Amal 👶", "family_name": "85.07.30-033.28", "phone": "12", "email": "amal"}
        send_form(page, **typed | everything | {"street": "", "number": "14", "postal_code": "1"})
        assert set(faults(page)) == {*everything, "street", "postal_code"}
        check_page(page, reload=False)
    send_form(page, **typed | {"phone": "", "email": "", "street": "", "number": ""})
    assert list(faults(page)) == ["phone"], "at least one way to be reached"
    send_form(page, **typed)
    assert page.url.endswith("/send")


def test_from_permit_to_receipt(visit: Visit, check_page: CheckPage, lien: Member, protocol: Protocol) -> None:
    page = visit("/referrals/", lien)
    referral = agree(page)
    check_page(page)
    send_form(page, **TYPED)
    check_page(page)
    assert "Haddou" in page.locator("main").inner_text()
    second = page.context.new_page()
    second.goto(page.url)
    page.goto(referral)
    check_page(page)  # kept, not sent yet
    page.goto(f"{referral}/send")
    send_form(page)
    assert page.url == referral and page.locator(".messages").count() == 1
    check_page(page)  # on its way
    waits = Proposal.objects.create(joint="keys", subject="0212181956", facts={}, by="operator", at=timezone.now())
    page.reload()
    assert "wacht op uw functionaris" in page.locator("main").inner_text().lower()
    check_page(page)
    waits.delete()
    send_form(second)
    assert second.locator("[role=alert]").count() == 1, "a second click sends nothing, and says so"
    check_page(second, reload=False)
    answer(protocol)
    page.reload()
    assert "Haddou" not in page.content() and "Polderstraat" not in page.content()
    check_page(page)
    to_right = visit(f"{urlsplit(page.url).path}/put-right", lien, java_script_enabled=False)
    assert not any(to_right.is_visible(f"main [name={name}]") for name in ("given_name", "postal_code", "phone"))
    to_right.check("[name=field][value=family_name]")  # what it asks comes below it, and nothing else
    assert to_right.is_visible("[name=given_name]") and to_right.is_visible("[name=has_one_name]")
    assert not to_right.is_visible("[name=phone]")
    check_page(visit(f"{urlsplit(page.url).path}/put-right", lien))
    go(page.locator("main a[href$='/withdraw']"))
    check_page(page)
    Outgoing.objects.update(attempts=1)  # the mail has left
    send_form(page, name="Amal Haddou")
    check_page(page)  # withdrawn
    retraction = Outgoing.objects.filter(kind="retraction")
    for standing, words in (({"state": "bounced"}, "weet het nog niet"), ({"by_phone": True}, "bel OCMW Westerlo")):
        retraction.update(**standing)
        page.goto(referral)
        assert words in page.locator("main").inner_text()
        check_page(page)
    page.goto("/referrals/")
    check_page(page)


def test_no_is_explained_article_by_article(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/", lien)
    agree(page)
    Team.objects.update(code="lokaal-team-elders")
    send_form(page, **TYPED)
    assert page.locator(".denied li small").count() == 1
    assert page.evaluate("document.activeElement.matches('.denied')"), "the reasons have the focus"
    check_page(page)


def test_what_the_ocmw_could_not_accept(visit: Visit, check_page: CheckPage, lien: Member, protocol: Protocol) -> None:
    page = visit("/referrals/", lien)
    referral = agree(page)
    send_form(page, **TYPED)
    send_form(page)
    answer(protocol, rejection="unknown_protocol")
    page.goto(referral)
    assert Referral.objects.get().state == ReferralState.REFUSED
    check_page(page)
    go(page.locator(f"main a[href$='{referral.rpartition('/')[2]}/send']"))
    send_form(page)
    assert Referral.objects.get().state == ReferralState.SENT


def test_what_somebody_did_meanwhile_is_told_and_what_was_typed_stays(
    visit: Visit, check_page: CheckPage, lien: Member
) -> None:
    page = visit("/referrals/", lien)
    referral = agree(page)
    send_form(page, **TYPED)
    page.goto(f"{referral}/client")
    early, other = page.context.new_page(), page.context.new_page()
    early.goto(f"{referral}/consent")
    other.goto(f"{referral}/send")
    send_form(other)
    send_form(page, given_name="Amal Noor")
    assert page.locator("[role=alert]").count() == 1
    assert page.input_value("[name=given_name]") == "Amal Noor"
    check_page(page, reload=False)
    send_form(early, **AGREED | {"consented_how": "written"})
    assert early.locator("[role=alert]").count() == 1 and early.is_checked("[name=consented_how][value=written]")
    check_page(early, reload=False)


def test_who_is_not_bound_by_secrecy_and_who_only_leads(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/", lien)
    agree(page)
    lien.secrecy_attested_on = None
    lien.save()
    page.goto("/referrals/")
    assert page.locator(".ds-alert").count() == 1
    check_page(page)
    page.goto("/referrals/new")
    check_page(page)
    lead = make_member("nadia", "Nadia Claes", Role.TEAM_LEAD, team=lien.team)
    reference = Referral.objects.get().reference
    page = visit(f"/referrals/{reference}", lead)
    check_page(page)
    page.goto(f"/referrals/{reference}/client")
    check_page(page)  # as if it did not exist


def test_thrown_away_is_gone(visit: Visit, check_page: CheckPage, lien: Member) -> None:
    page = visit("/referrals/", lien, java_script_enabled=False)
    agree(page)
    go(page.locator("main [type=submit][form=discard]"))
    assert page.url.endswith("/referrals/") and page.locator(".messages").count() == 1
    assert not Referral.objects.exists()


def test_the_whole_job_by_keyboard_alone(visit: Visit, lien: Member) -> None:
    page = visit("/referrals/", lien, viewport={"width": 360, "height": 640})
    follow(page, "main a[href$='/referrals/new']")
    tab_to(page, "[name=postal_code]")
    page.keyboard.type("2260")
    enter(page)
    page.wait_for_url("**/consent")
    press(page, "[name=informed_how]", "Space")
    tab_to(page, "[name=language]")
    page.keyboard.type("Arab")
    press(page, "[name=interpreter]", "Space")
    press(page, "[name=consented_how]", "Space")
    press(page, "[name=judged_with_client]", "Space")
    follow(page, GO_ON)
    assert page.url.endswith("/client")
    for name, text in TYPED.items():
        tab_to(page, f"[name={name}]")
        page.keyboard.type(str(text))
    follow(page, GO_ON)
    assert page.url.endswith("/send")
    follow(page, GO_ON)
    assert Referral.objects.get().state == ReferralState.SENT
    consent = services.consent_of(Referral.objects.get())
    assert consent is not None and (consent["language"], consent["interpreter"]) == ("ar", True)
