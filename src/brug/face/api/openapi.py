"""The published schema: OpenAPI 3.0.3, as BelgIF asks; the framework makes 3.1, which is spelled as 3.0 here."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.urls import reverse

from brug.face.api.operations import api
from brug.face.api.problems import MEDIA_TYPE, TYPES
from brug.face.api.states import Scope

Node = dict[str, Any]
SCOPES: dict[Scope, str] = {
    Scope.CASES_READ: "Fetch the cases of the members who allowed it.",
    Scope.CASES_WRITE: "Say that a client file lives in the other software.",
    Scope.DRAFTS_WRITE: "Start a draft for a member who allowed it.",
    Scope.DECISION_ASK: "Ask what the protocol would say.",
    Scope.OVERSIGHT_READ: "Read the register, processors, figures and signed checkpoints.",
}


@cache
def schema() -> Node:
    """OpenAPI 3.0.3."""
    made: Node = json.loads(json.dumps(api.get_openapi_schema(path_prefix="api/v1/"), default=str))
    made = _down(made) | {"openapi": "3.0.3"}
    made["info"] |= {"license": {"name": "EUPL-1.2"}}
    made["servers"] = [{"url": "/"}]
    bearer = made["components"]["securitySchemes"]["Bearer"]
    bearer["description"] = "A token of this node, or a signed access token (JWT) of its OpenID provider."
    for methods in made["paths"].values():
        for operation in methods.values():
            _finish(operation)
    return made


def _finish(operation: Node) -> None:
    """Errors have their own media type; the scope stands in the words too."""
    for status, response in operation["responses"].items():
        if int(status) >= 400 and "application/json" in response.get("content", {}):
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        if int(status) >= 400:
            response["description"] = "; ".join(title for code, title in TYPES.values() if code == int(status))
    if scope := operation.get("x-required-scope"):
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()


def _down(node: Any) -> Any:
    """Every part of 3.1's JSON Schema that ours uses, as 3.0 spells it."""
    if isinstance(node, list):
        return [_down(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: _down(value) for key, value in node.items()}
    for key in ("anyOf", "oneOf"):
        found = node.get(key)
        if isinstance(found, list) and any(each.get("type") == "null" for each in found):
            rest = [each for each in found if each.get("type") != "null"]
            del node[key]
            node["nullable"] = True
            node |= rest[0] if len(rest) == 1 and "$ref" not in rest[0] else {"allOf" if len(rest) == 1 else key: rest}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if isinstance(node.get("examples"), list):
        node["example"] = node.pop("examples")[0]
    return node


def page() -> Node:
    """What the reference page shows: operations by tag, the shapes, the scopes and the errors."""
    made = schema()
    tags: dict[str, list[Node]] = {}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    shapes = [_shape(name, each) for name, each in sorted(made["components"]["schemas"].items())]
    errors = [{"type": f"urn:problem-type:{kind}", "status": s, "title": title} for kind, (s, title) in TYPES.items()]
    return {
        "info": made["info"],
        "tags": tags,
        "shapes": shapes,
        "scopes": [(scope.value, words) for scope, words in SCOPES.items()],
        "errors": errors,
        "base": reverse("api-v1:read_health").removesuffix("/health"),
    }


def _operation(path: str, method: str, operation: Node) -> Node:
    sent: Node = operation.get("requestBody", {"content": {}})["content"].get("application/json", {"schema": {}})
    body: Node = sent["schema"]
    answers = []
    for status, response in sorted(operation["responses"].items()):
        shapes = [_name(content["schema"]) for content in response.get("content", {}).values()]
        answers.append({"status": status, "words": response["description"], "shape": "".join(shapes)})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "words": operation.get("description", "").replace("`", ""),
        "parameters": operation.get("parameters", []),
        "body": _name(body),
        "right": [each for each in answers if int(each["status"]) < 400],
        "wrong": [each for each in answers if int(each["status"]) >= 400],
    }


def _shape(name: str, shape: Node) -> Node:
    needed = set(shape.get("required", []))
    rows = [
        {"name": key, "type": _type(each), "needed": key in needed, "words": each.get("description", "")}
        for key, each in shape.get("properties", {}).items()
    ]
    return {"name": name, "words": shape.get("description", ""), "rows": rows}


def _name(schema: Node) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _type(schema: Node) -> str:
    """A property in a few words: its type, its shape, the values it may have."""
    if "$ref" in schema:
        return _name(schema)
    for key in ("anyOf", "allOf"):
        if key in schema:
            return " or ".join(_type(each) for each in schema[key])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    words = [str(schema.get("type", "object")), str(schema.get("format", "")), str(schema.get("pattern", ""))]
    return " ".join(word for word in words if word)
