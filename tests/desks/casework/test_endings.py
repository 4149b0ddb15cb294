"""The other endings: a person decides, all goes, a figure stays; and what a withdrawal does (art. 2, GDPR 7(3))."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import Changed, WrongState
from brug.desks.casework import endings, rights, same_person, services
from brug.desks.casework.history import HISTORY
from brug.desks.casework.models import ClientFile, Intake, Origin, Outcome, Retracted
from brug.desks.casework.states import Channel, Ending, GiveUp, Ground, IntakeState, KeepTrying, Reassignment, Result
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post.models import Outgoing
from brug.office.vault import services as vault
from brug.office.vault.models import BlindIndex, DataEncryptionKey, Envelope, Erasure
from brug.office.vault.reasons import Reason
from tests.desks.casework.conftest import PERSON, acts, member, referral

LogIn = Callable[[Member], Client]
Receive = Callable[..., Intake]


def tried(intake: Intake, by: Member, at: datetime, times: int = 3) -> Intake:
    for each in range(times):
        facts = {"told": False, "by": by, "at": at + timedelta(hours=2 * each), "version": intake.version}
        services.record_attempt(intake, Channel.PHONE, Result.NO_ANSWER, **facts)
    return intake


def retract(protocol: Protocol, referral_id: uuid.UUID, at: datetime) -> None:
    """The sender's retraction, as the worker takes it in."""
    content = message.Retraction(referral_id=referral_id, withdrawn_at=at)
    endings.retract(content, Arrival("0886886638", uuid.uuid4(), protocol), at)


def nothing_is_left() -> bool:
    """Nothing of a person; the password of a parcel on its way is no one's."""
    passwords = set(Envelope.objects.filter(reason=Reason.PARCEL_PASSWORD).values_list("record", flat=True))
    kept = [
        *Envelope.objects.values_list("record", flat=True),
        *DataEncryptionKey.objects.values_list("record", flat=True),
    ]
    return set(kept) <= passwords and not Intake.objects.exists() and not BlindIndex.objects.exists()


def shows_nobody(response: HttpResponse) -> bool:
    said = response.content.decode() + str(response.headers)
    return not any(needle in said for needle in PERSON)


@pytest.mark.parametrize(
    ("attempts", "days", "asked"), [(3, 60, True), (2, 60, False), (3, 59, False), (0, 400, False), (9, 400, True)]
)
def test_the_dispatcher_is_asked_after_enough_attempts_and_days(
    attempts: int, days: int, asked: bool, assigned: Intake, hilde: Member, karim: Member, now: datetime
) -> None:
    tried(assigned, karim, now, attempts)
    at = now + timedelta(days=days)
    assert endings.was_never_reached(assigned, at) is asked
    doing = {"by": hilde, "at": at, "version": assigned.version}
    if asked:
        endings.give_up(assigned, GiveUp.NO_ANSWER, **doing)
        assert nothing_is_left()
    else:
        with pytest.raises(WrongState):
            endings.give_up(assigned, GiveUp.NO_ANSWER, **doing)
        assert Intake.objects.count() == 1


def test_the_numbers_are_the_policy_of_the_node(
    assigned: Intake, karim: Member, now: datetime, settings: object
) -> None:
    settings.NEVER_REACHED_ATTEMPTS, settings.NEVER_REACHED_DAYS = 1, 10  # type: ignore[attr-defined]
    tried(assigned, karim, now, 1)
    assert endings.was_never_reached(assigned, now + timedelta(days=10))
    assert not endings.was_never_reached(assigned, now + timedelta(days=9))


def test_who_was_reached_is_never_given_up(reached: Intake, hilde: Member, karim: Member, now: datetime) -> None:
    tried(reached, karim, now, 5)
    with pytest.raises(WrongState):
        endings.give_up(reached, GiveUp.NO_ANSWER, by=hilde, at=now + timedelta(days=400), version=reached.version)


def test_going_on_brings_the_question_back_later(assigned: Intake, hilde: Member, karim: Member, now: datetime) -> None:
    tried(assigned, karim, now)
    at = now + timedelta(days=60)
    endings.keep_trying(assigned, KeepTrying.AWAY, by=hilde, at=at, version=assigned.version)
    assert assigned.state == IntakeState.CONTACTING
    assert not endings.was_never_reached(assigned, at + timedelta(days=59))
    assert endings.was_never_reached(assigned, at + timedelta(days=60))
    assert acts()[-1] == "keep_trying.away"


def test_a_decision_and_its_reason_stay_and_the_person_does_not(
    assigned: Intake, hilde: Member, karim: Member, now: datetime
) -> None:
    tried(assigned, karim, now)
    at = now + timedelta(days=60)
    endings.give_up(assigned, GiveUp.LETTER_UNANSWERED, by=hilde, at=at, version=assigned.version)
    entry = Entry.objects.latest("pk")
    assert (entry.act, entry.by) == ("not_reached.letter_unanswered", hilde.pseudonym.hex)
    assert Outcome.objects.get().outcome == "not_reached"
    assert nothing_is_left()


