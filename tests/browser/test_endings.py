"""The other endings, what leaves when, and the search, each a good page (art. 2, art. 3)."""
# ruff: noqa: F811 (a fixture of another module, asked for by its name)

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from brug.core import message
from brug.desks.casework import departures, endings, services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Aid, Channel, Result
from brug.office.disclosure.services import Arrival
from brug.office.parties.models import Member, Proposal
from brug.office.registry import queries as registry
from brug.office.roles import Role
from brug.office.vault.models import Certificate, Hold
from brug.office.vault.reasons import HoldReason
from tests.browser.conftest import CheckPage, Visit, go, make_member
from tests.browser.test_casework import Arrive, arrive, hilde, karim  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_dispatcher_decides(
    visit: Visit, check_page: CheckPage, hilde: Member, karim: Member, arrive: Arrive
) -> None:
    intake, now = arrive(), timezone.now()
    services.assign(intake, karim, by=hilde, at=now, version=intake.version)
    check_page(visit(f"/cases/mine/{intake.pk}/note", karim))
    for hours in (0, 2, 4):
        facts = {"told": False, "by": karim, "at": now + timedelta(hours=hours), "version": intake.version}
        services.record_attempt(intake, Channel.PHONE, Result.NO_ANSWER, **facts)
    Intake.objects.update(arrived_at=now - timedelta(days=61))
    check_page(visit("/cases/inbox", hilde))
    check_page(visit(f"/cases/inbox/{intake.pk}/decide", hilde))
    check_page(visit(f"/cases/mine/{intake.pk}/end", karim))


def test_the_worker_ends_joins_and_finds(
    visit: Visit, check_page: CheckPage, hilde: Member, karim: Member, arrive: Arrive
) -> None:
    first, now = arrive(), timezone.now()
    services.assign(first, karim, by=hilde, at=now, version=first.version)
    reached(first, karim)
    services.clarify(first, [Aid.OTHER], by=karim, at=now, version=first.version)
    file = services.accept_help(first, by=karim, at=now, version=first.version)
    second = arrive()
    services.assign(second, karim, by=hilde, at=now, version=second.version)
    reached(second, karim)
    case = f"/cases/mine/{second.pk}"
    for address in (case, f"{case}/join/{file.pk}", f"{case}/end", f"{case}/end/not_ours", f"{case}/end/withdrawn"):
        check_page(visit(address, karim))
    page = visit("/cases/mine", karim)
    page.fill("[name=words]", "0470 00 00 01")
    go(page.locator("main form button").first)
    check_page(page, reload=False)


def reached(intake: Intake, by: Member) -> None:
    now = timezone.now()
    services.record_attempt(intake, Channel.PHONE, Result.REACHED, told=True, by=by, at=now, version=intake.version)


def test_what_leaves_when_and_a_file_that_must_say_why_it_stays(
    visit: Visit,
    check_page: CheckPage,
    hilde: Member,
    karim: Member,
    arrive: Arrive,
    protocol: object,
) -> None:
    intake, now = arrive(), timezone.now()
    services.assign(intake, karim, by=hilde, at=now, version=intake.version)
    reached(intake, karim)
    services.clarify(intake, [Aid.OTHER], by=karim, at=now, version=intake.version)
    referral_id = intake.referral_id
    file = services.accept_help(intake, by=karim, at=now, version=intake.version)
    content = message.Retraction(referral_id=referral_id, withdrawn_at=now)
    name, _, version = file.protocol.rpartition("@")
    known = registry.protocol(name, int(version))
    assert known is not None
    with transaction.atomic():
        endings.retract(content, Arrival("0886886638", referral_id, known), now)
    for address in (f"/cases/files/{file.pk}", f"/cases/files/{file.pk}/keep", f"/cases/files/{file.pk}/erase"):
        check_page(visit(address, karim))
    file = ClientFile.objects.get()
    services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    dpo = make_member("dw", "Wim Daems", Role.DPO)
    departures.hold_file(file.number, HoldReason.COURT, (now + timedelta(days=90)).date(), by=dpo, at=now)
    page = visit("/cases/departures", dpo)
    assert page.locator("main .bars tbody tr").count() == page.locator("main .bars rect").count() >= 1
    check_page(page)
    go(page.locator("form[action$='/lift'] [type=submit]"))
    check_page(page, reload=False)  # it waits for the second of two
    ada = make_member("ada", "Ada Maes", Role.ADMINISTRATOR)
    second = visit("/second", ada)
    assert file.number in second.locator("main").inner_text()
    check_page(second)
    go(second.locator("main form [type=submit]").first)
    check_page(second, reload=False)
    assert not Hold.objects.exists()
    Proposal.objects.create(
        joint="restore", subject="node", facts={"backup_of": now.isoformat()}, by="operator", at=now
    )
    check_page(visit("/restored", dpo))
    listed = [{"number": file.number, "opened_on": "2026-11-24", "closed_on": "2026-11-24"}]
    facts = {"counts": {"client_file": 1}, "destroyed": listed, "proofs": ["00" * 32]}
    certificate = Certificate.objects.create(made_at=now, due_through=now.date(), **facts)
    page.goto(f"/cases/departures/{certificate.reference}")
    check_page(page)
