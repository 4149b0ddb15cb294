"""The scenarios in which a case goes beyond the OCMW's own desk: moved, wrong number, a partner (fictional people)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from brug.core.parcel import archive
from brug.core.parcel.archive import ArchiveKey
from brug.core.protocol.document import Protocol
from brug.desks.casework import partners
from brug.desks.casework.models import ClientFile, Intake, Onward, Outcome, Partner
from brug.desks.quality.models import Report
from brug.desks.quality.states import Side
from brug.node import retention
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.models import Member
from brug.office.post.models import Outgoing
from brug.office.vault import clock
from brug.office.vault import services as vault
from tests.conftest import WESTERLO, OtherParty
from tests.desks.casework.test_onward import CAW
from tests.flows.both_sides import BothSides
from tests.flows.test_scenarios import at_ocmw


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    return BothSides(protocol, westerlo, lien, settings)


def taken_in(sides: BothSides, **client: str) -> str:
    """A referral that came in and is Karim's; the address of the case."""
    sides.refer(**client)
    sides.deliver()
    return sides.assign()


def do(sides: BothSides, address: str, **typed: Any) -> int:
    """Karim sends one form at the OCMW, with the version that the case has now."""
    reference = next(part for part in address.split("/") if len(part) == 36)
    case = Intake.objects.filter(pk=reference).first() or ClientFile.objects.get(pk=reference)
    return sides.page(sides.karim, address, version=str(case.version), **typed).status_code


def with_file(sides: BothSides, **client: str) -> str:
    """A client who wants help; the address of the file."""
    case = taken_in(sides, **client)
    assert do(sides, f"{case}/reached", channel="phone", told="on") == 302
    assert do(sides, f"{case}/clarify", kinds="budget_guidance") == 302
    assert do(sides, f"{case}/outcome", sure="on") == 302
    return case.replace("/mine/", "/files/")


def test_3_who_moved_is_a_report_on_the_address_and_may_be_referred_anew(sides: BothSides) -> None:
    case = taken_in(sides, given_name="Elena", family_name="Popescu")
    assert do(sides, f"{case}/reached", channel="phone", told="on") == 302
    assert "Elena Popescu" in sides.page(sides.karim, f"{case}/end/not_ours").content.decode()
    assert at_ocmw()  # asked once more, nothing gone yet
    assert do(sides, f"{case}/end/not_ours") == 302
    assert not at_ocmw() and Outcome.objects.get().outcome == "not_ours"
    [(kind, content)] = sides.deliver()
    assert (kind, content.field, content.defect) == ("quality_report", "address", "outdated")  # type: ignore[union-attr]
    assert not any(word in content.model_dump_json() for word in ("Popescu", "Geel", "2440"))
    report = Report.objects.get(side=Side.DISCLOSER)
    assert sides.page(sides.lien, f"/quality/{report.reference}").status_code == 200
    sides.refer(given_name="Elena", family_name="Popescu")  # a new yes, a new referral
    assert [kind for kind, _ in sides.deliver()] == ["referral"]
    assert Intake.objects.count() == 1


def test_3_the_answer_to_who_moved_finds_nobody_and_does_no_harm(sides: BothSides) -> None:
    case = taken_in(sides, given_name="Elena", family_name="Popescu")
    do(sides, f"{case}/reached", channel="phone", told="on")
    do(sides, f"{case}/end/not_ours")
    sides.deliver()
    report = Report.objects.get(side=Side.DISCLOSER)
    answer = sides.page(sides.lien, f"/quality/{report.reference}/answer", result="removed", asked="on")
    assert answer.status_code == 302, answer.content.decode()
    sides.deliver()
    assert not at_ocmw() and not Intake.objects.exists()


def test_8_a_wrong_number_is_reported_corrected_and_the_old_one_gone(sides: BothSides) -> None:
    case = taken_in(sides, given_name="Dries", family_name="Van Loo", phone="+32485000004")
    assert do(sides, f"{case}/attempt", channel="phone", result="wrong_number") == 302
    reference = case.rsplit("/", 1)[1]
    assert f"/quality/case/{reference}" in sides.page(sides.karim, case).content.decode()  # one tap away
    told = sides.page(sides.karim, f"/quality/case/{reference}", field="phone", defect="wrong", how="parcel")
    assert told.status_code == 302
    [(_, report)] = sides.deliver()
    assert "485000004" not in report.model_dump_json()
    sides.at += timedelta(days=1)
    waiting = Report.objects.get(side=Side.DISCLOSER)
    right = {"result": "corrected", "phone": "0499 00 00 05", "asked": "on"}
    assert sides.page(sides.lien, f"/quality/{waiting.reference}/answer", **right).status_code == 302
    sides.deliver()
    kept = vault.read(Intake.objects.get().record)
    assert kept["referral"]["client"]["phone"] == "+32499000005" and "485000004" not in json.dumps(kept)
    assert vault.candidates("phone", "+32485000004") == []
    assert "0499 00 00 05" in sides.page(sides.karim, case).content.decode()
    assert do(sides, f"{case}/reached", channel="phone", told="on") == 302


