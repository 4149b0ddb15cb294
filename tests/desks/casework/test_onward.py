"""Partners: needed, wanted, of the broad intake; a new consent, a new permit, a new parcel (art. 2, art. 4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from brug.core import message
from brug.core.identity import Invalid
from brug.core.parcel import archive
from brug.core.parcel.archive import ArchiveKey
from brug.core.parcel.keys import generate_parcel_key, public_parcel_key
from brug.core.protocol import life
from brug.core.protocol.decide import Denied
from brug.core.protocol.document import Protocol
from brug.core.states import Changed, WrongState
from brug.desks.casework import files, onward, partners, rights, services
from brug.desks.casework.history import HISTORY, proof
from brug.desks.casework.models import ClientFile, Intake, Onward, Partner
from brug.desks.casework.onward import Wish
from brug.desks.casework.states import ONWARD_TRANSITIONS, OnwardEvent, OnwardState
from brug.node import undone
from brug.office.disclosure import calls, destination
from brug.office.ledger import services as ledger
from brug.office.ledger.models import Entry
from brug.office.parties import joint
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Counterparty, Member
from brug.office.parties.states import Joint
from brug.office.post.models import Outgoing
from brug.office.registry import services as registry
from brug.office.roles import Role
from brug.office.vault import services as vault
from tests.desks.casework.conftest import PERSON, acts

LogIn = Callable[[Member], Client]
CAW = partners.Facts(
    kbo="0207.654.333",
    name="CAW De Kempen",
    category="caw",
    mailbox="onthaal@caw.example",
    phone="014 21 00 00",
    proof="Samenwerkingsovereenkomst GBO Kempen",
    proven_on=date(2025, 6, 1),
)


@pytest.fixture
def caw(protocol: object, hilde: Member, now: datetime) -> Partner:
    return partners.add(CAW, by=hilde, at=now)


@pytest.fixture
def file(clarified: Intake, karim: Member, now: datetime) -> ClientFile:
    return services.accept_help(clarified, by=karim, at=now, version=clarified.version)


def wish(partner: Partner, now: datetime, **changes: Any) -> Wish:
    today = now.date()
    fields: frozenset[message.Field] = frozenset({"given_name", "family_name", "phone"})
    return replace(Wish(partner, "other_expertise", fields, today, today, "oral"), **changes)


def open_by_hand(packed: bytes, password: str) -> bytes:
    """The message, as a person with plain 7-Zip and the phoned password gets it."""
    key = ArchiveKey.derive(password, archive.salt_of(packed))
    return archive.unpack(packed, key.derived).message


def test_only_the_chosen_fields_go_in_a_parcel_that_a_person_can_open(
    file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    made = onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    sent = Outgoing.objects.get(parcel_id=made.parcel_id)
    assert (sent.kind, sent.mailbox, sent.by_phone) == ("onward", "onthaal@caw.example", True)
    opened = vault.read(sent.secret)["password"]
    told = json.loads(open_by_hand(bytes(sent.archive), opened))
    assert told["client"] == {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
    assert told["worker"]["name"] == "Karim Aerts" and "need" not in told
    outside = sent.manifest + sent.mailbox
    assert not any(needle in outside for needle in PERSON)


def test_without_a_day_of_its_own_the_consent_is_of_the_day_it_is_in_brussels(
    file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    made = Onward(sent_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert onward._message(made, file, wish(caw, now, consented_on=None), karim).consented_on == date(2027, 1, 1)


def test_the_consent_stands_in_the_file_and_its_proof_in_the_ledger(
    file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    entry = vault.read(file.record)[HISTORY][-1]
    kept = {"kind": "onward", "partner": "CAW De Kempen", "need": "other_expertise", "wording": onward.WORDING}
    kept |= {"how": "oral", "consented_on": "2026-11-23", "fields": ["family_name", "given_name", "phone"]}
    assert kept.items() <= entry.items()
    told = Entry.objects.get(act="disclosed_onward")
    assert (told.article, told.subject, told.details) == ("art. 4", str(file.reference), proof(entry))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"need": ""}, "partner_not_needed"),
        ({"consented_on": None}, "no_consent"),
        ({"informed_on": None}, "client_not_informed"),
        ({"consented_on": date(2026, 11, 24)}, "no_consent"),
        ({"fields": frozenset({"given_name", "family_name"})}, "client_cannot_be_reached"),
        ({"fields": frozenset({"phone"})}, "client_without_name"),
    ],
)
def test_without_need_wish_or_agreed_fields_nothing_leaves(
    changes: dict[str, Any], code: str, file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    before = acts()
    with pytest.raises(Denied) as no:
        onward.involve(file, wish(caw, now, **changes), by=karim, at=now, version=file.version)
    assert code in {reason.code for reason in no.value.denial.reasons}
    assert not Outgoing.objects.exists() and not Onward.objects.exists() and acts() == before


def test_no_partner_any_more_gets_nothing_until_proven_again(
    file: ClientFile, caw: Partner, hilde: Member, karim: Member, now: datetime
) -> None:
    partners.retire(caw, by=hilde, at=now, version=caw.version)
    with pytest.raises(Denied):
        onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    partners.prove_again(caw, "Overeenkomst 2026", date(2026, 11, 1), by=hilde, at=now, version=caw.version)
    onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)


@pytest.mark.parametrize("why", ["closed", "elsewhere", "restricted"])
def test_only_from_a_file_that_is_worked_in(
    why: str, file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    if why == "closed":
        services.close_file(file, file.opened_on, by=karim, at=now, version=file.version)
    elif why == "elsewhere":
        files.hand_to_other_software(file, "SD-77", by=karim, at=now, version=file.version)
    else:
        ClientFile.objects.update(restricted_at=now)
        file.refresh_from_db()
    with pytest.raises((Denied, WrongState)):
        onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    assert not Outgoing.objects.exists()


def test_who_has_not_the_file_involves_nobody_and_two_at_once_send_once(
    file: ClientFile, caw: Partner, karim: Member, els: Member, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        onward.involve(file, wish(caw, now), by=els, at=now, version=file.version)
    version = file.version
    onward.involve(file, wish(caw, now), by=karim, at=now, version=version)
    with pytest.raises(Changed):
        onward.involve(ClientFile.objects.get(), wish(caw, now), by=karim, at=now, version=version)
    assert Outgoing.objects.count() == 1


def test_a_partner_is_of_an_allowed_category_and_no_party_of_the_protocol(
    protocol: object, hilde: Member, karim: Member, now: datetime, settings: Settings
) -> None:
    other = replace(CAW, category="other")
    with pytest.raises(Invalid):
        partners.add(other, by=hilde, at=now)
    settings.PARTNERS_ALSO = ["other"]
    partners.add(other, by=hilde, at=now)
    for refused in (other, replace(CAW, kbo="0886.886.638"), replace(CAW, kbo="0212.181.956")):
        with pytest.raises(Invalid):
            partners.add(refused, by=hilde, at=now)
    with pytest.raises(Invalid):
        partners.add(replace(CAW, kbo="0206.460.639", proven_on=now.date() + timedelta(days=1)), by=hilde, at=now)
    with pytest.raises(NotAllowed):
        partners.add(CAW, by=karim, at=now)
    assert Partner.objects.count() == 1 and Counterparty.objects.count() == 2


def test_a_party_met_before_becomes_a_partner_with_what_is_known_of_it(
    protocol: object, hilde: Member, now: datetime
) -> None:
    met = Counterparty.objects.create(
        kbo="0207654333", name="OCMW Geel", mailbox="sociaal@geel.example", parcel_key=b"x", confirmed_at=now
    )
    made = partners.add(replace(CAW, category="ocmw"), by=hilde, at=now)
    met.refresh_from_db()
    assert (made.counterparty, met.category, met.mailbox) == (met, "ocmw", "sociaal@geel.example")


def test_a_partner_with_a_node_is_phoned_too_for_no_node_takes_it_in(
    file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    Counterparty.objects.filter(pk=caw.counterparty_id).update(parcel_key=public_parcel_key(generate_parcel_key()))
    caw.counterparty.refresh_from_db()
    made = onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    assert Outgoing.objects.get(parcel_id=made.parcel_id).by_phone


def test_the_page_asks_sends_and_shows_it_on_the_timeline(
    file: ClientFile, caw: Partner, hilde: Member, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, address = as_member(karim), f"/cases/files/{file.pk}/partner"
        assert "CAW De Kempen" in browser.get(address).content.decode()
        typed = {
            "version": str(file.version),
            "partner": str(caw.pk),
            "need": "other_expertise",
            "fields_sent": ["phone"],
            "consented_on": "2026-11-23",
            "how": "oral",
        }
        assert browser.post(address, typed).status_code == 422  # the client was not asked
        tomorrow = browser.post(address, typed | {"told": "on", "consented_on": "2026-11-24"})
        assert tomorrow.status_code == 422 and "art. 2" in tomorrow.content.decode()
        assert browser.post(address, typed | {"told": "on", "version": "1"}).status_code == 409
        sent = browser.post(address, typed | {"told": "on"})
        call = reverse("call", args=[Onward.objects.get().parcel_id])
        assert (sent.status_code, sent.headers["Location"]) == (302, call)  # the password is told on the phone
        assert browser.get(call).status_code == 200
        shown = browser.get(f"/cases/files/{file.pk}").content.decode()
        assert "CAW De Kempen" in shown and call in shown
        listed = as_member(hilde).get("/cases/partners").content.decode()
        assert CAW.proof in listed and not any(needle in listed for needle in PERSON)


def test_the_dispatcher_keeps_the_list(protocol: object, hilde: Member, as_member: LogIn, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        browser = as_member(hilde)
        typed = {name: str(getattr(CAW, name)) for name in partners.Facts.__dataclass_fields__}
        assert browser.post("/cases/partners", typed | {"kbo": "0207.654.311"}).status_code == 422
        assert browser.post("/cases/partners", typed).status_code == 302
        assert browser.post("/cases/partners", typed).status_code == 422
        partner = Partner.objects.get()
        address, renewed = f"/cases/partners/{partner.pk}/proof", {"proof": "Nieuwe", "proven_on": "2026-11-01"}
        assert browser.get(address).status_code == 200
        for _ in range(2):  # the second click of the same page changes nothing
            assert browser.post(f"/cases/partners/{partner.pk}/retire", {"version": "0"}).status_code == 302
        assert Partner.objects.get().version == 1 and acts().count("partner_retired") == 1
        late = browser.post(address, renewed | {"version": "0"})  # by a colleague who still saw it as it was
        assert late.status_code == 409 and CAW.proof in late.content.decode()
        assert 'value="Nieuwe"' in late.content.decode() and 'name="version" value="1"' in late.content.decode()
        assert browser.post(address, renewed | {"version": "1"}).status_code == 302
        assert Partner.objects.get().retired_on is None and Partner.objects.get().proof == "Nieuwe"


@pytest.fixture
def sent(file: ClientFile, caw: Partner, karim: Member, now: datetime) -> Onward:
    """A parcel to the partner that the mail server took."""
    made = onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    Outgoing.objects.filter(parcel_id=made.parcel_id).update(state="sent", sent_at=now, attempts=1)
    return made


VERBS: dict[OnwardEvent, Callable[..., None]] = {OnwardEvent.WITHDRAW: onward.withdraw, OnwardEvent.TELL: onward.tell}


@pytest.mark.parametrize("state", OnwardState)
@pytest.mark.parametrize("event", VERBS)
def test_a_yes_to_a_partner_moves_by_its_table_with_one_entry_or_not_at_all(
    state: OnwardState, event: OnwardEvent, sent: Onward, karim: Member, els: Member, now: datetime
) -> None:
    Onward.objects.update(state=state)
    sent.refresh_from_db()
    before, version = acts(), sent.file.version
    with pytest.raises(NotAllowed):
        VERBS[event](sent, by=els, at=now, version=version)
    with pytest.raises(Changed):
        VERBS[event](sent, by=karim, at=now, version=version - 1)
    if event in ONWARD_TRANSITIONS[state]:
        VERBS[event](sent, by=karim, at=now, version=version)
        assert (sent.state, acts()[:-1]) == (ONWARD_TRANSITIONS[state][event], before)
        entry = vault.read(sent.file.record)[HISTORY][-1]
        told = Entry.objects.get(act=entry["kind"])
        assert (told.subject, told.details, told.article) == (str(sent.pk), proof(entry), "GDPR 7(3)")
    else:
        with pytest.raises(WrongState):
            VERBS[event](sent, by=karim, at=now, version=version)
        assert acts() == before
        sent.refresh_from_db()
        assert sent.state == state


@pytest.mark.parametrize(("left", "state"), [(False, "stopped"), (True, "to_tell")])
def test_after_a_withdrawal_nothing_goes_and_nobody_can_open_what_went(
    left: bool, state: str, sent: Onward, karim: Member, now: datetime
) -> None:
    if not left:
        Outgoing.objects.update(state="queued", sent_at=None, attempts=0)
    ClientFile.objects.update(restricted_at=now)  # taking back is always possible
    sent.file.refresh_from_db()
    onward.withdraw(sent, by=karim, at=now, version=sent.file.version)
    parcel = Outgoing.objects.get()
    assert (sent.state, parcel.state, parcel.due_at) == (state, "stopped", None)
    assert not calls.open_calls(karim, now) and not calls.has_words(parcel)
    assert rights.to_tell(sent.file_id) == (["CAW De Kempen"] if left else [])


def test_a_new_yes_must_be_of_that_day_or_later(sent: Onward, caw: Partner, karim: Member, now: datetime) -> None:
    file, tomorrow = sent.file, now + timedelta(days=1)
    onward.withdraw(sent, by=karim, at=tomorrow, version=file.version)
    with pytest.raises(Denied) as no:
        onward.involve(file, wish(caw, now), by=karim, at=tomorrow, version=file.version)
    assert {reason.code for reason in no.value.denial.reasons} == {"consent_withdrawn"}
    onward.involve(file, wish(caw, tomorrow), by=karim, at=tomorrow, version=file.version)


def test_a_restored_node_takes_the_yes_back_again(sent: Onward, karim: Member, now: datetime) -> None:
    onward.withdraw(sent, by=karim, at=now, version=sent.file.version)
    ledger.sequence(now)
    Onward.objects.update(state="sent", withdrawn_on=None)  # as the backup knows them
    Outgoing.objects.update(state="queued", sent_at=None, attempts=0)
    said = list(undone.close_again(-1, now))
    assert [line for line in said if line.startswith(sent.file.number)] and Outgoing.objects.get().state == "stopped"
    assert onward.withdraw_again(sent.pk, now) == "" and Onward.objects.get().state == "to_tell"


def test_the_client_takes_the_yes_back_and_the_worker_calls_the_partner(
    sent: Onward, karim: Member, as_member: LogIn, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        browser, page = as_member(karim), f"/cases/files/{sent.file_id}"
        address = f"{page}/partner/withdraw"
        assert address in browser.get(page).content.decode()
        typed = {"version": str(sent.file.version), "onward": str(sent.pk)}
        assert browser.post(address, typed | {"onward": ""}).status_code == 422
        overtaken = browser.post(address, typed | {"version": "1"})
        assert overtaken.status_code == 409 and " checked" in overtaken.content.decode()
        for _ in range(2):
            assert browser.post(address, typed).headers["Location"] == page
        shown = browser.get(page).content.decode()
        assert "014 21 00 00" in shown and f"zending-{sent.parcel_id}.7z" in shown and address not in shown
        assert f"{sent.file.number}: bel de partner" in browser.get("/").content.decode()
        told = {"version": str(ClientFile.objects.get().version), "onward": str(sent.pk)}
        for _ in range(2):
            assert browser.post(f"{page}/partner/told", told).headers["Location"] == page
        assert Onward.objects.get().state == OnwardState.TOLD and acts().count("onward_told") == 1
        assert "CAW De Kempen is gebeld" in browser.get(page).content.decode()


def test_a_partner_with_a_node_is_called_all_the_same_also_when_it_is_mailed_again(
    file: ClientFile, caw: Partner, karim: Member, now: datetime
) -> None:
    """No node takes an onward referral in: sealed to its key it would be refused there, and the family lost."""
    Counterparty.objects.filter(name=CAW.name).update(parcel_key=public_parcel_key(generate_parcel_key()))
    onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    sent = Outgoing.objects.get(kind="onward")
    anew = calls.mail_anew(sent, by=karim, at=now + timedelta(hours=1))
    assert sent.by_phone and anew.by_phone
    assert calls.read_password(anew, by=karim, at=now + timedelta(hours=1)).count("-") == 6


def test_what_no_mail_server_took_stops_when_the_agreement_ends(
    file: ClientFile, caw: Partner, karim: Member, now: datetime, protocol: Protocol, as_member: LogIn
) -> None:
    made = onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    dina = Member.objects.create(username="dina", name="Dina Ooms", role=Role.DPO)
    asked = joint.propose(Joint.END, file.protocol, {"from_on": None}, by=dina, at=now)
    assert destination.held(now) and onward.stop_where_ended(now) == 0, "until the second person decides it waits"
    with time_machine.travel(now, tick=False):
        shown = as_member(karim).get(reverse("file", args=[file.reference])).content.decode()
    assert "wacht: een collega vroeg het einde van dit protocol" in shown
    asked.delete()
    facts: dict[str, Any] = {"happened_at": now, "side": "discloser"}
    registry.record_event(protocol, life.EventKind.ENDED_AT_ONCE, by=dina.actor, at=now, **facts)
    parcel = Outgoing.objects.get(parcel_id=made.parcel_id)
    assert destination.now(parcel, at=now) is None, "nor does one leave that a worker had taken up"
    assert onward.stop_where_ended(now) == 1 and onward.stop_where_ended(now) == 0
    made.refresh_from_db()
    parcel.refresh_from_db()
    assert (made.state, parcel.due_at, calls.has_words(parcel)) == (OnwardState.STOPPED, None, False)
    assert acts()[-1] == "onward_stopped"
    with time_machine.travel(now, tick=False):
        shown = as_member(karim).get(reverse("file", args=[file.reference])).content.decode()
    assert "Niet verstuurd naar CAW De Kempen: het protocol is beëindigd" in shown


def test_what_left_before_the_end_stays_as_it_is(
    file: ClientFile, caw: Partner, karim: Member, now: datetime, protocol: Protocol
) -> None:
    made = onward.involve(file, wish(caw, now), by=karim, at=now, version=file.version)
    Outgoing.objects.update(sent_at=now, due_at=None)
    facts: dict[str, Any] = {"happened_at": now, "side": "discloser"}
    registry.record_event(protocol, life.EventKind.ENDED_AT_ONCE, by=karim.actor, at=now, **facts)
    assert onward.stop_where_ended(now) == 0
    made.refresh_from_db()
    assert made.state == OnwardState.SENT
