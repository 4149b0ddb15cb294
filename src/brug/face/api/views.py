"""The door of the API: every request passes it. A token and no cookie, JSON of a right size, an error in one form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, re_path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from brug.face.api import openapi
from brug.face.api.operations import api
from brug.face.api.problems import MEDIA_TYPE, Problem, not_found
from brug.face.api.states import LARGEST_BODY

JSON_TYPES = ("application/json", "application/ld+json", MEDIA_TYPE)
View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """Around each operation. The pages' session, log-in and form tokens have no say here."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.at = timezone.now()  # type: ignore[attr-defined]
        try:
            _look_at(request)
            response = view(request, *args, **kwargs)
        except Problem as problem:
            response = problem.response()
        if response.status_code == 405:
            response = Problem("belgif:methodNotAllowed", headers={"Allow": response["Allow"]}).response()
        response["Cache-Control"] = "no-store"
        if response.get("Content-Type", "").startswith("application/json"):
            context = reverse("api-v1:read_context")
            response["Link"] = f'<{context}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        return response

    return entered


def _look_at(request: HttpRequest) -> None:
    """What is wrong whoever asks. Raises `Problem`."""
    if not any(request.accepts(kind) for kind in JSON_TYPES):
        raise Problem("belgif:notAcceptable")
    match = request.resolver_match
    known = _query_names().get((match.route if match else "", str(request.method)))
    if known is not None and set(request.GET) - known:
        raise Problem("belgif:badRequest", "There is a parameter that this operation does not have.")
    if known is not None and any(len(request.GET.getlist(name)) > 1 for name in known):
        raise Problem("belgif:badRequest", "A parameter stands twice.")
    if known is not None and request.method in {"POST", "PUT"}:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise Problem("belgif:payloadTooLarge")
        if request.content_type != "application/json":
            raise Problem("belgif:unsupportedMediaType")


@cache
def _query_names() -> dict[tuple[str, str], set[str]]:
    """(route, method) → the query parameters that the schema names."""
    found = {}
    for path, methods in openapi.schema()["paths"].items():
        route = re.sub(r"{(\w+)}", r"{}", path).lstrip("/")
        for method, operation in methods.items():
            names = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
            found[route, method.upper()] = names
    return _by_django_route(found)


def _by_django_route(found: dict[tuple[str, str], set[str]]) -> dict[tuple[str, str], set[str]]:
    routes = {
        re.sub(r"<[^>]*>", "{}", PREFIX + str(pattern.pattern)): str(pattern.pattern) for pattern in _operations()
    }
    return {(PREFIX + routes[route], method): names for (route, method), names in found.items() if route in routes}


PREFIX = "api/v1/"


@cache
def _operations() -> list[URLPattern]:
    return [each for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"]


@login_not_required
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The schema: OpenAPI 3.0.3 (BelgIF)."""
    response = HttpResponse(json.dumps(openapi.schema(), indent=2), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@login_not_required
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The schema as a page, made here: no script, nothing from anybody else."""
    return render(request, "api/reference.html", openapi.page())


@door
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Whatever is not in the schema."""
    raise not_found()


def operations() -> list[URLPattern]:
    """The addresses of the operations, each behind the door; and an answer for every other one."""
    patterns = _operations()
    for pattern in patterns:
        pattern.callback = door(pattern.callback)
    return [*patterns, re_path(r"^(?P<rest>.*)$", nowhere, name="nowhere")]
