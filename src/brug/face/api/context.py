"""The names of the API as linked data: terms of OSLO (Flanders), the Data Privacy Vocabulary and Dublin Core."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel

from brug.core.datum import BEYOND
from brug.kit.linked.jsonld import CONTEXT as PREFIXES

ADDRESS = "https://data.vlaanderen.be/ns/adres#"
CONTEXT: dict[str, Any] = {
    "@context": {
        **PREFIXES,
        "adres": ADDRESS,
        "foaf": "http://xmlns.com/foaf/0.1/",
        "locn": "http://www.w3.org/ns/locn#",
        "schema": "http://schema.org/",
        "reference": "dct:identifier",
        "href": "@id",
        "items": "@graph",
        "worker": "schema:agent",
        "protocol": "dct:conformsTo",
        "protocolHref": {"@id": "dpv:hasApplicableLaw", "@type": "@id"},
        "residence": {"@id": "adres:gemeentenaam", "@type": "@vocab"},
        "terms": "dpv:hasProcess",
        "purposes": "dpv:hasPurpose",
        "retention": "dpv:hasStorageCondition",
        "article": "dct:source",
        "client": "dpv:hasDataSubject",
        **{to_camel(row.code): row.pd for row in BEYOND},
        "hasOneName": "dct:description",
        "givenName": "foaf:givenName",
        "familyName": "foaf:familyName",
        "phone": "schema:telephone",
        "email": "schema:email",
        "address": "locn:address",
        "street": "adres:Straatnaam",
        "number": "adres:Adresvoorstelling.huisnummer",
        "box": "adres:Adresvoorstelling.busnummer",
        "postalCode": "adres:postcode",
        "informedAt": {"@id": "dpv:DataSubjectInformed", "@type": "xsd:dateTime"},
        "consentedAt": {"@id": "dpv:ConsentGiven", "@type": "xsd:dateTime"},
        "consentWithdrawn": "dpv:ConsentWithdrawn",
        "fileNumber": "schema:identifier",
        "openedOn": {"@id": "dct:issued", "@type": "xsd:date"},
        "closedOn": {"@id": "dct:dateAccepted", "@type": "xsd:date"},
        "eraseOn": {"@id": "dpv:hasDuration", "@type": "xsd:date"},
        "permitted": "dpv:Permission",
        "reasons": "dpv:hasJustification",
    }
}
