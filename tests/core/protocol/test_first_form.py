"""A node of 0.2.0 goes on under the text that it adopted: the form of its document is read as it stands (art. 11)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brug.core.protocol import document, source
from brug.core.protocol.source import DocumentError
from tests.conftest import PROTOCOL_TEXT


def as_of_0_2_0() -> dict[str, Any]:
    values = json.loads(json.dumps(source.read(PROTOCOL_TEXT).values))
    values["parties"] = {party.pop("role"): party for party in values["parties"]}
    for name in ("recitals", "articles"):
        values[name] = {clause.pop("mark"): clause for clause in values[name]}
        for clause in values[name].values():
            del clause["kind"]
    return values


def test_it_says_the_same_and_is_the_same_text() -> None:
    known = document.load(json.dumps(as_of_0_2_0()))
    assert known.sha256 == document.load(PROTOCOL_TEXT).sha256
    assert known.articles == document.load(PROTOCOL_TEXT).articles


@pytest.mark.parametrize(("name", "wrong"), [("articles", {"12": {"heading": "Slot"}}), ("recitals", {"A": {}})])
def test_what_is_wrong_in_it_is_to_be_written_as_documents_are_now(name: str, wrong: dict[str, object]) -> None:
    with pytest.raises(DocumentError, match="array"):
        document.load(json.dumps(as_of_0_2_0() | {name: wrong}))
