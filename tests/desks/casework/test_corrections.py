"""Data that turn out not to be right: the old value is gone, a restriction stops the work (art. 7, GDPR 16-19)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime

import pytest

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import Changed, WrongState
from brug.desks.casework import corrections, endings, same_person, services
from brug.desks.casework.models import ClientFile, Intake
from brug.desks.casework.states import Channel, Ending, Result
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post.models import Alert
from brug.office.vault import services as vault
from tests.desks.casework.conftest import acts, referral

Receive = Callable[..., Intake]


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    return services.accept_help(clarified, by=karim, at=now, version=clarified.version)


def text_of(case: Intake | ClientFile) -> str:
    return json.dumps(vault.read(case.record), ensure_ascii=False)


@pytest.mark.parametrize(
    ("field", "value", "old"),
    [
        ("phone", "+32499000005", "+32470000001"),
        ("email", "amal.h@voorbeeld.example", "amal@voorbeeld.example"),
        ("family_name", "Haddouche", '"Haddou"'),
        ("address", {"street": "Kerkplein", "number": "3", "postal_code": "2440"}, "Polderstraat"),
        ("address", message.Address(street="Kerkplein", number="3", postal_code="2440"), "Polderstraat"),
        ("phone", None, "+32470000001"),
        ("given_name", None, "Amal"),
    ],
)
def test_the_old_value_is_gone_from_the_case_and_from_its_indexes(
    field: message.Field,
    value: corrections.Value,
    old: str,
    assigned: Intake,
    karim: Member,
    protocol: Protocol,
    now: datetime,
) -> None:
    Member.objects.filter(pk=karim.pk).update(email="karim@westerlo.example")
    assert corrections.correct(assigned.referral_id, field, value, protocol=protocol, at=now)
    said = text_of(assigned)
    assert old not in said
    if isinstance(value, str):
        assert value in said
        assert [hit.case for hit in same_person.search(value, by=karim, at=now)] == [Intake.objects.get()]
    assert same_person.search(old.strip('"'), by=karim, at=now) == []
    assert acts().count("field_removed" if value is None else "field_corrected") == 1
    assert Alert.objects.get().about == "changed"
    assert Intake.objects.get().version == assigned.version + 1  # who has the page open sees that something changed


def test_a_file_that_a_referral_joined_is_corrected_wherever_the_old_value_stands(
    file: ClientFile, receive: Receive, hilde: Member, karim: Member, protocol: Protocol, now: datetime
) -> None:
    again = receive(referral(email="other@voorbeeld.example"))
    services.assign(again, karim, by=hilde, at=now, version=again.version)
    endings.join_file(again, file, by=karim, at=now, version=again.version)
    assert corrections.correct(again.referral_id, "phone", "+32499000005", protocol=protocol, at=now)
    said = text_of(ClientFile.objects.get())
    assert "+32470000001" not in said and said.count("+32499000005") == 2
    assert corrections.correct(again.referral_id, "email", None, protocol=protocol, at=now)
    assert "amal@voorbeeld.example" in text_of(ClientFile.objects.get())  # the first referral gave another one


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "0470 00 00 02"), ("email", "x"), ("given_name", "Amal (ziek)"), ("address", "x")]
)
def test_what_is_no_value_of_the_field_changes_nothing(
    field: message.Field, value: str, assigned: Intake, protocol: Protocol, now: datetime
) -> None:
    before = text_of(assigned)
    with pytest.raises(Invalid):
        corrections.correct(assigned.referral_id, field, value, protocol=protocol, at=now)
    assert text_of(assigned) == before


def test_another_discloser_corrects_restricts_and_erases_nothing(
    assigned: Intake, protocol: Protocol, now: datetime
) -> None:
    other = protocol.model_copy(update={"id": "another-protocol"})
    before = text_of(assigned)
    assert not corrections.correct(assigned.referral_id, "phone", None, protocol=other, at=now)
    assert not corrections.restrict(assigned.referral_id, protocol=other, at=now)
    assert corrections.erase_for_right(assigned.referral_id, protocol=other, at=now)
    assert not corrections.correct(uuid.uuid4(), "phone", None, protocol=protocol, at=now)
    assert text_of(assigned) == before


def test_a_restricted_case_is_kept_and_nothing_else_until_it_is_lifted(
    assigned: Intake, hilde: Member, karim: Member, els: Member, protocol: Protocol, now: datetime
) -> None:
    assert corrections.restrict(assigned.referral_id, protocol=protocol, at=now)
    assigned.refresh_from_db()
    doing = {"by": karim, "at": now}
    with pytest.raises(WrongState):
        services.record_attempt(assigned, Channel.PHONE, Result.REACHED, told=True, version=assigned.version, **doing)
    with pytest.raises(WrongState):
        endings.end_case(assigned, Ending.DECEASED, version=assigned.version, **doing)
    assert corrections.correct(assigned.referral_id, "phone", "+32499000005", protocol=protocol, at=now)
    corrections.lift(assigned.referral_id, protocol=protocol, at=now)
    assigned.refresh_from_db()
    services.record_attempt(assigned, Channel.PHONE, Result.REACHED, told=True, version=assigned.version, **doing)
    assert [act for act in acts() if act.startswith("restrict")] == ["restricted", "restriction_lifted"]


def test_a_restricted_file_is_not_worked_in(file: ClientFile, karim: Member, protocol: Protocol, now: datetime) -> None:
    corrections.restrict(file.origins.get().referral_id, protocol=protocol, at=now)
    file.refresh_from_db()
    with pytest.raises(WrongState):
        services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    with pytest.raises(WrongState):
        corrections.put_right(file, {"phone": None}, by=karim, at=now, version=file.version)


@pytest.mark.parametrize("seen", [False, True])
def test_erased_there_goes_unseen_here_or_is_put_to_the_worker(
    seen: bool, assigned: Intake, karim: Member, protocol: Protocol, now: datetime
) -> None:
    if seen:
        services.open_case(assigned, by=karim, at=now)
    assert corrections.erase_for_right(assigned.referral_id, protocol=protocol, at=now)
    assert Intake.objects.filter(withdrawn_at=now).count() == seen
    assert ("erasure_told" if seen else "erasure_told_unseen") in acts()


def test_the_worker_corrects_her_own_file_and_nobody_elses(
    file: ClientFile, karim: Member, els: Member, now: datetime
) -> None:
    corrections.put_right(file, {"phone": "+32499000005"}, by=karim, at=now, version=file.version)
    assert "+32470000001" not in text_of(file)
    with pytest.raises(Changed):
        corrections.put_right(file, {"phone": None}, by=karim, at=now, version=file.version - 1)
    with pytest.raises(NotAllowed):
        corrections.put_right(file, {"phone": None}, by=els, at=now, version=file.version)
