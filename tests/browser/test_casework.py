"""The OCMW's desk in a browser: every page and every state, stale forms, the whole job by keyboard alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.casework import services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Aid, Channel, FileState, Result
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Member
from brug.office.parties.states import GlassReason
from brug.office.post.models import ByHand, Incoming
from brug.office.post.states import ByHandState
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, faults, follow, go, make_member, press, send_form, tab_to
from tests.conftest import OPGROEIEN
from tests.desks.casework.conftest import referral

pytestmark = pytest.mark.django_db(transaction=True)
Arrive = Callable[..., Intake]
GO_ON = "main form [type=submit]:not([form])"


@pytest.fixture
def hilde(hilde: Member) -> Member:
    """A dispatcher, bound by secrecy today."""
    return bound(hilde)


@pytest.fixture
def karim(karim: Member) -> Member:
    """A social worker, bound by secrecy today."""
    return bound(karim)


@pytest.fixture
def arrive(protocol: Protocol) -> Arrive:
    """Take in Amal's referral, as the worker does."""

    def take(at: datetime | None = None) -> Intake:
        at, parcel = at or timezone.now(), uuid.uuid4()
        with transaction.atomic():
            services.receive(referral(), Arrival(OPGROEIEN, parcel, protocol), at)
        return Intake.objects.get(parcel_id=parcel)

    return take


@pytest.fixture
def assigned(arrive: Arrive, hilde: Member, karim: Member) -> Intake:
    """Amal is with Karim, and nobody has tried yet."""
    intake = arrive()
    services.assign(intake, karim, by=hilde, at=timezone.now(), version=intake.version)
    return intake


@pytest.fixture
def clarified(assigned: Intake, karim: Member) -> Intake:
    """Amal was spoken with and what is needed is known."""
    reach(assigned, karim)
    kinds = [Aid.FIRST_AGE_MILK, Aid.BUDGET_GUIDANCE]
    services.clarify(assigned, kinds, by=karim, at=timezone.now(), version=assigned.version)
    return assigned


def bound(member: Member) -> Member:
    member.secrecy_attested_on = legal_day(timezone.now()) - timedelta(days=30)
    member.save()
    return member


def reach(intake: Intake, by: Member) -> None:
    facts = (Channel.PHONE, Result.REACHED)
    services.record_attempt(intake, *facts, told=True, by=by, at=timezone.now(), version=intake.version)


def case(intake: Intake, step: str = "") -> str:
    return f"/cases/mine/{intake.pk}" + (f"/{step}" if step else "")


def nothing_of_amal(page: Page) -> bool:
    return not any(word in page.content() for word in ("Amal", "Haddou", "Polderstraat", "0470 00 00 01"))


def test_the_inbox_shows_who_waits_and_nobodys_name(
    visit: Visit, check_page: CheckPage, hilde: Member, karim: Member, arrive: Arrive
) -> None:
    intake = arrive()
    arrive(timezone.now() - timedelta(days=12))
    contacted = arrive()
    services.assign(contacted, karim, by=hilde, at=timezone.now(), version=contacted.version)
    Incoming.objects.create(raw=b"", size=0, fetched_at=timezone.now(), rejection="unknown_sender")
    page = visit("/cases/inbox", hilde)
    assert page.locator("tbody tr").count() == 3 and nothing_of_amal(page)
    check_page(page)
    page.set_viewport_size({"width": 360, "height": 640})
    is_seen = "e => e.getBoundingClientRect().bottom <= innerHeight"
    give = page.locator("#give [type=submit]")
    assert not give.evaluate(is_seen)
    page.locator(".pick input").first.check()
    assert give.evaluate(is_seen)  # what is ticked is given without a scroll
    page.locator(".pick input").first.uncheck()
    page.set_viewport_size({"width": 1280, "height": 800})
    go(page.locator(f"a[href*='{intake.pk}']"))
    check_page(page)
    send_form(page)
    assert list(faults(page)) == ["worker"] and nothing_of_amal(page)
    check_page(page, reload=False)
    send_form(page, worker=karim.pseudonym.hex)
    assert page.url.endswith("/inbox") and page.locator(".messages").count() == 1
    check_page(page)
    page.goto(f"/cases/inbox/{intake.pk}/assign")
    check_page(page)  # to another one
    page.goto(f"/cases/glass/{contacted.pk}")
    check_page(page)
    send_form(page, reason=next(iter(GlassReason)).value)
    assert page.url.endswith("/open") and not nothing_of_amal(page)
    check_page(page)


