"""For everybody: protocols, linked data, health; for oversight: checkpoints and proofs (recital D, art. 6)."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router
from ninja.params.functions import Query
from pydantic import Field

from brug.core import tree
from brug.core.protocol import life
from brug.core.protocol.document import Protocol
from brug.face.api import schemas
from brug.face.api.access import for_scope
from brug.face.api.context import CONTEXT
from brug.face.api.problems import not_found
from brug.face.api.rest import ANYBODY, AS_WRITTEN, LIMIT, READS, page_of
from brug.face.api.states import Scope
from brug.kit.linked import document
from brug.office.ledger import queries as ledger
from brug.office.ledger.models import Checkpoint
from brug.office.registry import queries as registry

router = Router(tags=["Everybody"])
oversight = Router(tags=["Oversight"])
Number = Annotated[int, Field(ge=1, le=2**31)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
AFTER_NAME: Any = Query("", pattern=r"^[a-z0-9-]{0,100}$", description="From `next`")
AFTER_NUMBER: Any = Query(None, ge=1, le=2**31, description="From `next`")
LEAF: Any = Query(ge=0, le=2**53, description="The place of the entry, from 0")
SIZE: Any = Query(ge=1, le=2**53, description="The size of a checkpoint that you hold")
READ = for_scope(Scope.OVERSIGHT_READ)


@router.get("/health", response={200: schemas.Health} | ANYBODY, **AS_WRITTEN)
def read_health(request: HttpRequest) -> Any:
    """Whether this node answers, and its database."""
    Checkpoint.objects.first()
    return schemas.Health()


@router.get("/context.jsonld", response={200: dict[str, Any]} | ANYBODY)
def read_context(request: HttpRequest) -> HttpResponse:
    """The names of this API in the terms of OSLO and of the W3C Data Privacy Vocabulary: a JSON-LD context."""
    response = HttpResponse(json.dumps(CONTEXT, indent=2), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"  # public, and the same for all
    return response


@router.get("/protocols", response={200: schemas.Protocols} | ANYBODY, **AS_WRITTEN)
def list_protocols(request: HttpRequest, limit: int = LIMIT, after: str = AFTER_NAME) -> Any:
    """Every protocol that this node knows, the version that holds now; in the order of their names."""
    at = request.at  # type: ignore[attr-defined]
    found = sorted((each for each in registry.all_protocols(at) if each.id > after), key=lambda each: each.id)
    items = [
        {
            "id": each.id,
            "version": each.version,
            "title": " ".join(each.title.paragraphs()),
            "status": life.state(each, each.events, at).phase.value,
            "href": reverse("api-v1:read_protocol", args=(each.id, each.version)),
        }
        for each in found[:limit]
    ]
    last = items[-1]["id"] if len(found) > limit else None
    return page_of("list_protocols", items, limit=limit, after=after, last=last)


@router.get("/protocols/{protocol_id}/versions/{version}", response={200: dict[str, Any]} | ANYBODY)
def read_protocol(request: HttpRequest, protocol_id: Path[Slug], version: Path[Number]) -> HttpResponse:
    """One version as it was agreed, article by article; its JSON Schema is at /protocols/schema.json."""
    found: Protocol | None = registry.protocol(protocol_id, version)
    if found is None:
        raise not_found()
    return HttpResponse(document.as_json(found), content_type="application/json")


@oversight.get("/checkpoints", response={200: schemas.Checkpoints} | READS, **AS_WRITTEN, **READ)
def list_checkpoints(request: HttpRequest, limit: int = LIMIT, after: int | None = AFTER_NUMBER) -> Any:
    """The signed checkpoints of the ledger, the first one first: keep them, and you are one more witness."""
    signed = Checkpoint.objects.order_by("number")
    found = list((signed.filter(number__gt=after) if after else signed)[: limit + 1])
    last = found[limit - 1].number if len(found) > limit else None
    items = [_checkpoint(each) for each in found[:limit]]
    return page_of("list_checkpoints", items, limit=limit, after=after, last=last)


@oversight.get("/checkpoints/{number}", response={200: schemas.CheckpointRef} | READS, **AS_WRITTEN, **READ)
def read_checkpoint(request: HttpRequest, number: Path[Number]) -> Any:
    """One signed checkpoint, with the cosignatures of the other parties."""
    return _checkpoint(_at(number))


@oversight.get("/checkpoints/{number}/consistency", response={200: schemas.Proof} | READS, **AS_WRITTEN, **READ)
def prove_consistency(request: HttpRequest, number: Path[Number], from_size: int = SIZE) -> Any:
    """That this checkpoint begins with the first `from_size` entries (RFC 6962 §2.1.2): nothing was rewritten."""
    found = _at(number)
    if from_size > found.size:
        raise not_found()
    hashes = ledger.consistency(from_size, found.size)
    return {"size": found.size, "fromSize": from_size, "hashes": [b64encode(each).decode() for each in hashes]}


@oversight.get("/checkpoints/{number}/inclusion", response={200: schemas.Proof} | READS, **AS_WRITTEN, **READ)
def prove_inclusion(request: HttpRequest, number: Path[Number], leaf: int = LEAF) -> Any:
    """The audit path of one leaf under this checkpoint (RFC 6962 §2.1.1); the entry itself is not told."""
    found = _at(number)
    if leaf >= found.size:
        raise not_found()
    hashes = tree.inclusion(ledger.stored_tiles(), leaf, found.size)
    return {"size": found.size, "leaf": leaf, "hashes": [b64encode(each).decode() for each in hashes]}


def _at(number: int) -> Checkpoint:
    found = Checkpoint.objects.filter(number=number).first()
    if found is None:
        raise not_found()
    return found


def _checkpoint(each: Checkpoint) -> dict[str, Any]:
    href = reverse("api-v1:read_checkpoint", args=(each.number,))
    return {"number": each.number, "size": each.size, "note": ledger.cosigned(each), "href": href}
