"""What two officers tell each other of a breach: to whom which references, what was read, and new facts (art. 9)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from brug.core import message
from brug.core.codes import Aspect, Risk
from brug.core.identity import Invalid
from brug.core.parcel import archive
from brug.core.protocol.document import Protocol
from brug.desks.breaches import affected, services, telling
from brug.desks.breaches.models import Affected, Breach, Word
from brug.desks.breaches.states import BreachState, Kind, NotNotified, NotTold, Source
from brug.office import plug
from brug.office.disclosure import calls
from brug.office.disclosure.services import Arrival
from brug.office.ledger import services as ledger
from brug.office.ledger.acts import OPERATOR, WORKER, Act
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Outgoing
from brug.office.registry import services as registry
from tests.conftest import OPGROEIEN, PROTOCOL_TEXT, WESTERLO, OtherParty
from tests.flows.both_sides import BothSides, with_officers

SECOND_KBO = "0207654333"
SECOND = PROTOCOL_TEXT.replace("0886.886.638", "0207.654.333").replace("id: opgroeien-ocmw", "id: tweede-ocmw", 1)
TEXTS = {"facts": "De mailbox is overgenomen.", "consequences": "Lezen.", "measures": "Wachtwoord vervangen."}


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    return with_officers(BothSides(protocol, westerlo, lien, settings))


@pytest.fixture
def breach(sides: BothSides) -> Breach:
    """A described case at the OCMW."""
    found = services.suspect(Kind.MAILBOX, sides.at, "Iets.", is_going_on=False, by=sides.karim, at=sides.at)
    services.confirm(found, sides.at, by=sides.dw, at=sides.at)
    services.describe(found, aspects=[Aspect.CONFIDENTIALITY], risk=Risk.UNLIKELY, by=sides.dw, at=sides.at, **TEXTS)
    return found


def tell(sides: BothSides, breach: Breach) -> message.BreachNotice:
    """The OCMW tells Opgroeien regie; what arrives there."""
    with sides.at_node_of(WESTERLO):
        telling.tell(breach, OPGROEIEN, by=sides.dw, at=sides.at)
    [found] = [content for _kind, content in sides.deliver() if isinstance(content, message.BreachNotice)]
    return found


def take(sides: BothSides, content: message.Message, sender: str, at_node_of: str) -> None:
    with sides.at_node_of(at_node_of), transaction.atomic():
        plug.takes()[content.kind](content, Arrival(sender, uuid.uuid4(), sides.protocol), sides.at)


@pytest.mark.parametrize("said", ["notice", "remark"])
def test_an_officer_without_a_node_gets_it_in_a_7z_mail_and_the_words_by_phone(
    said: str, sides: BothSides, breach: Breach
) -> None:
    Counterparty.objects.filter(kbo=OPGROEIEN).update(parcel_key=b"")
    with sides.at_node_of(WESTERLO):
        telling.tell(breach, OPGROEIEN, by=sides.dw, at=sides.at)
        if said == "remark":
            telling.remark(breach, "Wij belden de beheerder.", by=sides.dw, at=sides.at)
        out = Outgoing.objects.get(kind=f"breach_{said}")
        assert calls.open_calls(sides.dw, sides.at)[-1] == out
        words = calls.read_password(out, by=sides.dw, at=sides.at)
        salt = archive.salt_of(bytes(out.archive))
        opened = message.parse(
            archive.unpack(bytes(out.archive), archive.ArchiveKey.derive(words, salt).derived).message
        )
        assert (opened.facts if isinstance(opened, message.BreachNotice) else opened.remark) == (  # type: ignore[union-attr]
            TEXTS["facts"] if said == "notice" else "Wij belden de beheerder."
        )
        calls.tell(out, "Dina Ooms", by=sides.dw, at=sides.at)
        calls.confirm(out, take_receipt=plug.takes()["receipt"], by=sides.dw, at=sides.at)
        assert out not in calls.open_calls(sides.dw, sides.at)


def test_a_party_is_told_the_references_that_passed_between_us_and_of_the_others_about_how_many(
    sides: BothSides, breach: Breach
) -> None:
    """Which of its referrals has a file here is nobody's to know (art. 4); nor that of another discloser."""
    shown, told, hidden, kept, elsewhere = (uuid.uuid4() for _ in range(5))
    for reference, source, party in (
        (shown, Source.MAILBOX, OPGROEIEN),
        (told, Source.TOLD, OPGROEIEN),
        (hidden, Source.ACCOUNT, OPGROEIEN),
        (kept, Source.BACKUP, OPGROEIEN),
        (elsewhere, Source.MAILBOX, SECOND_KBO),
        (uuid.uuid4(), Source.MAILBOX, ""),
    ):
        Affected.objects.create(breach=breach, reference=reference, told_as=reference, source=source, party=party)
    notice = tell(sides, breach)
    assert set(notice.references) == {shown, told}
    assert notice.facts == f"{TEXTS['facts']}\n{telling.OTHERS.format(10)}"


