"""Requests of data subjects at both sides: found, gathered, put right, erased; the OCMW is told (GDPR 15 to 19)."""

from __future__ import annotations

import enum
import io
import itertools
import json
import re
import subprocess
import uuid
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from django.db import transaction
from django.urls import reverse

from brug.core import message
from brug.core.calendar import legal_day
from brug.core.identity import Invalid
from brug.core.names import fold
from brug.core.parcel import archive
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState, advance
from brug.desks.casework import aids, files
from brug.desks.casework.models import ClientFile, Intake, Onward, Partner
from brug.desks.members import leaving
from brug.desks.referrals import rights, withdrawal
from brug.desks.referrals import services as referrals
from brug.desks.referrals.models import Referral
from brug.desks.requests import services
from brug.desks.requests.models import Place, Request
from brug.desks.requests.states import (
    TRANSITIONS,
    Channel,
    Deed,
    Identity,
    Longer,
    Refusal,
    RequestEvent,
    RequestState,
    Right,
)
from brug.desks.requests.waiting import ROWS
from brug.office import plug
from brug.office.disclosure import calls, outgoing
from brug.office.disclosure.services import Arrival
from brug.office.ledger.models import Entry
from brug.office.parties import waiting
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Alert, Outgoing
from brug.office.vault import services as vault
from brug.office.vault.models import Envelope
from brug.office.vault.reasons import Reason
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.core.parcel.test_paper import words_of
from tests.flows.both_sides import BothSides, traces

VALUES = ("amal", "haddou", "470000001", "polderstraat", "voorbeeld.example", "499000005")
AMAL = {"given_name": "Amal", "family_name": "Haddou", "phone": "0470 00 00 01"}
ASKER = fold("Amal", "Haddou")


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    both = BothSides(protocol, westerlo, lien, settings)
    both.dw = Member.objects.create(username="dw", name="Dirk Wuyts", role="dpo", email="dw@iok.example")
    both.els = Member.objects.create(
        username="els", name="Els Wouters", role="social_worker", secrecy_attested_on=legal_day(NOW)
    )
    return both


def asked(sides: BothSides, right: Right = Right.ACCESS, worker: Member | None = None) -> Request:
    """A request that came in today, is with `worker` (Els), and is certainly the person's own."""
    made = services.receive(right, Channel.LETTER, legal_day(NOW), asker=ASKER, by=sides.dw, at=NOW)
    services.assign(made, worker or sides.els, by=sides.dw, at=NOW)
    services.identify(made, services.Identity.CARD_SHOWN, by=worker or sides.els, at=NOW)
    return made


def found(sides: BothSides, made: Request, who: Member | None = None, **typed: str) -> list[Place]:
    answer = sides.page(who or sides.els, f"/requests/{made.reference}/find", **(typed or AMAL))
    assert answer.status_code == 302, answer.content.decode()
    return list(made.places.order_by("desk"))


def do(sides: BothSides, made: Request, place: Place, deed: str, who: Member | None = None) -> None:
    answer = sides.page(who or sides.els, f"/requests/{made.reference}/{place.pk}/{deed}", sure="1")
    assert answer.status_code == 302


@pytest.mark.parametrize(("state", "event"), list(itertools.product(RequestState, RequestEvent)))
def test_only_what_is_in_the_table_happens(state: RequestState, event: RequestEvent) -> None:
    if event in TRANSITIONS[state]:
        assert advance(TRANSITIONS, state, event) in RequestState
    else:
        with pytest.raises(WrongState, match=event):
            advance(TRANSITIONS, state, event)


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),
        (date(2026, 11, 23), date(2026, 12, 23), date(2027, 2, 23)),
    ],
)
def test_a_month_and_two_more_without_roll_over(sides: BothSides, received: date, due: date, extended: date) -> None:
    made = services.receive(Right.ACCESS, Channel.EMAIL, received, asker=ASKER, by=sides.dw, at=NOW)
    assert made.due_on == due
    services.extend(made, Longer.COMPLEX, received, by=sides.dw, at=NOW)
    assert made.due_on == extended
    with pytest.raises(Invalid) as again:
        services.extend(made, Longer.MANY, received, by=sides.dw, at=NOW)
    assert again.value.code == "extended_already"


