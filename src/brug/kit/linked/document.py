"""The document itself as JSON, and its JSON Schema: the same values as in the YAML, for any program (recital D)."""

from __future__ import annotations

import json
import re
from functools import cache

from brug.core.protocol.document import Protocol


def as_json(protocol: Protocol) -> str:
    """The document, every value as it stands in the YAML; it validates against `schema`."""
    return json.dumps(protocol.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=2) + "\n"


@cache
def schema() -> str:
    """The JSON Schema (2020-12) of a document; the rules between values are in the program only."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    found = json.dumps(head | Protocol.model_json_schema(by_alias=True), ensure_ascii=False, indent=2) + "\n"
    return re.sub(r"brug__core__protocol__[a-z]+__(\w+?)__Terms", r"\1Terms", found)
