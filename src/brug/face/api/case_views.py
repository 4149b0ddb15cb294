"""The OCMW's side: fetch the cases of members who allowed it, and say that a file lives elsewhere (art. 2, 3, 4)."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router
from ninja.params.functions import Query
from pydantic.alias_generators import to_camel

from brug.core.datum import PLAIN
from brug.desks.casework import outside
from brug.desks.casework.history import Content
from brug.desks.casework.models import ClientFile
from brug.face.api import queries, schemas
from brug.face.api.access import Caller, for_scope
from brug.face.api.models import Told
from brug.face.api.once import Answer, once
from brug.face.api.problems import Problem, not_found
from brug.face.api.rest import AS_WRITTEN, LIMIT, READS, WRITES, page_of
from brug.face.api.states import Scope
from brug.office.ledger.acts import Act
from brug.office.registry import queries as registry

router = Router(tags=["OCMW"])
AFTER: Any = Query(None, description="From `next`: where the page before ended")
ETAG = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag as it came",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your own random number for this write; the same request with it happens once (24 hours)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_-]+$"},
}
READ, WRITE = for_scope(Scope.CASES_READ), for_scope(Scope.CASES_WRITE)


def _with(scoped: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return scoped | {"openapi_extra": scoped["openapi_extra"] | extra}


@router.get("/cases", response={200: schemas.Cases} | READS, **AS_WRITTEN, **READ)
def list_cases(request: HttpRequest, limit: int = LIMIT, after: UUID | None = AFTER) -> Any:
    """The cases of the members who let you act for them, in the order of their references."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    members = queries.members_who_allowed(caller.application, Scope.CASES_READ, caller.at)
    found = outside.following(after, limit + 1, members)
    page = found[:limit]
    items = [_case(case, content) for case, content in zip(page, _hand_out(caller, page), strict=True)]
    last = page[-1].reference if len(found) > limit else None
    return page_of("list_cases", items, limit=limit, after=after, last=last)


@router.get(
    "/cases/{uuid:reference}",
    response={200: schemas.Case} | READS,
    **AS_WRITTEN,
    **_with(READ, responses={200: {"headers": ETAG}}),
)
def read_case(request: HttpRequest, response: HttpResponse, reference: UUID) -> Any:
    """One case. 404 once it is erased, lives in your software, or is nobody's who let you act for her."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    case = _theirs(caller, Scope.CASES_READ, reference)
    if case.restricted_at or (isinstance(case, ClientFile) and case.is_elsewhere):
        raise not_found()
    response["ETag"] = f'"{case.version}"'
    return _case(case, _hand_out(caller, [case])[0])


@router.get(
    "/cases/{uuid:reference}/file",
    response={200: schemas.FileKept} | READS,
    **AS_WRITTEN,
    **_with(READ, responses={200: {"headers": ETAG}}),
)
def read_file(request: HttpRequest, response: HttpResponse, reference: UUID) -> Any:
    """What Brug keeps of a client file that lives in your software: the reference, and the day it is erased."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    file = _theirs(caller, Scope.CASES_READ, reference)
    if not isinstance(file, ClientFile) or not file.is_elsewhere:
        raise not_found()
    with transaction.atomic():
        caller.record(Act.OPENED, reference, protocol=file.protocol)
    response["ETag"] = f'"{file.version}"'
    return _kept(file)


@router.put(
    "/cases/{uuid:reference}/file",
    response={200: schemas.FileKept} | WRITES,
    **AS_WRITTEN,
    **_with(WRITE, parameters=[IF_MATCH, KEY], responses={200: {"headers": ETAG}}),
)
def put_file(request: HttpRequest, reference: UUID, told: schemas.FileElsewhere) -> HttpResponse:
    """The client wants help, and the client file lives in your software. Brug erases the data of the person at once.

    Contact must have been made and the need be known (409 before that). Put it again when the file is closed, and
    without `closedOn` when it was opened again.
    """
    caller: Caller = request.auth  # type: ignore[attr-defined]

    def put() -> Answer:
        case = _theirs(caller, Scope.CASES_WRITE, reference)
        version = _version_seen(request)
        by, days = caller.application.actor, (told.opened_on, told.closed_on)
        elsewhere = outside.Elsewhere(told.file_number, *days)
        file = outside.live_elsewhere(case, elsewhere, by=by, at=caller.at, version=version)
        _remember(caller, [file])
        kept = {name: _plain(value) for name, value in _kept(file).items() if value is not None}
        return 200, kept, {"ETag": f'"{file.version}"'}

    return once(request, caller, put)


def _theirs(caller: Caller, scope: Scope, reference: UUID) -> outside.Case:
    members = queries.members_who_allowed(caller.application, scope, caller.at)
    case = outside.find(reference, members)
    if case is None:
        raise not_found()
    return case


def _hand_out(caller: Caller, cases: list[outside.Case]) -> list[Content]:
    with transaction.atomic():
        contents = outside.hand_out(cases, by=caller.application.actor, at=caller.at)
        _remember(caller, cases)
    return contents


def _remember(caller: Caller, cases: list[outside.Case]) -> None:
    """From now the application hears of what happens to them."""
    told = [Told(application=caller.application, reference=case.pk, member=case.worker) for case in cases]
    Told.objects.bulk_create(told, ignore_conflicts=True)


def _version_seen(request: HttpRequest) -> int:
    seen = request.headers.get("If-Match")
    if seen is None:
        raise Problem("brug:versionNeeded")
    if not re.fullmatch(r'"[0-9]{1,9}"', seen, re.ASCII):
        raise Problem("belgif:badRequest", "If-Match is the ETag as it came.")
    return int(seen.strip('"'))


def _case(case: outside.Case, content: Content) -> dict[str, Any]:
    referral = content["referral"]
    identifier, _, version = case.protocol.rpartition("@")
    return {
        "reference": case.reference,
        "href": reverse("api-v1:read_case", args=(case.reference,)),
        "version": case.version,
        "worker": case.worker.pseudonym if case.worker else None,
        "isFile": isinstance(case, ClientFile),
        "consentWithdrawn": case.withdrawn_at is not None,
        "residence": referral["residence"],
        "protocol": case.protocol,
        "protocolHref": reverse("api-v1:read_protocol", args=(identifier, version)),
        "terms": _terms(identifier, int(version)),
        "client": _client(referral["client"]),
    }


def _client(kept: dict[str, Any]) -> dict[str, Any]:
    """The data of core/datum.py and no other, whatever else would stand there."""
    told = {to_camel(row.code): kept[row.code] for row in PLAIN if kept.get(row.code)}
    told |= {"hasOneName": True} if kept.get("has_one_name") else {}
    names = {"street": "street", "number": "number", "box": "box", "postal_code": "postalCode"}
    address = {new: kept["address"][old] for old, new in names.items() if (kept.get("address") or {}).get(old)}
    return told | ({"address": address} if address else {})


@lru_cache(64)
def _terms(identifier: str, version: int) -> dict[str, Any]:
    protocol = registry.protocol(identifier, version)
    if protocol is None:
        raise LookupError("a case under a protocol version that is not here")
    rules = protocol.articles.data.terms.retention
    return {"purposes": sorted(protocol.purposes), "retention": [str(rule.text) for rule in rules]}


def _kept(file: ClientFile) -> dict[str, Any]:
    return {
        "reference": file.reference,
        "version": file.version,
        "consentWithdrawn": file.withdrawn_at is not None,
        "openedOn": file.opened_on,
        "closedOn": file.closed_on,
        "eraseOn": file.due_on,
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else value.isoformat() if isinstance(value, date) else str(value)
