"""The register as linked data: each processing as DPV has it and as OSLO-Toestemming does (GDPR 30, art. 6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.oversight.models import Processor
from brug.desks.oversight.register import Activity
from brug.kit.linked.jsonld import CONTEXT, Node, linked

OWN: Node = {
    "toestemming": "http://data.vlaanderen.be/ns/toestemming#",
    "dcmitype": "http://purl.org/dc/dcmitype/",
}


def register(
    found: list[Activity],
    processors: list[Processor],
    *,
    party: str,
    at: datetime,
    address: str,
    address_of: Callable[[Protocol], str],
) -> Node:
    """The JSON-LD of `found` at `address`; `address_of` a protocol is that of its public page."""
    graph: list[Node] = []
    for activity in found:
        if activity.protocol is not None:
            graph += linked(activity.protocol, at, address_of(activity.protocol))["@graph"]
    graph += [_activity(each, processors, address, address_of) for each in found]
    graph += [_processor(each, address) for each in processors]
    whole: Node = {
        "@id": address,
        "@type": ["dcmitype:Collection"],
        "dct:title": _dutch(f"Register van de verwerkingsactiviteiten van {party}"),
        "dct:issued": {"@value": legal_day(at).isoformat(), "@type": "xsd:date"},
        "dct:conformsTo": [{"@id": "legal-eu:law-GDPR"}],
        "dct:hasPart": [{"@id": _id(each, address, address_of)} for each in found],
    }
    return {"@context": CONTEXT | OWN, "@graph": [whole, *graph]}


def _activity(
    activity: Activity, processors: list[Processor], address: str, address_of: Callable[[Protocol], str]
) -> Node:
    """What the register adds to the process that the protocol describes."""
    node: Node = {
        "@id": _id(activity, address, address_of),
        "@type": ["toestemming:VerwerkingsActiviteit"],
        "dct:identifier": activity.number,
        "dct:title": _dutch(activity.name),
        "dct:description": _dutch("; ".join(activity.purposes)),
        "toestemming:verwerkingsgrond": [_dutch(ground) for ground in activity.basis],
        "toestemming:verwerker": [_dutch(activity.controller[0])],
        "dpv:hasDataProcessor": [{"@id": _processor_id(each, address)} for each in processors],
    }
    return {key: value for key, value in node.items() if value != []}


def _id(activity: Activity, address: str, address_of: Callable[[Protocol], str]) -> str:
    if activity.protocol is None:
        return f"{address}#{activity.number}"
    return f"{address_of(activity.protocol)}#disclosure"


def _processor(processor: Processor, address: str) -> Node:
    return {
        "@id": _processor_id(processor, address),
        "@type": "dpv:DataProcessor",
        "dpv:hasName": _dutch(processor.name),
        "dct:description": _dutch(processor.task),
        "dpv:hasAgreement": {
            "@id": f"{_processor_id(processor, address)}-agreement",
            "@type": "dpv:ControllerProcessorAgreement",
            "dct:issued": {"@value": processor.agreed_on.isoformat(), "@type": "xsd:date"},
        },
    }


def _processor_id(processor: Processor, address: str) -> str:
    return f"{address}#processor-{processor.reference}"


def _dutch(words: str) -> Node:
    return {"@value": words, "@language": "nl"}
