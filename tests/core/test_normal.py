"""What is published of messages is what the models say, and each example is a message (docs/spec)."""

from __future__ import annotations

import json

import pytest

from brug.core import message
from brug.core.parcel import card
from tests.conftest import ROOT
from tests.vectors import schemas
from tests.vectors.messages import EVERY

SPEC = ROOT / "docs" / "spec"


@pytest.mark.parametrize("name", sorted(schemas.PUBLISHED))
def test_the_published_schema_is_the_one_of_the_models(name: str) -> None:
    assert (SPEC / name).read_text() == schemas.written(name), "run: python -m tests.vectors.schemas"


def test_there_is_one_complete_example_of_each_kind_and_it_is_a_message() -> None:
    import jsonschema  # a second to read, of one worker only

    kinds = list(message.KINDS)
    assert sorted(each.kind for each in EVERY) == sorted(kinds)
    schema = json.loads((SPEC / "message.schema.json").read_text())
    for each in EVERY:
        [told] = schema["$defs"][type(each).__name__]["examples"]
        assert message.parse(json.dumps(told).encode()) == each
        jsonschema.validate(told, schema)


def test_the_example_of_a_key_card_is_one() -> None:
    import jsonschema

    schema = json.loads((SPEC / "key-card.schema.json").read_text())
    [told] = schema["examples"]
    jsonschema.validate(told, schema)
    assert card.read(json.dumps(told)).kbo == "0886886638"


def test_the_words_of_the_phone_stand_beside_the_specification() -> None:
    assert (SPEC / "woorden.txt").read_bytes() == (ROOT / "src/brug/core/parcel/woorden.txt").read_bytes()
