"""Processors: every change is told to the other party, theirs stand beside ours, a lapse is announced (art. 6)."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest
from django.test import Client

from brug.core import message
from brug.core.identity import Invalid
from brug.core.protocol.document import Protocol
from brug.core.states import WrongState
from brug.desks.oversight import processors
from brug.desks.oversight.models import Inquiry, Overview, OverviewDue, Processor
from brug.office.parties.may import NotAllowed
from brug.office.parties.models import Counterparty, Member
from brug.office.post.models import Alert as Mail
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.core.samples_of_messages import PROCESSOR
from tests.desks.oversight.conftest import HOST, acts, heard, sent

pytestmark = pytest.mark.django_db


def test_every_change_goes_to_the_other_party_by_itself(westerlo: OtherParty, nadia: Member) -> None:
    hosted = processors.add(HOST, by=nadia, at=NOW)
    assert processors.tell(NOW) == 1
    processors.change(hosted, replace(HOST, country="NL"), version=1, by=nadia, at=NOW)
    assert processors.tell(NOW) == 1
    processors.end(hosted, date(2026, 11, 22), version=2, by=nadia, at=NOW)
    assert processors.tell(NOW) == 1
    assert processors.tell(NOW) == 0  # told once
    told = [content.processors for content in sent(westerlo) if isinstance(content, message.ProcessorOverview)]
    assert [[each.country for each in one] for one in told] == [["BE"], ["NL"], []]
    assert told[0][0].subprocessors == ("Voorbeeld Rekencentrum bv, NL",)
    assert {"processor_added", "processor_changed", "processor_ended", "processors_told"} <= set(acts())


def test_what_changes_while_the_worker_seals_is_told_too(westerlo: OtherParty, nadia: Member) -> None:
    hosted = processors.add(HOST, by=nadia, at=NOW)
    being_sealed = OverviewDue.objects.get()
    later = NOW + timedelta(seconds=1)
    processors.change(hosted, replace(HOST, country="NL"), version=1, by=nadia, at=later)
    assert not processors._settle(being_sealed, later)
    assert processors.tell(later) == 1
    heard(message.Inquiry(inquiry_id=uuid.uuid4(), about="processors", asked_at=later), WESTERLO)
    assert not processors._settle(being_sealed, later) and not Inquiry.objects.exclude(answered_at=None).exists()


def test_more_than_an_overview_holds_is_said_at_the_form(protocol: Protocol, nadia: Member, desk: Client) -> None:
    facts = asdict(HOST)
    Processor.objects.bulk_create(Processor(**facts) for _ in range(processors.MOST))
    assert len(processors.overview(NOW).processors) == processors.MOST
    page = desk.post("/oversight/processors/new", TYPED)
    assert page.status_code == 422 and "tweehonderd" in page.content.decode()


def test_a_request_is_answered_once_a_person_has_said_which_there_are(westerlo: OtherParty, nadia: Member) -> None:
    heard(message.Inquiry(inquiry_id=uuid.uuid4(), about="processors", asked_at=NOW), WESTERLO)
    assert processors.tell(NOW) == 0, "nobody has said which processors there are: no node says it by itself"
    processors.say_none(by=nadia, at=NOW)
    assert processors.tell(NOW) == 1
    assert [content.kind for content in sent(westerlo)] == ["processor_overview"]


def test_theirs_stand_beside_ours_and_a_late_one_changes_nothing(
    westerlo: OtherParty, desk: Client, nadia: Member
) -> None:
    heard(message.ProcessorOverview(as_of=NOW, processors=(PROCESSOR,)), WESTERLO)
    heard(message.ProcessorOverview(as_of=NOW - timedelta(days=1), processors=()), WESTERLO, number=2)
    assert len(Overview.objects.get().processors) == 1
    processors.add(replace(HOST, name="Eigen Beheer bv"), by=nadia, at=NOW)
    page = desk.get("/oversight/processors").content.decode()
    assert "Voorbeeld Hosting nv" in page and "Eigen Beheer bv" in page


def test_a_party_without_a_node_is_a_task_for_a_person(westerlo: OtherParty, nadia: Member, desk: Client) -> None:
    Counterparty.objects.update(parcel_key=b"", signing_key=b"", checkpoint_key=b"")
    processors.add(HOST, by=nadia, at=NOW)
    assert processors.tell(NOW) == 0
    due = OverviewDue.objects.get()
    pdf = desk.get(f"/oversight/processors/for/{WESTERLO}.pdf")
    assert pdf.content.startswith(b"%PDF-") and "attachment" in pdf["Content-Disposition"]
    assert "/oversight/processors" in desk.get("/oversight/").content.decode()
    assert desk.post(f"/oversight/processors/told/{due.pk}").status_code == 302
    assert not OverviewDue.objects.exists()
    assert acts()[-1] == "processors_told_on_paper"


def test_an_agreement_that_lapses_is_announced_once_in_time(protocol: object, nadia: Member, desk: Client) -> None:
    processors.add(replace(HOST, agreed_through=date(2027, 1, 31)), by=nadia, at=NOW)
    assert processors.announce(NOW) == 0  # ten weeks to go
    soon = NOW + timedelta(days=14)
    assert (processors.announce(soon), processors.announce(soon)) == (1, 0)
    assert [(mail.address, mail.about) for mail in Mail.objects.all()] == [("nadia@brug.example", "oversight")]
    hosted = Processor.objects.get()
    processors.change(hosted, replace(HOST, agreed_through=date(2027, 2, 1)), version=1, by=nadia, at=soon)
    assert processors.announce(soon) == 1  # another day: announced anew


def test_who_came_second_changes_nothing(protocol: object, nadia: Member) -> None:
    hosted = processors.add(HOST, by=nadia, at=NOW)
    processors.change(hosted, replace(HOST, country="NL"), version=1, by=nadia, at=NOW)
    with pytest.raises(WrongState):
        processors.change(hosted, replace(HOST, country="FR"), version=1, by=nadia, at=NOW)
    assert Processor.objects.get().country == "NL"


@pytest.mark.parametrize("days", [{"agreed_through": date(2025, 12, 31)}])
def test_an_agreement_does_not_end_before_it_begins(days: dict[str, date], protocol: object, nadia: Member) -> None:
    with pytest.raises(Invalid):
        processors.add(replace(HOST, **days), by=nadia, at=NOW)
    assert not Processor.objects.exists()


def test_only_an_officer_keeps_processors(protocol: object, lien: Member) -> None:
    with pytest.raises(NotAllowed):
        processors.add(HOST, by=lien, at=NOW)


TYPED = {
    "name": "Voorbeeld Hosting nv",
    "kbo": "0000.000.097",
    "country": "be",
    "task": "Het systeem laten draaien.",
    "guarantees": "ISO 27001.",
    "subprocessors": " Voorbeeld Rekencentrum bv, NL \n\n",
    "has_client_files": "on",
    "agreed_on": "2026-01-01",
    "agreed_through": "",
    "version": "0",
}


def test_through_the_pages(westerlo: OtherParty, desk: Client) -> None:
    assert desk.post("/oversight/processors/new", TYPED).status_code == 302
    hosted = Processor.objects.get()
    assert (hosted.kbo, hosted.country, hosted.subprocessors) == ("0000000097", "BE", "Voorbeeld Rekencentrum bv, NL")
    again = {**TYPED, "country": "NL", "version": "1"}
    assert desk.post(f"/oversight/processors/{hosted.reference}", again).status_code == 302
    ends = {"ended_on": "2026-02-01", "version": "2"}
    assert desk.post(f"/oversight/processors/{hosted.reference}/end", ends).status_code == 302
    assert desk.get(f"/oversight/processors/{hosted.reference}").status_code == 404


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kbo", "0000.000.098"),
        ("country", "België"),
        ("task", "Dossier 85.07.30-033.28"),
        ("agreed_on", "2026-02-30"),
        ("agreed_through", "2025-01-01"),
        ("subprocessors", "x" * 101),
    ],
)
def test_what_is_wrong_is_said_at_the_field(field: str, typed: str, westerlo: OtherParty, desk: Client) -> None:
    answer = desk.post("/oversight/processors/new", {**TYPED, field: typed})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert not Processor.objects.exists()
