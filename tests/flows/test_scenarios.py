"""The scenarios of the domain, from one desk to the other with the parcels between them (fictional people).

One process plays both nodes: each parcel is sealed by the one, opened with the keys of the other, and its message goes
through the worker's table of verbs. The mails themselves travel in tests/faults and in `make demo-check`.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from brug.core import message
from brug.core.address import parse_number
from brug.core.calendar import legal_day
from brug.core.codes import NoticeKind
from brug.core.identity import Invalid, parse_name, parse_phone
from brug.core.protocol.decide import Denied
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.casework import endings
from brug.desks.casework.models import ClientFile, Intake, Outcome
from brug.desks.oversight import notices
from brug.desks.referrals import services as referrals
from brug.desks.referrals import withdrawal
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.node import retention
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Alert, Outgoing
from brug.office.vault import clock
from brug.office.vault.models import Certificate, Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.desks.referrals.test_services import FACTS
from tests.opening import opened

AMAL = {"given_name": "Amal", "family_name": "Haddou", "phone": "+32470000001"}
Visit = Callable[..., Client]


class Bridge:
    """Both desks: `refer` at Opgroeien, `carry` what waits in the outbox over to the OCMW, pages at the OCMW."""

    def __init__(self, protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Settings) -> None:
        self.protocol, self.westerlo, self.lien, self.settings = protocol, westerlo, lien, settings
        self.at = NOW
        bound = {"secrecy_attested_on": legal_day(NOW)}
        self.hilde = Member.objects.create(username="hilde", name="Hilde Maes", role="dispatcher", **bound)
        self.karim = Member.objects.create(username="karim", name="Karim Aerts", role="social_worker", **bound)
        self.carried: set[uuid.UUID] = set()

    def refer(self, postal_code: str = "2260", residence: str = "13049", **client: str) -> Referral:
        """Told, agreed, typed and sent."""
        referral = referrals.start(residence, postal_code, by=self.lien, at=self.at)
        referrals.record_consent(referral, FACTS, self.protocol, by=self.lien, at=self.at)
        address = message.Address(street="Polderstraat", number="14", postal_code=postal_code)
        person = message.Client.model_validate({**AMAL, "address": address, **client})
        referrals.keep_client(referral, person, residence, by=self.lien, at=self.at)
        referrals.send(referral, by=self.lien, at=self.at)
        referral.refresh_from_db()
        return referral

    def carry(self) -> list[str]:
        """Every parcel that is due, opened with the OCMW's key and taken in; the kinds. The sender gets its receipt."""
        kinds = []
        for parcel in Outgoing.objects.filter(due_at__lte=self.at).exclude(parcel_id__in=self.carried).order_by("pk"):
            self.carried.add(parcel.parcel_id)
            found = opened(parcel, self.westerlo.parcel_key, at=self.at)
            with transaction.atomic():
                arrival = Arrival(OPGROEIEN, parcel.parcel_id, self.protocol)
                plug.takes()[found.message.kind](found.message, arrival, self.at)
            receipt = message.Receipt(parcel_id=parcel.parcel_id, received_at=self.at, result="accepted")
            with transaction.atomic():
                plug.takes()["receipt"](receipt, Arrival(WESTERLO, uuid.uuid4(), self.protocol), self.at)
            Outgoing.objects.filter(pk=parcel.pk).update(state="received", due_at=None, attempts=1)
            kinds.append(parcel.kind)
        return kinds

    def as_member(self, who: Member) -> Client:
        Member.objects.update(secrecy_attested_on=legal_day(self.at))
        browser = Client()
        browser.force_login(who)
        return browser

    def do(self, who: Member, address: str, **typed: str) -> int:
        """Send one form of a case or file with the version it has now; the status of the answer."""
        reference = next(part for part in address.split("/") if len(part) == 36)
        case = Intake.objects.filter(pk=reference).first() or ClientFile.objects.get(pk=reference)
        with time_machine.travel(self.at, tick=False):
            answer = self.as_member(who).post(address, {"version": str(case.version), **typed})
        return answer.status_code

    def assign(self) -> str:
        """Give the newest intake to Karim; the address of its case page."""
        intake = Intake.objects.latest("arrived_at", "number")
        assert self.do(self.hilde, f"/cases/inbox/{intake.pk}/assign", worker=self.karim.pseudonym.hex) == 302
        return f"/cases/mine/{intake.pk}"

    def sees(self, address: str) -> str:
        with time_machine.travel(self.at, tick=False):
            return self.as_member(self.karim).get(address, follow=True).content.decode()

    def reach(self, case: str) -> None:
        assert self.do(self.karim, f"{case}/reached", channel="phone", told="on") == 302


