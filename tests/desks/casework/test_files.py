"""Work in a client file, the kinds of aid, and the way to other software (art. 2, art. 3, art. 4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.states import Changed, WrongState
from brug.desks.casework import aids, corrections, endings, files, services, timeline
from brug.desks.casework.files import Grant
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import AidKind, ClientFile, Intake
from brug.desks.casework.states import Aid, NextStep, Reassignment
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.vault import services as vault
from brug.office.vault.models import BlindIndex
from tests.desks.casework.conftest import PERSON, acts

LogIn = Callable[[Member], Client]
MILK = Grant("first_age_milk", "BCSD 2026/118", date(2026, 11, 20), date(2026, 11, 23))


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    return services.accept_help(clarified, by=karim, at=now, version=clarified.version)


def verbs(file: ClientFile, by: Member, at: datetime) -> dict[str, Callable[[], object]]:
    """Every verb that works in an open file, by the act it leaves in the ledger."""
    doing = {"by": by, "at": at, "version": file.version}
    return {
        "note_added": lambda: files.add_note(file, "Gesprek over de opvang.", **doing),
        "aid_granted": lambda: files.grant_aid(file, MILK, **doing),
        "next_step_planned": lambda: files.plan(file, NextStep.MEET, at.date() + timedelta(days=3), **doing),
        "field_removed": lambda: corrections.put_right(file, {"email": None}, **doing),
        "lives_elsewhere": lambda: files.hand_to_other_software(file, "SD-77", **doing),
    }


@pytest.mark.parametrize("act", ["note_added", "aid_granted", "next_step_planned", "field_removed", "lives_elsewhere"])
def test_each_verb_leaves_one_entry_and_refuses_a_stale_version_another_worker_and_a_restriction(
    act: str, file: ClientFile, karim: Member, els: Member, now: datetime
) -> None:
    before = acts()
    with pytest.raises(NotAllowed):
        verbs(file, els, now)[act]()
    ClientFile.objects.update(restricted_at=now)
    file.refresh_from_db()
    with pytest.raises(WrongState):
        verbs(file, karim, now)[act]()
    ClientFile.objects.update(restricted_at=None)
    file.refresh_from_db()
    stale = ClientFile.objects.get()
    ClientFile.objects.update(version=file.version + 1)
    with pytest.raises(Changed):
        verbs(stale, karim, now)[act]()
    assert acts() == before
    file.refresh_from_db()
    verbs(file, karim, now)[act]()
    assert acts() == [*before, act]


@pytest.mark.parametrize("act", ["note_added", "aid_granted", "next_step_planned"])
@pytest.mark.parametrize("why", ["closed", "elsewhere", "withdrawn"])
def test_nothing_is_noted_where_there_is_nothing_to_work_in(
    act: str, why: str, file: ClientFile, karim: Member, now: datetime
) -> None:
    if why == "closed":
        services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    elif why == "elsewhere":
        files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    else:
        ClientFile.objects.update(withdrawn_at=now)
        file.refresh_from_db()
    if (act, why) == ("next_step_planned", "elsewhere"):
        return  # a reminder to look there is no work in it
    with pytest.raises(WrongState):
        verbs(file, karim, now)[act]()


def test_who_closes_a_file_has_nothing_planned_in_it(file: ClientFile, karim: Member, now: datetime) -> None:
    files.plan(file, NextStep.CALL, legal_day(now), by=karim, at=now, version=file.version)
    services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    assert (file.next_step, file.next_on) == ("", None)


def test_the_list_says_of_which_file_the_consent_is_gone(
    file: ClientFile, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        assert "behouden of wissen" not in as_member(karim).get("/cases/files").content.decode()
        ClientFile.objects.update(withdrawn_at=now)
        assert "behouden of wissen" in as_member(karim).get("/cases/files").content.decode()


def test_aid_has_its_decision_and_its_days(file: ClientFile, karim: Member, now: datetime) -> None:
    files.grant_aid(file, MILK, by=karim, at=now, version=file.version)
    (aid,) = files.granted(services.open_file(file, by=karim, at=now))
    assert (aid["reference"], aid["decided_on"], aid["from_on"]) == ("BCSD 2026/118", MILK.decided_on, MILK.from_on)
    with pytest.raises(Invalid):
        files.end_aid(file, aid["id"], date(2026, 11, 22), by=karim, at=now, version=file.version)
    with pytest.raises(WrongState):
        files.end_aid(file, "0", date(2026, 12, 1), by=karim, at=now, version=file.version)
    files.end_aid(file, aid["id"], date(2027, 1, 31), by=karim, at=now, version=file.version)
    assert files.granted(vault.read(file.record))[0]["through_on"] == date(2027, 1, 31)
    assert acts()[-1] == "aid_ended"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decided_on": date(2026, 11, 24)}, "decided_in_future"),
        ({"through_on": date(2026, 11, 22)}, "ends_before_start"),
        ({"kind": "cash"}, "no_such_aid"),
        ({"reference": "85.07.30-033.28"}, "national_number"),
    ],
)
def test_aid_that_cannot_be_is_refused(
    changes: dict[str, object], code: str, file: ClientFile, karim: Member, now: datetime
) -> None:
    from dataclasses import replace

    with pytest.raises(Invalid) as refused:
        files.grant_aid(file, replace(MILK, **changes), by=karim, at=now, version=file.version)
    assert refused.value.code == code
    assert "aid_granted" not in acts()


def test_a_note_with_a_national_number_is_refused(file: ClientFile, karim: Member, now: datetime) -> None:
    with pytest.raises(Invalid):
        files.add_note(file, "Rijksregister 85.07.30-033.28", by=karim, at=now, version=file.version)


def test_a_file_that_lives_elsewhere_keeps_its_numbers_and_its_days_and_nobody(
    file: ClientFile, karim: Member, now: datetime
) -> None:
    files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    kept = json.dumps(vault.read(file.record))
    assert not any(needle in kept for needle in PERSON) and "SD-77" in kept
    assert not BlindIndex.objects.exists()
    services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    assert file.due_on == date(2036, 11, 24)  # the first day after ten years
    with pytest.raises(WrongState):
        files.hand_to_other_software(file, "SD-78", by=karim, at=now, version=file.version)


def test_a_second_referral_joins_no_file_that_lives_elsewhere(
    file: ClientFile, receive: Callable[..., Intake], hilde: Member, karim: Member, now: datetime
) -> None:
    files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    again = receive()
    services.assign(again, karim, by=hilde, at=now, version=again.version)
    with pytest.raises(Invalid):
        endings.join_file(again, file, by=karim, at=now, version=again.version)


def test_the_dispatcher_gives_a_file_to_another_without_seeing_anybody(
    file: ClientFile, hilde: Member, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(hilde), f"/cases/files/{file.pk}/reassign"
        for page in ("/cases/all-files", address):
            said = browser.get(page).content.decode()
            assert file.number in said and not any(needle in said for needle in PERSON)
        typed = {"version": str(file.version), "worker": els.pseudonym.hex, "reason": "absence"}
        assert browser.post(address, typed | {"reason": ""}).status_code == 422
        assert browser.post(address, typed).status_code == 302
        assert browser.post(address, typed | {"worker": karim.pseudonym.hex}).status_code == 409
        assert as_member(karim).get(address).status_code == 404
        assert as_member(els).get(f"/cases/files/{file.pk}").status_code == 200
        assert as_member(karim).get(f"/cases/files/{file.pk}").status_code == 404
    assert "file_reassigned.absence" in acts()
    with pytest.raises(Invalid):
        dpo = Member.objects.create(username="dw", name="Wim Daems", role="dpo")
        file.refresh_from_db()
        files.reassign(file, dpo, Reassignment.ABSENCE, by=hilde, at=now, version=file.version)


# The kinds of aid


def test_a_kind_in_use_is_retired_and_one_never_chosen_is_deleted(
    clarified: Intake, hilde: Member, karim: Member, now: datetime
) -> None:
    doing = {"by": hilde, "at": now}
    bus = aids.add("Tussenkomst vervoer", **doing)
    services.clarify(clarified, [bus], by=karim, at=now, version=clarified.version)
    with pytest.raises(Invalid):
        aids.remove(bus, version=0, **doing)
    aids.retire(bus, version=0, **doing)
    assert bus not in dict(aids.offered()) and aids.names()[bus] == "Tussenkomst vervoer"
    said = timeline.timeline(vault.read(clarified.record)[HISTORY])[0]
    assert said.kinds == ["Tussenkomst vervoer"]  # what was noted keeps its words
    aids.bring_back(bus, version=1, **doing)
    assert bus in dict(aids.offered())
    never = aids.add("Iets nieuws", **doing)
    with pytest.raises(Changed):
        aids.remove(never, version=1, **doing)
    aids.remove(never, version=0, **doing)
    assert never not in aids.names()
    with pytest.raises(Invalid):
        aids.remove(Aid.FIRST_AGE_MILK, version=0, **doing)  # of article 2: retired at the most


def test_the_list_has_the_three_of_the_seed_until_the_ocmw_edits_it(db: None, hilde: Member, now: datetime) -> None:
    assert [code for code, _ in aids.offered()] == ["first_age_milk", "childcare_rate", "budget_guidance", "other"]
    aids.rename("first_age_milk", "Startmelk", by=hilde, at=now, version=0)
    assert aids.names()["first_age_milk"] == "Startmelk"
    for name in ("startmelk", "", "(x)"):
        with pytest.raises(Invalid):
            aids.add(name, by=hilde, at=now)
    with pytest.raises(Changed):
        aids.retire("first_age_milk", by=hilde, at=now, version=0)
    for code, version in (("first_age_milk", 1), ("childcare_rate", 0), ("budget_guidance", 0)):
        aids.retire(code, by=hilde, at=now, version=version)
    with pytest.raises(Invalid):
        aids.retire("other", by=hilde, at=now, version=0)
    assert AidKind.objects.count() == 3


def test_a_kind_that_is_none_is_not_chosen(reached: Intake, karim: Member, now: datetime) -> None:
    with pytest.raises(Invalid):
        services.clarify(reached, ["cash"], by=karim, at=now, version=reached.version)
    assert acts()[-1] == "attempt_recorded"


def test_only_the_dispatcher_edits_the_list(hilde: Member, karim: Member, as_member: LogIn, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        assert browser.post("/cases/aids", {"name": "Vervoer"}).status_code == 302
        assert browser.post("/cases/aids", {"name": "Vervoer"}).status_code == 422
        code = AidKind.objects.get().code
        renamed = {"name": "Bus en trein", "version": "0"}
        assert browser.post(f"/cases/aids/{code}", renamed).status_code == 302
        late = browser.post(f"/cases/aids/{code}", renamed | {"name": "Met de bus"})  # by who still saw the first name
        assert late.status_code == 409 and "“Bus en trein”" in late.content.decode()
        assert 'value="Met de bus"' in late.content.decode() and 'name="version" value="1"' in late.content.decode()
        assert "Bus en trein" in browser.get("/cases/aids").content.decode()
        remove = {"do": "remove", "code": code}
        assert browser.post("/cases/aids", remove | {"version": "0"}).status_code == 302
        assert AidKind.objects.get().version == 1  # it was no longer as it was shown
        assert browser.post("/cases/aids", remove | {"version": "1"}).status_code == 302
        assert not AidKind.objects.exists()
        assert browser.post("/cases/aids", {"do": "remove", "code": "other"}).status_code == 422
        for address in ("/cases/aids", "/cases/partners"):
            assert as_member(karim).get(address).status_code == 404


# The pages


@pytest.mark.parametrize(
    ("page", "typed", "act"),
    [
        ("note", {"text": "Gesprek over de opvang."}, "note_added"),
        (
            "aid",
            {"kind": "first_age_milk", "reference": "BCSD 1", "decided_on": "2026-11-20", "from_on": "2026-11-23"},
            "aid_granted",
        ),
        ("plan", {"step": "meet", "on": "2026-11-26"}, "next_step_planned"),
        (
            "correct",
            {"given_name": "Amal", "family_name": "Haddou", "phone": "0499 00 00 05", "email": "amal@voorbeeld.example"}
            | {"street": "Polderstraat", "number": "14", "postal_code": "2260"},
            "field_corrected",
        ),
        ("elsewhere", {"number": "SD-77", "sure": "on"}, "lives_elsewhere"),
    ],
)
def test_the_pages_of_a_file_do_it_once_and_keep_what_was_typed(
    page: str, typed: dict[str, str], act: str, file: ClientFile, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/files/{file.pk}/{page}"
        assert "Amal Haddou" in browser.get(address).content.decode()
        name = next(iter(typed))
        assert browser.post(address, {**typed, name: "", "version": str(file.version)}).status_code == 422
        stale = browser.post(address, {**typed, "version": str(file.version - 1)})
        assert stale.status_code == 409 and act not in acts()
        assert browser.post(address, {**typed, "version": str(file.version)}).status_code == 302
        assert acts().count(act) == 1
        assert browser.get(f"/cases/files/{file.pk}").status_code == 200
        assert browser.get("/cases/files").status_code == 200
