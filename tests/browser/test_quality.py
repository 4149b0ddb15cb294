"""Reports on data in a browser: the worker reports, the notifier answers, the officer sees ages (art. 7)."""
# ruff: noqa: F811 (a fixture of another module, asked for by its name)

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from brug.desks.casework.models import Intake
from brug.desks.quality.models import Report
from brug.office.parties.models import Member
from brug.office.roles import Role
from tests.browser.conftest import CheckPage, Visit, make_member, send_form
from tests.browser.test_casework import Arrive, arrive, assigned, bound, hilde, karim  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_case_to_the_report_and_its_answer(
    visit: Visit, check_page: CheckPage, assigned: Intake, karim: Member
) -> None:
    page = visit(f"/cases/mine/{assigned.pk}", karim)
    page.click("main a[href^='/quality/case/']")
    check_page(page)
    send_form(page, field="phone")
    check_page(page, reload=False)
    send_form(page, field="phone", defect="wrong", how="phone")
    check_page(page)
    send_form(page, result="corrected", phone="0499 00 00 05")
    check_page(page)
    page.goto(f"/cases/mine/{assigned.pk}")
    assert "0499 00 00 05" in page.content() and "0470 00 00 01" not in page.content()
    check_page(visit("/quality/", karim))


def test_the_notifier_and_the_officer(visit: Visit, check_page: CheckPage, protocol: object) -> None:
    lien = bound(make_member("lien", "Lien Peeters", Role.TEAM_MEMBER))
    now = timezone.now()
    for days, field in ((1, "phone"), (20, "address")):
        made = Report.objects.create(
            side="discloser",
            referral_id=uuid.uuid4(),
            protocol="opgroeien-ocmw-westerlo@1",
            field=field,
            defect="outdated",
            state="received",
            whose=lien,
            reported_at=now - timedelta(days=days),
        )
    page = visit(f"/quality/{made.reference}", lien)
    check_page(page)
    page.click("details summary")
    check_page(page, reload=False)
    check_page(visit("/quality/", make_member("do", "Dirk Ooms", Role.DPO)))
