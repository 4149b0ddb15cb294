"""For programs: JSON that its schema accepts, and linked data that the shapes accept (recital D)."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pyshacl
import pytest
import rdflib

from brug.core.protocol import life
from brug.core.protocol.document import Protocol, load
from brug.kit.linked.document import as_json, schema
from brug.kit.linked.facts import PRINTED, leaves
from brug.kit.linked.jsonld import CONTEXT, as_text, linked
from tests.conftest import NOW, PROTOCOL_TEXT, ROOT

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # inside rdflib
WESTERLO = load(PROTOCOL_TEXT)
ADDRESS = "https://brug.example/protocols/opgroeien-ocmw-westerlo/1"
FOAF = rdflib.Namespace("http://xmlns.com/foaf/0.1/")
DPV = rdflib.Namespace("https://w3id.org/dpv#")
GUESSED = {"DataBreach", "DataSharingAgreement", "LocalAuthority", "Rectify", "RegisterOfProcessingActivities"}


def graph(protocol: Protocol = WESTERLO) -> rdflib.Graph:
    return rdflib.Graph().parse(data=as_text(linked(protocol, NOW, ADDRESS)), format="json-ld")


def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(data=(files("brug.kit.linked") / "shapes.ttl").read_text(), format="turtle")


def conforms(found: rdflib.Graph) -> bool:
    accepted: bool = pyshacl.validate(found, shacl_graph=shapes())[0]
    return accepted


def test_the_linked_data_pass_the_shapes() -> None:
    assert conforms(graph())


NEEDED = [
    *("hasDataController", "hasRecipientDataController", "hasPurpose", "hasLegalBasis", "hasPersonalData"),
    *("hasRecipient", "hasStorageCondition", "hasTechnicalMeasure", "hasStatus", "hasProcess"),
    *("hasIdentifier", "hasContact", "hasDuration", "hasNecessity", "hasJustification"),
]


@pytest.mark.parametrize("term", NEEDED)
def test_the_shapes_miss_whatever_is_left_out(term: str) -> None:
    less = graph()
    less.remove((None, DPV[term], None))
    assert not conforms(less)


def test_no_special_category_is_shared() -> None:
    [prohibition] = graph().objects(None, DPV.hasProhibition)
    assert (prohibition, DPV.hasPersonalData, DPV.SpecialCategoryPersonalData) in graph()


def test_an_ended_protocol_says_so() -> None:
    event = life.Event(life.EventKind.ENDED_AT_ONCE, NOW - timedelta(days=1), "discloser")
    ended = graph(WESTERLO.with_events([event]))
    assert list(ended.objects(None, DPV.hasStatus)) == [DPV.ContractTerminated]
    assert conforms(ended)


def test_no_key_stands_twice_and_every_prefix_is_known() -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    text = as_text(linked(WESTERLO, NOW, ADDRESS))
    json.loads(text, object_pairs_hook=once)
    assert set(re.findall(r'"([a-z-]+):[\w-]+"', text)) - {"mailto"} <= set(CONTEXT)


def test_no_term_is_used_that_does_not_exist() -> None:
    used = {str(term).rsplit("#", 1)[1] for triple in graph() for term in triple if str(term).startswith(str(DPV))}
    assert not used & GUESSED


ODRL = rdflib.Namespace("http://www.w3.org/ns/odrl/2/")
SCHEMA = rdflib.Namespace("https://schema.org/")


def test_every_typed_fact_of_the_json_stands_in_the_linked_data() -> None:
    values = json.loads(as_json(WESTERLO))
    clauses = [values["title"], values["preamble"], values["closing"], *values["parties"], *values["recitals"]]
    clauses += values["articles"]
    typed = Counter(
        str(value)
        for clause in clauses
        for _, value in leaves({name: part for name, part in clause.items() if name not in PRINTED})
    )
    found = graph()
    held = Counter(str(rdflib.Literal(value).toPython()) for value in found.objects(None, SCHEMA.value))
    assert held == typed
    assert sum(typed.values()) > 150
    paths = {str(path) for path in found.objects(None, SCHEMA.propertyID)}
    for path in ("terms.notice_months", "terms.transport.mailbox", "terms.advised_on", "terms.agreement.concluded_on"):
        assert path in paths


def test_the_copies_of_two_nodes_are_one_agreement_between_two_parties() -> None:
    one = graph()
    other = rdflib.Graph().parse(
        data=as_text(linked(WESTERLO, NOW, "https://brug.elders.example/p/1")), format="json-ld"
    )
    agreements = set((one + other).subjects(rdflib.RDF.type, ODRL.Agreement))
    assert len(agreements) == 1
    [agreement] = agreements
    parties = {str(each) for each in (one + other).objects(agreement, DPV.hasDataController)}
    assert parties == {
        "https://org.belgif.be/id/CbeRegisteredEntity/0886886638",
        "https://org.belgif.be/id/CbeRegisteredEntity/0212181956",
    }
    assert len(set((one + other).objects(agreement, FOAF.page))) == 2
    changed = load(PROTOCOL_TEXT.replace("lid van het lokaal", "lid van dat lokaal"))
    assert set(graph(changed).subjects(rdflib.RDF.type, ODRL.Agreement)) != agreements, "another text is another one"


def test_the_agreement_says_in_odrl_who_may_give_what_for_what_and_what_is_owed() -> None:
    found = graph()
    [permission] = found.objects(None, ODRL.permission)
    assert str(found.value(permission, ODRL.assigner)).endswith("0886886638")
    assert str(found.value(permission, ODRL.assignee)).endswith("0212181956")
    assert {str(found.value(duty, ODRL.action)).rsplit("/", 1)[1] for duty in found.objects(permission, ODRL.duty)} == {
        *("inform", "obtainConsent"),
    }
    operands = {found.value(each, ODRL.leftOperand) for each in found.objects(permission, ODRL.constraint)}
    assert operands == {ODRL.purpose, ODRL.spatial, ODRL.dateTime}
    without = load(PROTOCOL_TEXT.replace("        - client_consented\n", ""))
    assert not set(graph(without).objects(None, ODRL.duty))


def test_every_file_of_the_json_is_the_document_again() -> None:
    assert Protocol.model_validate_json(as_json(WESTERLO)) == WESTERLO


def test_the_json_validates_against_the_schema() -> None:
    import jsonschema  # a second to read, of one worker only

    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(as_json(WESTERLO)))


def test_the_schema_is_the_one_in_the_specification() -> None:
    written = json.loads((ROOT / "docs" / "spec" / "protocol.schema.json").read_text())
    written.pop("$comment")
    assert json.loads(schema()) == written


def happened(kind: life.EventKind, side: Any = None, told: str = "", days: int = 1) -> life.Event:
    return life.Event(kind, NOW - timedelta(days=days), side, told=told)


OFFER, ANSWER = happened(life.EventKind.OFFERED, "discloser", days=9), happened(life.EventKind.ACCEPTED, "recipient")
ON_SITE = happened(life.EventKind.PUBLISHED, "recipient", "https://westerlo.example/protocol")


def test_offers_answers_publications_and_ends_stand_in_it_and_both_copies_tell_one_event() -> None:
    end = happened(life.EventKind.NOTICE_REACHED, "recipient")
    seen = happened(life.EventKind.TEXT_SAME)
    found = graph(WESTERLO.with_events([OFFER, ANSWER, ON_SITE, end, seen]))
    assert conforms(found)
    told = Counter(str(found.value(each, SCHEMA.name)) for each in found.subjects(rdflib.RDF.type, SCHEMA.Event))
    once = {"offered": 1, "accepted": 1, "published": 1, "notice_reached": 1}
    assert told == once | {"advised": 2, "signed": 3}
    [site] = found.objects(None, SCHEMA.url)
    assert str(site) == "https://westerlo.example/protocol"
    [last_day] = found.objects(None, SCHEMA.expires)
    assert last_day.toPython() == WESTERLO.with_events([end]).ends[0].at.date() - timedelta(days=1)
    both = found + graph(WESTERLO.with_events([OFFER, ANSWER, ON_SITE, end]))
    assert len(set(both.subjects(rdflib.RDF.type, SCHEMA.Event))) == sum(told.values())


def test_an_event_without_its_instant_is_missed() -> None:
    less = graph(WESTERLO.with_events([ON_SITE]))
    less.remove((None, SCHEMA.startDate, None))
    assert not conforms(less)


def test_an_agreement_of_more_than_two_parties_passes_the_shapes() -> None:
    values = json.loads(as_json(WESTERLO))
    ocmw = values["parties"][1]
    beside = json.loads(json.dumps(ocmw).replace("0212.181.956", "0000.000.097"))
    values["parties"].append(beside | {"role": "signatory", "kind": "municipality"})
    assert conforms(graph(Protocol.model_validate_json(json.dumps(values))))
