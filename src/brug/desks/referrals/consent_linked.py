"""A consent as a record of ISO/IEC TS 27560:2023 in the terms of DPV 2.3 (its guide of 15 February 2026); GDPR 7(1).

The record knows the client by a pseudonym and no contact data. The standard itself was read through the guide only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from brug.core.protocol.document import Protocol
from brug.core.protocol.terms import Retention
from brug.kit.linked.jsonld import CONTEXT, PERSONAL_DATA, PURPOSES, Node
from brug.office.ledger.acts import FAMILY

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
NAMES: Node = {"schema": "https://schema.org/", "dcat": "http://www.w3.org/ns/dcat#"}
SAID = {"oral": "gesproken", "written": "schriftelijk"}


def record(
    kept: Mapping[str, Any], protocol: Protocol, *, number: UUID, principal: UUID, addresses: Mapping[str, str]
) -> Node:
    """The consent record `kept` (what desks/referrals recorded) as JSON-LD.

    `number` names the record, `principal` is the client's pseudonym; `addresses`: those of the protocol's public page
    and of the leaflet ("protocol", "notice").
    """
    about = addresses["protocol"]
    return {
        "@context": CONTEXT | NAMES,
        "@id": f"urn:uuid:{number}",
        "@type": ["dpv:ConsentRecord"],
        "dct:conformsTo": {"@id": PROFILE},
        "dct:identifier": str(number),
        "dct:source": {"@id": about},
        "dpv:hasDataSubject": {"@id": f"urn:uuid:{principal}", "@type": ["dpv:DataSubject", "dpv:Client"]},
        "dpv:hasJurisdiction": {"@id": "loc:BE"},
        "dpv:hasAuthority": {"@id": "legal-be:DPA-BE"},
        "dpv:hasRight": [{"@id": f"eu-gdpr:A{number}"} for number in ("7-3", 13, 15, 16, 17, 18, 21)],
        "dpv:hasNotice": _notice(kept, addresses["notice"]),
        "dpv:hasProcess": [_process(kept, protocol, about)],
        "dpv:hasConsentStatus": _events(kept, protocol, about),
    }


def _notice(kept: Mapping[str, Any], address: str) -> Node:
    """What was shown and said. Without a leaflet it is the conversation alone."""
    node: Node = {"@id": address, "@type": "dpv:ConsentNotice", "dct:language": kept["language"]}
    return node | {"dct:hasVersion": kept["leaflet"]} if kept.get("leaflet") else node


def _process(kept: Mapping[str, Any], protocol: Protocol, about: str) -> Node:
    scope = kept["scope"]
    return {
        "@id": f"{about}#consented",
        "@type": "dpv:Process",
        "dpv:hasPurpose": [_purpose(code, about) for code in scope["purposes"]],
        "dpv:hasPersonalData": [_datum(field, about) for field in scope["fields"]],
        "dpv:hasProcessing": [{"@id": "dpv:Collect"}, {"@id": "dpv:Disclose"}],
        "dpv:hasLegalBasis": [{"@id": "eu-gdpr:A6-1-e"}, {"@id": "dpv:ExpressedConsent"}],
        "dpv:hasDataSource": {"@id": "dpv:DataSubject"},
        "dpv:hasDataController": _party(protocol, "discloser", protocol.officer("discloser"), about),
        "dpv:hasRecipient": [_party(protocol, "recipient", protocol.officer("recipient"), about)],
        "dpv:hasStorageCondition": [
            {
                "@id": f"{about}#kept-{number}",
                "@type": ["dpv:StorageCondition", "dpv:StorageDuration"],
                "dpv:hasLocation": {"@id": "loc:BE"},
                "dpv:hasDuration": _duration(rule, f"{about}#kept-{number}-for"),
                "dct:description": {"@value": rule.text, "@language": "nl"},
            }
            for number, rule in enumerate(protocol.articles.data.terms.retention, start=1)
        ],
        "dpv:hasConsentControl": {
            "@id": f"{about}#withdrawal",
            "@type": "dpv:WithdrawConsent",
            "dct:description": {"@value": "Zeg het aan het lokaal team of aan de ontvanger.", "@language": "nl"},
            "schema:email": protocol.officer("discloser"),
        },
    }


def _duration(rule: Retention, address: str) -> Node:
    """So many years after the last of its events, or until that event itself; as the protocol's own page has it."""
    if not rule.years_after:
        return {"@id": address, "@type": ["dpv:Duration", "dpv:UntilEventDuration"]}
    extent = {"@value": f"P{rule.years_after}Y", "@type": "xsd:duration"}
    return {"@id": address, "@type": ["dpv:Duration"], "dct:extent": extent}


def _purpose(code: str, about: str) -> Node:
    node = {"@id": f"{about}#{code}", "@type": "dpv:Purpose"}
    return {**node, "skos:broader": {"@id": PURPOSES[code]}} if code in PURPOSES else node


def _datum(field: str, about: str) -> Node:
    return {
        "@id": f"{about}#{field}",
        "@type": ["dpv:PersonalData", PERSONAL_DATA[field]],
        "dpv:hasNecessity": {"@id": "dpv:Required"},
    }


def _party(protocol: Protocol, side: str, contact: str, about: str) -> Node:
    party = protocol.discloser if side == "discloser" else protocol.recipient
    return {
        "@id": f"{about}#{side}",
        "@type": ["dpv:DataController"] if side == "discloser" else ["dpv:DataController", "dpv:Recipient"],
        "dpv:hasIdentifier": str(party.kbo),
        "dpv:hasName": party.short_name,
        "dpv:hasAddress": str(party.seat),
        "dpv:hasContact": {"@id": f"mailto:{contact}"},
    }


def _events(kept: Mapping[str, Any], protocol: Protocol, about: str) -> list[Node]:
    """Given, and withdrawn if so: when, how, until when it holds, and who wrote it down (a pseudonym)."""
    given: Node = {
        "@type": "dpv:ConsentGiven",
        "dpv:isIndicatedAtTime": _instant(kept["consented_at"]),
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasIndicationMethod": SAID[kept["consented_how"]],
        "dpv:isImplementedByEntity": {"@id": f"urn:uuid:{UUID(kept['recorded_by'])}"},
        "dpv:hasDuration": {"@id": "dpv:UntilEventDuration"},
    }
    if "withdrawn_at" not in kept:
        return [given]
    withdrawn: Node = {
        "@type": "dpv:ConsentWithdrawn",
        "dpv:isIndicatedAtTime": _instant(kept["withdrawn_at"]),
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasDuration": {"@id": "dpv:EndlessDuration"},
    }
    if kept["told_to"] != FAMILY.who:  # by the own window nobody wrote it down for them
        withdrawn["dpv:isImplementedByEntity"] = {"@id": f"urn:uuid:{UUID(kept['told_to'])}"}
    return [given, withdrawn]


def _instant(text: str) -> Node:
    told = datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"@value": told, "@type": "xsd:dateTime"}