def test_a_dispatcher_who_is_second_keeps_her_choice(
    visit: Visit, check_page: CheckPage, hilde: Member, karim: Member, arrive: Arrive
) -> None:
    els = bound(make_member("els", "Els Wouters", Role.SOCIAL_WORKER))
    intake = arrive()
    page = visit(f"/cases/inbox/{intake.pk}/assign", hilde)
    services.assign(intake, els, by=hilde, at=timezone.now(), version=intake.version)
    send_form(page, worker=karim.pseudonym.hex)
    assert page.locator("[role=alert]").count() == 1 and page.is_checked(f"[value='{karim.pseudonym.hex}']")
    check_page(page, reload=False)
    send_form(page, reason="absence")
    assert Intake.objects.get().worker == karim


def test_nobody_can_take_a_family_when_no_attestation_holds(
    visit: Visit, check_page: CheckPage, hilde: Member, karim: Member, arrive: Arrive
) -> None:
    intake = arrive()
    Member.objects.update(secrecy_attested_on=None)
    page = visit(f"/cases/inbox/{intake.pk}/assign", hilde)
    assert page.locator("main form").count() == 0
    check_page(page)
    page = visit("/cases/mine", karim)
    check_page(page)
    page.goto("/cases/files")
    check_page(page)
    page.goto(case(intake))
    check_page(page)  # as if it did not exist


def test_trying_and_reaching(visit: Visit, check_page: CheckPage, karim: Member, assigned: Intake) -> None:
    page = visit("/cases/mine", karim)
    check_page(page)
    go(page.get_by_role("link", name="Amal Haddou"))
    check_page(page)
    page.goto(case(assigned, "attempt"))
    check_page(page)
    send_form(page)
    assert set(faults(page)) == {"channel", "result"}
    check_page(page, reload=False)
    send_form(page, channel="letter", result="no_answer")
    assert (
        list(faults(page)) == ["result"] and page.is_checked("[value=letter]") and page.is_checked("[value=no_answer]")
    )
    send_form(page, channel="phone")
    assert page.url.endswith(case(assigned))
    check_page(page)
    page.goto(case(assigned, "reached"))
    check_page(page)
    send_form(page, channel="home_visit")
    assert list(faults(page)) == ["told"] and page.is_checked("[value=home_visit]")
    check_page(page, reload=False)
    send_form(page, told=True)
    check_page(page)
    go(page.locator("main a[href*='looked']"))
    check_page(page)


def test_from_the_need_to_a_file_and_back(
    visit: Visit, check_page: CheckPage, karim: Member, clarified: Intake
) -> None:
    page = visit(case(clarified), karim)
    check_page(page)
    page.goto(case(clarified, "clarify"))
    check_page(page)
    send_form(page)
    assert list(faults(page)) == ["kinds"]
    check_page(page, reload=False)
    page.goto(case(clarified, "outcome"))
    check_page(page)
    send_form(page, sure=True)
    file = ClientFile.objects.get()
    assert page.url.endswith(f"/cases/files/{file.pk}")
    check_page(page)
    send_form(page, closed_on=(legal_day(timezone.now()) + timedelta(days=1)).isoformat())
    assert list(faults(page)) == ["closed_on"]
    check_page(page, reload=False)
    send_form(page, closed_on=legal_day(timezone.now()).isoformat())
    assert ClientFile.objects.get().state == FileState.CLOSED
    check_page(page)
    page.goto("/cases/files")
    check_page(page)
    go(page.locator("tbody a"))
    send_form(page)
    assert ClientFile.objects.get().state == FileState.OPEN


def test_a_no_is_asked_twice_and_leaves_nothing(
    visit: Visit, check_page: CheckPage, karim: Member, clarified: Intake
) -> None:
    page = visit(case(clarified, "outcome"), karim)
    go(page.locator(f"main a[href$='{case(clarified, 'decline')}']"))
    check_page(page)
    second = page.context.new_page()
    second.goto(page.url)
    send_form(page)
    assert page.url.endswith("/erased") and nothing_of_amal(page)
    check_page(page)
    send_form(second)
    assert second.url.endswith("/erased") and nothing_of_amal(second), "a second click finds nothing, and says so"
    check_page(second)
    page.goto("/cases/mine")
    assert nothing_of_amal(page)
    page.goto(case(clarified))
    assert nothing_of_amal(page)


