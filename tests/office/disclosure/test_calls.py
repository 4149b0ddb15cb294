"""A recipient without a node: mailed once, words by phone, and their word that it opened is the receipt (art. 6)."""

from __future__ import annotations

import io
import itertools
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from django.db import transaction
from django.test import Client

from brug.core import message
from brug.core.parcel import archive, manifest, seal, words
from brug.core.parcel.keys import public_parcel_key
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.referrals import leaving, services, withdrawal
from brug.desks.referrals.models import Referral
from brug.desks.referrals.states import ReferralState
from brug.office import plug
from brug.office.disclosure import calls, witness
from brug.office.disclosure.services import Arrival
from brug.office.ledger import queries
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import WORKER
from brug.office.ledger.models import Entry, Held
from brug.office.parties.may import NotAllowed, Verb
from brug.office.parties.models import Counterparty, Member, Proposal, Team
from brug.office.parties.states import Joint
from brug.office.post import mail
from brug.office.post import services as post
from brug.office.post.models import Outgoing
from brug.office.post.states import OutgoingState
from brug.office.registry.models import ProtocolVersion
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.desks.referrals.test_services import AMAL, FACTS

LATER = NOW + timedelta(hours=1)
TAKE_RECEIPT = plug.takes()["receipt"]


@pytest.fixture
def sent(lien: Member, westerlo: OtherParty, protocol: Protocol) -> Outgoing:
    """A referral on its way to an OCMW without a node."""
    no_keys = {"signing_key": b"", "checkpoint_key": b"", "parcel_key": b""}
    Counterparty.objects.filter(kbo=WESTERLO).update(phone="+3214000001", **no_keys)
    referral = services.start("13049", "2260", by=lien, at=NOW)
    services.record_consent(referral, FACTS, protocol, by=lien, at=NOW)
    services.keep_client(referral, AMAL, "13049", by=lien, at=NOW)
    services.send(Referral.objects.get(), by=lien, at=NOW)
    return Outgoing.objects.get()


def a_member(role: Role, team: str = "") -> Member:
    made = Member(username=f"{role}{team}", name="Nadia Claes", role=role, secrecy_attested_on=NOW.date())
    made.team = Team.objects.get(code=team) if team else None
    made.set_unusable_password()
    made.save()
    return made


def acts() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("act", flat=True))


def test_plain_7_zip_opens_it_with_the_words_and_the_pdf_reads(sent: Outgoing, lien: Member, tmp_path: Path) -> None:
    password = calls.read_password(sent, by=lien, at=NOW)
    assert password.count("-") == 6 and set(password.split("-")) <= set(words.word_list())
    path = tmp_path / "zending.7z"
    path.write_bytes(sent.archive)
    asked = f"{password}\n".encode()
    assert subprocess.run(["7zz", "x", f"-o{tmp_path}", str(path)], input=asked, capture_output=True).returncode == 0
    assert b"Amal" in (tmp_path / "bericht.json").read_bytes()
    with pikepdf.open(io.BytesIO((tmp_path / "bericht.pdf").read_bytes())) as paper:
        assert len(paper.pages) >= 1
    shown = subprocess.run(["7zz", "h", "-scrcSHA256", str(path)], capture_output=True, text=True).stdout
    assert calls.check_code(sent) in shown.lower()


def test_the_words_stand_in_no_mail_no_ledger_and_no_column(sent: Outgoing, lien: Member) -> None:
    password = calls.read_password(sent, by=lien, at=NOW)
    whole = mail.compose(sent, sender="brug@opgroeien.example").as_string()
    assert password not in whole and password not in sent.manifest
    assert "U wordt opgebeld" in whole
    for row in [*Entry.objects.values(), *Outgoing.objects.values()]:
        assert not any(word in str(row) for word in (password, password.replace("-", " ")))
    assert acts()[-1] == "password_opened"


