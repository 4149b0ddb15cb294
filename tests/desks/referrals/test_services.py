"""The team member's desk against a real database."""

from __future__ import annotations

import itertools
import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.protocol import life
from brug.core.protocol.decide import Denied
from brug.core.protocol.document import Protocol, load
from brug.core.states import WrongState, advance
from brug.desks.referrals import services
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import TRANSITIONS, ReferralEvent, ReferralState
from brug.office import plug
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties import waiting
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Member
from brug.office.post import receipts
from brug.office.post.models import Outgoing
from brug.office.registry import services as registry
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, OPGROEIEN, PROTOCOL_TEXT, WESTERLO, OtherParty
from tests.opening import opened

AMAL = message.Client(
    given_name="Amal",
    family_name="Haddou",
    address=message.Address(street="Polderstraat", number="14", postal_code="2260"),
    phone="+32470000001",
)
FACTS = services.ConsentFacts(
    informed_at=NOW - timedelta(hours=2),
    informed_how="talk_and_leaflet",
    language="ar",
    interpreter=True,
    consented_at=NOW - timedelta(hours=1),
    consented_how="oral",
    met_on_duty=True,
    judged_with_client=True,
)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ReferralState, ReferralEvent)))
def test_only_what_is_in_the_table_happens(state: ReferralState, event: ReferralEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(TRANSITIONS, state, event) in ReferralState
    else:
        with pytest.raises(WrongState, match=event):
            advance(TRANSITIONS, state, event)


@pytest.fixture
def ready(lien: Member, westerlo: OtherParty, protocol: Protocol) -> Referral:
    """Told, agreed, typed: one click before sending."""
    referral = services.start("13049", "2260", by=lien, at=NOW)
    services.record_consent(referral, FACTS, protocol, by=lien, at=NOW)
    services.keep_client(referral, AMAL, "13049", by=lien, at=NOW)
    return Referral.objects.get()


def received(referral: Referral, protocol: Protocol, result: str = "accepted") -> None:
    referral.refresh_from_db()
    assert referral.parcel_id is not None
    rejection = None if result == "accepted" else "protocol_denies"
    receipt = message.Receipt(parcel_id=referral.parcel_id, received_at=NOW, result=result, rejection=rejection)
    services.record_receipt(receipt, Arrival(WESTERLO, uuid.uuid4(), protocol), NOW)


def acts() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("act", flat=True))


def test_sending_queues_one_parcel_records_it_and_says_exactly_the_five_fields(
    ready: Referral, lien: Member, westerlo: OtherParty
) -> None:
    services.send(ready, by=lien, at=NOW)
    out = Outgoing.objects.get()
    assert Referral.objects.get().state == ReferralState.SENT
    assert (out.mailbox, out.awaits_receipt) == ("info.ocmw@westerlo.be", True)
    assert acts()[-1] == "disclosed"
    found = opened(out, westerlo.parcel_key)
    assert isinstance(found.message, message.Referral)
    assert found.message.client == AMAL
    said = json.dumps(message.dump(found.message))
    assert "ar" not in message.dump(found.message).values()
    assert "interpreter" not in said and "language" not in said


def test_a_second_click_sends_nothing(ready: Referral, lien: Member) -> None:
    same = Referral.objects.get()  # the page of the second click was loaded before the first
    services.send(ready, by=lien, at=NOW)
    with pytest.raises(WrongState):
        services.send(same, by=lien, at=NOW)
    assert Outgoing.objects.count() == 1
    assert acts().count("disclosed") == 1


def test_a_denial_changes_nothing_and_names_its_article(ready: Referral, lien: Member) -> None:
    lien.secrecy_attested_on = legal_day(NOW) - timedelta(days=400)
    before = acts()
    with pytest.raises(Denied, match=r"sender_not_bound_by_secrecy \(recital C\)"):
        services.send(ready, by=lien, at=NOW)
    assert not Outgoing.objects.exists() and acts() == before
    assert Referral.objects.get().state == ReferralState.CONSENTED
    assert services.client_of(ready) == AMAL


def test_without_consent_nothing_can_be_typed(lien: Member, westerlo: OtherParty) -> None:
    referral = services.start("13049", "2260", by=lien, at=NOW)
    with pytest.raises(WrongState):
        services.keep_client(referral, AMAL, "13049", by=lien, at=NOW)
    assert services.client_of(referral) is None