def test_an_extension_is_told_within_the_month(sides: BothSides) -> None:
    made = services.receive(Right.ACCESS, Channel.EMAIL, date(2026, 10, 1), asker=ASKER, by=sides.dw, at=NOW)
    for told_on, code in ((date(2026, 11, 2), "told_too_late"), (date(2026, 9, 30), "told_on_impossible")):
        with pytest.raises(Invalid) as refused:
            services.extend(made, Longer.COMPLEX, told_on, by=sides.dw, at=NOW)
        assert refused.value.code == code
    with pytest.raises(Invalid):
        services.receive(
            Right.ACCESS, Channel.EMAIL, legal_day(NOW) + timedelta(days=1), asker=ASKER, by=sides.dw, at=NOW
        )


def test_everything_about_the_person_is_gathered_at_both_sides_and_readable(sides: BothSides) -> None:
    case = sides.case()
    sides.page(sides.karim, f"/cases/mine/{case}")
    sides.refer(given_name="Sara", family_name="Peeters", phone="+32470000077")
    made = asked(sides)
    places = found(sides, made)
    assert [(place.desk, str(place.reference)) for place in places] == [
        ("casework", case),
        ("referrals", str(sides.referral.reference)),
    ]
    pack = json.loads(sides.page(sides.els, f"/requests/{made.reference}/gather", **{"as": "json"}).content)
    at_ocmw, at_sender = pack["records"]
    assert at_ocmw["referral"]["client"]["phone"] == "+32470000001"
    assert [entry["kind"] for entry in at_ocmw["history"]] == ["received", "assigned"]
    assert {(entry["act"], entry["function"]) for entry in at_ocmw["looked"]} >= {("opened", "social_worker")}
    assert at_sender["consent"]["language"] == "ar"
    assert at_sender["kept_as_digest"] == ["name", "phone"]
    said = json.dumps(pack)
    assert "Peeters, Sara" not in said and "470000077" not in said
    assert sides.karim.pseudonym.hex not in said and "salt" not in said
    pdf = sides.page(sides.els, f"/requests/{made.reference}/gather", **{"as": "pdf"})
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf["Cache-Control"] == "no-store"
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf.content, capture_output=True, check=True).stdout.decode()
    for word in ("Amal", "Haddou", "Polderstraat", "maatschappelijk werker", "Gegevensbeschermingsautoriteit"):
        assert word in text
    assert raw_codes(text) == set(), "a code without its words"


def test_the_answer_is_a_letter_in_the_language_of_the_leaflet_with_the_dutch_beside_it(sides: BothSides) -> None:
    """One or two pages to hand over; no code, no protocol number, no name of a colleague (GDPR 12, 15)."""
    case = sides.case()
    sides.reach(f"/cases/mine/{case}")
    sides.page(sides.karim, f"/cases/mine/{case}")
    sides.do(sides.karim, f"/cases/mine/{case}/clarify", kinds="first_age_milk")
    sides.do(sides.karim, f"/cases/mine/{case}/outcome", sure="on")
    made = asked(sides)
    found(sides, made)
    sides.settings.PARTY_NAME = "OCMW Westerlo"
    with_arabic = sides.page(sides.els, f"/requests/{made.reference}/letter", language="")
    assert (with_arabic["Content-Type"], with_arabic["Cache-Control"]) == ("application/pdf", "no-store")
    with pikepdf.open(io.BytesIO(with_arabic.content)) as document:
        assert len(document.pages) <= 2
    text = words_of(with_arabic.content)
    for words in (
        "Uw gegevens bij OCMW Westerlo",
        "Uw naam: Amal Haddou",
        "U vroeg hulp: Eersteleeftijdsmelk.",
        "Maatschappelijk werker: 23/11/2026",
        "Daarom hebt u hier een dossier.",
        "نحفظ",
    ):
        assert words in text
    assert text.count("Maatschappelijk werker: 23/11/2026") == 1, "role and day, once a day"
    assert raw_codes(text) == set() and "Karim" not in text and sides.protocol.id not in text
    in_dutch = words_of(sides.page(sides.els, f"/requests/{made.reference}/letter", language="nl").content)
    assert "نحفظ" not in in_dutch and "Uw naam: Amal Haddou" in in_dutch
    assert Request.objects.get().gathered == 2