def test_it_is_mailed_once_and_stays_sent_until_somebody_says_that_it_opened(sent: Outgoing, lien: Member) -> None:
    post._mark_sent(post._claim_outgoing(NOW) or sent, NOW)
    sent.refresh_from_db()
    assert (sent.state, sent.due_at) == (OutgoingState.SENT, None)
    with pytest.raises(WrongState):  # nobody was told the words yet
        calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=LATER)
    calls.tell(sent, "Hilde Maes", by=lien, at=LATER)
    calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=LATER)
    sent.refresh_from_db()
    referral = Referral.objects.get()
    assert (sent.state, sent.told_to, referral.state) == (OutgoingState.RECEIVED, "Hilde Maes", ReferralState.RECEIVED)
    assert services.client_of(referral) is None  # erased, as by any receipt
    assert not calls.has_words(sent)
    with pytest.raises(WrongState):
        calls.read_password(sent, by=lien, at=LATER)
    with pytest.raises(WrongState):
        calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=LATER)


def test_what_goes_by_mail_alone_or_has_arrived_waits_for_no_call(sent: Outgoing, lien: Member) -> None:
    assert calls.open_calls(lien, NOW) == [sent]
    for row in ({"by_phone": False, "received_at": None}, {"by_phone": True, "received_at": NOW}):
        Outgoing.objects.update(**row)
        assert calls.open_calls(lien, NOW) == [] and calls.about(sent.subject, by=lien, at=NOW) is None  # type: ignore[arg-type]


def test_what_can_no_longer_be_told_is_not_and_nothing_is_confirmed_before(sent: Outgoing, lien: Member) -> None:
    elsewhere = a_parcel("referral", lien.pseudonym.hex)
    calls.tell(elsewhere, "Hilde Maes", by=lien, at=NOW)
    with pytest.raises(WrongState):  # that somebody heard the words of another parcel is nothing here
        calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=NOW)
    Outgoing.objects.filter(pk=sent.pk).update(state=OutgoingState.RECEIVED)
    sent.refresh_from_db()
    with pytest.raises(WrongState):
        calls.tell(sent, "Karim Aerts", by=lien, at=NOW)
    elsewhere.refresh_from_db()
    assert elsewhere.told_to == "Hilde Maes"


def test_without_words_of_its_own_there_is_nothing_to_read_out_nor_to_seal_anew(sent: Outgoing, lien: Member) -> None:
    Outgoing.objects.update(secret=None)
    without = Outgoing.objects.get()
    for act in (calls.read_password, calls.mail_anew):
        with pytest.raises(WrongState):
            act(without, by=lien, at=NOW)
    assert not calls.has_words(without) and "password_opened" not in acts()


def test_what_they_say_is_told_to_the_desk_as_the_receipt_of_that_parcel(sent: Outgoing, lien: Member) -> None:
    taken: list[object] = []

    def take(*told: object) -> None:
        taken.append(told)

    calls.tell(sent, "Hilde Maes", by=lien, at=NOW)
    calls.confirm(sent, take_receipt=take, by=lien, at=LATER)
    receipt = message.Receipt(parcel_id=sent.parcel_id, received_at=LATER, result="accepted")
    assert taken == [(receipt, Arrival(WESTERLO, sent.parcel_id, calls.protocol_of(sent)), LATER)]
    sent.refresh_from_db()
    assert (sent.told_at, sent.received_at) == (NOW, LATER)
    said = Entry.objects.filter(act__in=["password_read_out", "received_by_phone"])
    assert [(entry.subject, entry.by, entry.at) for entry in said.order_by("id")] == [
        (str(sent.subject), lien.pseudonym.hex, at) for at in (NOW, LATER)
    ]
    Outgoing.objects.update(kind="receipt", state=OutgoingState.SENT, received_at=None, subject=None)
    owed = Outgoing.objects.get()
    calls.confirm(owed, take_receipt=take, by=a_member(Role.DISPATCHER), at=LATER)
    assert len(taken) == 1 and Entry.objects.latest("id").subject == str(owed.first_id), "a receipt awaits none"
    ProtocolVersion.objects.all().delete()
    with pytest.raises(LookupError):
        calls.protocol_of(sent)