def test_a_move_between_consent_and_typing_asks_the_client_again(ready: Referral, lien: Member) -> None:
    services.keep_client(ready, AMAL, "13013", by=lien, at=NOW)
    ready.refresh_from_db()
    assert services.protocol_for(ready, NOW) is None
    with pytest.raises(WrongState):
        services.send(ready, by=lien, at=NOW)
    assert not Outgoing.objects.exists()


def test_the_receipt_erases_the_contact_data_and_keeps_the_consent_provable(
    ready: Referral, lien: Member, protocol: Protocol
) -> None:
    services.send(ready, by=lien, at=NOW)
    received(ready, protocol)
    ready.refresh_from_db()
    assert (ready.state, ready.received_at) == (ReferralState.RECEIVED, NOW)
    assert services.client_of(ready) is None
    kept = services.consent_of(ready)
    assert kept is not None
    assert kept["client"]["phone"] == vault.blind("phone", "+32470000001").hex()
    assert "Haddou" not in str(kept) and "+32470000001" not in str(kept)
    assert vault.candidates("phone", "+32470000001") == [ready.consent]
    assert Envelope.objects.get(record=ready.consent).reason == Reason.CONSENT_RECORD


def test_a_second_receipt_changes_nothing(ready: Referral, lien: Member, protocol: Protocol) -> None:
    services.send(ready, by=lien, at=NOW)
    received(ready, protocol)
    received(ready, protocol, "quarantined")
    assert Referral.objects.get().state == ReferralState.RECEIVED
    assert Referral.objects.get().rejection == ""


def test_a_refusal_keeps_what_was_typed_so_that_it_can_be_sent_again(
    ready: Referral, lien: Member, protocol: Protocol
) -> None:
    services.send(ready, by=lien, at=NOW)
    received(ready, protocol, "quarantined")
    ready.refresh_from_db()
    assert (ready.state, ready.rejection) == (ReferralState.REFUSED, "protocol_denies")
    services.send(ready, by=lien, at=NOW)
    assert Outgoing.objects.count() == 2


def test_a_receipt_from_who_is_not_the_recipient_has_no_effect(
    ready: Referral, lien: Member, protocol: Protocol
) -> None:
    services.send(ready, by=lien, at=NOW)
    ready.refresh_from_db()
    assert ready.parcel_id is not None
    receipt = message.Receipt(parcel_id=ready.parcel_id, received_at=NOW, result="accepted")
    services.record_receipt(receipt, Arrival(OPGROEIEN, uuid.uuid4(), protocol), NOW)
    elsewhere = load(PROTOCOL_TEXT.replace("0212.181.956", "0207.654.333"))  # another OCMW, under its own protocol
    services.record_receipt(receipt, Arrival("0207654333", uuid.uuid4(), elsewhere), NOW)
    assert Referral.objects.get().state == ReferralState.SENT
    assert services.client_of(ready) == AMAL


def test_what_is_in_the_outbox_when_the_protocol_ends_is_stopped_and_handed_back(
    ready: Referral, lien: Member, protocol: Protocol
) -> None:
    """Article 8: from the instant the simple notice reaches the other party nothing new is disclosed."""
    services.send(ready, by=lien, at=NOW)
    later = NOW + timedelta(minutes=1)
    assert services.stop_where_ended(later) == 0
    registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=OPERATOR, at=later, happened_at=later,
        side="discloser", ground="protocol",
    )  # fmt: skip
    assert services.stop_where_ended(later) == 1
    ready.refresh_from_db()
    out = Outgoing.objects.get()
    assert (ready.state, ready.rejection, out.state, out.due_at) == ("stopped", "ended_at_once", "stopped", None)
    assert services.client_of(ready) == AMAL  # for a week, to tell the family
    assert Envelope.objects.get(record=ready.client).due_on == legal_day(later) + timedelta(days=7)
    assert services.stop_where_ended(later) == 0
    assert acts()[-1] == "referral_stopped"


