"""A client file at work, partners, the lists of the dispatcher, what waits too long: good pages (art. 2, art. 4)."""
# ruff: noqa: F811 (a fixture of another module, asked for by its name)

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings

from brug.desks.casework import files, onward, partners, services
from brug.desks.casework.files import Grant
from brug.desks.casework.models import ClientFile, Intake, Partner
from brug.desks.casework.states import NextStep
from brug.office.parties.models import Member
from brug.office.post.models import Outgoing
from brug.office.roles import Role
from brug.office.vault import services as vault
from tests.browser.conftest import CheckPage, Visit, make_member
from tests.browser.test_casework import (  # noqa: F401 (fixtures)
    Arrive,
    arrive,
    assigned,
    clarified,
    hilde,
    karim,
    nothing_of_amal,
)
from tests.conftest import WESTERLO
from tests.desks.casework.test_onward import CAW, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(clarified: Intake, hilde: Member, karim: Member) -> ClientFile:
    """Amal's file, with aid, a note and something planned; a partner can be chosen."""
    now = timezone.now()
    today, doing = now.date(), {"by": karim, "at": now}
    made = services.accept_help(clarified, version=clarified.version, **doing)
    granted = Grant("first_age_milk", "BCSD 2026/118", today - timedelta(days=3), today)
    files.grant_aid(made, granted, version=made.version, **doing)
    files.add_note(made, "Gesprek over de opvang.\nVolgende week terug.", version=made.version, **doing)
    files.plan(made, NextStep.MEET, today + timedelta(days=4), version=made.version, **doing)
    partners.add(CAW, by=hilde, at=now)
    return made


def involve(karim: Member) -> None:
    """The partner got a parcel, and the mail left."""
    at, partner, file = timezone.now(), Partner.objects.get(), ClientFile.objects.get()
    onward.involve(file, wish(partner, at), by=karim, at=at, version=file.version)
    Outgoing.objects.update(state="sent", sent_at=at, attempts=1)


def cards_are_evenly_far(page: Page) -> None:
    """On a telephone the cards stand below each other as if there were no columns."""
    page.set_viewport_size({"width": 360, "height": 640})
    boxes = [card.bounding_box() or {} for card in page.locator("main .ds-card").all()]
    apart = {round(below["y"] - above["y"] - above["height"], 1) for above, below in pairwise(boxes)}
    assert len(boxes) > 4 and len(apart) == 1, apart


def paper_tells_what_is(page: Page) -> None:
    """Printed, a file says what is in it, not what can be done with it: no links to that, no form, nothing folded."""
    page.emulate_media(media="print")
    gone = page.locator("main :is(.acts, form, button, details:not([open]))")
    assert gone.count() and not any(each.is_visible() for each in gone.all())
    assert all(page.get_by_text(words).first.is_visible() for words in ("0470 00 00 01", "BCSD 2026/118"))
    assert all(card.inner_text() for card in page.locator("main .ds-card:visible").all())
    page.emulate_media(media="null")


def test_a_file_at_work(
    visit: Visit,
    check_page: CheckPage,
    file: ClientFile,
    arrive: Arrive,
    hilde: Member,
    karim: Member,
    settings: Settings,
) -> None:
    address = f"/cases/files/{file.pk}"
    aid = vault.read(file.record)["aids"][0]["id"]
    pages = ("", "/note", "/aid", f"/aid/{aid}/end", "/plan", "/correct", "/partner", "/elsewhere", "/export")
    for page in pages:
        check_page(visit(address + page, karim))
    check_page(visit("/cases/files", karim))
    settings.PARTY = WESTERLO
    involve(karim)
    check_page(visit(f"{address}/partner/withdraw", karim))
    onward.withdraw(file.onwards.get(), by=karim, at=timezone.now(), version=ClientFile.objects.get().version)
    page = visit(address, karim)
    check_page(page)
    cards_are_evenly_far(page)
    paper_tells_what_is(page)
    intake = arrive()
    services.assign(intake, karim, by=hilde, at=timezone.now(), version=intake.version)
    check_page(visit(f"/cases/mine/{intake.pk}/plan", karim))


def test_the_lists_of_the_dispatcher_and_what_waits_too_long(
    visit: Visit, check_page: CheckPage, file: ClientFile, arrive: Arrive, hilde: Member
) -> None:
    arrive(timezone.now() - timedelta(days=20))
    lists = ("/cases/aids", "/cases/aids/other", "/cases/partners", f"/cases/partners/{Partner.objects.get().pk}/proof")
    for address in (*lists, "/cases/all-files", f"/cases/files/{file.pk}/reassign"):
        page = visit(address, hilde)
        assert nothing_of_amal(page)
        check_page(page)
    page = visit("/cases/on-time", make_member("greet", "Greet Smets", Role.HEAD))
    assert nothing_of_amal(page) and page.locator("tbody tr").count() == 1
    check_page(page)