def test_the_words_of_what_was_sealed_anew_confirm_nothing(sent: Outgoing, lien: Member) -> None:
    calls.tell(sent, "Hilde Maes", by=lien, at=NOW)
    calls.mail_anew(sent, by=lien, at=NOW)
    with pytest.raises(WrongState):
        calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=LATER)


@pytest.mark.parametrize(("begins", "waits"), [(-1, False), (0, True)])
def test_a_call_waits_for_the_second_person_when_the_end_that_was_asked_for_begins(
    sent: Outgoing, lien: Member, protocol: Protocol, begins: int, waits: bool
) -> None:
    facts = {"happened_at": LATER.isoformat()}
    Proposal.objects.create(joint=Joint.END_NOTED, subject=f"{protocol.id}@1", facts=facts, by="x", at=NOW)
    at = LATER + timedelta(microseconds=begins)
    assert (calls.to_make(lien, at) == []) is waits
    if not waits:
        assert calls.read_password(sent, by=lien, at=at)
        return
    with pytest.raises(WrongState):
        calls.read_password(sent, by=lien, at=at)


def test_the_call_is_of_who_referred_and_of_the_lead_of_the_team(sent: Outgoing, lien: Member) -> None:
    Team.objects.create(code="other", name="Ander team")
    lead, stranger = a_member(Role.TEAM_LEAD, "zuiderkempen"), a_member(Role.TEAM_LEAD, "other")
    colleague, dpo = a_member(Role.TEAM_MEMBER, "zuiderkempen"), a_member(Role.DPO)
    assert [calls.may_call(who, sent, NOW) for who in (lien, lead)] == [True, True]
    for who in (stranger, colleague, dpo):
        assert calls.open_calls(who, NOW) == []
        with pytest.raises(NotAllowed) as refused:
            calls.read_password(sent, by=who, at=NOW)
        assert refused.value.verb == calls.CALLERS["referral"]
    with pytest.raises(NotAllowed) as of_dpo:
        calls.read_password(a_parcel("notice", "worker"), by=lien, at=NOW)
    assert of_dpo.value.verb == Verb.RUN_OVERSIGHT
    assert calls.open_calls(lead, NOW) == [sent]
    calls.give(sent.subject, colleague, at=NOW)  # type: ignore[arg-type]
    assert calls.open_calls(colleague, NOW) == [sent]


def test_who_inherits_the_referrals_of_who_leaves_makes_the_calls_too(sent: Outgoing, lien: Member) -> None:
    colleague, admin = a_member(Role.TEAM_MEMBER, "zuiderkempen"), a_member(Role.ADMINISTRATOR)
    assert leaving.hand_over(lien, colleague, by=admin, at=NOW) == 1
    assert calls.open_calls(colleague, NOW) == [sent]
    assert calls.read_password(calls.open_calls(colleague, NOW)[0], by=colleague, at=NOW)
    post._mark_sent(post._claim_outgoing(NOW) or sent, NOW)
    withdrawal.withdraw(Referral.objects.get(), by=colleague, at=LATER)
    [retraction] = calls.open_calls(colleague, LATER)
    heir = Member.objects.get(pk=lien.pk)
    assert leaving.hand_over(colleague, heir, by=admin, at=LATER) == 0  # a withdrawn referral stays whose it was
    assert calls.open_calls(heir, LATER) == [retraction] and retraction.kind == "retraction"