def test_whose_a_reference_is_says_the_protocol_or_the_parcel(sides: BothSides, settings: Any) -> None:
    settings.PARTY = WESTERLO
    known, unknown = uuid.uuid4(), uuid.uuid4()
    version = f"{sides.protocol.id}@{sides.protocol.version}"
    with transaction.atomic():
        ledger.record(Act.INTAKE_RECEIVED, known, by=WORKER, at=sides.at, protocol=version)
        ledger.record(Act.INTAKE_RECEIVED, unknown, by=WORKER, at=sides.at)
    assert affected.parties_of([known, unknown]) == {known: {OPGROEIEN}}


def test_what_an_account_opened_may_be_told_once_it_lay_in_the_mailbox_too(sides: BothSides, breach: Breach) -> None:
    same = uuid.uuid4()
    for source in (Source.ACCOUNT, Source.MAILBOX, Source.BACKUP):
        affected.add([Affected(breach=breach, reference=same, told_as=same, source=source, party=OPGROEIEN)])
    assert Affected.objects.get().source == Source.MAILBOX


def test_every_party_with_affected_references_is_told_and_each_counts_for_itself(
    sides: BothSides, breach: Breach, settings: Any
) -> None:
    registry.adopt(SECOND, by=OPERATOR, at=sides.at)
    Counterparty.objects.create(
        kbo=SECOND_KBO, name="Een tweede aanmelder", mailbox="tweede@voorbeeld.example", confirmed_at=sides.at
    )
    settings.PARTY = WESTERLO
    theirs = {OPGROEIEN: uuid.uuid4(), SECOND_KBO: uuid.uuid4()}
    for kbo, reference in theirs.items():
        Affected.objects.create(breach=breach, reference=reference, told_as=reference, source=Source.MAILBOX, party=kbo)
    telling.tell(breach, OPGROEIEN, by=sides.dw, at=sides.at)
    assert "tell" in services.open_points(breach)
    telling.tell(breach, SECOND_KBO, by=sides.dw, at=sides.at)
    telling.tell(breach, SECOND_KBO, by=sides.dw, at=sides.at)
    assert "tell" not in services.open_points(breach)
    said = Word.objects.order_by("pk").values_list("party", "number", "count", "by_phone")
    assert list(said) == [(OPGROEIEN, 1, 1, False), (SECOND_KBO, 1, 1, True), (SECOND_KBO, 2, 1, True)]
    with pytest.raises(Invalid) as refused:
        telling.remark(breach, "Aan wie?", by=sides.dw, at=sides.at)
    assert refused.value.code == "not_shared"
    telling.remark(breach, "Aan u.", OPGROEIEN, by=sides.dw, at=sides.at)
    assert Word.objects.filter(number=None).get().party == OPGROEIEN
    page = sides.page(sides.dw, f"/breaches/{breach.reference}/remark").content.decode()
    assert "Een tweede aanmelder" in page


def test_two_parties_may_use_the_same_number_for_a_breach(sides: BothSides, breach: Breach) -> None:
    notice = tell(sides, breach)
    take(sides, notice, SECOND_KBO, OPGROEIEN)
    assert set(Breach.objects.filter(is_theirs=True).values_list("party", flat=True)) == {WESTERLO, SECOND_KBO}


@pytest.mark.parametrize("ended", [BreachState.CLOSED, BreachState.NO_BREACH])
def test_a_later_notice_opens_a_case_that_had_ended(sides: BothSides, breach: Breach, ended: BreachState) -> None:
    first = tell(sides, breach)
    theirs = Breach.objects.get(is_theirs=True)
    if ended == BreachState.NO_BREACH:
        services.rule_out(theirs, "Niets van ons.", by=sides.dina, at=sides.at)
    else:
        _read_and_close(sides, theirs)
    take(sides, first, WESTERLO, OPGROEIEN)  # the same number says nothing new
    theirs.refresh_from_db()
    assert theirs.state == ended
    take(sides, first.model_copy(update={"number": 2, "risk": "high"}), WESTERLO, OPGROEIEN)
    theirs.refresh_from_db()
    opened = BreachState.SUSPECTED if ended == BreachState.NO_BREACH else BreachState.AWARE
    assert (theirs.state, theirs.closed_at, theirs.authority_at, theirs.not_notified) == (opened, None, None, "")
    waits = [line.words for line in plug.waiting(sides.dina, sides.at) if theirs.number in line.words]
    assert len(waits) == (1 if ended == BreachState.NO_BREACH else 2)  # to be read, and the 72 hours run on