@pytest.mark.parametrize("step", ["attempt", "clarify", "outcome", "decline"])
def test_a_stale_form_is_shown_again_with_what_changed(
    visit: Visit, check_page: CheckPage, karim: Member, clarified: Intake, step: str
) -> None:
    by_step = {
        "attempt": {"channel": "phone", "result": "wrong_number"},
        "clarify": {"kinds": True},
        "outcome": {"sure": True},
    }
    typed = by_step.get(step, {})
    page = visit(case(clarified, step), karim)
    reach(Intake.objects.get(), karim)
    send_form(page, **typed)  # type: ignore[arg-type]  # texts or a tick
    assert page.locator("[role=alert] .timeline li").count() == 1
    assert Intake.objects.get().version == clarified.version + 1, "nothing was done"
    if step == "attempt":
        assert page.is_checked("[value=phone]") and page.is_checked("[value=wrong_number]")
    check_page(page, reload=False)


def test_a_stale_client_file(visit: Visit, check_page: CheckPage, karim: Member, clarified: Intake) -> None:
    now, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    file = services.accept_help(clarified, by=karim, at=yesterday, version=clarified.version)
    page = visit(f"/cases/files/{file.pk}", karim)
    services.close_file(file, legal_day(yesterday), by=karim, at=now, version=file.version)
    services.reopen_file(file, by=karim, at=now, version=file.version)
    send_form(page, closed_on=legal_day(now).isoformat())
    assert page.locator("[role=alert] .timeline li").count() == 2
    assert ClientFile.objects.get().state == FileState.OPEN
    assert page.input_value("[name=closed_on]") == legal_day(now).isoformat()
    check_page(page, reload=False)


def test_the_whole_job_without_scripts(visit: Visit, hilde: Member, karim: Member, arrive: Arrive) -> None:
    intake = arrive()
    page = visit(f"/cases/inbox/{intake.pk}/assign", hilde, java_script_enabled=False)
    send_form(page, worker=karim.pseudonym.hex)
    page = visit(case(intake, "attempt"), karim, java_script_enabled=False)
    send_form(page, channel="phone", result="no_answer")
    page.goto(case(intake, "reached"))
    send_form(page, channel="phone", told=True)
    page.goto(case(intake, "clarify"))
    send_form(page, kinds=True)
    page.goto(case(intake, "outcome"))
    send_form(page, sure=True)
    assert ClientFile.objects.get().number in page.content()


def test_the_whole_job_by_keyboard_alone(visit: Visit, hilde: Member, karim: Member, arrive: Arrive) -> None:
    intake = arrive()
    page = visit("/cases/inbox", hilde, viewport={"width": 360, "height": 640})
    follow(page, "tbody a")
    press(page, "[name=worker]", "Space")
    while not page.is_checked(f"[value='{karim.pseudonym.hex}']"):
        page.keyboard.press("ArrowDown")
    follow(page, GO_ON)
    page = visit("/cases/mine", karim, viewport={"width": 360, "height": 640})
    follow(page, f"main a[href$='{case(intake)}']")
    follow(page, "main a[href$='/attempt']")
    press(page, "[name=channel]", "Space")
    press(page, "[name=result]", "Space")
    follow(page, GO_ON)
    follow(page, "main a[href$='/reached']")
    press(page, "[name=channel]", "Space")
    press(page, "[name=told]", "Space")
    follow(page, GO_ON)
    follow(page, "main a[href$='/clarify']")
    press(page, "[name=kinds][value=childcare_rate]", "Space")
    follow(page, GO_ON)
    follow(page, "main a[href$='/outcome']")
    press(page, "[name=sure]", "Space")
    follow(page, GO_ON)
    file = ClientFile.objects.get()
    assert page.url.endswith(f"/cases/files/{file.pk}")
    tab_to(page, "[name=closed_on]")
    follow(page, GO_ON)
    assert ClientFile.objects.get().state == FileState.CLOSED


def test_what_nobody_sent_is_erased_from_its_page(
    visit: Visit, check_page: CheckPage, assigned: Intake, karim: Member
) -> None:
    now = timezone.now()
    facts = {"archive_sha256": "0" * 64, "size": 4096, "came_at": now, "came_by": "mail", "sender": OPGROEIEN}
    ByHand.objects.create(parcel_id=assigned.parcel_id, state=ByHandState.DENIED, ended_at=now, **facts)
    page = visit(f"/cases/mine/{assigned.reference}", karim)
    assert "Volgende stap" not in page.locator("main").inner_text(), "nobody is asked to call"
    check_page(page)
    go(page.get_by_role("link", name="Alles wissen"))
    check_page(page)
    send_form(page)
    assert not Intake.objects.exists()
