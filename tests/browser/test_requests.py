"""Requests of data subjects in a browser: the officer runs them, a worker finds, gathers and carries out (GDPR 12)."""
# ruff: noqa: F811 (a fixture of another module, asked for by its name)

from __future__ import annotations

import pytest

from brug.desks.casework.models import Intake
from brug.desks.requests.models import Request
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, go, make_member, send_form
from tests.browser.test_casework import Arrive, arrive, assigned, hilde, karim  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_letter_to_the_answer(visit: Visit, check_page: CheckPage, assigned: Intake, karim: Member) -> None:
    dirk = make_member("dw", "Dirk Wuyts", Role.DPO)
    page = visit("/requests/new", dirk)
    send_form(page)
    check_page(page, reload=False)
    send_form(page, right="erasure", channel="letter", given_name="Amal", family_name="Haddou")
    check_page(page)
    go(page.locator("main a[href$='/assign']"))
    send_form(page, worker=str(karim.pk))
    check_page(visit("/requests/", dirk))
    case = f"/requests/{Request.objects.get().reference}"
    page = visit(case, karim)
    go(page.locator("main a[href$='/identify']"))
    check_page(page)
    send_form(page, how="known")
    send_form(page, given_name="Sara", family_name="Haddou")
    check_page(page, reload=False)  # another name
    send_form(page, given_name="Amal", family_name="Haddou")
    check_page(page)
    check_page(visit(case, dirk))  # a record agrees in one field: the officer decides
    page = visit(case, karim)
    more = page.locator("main details", has_text="Nog eens zoeken")
    more.locator("summary").click()
    for name, text in {"given_name": "Amal", "family_name": "Haddou", "phone": "0470 00 00 01"}.items():
        more.locator(f"[name={name}]").fill(text)
    go(more.locator("[type=submit]"))
    check_page(page)
    go(page.locator("main a[href$='/erased']"))
    check_page(page)
    page.goto(page.url.replace("erased", "rectify"))
    check_page(page)
    page.goto(f"{case}/refuse")
    send_form(page, why="own_ground")
    check_page(page)