def test_who_is_not_found_gets_a_letter_too(sides: BothSides) -> None:
    made = asked(sides)
    found(sides, made)
    page = sides.page(sides.els, f"/requests/{made.reference}").content.decode()
    assert f"/requests/{made.reference}/letter" in page
    shown = words_of(sides.page(sides.els, f"/requests/{made.reference}/letter", language="fr").content)
    assert "Nous n’avons rien trouvé" in shown and "Wij vonden niets" in shown


def raw_codes(text: str) -> set[str]:
    """Codes of any enum of the program that stand in `text` as they are stored, or with spaces; a new one too."""
    enums, waiting = set(), [enum.StrEnum]
    while waiting:
        waiting += (below := [each for each in waiting.pop().__subclasses__() if each.__module__ != "enum"])
        enums |= {each for each in below if each.__module__.startswith("brug.")}
    codes = {str(code) for each in enums for code in each if "_" in code}
    return {code for code in codes if code in text or re.search(rf"\b{code.replace('_', ' ')}\b", text)}


def test_a_draft_and_a_client_file_are_found_too(sides: BothSides) -> None:
    case = sides.case()
    sides.reach(f"/cases/mine/{case}")
    sides.do(sides.karim, f"/cases/mine/{case}/clarify", kinds="first_age_milk")
    sides.do(sides.karim, f"/cases/mine/{case}/outcome", sure="on")
    draft = referrals.start("13049", "2260", by=sides.lien, at=NOW)
    referrals.record_consent(draft, sides_facts(), sides.protocol, by=sides.lien, at=NOW)
    referrals.keep_client(draft, client_message(), "13049", by=sides.lien, at=NOW)
    places = found(sides, asked(sides))
    assert {place.reference for place in places} == {
        ClientFile.objects.get().reference,
        sides.referral.reference,
        draft.reference,
    }


def test_aid_stands_in_the_record_by_its_name_also_a_kind_of_this_ocmw_itself(sides: BothSides) -> None:
    case = sides.case()
    sides.reach(f"/cases/mine/{case}")
    sides.do(sides.karim, f"/cases/mine/{case}/clarify", kinds="first_age_milk")
    sides.do(sides.karim, f"/cases/mine/{case}/outcome", sure="on")
    file, own = ClientFile.objects.get(), aids.add("Warme maaltijd", by=sides.hilde, at=NOW)
    granted = files.Grant(own, "BCSD 2026/118", legal_day(NOW), legal_day(NOW))
    files.grant_aid(file, granted, by=sides.karim, at=NOW, version=file.version)
    made = asked(sides)
    found(sides, made)
    pdf = sides.page(sides.els, f"/requests/{made.reference}/gather", **{"as": "pdf"})
    text = words_of(pdf.content)
    assert text.count("Warme maaltijd") == 2 and "Beslist op: 23/11/2026" in text
    assert own not in text and raw_codes(text) == set()


def sides_facts() -> referrals.ConsentFacts:
    from tests.desks.referrals.test_services import FACTS

    return FACTS


def client_message() -> message.Client:
    from tests.desks.referrals.test_services import AMAL as CLIENT

    return CLIENT


def test_the_officer_sees_how_far_it_is_and_no_data(sides: BothSides) -> None:
    sides.case()
    made = asked(sides)
    found(sides, made)
    for address in ("/requests/", f"/requests/{made.reference}"):
        page = sides.page(sides.dw, address).content.decode().lower()
        assert made.number.lower() in page
        assert not [value for value in (*VALUES, sides.referral.number.lower()) if value in page]
    for address in ("find", "gather", "answer"):
        answer = sides.page(sides.dw, f"/requests/{made.reference}/{address}", **AMAL)
        assert answer.status_code == 404


def test_who_does_not_have_the_request_gets_the_answer_of_what_is_not_there(sides: BothSides) -> None:
    made = asked(sides)
    place = Place.objects.create(request=made, desk="casework", reference=uuid.uuid4())
    for who in (sides.karim, sides.lien):
        for address in ("", "/identify", "/refuse", f"/{place.pk}/rectify", f"/{place.pk}/erased"):
            assert sides.page(who, f"/requests/{made.reference}{address}").status_code == 404
    Member.objects.filter(pk=sides.els.pk).update(secrecy_attested_on=date(2020, 1, 1))
    sides.els.refresh_from_db()
    with pytest.raises(NotAllowed):
        services.gather(made, by=sides.els, at=NOW)


