"""The published JSON Schema is what the models say today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.core.protocol.samples import WESTERLO
from tools.protocol_schema import schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "spec" / "protocol.schema.json"


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text() == schema(), "run: python -m tools.protocol_schema docs/spec/protocol.schema.json"


def test_the_schema_knows_every_key_of_the_signed_protocol_and_forbids_others() -> None:
    found = json.loads(PUBLISHED.read_text())
    _fits(json.loads(WESTERLO.model_dump_json(by_alias=True)), found, found["$defs"])


def _fits(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> None:
    """Whether every key of `value` is in the schema, every required one in `value`, as deep as they go."""
    if "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if value is not None:
            _fits(value, next(choice for choice in schema["anyOf"] if choice.get("type") != "null"), defs)
        return
    if isinstance(value, dict):
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys()
        for key, part in value.items():
            _fits(part, schema["properties"][key], defs)
    if isinstance(value, list):
        for part in value:
            _fits(part, schema["items"], defs)
    if "enum" in schema:
        assert value in schema["enum"]
