"""Notices of rights that overtake, that reach a joined referral, or a file that lives elsewhere (GDPR 16 to 19)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from brug.core import message
from brug.core.calendar import BRUSSELS
from brug.core.protocol.document import Field, Protocol
from brug.core.states import Changed, WrongState
from brug.desks.casework import corrections, endings, files, outside, queries, rights, services
from brug.desks.casework.models import ClientFile, Intake, Origin, Retracted
from brug.node import retention
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import Actor
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post.models import Accepted
from brug.office.registry import services as registry
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from tests.desks.casework.conftest import SEED, acts, referral

Receive = Callable[..., Intake]
LogIn = Callable[[Member], Client]
RIGHT_PHONE = message.Correction(phone="+32499000005")


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    return services.accept_help(clarified, by=karim, at=now, version=clarified.version)


@pytest.fixture
def elsewhere(file: ClientFile, karim: Member, now: datetime) -> ClientFile:
    files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    return file


def told(referral_id: uuid.UUID, right: str, protocol: Protocol, at: datetime) -> None:
    correction = RIGHT_PHONE if right == "rectified" else None
    given = {"referral_id": referral_id, "right": right, "correction": correction, "decided_at": at}
    notice = message.RightsNotice.model_validate(given)
    corrections.follow(notice, Arrival("0886886638", uuid.uuid4(), protocol), at)


def other(protocol: Protocol) -> Protocol:
    return protocol.model_copy(update={"id": "another-protocol"})


def test_an_erasure_that_is_faster_than_its_referral_keeps_it_out(protocol: Protocol, now: datetime) -> None:
    late = referral()
    for _ in range(2):
        told(late.referral_id, "erased", protocol, now)
    services.receive(late, Arrival("0886886638", uuid.uuid4(), protocol), now)
    assert not Intake.objects.exists() and not Envelope.objects.exists()
    assert Retracted.objects.get().referral_id == late.referral_id
    assert acts()[-1] == "retracted_before_arrival"


@pytest.mark.parametrize("right", ["rectified", "restricted", "restriction_lifted"])
def test_another_right_waits_for_its_referral_and_not_for_one_that_has_ended(
    right: str, protocol: Protocol, receive: Receive, now: datetime
) -> None:
    late = referral()
    with pytest.raises(WrongState):
        told(late.referral_id, right, protocol, now)
    receive(late)
    told(late.referral_id, right, protocol, now)
    assert acts()[-1] == "rights_notice_taken_in"
    gone = uuid.uuid4()
    Accepted.objects.create(parcel_id=uuid.uuid4(), sender="0886886638", about=gone, accepted_at=now)
    told(gone, right, protocol, now)
    Retracted.objects.create(referral_id=(kept_out := uuid.uuid4()), retracted_at=now)
    told(kept_out, right, protocol, now)
    assert acts().count("rights_notice_taken_in") == 3


@pytest.fixture
def joined(
    file: ClientFile, receive: Receive, hilde: Member, karim: Member, protocol: Protocol, now: datetime
) -> uuid.UUID:
    """A referral of another protocol that joined the file: the sender's reference."""
    again = receive(referral(email="other@voorbeeld.example"))
    Intake.objects.filter(pk=again.pk).update(protocol=f"another-protocol@{protocol.version}")
    again.refresh_from_db()
    services.assign(again, karim, by=hilde, at=now, version=again.version)
    endings.join_file(again, file, by=karim, at=now, version=again.version)
    return again.referral_id


def test_what_brought_a_joined_referral_takes_it_back_and_nobody_else(
    joined: uuid.UUID, file: ClientFile, protocol: Protocol, now: datetime
) -> None:
    assert endings.take_back(joined, protocol, at=now)
    assert ClientFile.objects.get().withdrawn_at is None
    assert not corrections.restrict(joined, protocol=protocol, at=now)
    assert corrections.correct(joined, "email", None, protocol=other(protocol), at=now)
    assert "other@voorbeeld.example" not in json.dumps(vault.read(ClientFile.objects.get().record))
    assert corrections.restrict(joined, protocol=other(protocol), at=now)
    assert endings.take_back(joined, other(protocol), at=now)
    assert ClientFile.objects.get(withdrawn_at=now, restricted_at=now).pk == file.pk


def test_a_right_asked_here_reaches_every_referral_under_its_own_protocol(
    joined: uuid.UUID, file: ClientFile, karim: Member, protocol: Protocol, now: datetime
) -> None:
    text = SEED.read_text().replace(f"id: {protocol.id}", "id: another-protocol")
    registry.adopt(text.replace("13049", "13001"), at=now)
    file.refresh_from_db()
    rights.rectify(file.reference, message.Correction(email="amal.h@voorbeeld.example"), "", by=karim, at=now)
    said = json.dumps(vault.read(ClientFile.objects.get().record))
    assert said.count("amal.h@voorbeeld.example") == 2 and "other@voorbeeld.example" not in said