@pytest.fixture
def bridge(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Settings) -> Iterator[Bridge]:
    yield Bridge(protocol, westerlo, lien, settings)


def at_ocmw() -> bool:
    """Whether the OCMW has anything of a person."""
    return Envelope.objects.filter(reason__in=[Reason.INTAKE, Reason.CLIENT_FILE]).exists()


def test_1_a_family_says_yes_and_gets_help(bridge: Bridge) -> None:
    referral = bridge.refer()
    assert bridge.carry() == ["referral"]
    referral.refresh_from_db()
    assert referral.state == ReferralState.RECEIVED
    assert referrals.client_of(referral) is None  # the sender's contact data are gone, its consent record stays
    assert referrals.consent_of(referral) is not None
    case = bridge.assign()
    assert bridge.do(bridge.karim, f"{case}/attempt", channel="phone", result="no_answer") == 302
    bridge.reach(case)
    assert bridge.do(bridge.karim, f"{case}/clarify", kinds="first_age_milk") == 302
    assert bridge.do(bridge.karim, f"{case}/outcome", sure="on") == 302
    assert ClientFile.objects.get().number.startswith("D-2026-")
    assert not Outgoing.objects.exclude(state="received").exists()  # nothing goes back


def test_2_where_there_is_no_protocol_nothing_is_passed_on(bridge: Bridge) -> None:
    with pytest.raises(Denied) as no, time_machine.travel(NOW, tick=False):
        draft = referrals.start("13049", "2260", by=bridge.lien, at=NOW)
        referrals.record_consent(draft, FACTS, bridge.protocol, by=bridge.lien, at=NOW)
        client = message.Client.model_validate(AMAL)
        referrals.keep_client(draft, client, "13013", by=bridge.lien, at=NOW)
        draft.refresh_from_db()
        opened = referrals.open_referral(draft, NOW)
        assert opened.protocol is None
        with pytest.raises(WrongState):
            referrals.ask(opened, by=bridge.lien, at=NOW)
        recipient = Counterparty.objects.get(kbo=WESTERLO)
        referrals.ask(replace(opened, protocol=bridge.protocol, recipient=recipient), by=bridge.lien, at=NOW)
    assert {reason.code for reason in no.value.denial.reasons} == {"residence_not_served"}
    with time_machine.travel(NOW, tick=False):
        page = bridge.as_member(bridge.lien).post("/referrals/new", {"postal_code": "2230"})
    assert page.status_code == 422 and "Herselt" in page.content.decode()


def test_4a_withdrawn_before_sending_leaves_nothing(bridge: Bridge) -> None:
    draft = referrals.start("13049", "2260", by=bridge.lien, at=NOW)
    referrals.record_consent(draft, FACTS, bridge.protocol, by=bridge.lien, at=NOW)
    referrals.discard(draft, by=bridge.lien, at=NOW)
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_4b_withdrawn_in_the_outbox_is_never_sent(bridge: Bridge) -> None:
    referral = bridge.refer(given_name="Fatma", family_name="Yıldız")
    withdrawal.withdraw(referral, by=bridge.lien, at=NOW)
    assert bridge.carry() == []
    assert not at_ocmw()


