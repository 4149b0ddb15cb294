"""A protocol that agrees to one more datum carries it all the way; under the first one it is impossible (art. 3, 7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brug.core.calendar import BRUSSELS
from brug.core.protocol.document import Protocol
from brug.desks.breaches import drafts
from brug.desks.breaches.models import Breach
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.quality.models import Report
from brug.desks.quality.states import Side
from brug.desks.referrals.models import Referral
from brug.office.ledger.acts import OPERATOR
from brug.office.registry import services as registry
from brug.office.vault import services as vault
from tests.conftest import NOW, PROTOCOL_TEXT, OtherParty
from tests.desks.referrals.test_views import TYPED
from tests.flows.both_sides import BothSides
from tests.flows.test_case_scenarios import do
from tests.flows.test_scenarios import at_ocmw

ONE_MORE = PROTOCOL_TEXT.replace("fields: [given_name, family_name]", "fields: [given_name, family_name, birth_date]")


@pytest.fixture(params=["with", "without"])
def protocol(db: None, request: pytest.FixtureRequest) -> Protocol:
    text = ONE_MORE if request.param == "with" else PROTOCOL_TEXT
    return registry.adopt(text, by=OPERATOR, at=NOW)


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Any, settings: Any) -> BothSides:
    return BothSides(protocol, westerlo, lien, settings)


def typed_and_sent(sides: BothSides, **client: str) -> str:
    """Lien types it all on her pages and sends it; what the page of the consent asked."""
    minute = NOW.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")
    lien = sides.lien
    assert sides.page(lien, "/referrals/new", postal_code="2260").status_code == 302
    referral = f"/referrals/{Referral.objects.get().reference}"
    asked = sides.page(lien, f"{referral}/consent").content.decode()
    yes = {"informed_at": minute, "informed_how": "talk", "language": "nl", "consented_at": minute}
    yes |= {"consented_how": "oral", "judged_with_client": "on", "asked": "opgroeien-ocmw-westerlo@1"}
    assert sides.page(lien, f"{referral}/consent", **yes).status_code == 302
    answer = sides.page(lien, f"{referral}/client", **TYPED | client)
    assert answer.status_code == 302, answer.content.decode()
    version = str(Referral.objects.get().version)
    assert sides.page(lien, f"{referral}/send", version=version).status_code == 302
    return asked


def test_a_date_of_birth_goes_from_the_consent_page_to_the_file_its_correction_and_its_end(
    sides: BothSides, protocol: Protocol
) -> None:
    is_agreed = "birth_date" in protocol.fields
    asked = typed_and_sent(sides, birth_date="31/1/1990")
    assert ("geboortedatum" in asked) is is_agreed
    told_of_a_breach = " ".join(drafts.letter(Breach(facts="Een mail ging mis."), "Els Maes"))
    assert ("e-mailadres" in told_of_a_breach, "geboortedatum" in told_of_a_breach) == (True, is_agreed)
    [(_, content)] = sides.deliver()
    assert content.model_dump()["client"]["birth_date"] == ("1990-01-31" if is_agreed else None)
    case = sides.assign()
    assert ("31/01/1990" in sides.page(sides.karim, case).content.decode()) is is_agreed
    report = {"field": "birth_date", "defect": "wrong", "how": "parcel"}
    told = sides.page(sides.karim, f"/quality/case/{case.rsplit('/', 1)[1]}", **report)
    assert told.status_code == (302 if is_agreed else 422)
    if not is_agreed:
        assert "birth_date" not in json.dumps(vault.read(Intake.objects.get().record))
        return
    sides.deliver()
    waiting = Report.objects.get(side=Side.DISCLOSER)
    right = {"result": "corrected", "birth_date": "30.01.1990", "asked": "on"}
    assert sides.page(sides.lien, f"/quality/{waiting.reference}/answer", **right).status_code == 302
    sides.deliver()
    assert vault.read(Intake.objects.get().record)["referral"]["client"]["birth_date"] == "1990-01-30"
    assert do(sides, f"{case}/reached", channel="phone", told="on") == 302
    assert do(sides, f"{case}/clarify", kinds="budget_guidance") == 302
    assert do(sides, f"{case}/outcome", sure="on") == 302
    file = ClientFile.objects.get()
    page = f"/cases/files/{file.reference}"
    assert "30/01/1990" in sides.page(sides.karim, page).content.decode()
    shown = {**TYPED, "email": "", "box": "", "birth_date": "29/01/1990"}
    assert do(sides, f"{page}/correct", **shown) == 302
    kept = json.dumps(vault.read(ClientFile.objects.get().record))
    assert "1990-01-29" in kept and "1990-01-30" not in kept and "1990-01-31" not in kept


def test_who_has_one_name_goes_all_the_way_and_is_found(sides: BothSides) -> None:
    """Nobody invents a second name: it would be false (art. 7)."""
    typed_and_sent(sides, given_name="-", family_name="Sukarno", has_one_name="on")
    [(_, content)] = sides.deliver()
    client = content.model_dump(exclude_none=True)["client"]
    assert client["family_name"] == "Sukarno" and client["has_one_name"] and "given_name" not in client
    case = sides.assign()
    assert "Sukarno" in sides.page(sides.karim, case).content.decode()
    found = sides.page(sides.karim, "/cases/mine/search", words="sukarno")
    assert case in found.content.decode()
    assert do(sides, f"{case}/reached", channel="phone", told="on") == 302
    assert do(sides, f"{case}/decline") == 302
    assert not at_ocmw()
