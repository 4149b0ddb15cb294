"""Persons in a breach: three referrals of one are one person, whom a colleague tells once (art. 9, GDPR 34)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from brug.core.codes import Aspect, Risk
from brug.core.protocol.document import Protocol
from brug.desks.breaches import persons, services
from brug.desks.breaches.models import Affected, Breach, Call, Person
from brug.desks.breaches.states import BreachState, Kind, Source
from brug.desks.casework.models import Intake
from brug.office import plug
from brug.office.asks import Known
from brug.office.ledger.models import Entry
from brug.office.parties.models import Counterparty, Member
from tests.conftest import NOW, OPGROEIEN, WESTERLO, OtherParty
from tests.flows.both_sides import BothSides, traces, with_officers

TEXTS = {"facts": "De mailbox is overgenomen.", "consequences": "Lezen.", "measures": "Wachtwoord vervangen."}


@pytest.fixture
def sides(protocol: Protocol, westerlo: OtherParty, lien: Member, settings: Any) -> BothSides:
    return with_officers(BothSides(protocol, westerlo, lien, settings))


def breach_of(sides: BothSides, references: list[UUID]) -> Breach:
    """A case at the OCMW about these references, described, of a high risk."""
    breach = services.suspect(Kind.MAILBOX, NOW, "Een mailbox.", is_going_on=False, by=sides.dw, at=NOW)
    services.confirm(breach, NOW, by=sides.dw, at=NOW)
    services.describe(breach, aspects=[Aspect.CONFIDENTIALITY], risk=Risk.HIGH, by=sides.dw, at=NOW, **TEXTS)
    for each in references:
        Affected.objects.create(breach=breach, reference=each, told_as=each, source=Source.MAILBOX)
    return breach


def case(sides: BothSides, **client: str) -> UUID:
    """A referral that came in and is Karim's."""
    sides.at += timedelta(minutes=1)
    sides.refer(**client)
    sides.deliver()
    return UUID(sides.assign().rsplit("/", 1)[1])


def test_three_referrals_of_one_are_one_person_and_another_is_another(sides: BothSides) -> None:
    """By two fields that agree; a sister at the same number with another name is somebody else."""
    amal = [case(sides, phone="+32470000001") for _ in range(3)]
    sister = case(sides, given_name="Nour", phone="+32470000001")
    unknown = uuid.uuid4()
    breach = breach_of(sides, [*amal, sister, unknown])
    assert persons.have_told(breach, by=sides.dw, at=NOW) == 3
    groups = {frozenset(persons.references_of(person)) for person in breach.persons.all()}
    assert groups == {frozenset(amal), frozenset({sister}), frozenset({unknown})}
    assert {person.worker for person in breach.persons.all()} == {sides.karim, None}
    assert persons.have_told(breach, by=sides.dw, at=NOW) == 3, "a second click makes nobody anew"
    assert "haddou" not in traces()


def test_what_is_found_later_joins_the_person_that_it_is(sides: BothSides) -> None:
    first = case(sides)
    breach = breach_of(sides, [first])
    persons.have_told(breach, by=sides.dw, at=NOW)
    later = case(sides)
    Affected.objects.create(breach=breach, reference=later, told_as=later, source=Source.BACKUP)
    assert persons.have_told(breach, by=sides.dw, at=NOW) == 1
    assert set(persons.references_of(breach.persons.get())) == {first, later}


def test_the_colleague_tells_in_prepared_words_and_the_case_counts_it(sides: BothSides) -> None:
    """From the officer's decision to the last person: the task, the words, the report, the count."""
    Member.objects.filter(pk=sides.dw.pk).update(phone="+3214000009")
    mine, other = case(sides), case(sides, given_name="Sara", family_name="Peeters", phone="+32470000077")
    breach = breach_of(sides, [mine, other])
    address = f"/breaches/{breach.reference}"
    assert sides.page(sides.dw, f"{address}/persons", decision="give").status_code == 302
    told = Affected.objects.get(reference=mine).person
    lines = [each for each in plug.waiting(sides.karim, NOW) if "/breaches/persons/" in each.url]
    [line] = [each for each in lines if each.url.endswith(f"/{told.pk}")] if told and len(lines) == 2 else []
    page = sides.page(sides.karim, line.url).content.decode()
    number = Intake.objects.get(pk=mine).number
    assert number in page and "Er is iets misgegaan met gegevens van u" in page and "014 00 00 09" in page
    els = Member.objects.create(username="els", name="Els", role="social_worker")
    assert sides.page(els, line.url).status_code == 404
    open_points = services.open_points(Breach.objects.get())
    assert "persons" in open_points
    told_at = sides.at.strftime("%Y-%m-%dT%H:%M")
    for how, person in zip(("spoken", "not_reached"), Person.objects.order_by("pk"), strict=True):
        answer = sides.page(sides.karim, f"/breaches/persons/{person.pk}", told=how, told_at=told_at)
        assert answer.status_code == 302
    found = Breach.objects.get()
    assert persons.counts(found) == {"all": 2, "told": 1, "not_reached": 1, "left": 0}
    assert found.persons_at is not None and "persons" not in services.open_points(found)
    page = sides.page(sides.dw, address).content.decode()
    assert "1 van 2 ingelicht" in page
    assert not [each for each in plug.waiting(sides.karim, NOW) if "/breaches/persons/" in each.url]
    assert Entry.objects.filter(act="breach_person_told").count() == 2 and "peeters" not in traces()