def test_an_origin_from_before_the_field_came_under_the_protocol_of_its_file(
    file: ClientFile, protocol: Protocol, now: datetime
) -> None:
    Origin.objects.update(protocol="")
    assert endings.take_back(Origin.objects.get().referral_id, protocol, at=now)
    assert ClientFile.objects.get().withdrawn_at == now


def test_a_correction_of_a_file_elsewhere_stays_until_the_worker_put_it_there(
    elsewhere: ClientFile, karim: Member, els: Member, protocol: Protocol, as_member: LogIn, now: datetime
) -> None:
    of = Origin.objects.get().referral_id
    street = message.Address(street="Kerkplein", number="3", postal_code="2440")
    corrections.correct(of, "phone", "+32499000004", protocol=protocol, at=now)
    right: dict[Field, corrections.Value] = {"phone": "+32499000005", "email": None, "address": street}
    for field, value in right.items():
        corrections.correct(of, field, value, protocol=protocol, at=now)
    elsewhere.refresh_from_db()
    again, software = outside.Elsewhere("SD-78", elsewhere.opened_on, None), Actor(uuid.uuid4().hex, "application")
    outside.live_elsewhere(elsewhere, again, by=software, at=now, version=elsewhere.version)  # told anew: kept
    assert "+32499000004" not in json.dumps(vault.read(elsewhere.record))
    address = f"/cases/files/{elsewhere.pk}"
    with time_machine.travel(now, tick=False):
        said = as_member(karim).get(address).content.decode()
        assert "0499 00 00 05" in said and "Kerkplein 3" in said and "2440" in said
        assert as_member(els).post(f"{address}/put-right", {"version": elsewhere.version}).status_code == 404
        as_member(karim).post(f"{address}/put-right", {"version": elsewhere.version - 1})
        assert "499000005" in json.dumps(vault.read(elsewhere.record))
        as_member(karim).post(f"{address}/put-right", {"version": elsewhere.version})
        assert "Kerkplein" not in as_member(karim).get(address).content.decode()
    left = json.dumps(vault.read(elsewhere.record))
    assert "499000005" not in left and "Kerkplein" not in left
    assert acts().count("put_right_elsewhere") == 1
    elsewhere.refresh_from_db()
    with pytest.raises(WrongState):
        corrections.put_right_elsewhere(elsewhere, by=karim, at=now, version=elsewhere.version)


def test_only_her_own_file_and_as_it_is_now(
    elsewhere: ClientFile, karim: Member, els: Member, protocol: Protocol, now: datetime
) -> None:
    corrections.correct(Origin.objects.get().referral_id, "phone", None, protocol=protocol, at=now)
    elsewhere.refresh_from_db()
    with pytest.raises(NotAllowed):
        corrections.put_right_elsewhere(elsewhere, by=els, at=now, version=elsewhere.version)
    with pytest.raises(Changed):
        corrections.put_right_elsewhere(elsewhere, by=karim, at=now, version=elsewhere.version - 1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=BRUSSELS)


def test_what_is_restricted_outlives_its_term_until_that_is_lifted(
    file: ClientFile, karim: Member, protocol: Protocol, now: datetime
) -> None:
    services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    of, due_on = Origin.objects.get().referral_id, file.due_on
    assert due_on is not None
    corrections.restrict(of, protocol=protocol, at=now)
    corrections.correct(of, "phone", None, protocol=protocol, at=now)  # no other entry brings the term back
    late = noon(due_on)
    assert retention.sweep(late) == []
    assert Envelope.objects.get().due_on is None and vault.read(file.record)
    corrections.lift(of, protocol=protocol, at=late)
    assert Envelope.objects.get().due_on == due_on
    assert len(retention.sweep(late)) == 1
    assert not ClientFile.objects.exists() and not Envelope.objects.exists()


@pytest.mark.parametrize("mark", ["restricted_at", "withdrawn_at"])
def test_nobody_is_told_to_contact_whom_she_may_not_contact(
    mark: str, assigned: Intake, karim: Member, hilde: Member, now: datetime
) -> None:
    Member.objects.filter(pk__in=[karim.pk, hilde.pk]).update(email="somebody@westerlo.example")
    late = now + timedelta(days=30)
    assert queries.overdue_intakes(late, 5).count() == 1
    Intake.objects.filter(pk=assigned.pk).update(**{mark: now}, attempts=9)
    assert queries.overdue_intakes(late, 5).count() == 0
    assert not any(row.is_overdue for row in queries.inbox_rows(Intake.objects.all(), late))
    assert not endings.was_never_reached(Intake.objects.get(), late)
    assert not any("family" in str(each) for each in plug.waiting(karim, late))
