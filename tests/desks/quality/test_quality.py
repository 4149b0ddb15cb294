"""The desk for data quality at both sides: who reports, who answers, what is put right and what stays (art. 7)."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from brug.core import message
from brug.core.codes import Result
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState, advance
from brug.desks.casework.models import Intake
from brug.desks.quality import answering
from brug.desks.quality.models import Report
from brug.desks.quality.states import TRANSITIONS, ReportEvent, ReportState, Side
from brug.desks.quality.waiting import ROWS
from brug.desks.referrals import asked as asked_of_referrals
from brug.desks.referrals import services as referrals
from brug.desks.referrals import withdrawal
from brug.desks.referrals.models import Referral
from brug.node import worker
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties import waiting
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Outgoing
from brug.office.vault import services as vault
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.flows.both_sides import BothSides, traces

RIGHT = {"result": "corrected", "phone": "0499 00 00 05", "asked": "on"}
VALUES = ("amal", "haddou", "470000001", "499000005", "polderstraat", "kerkplein", "voorbeeld.example")


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    return BothSides(protocol, westerlo, lien, settings)


@pytest.fixture
def case(sides: BothSides) -> str:
    return sides.case()


def test_the_year_of_its_number_is_that_of_brussels() -> None:
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    numbers = [Report(pk=7, reported_at=at).number for at in (eve - timedelta(hours=1), eve)]
    assert numbers == ["G-2026-0007", "G-2027-0007"]


def reported(sides: BothSides, case: str, field: str = "phone", defect: str = "wrong", how: str = "parcel") -> Report:
    answer = sides.page(sides.karim, f"/quality/case/{case}", field=field, defect=defect, how=how)
    assert answer.status_code == 302, answer.content.decode()
    return Report.objects.get(side=Side.RECIPIENT)


def asked(sides: BothSides, case: str, **which: str) -> Report:
    """Reported, carried over: what the notifier has of it."""
    reported(sides, case, **which)
    sides.deliver()
    return Report.objects.get(side=Side.DISCLOSER)


def states() -> dict[str, str]:
    return dict(Report.objects.values_list("side", "state"))


def phone_of(case: str) -> str | None:
    return vault.read(Intake.objects.get(pk=case).record)["referral"]["client"].get("phone")


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ReportState, ReportEvent)))
def test_only_what_is_in_the_table_happens(state: ReportState, event: ReportEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(TRANSITIONS, state, event) in ReportState
    else:
        with pytest.raises(WrongState, match=event):
            advance(TRANSITIONS, state, event)


def test_a_report_names_the_field_and_no_value(sides: BothSides, case: str) -> None:
    reported(sides, case)
    [(kind, content)] = sides.deliver()
    assert (kind, content.field, content.defect) == ("quality_report", "phone", "wrong")  # type: ignore[union-attr]
    assert "470000001" not in content.model_dump_json()
    assert states() == {Side.RECIPIENT: ReportState.RECEIVED, Side.DISCLOSER: ReportState.RECEIVED}


def test_the_answer_is_put_in_the_place_of_the_old_value(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    page = sides.page(sides.lien, f"/quality/{report.reference}/answer", **RIGHT)
    assert page.status_code == 302, page.content.decode()
    [(kind, content)] = sides.deliver()
    assert kind == "quality_answer"
    assert content.correction.phone == "+32499000005"  # type: ignore[union-attr]
    assert phone_of(case) == "+32499000005"
    assert vault.candidates("phone", "+32470000001") == []
    assert states() == {Side.RECIPIENT: ReportState.APPLIED, Side.DISCLOSER: ReportState.CLOSED}
    assert sides.page(sides.karim, f"/quality/{report.reference}/close", seen="1").status_code == 302
    assert Report.objects.get(side=Side.RECIPIENT).state == ReportState.CLOSED


def test_what_is_in_excess_is_erased_at_once(sides: BothSides, case: str) -> None:
    reported(sides, case, defect="excess")
    assert phone_of(case) is None
    assert Intake.objects.get(pk=case).record not in vault.candidates("phone", "+32470000001")


def test_a_name_is_never_in_excess(sides: BothSides, case: str) -> None:
    answer = sides.page(sides.karim, f"/quality/case/{case}", field="family_name", defect="excess", how="parcel")
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_one_open_report_a_field(sides: BothSides, case: str) -> None:
    reported(sides, case)
    again = sides.page(sides.karim, f"/quality/case/{case}", field="phone", defect="outdated", how="phone")
    assert again.status_code == 422
    assert Report.objects.count() == 1
    assert Outgoing.objects.filter(kind="quality_report").count() == 1


def test_i_phoned_is_noted_with_the_answer_that_was_typed(sides: BothSides, case: str) -> None:
    report = reported(sides, case, how="phone")
    assert report.state == ReportState.RECEIVED
    assert sides.deliver() == []
    wrong = sides.page(sides.karim, f"/quality/{report.reference}/answer", result="corrected", phone="twelve")
    assert wrong.status_code == 422
    assert b"twelve" in wrong.content  # what was typed is kept
    sides.page(sides.karim, f"/quality/{report.reference}/answer", result="corrected", phone="0499 00 00 05")
    assert (phone_of(case), states()) == ("+32499000005", {Side.RECIPIENT: ReportState.APPLIED})


def numbers_at_home(member: Member, at: datetime) -> list[str]:
    """The codes of the rows of this desk that have something for the member."""
    return [row.code for row in ROWS for _line in waiting.lines(member, at, table=(row,))]


def test_unchanged_changes_nothing_and_tells_the_worker(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    sides.page(sides.lien, f"/quality/{report.reference}/answer", result="unchanged")
    sides.deliver()
    assert (phone_of(case), states()[Side.RECIPIENT]) == ("+32470000001", ReportState.ANSWERED)
    assert numbers_at_home(sides.karim, NOW) == ["quality_answered"]


def test_a_correction_needs_the_clients_yes(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    page = sides.page(sides.lien, f"/quality/{report.reference}/answer", result="corrected", phone="0499 00 00 05")
    assert page.status_code == 422
    assert b"0499 00 00 05" in page.content
    assert Report.objects.get(side=Side.DISCLOSER).state == ReportState.RECEIVED


def test_the_notifier_recognises_the_client_by_the_consent_record(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    name = f"/quality/{report.reference}/name"
    yes = sides.page(sides.lien, name, given_name="AMÁL", family_name="haddou").content.decode()
    no = sides.page(sides.lien, name, given_name="Sara", family_name="Peeters").content.decode()
    assert 'role="status"' in yes and 'role="status"' not in no
    report.refresh_from_db()
    assert report.state == ReportState.INVESTIGATING
    assert Entry.objects.filter(act="client_compared").count() == 2


def test_a_corrected_name_is_what_the_consent_record_knows_from_then_on(sides: BothSides, case: str) -> None:
    report = asked(sides, case, field="family_name", defect="inaccurate")
    typed = {"result": "corrected", "given_name": "Amal", "family_name": "Hadou", "asked": "on"}
    assert sides.page(sides.lien, f"/quality/{report.reference}/answer", **typed).status_code == 302
    sides.deliver()
    client = vault.read(Intake.objects.get(pk=case).record)["referral"]["client"]
    assert (client["given_name"], client["family_name"]) == ("Amal", "Hadou")
    from brug.desks.referrals import recognition

    assert recognition.known_as("name", "amal hadou") == {sides.referral.reference: "name"}
    assert recognition.known_as("name", "amal haddou") == {}


def test_when_the_notifier_has_left_it_goes_to_the_team_lead(sides: BothSides, case: str) -> None:
    lead = Member.objects.create(
        username="an", name="An Wouters", role="team_lead", team=sides.lien.team, email="an@opgroeien.example"
    )
    Member.objects.filter(pk=sides.lien.pk).update(is_active=False)
    report = asked(sides, case)
    assert report.whose == lead
    assert numbers_at_home(lead, NOW) == ["quality_to_answer"]
    assert sides.page(lead, f"/quality/{report.reference}/answer", result="unchanged").status_code == 302


def test_a_lead_answers_for_an_absent_notifier_and_a_colleague_does_not(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    other = Member.objects.create(username="tom", name="Tom", role="team_member", team=sides.lien.team)
    assert sides.page(other, f"/quality/{report.reference}/answer", result="unchanged").status_code == 404
    lead = Member.objects.create(username="an", name="An Wouters", role="team_lead", team=sides.lien.team)
    assert sides.page(lead, f"/quality/{report.reference}/answer", result="unchanged").status_code == 302


def test_who_may_not_see_gets_the_answer_of_what_is_not_there(sides: BothSides, case: str) -> None:
    report = reported(sides, case)
    els = Member.objects.create(username="els", name="Els Wouters", role="social_worker")
    administrator = Member.objects.create(username="wim", name="Wim Claes", role="administrator")
    nowhere = sides.page(els, f"/quality/{uuid.uuid4()}").content
    for who in (els, administrator):
        for address in (f"/quality/{report.reference}", f"/quality/case/{case}"):
            found = sides.page(who, address)
            assert found.status_code == 404
    assert len(sides.page(els, f"/quality/{report.reference}").content) == len(nowhere)
    assert sides.page(els, f"/quality/{report.reference}/close", seen="1").status_code == 404


def test_who_only_sees_a_report_is_told_nothing_of_what_she_typed(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    overseer = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo")
    for verb in ("name", "answer"):
        assert sides.page(overseer, f"/quality/{report.reference}/{verb}", typed="wrongly").status_code == 404


def test_overseers_see_states_and_ages_and_no_person(sides: BothSides, case: str) -> None:
    report = reported(sides, case)
    dpo = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo")
    for address in ("/quality/", f"/quality/{report.reference}"):
        page = sides.page(dpo, address).content.decode().lower()
        assert report.number.lower() in page
        assert not [value for value in VALUES if value in page]


def test_the_report_stays_with_the_case_when_a_colleague_takes_it_over(sides: BothSides, case: str) -> None:
    report = reported(sides, case)
    els = Member.objects.create(username="els", name="Els Wouters", role="social_worker")
    Intake.objects.filter(pk=case).update(worker=els)
    sides.page(els, f"/quality/{report.reference}/answer", result="corrected", phone="0499 00 00 05")
    assert phone_of(case) == "+32499000005"


def test_a_report_on_a_client_who_took_the_consent_back_asks_nobody(sides: BothSides, case: str) -> None:
    reported(sides, case)
    withdrawal.withdraw(Referral.objects.get(), by=sides.lien, at=NOW)
    sides.deliver()
    assert states()[Side.DISCLOSER] == ReportState.CLOSED
    assert Report.objects.get(side=Side.DISCLOSER).is_gone
    assert numbers_at_home(sides.lien, NOW) == []


def test_a_consent_that_is_taken_back_during_the_inquiry_ends_it(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    withdrawal.withdraw(Referral.objects.get(), by=sides.lien, at=NOW)
    page = sides.page(sides.lien, f"/quality/{report.reference}/answer", **RIGHT)
    assert page.status_code == 422
    assert answering.drop_withdrawn(NOW) == 1
    assert answering.drop_withdrawn(NOW) == 0
    assert states()[Side.DISCLOSER] == ReportState.CLOSED


def test_an_answer_that_has_not_arrived_stops_when_the_consent_is_taken_back(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    sides.page(sides.lien, f"/quality/{report.reference}/answer", **RIGHT)
    assert answering.stop_withdrawn(NOW) == 0
    withdrawal.withdraw(Referral.objects.get(), by=sides.lien, at=NOW)
    with suppress(ValueError):  # no mail server is named here; what may not leave is stopped before
        worker.send(NOW)
    assert Outgoing.objects.get(kind="quality_answer").state == "stopped"
    assert answering.stop_withdrawn(NOW) == 0
    assert (states()[Side.DISCLOSER], Entry.objects.filter(act="quality_answer_stopped").count()) == ("closed", 1)


def test_a_consent_that_is_taken_back_while_the_answer_is_sealed_ends_it(
    sides: BothSides, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, looks = asked(sides, case), []

    def sent(referral_id: uuid.UUID) -> Any:
        looks.append(referral_id)
        if len(looks) == 2:
            withdrawal.withdraw(Referral.objects.get(), by=sides.lien, at=NOW)
        return really_sent(referral_id)

    really_sent = asked_of_referrals.sent
    monkeypatch.setattr(asked_of_referrals, "sent", sent)
    correction = message.Correction(phone="+32499000005")
    with sides.at_node_of(OPGROEIEN), pytest.raises(Invalid):
        answering.answer(report, Result.CORRECTED, correction, by=sides.lien, at=NOW)
    assert not Outgoing.objects.filter(kind="quality_answer").exists()


def test_an_address_where_the_ocmw_does_not_serve_is_no_correction(sides: BothSides, case: str) -> None:
    report = asked(sides, case, field="address", defect="outdated")
    typed = {"result": "corrected", "asked": "on", "postal_code": "2400"}
    page = sides.page(sides.lien, f"/quality/{report.reference}/answer", **typed)
    assert page.status_code == 422 and b"2400" in page.content
    assert not Outgoing.objects.filter(kind="quality_answer").exists()


def test_a_report_for_a_team_without_anybody_is_told_to_the_officers(sides: BothSides, case: str) -> None:
    asked(sides, case)
    Member.objects.filter(pk=sides.lien.pk).update(is_active=False)
    officer = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo", email="dw@iok.example")
    assert numbers_at_home(officer, NOW + timedelta(days=1)) == ["quality_to_answer"]


def test_an_answer_for_a_client_who_is_gone_changes_nothing(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    Intake.objects.filter(pk=case).delete()
    sides.page(sides.lien, f"/quality/{report.reference}/answer", result="removed")
    sides.deliver()
    mine = Report.objects.get(side=Side.RECIPIENT)
    assert (mine.state, mine.is_gone) == (ReportState.CLOSED, True)


def take(sides: BothSides, content: message.Message, sender: str) -> None:
    with transaction.atomic():
        plug.takes()[content.kind](content, Arrival(sender, uuid.uuid4(), sides.protocol), NOW)


def test_what_was_not_asked_is_not_put_right(sides: BothSides, case: str) -> None:
    """An answer to nothing, one on another referral, one with another field, and a second one."""
    report = reported(sides, case)
    right = message.QualityAnswer(
        report_id=report.reference,
        referral_id=report.referral_id,
        result="corrected",
        correction=message.Correction(phone="+32499000005"),
        answered_at=NOW,
    )
    other_field = message.Correction(email="amal@voorbeeld.example")
    for strange in ({"report_id": uuid.uuid4()}, {"referral_id": uuid.uuid4()}, {"correction": other_field}):
        take(sides, right.model_copy(update=strange), OPGROEIEN)
    assert phone_of(case) == "+32470000001"
    take(sides, right, OPGROEIEN)
    take(sides, right.model_copy(update={"correction": message.Correction(phone="+32499000006")}), OPGROEIEN)
    assert phone_of(case) == "+32499000005"


def test_an_answer_that_comes_after_the_worker_closed_the_report_is_put_right_too(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    sides.page(sides.karim, f"/quality/{report.reference}/close", seen="1")
    assert sides.page(sides.lien, f"/quality/{report.reference}/answer", **RIGHT).status_code == 302
    sides.deliver()
    assert phone_of(case) == "+32499000005"
    again = sides.page(sides.lien, f"/quality/{report.reference}/answer", **(RIGHT | {"phone": "0499 00 00 06"}))
    assert again.status_code == 302
    assert sides.deliver() == []
    assert phone_of(case) == "+32499000005"


def test_what_waits_stands_on_the_home_page(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    assert report.number in sides.page(sides.lien, "/").content.decode()
    sides.page(sides.lien, f"/quality/{report.reference}/answer", result="unchanged")
    assert report.number not in sides.page(sides.lien, "/").content.decode()


def test_a_report_on_what_we_never_sent_leaves_an_entry_and_nothing_else(sides: BothSides, case: str) -> None:
    unknown = message.QualityReport(
        report_id=uuid.uuid4(), referral_id=uuid.uuid4(), field="phone", defect="wrong", reported_at=NOW
    )
    take(sides, unknown, WESTERLO)
    take(sides, unknown.model_copy(update={"referral_id": sides.referral.reference}), OPGROEIEN)  # not its recipient
    assert not Report.objects.exists()
    assert Entry.objects.filter(act="quality_report_unknown").count() == 2


def test_the_same_report_twice_is_one_report(sides: BothSides, case: str) -> None:
    report = asked(sides, case)
    again = message.QualityReport(
        report_id=report.reference, referral_id=report.referral_id, field="phone", defect="wrong", reported_at=NOW
    )
    take(sides, again, WESTERLO)
    assert Report.objects.filter(side=Side.DISCLOSER).count() == 1
    assert numbers_at_home(sides.lien, NOW) == ["quality_to_answer"]


def test_what_waits_longer_than_the_target_goes_to_the_lead_of_the_team(sides: BothSides, case: str) -> None:
    asked(sides, case)
    lead = Member.objects.create(username="an", name="An Wouters", role="team_lead", team=sides.lien.team)
    assert numbers_at_home(lead, NOW + timedelta(days=6)) == []
    assert numbers_at_home(lead, NOW + timedelta(days=8)) == ["quality_to_answer"]
    assert [line.is_late for line in waiting.lines(sides.lien, NOW + timedelta(days=8), table=ROWS)] == [True]


def test_a_notifier_without_a_node_gets_it_in_a_7z_mail_and_the_words_by_phone(
    sides: BothSides, case: str, tmp_path: Path
) -> None:
    Counterparty.objects.filter(kbo=OPGROEIEN).update(parcel_key=b"")
    sent = sides.page(sides.karim, f"/quality/case/{case}", field="phone", defect="wrong", how="parcel")
    out = Outgoing.objects.get(kind="quality_report")
    assert sent["Location"] == f"/calls/{out.parcel_id}" and out.by_phone
    call = sides.page(sides.karim, sent["Location"], called="on").content.decode()
    words = re.search(r'<span class="typed">([a-z-]+)</span>', call)
    assert words
    (tmp_path / "zending.7z").write_bytes(out.archive)
    opened = ["7zz", "x", f"-o{tmp_path}", str(tmp_path / "zending.7z")]
    subprocess.run(opened, input=f"{words[1]}\n".encode(), capture_output=True, check=True)
    asked = json.loads((tmp_path / "bericht.json").read_text())
    assert (asked["kind"], asked["field"], asked["defect"]) == ("quality_report", "phone", "wrong")
    shown = subprocess.run(["pdftotext", str(tmp_path / "bericht.pdf"), "-"], capture_output=True, check=True).stdout
    assert b"elefoon" in shown and b"470 00 00 01" not in shown
    told = sides.page(sides.karim, sent["Location"], told_to="Lien Peeters", opened="yes")
    assert told.status_code == 302 and Report.objects.get().state == ReportState.RECEIVED
    page = sides.page(sides.karim, f"/quality/{Report.objects.get().reference}").content.decode()
    assert "Volgende stap: noteer het antwoord" in page and "vanzelf" not in page


def test_a_worker_can_close_what_needs_no_answer(sides: BothSides, case: str) -> None:
    report = reported(sides, case)
    assert sides.page(sides.karim, f"/quality/{report.reference}/close", seen="1").status_code == 302
    assert Report.objects.get().state == ReportState.CLOSED
    assert sides.page(sides.karim, f"/quality/{report.reference}/close", seen="1").status_code == 302  # a second click
    assert reported_again(sides, case) == 2


def reported_again(sides: BothSides, case: str) -> int:
    sides.page(sides.karim, f"/quality/case/{case}", field="phone", defect="wrong", how="phone")
    return Report.objects.count()


def test_ledger_mails_rows_and_logs_hold_nothing_of_a_person(
    sides: BothSides, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    report = asked(sides, case, field="address", defect="outdated")
    typed = {"street": "Kerkplein", "number": "3", "postal_code": "2260"}
    sides.page(sides.lien, f"/quality/{report.reference}/answer", result="corrected", asked="on", **typed)
    sides.deliver()
    left = traces() + caplog.text.lower() + str(list(Report.objects.values())).lower()
    assert not [value for value in VALUES if value in left]
    assert referrals.client_of(sides.referral) is None
    street = vault.read(Intake.objects.get(pk=case).record)["referral"]["client"]["address"]["street"]
    assert street == "Kerkplein"