@pytest.mark.parametrize("assigned", [False, True])
def test_4c_withdrawn_before_anybody_looked_goes_unseen(assigned: bool, bridge: Bridge) -> None:
    referral = bridge.refer(given_name="Fatma", family_name="Yıldız")
    bridge.carry()
    if assigned:
        bridge.assign()
    withdrawal.withdraw(Referral.objects.get(pk=referral.pk), by=bridge.lien, at=NOW)
    assert bridge.carry() == ["retraction"]
    assert not at_ocmw()
    assert not Entry.objects.filter(act="opened").exists()


def test_4d_withdrawn_after_a_look_the_worker_sees_it_and_erases(bridge: Bridge) -> None:
    referral = bridge.refer(given_name="Fatma", family_name="Yıldız")
    bridge.carry()
    case = bridge.assign()
    assert "Fatma" in bridge.sees(case)
    withdrawal.withdraw(Referral.objects.get(pk=referral.pk), by=bridge.lien, at=NOW)
    bridge.carry()
    assert f"{case}/end/withdrawn" in bridge.sees(case)
    assert bridge.do(bridge.karim, f"{case}/reached", channel="phone", told="on") == 409
    assert bridge.do(bridge.karim, f"{case}/end/withdrawn") == 302
    assert not at_ocmw()


def test_4e_withdrawn_with_a_file_the_worker_says_why_it_stays(bridge: Bridge) -> None:
    referral = bridge.refer(given_name="Fatma", family_name="Yıldız")
    bridge.carry()
    case = bridge.assign()
    bridge.reach(case)
    bridge.do(bridge.karim, f"{case}/clarify", kinds="budget_guidance")
    bridge.do(bridge.karim, f"{case}/outcome", sure="on")
    withdrawal.withdraw(Referral.objects.get(pk=referral.pk), by=bridge.lien, at=NOW)
    bridge.carry()
    file = f"/cases/files/{ClientFile.objects.get().pk}"
    assert f"{file}/keep" in bridge.sees(file)
    assert bridge.do(bridge.karim, f"{file}/keep", ground="aid_runs") == 302
    assert f"{file}/keep" not in bridge.sees(file)
    assert at_ocmw()


def test_4f_withdrawn_at_the_ocmw_sends_nothing_back(bridge: Bridge) -> None:
    bridge.refer(given_name="Fatma", family_name="Yıldız")
    bridge.carry()
    case, before = bridge.assign(), Outgoing.objects.count()
    assert bridge.do(bridge.karim, f"{case}/end/withdrawn") == 302
    assert not at_ocmw()
    assert Outgoing.objects.count() == before


def test_5_referred_twice_declined_in_between(bridge: Bridge) -> None:
    bridge.refer(given_name="Thi Lan", family_name="Nguyen")
    bridge.carry()
    case = bridge.assign()
    bridge.reach(case)
    assert bridge.do(bridge.karim, f"{case}/decline") == 302
    assert not at_ocmw()
    bridge.refer(given_name="Thi Lan", family_name="Nguyen")
    bridge.carry()
    again = bridge.assign()
    assert "/join/" not in bridge.sees(again)  # nothing of the first time is left to recognise
    bridge.reach(again)
    bridge.do(bridge.karim, f"{again}/clarify", kinds="childcare_rate")
    bridge.do(bridge.karim, f"{again}/outcome", sure="on")
    third = bridge.refer(given_name="Thi Lan", family_name="Nguyen")
    bridge.carry()
    case, file = bridge.assign(), ClientFile.objects.get()
    assert f"{case}/join/{file.pk}" in bridge.sees(case)
    assert bridge.do(bridge.karim, f"{case}/join/{file.pk}") == 302
    assert (Intake.objects.count(), ClientFile.objects.count()) == (0, 1)
    third.refresh_from_db()
    assert third.state == ReferralState.RECEIVED  # the sender sees an ordinary receipt


