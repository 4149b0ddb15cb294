"""A sender without a node: waits for its password, is believed by nobody, and has a receipt like any other (art. 6)."""

from __future__ import annotations

import mailbox
import subprocess
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from brug.core import message
from brug.core.identity import Invalid
from brug.core.parcel import Rejected, Rejection
from brug.core.protocol.decide import Denied
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.casework.models import Intake
from brug.node import worker
from brug.office import plug
from brug.office.disclosure import by_hand, calls, quarantine
from brug.office.disclosure import services as disclosure
from brug.office.disclosure.services import Arrival
from brug.office.ledger.acts import OPERATOR
from brug.office.ledger.models import Entry
from brug.office.parties.may import NotAllowed, Verb
from brug.office.parties.models import Counterparty, Member
from brug.office.post import aside, mail, transport
from brug.office.post import by_hand as archives
from brug.office.post import services as post
from brug.office.post.findings import Found
from brug.office.post.models import Accepted, ByHand, Incoming, Outgoing
from brug.office.post.states import ByHandState
from brug.office.roles import Role
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from tests.conftest import NOW, OPGROEIEN, OtherParty
from tests.desks.referrals.test_services import AMAL
from tests.office.disclosure.test_calls import a_member, acts
from tests.office.disclosure.test_take_in import answer, arrive, referral, sealed

LATER = NOW + timedelta(hours=1)
PASSWORD = "Zomer in Westerlo!"
RECEIVE = plug.takes()["referral"]


@pytest.fixture
def no_node(opgroeien: OtherParty) -> OtherParty:
    """Opgroeien regie mails by hand; this node is OCMW Westerlo's."""
    no_keys = {"signing_key": b"", "checkpoint_key": b"", "parcel_key": b""}
    Counterparty.objects.filter(kbo=OPGROEIEN).update(phone="+3222222222", **no_keys)
    return opgroeien


@pytest.fixture
def karim(db: None) -> Member:
    return a_member(Role.SOCIAL_WORKER)


def archive(folder: Path, *options: str, said: str = "Amal Haddou, Polderstraat 14, moeder van drie") -> bytes:
    (folder / "aanmelding.txt").write_text(said)
    path = folder / "a.7z"
    path.unlink(missing_ok=True)
    subprocess.run(["7zz", "a", *options, str(path), "aanmelding.txt"], cwd=folder, check=True, capture_output=True)
    return path.read_bytes()


@pytest.fixture
def made(tmp_path: Path) -> bytes:
    return archive(tmp_path, f"-p{PASSWORD}", "-mhe=on")


def mailed(data: bytes, name: str = "aanmelding Haddou é.7z") -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "Lien Peeters <lien@opgroeien.example>", "Amal Haddou"
    letter.set_content("Dag Hilde, Amal Haddou heeft hulp nodig")
    letter.add_attachment(data, "application", "octet-stream", filename=name)
    return letter.as_bytes()


def arrives(raw: bytes) -> None:
    Incoming.objects.create(raw=raw, size=len(raw), fetched_at=NOW, due_at=NOW)
    worker.take_in(NOW)


def what_is_typed(protocol: Protocol, **otherwise: object) -> by_hand.Typed:
    day = NOW.date()
    facts = {
        "protocol": protocol,
        "client": AMAL,
        "residence": "13049",
        "notifier": message.Notifier(name="Lien Peeters", team="zuiderkempen"),
        "attestation": message.Attestation(
            informed_on=day,
            consented_on=day,
            purposes=protocol.purposes,
            fields=AMAL.fields_given(),
            bound_by_secrecy=True,
            met_on_duty=True,
            judged_with_client=True,
        ),
    }
    return by_hand.Typed(**{**facts, **otherwise})  # type: ignore[arg-type]


@pytest.fixture
def opened(no_node: OtherParty, made: bytes, karim: Member) -> ByHand:
    arrives(mailed(made))
    kept = ByHand.objects.get()
    by_hand.open_archive(kept, PASSWORD, by=karim, at=LATER)
    return ByHand.objects.get()


