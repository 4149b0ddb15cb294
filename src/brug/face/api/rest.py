"""The API itself: strict parsing in, one form of error out, and what every operation may answer."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.params.functions import Query
from ninja.parser import Parser

from brug.core.identity import Invalid
from brug.core.normal import each_once
from brug.core.protocol.decide import Denied
from brug.core.states import Changed, WrongState
from brug.face.api import problems, schemas
from brug.face.api.problems import Problem
from brug.face.api.states import LARGEST_PAGE, PAGE
from brug.office.parties.may import NotAllowed

ANYBODY = {frozenset({400, 404, 406}): schemas.Problem}
READS = {frozenset({400, 401, 403, 404, 406}): schemas.Problem}
ASKS = {frozenset({400, 401, 403, 404, 406, 413, 415}): schemas.Problem}
WRITES = {frozenset({400, 401, 403, 404, 406, 409, 412, 413, 415, 422, 428}): schemas.Problem}
AS_WRITTEN: dict[str, Any] = {"by_alias": True, "exclude_none": True}
LIMIT: Any = Query(PAGE, ge=1, le=LARGEST_PAGE, description="How many on a page")
DESCRIPTION = """
For the social-dossier software of an OCMW and for the own system of a local team. Strict and small: what is not in
this document does not exist. There is no list of persons, and no search by person; what an application sees are the
cases of the members who let it act for them. Nothing is sent to another party from here: a person reads and sends.
"""


def page_of(operation: str, items: list[dict[str, Any]], *, limit: int, after: object, last: object) -> dict[str, Any]:
    """A page as `schemas.Page` says; `last`: the mark of its last item, None when nothing comes after it."""
    here = f"{reverse(f'api-v1:{operation}')}?limit={limit}"
    page = {"self": here + (f"&after={after}" if after else ""), "items": items}
    return page if last is None else page | {"next": f"{here}&after={last}"}


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no name twice, no lone half of a character."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            text = request.body.decode()
            read = json.loads(text, object_pairs_hook=each_once, parse_constant=_no_constant)
            json.dumps(read, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Problem("belgif:badRequest", "The body is no JSON.") from None
        return read  # type: ignore[no-any-return]


def _no_constant(name: str) -> None:
    raise ValueError("not a number")


api = NinjaAPI(
    title="Brug",
    version="1.0.0",
    description=DESCRIPTION.strip(),
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(ValidationError)
def _not_as_the_schema(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.not_as_the_schema(error.errors).response()


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Of the framework: a body that it could not read."""
    cause = error.__cause__
    return (cause if isinstance(cause, Problem) else Problem("belgif:badRequest")).response()


@api.exception_handler(Http404)
@api.exception_handler(NotAllowed)
def _not_theirs(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.not_found().response()


@api.exception_handler(Changed)
def _changed(request: HttpRequest, error: Changed) -> HttpResponse:
    return Problem("brug:staleVersion").response()


@api.exception_handler(Denied)
@api.exception_handler(WrongState)
@api.exception_handler(Invalid)
def _of_a_verb(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.of(error).response()
