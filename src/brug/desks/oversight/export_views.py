"""The register and the evidence in other forms: PDF, linked data, an archive for the verifier (GDPR 30, art. 6)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from brug.core import note
from brug.core.calendar import legal_day
from brug.core.protocol.document import Protocol
from brug.desks.oversight import pack, queries, register
from brug.desks.oversight.evidence_paper import evidence as evidence_on_paper
from brug.desks.oversight.evidence_views import contents, found_inquiry, is_sealed
from brug.desks.oversight.models import Document, Inquiry
from brug.desks.oversight.register_linked import register as linked
from brug.desks.oversight.register_paper import register as register_on_paper
from brug.kit.linked import jsonld
from brug.kit.pages import allowed, as_file
from brug.office.keys import services as keys
from brug.office.ledger import queries as ledger
from brug.office.ledger import verifier
from brug.office.parties.may import Verb
from brug.office.parties.models import Member

STILL = (1980, 1, 1, 0, 0, 0)  # in the archive: the same pack gives the same bytes


@require_GET
@allowed(Verb.SEE_REGISTER)
def register_pdf(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    today = legal_day(now)
    pdf = register_on_paper(register.activities(now), party=settings.PARTY_NAME, on=today)
    return as_file(pdf, "application/pdf", f"verwerkingsregister-{today}.pdf")


@require_GET
@allowed(Verb.SEE_REGISTER)
def register_jsonld(request: HttpRequest, me: Member, now: datetime) -> HttpResponse:
    def address_of(protocol: Protocol) -> str:
        return request.build_absolute_uri(reverse("protocol", args=(protocol.id, protocol.version)))

    node = linked(
        register.activities(now),
        queries.processors(now),
        party=settings.PARTY_NAME,
        at=now,
        address=request.build_absolute_uri(reverse("register")),
        address_of=address_of,
    )
    return HttpResponse(jsonld.as_text(node), content_type="application/ld+json")


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def evidence_pdf(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    return as_file(_paper(found_inquiry(reference)), "application/pdf", f"bewijs-{reference}.pdf")


@require_GET
@allowed(Verb.RUN_OVERSIGHT)
def evidence_zip(request: HttpRequest, me: Member, now: datetime, reference: UUID) -> HttpResponse:
    """The pack, its PDF, the documents it names as far as they are here, and the program that checks it all."""
    inquiry = found_inquiry(reference)
    program = Path(verifier.__file__).read_bytes()
    files = {
        "LEESMIJ.txt": (verifier.__doc__ or "").encode(),
        "pack.json": inquiry.pack.encode(),
        "verifier.py": program,
    }
    if not inquiry.is_ours:
        paper = _paper(inquiry)
        files |= {"bewijs.pdf": paper, "bewijs.pdf.note": _sealed(paper).encode()}
        files |= _documents(inquiry)
    else:
        files |= _carried(inquiry)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STILL), content, zipfile.ZIP_DEFLATED)
    return as_file(written.getvalue(), "application/zip", f"bewijs-{reference}.zip")


def _paper(inquiry: Inquiry) -> bytes:
    """To read. Theirs only when its seal is right, and it is of the shape that this release knows."""
    if not is_sealed(inquiry):
        raise Http404
    envelope = json.loads(inquiry.pack)
    try:
        return evidence_on_paper(envelope["pack"], envelope["seal"], pack.digest(envelope["pack"]))
    except (KeyError, TypeError, AttributeError, ValueError):
        if inquiry.is_ours:
            raise Http404 from None
        raise


def _sealed(paper: bytes) -> str:
    """A note over the paper itself, by the same key as the seal of the pack."""
    text = f"brug/{settings.PARTY}/evidence-paper\n{hashlib.sha256(paper).hexdigest()}\n"
    return note.sign(text, ledger.origin(), keys.checkpoint_key())


def _documents(inquiry: Inquiry) -> dict[str, bytes]:
    named = {each["sha256"] for each in json.loads(inquiry.pack)["pack"]["documents"]}
    return {f"documents/{each.sha256}.pdf": bytes(each.pdf) for each in Document.objects.filter(sha256__in=named)}


def _carried(inquiry: Inquiry) -> dict[str, bytes]:
    """The files that their pack brought, of a pack whose seal is right."""
    held = contents(inquiry) if is_sealed(inquiry) else {}
    named = [each.get("sha256") for each in held.get("documents", []) if isinstance(each, dict)]
    found = {sha256: pack.file_of(held, sha256) for sha256 in named if isinstance(sha256, str)}
    return {f"documents/{sha256}.pdf": content for sha256, content in found.items() if content is not None}