def test_a_mail_with_an_archive_waits_for_its_password_and_nothing_else_of_it_is_kept(
    no_node: OtherParty, made: bytes, karim: Member
) -> None:
    arrives(mailed(made))
    kept = archives.waiting().get()
    assert not Incoming.objects.exists()
    said = by_hand.look_inside(kept, by=karim, at=NOW)
    assert said["name"] == "aanmelding Haddou é.7z"
    assert said["claims"][0][0] == "From" and "Haddou" not in str(said["claims"]) and said["files"] is None
    assert vault.read(kept.record).keys() == {"claims", "name", "archive"}
    arrives(mailed(made))  # the mail system brings it twice
    assert ByHand.objects.count() == 1 and acts()[-1] == "by_hand_came_twice"


def test_a_name_that_the_mail_program_wrapped_is_still_an_archive(no_node: OtherParty, made: bytes) -> None:
    wrapped = mailed(made, "a.7z").replace(b'filename="a.7z"', b'filename="=?utf-8?B?w6kuN3o=?="')
    assert mail.made_by_hand(wrapped).archives == [("é.7z", made)]


@pytest.mark.parametrize("other", ["brief.docx", "zending-01a208b7-9a20-7336-893a-e54fd35e58f6.7z"])
def test_other_mail_is_left_alone(other: str) -> None:
    assert mail.made_by_hand(mailed(b"x", other)) == Found()
    assert mail.made_by_hand(mailed(b"x").replace(b"From:", b"Auto-Submitted: auto-replied\nFrom:", 1)) == Found()


def test_of_a_mail_by_hand_only_the_archive_is_ever_stored_and_what_is_refused_stays_where_it_was(
    no_node: OtherParty, made: bytes, settings: Settings, tmp_path: Path
) -> None:
    """A mailbox is shared with people: what is not protected, or too large, may be theirs (art. 6)."""
    settings.MAIL_INCOMING = f"maildir:{tmp_path / 'box'}"
    box = mailbox.Maildir(tmp_path / "box", create=True)
    box.add(mailed(made, "x" * 130 + ".7z"))
    theirs = {box.add(mailed(data, name)) for data, name in ((archive(tmp_path), "foto.7z"), (b"7z", "b.7z"))}
    theirs.add(box.add(mailed(made + bytes(1_048_576), "groot.7z")))
    for _ in range(2):  # the second look tells nobody again
        post.collect(NOW)
        assert set(box.keys()) == theirs
    stored = Incoming.objects.exclude(due_at=None).get()
    for row in Incoming.objects.all():
        assert b"Lien" in bytes(row.raw) and b"Haddou" not in bytes(row.raw) and b"Hilde" not in bytes(row.raw)
    refused = Incoming.objects.filter(due_at=None).values_list("rejection", flat=True)
    assert set(refused) == {"not_encrypted", "bad_archive", "too_large"} and len(refused) == 3
    worker.take_in(NOW)
    Incoming.objects.filter(due_at=None).delete()  # a person threw the notices away
    transport.incoming.cache_clear()  # and the worker began anew: who was told once is told no more
    post.collect(NOW)
    assert set(box.keys()) == theirs and not Incoming.objects.exists()
    kept = ByHand.objects.get()
    assert vault.read(kept.record)["name"] == "x" * 117 + ".7z" and not Incoming.objects.filter(pk=stored.pk).exists()