def test_who_may_not_take_a_step_is_not_shown_its_form_for_what_was_typed_wrongly(sides: BothSides) -> None:
    made = asked(sides)
    for who, step in ((sides.els, "assign"), (sides.els, "extend"), (sides.dw, "identify")):
        assert sides.page(who, f"/requests/{made.reference}/{step}", typed="wrongly").status_code == 404


def test_the_lead_of_the_team_goes_on_when_the_worker_is_away(sides: BothSides) -> None:
    sides.case()
    made = asked(sides, worker=sides.lien)
    lead = Member.objects.create(username="an", name="An Wouters", role="team_lead", team=sides.lien.team)
    mate = Member.objects.create(username="tom", name="Tom", role="team_member", team=sides.lien.team)
    assert found(sides, made, lead)
    assert sides.page(mate, f"/requests/{made.reference}").status_code == 404


def test_only_a_colleague_bound_by_secrecy_gets_a_request(sides: BothSides) -> None:
    made = services.receive(Right.ACCESS, Channel.LETTER, legal_day(NOW), asker=ASKER, by=sides.dw, at=NOW)
    unbound = Member.objects.create(username="tom", name="Tom", role="social_worker")
    with pytest.raises(Invalid):
        services.assign(made, unbound, by=sides.dw, at=NOW)
    assert Request.objects.get().worker is None


def test_a_request_that_is_not_the_persons_is_refused_and_nothing_changes(sides: BothSides) -> None:
    case = sides.case()
    made = services.receive(Right.ERASURE, Channel.PHONE, legal_day(NOW), asker=ASKER, by=sides.dw, at=NOW)
    services.assign(made, sides.els, by=sides.dw, at=NOW)
    before = list(Envelope.objects.values_list("record", "content"))
    with pytest.raises(WrongState):  # before the identity is certain nothing can be looked for
        services.find(made, services.Sought("amal haddou"), by=sides.els, at=NOW)
    answer = sides.page(sides.els, f"/requests/{made.reference}/refuse", why="somebody_else")
    assert answer.status_code == 302
    assert list(Envelope.objects.values_list("record", "content")) == before
    assert Entry.objects.filter(act="request_refused.somebody_else", subject=str(made.reference)).exists()
    page = sides.page(sides.els, f"/requests/{made.reference}").content.decode()
    assert "Gegevensbeschermingsautoriteit" in page  # the way to complain
    assert Intake.objects.filter(pk=case).exists()
    assert not Outgoing.objects.filter(kind="rights_notice").exists()


