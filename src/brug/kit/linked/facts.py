"""Every typed fact of a protocol as linked data, also what no vocabulary has a term for; and the agreement in ODRL."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.utils.text import slugify

from brug.core.protocol import life
from brug.core.protocol.document import Party, Protocol

Node = dict[str, Any]
PRINTED = frozenset({"text", "heading", "flags", "kept_by", "added", "mark"})  # words, and what is noted beside them


def iri_of(protocol: Protocol) -> str:
    """The name of the agreement, the same at both parties: that of its text by its digest (RFC 6920).

    Two nodes that publish the same text publish one agreement; another text is another one.
    """
    digest = base64.urlsafe_b64encode(bytes.fromhex(protocol.sha256)).rstrip(b"=").decode()
    return f"ni:///sha-256;{digest}"


def iri_of_party(party: Party) -> str:
    """The name that the Belgian governments give whoever stands in the Crossroads Bank for Enterprises."""
    return f"https://org.belgif.be/id/CbeRegisteredEntity/{party.kbo.digits}"


def clauses(protocol: Protocol, address: str) -> Iterator[Node]:
    """Each clause with its words and every value that the program reads in it, by its path in the JSON."""
    for name, clause in protocol.clauses.items():
        values = clause.model_dump(mode="json", exclude_none=True)
        about: Node = {
            "@id": f"{address}#{slugify(name)}",
            "@type": "schema:CreativeWork",
            "schema:name": name,
            "schema:text": {"@value": "\n".join(clause.paragraphs()), "@language": "nl"},
        }
        facts = [
            {"@type": "schema:PropertyValue", "schema:propertyID": path, "schema:value": value}
            for path, value in leaves({key: part for key, part in values.items() if key not in PRINTED})
        ]
        yield about | ({"schema:additionalProperty": facts} if facts else {})


SEEN = frozenset({life.EventKind.TEXT_SAME, life.EventKind.TEXT_DIFFERS})
"""What one node found out by itself: no event of the agreement."""


def events(protocol: Protocol, address: str) -> Iterator[Node]:
    """What happened to the agreement as far as this node knows, each under a name that both parties' copies give it."""
    for event in life.standing(protocol, protocol.events):
        if event.kind in SEEN or (event.kind is life.EventKind.SIGNED and not event.who):
            continue
        at = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        who = slugify(event.who)
        node: Node = {
            "@id": f"{address}#{'-'.join(filter(None, (event.kind, event.side, who, re.sub('[-:.]', '', at))))}",
            "@type": "schema:Event",
            "schema:name": event.kind.value,
            "schema:startDate": {"@type": "xsd:dateTime", "@value": at},
            "schema:about": {"@id": address},
        }
        if event.side:
            node["schema:organizer"] = {"@id": iri_of_party(getattr(protocol, event.side))}
        if event.who:
            node["schema:performer"] = event.who
        if event.kind is life.EventKind.PUBLISHED and event.told.startswith(("https://", "http://")):
            node["schema:url"] = {"@id": event.told}
        elif event.told and event.kind is not life.EventKind.SIGNED:
            node["schema:description"] = event.told
        yield node


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value in JSON-like values, with its path: "terms.items[0].number"."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, f"{path}[{number}]")
    elif value is not None:
        yield path, value


def policy(protocol: Protocol, address: str) -> Node:
    """What an ODRL processor reads: who may give what to whom, for what and where, and what is owed for it."""
    terms = protocol.articles.data.terms
    told = [{"odrl:action": {"@id": "odrl:inform"}}, {"odrl:action": {"@id": "odrl:obtainConsent"}}]
    permission: Node = {
        "@id": f"{address}#permission",
        "odrl:assigner": {"@id": iri_of_party(protocol.discloser)},
        "odrl:assignee": [{"@id": iri_of_party(party)} for party in protocol.parties.recipients],
        "odrl:action": {"@id": "odrl:distribute"},
        "odrl:target": [{"@id": f"{address}#data-{item.number}"} for item in terms.items],
        "odrl:constraint": list(_constraints(protocol, address)),
    }
    if protocol.asks_consent:
        permission["odrl:duty"] = told
    found: Node = {
        "@type": ["odrl:Agreement"],
        "odrl:uid": {"@id": address},
        "odrl:permission": [permission],
        "odrl:obligation": [
            {
                "@id": f"{address}#erase-{number}",
                "odrl:assignee": {"@id": iri_of_party(protocol.recipient)},
                "odrl:action": {"@id": "odrl:delete"},
                "odrl:target": {"@id": f"{address}#retention-{number}"},
            }
            for number, _ in enumerate(terms.retention, 1)
        ],
    }
    return found


def _constraints(protocol: Protocol, address: str) -> Iterator[Node]:
    through, since = protocol.in_force_through, protocol.in_force_from
    yield _constraint("purpose", "isAnyOf", [{"@id": f"{address}#{code}"} for code in sorted(protocol.purposes)])
    yield _constraint("spatial", "isAnyOf", [{"@id": f"refnis:{code}"} for code in sorted(protocol.residences)])
    yield _constraint("dateTime", "gteq", {"@value": since.isoformat(), "@type": "xsd:date"})
    if through is not None:
        yield _constraint("dateTime", "lteq", {"@value": through.isoformat(), "@type": "xsd:date"})


def _constraint(left: str, operator: str, right: Any) -> Node:
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": {"@id": f"odrl:{left}"},
        "odrl:operator": {"@id": f"odrl:{operator}"},
        "odrl:rightOperand": right,
    }
