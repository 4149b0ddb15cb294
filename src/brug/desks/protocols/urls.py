"""Addresses of protocols: a lasting one for every version, which needs no log-in (recital D)."""

from __future__ import annotations

from django.urls import path

from brug.desks.protocols import drafts_views, offering_views, signed_views
from brug.desks.protocols import views as views
from brug.desks.protocols.events_views import protocol_event, signature

ONE = "protocols/<slug:protocol_id>/<int:version>"

urlpatterns = [
    path("protocol", views.the_protocol, name="protocol"),
    path("protocols/", views.protocols, name="protocols"),
    path("protocols/new", views.protocol_new, name="protocol-new"),
    path("protocols/drafts", drafts_views.overview, name="protocol-drafts"),
    path("protocols/drafts/upload", drafts_views.upload, name="protocol-upload"),
    path("protocols/drafts/<uuid:reference>", drafts_views.one, name="protocol-draft"),
    path("protocols/drafts/<uuid:reference>/upload", drafts_views.upload, name="protocol-replace"),
    path("protocols/drafts/<uuid:reference>/advice", drafts_views.advice, name="protocol-advice"),
    path("protocols/drafts/<uuid:reference>/fix", drafts_views.fix, name="protocol-fix"),
    path("protocols/drafts/<uuid:reference>/discard", drafts_views.discard, name="protocol-discard"),
    path("protocols/drafts/<uuid:reference>/clause/<slug:place>", drafts_views.clause, name="protocol-clause"),
    path("protocols/drafts/<uuid:reference>.pdf", drafts_views.paper, {"form": "pdf"}, name="protocol-draft-pdf"),
    path("protocols/drafts/<uuid:reference>.docx", drafts_views.paper, {"form": "docx"}, name="protocol-draft-docx"),
    path("protocols/directory", views.directory, name="directory"),
    path("protocols/schema.json", views.protocol_schema, name="protocol-schema"),
    path(ONE, views.protocol, name="protocol"),
    path(f"{ONE}.pdf", views.protocol_pdf, name="protocol-pdf"),
    path(f"{ONE}.json", views.protocol_json, name="protocol-json"),
    path(f"{ONE}.jsonld", views.protocol_jsonld, name="protocol-jsonld"),
    path(f"{ONE}/timeline", views.protocol_timeline, name="protocol-timeline"),
    path(f"{ONE}/event", protocol_event, name="protocol-event"),
    path(f"{ONE}/signature", signature, name="protocol-signature"),
    path(f"{ONE}/offer", offering_views.offer, name="protocol-offer"),
    path(f"{ONE}/answer", offering_views.answer, name="protocol-answer"),
    path(f"{ONE}/change", offering_views.change, name="protocol-change"),
    path(f"{ONE}/mailbox", offering_views.mailbox, name="protocol-mailbox"),
    path(f"{ONE}/ask", views.protocol_ask, name="protocol-ask"),
    path(f"{ONE}/signed", signed_views.signed, name="protocol-signed"),
    path(f"{ONE}/signed/<int:number>", signed_views.signed, name="protocol-signed-other"),
    path(f"{ONE}/signed/<int:number>/days", signed_views.days, name="protocol-signed-days"),
    path(f"{ONE}/signed/<int:number>.pdf", signed_views.pdf, name="protocol-signed-pdf"),
]