def test_what_was_stopped_stays_the_notifiers_task_when_it_arrives_all_the_same(
    ready: Referral, lien: Member, protocol: Protocol, client: Client
) -> None:
    """The mail had left before the end: the receipt is told, and the family is still to be spoken with (art. 5, 8)."""
    services.send(ready, by=lien, at=NOW)
    Outgoing.objects.update(attempts=1)
    registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=OPERATOR, at=NOW, happened_at=NOW,
        side="discloser", ground="protocol",
    )  # fmt: skip
    services.stop_where_ended(NOW)
    client.force_login(lien)
    page = client.get(f"/referrals/{ready.reference}").content.decode()
    assert "kan daar nog aankomen" in page and "nog niet vertrokken" not in page
    received(ready, protocol)
    ready.refresh_from_db()
    assert (ready.state, ready.received_at) == ("stopped", NOW)
    assert services.client_of(ready) == AMAL  # the family has still to be told
    page = client.get(f"/referrals/{ready.reference}").content.decode()
    assert "bevestigde op" in page and "kan daar nog aankomen" not in page
    assert len(rows_of(lien)) == 1
    assert client.post(f"/referrals/{ready.reference}/told").status_code == 302
    ready.refresh_from_db()
    assert ready.state == "told" and services.client_of(ready) is None and rows_of(lien) == []
    received(ready, protocol)
    assert Referral.objects.get().state == "told"


def rows_of(member: Member) -> list[waiting.Waiting]:
    """What waits for a member."""
    return plug.waiting(member, NOW)


@pytest.mark.parametrize("role", [Role.TEAM_MEMBER, Role.DISPATCHER, Role.SOCIAL_WORKER, Role.DPO, Role.ADMINISTRATOR])
def test_nobody_works_on_the_referral_of_another_not_even_past_the_pages(
    ready: Referral, role: Role, protocol: Protocol
) -> None:
    other = Member.objects.create(
        username="jo", name="Jo", role=role, team=ready.team, secrecy_attested_on=legal_day(NOW)
    )
    before = acts()
    for verb in (
        lambda: services.record_consent(ready, FACTS, protocol, by=other, at=NOW),
        lambda: services.keep_client(ready, AMAL, "13049", by=other, at=NOW),
        lambda: services.send(ready, by=other, at=NOW),
        lambda: services.discard(ready, by=other, at=NOW),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert acts() == before and not Outgoing.objects.exists()


def test_a_refused_referral_does_not_keep_others_from_being_stopped(
    ready: Referral, lien: Member, protocol: Protocol
) -> None:
    services.send(ready, by=lien, at=NOW)
    receipts.record_receipt(Outgoing.objects.get().parcel_id, sender=WESTERLO, at=NOW)
    received(ready, protocol, "quarantined")
    other = services.start("13049", "2260", by=lien, at=NOW)
    services.record_consent(other, FACTS, protocol, by=lien, at=NOW)
    services.keep_client(other, AMAL, "13049", by=lien, at=NOW)
    services.send(other, by=lien, at=NOW)
    registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=OPERATOR, at=NOW, happened_at=NOW,
        side="discloser", ground="protocol",
    )  # fmt: skip
    assert services.stop_where_ended(NOW) == 2
    assert not Outgoing.objects.exclude(due_at=None).exists()


def test_a_team_lead_stands_in_for_an_absent_member(ready: Referral) -> None:
    lead = Member.objects.create(
        username="nadia", name="Nadia", role=Role.TEAM_LEAD, team=ready.team, secrecy_attested_on=legal_day(NOW)
    )
    services.send(ready, by=lead, at=NOW)
    assert Outgoing.objects.count() == 1


def test_thrown_away_leaves_nothing_but_the_ledger(ready: Referral, lien: Member) -> None:
    services.discard(ready, by=lien, at=NOW)
    assert not Referral.objects.exists() and not Envelope.objects.exists()
    assert acts()[-1] == "referral_discarded"


def test_what_was_sent_cannot_be_thrown_away(ready: Referral, lien: Member) -> None:
    services.send(ready, by=lien, at=NOW)
    with pytest.raises(WrongState):
        services.discard(ready, by=lien, at=NOW)
    assert Outgoing.objects.count() == 1


def test_a_draft_is_gone_after_a_day_and_what_was_sent_stays(ready: Referral, lien: Member) -> None:
    other = services.start("13049", "2260", by=lien, at=NOW)
    services.record_consent(other, replace(FACTS, language="fr"), _protocol(ready), by=lien, at=NOW)
    services.send(ready, by=lien, at=NOW)
    assert services.discard_old_drafts(NOW + timedelta(hours=24)) == 0
    assert services.discard_old_drafts(NOW + timedelta(hours=24, minutes=1)) == 1
    assert list(Referral.objects.values_list("pk", flat=True)) == [ready.pk]
    assert services.consent_of(other) is None


def _protocol(referral: Referral) -> Protocol:
    found = services.protocol_for(referral, NOW)
    assert found is not None
    return found