def a_parcel(kind: str, by: str) -> Outgoing:
    sealed = seal.Parcel(uuid4(), kind, b"7z", "a.signed.manifest", "zeven-woorden", "zeven-woorden")
    facts = {"recipient": WESTERLO, "mailbox": "info.ocmw@westerlo.be", "awaits_receipt": True}
    return post.queue(sealed, at=NOW, subject=uuid4(), by=by, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", list(Role))
def test_the_open_calls_are_those_that_they_may_make(lien: Member, role: Role) -> None:
    Team.objects.create(code="other", name="Ander team")
    stranger = a_member(Role.TEAM_LEAD, "other")
    who = a_member(role, "zuiderkempen")
    alone = Member.objects.create(username="alone", role=Role.TEAM_MEMBER)
    authors = [*(each.pseudonym.hex for each in (who, lien, stranger, alone)), "worker"]
    for kind, by in itertools.product((*calls.CALLERS, "notice"), authors):
        a_parcel(kind, by)
    for each in (who, Member(role=role, username="x"), a_member(role)):
        theirs = [parcel for parcel in calls.waiting() if calls.may_call(each, parcel, NOW)]
        assert {parcel.pk for parcel in calls.open_calls(each, NOW)} == {parcel.pk for parcel in theirs}


@pytest.mark.parametrize("calls_of_others", [1, 30])
def test_a_page_asks_for_its_calls_once_however_many_others_have(
    lien: Member, calls_of_others: int, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    Team.objects.create(code="other", name="Ander team")
    stranger, colleague = a_member(Role.TEAM_LEAD, "other"), a_member(Role.TEAM_MEMBER, "zuiderkempen")
    for _ in range(calls_of_others):
        a_parcel("referral", stranger.pseudonym.hex)
        a_parcel("referral", colleague.pseudonym.hex)
    mine = a_parcel("referral", lien.pseudonym.hex)
    with django_assert_num_queries(3) as asked:  # one of them: for whom she stands in today
        assert calls.open_calls(lien, NOW) == [mine]
    statements = [query["sql"] for query in asked.captured_queries]  # type: ignore[attr-defined]
    assert not any(column in statement for statement in statements for column in ('"archive"', '"manifest"'))
    with django_assert_num_queries(3):
        assert len(calls.open_calls(stranger, NOW)) == calls_of_others


def test_a_lost_mail_is_sealed_anew_with_the_same_content_and_other_words(sent: Outgoing, lien: Member) -> None:
    before = calls.read_password(sent, by=lien, at=NOW)
    anew = calls.mail_anew(sent, by=lien, at=LATER)
    sent.refresh_from_db()
    assert sent.state == OutgoingState.STOPPED and not calls.has_words(sent)
    assert calls.read_password(anew, by=lien, at=LATER) != before
    assert anew.parcel_id != sent.parcel_id and anew.by == sent.by and anew.subject == sent.subject
    calls.tell(anew, "Hilde Maes", by=lien, at=LATER)
    calls.confirm(anew, take_receipt=TAKE_RECEIPT, by=lien, at=LATER)
    assert Referral.objects.get().state == ReferralState.RECEIVED  # the desk knows the first number only
    assert post.latest(sent.parcel_id) == anew


def test_what_is_sealed_anew_is_for_the_same_person_and_mailbox_and_proves_what_they_saw(
    sent: Outgoing, westerlo: OtherParty
) -> None:
    ledger.checkpoint(NOW)
    Held.objects.create(origin=queries.origin(WESTERLO), size=1)
    Outgoing.objects.update(kind="onward", subject=None, mailbox="elders@voorbeeld.example")
    Counterparty.objects.update(parcel_key=public_parcel_key(westerlo.parcel_key))  # for a person all the same
    anew = calls.seal_anew(Outgoing.objects.get(), by=WORKER, at=LATER)
    said = manifest.read(anew.manifest.encode()).manifest
    assert said.consistency and (said.checkpoint, said.consistency) == witness.for_parcel_to(WESTERLO)
    assert anew.by_phone and anew.mailbox == "info.ocmw@westerlo.be"
    entry = Entry.objects.latest("id")
    assert (entry.act, entry.subject, entry.by, entry.at) == ("sealed_anew", str(sent.parcel_id), "worker", LATER)
    ProtocolVersion.objects.all().delete()
    assert calls.seal_anew(anew, by=WORKER, at=LATER).mailbox == "", "and nowhere when that says none any more"


def test_what_was_sealed_to_the_key_before_is_sealed_anew_each_and_what_cannot_be_stops_none(sent: Outgoing) -> None:
    canaries = [seal.Parcel(uuid4(), "canary", b"7z", "-") for _ in range(2)]
    before, after = (
        post.queue(canary, recipient=WESTERLO, mailbox="", awaits_receipt=True, at=at)
        for canary, at in zip(canaries, (NOW, LATER), strict=True)
    )
    gone = a_parcel("referral", "")
    Outgoing.objects.filter(pk=gone.pk).update(secret=uuid4())
    again, kept = Outgoing.objects.get(pk=sent.pk), vault.read(sent.secret)  # type: ignore[arg-type]
    again.pk, again.parcel_id, again.secret = None, uuid4(), uuid4()
    with transaction.atomic():
        vault.put(again.secret, kept, reason=Reason.PARCEL_PASSWORD, due_on=LATER.date(), at=NOW)
    again.save()
    assert calls.seal_open_anew(WESTERLO, before=LATER, by=WORKER, at=LATER) == 2
    states = {each: Outgoing.objects.get(pk=each.pk).state for each in (after, gone, sent, again, before)}
    assert states == {after: "queued", gone: "queued", sent: "stopped", again: "stopped", before: "stopped"}
    [entry] = Entry.objects.filter(act="sealed_stopped")
    assert (entry.subject, entry.by, entry.at) == (str(before.parcel_id), "worker", LATER)


def test_a_withdrawn_referral_has_no_words_left_also_when_it_was_sealed_anew(sent: Outgoing, lien: Member) -> None:
    anew = calls.mail_anew(sent, by=lien, at=LATER)
    withdrawal.withdraw(Referral.objects.get(), by=lien, at=LATER)
    anew.refresh_from_db()
    assert anew.state == OutgoingState.STOPPED and not calls.has_words(anew)
    retraction = Outgoing.objects.get(kind="retraction")
    assert retraction.by_phone and calls.may_call(lien, retraction, LATER)


def test_what_nobody_confirmed_in_two_weeks_can_be_sent_anew_by_who_referred(sent: Outgoing, lien: Member) -> None:
    with pytest.raises(WrongState):
        services.send(Referral.objects.get(), by=lien, at=LATER)
    much_later = NOW + timedelta(days=15)
    assert post.give_up(much_later) == 1
    services.send(Referral.objects.get(), by=lien, at=much_later)
    sent.refresh_from_db()
    assert sent.state == OutgoingState.STOPPED
    assert Outgoing.objects.filter(state=OutgoingState.QUEUED).count() == 1


def test_the_words_survive_whatever_dies_since_they_are_in_the_transaction_of_the_act(sent: Outgoing) -> None:
    """The password is a record of the vault, written with the outbox row: both or neither."""
    assert sent.secret is not None
    assert calls.has_words(Outgoing.objects.get(pk=sent.pk))


def test_a_message_comes_back_out_of_an_archive_that_is_sealed_anew(sent: Outgoing, lien: Member) -> None:

    anew = calls.mail_anew(sent, by=lien, at=LATER)
    data = bytes(anew.archive)
    key = archive.ArchiveKey.derive(calls.read_password(anew, by=lien, at=LATER), archive.salt_of(data))
    found = message.parse(archive.unpack(data, key.derived).message)
    assert isinstance(found, message.Referral) and found.client == AMAL


def test_a_consent_that_is_taken_back_is_told_by_phone_and_the_page_says_so(sent: Outgoing, lien: Member) -> None:
    calls.tell(sent, "Nadia Claes", by=lien, at=NOW)
    calls.confirm(sent, take_receipt=TAKE_RECEIPT, by=lien, at=NOW)
    page, client = f"/referrals/{Referral.objects.get().reference}", Client()
    client.force_login(lien)
    answer = client.post(f"{page}/withdraw", {"is_sure": "on"})
    retraction = Outgoing.objects.get(kind="retraction")
    assert answer.headers["Location"] == f"/calls/{retraction.parcel_id}"
    shown = client.get(page).content.decode()
    assert "bel OCMW Westerlo" in shown and answer.headers["Location"] in shown and "verteld dat" not in shown
    calls.tell(retraction, "Nadia Claes", by=lien, at=NOW)
    calls.confirm(retraction, take_receipt=TAKE_RECEIPT, by=lien, at=NOW)
    assert "bel OCMW Westerlo" not in client.get(page).content.decode()
