"""For programs: JSON that its schema accepts, and linked data that the shapes accept (recital D)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pyshacl
import pytest
import rdflib

from brug.core.protocol import life
from brug.core.protocol.document import Protocol, load
from brug.kit.linked.document import as_json, schema
from brug.kit.linked.jsonld import CONTEXT, as_text, linked
from tests.conftest import NOW, PROTOCOL_TEXT, ROOT

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # inside rdflib
WESTERLO = load(PROTOCOL_TEXT)
ADDRESS = "https://brug.example/protocols/opgroeien-ocmw-westerlo/1"
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


def test_every_file_of_the_json_is_the_document_again() -> None:
    assert Protocol.model_validate_json(as_json(WESTERLO)) == WESTERLO


def test_the_json_validates_against_the_schema() -> None:
    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(as_json(WESTERLO)))


def test_the_schema_is_the_one_in_the_specification() -> None:
    written = json.loads((ROOT / "docs" / "spec" / "protocol.schema.json").read_text())
    written.pop("$comment")
    assert json.loads(schema()) == written
