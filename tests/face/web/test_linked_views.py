"""Names and shapes of linked data have addresses of their own; nobody fetches anything to read a document."""

from __future__ import annotations

import json

import pytest
import rdflib
from django.test import Client
from django.urls import reverse

from brug.core.protocol.document import load
from brug.desks.oversight.register_linked import register
from brug.face.web.linked_views import PUBLISHED
from brug.kit.linked.jsonld import linked
from tests.conftest import NOW, PROTOCOL_TEXT, ROOT

FOLDER = ROOT / "docs" / "spec" / "linked"


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_stands_at_its_address_for_anybody_and_in_the_release(client: Client, db: None, name: str) -> None:
    answer = client.get(f"/linked/{name}")
    assert answer.status_code == 200 and answer["Access-Control-Allow-Origin"] == "*"
    assert answer.content.decode() == (FOLDER / name).read_text(), "run: python -m tools.linked docs/spec/linked"
    if name.endswith("ttl"):
        assert answer["Content-Type"].startswith("text/turtle")
        assert len(rdflib.Graph().parse(data=answer.content.decode(), format="turtle")) > 0
    else:
        assert answer["Content-Type"] == "application/ld+json" and "@context" in json.loads(answer.content)


def test_nothing_else_stands_there(client: Client, db: None) -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(PUBLISHED)
    assert client.get("/linked/settings.py").status_code == 404


def test_a_document_holds_the_context_that_is_published() -> None:
    protocol = load(PROTOCOL_TEXT)
    whole = register([], [], party="x", at=NOW, address="urn:x", address_of=lambda _: "urn:y")
    for name, document in (("protocol", linked(protocol, NOW, "urn:x")), ("register", whole)):
        published = json.loads(PUBLISHED[f"{name}-1.context.jsonld"]())
        assert document["@context"] == published["@context"], "no address that has to be fetched"


def test_a_document_says_where_its_shapes_are(client: Client, protocol: object) -> None:
    answer = client.get(reverse("protocol-jsonld", args=["opgroeien-ocmw-westerlo", 1]))
    assert answer["Link"] == '</linked/protocol-1.shapes.ttl>; rel="describedby"'
