"""The published schema: valid as OpenAPI 3.0.3, complete, and never behind the operations."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from brug.face.api import openapi, views
from brug.face.api.problems import MEDIA_TYPE, TYPES
from brug.face.api.states import Scope


def test_it_is_valid_as_3_0_3() -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator  # a second to read

    assert list(OpenAPIV30SpecValidator(openapi.schema()).iter_errors()) == []
    assert openapi.schema()["openapi"] == "3.0.3"


@pytest.mark.django_db
def test_it_is_published_without_a_token(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200 and json.loads(answer.content) == openapi.schema()


def test_names_are_lower_camel_case_and_shapes_take_nothing_else() -> None:
    """BelgIF; and an unknown name is refused."""
    for name, shape in openapi.schema()["components"]["schemas"].items():
        for key in shape.get("properties", {}):
            assert key.isalnum() and key[0].islower(), (name, key)
    sent = [each for each in openapi.schema()["paths"].values() for each in each.values() if "requestBody" in each]
    for operation in sent:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert openapi.schema()["components"]["schemas"][reference]["additionalProperties"] is False


def test_every_error_is_a_problem_and_every_scope_is_used() -> None:
    scopes = set()
    for methods in openapi.schema()["paths"].values():
        for operation in methods.values():
            assert operation.get("x-required-scope", None) is not None or "security" not in operation
            scopes.add(operation.get("x-required-scope"))
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert set(response["content"]) == {MEDIA_TYPE}
                    assert int(status) in {code for code, _ in TYPES.values()}
    assert scopes == {None, *(scope.value for scope in Scope)}


def test_every_operation_passes_the_door() -> None:
    for pattern in views.operations():
        assert pattern.callback.login_required is False and pattern.callback.csrf_exempt is True
        assert pattern.callback.__closure__ is not None


@pytest.mark.django_db
def test_the_reference_page_names_every_operation_and_asks_nobody_else(client: Client) -> None:
    answer = client.get("/api/v1/reference")
    text = answer.content.decode()
    for path, methods in openapi.schema()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in text
    assert "<script" not in text and 'src="http' not in text and "style=" not in text


@pytest.mark.django_db
def test_every_name_that_goes_out_has_its_meaning(client: Client) -> None:
    """The JSON-LD context knows every name of a case, a draft and a file; addresses are absolute."""
    context = client.get("/api/v1/context.jsonld").json()["@context"]
    shapes = openapi.schema()["components"]["schemas"]
    names = {key for shape in ("Case", "Client", "Address", "FileKept") for key in shapes[shape]["properties"]}
    names |= {"fileNumber", "closedOn", "reasons"}
    assert names - set(context) <= {"version", "isFile"}
