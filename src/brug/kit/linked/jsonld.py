"""A protocol in the terms of W3C DPV 2.3 and Dublin Core: for programs that read what authorities share (recital D).

Terms were looked up one by one; those that one would guess and that do not exist (a data sharing agreement, a local
authority, `eu-gdpr:GDPR`) are not used. A list is always an array: a key that stands twice would keep its last value.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from brug.core import datum
from brug.core.protocol import life
from brug.core.protocol.document import Party, Protocol
from brug.core.protocol.terms import Instrument, Item, Recipients, Retention, Side
from brug.kit.linked import facts
from brug.kit.plain import instrument

Node = dict[str, Any]
CONTEXT: Node = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "legal-eu": "https://w3id.org/dpv/legal/eu#",
    "legal-be": "https://w3id.org/dpv/legal/be#",
    "loc": "https://w3id.org/dpv/loc#",
    "services": "https://w3id.org/dpv/sector/publicservices#",
    "refnis": "http://vocab.belgif.be/auth/refnis2019/",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "schema": "https://schema.org/",
    "foaf": "http://xmlns.com/foaf/0.1/",
}
STATUS = {
    life.Phase.DRAFTED: "dpv:ContractDrafted",
    life.Phase.ADVISED: "dpv:ContractUnderReview",
    life.Phase.PARTLY_SIGNED: "dpv:ContractPartiallySigned",
    life.Phase.SIGNED: "dpv:ContractFullySigned",
    life.Phase.IN_FORCE: "dpv:ContractActive",
    life.Phase.NOTICE_GIVEN: "dpv:ContractActive",
    life.Phase.EXPIRED: "dpv:ContractExpired",
    life.Phase.REPLACED: "dpv:ContractInactive",
}  # every other end: dpv:ContractTerminated
PURPOSES = {
    "increase_access_to_social_services": "services:SocialAssistanceManagement",
    "prevent_underprotection": "services:SocialWelfareProvision",
}
PERSONAL_DATA = {row.code: row.pd for row in datum.DATA}
FREQUENCY = {"permanent": "dpv:SporadicFrequency"}  # one by one, each time judged (reading A5)
ORGANISATIONAL = {"security_policy_with_plan": "dpv:InformationSecurityPolicy"}
TECHNICAL = {"encrypted_transport": ("dpv:EncryptionInTransfer", "dpv:EndToEndEncryption")}


def linked(protocol: Protocol, at: datetime, address: str) -> Node:
    """The document as JSON-LD, standing as at the instant `at`; `address` is that of its public page.

    Its name, and that of everything in it, is made of the digest of its text: both parties' copies are one agreement.
    """
    iri = facts.iri_of(protocol)
    agreement = _document(protocol, at, iri) | {"foaf:page": {"@id": address}}
    return {
        "@context": CONTEXT,
        "@graph": [agreement, *_clauses(protocol, iri), *facts.clauses(protocol, iri), *facts.events(protocol, iri)],
    }


def _document(protocol: Protocol, at: datetime, address: str) -> Node:
    state = life.state(protocol, protocol.events, at)
    terms = protocol.articles.life.terms
    node: Node = {
        "@id": address,
        **facts.policy(protocol, address),
        "@type": ["dpv:ThirdPartyAgreement", "dpv:G2GContract", "odrl:Agreement"],
        "dct:identifier": protocol.id,
        "dct:hasVersion": str(protocol.version),
        "dct:title": _dutch(" ".join(protocol.title.paragraphs())),
        "dct:language": "nl",
        "dct:valid": _day(terms.in_force_from.isoformat()),
        "dpv:hasStatus": {"@id": STATUS.get(state.phase, "dpv:ContractTerminated")},
        "dpv:hasDataController": [{"@id": facts.iri_of_party(party)} for party in protocol.parties.root],
        "dpv:hasJurisdiction": [{"@id": "loc:BE"}],
        "dpv:hasApplicableLaw": [
            {"@id": "legal-eu:law-GDPR"},
            _law(protocol.preamble.terms.legal_form, address),
            _law(protocol.recitals.ground.terms.legal_ground, address),
            *(_law(law, address) for law in protocol.articles.grounds.terms.recipient_grounds),
        ],
        "dpv:hasAuthority": {"@id": "legal-be:DPA-BE"},
        "dpv:hasProcess": [_process(protocol, address)],
    }
    if state.last_day is not None:
        node["schema:expires"] = _day(state.last_day.isoformat())
    if protocol.signed_on is not None:
        node["dct:issued"] = _day(protocol.signed_on.isoformat())
    return node


def _clauses(protocol: Protocol, address: str) -> list[Node]:
    return [
        *(_party(party, protocol, address) for party in protocol.parties.root),
        *(_retention(rule, number, address) for number, rule in _numbered(protocol.articles.data.terms.retention)),
        *(_recipients(who, address) for who in protocol.onward_recipients),
    ]


def _numbered(several: tuple[Any, ...]) -> enumerate[Any]:
    return enumerate(several, start=1)


def _party(party: Party, protocol: Protocol, address: str) -> Node:
    side: Side = "discloser" if party.role == "discloser" else "recipient"
    node: Node = {
        "@id": facts.iri_of_party(party),
        "@type": "dpv:DataController",
        "dpv:hasName": _dutch(party.short_name),
        "dpv:hasIdentifier": str(party.kbo),
        "dpv:hasAddress": str(party.seat),
    }
    if party in (protocol.discloser, protocol.recipient) and protocol.officer(side):
        node["dpv:hasDataProtectionOfficer"] = {
            "@id": f"{address}#dpo-{side}",
            "@type": "dpv:DataProtectionOfficer",
            "dpv:hasContact": {"@id": f"mailto:{protocol.officer(side)}"},
        }
    return node


def _process(protocol: Protocol, address: str) -> Node:
    """The disclosure: who gives what to whom, why, on which ground, how often, how it is protected."""
    data, duration = protocol.articles.data.terms, protocol.articles.duration.terms
    node: Node = {
        "@id": f"{address}#disclosure",
        "@type": "dpv:Process",
        "dpv:hasDataController": {"@id": facts.iri_of_party(protocol.discloser)},
        "dpv:hasRecipientDataController": [{"@id": facts.iri_of_party(party)} for party in protocol.parties.recipients],
        "dpv:hasRecipient": [{"@id": f"{address}#{who.code}"} for who in protocol.onward_recipients],
        "dpv:hasProcessing": [{"@id": "dpv:Disclose"}, {"@id": "dpv:Transmit"}],
        "dpv:hasDataSubject": [{"@id": "dpv:Client"}, {"@id": "dpv:VulnerableDataSubject"}],
        "dpv:hasPurpose": [_purpose(p.code, p.words, address) for p in protocol.recitals.ground.terms.purposes],
        "dpv:hasLegalBasis": [{"@id": "eu-gdpr:A6-1-e"}, *_consent(protocol)],
        "dpv:hasPersonalData": [_item(item, address) for item in data.items],
        "dpv:hasStorageCondition": [{"@id": f"{address}#retention-{n}"} for n, _ in _numbered(data.retention)],
        "dpv:hasTechnicalMeasure": _measures(protocol, TECHNICAL),
        "dpv:hasOrganisationalMeasure": _measures(protocol, ORGANISATIONAL),
        "dct:spatial": [{"@id": f"refnis:{code}"} for code in sorted(protocol.residences)],
        "dpv:hasRight": [{"@id": f"eu-gdpr:A{number}"} for number in ("7-3", 13, 14, 15, 16, 17, 18, 19, 21)],
    }
    if duration.periodicity in FREQUENCY:
        node["dpv:hasFrequency"] = {"@id": FREQUENCY[duration.periodicity]}
    if not data.special_categories:
        node["dpv:hasProhibition"] = {
            "@id": f"{address}#no-special-categories",
            "@type": "dpv:Prohibition",
            "dpv:hasPersonalData": {"@id": "dpv:SpecialCategoryPersonalData"},
        }
    return {key: value for key, value in node.items() if value != []}


def _consent(protocol: Protocol) -> list[Node]:
    """The yes of the client, where the decree makes it a condition beside the public task."""
    asked = protocol.asks_consent
    return [{"@id": "dpv:InformedConsent"}, {"@id": "dpv:ExpressedConsent"}] if asked else []


def _purpose(code: str, words: str, address: str) -> Node:
    broader = PURPOSES.get(code)
    node = {"@id": f"{address}#{code}", "@type": "dpv:Purpose", "skos:prefLabel": _dutch(words)}
    return {**node, "skos:broader": {"@id": broader}} if broader else node


def _item(item: Item, address: str) -> Node:
    kinds = sorted({PERSONAL_DATA.get(field, "dpv:PersonalData") for field in item.fields})
    return {
        "@id": f"{address}#data-{item.number}",
        "@type": ["dpv:PersonalData"],
        "skos:broader": [{"@id": kind} for kind in kinds],
        "skos:prefLabel": _dutch(item.words),
        "dpv:hasNecessity": {"@id": "dpv:Required"},
        "dpv:hasJustification": {
            "@id": f"{address}#justification-{item.number}",
            "@type": "dpv:Justification",
            "dct:description": _dutch(item.justification),
        },
    }


def _retention(rule: Retention, number: int, address: str) -> Node:
    years = rule.years_after
    duration: Node = {
        "@id": f"{address}#duration-{number}",
        "@type": ["dpv:Duration", "dpv:UntilEventDuration"] if not years else ["dpv:Duration"],
        "dct:description": _dutch(rule.text),
    }
    if years:
        duration["dct:extent"] = {"@type": "xsd:duration", "@value": f"P{years}Y"}
    return {
        "@id": f"{address}#retention-{number}",
        "@type": ["dpv:StorageCondition", "dpv:StorageDuration"],
        "dpv:hasDuration": duration,
    }


def _recipients(who: Recipients, address: str) -> Node:
    return {"@id": f"{address}#{who.code}", "@type": "dpv:Recipient", "dpv:hasName": _dutch(who.words)}


def _measures(protocol: Protocol, table: dict[str, Any]) -> list[Node]:
    found = [table[code] for code in protocol.articles.security.terms.measures if code in table]
    return [{"@id": term} for terms in found for term in ((terms,) if isinstance(terms, str) else terms)]


def _law(law: Instrument, address: str) -> Node:
    """A Flemish or Belgian instrument has no term of DPV: an address of our own, its citation as its label."""
    return {
        "@id": f"{address}#{law.kind}-{law.dated.isoformat()}",
        "@type": "dpv:Law",
        "dct:title": _dutch(instrument(law)),
    }


def _dutch(words: str) -> Node:
    return {"@value": words, "@language": "nl"}


def _day(iso: str) -> Node:
    return {"@value": iso, "@type": "xsd:date"}


def as_text(node: Node) -> str:
    """As it goes over the wire."""
    return json.dumps(node, ensure_ascii=False, indent=2) + "\n"
