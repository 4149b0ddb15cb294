"""Oversight: register, processors and figures, as their pages show them; no person (art. 6, GDPR 30, GDPR 89)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from ninja import Router
from pydantic.alias_generators import to_camel

from brug.core.calendar import legal_day
from brug.desks.oversight import processors, register
from brug.face.api import schemas
from brug.face.api.access import Caller, for_scope
from brug.face.api.rest import AS_WRITTEN, READS
from brug.face.api.states import Scope
from brug.face.web import figures_views as figures

router = Router(tags=["Oversight"])
READ = for_scope(Scope.OVERSIGHT_READ)


@router.get("/register", response={200: schemas.Register} | READS, **AS_WRITTEN, **READ)
def read_register(request: HttpRequest) -> Any:
    """The processing activities of this party, as GDPR 30(1) asks; each is generated from what is in force."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return {"self": reverse("api-v1:read_register"), "items": [_activity(a) for a in register.activities(caller.at)]}


@router.get("/processors", response={200: schemas.Processors} | READS, **AS_WRITTEN, **READ)
def list_processors(request: HttpRequest) -> Any:
    """Who processes data on behalf of this party, with the agreement (art. 6, GDPR 28)."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    found = processors.overview(caller.at).processors
    items = [{to_camel(name): value for name, value in each.model_dump().items()} for each in found]
    return {"self": reverse("api-v1:list_processors"), "items": items}


@router.get("/figures", response={200: schemas.Figures} | READS, **AS_WRITTEN, **READ)
def read_figures(request: HttpRequest) -> Any:
    """The figures of the last periods, exactly as their page shows them. A count that is hidden is absent."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    tables = [
        figures.figure(subject, period)
        for subject in figures.subjects(caller.at)
        for period in figures.shown_of(figures.told(subject, legal_day(caller.at))[0], legal_day(caller.at))
    ]
    return {"self": reverse("api-v1:read_figures"), "items": [cell for table in tables for cell in _cells(table)]}


def _activity(activity: register.Activity) -> dict[str, Any]:
    named = {each.name: getattr(activity, each.name) for each in fields(activity) if each.name != "protocol"}
    told = {to_camel(name): list(value) if isinstance(value, tuple) else value for name, value in named.items()}
    if activity.protocol:
        where = (activity.protocol.id, activity.protocol.version)
        told["protocolHref"] = reverse("api-v1:read_protocol", args=where)
    return {name: value for name, value in told.items() if value not in (None, "")} | _ended(activity.ended_on)


def _ended(on: date | None) -> dict[str, str]:
    return {"endedOn": on.isoformat()} if on else {}


def _cells(table: figures.Figure) -> Iterator[dict[str, Any]]:
    about = {"period": figures.code_of(table.period), "figure": table.subject.code}
    if not table.rows:
        yield about | {"place": gettext("Total"), "what": "total", "count": table.total}
        return
    for place, values in table.lines():
        for column, count in zip((*table.columns, "total"), values, strict=True):
            told = about | {"place": place, "what": column}
            yield told if count is None else told | {"count": count}
