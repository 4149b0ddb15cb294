"""The published schemas, from the models: `python -m tests.vectors.schemas` writes docs/spec/*.schema.json anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, TypeAdapter

from brug.core import datum, message, shape
from brug.core.identity import IN_A_NAME, LINE_LENGTH, NAME_LENGTH, REMARK_LENGTH
from brug.core.parcel import card
from tests.core.parcel.samples import AT, LEDGER, OURS, PARCEL_KEY, public
from tests.vectors.messages import EVERY

SPEC = Path(__file__).parents[2] / "docs" / "spec"


def _points(signs: str) -> str:
    return " ".join(f"U+{ord(sign):04X}" for sign in sorted(set(signs)))


FORMATS = {  # of JSON Schema → how such a value is written, and in words
    "date-time": (
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$",
        "An instant: RFC 3339 in UTC, with Z; a fraction of at most six digits.",
    ),
    "date": (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day in Brussels (Europe/Brussels), of the calendar."),
    "uuid": (
        r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "A UUID (RFC 9562) of any version, in lower case with hyphens.",
    ),
}
NAMES = {  # of a field → the form of its text, which no pattern of JSON Schema says whole
    "given_name": "name", "family_name": "name", "street": "line", "number": "place", "box": "place",
    "phone": "phone", "email": "email", "remark": "remark", "facts": "remark", "consequences": "remark",
    "measures": "remark", "task": "remark", "guarantees": "remark",
    "birth_date": "birth_date", "language": "language", "household": "household",
}  # fmt: skip
NATIONAL = "no Belgian national register number (parcel.md, The members)"
TEXTS = {
    "name": f"1 to {NAME_LENGTH} characters in NFC, one space between words, none at an end: letters and marks of any "
    f"script, characters that Unicode has not given out yet, and these: {_points(IN_A_NAME)}; at least one letter.",
    "line": f"1 to {LINE_LENGTH} characters in NFC on one line, one space between words: letters, marks and numbers of "
    f"any script, and these: {_points(shape._MORE_IN_A_LINE)}; {NATIONAL}.",
    "place": f"A line of at most {shape.PLACE_LENGTH} characters.",
    "phone": "E.164: + and 7 to 15 digits.",
    "email": "local@domain in ASCII, at most 254 characters; writers put it in lower case.",
    "remark": f"1 to {REMARK_LENGTH} characters in lines of text (\\n), no white space (White_Space) at an end, no "
    f"control character; {NATIONAL}.",
    "birth_date": "A day as YYYY-MM-DD; whether the calendar has it is not asked.",
    "language": "A code of ISO 639 in two or three letters, by no list.",
    "household": "How many people live together: 1 to 99.",
}
PATTERNS = {"phone": r"^\+[1-9][0-9]{6,14}$", "email": r"^[!-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"}
PATTERNS |= {name: f"^{pattern}$" for name, pattern in datum.CROSSES.items()}
MOST = {"name": NAME_LENGTH, "line": LINE_LENGTH, "place": shape.PLACE_LENGTH, "remark": REMARK_LENGTH, "email": 254}


def messages() -> dict[str, Any]:
    """Every kind of message. What JSON Schema cannot say stands in `description`, and in parcel.md."""
    kinds = Annotated[Union[*(type(each) for each in EVERY)], Field(discriminator="kind")]
    found = TypeAdapter(kinds).json_schema(mode="validation")
    examples = {each.kind: message.dump(each) for each in EVERY}
    for name, model in found["$defs"].items():
        kind = model.get("properties", {}).get("kind", {}).get("const")
        _finish(model, getattr(message, name, None))
        if kind:
            model["examples"] = [examples[kind]]
    found["discriminator"].pop("mapping")
    return _headed("message", "A message: the content of bericht.json", found)


def key_card() -> dict[str, Any]:
    found = card.Card.model_json_schema(mode="validation")
    _finish(found, card.Card)
    found["properties"]["signature"] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{86}$"}
    found["required"] = sorted([*found["required"], "signature"])
    facts = {"signing_key": OURS, "checkpoint_key": public(LEDGER), "parcel_key": card_key(), "made_at": AT}
    written = card.write("0886886638", "Opgroeien regie", "info@opgroeien.example", "+3225331211", **facts)  # type: ignore[arg-type]
    found["examples"] = [json.loads(written)]
    return _headed("key-card", "A key card, as one line of canonical JSON", found)


def card_key() -> bytes:
    from brug.core.parcel.keys import public_parcel_key

    return public_parcel_key(PARCEL_KEY)


def _finish(model: dict[str, Any], source: type[BaseModel] | None) -> None:
    """No null, no default: what is not given is left out, and all else is there."""
    properties, required = model.get("properties", {}), []
    for name, value in properties.items():
        choices = value.get("anyOf", [])
        if {"type": "null"} in choices:
            value |= next(choice for choice in choices if choice != {"type": "null"})
            value.pop("anyOf")
        else:
            required.append(name)
        value.pop("default", None)
        value.pop("title", None)
        _written(name, value)
    model["required"] = required
    model.pop("title", None)
    if source is not None and source.__doc__:
        model["description"] = " ".join(source.__doc__.split())


def _written(name: str, value: dict[str, Any]) -> None:
    if value.get("items"):
        _written("", value["items"])
    if value.get("format") in FORMATS:
        value["pattern"], value["description"] = FORMATS[value["format"]]
    elif name in NAMES and value.get("type") == "string":
        value["description"] = TEXTS[NAMES[name]]
        if pattern := PATTERNS.get(NAMES[name]):
            value["pattern"] = pattern
        if most := MOST.get(NAMES[name]):
            value |= {"minLength": 1, "maxLength": most}


def _headed(name: str, title: str, found: dict[str, Any]) -> dict[str, Any]:
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:brug:schema:{name}:1",
        "title": title,
    }
    return head | {key: value for key, value in found.items() if key != "title"}


PUBLISHED = {"message.schema.json": messages, "key-card.schema.json": key_card}


def written(name: str) -> str:
    return json.dumps(PUBLISHED[name](), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    for name in PUBLISHED:
        (SPEC / name).write_text(written(name))
    words = Path(card.__file__).parent / "woorden.txt"
    (SPEC / "woorden.txt").write_bytes(words.read_bytes())


if __name__ == "__main__":
    main()