def _read_and_close(sides: BothSides, breach: Breach) -> None:
    with sides.at_node_of(OPGROEIEN):
        telling.read(breach, Word.objects.filter(breach=breach).get().pk, by=sides.dina, at=sides.at)
        services.spare_authority(breach, NotNotified.UNREADABLE, by=sides.dina, at=sides.at)
        services.spare_persons(breach, NotTold.NO_HIGH_RISK, by=sides.dina, at=sides.at)
        services.close(breach, "Geleerd.", by=sides.dina, at=sides.at)


def test_only_what_was_on_the_page_is_read(sides: BothSides, breach: Breach) -> None:
    first = tell(sides, breach)
    theirs = Breach.objects.get(is_theirs=True)
    case = f"/breaches/{theirs.reference}"
    shown = Word.objects.get(breach=theirs)
    assert f'name="seen" value="{shown.pk}"' in sides.page(sides.dina, case).content.decode()
    take(sides, first.model_copy(update={"number": 2}), WESTERLO, OPGROEIEN)
    assert sides.page(sides.dina, f"{case}/read", seen="iets").status_code == 302
    assert not Word.objects.exclude(read_at=None).exists()
    sides.page(sides.dina, f"{case}/read", seen=str(shown.pk))
    unread = Word.objects.filter(breach=theirs, read_at=None)
    assert list(unread.values_list("number", flat=True)) == [2]


def test_an_acknowledgement_is_of_what_was_said_by_then(sides: BothSides, breach: Breach) -> None:
    tell(sides, breach)
    read_at = sides.at + timedelta(minutes=5)
    sides.at += timedelta(minutes=10)
    tell(sides, breach)
    take(sides, message.Acknowledgement(about=breach.breach_id, read_at=read_at), OPGROEIEN, WESTERLO)
    ours = Word.objects.filter(breach=breach).order_by("number")
    assert [word.read_at for word in ours] == [read_at, None]
    never = message.Acknowledgement(about=breach.breach_id, read_at=sides.at + timedelta(days=365))
    take(sides, never, OPGROEIEN, WESTERLO)
    assert [word.read_at for word in ours.all()] == [read_at, sides.at]


def test_the_same_remark_in_a_second_parcel_has_no_second_effect(sides: BothSides, breach: Breach) -> None:
    tell(sides, breach)
    said = message.BreachRemark(breach_id=breach.breach_id, remark="Zijn er archieven geopend?", said_at=sides.at)
    for _parcel in range(2):
        take(sides, said, OPGROEIEN, WESTERLO)
    assert Word.objects.filter(breach=breach, is_ours=False).count() == 1


def test_an_officer_opens_a_closed_case_when_new_facts_come(sides: BothSides, breach: Breach) -> None:
    tell(sides, breach)
    services.notify_authority(breach, "gba", "2026-1", sides.at, "", by=sides.dw, at=sides.at)
    services.spare_persons(breach, NotTold.NO_HIGH_RISK, by=sides.dw, at=sides.at)
    services.close(breach, "Geleerd.", by=sides.dw, at=sides.at)
    case = f"/breaches/{breach.reference}"
    assert f"{case}/reopen" in sides.page(sides.dw, case).content.decode()
    assert sides.page(sides.dw, f"{case}/reopen", new_facts="Ook de tweede mailbox.").status_code == 302
    breach.refresh_from_db()
    assert (breach.state, breach.closed_at, breach.authority) == (BreachState.AWARE, None, "gba")
    assert breach.facts.endswith("\nOok de tweede mailbox.")
    assert Outgoing.objects.filter(kind="breach_notice").count() == 1


def test_a_second_click_reports_one_suspicion_tells_once_and_remarks_once(sides: BothSides, breach: Breach) -> None:
    once = re.search(r'name="once" value="([^"]+)"', sides.page(sides.karim, "/breaches/report").content.decode())
    assert once
    noticed = {"kind": "mailbox", "noticed_at": "2026-11-23T09:00", "text": "Een vreemde mail.", "once": once[1]}
    before = Breach.objects.count()
    for _ in range(2):
        assert sides.page(sides.karim, "/breaches/report", **noticed).status_code == 200
    assert Breach.objects.count() == before + 1
    for step, more in (("tell", {"party": OPGROEIEN}), ("remark", {"text": "Wij belden de beheerder."})):
        page = f"/breaches/{breach.reference}/{step}"
        said = re.search(r'name="said" value="(\d+)"', sides.page(sides.dw, page).content.decode())
        assert said
        for _ in range(2):
            assert sides.page(sides.dw, page, said=said[1], **more).status_code == 302
    assert [word.number for word in Word.objects.order_by("pk")] == [1, None]
    assert Outgoing.objects.count() == 2
