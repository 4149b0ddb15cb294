"""The JSON Schema of a protocol document: `python -m tools.protocol_schema docs/spec/protocol.schema.json`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from brug.core.protocol.document import Protocol


def schema() -> str:
    """The schema as it is published, generated from the models; the rules between values are in the models only."""
    found = Protocol.model_json_schema(by_alias=True, mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from the models of the release; do not edit. Check digits and rules between values, such as "
        "that the words say what the terms say, stand in no schema: `brug protocol check` knows them.",
    }
    published = json.dumps(head | found, ensure_ascii=False, indent=2) + "\n"
    return re.sub(r"brug__core__protocol__[a-z]+__(\w+?)__Terms", r"\1Terms", published)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema())