@pytest.mark.parametrize("role", ["social_worker", "dpo", "administrator", "team_member", "team_lead"])
def test_only_a_dispatcher_decides(role: str, assigned: Intake, karim: Member, now: datetime) -> None:
    tried(assigned, karim, now)
    other = member("other", "Other", role, secrecy_attested_on=date(2026, 11, 1))
    at = now + timedelta(days=60)
    with pytest.raises(NotAllowed):
        endings.give_up(assigned, GiveUp.NO_ANSWER, by=other, at=at, version=assigned.version)


@pytest.mark.parametrize("ending", Ending)
def test_each_ending_erases_all_and_counts_one(
    ending: Ending, reached: Intake, karim: Member, els: Member, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        endings.end_case(reached, ending, by=els, at=now, version=reached.version)
    endings.end_case(reached, ending, by=karim, at=now, version=reached.version)
    assert nothing_is_left()
    assert (Outcome.objects.get().outcome, Outcome.objects.get().count) == (ending, 1)
    if ending is Ending.NOT_OURS:
        assert acts()[-2:] == ["ended.not_ours", "quality_reported"]
        assert Outgoing.objects.get().kind == "quality_report"  # on the address, and nothing more (art. 7)
    else:
        assert acts()[-1] == f"ended.{ending}"
        assert not Outgoing.objects.exists()  # the discloser learns nothing, also of a withdrawal made here


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    return services.accept_help(clarified, by=karim, at=now, version=clarified.version)


@pytest.fixture
def again(file: ClientFile, receive: Receive, hilde: Member, karim: Member, now: datetime) -> Intake:
    """The same client referred once more, with the same worker."""
    intake = receive(referral(family_name="Haddou-Peeters", phone="+32470000001", email=None))
    services.assign(intake, karim, by=hilde, at=now, version=intake.version)
    return intake


def test_the_worker_sees_that_the_client_is_here_already(
    again: Intake, file: ClientFile, karim: Member, now: datetime
) -> None:
    content = services.open_case(again, by=karim, at=now)
    (match,) = same_person.matches(again, content, by=karim, at=now)
    assert (match.case, match.agrees_in, match.is_file) == (file, ("name_in_part", "phone"), True)
    assert acts()[-1] == "compared"


def test_who_may_not_see_both_is_told_nothing(
    again: Intake, hilde: Member, karim: Member, els: Member, now: datetime
) -> None:
    services.assign(again, els, by=hilde, at=now, version=again.version, reason=Reassignment.WORKLOAD)
    content = services.open_case(again, by=els, at=now)
    assert same_person.matches(again, content, by=els, at=now) == []
    with pytest.raises(NotAllowed):
        same_person.matches(again, content, by=karim, at=now)


def test_another_client_with_a_like_index_is_no_match(
    assigned: Intake, receive: Receive, hilde: Member, karim: Member, now: datetime
) -> None:
    other = receive(referral(given_name="Sara", family_name="Peeters", phone="+32470000002", email=None))
    services.assign(other, karim, by=hilde, at=now, version=other.version)
    BlindIndex.objects.all().update(digest=7)  # as if every value fell together
    content = services.open_case(other, by=karim, at=now)
    assert same_person.matches(other, content, by=karim, at=now) == []


def test_a_second_referral_joins_the_file_and_goes(
    again: Intake, file: ClientFile, karim: Member, now: datetime
) -> None:
    endings.join_file(again, file, by=karim, at=now, version=again.version)
    assert not Intake.objects.exists()
    assert Envelope.objects.count() == 1
    content = services.open_file(file, by=karim, at=now)
    assert content["joined"][-1]["referral"]["client"]["family_name"] == "Haddou-Peeters"
    assert Origin.objects.filter(file=file).count() == 2
    assert Outcome.objects.filter(outcome="has_file").get().count == 1


def test_who_asks_for_a_copy_reads_no_salt_and_no_pseudonym_of_what_joined_the_file(
    again: Intake, file: ClientFile, karim: Member, now: datetime
) -> None:
    endings.join_file(again, file, by=karim, at=now, version=again.version)
    told = rights.gather(file.reference, by=karim, at=now)
    assert told["joined"][0]["history"][-1]["by"] == "Hilde Maes"
    assert "salt" not in json.dumps(told) and karim.pseudonym.hex not in json.dumps(told)


def test_nothing_joins_a_closed_file_or_a_colleagues(
    again: Intake, file: ClientFile, karim: Member, els: Member, now: datetime
) -> None:
    services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    with pytest.raises(Invalid):
        endings.join_file(again, file, by=karim, at=now, version=again.version)
    ClientFile.objects.update(worker=els, state="open")
    file.refresh_from_db()
    with pytest.raises(NotAllowed):
        endings.join_file(again, file, by=karim, at=now, version=again.version)
    assert Intake.objects.count() == 1


def test_a_retraction_before_pick_up_erases_unseen(arrived: Intake, protocol: Protocol, now: datetime) -> None:
    retract(protocol, arrived.referral_id, now)
    assert nothing_is_left()
    assert acts()[-1] == "retracted_unseen"
    assert Outcome.objects.get().outcome == "withdrawn"
    assert not Entry.objects.filter(act="opened").exists()


def test_assigned_and_not_opened_is_still_unseen(assigned: Intake, protocol: Protocol, now: datetime) -> None:
    retract(protocol, assigned.referral_id, now)
    assert nothing_is_left()


def test_after_a_look_the_worker_is_told_and_decides(
    assigned: Intake, karim: Member, protocol: Protocol, now: datetime
) -> None:
    services.open_case(assigned, by=karim, at=now)
    shown = assigned.version
    retract(protocol, assigned.referral_id, now)
    assigned.refresh_from_db()
    assert assigned.withdrawn_at == now
    assert vault.read(assigned.record)[HISTORY][-1]["kind"] == "retracted"
    with pytest.raises(Changed):
        tried(Intake(**{**vars_of(assigned), "version": shown, "withdrawn_at": None}), karim, now, 1)
    with pytest.raises(WrongState):
        tried(assigned, karim, now, 1)
    endings.end_case(assigned, Ending.WITHDRAWN, by=karim, at=now, version=assigned.version)
    assert nothing_is_left()


def vars_of(intake: Intake) -> dict[str, object]:
    return {field.attname: getattr(intake, field.attname) for field in Intake._meta.concrete_fields}


def test_a_list_of_names_is_a_look_too(assigned: Intake, karim: Member, protocol: Protocol, now: datetime) -> None:
    services.open_list([assigned], by=karim, at=now)
    retract(protocol, assigned.referral_id, now)
    assert Intake.objects.get().withdrawn_at == now


def test_a_retraction_that_is_faster_than_its_referral_keeps_it_out(
    protocol: Protocol, receive: Receive, now: datetime
) -> None:
    late = referral()
    retract(protocol, late.referral_id, now)
    retract(protocol, late.referral_id, now)
    services.receive(late, Arrival("0886886638", uuid.uuid4(), protocol), now)
    assert nothing_is_left()
    assert Retracted.objects.count() == 1
    assert acts()[-2:] == ["retraction_kept", "retracted_before_arrival"]
    assert receive().state == IntakeState.ARRIVED  # another one comes in as ever


def test_a_file_asks_for_its_own_ground(file: ClientFile, karim: Member, protocol: Protocol, now: datetime) -> None:
    retract(protocol, Origin.objects.get().referral_id, now)
    file.refresh_from_db()
    assert file.withdrawn_at == now
    endings.keep_after_withdrawal(file, Ground.AID_RUNS, by=karim, at=now, version=file.version)
    assert ClientFile.objects.get().withdrawn_at is None
    assert vault.read(file.record)[HISTORY][-1]["ground"] == "aid_runs"
    with pytest.raises(WrongState):
        endings.erase_after_withdrawal(file, by=karim, at=now, version=file.version)


def test_a_file_without_a_ground_goes_at_once(
    file: ClientFile, karim: Member, protocol: Protocol, now: datetime
) -> None:
    came = Origin.objects.get().referral_id
    retract(protocol, came, now)
    file.refresh_from_db()
    endings.erase_after_withdrawal(file, by=karim, at=now, version=file.version)
    assert nothing_is_left() and not ClientFile.objects.exists() and not Origin.objects.exists()
    assert Erasure.objects.filter(about=came).exists(), "what joined it since a backup goes from that too"


def test_another_disclosers_word_touches_nothing(arrived: Intake, protocol: Protocol, now: datetime) -> None:
    Intake.objects.update(protocol="opgroeien-ocmw-herselt@1")
    retract(protocol, arrived.referral_id, now)
    assert Intake.objects.get().withdrawn_at is None


# The pages


def test_the_dispatcher_decides_on_a_page_without_a_person(
    assigned: Intake, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    tried(assigned, karim, now)
    with time_machine.travel(now + timedelta(days=60), tick=False):
        browser, address = as_member(hilde), f"/cases/inbox/{assigned.reference}/decide"
        assert address in browser.get("/cases/inbox").content.decode()
        assert shows_nobody(browser.get(address))
        version = str(assigned.version)
        assert browser.post(address, {"version": version, "decision": "end"}).status_code == 422
        typed = {"version": version, "decision": "end", "reason": "no_answer"}
        assert as_member(karim).post(address, typed).status_code == 404
        assert browser.post(address, typed | {"version": "1"}).status_code == 302
        assert Intake.objects.count() == 1
        assert browser.post(address, typed).status_code == 302
        assert nothing_is_left()


def test_before_the_time_there_is_nothing_to_decide(
    assigned: Intake, hilde: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        address = f"/cases/inbox/{assigned.reference}/decide"
        assert as_member(hilde).get(address).status_code == 302
        typed = {"version": str(assigned.version), "decision": "end", "reason": "no_answer"}
        as_member(hilde).post(address, typed)
        assert Intake.objects.count() == 1


@pytest.mark.parametrize("ending", Ending)
def test_an_ending_is_asked_twice_and_then_done(
    ending: Ending, reached: Intake, karim: Member, els: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/mine/{reached.reference}/end"
        is_shown = f"{address}/{ending}" in browser.get(address).content.decode()
        assert is_shown is not (ending in {Ending.NOT_SENT, Ending.NO_GROUND})  # shown where somebody said so
        if ending is Ending.NO_GROUND:
            assert browser.get(f"{address}/{ending}").status_code == 404
            Intake.objects.filter(pk=reached.pk).update(taken_back="no_ground", withdrawn_at=now)
        assert "Amal Haddou" in browser.get(f"{address}/{ending}").content.decode()
        assert as_member(els).post(f"{address}/{ending}", {"version": "3"}).status_code == 404
        typed = {"version": str(reached.version)}
        first, second = browser.post(f"{address}/{ending}", typed), browser.post(f"{address}/{ending}", typed)
        assert first.headers["Location"] == second.headers["Location"] == "/cases/mine/erased"
        assert nothing_is_left()
        assert browser.get(f"{address}/nonsense").status_code == 404


def test_the_case_page_offers_to_join_and_the_file_shows_what_came(
    again: Intake, file: ClientFile, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(karim)
        address = f"/cases/mine/{again.reference}/join/{file.reference}"
        assert address in browser.get(f"/cases/mine/{again.reference}").content.decode()
        assert browser.get(address).status_code == 200
        assert browser.get(f"/cases/mine/{again.reference}/join/{uuid.uuid4()}").status_code == 404
        assert browser.post(address, {"version": str(again.version)}).headers["Location"] == f"/cases/files/{file.pk}"
        assert browser.get(f"/cases/files/{file.pk}").status_code == 200


def test_a_withdrawn_case_shows_one_step_and_a_withdrawn_file_asks_why_it_stays(
    assigned: Intake, karim: Member, as_member: LogIn, protocol: Protocol, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/mine/{assigned.reference}"
        browser.get(address)
        retract(protocol, assigned.referral_id, now)
        said = browser.get(address).content.decode()
        assert f"{address}/end/withdrawn" in said and f"{address}/attempt" not in said
        assert browser.get("/cases/mine").status_code == 200
        assert (
            browser.post(f"{address}/attempt", {"version": "3", "channel": "phone", "result": "no_answer"}).status_code
            == 409
        )


def test_the_worker_keeps_or_erases_a_file_on_the_page(
    file: ClientFile, karim: Member, as_member: LogIn, protocol: Protocol, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/files/{file.reference}"
        assert browser.get(f"{address}/keep").status_code == browser.get(f"{address}/erase").status_code == 302
        retract(protocol, Origin.objects.get().referral_id, now)
        assert f"{address}/keep" in browser.get(address).content.decode()
        assert browser.get(f"{address}/keep").status_code == browser.get(f"{address}/erase").status_code == 200
        file.refresh_from_db()
        assert browser.post(f"{address}/keep", {"version": str(file.version)}).status_code == 422
        typed = {"version": str(file.version), "ground": "legal_duty"}
        assert browser.post(f"{address}/keep", typed).headers["Location"] == address
        assert browser.get(address).status_code == 200


def test_no_message_would_tell_what_a_client_chose() -> None:
    """The closed list of what may cross: of the words that the OCMW sends back none is about a client's answer."""
    back = [kind for kind in message.KINDS.values() if kind.row.ground and kind.row.sender != "discloser"]
    said = {name for model in back for name in model.model_fields}
    assert not said & {"outcome", "state", "reached", "declined", "help", "aid", "client", "attempts", "reason"}


def test_every_state_and_reason_has_its_ledger_act() -> None:
    shape = r"[a-z]+([._][a-z]+)*"
    import re

    for prefix, codes in (("not_reached", GiveUp), ("keep_trying", KeepTrying), ("ended", Ending)):
        for code in itertools.chain(codes):
            assert re.fullmatch(shape, f"{prefix}.{code}")
