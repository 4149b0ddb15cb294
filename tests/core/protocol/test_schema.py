"""The published JSON Schema is what the models say today, and refuses what they refuse."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from brug.core.protocol.document import DocumentError, load
from tests.core.protocol.samples import WESTERLO
from tools.protocol_schema import schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "spec" / "protocol.schema.json"
Path_ = tuple[str | int, ...]
REFUSED: list[tuple[Path_, Any]] = [
    (("parties", 1, "kbo"), "abc"),
    (("parties", 1, "kbo"), "0212.181.95"),
    (("parties", 1, "kbo"), "212.181.956"),
    (("parties", 1, "role"), "giver"),
    (("parties", 1, "seat", "postal_code"), "226"),
    (("parties", 1, "representatives"), []),
    (("articles", 10, "terms", "in_force_from"), "2024-13-01"),
    (("articles", 10, "terms", "in_force_from"), "2024-02-30"),
    (("articles", 10, "terms", "in_force_from"), "2023-02-29"),
    (("articles", 10, "terms", "in_force_from"), "1900-02-29"),
    (("articles", 10, "terms", "in_force_from"), "2024-1-1"),
    (("articles", 10, "terms", "notice_months"), 61),
    (("articles", 10, "terms", "notice_months"), "6"),
    (("articles", 10, "terms", "notice_days"), 30),  # beside its six months
    (("articles", 1, "terms", "residences"), ["13999"]),
    (("articles", 1, "terms", "residences"), [13049]),
    (("articles", 1, "terms", "residences"), []),
    (("articles", 2, "terms", "items", 0, "fields"), ["income"]),
    (("articles", 4, "terms", "periodicity"), "always"),
    (("articles", 5, "terms", "transport", "mailbox"), "info.ocmw"),
    (("articles", 7, "kind"), "sanctie"),
    (("articles", 7, "remark"), "x"),
    (("articles",), []),
    (("recitals", 2, "kind"), "other"),
    (("version",), 0),
    (("id",), "Opgroeien/OCMW"),
    (("title", "text"), " "),
]
TAKEN: list[tuple[Path_, Any]] = [
    (("articles", 10, "terms", "in_force_from"), "2024-01-01"),
    (("recitals", 0, "terms", "founded_by", "dated"), "2004-04-30"),
    (("parties", 1, "kbo"), "0212181956"),
    (("articles", 4, "terms", "periodicity"), "yearly"),
    (("articles", 1, "terms", "residences"), ["13049", "46013"]),
    (("articles", 7, "kept_by"), "people"),
    (("recitals", 5, "terms", "outcome"), "negative"),
]


def changed(path: Path_, value: Any) -> Any:
    """The signed protocol with another value at one place."""
    values = json.loads(WESTERLO.model_dump_json(by_alias=True))
    place = values
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return values


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # a second to read, of one worker only

    return Draft202012Validator(json.loads(schema()))


def both(values: Any) -> tuple[bool, bool]:
    """Whether the schema and the model take it."""
    accepts = _validator().is_valid
    try:
        load(json.dumps(values))
    except DocumentError:
        return accepts(values), False
    return accepts(values), True


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text() == schema(), "run: python -m tools.protocol_schema docs/spec/protocol.schema.json"


def test_the_schema_takes_the_signed_protocol() -> None:
    assert both(json.loads(WESTERLO.model_dump_json(by_alias=True))) == (True, True)


@pytest.mark.parametrize(("path", "value"), REFUSED, ids=str)
def test_what_the_model_refuses_the_schema_refuses(path: Path_, value: Any) -> None:
    assert both(changed(path, value)) == (False, False)


@pytest.mark.parametrize(("path", "value"), TAKEN, ids=str)
def test_what_the_model_takes_the_schema_takes(path: Path_, value: Any) -> None:
    assert both(changed(path, value)) == (True, True)


def test_what_only_the_model_can_refuse_is_said() -> None:
    """Check digits, and rules between values: no JSON Schema can say them."""
    digits = changed(("parties", 1, "kbo"), "0212.181.957")
    assert both(digits) == (True, False)
    assert "Check digits" in json.loads(schema())["$comment"]
