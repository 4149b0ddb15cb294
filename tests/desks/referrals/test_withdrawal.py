"""The client takes the consent back: before it left, when it may have left, and after it arrived (GDPR 7(3))."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client

from brug.core import message
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.referrals import services, withdrawal
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.node import worker
from brug.office.disclosure import calls, quarantine
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post import queries, receipts
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from tests.conftest import WESTERLO, OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS
from tests.office.disclosure.test_calls import a_member
from tests.office.disclosure.test_upkeep import confirms, refuses
from tests.opening import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafted(lien: Member, westerlo: OtherParty, protocol: Protocol, now: datetime) -> Referral:
    """Told, agreed, typed: one click before sending."""
    referral = services.start("13049", "2260", by=lien, at=now)
    services.record_consent(referral, FACTS, protocol, by=lien, at=now)
    services.keep_client(referral, AMAL, "13049", by=lien, at=now)
    return referral


@pytest.fixture
def sent(drafted: Referral, lien: Member, now: datetime) -> Referral:
    services.send(drafted, by=lien, at=now)
    drafted.refresh_from_db()
    return drafted


def leave(referral: Referral, at: datetime) -> None:
    """A worker claimed the parcel: it may have left."""
    Outgoing.objects.filter(parcel_id=referral.parcel_id).update(attempts=1)


def the_retraction(westerlo: OtherParty) -> message.Retraction:
    out = Outgoing.objects.get(kind="retraction")
    found = opened(out, westerlo.parcel_key)
    assert isinstance(found.message, message.Retraction)
    return found.message


def test_what_has_not_left_never_leaves_and_nobody_is_told(sent: Referral, lien: Member, now: datetime) -> None:
    withdrawal.withdraw(sent, by=lien, at=now)
    assert sent.state == ReferralState.WITHDRAWN
    parcel = Outgoing.objects.get()
    assert (parcel.state, parcel.due_at) == (OutgoingState.STOPPED, None)
    assert Entry.objects.latest("pk").act == "withdrawn_unsent"


def test_what_may_have_left_is_stopped_and_retracted(
    sent: Referral, westerlo: OtherParty, lien: Member, now: datetime
) -> None:
    leave(sent, now)
    withdrawal.withdraw(sent, by=lien, at=now)
    assert Outgoing.objects.get(kind="referral").state == OutgoingState.STOPPED
    assert Outgoing.objects.get(kind="retraction").awaits_receipt
    told = the_retraction(westerlo)
    assert (told.referral_id, told.withdrawn_at) == (sent.reference, now)
    assert Entry.objects.latest("pk").act == "retraction_sent"


def test_what_has_arrived_is_retracted(sent: Referral, westerlo: OtherParty, lien: Member, now: datetime) -> None:
    leave(sent, now)
    receipts.record_receipt(sent.parcel_id, sender=WESTERLO, at=now)
    Referral.objects.update(state=ReferralState.RECEIVED)
    sent.refresh_from_db()
    withdrawal.withdraw(sent, by=lien, at=now + timedelta(days=3))
    assert the_retraction(westerlo).referral_id == sent.reference
    # never again, also not to a party that lost it in a restore
    assert Outgoing.objects.get(kind="referral").state == OutgoingState.STOPPED


def test_long_after_the_sealed_parcel_was_forgotten_it_can_still_be_withdrawn(
    sent: Referral, westerlo: OtherParty, lien: Member, now: datetime
) -> None:
    Outgoing.objects.all().delete()
    Referral.objects.update(state=ReferralState.RECEIVED)
    sent.refresh_from_db()
    withdrawal.withdraw(sent, by=lien, at=now)
    assert Outgoing.objects.get().kind == "retraction"


def test_the_contact_data_go_and_the_consent_record_says_it_was_taken_back(
    sent: Referral, lien: Member, now: datetime
) -> None:
    term = Envelope.objects.get(record=sent.consent).due_on
    withdrawal.withdraw(sent, by=lien, at=now)
    with pytest.raises(vault.Erased):
        vault.read(sent.client)
    kept = services.consent_of(sent)
    assert kept is not None and kept["withdrawn_at"] == now.isoformat()
    assert Envelope.objects.get(record=sent.consent).due_on == term
    assert sent.consent in vault.candidates("phone", "+32470000001")


def test_a_second_click_withdraws_nothing_twice(sent: Referral, lien: Member, now: datetime) -> None:
    leave(sent, now)
    stale = Referral.objects.get(pk=sent.pk)
    withdrawal.withdraw(sent, by=lien, at=now)
    for again in (sent, stale):
        with pytest.raises(WrongState):
            withdrawal.withdraw(again, by=lien, at=now)
    assert Outgoing.objects.filter(kind="retraction").count() == 1


def test_a_late_receipt_changes_nothing(sent: Referral, lien: Member, protocol: Protocol, now: datetime) -> None:
    leave(sent, now)
    withdrawal.withdraw(sent, by=lien, at=now)
    for result in ("accepted", "quarantined"):
        receipt = message.Receipt(parcel_id=sent.parcel_id, received_at=now, result=result)  # type: ignore[arg-type]
        with transaction.atomic():
            services.record_receipt(receipt, Arrival(WESTERLO, sent.parcel_id, protocol), now)
    assert Referral.objects.get().state == ReferralState.WITHDRAWN


def test_a_retraction_that_was_refused_is_told_to_nobody_yet(
    sent: Referral, westerlo: OtherParty, lien: Member, protocol: Protocol, now: datetime
) -> None:
    """A gateway changed the archive: the page says so, the mail room sends it again, and its receipt ends it."""
    leave(sent, now)
    withdrawal.withdraw(sent, by=lien, at=now)
    retraction, dpo = Outgoing.objects.get(kind="retraction"), a_member(Role.DPO)
    refuses(westerlo, retraction, protocol)
    worker.take_in(now)
    retraction.refresh_from_db()
    assert (retraction.state, retraction.due_at, retraction.received_at) == (OutgoingState.BOUNCED, None, None)
    assert calls.has_words(retraction)  # it can still be sealed to another key
    assert Entry.objects.get(act="refusal_taken_in").subject == str(sent.reference)
    assert queries.silent(now) == [retraction]
    assert "does not know it yet" in page_of(sent, lien, now)
    assert "refused or never answered" in told_at(dpo, "/", now)
    assert f"/mail/sent/{retraction.pk}/again" in told_at(dpo, "/mail", now)
    quarantine.send_again(retraction, by=dpo, at=now)
    retraction.refresh_from_db()
    assert (retraction.state, retraction.due_at) == (OutgoingState.SENT, now)
    confirms(westerlo, retraction, protocol)
    worker.take_in(now)
    retraction.refresh_from_db()
    assert (retraction.state, retraction.received_at) == (OutgoingState.RECEIVED, now)
    assert queries.silent(now + timedelta(days=1)) == [] and not calls.has_words(retraction)
    assert "does not know it yet" not in page_of(sent, lien, now)
    refuses(westerlo, retraction, protocol)  # of an earlier copy, late
    worker.take_in(now)
    retraction.refresh_from_db()
    assert retraction.state == OutgoingState.RECEIVED


def told_at(member: Member, address: str, now: datetime) -> str:
    browser = Client()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    with time_machine.travel(now, tick=False):
        browser.force_login(member)
        return browser.get(address).content.decode()


def page_of(referral: Referral, member: Member, now: datetime) -> str:
    return told_at(member, f"/referrals/{referral.reference}", now)


def test_a_draft_is_thrown_away_instead(drafted: Referral, lien: Member, now: datetime) -> None:
    assert not withdrawal.can_be_withdrawn(drafted)
    with pytest.raises(WrongState):
        withdrawal.withdraw(drafted, by=lien, at=now)


def test_a_colleague_of_another_team_withdraws_nothing(sent: Referral, now: datetime) -> None:
    other = Member.objects.create(
        username="o", name="Other", role="team_member", secrecy_attested_on=now.date(), password="!"
    )
    with pytest.raises(NotAllowed):
        withdrawal.withdraw(sent, by=other, at=now)


def test_it_is_found_by_name_phone_mail_or_number_and_no_name_is_shown(
    sent: Referral, lien: Member, now: datetime
) -> None:
    browser = Client()
    client = services.client_of(sent)
    assert client is not None
    with time_machine.travel(now, tick=False):
        browser.force_login(lien)
        for words in filter(None, ("Amal Haddou", "Haddou Amal", client.phone, client.email, sent.number)):
            page = browser.post("/referrals/search", {"words": words})
            assert f"/referrals/{sent.reference}" in page.content.decode(), words
        nothing = browser.post("/referrals/search", {"words": "Niemand Anders"}).content.decode()
        assert str(sent.reference) not in nothing and "Niets onder deze schrijfwijze" in nothing
        assert "niemand" not in browser.get("/referrals/").content.decode().lower()


def test_without_a_receipt_the_list_and_the_page_say_call_and_never_that_nothing_is_to_do(
    sent: Referral, lien: Member, now: datetime
) -> None:
    browser = Client()
    address = f"/referrals/{sent.reference}"
    with time_machine.travel(now, tick=False):
        browser.force_login(lien)
        assert "U hoeft niets te doen" in browser.get(address).content.decode()
    Outgoing.objects.update(undelivered_at=now + timedelta(minutes=1))  # a hard bounce
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        for shown in (address, "/referrals/", "/"):
            said = browser.get(shown).content.decode()
            assert "U hoeft niets te doen" not in said and "bel" in said
    Outgoing.objects.update(undelivered_at=None)
    for days in (2, 4, 15):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            browser.force_login(lien)
            assert sent.number in browser.get("/").content.decode()
            assert "niet bevestigd" in browser.get("/referrals/").content.decode()


def test_two_taps_on_the_page(sent: Referral, lien: Member, now: datetime) -> None:
    browser = Client()
    with time_machine.travel(now, tick=False):
        browser.force_login(lien)
        address = f"/referrals/{sent.reference}"
        assert f"{address}/withdraw" in browser.get(address).content.decode()
        assert browser.get(f"{address}/withdraw").status_code == 200
        assert Referral.objects.get().state == ReferralState.SENT
        for typed in ({}, {"name": "Iemand Anders"}):
            refused = browser.post(f"{address}/withdraw", typed)
            assert refused.status_code == 422 and Referral.objects.get().state == ReferralState.SENT
        assert sent.number in refused.content.decode()
        assert browser.post(f"{address}/withdraw", {"name": "haddou AMAL"}).status_code == 302
        assert Referral.objects.get().state == ReferralState.WITHDRAWN
        said = browser.get(address).content.decode()
        assert "Haddou" not in said and f"{address}/withdraw" not in said
        assert browser.get(f"{address}/withdraw").status_code == 302
        assert Outgoing.objects.count() == 1


def test_every_state_says_whether_it_can_be_withdrawn(lien: Member) -> None:
    can: Callable[[str], bool] = lambda state: withdrawal.can_be_withdrawn(Referral(state=state))  # noqa: E731
    assert {state for state in ReferralState if can(state)} == {
        ReferralState.SENT,
        ReferralState.RECEIVED,
        ReferralState.REFUSED,
        ReferralState.STOPPED,
        ReferralState.TOLD,  # of the stop; a parcel may have arrived all the same
    }
