"""The register: what GDPR 30(1) asks, made from what is in force, as page, spreadsheet, paper and linked data."""

from __future__ import annotations

import csv
import io
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pyshacl
import pytest
import rdflib
from django.test import Client
from pytest_django import Settings

from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.desks.oversight import processors, register
from brug.desks.oversight.models import Processor
from brug.office.ledger.acts import WORKER
from brug.office.parties.models import Member
from brug.office.registry import services as registry
from tests.conftest import NOW, WESTERLO, OtherParty
from tests.desks.oversight.conftest import HOST

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning"),  # inside rdflib
]
TOESTEMMING = rdflib.Namespace("http://data.vlaanderen.be/ns/toestemming#")
LETTERS = ("(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)")


def test_every_activity_has_what_the_regulation_asks(protocol: Protocol, nadia: Member) -> None:
    processors.add(replace(HOST, country="US"), by=nadia, at=NOW)
    for activity in register.activities(NOW):
        told = {heading: lines for _, heading, lines in activity.rows()}
        for letter in LETTERS:
            assert all(lines for heading, lines in told.items() if letter in heading), (activity.name, letter)
        assert activity.transfers == ("Voorbeeld Hosting nv: US",)


def test_each_side_has_its_own_view(protocol: Protocol, settings: Settings) -> None:
    disclosing, staff = register.activities(NOW)
    settings.PARTY = WESTERLO
    receiving, _ = register.activities(NOW)
    assert disclosing.dpo == ("dpo@opgroeien.be",) and receiving.dpo == ("informatieveiligheid@iok.be",)
    assert disclosing.controller[1] == "0886.886.638" and receiving.controller[1] == "0212.181.956"
    assert any("10 jaar" in term for term in receiving.terms) and staff.protocol is None
    assert disclosing.items == receiving.items


def test_nothing_is_typed_twice_what_changes_is_there(protocol: Protocol, nadia: Member) -> None:
    assert register.activities(NOW)[0].processors == ()
    processors.add(HOST, by=nadia, at=NOW)
    assert register.activities(NOW)[0].processors == ("Voorbeeld Hosting nv (BE): Het systeem laten draaien.",)


def test_an_ended_processing_stays_five_years(protocol: Protocol, westerlo: OtherParty) -> None:
    ended = registry.record_event(
        protocol, life.EventKind.ENDED_AT_ONCE, by=WORKER, at=NOW, happened_at=NOW, side="discloser"
    )
    assert ended.ends
    [activity, _staff] = register.activities(NOW + timedelta(days=1))
    assert (activity.status, activity.ended_on) == ("beëindigd", date(2026, 11, 23))
    assert len(register.activities(NOW + timedelta(days=5 * 365))) == 2
    assert len(register.activities(NOW + timedelta(days=5 * 366))) == 1


def test_the_spreadsheet_has_the_columns_of_the_authority_and_no_formula(protocol: Protocol, nadia: Member) -> None:
    processors.add(replace(HOST, name="=HYPERLINK(1)"), by=nadia, at=NOW)
    text = register.as_csv(register.activities(NOW))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert tuple(rows[0]) == tuple(register.COLUMNS.values())
    assert len(rows) == 3 and all(len(row) == len(rows[0]) for row in rows)
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t" and cell]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "  =1", "\n=1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert register.harmless(cell) == f"'{cell}"


def test_pages_and_other_forms(protocol: Protocol, nadia: Member, desk: Client) -> None:
    processors.add(HOST, by=nadia, at=NOW)
    page = desk.get("/oversight/register").content.decode()
    assert "het tegengaan van onderbescherming" in page
    assert "Voorbeeld Hosting nv" in page
    assert desk.get("/oversight/register.csv")["Content-Type"].startswith("text/csv")
    pdf = desk.get("/oversight/register.pdf").content
    shown = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert "artikel 10/1" in shown and "Voorbeeld Hosting nv" in shown
    graph = rdflib.Graph().parse(data=desk.get("/oversight/register.jsonld").content, format="json-ld")
    shapes = rdflib.Graph().parse(data=(files("brug.kit.linked") / "shapes.ttl").read_text(), format="turtle")
    accepted, _, told = pyshacl.validate(graph, shacl_graph=shapes)
    assert accepted, told
    assert len(list(graph.subjects(rdflib.RDF.type, TOESTEMMING.VerwerkingsActiviteit))) == 2
    graph.remove((None, TOESTEMMING.verwerkingsgrond, None))
    assert not pyshacl.validate(graph, shacl_graph=shapes)[0]
    assert Processor.objects.count() == 1


def test_only_who_may_sees_the_register(protocol: Protocol, lien: Member) -> None:
    browser = Client()
    browser.force_login(lien)
    for address in ("register", "register.csv", "register.pdf", "register.jsonld", "", "processors", "log-book"):
        assert browser.get(f"/oversight/{address}").status_code == 404