def test_strangers_cannot_fill_the_disk_with_archives_and_what_was_left_comes_in_when_there_is_room(
    no_node: OtherParty,
    made: bytes,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.MAIL_INCOMING = f"maildir:{tmp_path / 'box'}"
    box = mailbox.Maildir(tmp_path / "box", create=True)
    monkeypatch.setattr(archives, "WAITING_LIMIT", 3 * len(made))
    for said in ("een", "twee", "drie", "vier"):
        box.add(mailed(archive(tmp_path, f"-p{PASSWORD}", "-mhe=on", said=said)))
    real = time.monotonic
    for hour in range(3):  # what was fetched and not looked into yet counts too
        monkeypatch.setattr(time, "monotonic", lambda hour=hour: real() + 3601 * hour)
        caplog.clear()
        for _ in range(2):
            post.collect(NOW)
        worker.take_in(NOW)
        assert caplog.text.count("too many wait here") == 1, "what stays is not read at each turn"
    assert (ByHand.objects.count(), len(box)) == (3, 1) and not Incoming.objects.exists()
    ByHand.objects.filter(pk=ByHand.objects.earliest("pk").pk).update(state=ByHandState.OPENED)
    monkeypatch.setattr(time, "monotonic", lambda: real() + 3601 * 9)
    post.collect(NOW)
    worker.take_in(NOW)
    assert (ByHand.objects.count(), len(box)) == (4, 0)


def test_a_node_may_leave_them_to_people(no_node: OtherParty, made: bytes, settings: Settings) -> None:
    settings.BY_HAND = False
    arrives(mailed(made))
    assert not ByHand.objects.exists()
    assert Incoming.objects.get().rejection == Rejection.NOT_A_PARCEL


def test_what_is_not_encrypted_is_refused_and_not_even_kept(no_node: OtherParty, tmp_path: Path, karim: Member) -> None:
    data = archive(tmp_path)
    arrives(mailed(data))
    row = Incoming.objects.get()
    assert row.rejection == Rejection.NOT_ENCRYPTED and row.due_at is None
    assert b"Amal" not in bytes(row.raw) and b"Polderstraat" not in bytes(row.raw) and b"Lien" in bytes(row.raw)
    with pytest.raises(Rejected):
        by_hand.upload(data, by=karim, at=NOW)
    assert not ByHand.objects.exists() and not Envelope.objects.exists()


def test_a_wrong_password_changes_nothing_and_a_second_opening_neither(
    no_node: OtherParty, made: bytes, karim: Member
) -> None:
    kept = by_hand.upload(made, by=karim, at=NOW)
    with pytest.raises(Rejected):
        by_hand.open_archive(kept, "fout", by=karim, at=NOW)
    kept.refresh_from_db()
    assert (kept.state, kept.tries) == (ByHandState.WAITING, 1)
    by_hand.open_archive(kept, PASSWORD, by=karim, at=NOW)
    assert "archive" not in vault.read(kept.record)  # the raw archive is gone, its text is in the vault
    kept.refresh_from_db()
    with pytest.raises(WrongState):
        by_hand.open_archive(kept, PASSWORD, by=karim, at=NOW)


def test_what_is_typed_over_becomes_an_unproven_intake_with_a_receipt_by_phone(
    opened: ByHand, karim: Member, protocol: Protocol
) -> None:
    inside = by_hand.look_inside(opened, by=karim, at=LATER)
    assert "moeder van drie" in inside["files"][0]["text"]
    by_hand.take_in(opened, what_is_typed(protocol), receive=RECEIVE, excess=True, by=karim, at=LATER)
    row, intake = ByHand.objects.get(), Intake.objects.get()
    assert (row.state, row.sender, row.parcel_id) == (ByHandState.UNPROVEN, OPGROEIEN, intake.parcel_id)
    assert list(archives.unproven()) == [row]
    accepted = Accepted.objects.get()
    assert (accepted.parcel_id, accepted.sender) == (intake.parcel_id, OPGROEIEN)
    assert (accepted.manifest_sha256, accepted.accepted_at) == (row.archive_sha256, LATER)
    kept = vault.read(intake.record)
    assert "moeder van drie" not in str(kept) and kept["referral"]["client"]["given_name"] == "Amal"
    with pytest.raises(vault.Erased):  # everything else in the archive
        vault.read(row.record)
    assert {"taken_in_by_hand", "excess_erased", "receipt_sent"} <= set(acts())
    assert Entry.objects.get(act="excess_erased").article == "art. 7"
    receipt = Outgoing.objects.get()
    assert (receipt.kind, receipt.by_phone) == ("receipt", True) and calls.may_call(karim, receipt, LATER)
    calls.tell(receipt, "Lien Peeters", by=karim, at=LATER)
    calls.confirm(receipt, take_receipt=plug.takes()["receipt"], by=karim, at=LATER)
    by_hand.called_back(row, sent_it=True, by=karim, at=LATER)
    proven = ByHand.objects.get()
    assert (proven.state, proven.ended_at) == (ByHandState.PROVEN, LATER) and not calls.has_words(receipt)
    assert acts()[-1] == "by_hand_proven"
    with pytest.raises(WrongState):
        by_hand.called_back(row, sent_it=False, by=karim, at=LATER)


def test_a_second_click_on_take_in_denies_nothing_and_what_nobody_sent_is_erased_before_contact(
    opened: ByHand, karim: Member, protocol: Protocol, client: Client
) -> None:
    by_hand.take_in(opened, what_is_typed(protocol), receive=RECEIVE, excess=True, by=karim, at=LATER)
    Intake.objects.update(worker=karim, state="assigned")
    intake, page = Intake.objects.get(), f"/by-hand/{opened.reference}"
    client.force_login(karim)
    client.post(page, {"given_name": "Amal", "excess": "on"})
    assert ByHand.objects.get().state == ByHandState.UNPROVEN
    client.post(page, {"sent_it": "no"})
    assert ByHand.objects.get().state == ByHandState.DENIED and acts()[-1] == "by_hand_denied"
    erase = f"/cases/mine/{intake.reference}/end/not_sent"
    assert erase in client.get(f"/cases/mine/{intake.reference}").content.decode()
    assert client.get(erase).status_code == 200
    assert client.post(erase, {"version": intake.version}).status_code == 302
    assert not Intake.objects.exists() and acts()[-1] == "ended.not_sent"
    assert not Outgoing.objects.exclude(kind="receipt").exists(), "who did not send it hears of no address"


def test_the_protocol_decides_over_what_was_typed_too(opened: ByHand, karim: Member, protocol: Protocol) -> None:
    with pytest.raises(Denied, match="residence_not_served"):
        typed = what_is_typed(protocol, residence="13013")
        by_hand.take_in(opened, typed, receive=RECEIVE, excess=False, by=karim, at=LATER)
    assert not Intake.objects.exists() and not Accepted.objects.exists() and not Outgoing.objects.exists()
    assert ByHand.objects.get().state == ByHandState.OPENED


def test_the_same_archive_has_no_second_effect(opened: ByHand, made: bytes, karim: Member, protocol: Protocol) -> None:
    take = partial(by_hand.take_in, receive=RECEIVE, excess=False, by=karim, at=LATER)
    take(opened, what_is_typed(protocol))
    with pytest.raises(WrongState):
        take(opened, what_is_typed(protocol))
    arrives(mailed(made))
    assert Intake.objects.count() == ByHand.objects.count() == 1


def test_who_is_not_bound_or_not_of_the_desk_opens_nothing(no_node: OtherParty, made: bytes) -> None:
    dpo, unbound = a_member(Role.DPO), a_member(Role.DISPATCHER)
    Member.objects.filter(pk=unbound.pk).update(secrecy_attested_on=None)
    unbound.refresh_from_db()
    for who in (dpo, unbound):
        with pytest.raises(NotAllowed):
            by_hand.upload(made, by=who, at=NOW)


def test_who_opened_it_may_throw_it_away(opened: ByHand, karim: Member) -> None:
    by_hand.discard(opened, by=karim, at=LATER)
    assert not ByHand.objects.exists() and not Envelope.objects.exists()
    entry = Entry.objects.latest("id")
    told = (entry.act, entry.subject, entry.by, entry.at)
    assert told == ("by_hand_discarded", str(opened.reference), karim.pseudonym.hex, LATER)


def test_what_is_typed_is_under_a_protocol_by_which_a_party_that_we_know_refers_to_us(
    no_node: OtherParty, protocol: Protocol
) -> None:
    assert by_hand.protocols(NOW) == [protocol]
    Counterparty.objects.all().delete()
    assert by_hand.protocols(NOW) == []


def test_a_list_of_before_this_node_is_taken_in_as_of_its_days_whole_or_not_at_all_and_once(
    no_node: OtherParty, protocol: Protocol
) -> None:
    good, bad = what_is_typed(protocol), what_is_typed(protocol, residence="13013")
    taken: list[tuple[message.Message, Arrival, datetime]] = []

    def take(of: list[tuple[datetime, by_hand.Typed]]) -> None:
        taken.clear()
        by_hand.take_in_list(of, "ab" * 32, receive=lambda *told: taken.append(told), by=OPERATOR, at=LATER)

    assert by_hand.why_denied(good, NOW) is None
    for typed, came_at in ((bad, NOW), (good, NOW - timedelta(days=2))):
        denial = by_hand.why_denied(typed, came_at)
        with pytest.raises(Denied) as denied:
            take([(NOW, good), (came_at, typed)])
        assert denied.value.denial == denial != None  # noqa: E711
    assert not Accepted.objects.exists() and not Entry.objects.filter(act="taken_in_by_hand").exists()
    take([(NOW, good)])
    [(content, arrival, at)] = taken
    assert (arrival.sender, arrival.protocol, arrival.came_at, at) == (OPGROEIEN, protocol, NOW, LATER)
    assert content == message.Referral(
        referral_id=arrival.parcel_id, client=good.client, residence=good.residence, notifier=good.notifier,
        attestation=good.attestation,
    )  # fmt: skip
    row = Accepted.objects.get()
    told = (row.parcel_id, row.sender, row.manifest_sha256, row.accepted_at)
    assert told == (arrival.parcel_id, OPGROEIEN, "ab" * 32, LATER)
    entry = Entry.objects.get(act="taken_in_by_hand")
    assert (entry.subject, entry.by, entry.at) == (str(arrival.parcel_id), "operator", LATER)
    with pytest.raises(Invalid) as known:
        take([(NOW, good)])
    assert (known.value.code, str(known.value)) == ("list_known", "This list was taken in before.")
    assert not Outgoing.objects.exists()


def test_what_nobody_takes_in_goes_by_itself(opened: ByHand, settings: Settings) -> None:
    aside.empty_quarantine(NOW + timedelta(days=settings.QUARANTINE_DAYS, hours=1))
    assert not ByHand.objects.exists() and not Envelope.objects.exists()


def test_a_signed_parcel_without_a_password_opens_with_the_phoned_one_and_is_proven(
    opgroeien: OtherParty, protocol: Protocol, karim: Member
) -> None:
    """The other node does not have our card yet: its manifest is signed, its password is phoned."""
    parcel = sealed(opgroeien, referral(protocol), protocol, key=b"")
    posted = Outgoing(
        parcel_id=parcel.id, mailbox="a@b.example", archive=parcel.archive, manifest=parcel.manifest, queued_at=NOW
    )
    arrives(mail.compose(posted, sender="brug@opgroeien.example").as_bytes())
    row = Incoming.objects.get()
    assert row.rejection == Rejection.NO_PASSWORD and parcel.password
    take_in = partial(disclosure.take_in, verbs=plug.takes())
    assert not by_hand.open_signed(row, "fout", take_in=take_in, by=karim, at=LATER)
    row.refresh_from_db()
    assert by_hand.open_signed(row, parcel.password, take_in=take_in, by=karim, at=LATER)
    assert Intake.objects.count() == 1 and not ByHand.objects.exists()


def test_a_sender_that_is_proven_can_be_asked_again_and_no_other(opgroeien: OtherParty, protocol: Protocol) -> None:
    hilde = a_member(Role.DISPATCHER)
    arrive(sealed(opgroeien, referral(protocol), protocol, key=b""))
    worker.take_in(NOW)
    row = Incoming.objects.get()
    quarantine.ask_again(row, by=hilde, at=LATER)
    assert Outgoing.objects.filter(kind="receipt").count() == 2
    again = answer(opgroeien)
    assert (again.result, again.rejection) == ("quarantined", Rejection.NO_PASSWORD)
    assert acts()[-1] == "asked_to_send_again"
    Incoming.objects.update(raw=b"From: x@y.example\r\n\r\n", sender="")
    row.refresh_from_db()
    with pytest.raises(WrongState):
        quarantine.ask_again(row, by=hilde, at=LATER)


def test_what_one_opened_no_colleague_sees_until_they_take_it_over(
    opened: ByHand, karim: Member, client: Client
) -> None:
    """It waits, and whose it is can be seen; taking it over is an act, and the other no longer reads it."""
    ann, last = (
        Member.objects.create(username=n, name=n, role=karim.role, secrecy_attested_on=NOW.date()) for n in "ab"
    )
    for act in (by_hand.look_inside, by_hand.discard):
        with pytest.raises(NotAllowed) as refused:
            act(opened, by=ann, at=LATER)
        assert refused.value.verb == Verb.TAKE_IN_BY_HAND
    client.force_login(ann)
    assert karim.name in client.get("/by-hand").content.decode()
    page = client.get(f"/by-hand/{opened.reference}")
    assert karim.name in page.content.decode() and "Polderstraat" not in page.content.decode()
    assert client.post(f"/by-hand/{opened.reference}", {"given_name": "Amal"}).status_code == 200
    assert client.post(f"/by-hand/{opened.reference}", {"take_over": "yes"}).status_code == 302
    assert "Polderstraat" in client.get(f"/by-hand/{opened.reference}").content.decode()
    theirs = ByHand.objects.get()
    with pytest.raises(NotAllowed):
        by_hand.look_inside(theirs, by=karim, at=LATER)
    assert acts().count("by_hand_taken_over") == 1
    with pytest.raises(WrongState):  # a colleague who clicks on a page of before
        by_hand.take_over(opened, by=last, at=LATER)