@pytest.mark.parametrize(
    ("parse", "typed"),
    [(parse_name, "85.07.30-033.28"), (parse_name, "Peeters (zwanger)"), (parse_number, "bipolaire stoornis")],
)
def test_6_what_was_not_agreed_is_refused_at_the_field(parse: Callable[[str], str], typed: str) -> None:
    with pytest.raises(Invalid):
        parse(typed)
    assert parse_phone("32470000031") == "+32470000031"  # a phone number, though its digits pass as a national number


def test_9a_declined_in_two_steps_leaves_a_figure(bridge: Bridge) -> None:
    bridge.refer(given_name="Sara", family_name="Peeters")
    bridge.carry()
    case = bridge.assign()
    bridge.reach(case)
    assert "Sara Peeters" in bridge.sees(f"{case}/decline") and at_ocmw()
    assert bridge.do(bridge.karim, f"{case}/decline") == 302
    assert not at_ocmw()
    assert [(tally.outcome, tally.count) for tally in Outcome.objects.all()] == [("help_declined", 1)]


def test_9b_never_reached_waits_for_a_person_who_decides(bridge: Bridge) -> None:
    bridge.refer(given_name="Omar", family_name="El Idrissi")
    bridge.carry()
    case = bridge.assign()
    for _ in range(3):
        bridge.at += timedelta(days=7)
        assert bridge.do(bridge.karim, f"{case}/attempt", channel="phone", result="no_answer") == 302
    decide = case.replace("/mine/", "/inbox/") + "/decide"
    bridge.at += timedelta(days=30)
    assert bridge.do(bridge.hilde, decide, decision="end", reason="no_answer") == 302
    assert at_ocmw()  # 51 days: too early, nothing was decided
    bridge.at += timedelta(days=10)
    clock.confirm(bridge.at)
    retention.sweep(bridge.at)
    assert at_ocmw()  # nothing leaves by itself before contact
    assert bridge.do(bridge.hilde, decide, decision="end", reason="no_answer") == 302
    assert not at_ocmw()
    assert Entry.objects.filter(act="not_reached.no_answer", by=bridge.hilde.pseudonym.hex).count() == 1


def noon(day: date) -> datetime:
    return datetime.combine(day, time(11), tzinfo=UTC)


@pytest.mark.parametrize("held", [False, True])
def test_9c_a_file_closed_in_2024_is_gone_in_2034_unless_it_is_held(held: bool, bridge: Bridge) -> None:
    bridge.at = NOW
    bridge.refer(given_name="Els", family_name="Wouters")
    bridge.carry()
    case = bridge.assign()
    bridge.reach(case)
    bridge.do(bridge.karim, f"{case}/clarify", kinds="other")
    bridge.do(bridge.karim, f"{case}/outcome", sure="on")
    ClientFile.objects.update(opened_on=date(2024, 2, 1))  # as if it was opened in that February
    file = ClientFile.objects.get()
    assert bridge.do(bridge.karim, f"/cases/files/{file.pk}/close", closed_on="2024-03-15") == 302
    if held:
        dpo = Member.objects.create(username="dw", name="Wim Daems", role="dpo")
        with time_machine.travel(NOW, tick=False):
            typed = {"number": file.number, "reason": "court", "until_on": "2035-12-31"}
            assert bridge.as_member(dpo).post("/cases/departures", typed).status_code == 302
    days = [date(2034, 3, 15), date(2034, 3, 16), date(2035, 12, 31), date(2036, 1, 1)]
    there = []
    for day in days:
        clock.confirm(noon(day))
        retention.sweep(noon(day))
        there.append(ClientFile.objects.exists())
    assert there == ([True, True, True, False] if held else [True, False, False, False])
    destroyed = list(itertools.chain(*(each.destroyed for each in Certificate.objects.all())))
    assert [line["number"] for line in destroyed if line] == [file.number]
    assert not at_ocmw()