def test_a_rectification_at_the_sender_reaches_the_case_at_the_ocmw(sides: BothSides) -> None:
    case = sides.case()
    made = asked(sides, Right.RECTIFICATION, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    address = f"/requests/{made.reference}/{here.pk}/rectify"
    refused = sides.page(sides.lien, address, field="phone", phone="twelve")
    assert refused.status_code == 422 and b"twelve" in refused.content
    assert sides.page(sides.lien, address, field="phone", phone="0499 00 00 05").status_code == 302
    assert [kind for kind, _content in sides.deliver()] == ["rights_notice"]
    assert vault.read(Intake.objects.get(pk=case).record)["referral"]["client"]["phone"] == "+32499000005"
    assert vault.candidates("phone", "+32470000001") == []


@pytest.mark.parametrize(("right", "deed"), [(Right.RECTIFICATION, "rectify"), (Right.ERASURE, "erased")])
def test_an_ocmw_without_a_node_is_told_of_a_right_in_a_7z_mail_and_by_phone(
    sides: BothSides, right: Right, deed: str
) -> None:
    no_keys = {"signing_key": b"", "checkpoint_key": b"", "parcel_key": b""}
    Counterparty.objects.filter(kbo=WESTERLO).update(phone="+3214000001", **no_keys)
    referral = sides.refer()
    with sides.at_node_of(OPGROEIEN):
        first = Outgoing.objects.get(kind="referral")
        calls.tell(first, "Nadia Claes", by=sides.lien, at=sides.at)
        calls.confirm(first, take_receipt=plug.takes()["receipt"], by=sides.lien, at=sides.at)
    made = asked(sides, right, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    typed = {"field": "phone", "phone": "0499 00 00 05"} if deed == "rectify" else {"sure": "1"}
    done = sides.page(sides.lien, f"/requests/{made.reference}/{here.pk}/{deed}", **typed)
    told = Outgoing.objects.get(kind="rights_notice")
    assert done.headers["Location"] == f"/calls/{told.parcel_id}"
    assert told.by_phone and told in calls.open_calls(sides.lien, sides.at)
    with sides.at_node_of(OPGROEIEN):
        words = calls.read_password(told, by=sides.lien, at=sides.at)
        opener = archive.ArchiveKey.derive(words, archive.salt_of(bytes(told.archive)))
        content = message.parse(archive.unpack(bytes(told.archive), opener.derived).message)
        assert isinstance(content, message.RightsNotice) and content.referral_id == referral.reference
        assert content.right == {"rectify": "rectified", "erased": "erased"}[deed]
        calls.tell(told, "Nadia Claes", by=sides.lien, at=sides.at)
        calls.confirm(told, take_receipt=plug.takes()["receipt"], by=sides.lien, at=sides.at)
    assert told not in calls.open_calls(sides.lien, sides.at)


def test_an_erasure_at_the_sender_erases_what_nobody_saw_at_the_ocmw(sides: BothSides) -> None:
    referral = sides.refer()
    sides.deliver()
    made = asked(sides, Right.ERASURE, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    do(sides, made, here, "erased", sides.lien)
    assert [kind for kind, _content in sides.deliver()] == ["rights_notice"]
    assert not Intake.objects.exists()
    referral.refresh_from_db()
    assert referral.state == "withdrawn"
    assert referrals.client_of(referral) is None
    assert referrals.consent_of(referral) is not None  # the proof that it was allowed
    do(sides, made, here, "erased", sides.lien)  # a second click
    assert sides.deliver() == []
    assert Entry.objects.filter(act="request_erased").count() == 1


def test_nothing_is_noted_where_nothing_was_to_do(sides: BothSides) -> None:
    sides.case()
    made = asked(sides, Right.ERASURE, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    withdrawal.withdraw(Referral.objects.get(), by=sides.lien, at=NOW)
    do(sides, made, here, "erased", sides.lien)
    here.refresh_from_db()
    assert here.deed == "" and not Entry.objects.filter(act="request_erased").exists()


def test_the_partners_that_have_the_data_stand_there_to_be_told(sides: BothSides) -> None:
    case = sides.case()
    sides.reach(f"/cases/mine/{case}")
    sides.do(sides.karim, f"/cases/mine/{case}/clarify", kinds="first_age_milk")
    sides.do(sides.karim, f"/cases/mine/{case}/outcome", sure="on")
    caw = Counterparty.objects.create(
        kbo="0421108236", name="CAW De Kempen", mailbox="caw@kempen.example", confirmed_at=NOW
    )
    partner = Partner.objects.create(counterparty=caw, proven_on=legal_day(NOW))
    Onward.objects.create(file=ClientFile.objects.get(), partner=partner, parcel_id=uuid.uuid4(), sent_at=NOW)
    made = asked(sides, Right.RECTIFICATION)
    found(sides, made)
    assert "CAW De Kempen" in sides.page(sides.els, f"/requests/{made.reference}").content.decode()


def test_an_address_where_the_ocmw_does_not_serve_is_no_correction(sides: BothSides) -> None:
    sides.case()
    made = asked(sides, Right.RECTIFICATION, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    address = f"/requests/{made.reference}/{here.pk}/rectify"
    assert sides.page(sides.lien, address, field="address", postal_code="2400").status_code == 422
    assert not Outgoing.objects.filter(kind="rights_notice").exists()
    assert sides.page(sides.lien, address, field="address", postal_code="2260").status_code == 302


def test_a_correction_that_has_not_left_never_leaves_after_the_withdrawal(sides: BothSides) -> None:
    sides.case()

    def withdraw(reference: UUID, **who: Any) -> None:
        withdrawal.withdraw(Referral.objects.get(reference=reference), **who)

    for take_it_back in (withdraw, rights.erase):
        Referral.objects.update(state="sent")
        referral = Referral.objects.get()
        assert rights.rectify(referral.reference, message.Correction(phone="+32499000005"), "", by=sides.lien, at=NOW)
        first = Outgoing.objects.filter(kind="rights_notice").latest("pk")
        take_it_back(referral.reference, by=sides.lien, at=NOW)
        first.refresh_from_db()
        assert first.state == "stopped"
        assert not rights.restrict(referral.reference, by=sides.lien, at=NOW)
        Envelope.objects.filter(record=referral.client).delete()


def test_what_is_taken_back_while_a_correction_is_sealed_brings_nothing(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides.case()
    reference, seal = Referral.objects.get().reference, outgoing.prepare

    def sealed_meanwhile(*args: Any, **kwargs: Any) -> Any:
        parcel = seal(*args, **kwargs)
        Referral.objects.filter(reference=reference).update(state="withdrawn")
        return parcel

    monkeypatch.setattr(outgoing, "prepare", sealed_meanwhile)
    assert not rights.restrict(reference, by=sides.lien, at=NOW)
    Referral.objects.filter(reference=reference).update(state="received")
    rights.rectify(reference, message.Correction(phone="+32499000005"), "", by=sides.lien, at=NOW)
    assert not Outgoing.objects.filter(kind="rights_notice").exists()


def lines_of(member: Member, made: Request, at: datetime, *rows: waiting.Row) -> list[waiting.Waiting]:
    """What the member's home says of this request."""
    return [line for line in waiting.lines(member, at, table=rows or ROWS) if made.number in line.words]


def test_a_request_whose_worker_leaves_goes_back_to_the_officers(sides: BothSides) -> None:
    made = asked(sides)
    wim = Member.objects.create(username="wim", name="Wim Claes", role="administrator")
    leaving.leave(sides.els, None, by=wim, at=NOW)
    made.refresh_from_db()
    assert (made.worker, made.state) == (None, RequestState.RECEIVED)
    assert made.number in sides.page(sides.dw, "/").content.decode()
    services.assign(made, sides.karim, by=sides.dw, at=NOW)


def test_the_officers_hear_of_what_is_late_or_has_a_worker_who_is_gone(sides: BothSides) -> None:
    made = asked(sides)
    for who in (sides.els, sides.dw):
        assert [line.is_late for line in lines_of(who, made, NOW + timedelta(days=40))] == [True]
    assert made.number not in sides.page(sides.dw, "/").content.decode()
    Request.objects.update(due_on=legal_day(NOW) - timedelta(days=1))
    assert made.number in sides.page(sides.dw, "/").content.decode()
    Member.objects.filter(pk=sides.els.pk).update(is_active=False)
    Request.objects.update(due_on=legal_day(NOW))
    assert lines_of(sides.dw, made, NOW)


def test_an_erasure_of_a_case_that_somebody_works_on_is_that_workers_to_decide(sides: BothSides) -> None:
    case = sides.case()
    sides.page(sides.karim, f"/cases/mine/{case}")
    made = asked(sides, Right.ERASURE)
    here = next(place for place in found(sides, made) if place.desk == "casework")
    do(sides, made, here, "erased")
    assert Intake.objects.get(pk=case).withdrawn_at is not None
    here.refresh_from_db()
    assert here.deed == "erasure_asked"
    assert Entry.objects.filter(act="erasure_asked", subject=case, by=sides.els.pseudonym.hex).count() == 1
    assert not Entry.objects.filter(act__in=["erasure_told", "request_erased"]).exists()
    sides.page(sides.els, f"/requests/{made.reference}/answer", sure="1")
    assert Request.objects.get().state == RequestState.IDENTIFIED  # nobody knows yet what to say
    Intake.objects.filter(pk=case).update(withdrawn_at=None)  # she says that a ground is left
    sides.page(sides.els, f"/requests/{made.reference}/answer", sure="1")
    here.refresh_from_db()
    assert (Request.objects.get().state, here.deed) == (RequestState.ANSWERED, "kept")


def test_what_has_not_left_never_leaves_after_an_erasure(sides: BothSides) -> None:
    referral = sides.refer()
    made = asked(sides, Right.ERASURE, sides.lien)
    [here] = found(sides, made, sides.lien)
    do(sides, made, here, "erased", sides.lien)
    assert sides.deliver() == []
    assert Outgoing.objects.get(parcel_id=referral.parcel_id).state == "stopped"
    assert not Outgoing.objects.filter(kind="rights_notice").exists()


def test_a_draft_is_erased_whole(sides: BothSides) -> None:
    draft = referrals.start("13049", "2260", by=sides.lien, at=NOW)
    referrals.record_consent(draft, sides_facts(), sides.protocol, by=sides.lien, at=NOW)
    referrals.keep_client(draft, client_message(), "13049", by=sides.lien, at=NOW)
    made = asked(sides, Right.ERASURE, sides.lien)
    [here] = found(sides, made, sides.lien)
    do(sides, made, here, "erased", sides.lien)
    assert not Referral.objects.exists() and not Envelope.objects.exists()


def test_a_restriction_sets_the_case_aside_until_it_is_lifted(sides: BothSides) -> None:
    case = sides.case()
    made = asked(sides, Right.RESTRICTION, sides.lien)
    here = next(place for place in found(sides, made, sides.lien) if place.desk == "referrals")
    do(sides, made, here, "restricted", sides.lien)
    sides.deliver()
    assert Intake.objects.get(pk=case).restricted_at is not None
    do(sides, made, here, "restriction_lifted", sides.lien)
    sides.deliver()
    assert Intake.objects.get(pk=case).restricted_at is None


def test_another_partys_notice_of_a_right_changes_nothing(sides: BothSides) -> None:
    case = sides.case()
    notice = message.RightsNotice(referral_id=uuid.uuid4(), right="erased", decided_at=NOW)
    with transaction.atomic():
        plug.takes()["rights_notice"](notice, Arrival(OPGROEIEN, uuid.uuid4(), sides.protocol), NOW)
    assert Intake.objects.filter(pk=case, withdrawn_at=None).exists()
    assert WESTERLO  # the same holds at the other side: it has no verb that this could move


def test_another_person_with_the_same_name_is_left_out(sides: BothSides) -> None:
    sides.case()
    made = asked(sides)
    places = found(sides, made)
    do(sides, made, places[0], "leave-out")
    assert made.places.count() == len(places) - 1


def test_nothing_here_is_an_answer_after_looking(sides: BothSides) -> None:
    made = asked(sides)
    sides.page(sides.els, f"/requests/{made.reference}/answer", sure="1")
    assert Request.objects.get().state == RequestState.IDENTIFIED
    assert found(sides, made, given_name="Amal", family_name="Haddou") == []
    sides.page(sides.els, f"/requests/{made.reference}/answer", sure="1")
    assert Request.objects.get().state == RequestState.ANSWERED
    empty = services.Sought()
    with pytest.raises((Invalid, WrongState)):
        services.find(made, empty, by=sides.els, at=NOW)


def test_the_worker_is_reminded_a_week_before_the_last_day(sides: BothSides) -> None:
    made = asked(sides)
    [row] = [row for row in ROWS if row.code == "request_last_week"]
    for day, count in ((20, 0), (23, 1), (24, 1)):
        assert len(lines_of(sides.els, made, NOW + timedelta(days=day), row)) == count
    services.refuse(made, Refusal.EXCESSIVE, by=sides.dw, at=NOW)
    assert not lines_of(sides.els, made, NOW + timedelta(days=24))


def test_ledger_mails_rows_and_logs_hold_nothing_of_a_person(
    sides: BothSides, caplog: pytest.LogCaptureFixture
) -> None:
    sides.case()
    made = asked(sides)
    found(sides, made)
    sides.page(sides.els, f"/requests/{made.reference}/gather", **{"as": "json"})
    sides.page(sides.els, f"/requests/{made.reference}/answer", sure="1")
    left = traces() + caplog.text.lower() + str([list(m.objects.values()) for m in (Request, Place)]).lower()
    assert not [value for value in VALUES if value in left]


def test_every_reason_to_keep_a_person_has_a_keeper_that_searches_it() -> None:
    """A new reason must be thought of here: what the two keepers search, and what holds no person to be found."""
    searched = {Reason.DRAFT, Reason.AWAITING_RECEIPT, Reason.RETURNED, Reason.CONSENT_RECORD}
    searched |= {Reason.INTAKE, Reason.CLIENT_FILE}
    # words of a parcel; an archive nobody took in; a form not sent yet, for minutes, gone with the person it is about
    not_a_person_yet = {Reason.PARCEL_PASSWORD, Reason.BY_HAND, Reason.TYPED}
    assert set(Reason) == searched | not_a_person_yet
    assert set(plug.keepers()) == {"referrals", "casework"}


def test_what_waits_stands_on_the_home_page(sides: BothSides) -> None:
    made = services.receive(Right.ACCESS, Channel.LETTER, legal_day(NOW), asker=ASKER, by=sides.dw, at=NOW)
    assert made.number in sides.page(sides.dw, "/").content.decode()
    services.assign(made, sides.els, by=sides.dw, at=NOW)
    assert made.number in sides.page(sides.els, "/").content.decode()
    assert made.number not in sides.page(sides.karim, "/").content.decode()


def test_a_second_click_notes_no_second_request(sides: BothSides) -> None:
    once = re.search(r'name="once" value="([^"]+)"', sides.page(sides.dw, "/requests/new").content.decode())
    assert once
    typed = {"right": "access", "channel": "letter", "received_on": str(legal_day(NOW)), "once": once[1]}
    typed |= {"given_name": "Amal", "family_name": "Haddou"}
    first, second = (sides.page(sides.dw, "/requests/new", **typed) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == f"/requests/{once[1]}"
    assert Request.objects.count() == Entry.objects.filter(act="request_received").count() == 1


def test_one_request_opens_one_family_and_no_other(sides: BothSides) -> None:
    """Three names typed brought three families: now another name is a second identification that the officer sees."""
    sides.refer(given_name="Sara", family_name="Peeters", phone="+32470000077")
    sides.refer()
    made = asked(sides)
    other = services.Sought(fold("Sara", "Peeters"), "+32470000077")
    with pytest.raises(Invalid) as refused:
        services.find(made, other, by=sides.els, at=NOW)
    assert refused.value.code == "another_name" and not made.places.exists()
    assert (
        sides.page(sides.els, f"/requests/{made.reference}/find", given_name="Sara", family_name="Peeters").status_code
        == 422
    )
    told = Alert.objects.filter(address=sides.dw.email).count()
    services.find(made, other, again=Identity.CARD_SHOWN, by=sides.els, at=NOW)
    made.refresh_from_db()
    assert made.other_names == 1 and Alert.objects.filter(address=sides.dw.email).count() > told
    assert Entry.objects.filter(act="request_identified_again.card_shown").exists()


def test_what_agrees_in_one_field_goes_along_only_when_the_officer_decides(sides: BothSides) -> None:
    sides.refer()
    made = asked(sides)
    [place] = found(sides, made, given_name="Amal", family_name="Haddou")
    letter = reverse("request-letter", args=[made.reference]).encode()
    assert letter not in sides.page(sides.els, f"/requests/{made.reference}").content  # it would say: we found nothing
    for early in (
        lambda: services.gather(made, by=sides.els, at=NOW),
        lambda: services.answer(made, by=sides.els, at=NOW),
        lambda: services.carry_out(made, place, Deed.ERASED, by=sides.els, at=NOW),
    ):
        with pytest.raises(WrongState):
            early()
    with pytest.raises(NotAllowed):
        services.allow(made, place, by=sides.els, at=NOW)
    services.allow(made, place, by=sides.dw, at=NOW)
    assert letter in sides.page(sides.els, f"/requests/{made.reference}").content
    assert len(services.gather(made, by=sides.els, at=NOW)["records"]) == 1
    made.refresh_from_db()
    assert made.gathered == 1
    told = set(Alert.objects.filter(about="request_gathered").values_list("address", flat=True))
    assert told == {sides.dw.email, sides.lien.email}, "the officer, and whose record it is"


def test_what_is_not_found_is_no_proof_that_nothing_is_here(sides: BothSides) -> None:
    """Under another spelling the same person stays: the page asks for the phone number or the e-mail address."""
    made = asked(sides)
    sides.page(sides.els, f"/requests/{made.reference}/find", **AMAL)
    page = sides.page(sides.els, f"/requests/{made.reference}").content.decode()
    assert "Niets onder deze schrijfwijze" in page and "telefoonnummer" in page and "hier niets" not in page
