"""The names and the shapes of what this node gives as linked data, each at an address of its own (recital D, GDPR 7).

A document of Brug holds its context itself, so nobody has to fetch anything to read one. These addresses are for who
wants to name or check: they are the same at every node, and the release holds them (docs/spec/linked). They change with
the version in their name only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from brug.desks.oversight.register_linked import OWN
from brug.desks.referrals.consent_linked import NAMES
from brug.kit.linked.jsonld import CONTEXT, Node


def _context(names: Node) -> Callable[[], str]:
    return lambda: json.dumps({"@context": names}, ensure_ascii=False, indent=2) + "\n"


def _shapes(room: str, name: str) -> Callable[[], str]:
    return lambda: (files(room) / name).read_text()


PUBLISHED: dict[str, Callable[[], str]] = {
    "protocol-1.context.jsonld": _context(CONTEXT),
    "protocol-1.shapes.ttl": _shapes("brug.kit.linked", "shapes.ttl"),
    "consent-1.context.jsonld": _context(CONTEXT | NAMES),
    "consent-1.shapes.ttl": _shapes("brug.desks.referrals", "consent.ttl"),
    "register-1.context.jsonld": _context(CONTEXT | OWN),
}
"""Name in the address → its text."""
TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle; charset=utf-8"}


@login_not_required
@require_safe
def linked(request: HttpRequest, name: str) -> HttpResponse:
    """One of them; public, and the same for all."""
    if name not in PUBLISHED:
        raise Http404
    kind = TYPES[name.rpartition(".")[2]]
    return HttpResponse(PUBLISHED[name](), content_type=kind, headers={"Access-Control-Allow-Origin": "*"})