def test_a_partner_comes_in_by_a_yes_of_its_own(sides: BothSides) -> None:
    file = with_file(sides, given_name="Thi Lan", family_name="Nguyen")
    typed = {name: str(getattr(CAW, name)) for name in partners.Facts.__dataclass_fields__}
    assert sides.page(sides.hilde, "/cases/partners", **typed).status_code == 302
    wish = {
        "partner": str(Partner.objects.get().pk),
        "need": "other_expertise",
        "fields_sent": ["phone"],
        "consented_on": sides.at.date().isoformat(),
        "how": "oral",
        "told": "on",
    }
    assert do(sides, f"{file}/partner", **(wish | {"told": ""})) == 422
    assert not Outgoing.objects.filter(kind="onward").exists()
    assert do(sides, f"{file}/partner", **wish) == 302
    sent = Outgoing.objects.get(kind="onward")
    assert sent.by_phone and sent.mailbox == CAW.mailbox and sent.recipient != WESTERLO
    key = ArchiveKey.derive(vault.read(sent.secret)["password"], archive.salt_of(bytes(sent.archive)))  # type: ignore[arg-type]
    told = json.loads(archive.unpack(bytes(sent.archive), key.derived).message)
    assert set(told["client"]) == {"given_name", "family_name", "phone"}
    assert "CAW De Kempen" in sides.page(sides.karim, file).content.decode()
    assert Entry.objects.get(act="disclosed_onward").article == "art. 4"
    back = Outgoing.objects.filter(recipient="0886886638").exclude(kind="receipt")
    assert not back.exists()  # the discloser learns nothing of it


def test_a_file_with_aid_is_closed_on_29_february_and_leaves_with_its_partner(sides: BothSides) -> None:
    file = with_file(sides, given_name="Els", family_name="Wouters")
    aid = {"kind": "budget_guidance", "reference": "BCSD 1", "decided_on": "2026-11-20", "from_on": "2026-11-23"}
    assert do(sides, f"{file}/aid", **aid) == 302
    ClientFile.objects.update(opened_on=date(2024, 2, 1))
    assert do(sides, f"{file}/close", closed_on="2024-02-29", still_runs="on") == 302
    assert ClientFile.objects.get().due_on == date(2034, 3, 1)
    for day, there in ((date(2034, 2, 28), True), (date(2034, 3, 1), False)):
        at = sides.at.replace(year=day.year, month=day.month, day=day.day)
        clock.confirm(at)
        retention.sweep(at)
        assert ClientFile.objects.exists() is there
    assert not at_ocmw() and not Onward.objects.exists()


def test_the_protocol_ends_and_a_case_that_came_in_goes_on(sides: BothSides) -> None:
    """Held data keep their duties and their terms (art. 8, art. 11); a partner may not come in any more."""
    from brug.core.protocol.life import EventKind
    from brug.office.registry.models import LifeEvent, ProtocolVersion

    file = with_file(sides, given_name="Amal")
    LifeEvent.objects.create(
        version=ProtocolVersion.objects.get(),
        kind=EventKind.ENDED_AT_ONCE,
        at=sides.at,
        side="discloser",
        recorded_at=sides.at,
        recorded_by=OPERATOR.who,
    )
    sides.at += timedelta(hours=1)
    partner = partners.add(CAW, by=sides.hilde, at=sides.at)
    wish = {"partner": str(partner.pk), "need": "joint_guidance", "fields_sent": ["phone"], "how": "oral"}
    wish |= {"consented_on": sides.at.date().isoformat(), "told": "on"}
    assert do(sides, f"{file}/partner", **wish) == 422
    assert do(sides, f"{file}/note", text="Verder geholpen.") == 302
    assert do(sides, f"{file}/close", closed_on=sides.at.date().isoformat()) == 302
    assert ClientFile.objects.get().due_on == date(2036, 11, 24)
