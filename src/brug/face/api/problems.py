"""What an application is told when something cannot be done: RFC 9457, with the articles, never with a value.

A type that begins with `urn:problem-type:belgif:` is one of the Belgian REST guide; the others are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.http import HttpResponse

from brug.core.protocol.decide import Denied, Reason
from brug.core.states import WrongState

MEDIA_TYPE = "application/problem+json"
TYPES: Final[Mapping[str, tuple[int, str]]] = {  # end of the type → status, title
    "belgif:badRequest": (400, "The request is not as the schema says"),
    "belgif:missingAccessToken": (401, "An access token is needed"),
    "belgif:invalidAccessToken": (401, "The access token is not valid, or not agreed to, or no longer"),
    "belgif:missingScope": (403, "The access token is for something else"),
    "belgif:resourceNotFound": (404, "There is nothing here for this application"),
    "belgif:methodNotAllowed": (405, "This cannot be done to this resource"),
    "belgif:notAcceptable": (406, "The answer is JSON"),
    "brug:wrongState": (409, "Somebody was first, or it is too early"),
    "brug:staleVersion": (412, "It changed meanwhile: fetch it again"),
    "belgif:payloadTooLarge": (413, "The body is larger than any right one"),
    "belgif:unsupportedMediaType": (415, "The body is application/json"),
    "brug:denied": (422, "The protocol says no"),
    "brug:notPossible": (422, "What was sent is well formed, and cannot be"),
    "brug:keyReused": (422, "This idempotency key came before with another request"),
    "brug:versionNeeded": (428, "Say which version you have seen: If-Match"),
}


class Problem(Exception):
    """Stop here and say so. `kind` is the end of a type of `TYPES`; `issues` name a place, never a value."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        issues: Iterable[Mapping[str, str]] = (),
        reasons: Iterable[Reason] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.headers = kind, detail, dict(headers or {})
        self.issues = [dict(issue) for issue in issues]
        self.reasons = [{"article": reason.article, "code": reason.code} for reason in reasons]

    def response(self) -> HttpResponse:
        status, title = TYPES[self.kind]
        told: dict[str, Any] = {"type": f"urn:problem-type:{self.kind}", "title": title, "status": status}
        for name, value in (("detail", self.detail), ("issues", self.issues), ("reasons", self.reasons)):
            if value:
                told[name] = value
        response = HttpResponse(json.dumps(told), status=status, content_type=MEDIA_TYPE)
        for name, value in self.headers.items():
            response[name] = value
        return response


def not_found() -> Problem:
    """Not theirs and not there are one answer (art. 4)."""
    return Problem("belgif:resourceNotFound")


def not_as_the_schema(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """What pydantic found, without what was typed: the place, the rule, and what was expected.

    When the schema has nothing against it and only our own rules do, it is no mistake of the program: 422.
    """
    issues = []
    found = list(errors)
    for error in found:
        place, *names = [str(part) for part in error["loc"]]
        if place == "body":
            names = names[1:]  # the name of our own parameter
        if error["type"] == "extra_forbidden":
            names[-1:] = ["?"]  # a name that somebody made up may be a person's
        told = {"type": "urn:problem-type:belgif:input-validation:schemaViolation", "in": place}
        told |= {"name": "/".join(names) or place, "detail": _expected(error)}
        issues.append(told)
    ours = all(error["type"] == "value_error" for error in found)
    return Problem("brug:notPossible" if ours else "belgif:badRequest", issues=issues[:20])


def _expected(error: Mapping[str, Any]) -> str:
    """Sentences of pydantic that could repeat a value are left out; ours never do."""
    if error["type"] == "extra_forbidden":
        return "No such field."
    if error["type"] == "missing":
        return "This is needed."
    if error["type"] in {"value_error", "rfc_3339"}:
        return str(error["msg"]).removeprefix("Value error, ")
    return f"Expected: {str(error['type']).replace('_', ' ')}."


def of(error: Exception) -> Problem:
    """The problem that one of the four families of errors is, at this edge."""
    if isinstance(error, Denied):
        return Problem("brug:denied", reasons=error.denial.reasons)
    if isinstance(error, WrongState):
        return Problem("brug:wrongState")
    return Problem("brug:notPossible", str(error))