def test_who_is_nobodys_waits_for_the_officer_and_is_given(sides: BothSides) -> None:
    breach = breach_of(sides, [uuid.uuid4()])
    persons.have_told(breach, by=sides.dw, at=NOW)
    [line] = [each for each in plug.waiting(sides.dw, NOW) if each.url.endswith("/people")]
    assert "niemand bekend" in sides.page(sides.dw, line.url).content.decode()
    give = f"/breaches/{breach.reference}/people/1"
    assert sides.page(sides.dw, give, worker=str(sides.karim.pk)).status_code == 302
    assert breach.persons.get().worker == sides.karim


def test_one_reference_alone_is_a_source(sides: BothSides) -> None:
    mine = case(sides)
    breach = breach_of(sides, [])
    address = f"/breaches/{breach.reference}/affected"
    assert sides.page(sides.dw, address, source="reference", number="W-1999-0001").status_code == 422
    number = Intake.objects.get(pk=mine).number
    assert sides.page(sides.dw, address, source="reference", number=number.lower()).status_code == 302
    assert list(breach.affected.values_list("reference", "source").distinct()) == [(mine, "reference")]
    assert breach.count == 1


def test_the_discloser_knows_its_persons_by_their_digests(sides: BothSides) -> None:
    """After the receipt the contact data are gone there; what is left says that two referrals are of one person."""
    sent = [sides.refer().reference for _ in range(2)]
    sides.deliver()
    found = plug.keepers()["referrals"].known(sent, at=NOW)
    assert {each.worker for each in found.values()} == {sides.lien}
    assert persons.grouped(found, sent) == [frozenset(sent)]


def test_a_name_alone_makes_nobody_the_same() -> None:
    one, other, third = (uuid.UUID(int=n) for n in (1, 2, 3))

    def known(*marks: tuple[str, str]) -> Known:
        return Known("W", None, "/", NOW, frozenset(marks))

    said = {
        one: known(("name", "a"), ("phone", "1"), ("phone", "2")),
        other: known(("name", "a")),
        third: known(("phone", "1"), ("phone", "2")),
    }
    assert persons.grouped(said, said) == [frozenset({one}), frozenset({other}), frozenset({third})]


def test_the_officers_speak_and_the_number_is_there_the_next_time(sides: BothSides) -> None:
    breach = breach_of(sides, [])
    address = f"/breaches/{breach.reference}"
    assert "nog geen nummer" in sides.page(sides.dw, address).content.decode()
    typed = {
        "once": str(uuid.uuid4()), "party": OPGROEIEN, "spoke_with": "Dina Ooms", "phone": "014 00 00 01",
        "spoke_at": sides.at.strftime("%Y-%m-%dT%H:%M"), "text": "Wachtwoorden vervangen, morgen weer bellen.",
    }  # fmt: skip
    for _ in range(2):
        assert sides.page(sides.dw, f"{address}/call", **typed).status_code == 302
    assert Call.objects.count() == 1
    assert Counterparty.objects.get(kbo=OPGROEIEN).officer_phone == "+3214000001"
    page = sides.page(sides.dw, address).content.decode()
    assert "Gesprek met Dina Ooms" in page and "morgen weer bellen" in page and "tel:+3214000001" in page
    assert Entry.objects.filter(act="breach_called").count() == 1
    assert Breach.objects.get().state == BreachState.AWARE
    assert sides.page(sides.dw, f"{address}/call", **typed | {"text": "Bel 0470 00 00 01."}).status_code == 422
    assert WESTERLO not in typed.values()


def test_below_each_source_stands_what_it_asks_for_and_what_is_wrong_with_it(sides: BothSides) -> None:
    """The page showed five fields, of which each source asks for others; what another one asks for is not read."""
    address = f"/breaches/{breach_of(sides, []).reference}/affected"
    later, now = f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M}", f"{NOW:%Y-%m-%dT%H:%M}"
    of_account = {"source": "account", "account": str(sides.karim.pk), "used_since": now}
    for typed, wrong in (
        ({"source": "mailbox"}, {"since", "until"}),
        ({"source": "mailbox", "since": now, "until": later}, {"until"}),
        ({"source": "account", "since": "1999", "number": "x" * 30}, {"account", "used_since", "used_until"}),
        (of_account | {"used_until": later}, {"used_until"}),
        ({"source": "backup", "until": now}, {"made_at"}),
        ({"source": "backup", "made_at": later}, {"made_at"}),
        ({"source": "reference", "made_at": now}, {"number"}),
    ):
        answer = sides.page(sides.dw, address, **typed)
        assert answer.status_code == 422 and answer.context["form"].errors.keys() == wrong, typed