def test_a_worker_who_is_absent_is_replaced_and_sees_no_more(bridge: Bridge) -> None:
    bridge.refer()
    bridge.carry()
    case = bridge.assign()
    els = Member.objects.create(username="els", name="Els Wouters", role="social_worker")
    assign = case.replace("/mine/", "/inbox/") + "/assign"
    bridge.as_member(els)
    assert bridge.do(bridge.hilde, assign, worker=els.pseudonym.hex, reason="absence") == 302
    assert bridge.do(bridge.karim, f"{case}/attempt", channel="phone", result="no_answer") == 404
    assert bridge.do(els, f"{case}/attempt", channel="phone", result="no_answer") == 302


def test_7_what_came_in_after_the_end_and_nobody_spoke_about_is_let_go_of(bridge: Bridge) -> None:
    """The notice overtakes nothing: what was mailed before it and taken in after its instant goes (art. 8)."""
    Member.objects.filter(pk=bridge.karim.pk).update(email="karim@westerlo.example")
    bridge.refer(given_name="Amal")
    bridge.carry()
    before = bridge.assign()
    ended_at = bridge.at + timedelta(minutes=1)
    bridge.at += timedelta(minutes=2)
    addresses = {}
    for name in ("Joris", "Sara", "Dries"):
        bridge.refer(given_name=name, family_name="Verhaegen")
        bridge.carry()
        addresses[name] = bridge.assign()
    bridge.reach(addresses["Joris"])
    assert "Sara" in bridge.sees(addresses["Sara"])
    told = Alert.objects.filter(address="karim@westerlo.example").count()
    end = message.Notice(
        notice_id=uuid.uuid4(), about="at_once", given_at=ended_at, ground="against_gdpr", remark="Wij stoppen."
    )
    bridge.at += timedelta(minutes=5)
    for sender in (WESTERLO, OPGROEIEN):  # only who may end it does
        assert Intake.objects.count() == 4
        endings.hear_end(end, Arrival(sender, uuid.uuid4(), bridge.protocol), bridge.at)
    left = {f"/cases/mine/{intake.pk}": intake for intake in Intake.objects.all()}
    assert set(left) == {before, addresses["Joris"], addresses["Sara"]}, "Dries, whom nobody has seen, is gone"
    assert [each for each, intake in left.items() if intake.taken_back == "no_ground"] == [addresses["Sara"]]
    page = bridge.sees(addresses["Sara"])
    assert "had het protocol beëindigd voor dit aankwam" in page and "trok de toestemming in" not in page
    assert bridge.do(bridge.karim, f"{addresses['Joris']}/end/no_ground") == 404
    assert bridge.do(bridge.karim, f"{addresses['Sara']}/end/no_ground") == 302
    assert Outcome.objects.get().outcome == "no_ground" and Outcome.objects.get().count == 2
    assert Alert.objects.filter(address="karim@westerlo.example").count() > told
    assert endings.let_go_where_ended(bridge.at) == 0


def test_7_a_protocol_that_ends_at_once_stops_what_is_queued_and_refuses_what_comes(bridge: Bridge) -> None:
    """A was accepted before the notice and stays; C waits in the outbox and is stopped; D is refused (art. 8)."""
    bridge.refer(given_name="Amal")
    assert bridge.carry() == ["referral"]
    queued = bridge.refer(given_name="Joris", family_name="Verhaegen")
    dpo = Member.objects.create(username="do", name="Nadia Claes", role="dpo")
    facts = notices.Facts(NoticeKind.AT_ONCE, "Wij stoppen.", ground="against_gdpr", decided_by="De directie")
    bridge.at += timedelta(minutes=1)
    ada = Member.objects.create(username="ad", name="Ada Maes", role="administrator")
    notices.end(notices.propose_end(bridge.protocol, facts, by=dpo, at=bridge.at), by=ada, at=bridge.at)
    referrals.stop_where_ended(bridge.at)
    queued.refresh_from_db()
    assert queued.state == ReferralState.STOPPED
    assert bridge.carry() == ["notice"]
    assert Intake.objects.count() == 1 and at_ocmw()  # what was received keeps its terms
    with pytest.raises(Denied) as no:
        bridge.refer(given_name="Dries", family_name="Van Loo")
    assert "ended_at_once" in {reason.code for reason in no.value.denial.reasons}
