"""Addresses of this desk. None holds personal data: a party by its number, everything else by a random reference."""

from django.urls import path

from brug.desks.oversight import (
    evidence_views,
    export_views,
    log_book_views,
    notices_views,
    processors_views,
    register_views,
    views,
)

urlpatterns = [
    path("", views.home, name="oversight"),
    path("register", register_views.page, name="register"),
    path("register.pdf", export_views.register_pdf, name="register-pdf"),
    path("register.jsonld", export_views.register_jsonld, name="register-jsonld"),
    path("register.csv", register_views.as_csv, name="register-csv"),
    path("processors", processors_views.overview, name="processors"),
    path("processors/none", processors_views.none, name="processors-none"),
    path("processors/read/<int:pk>", processors_views.read, name="processors-read"),
    path("processors/new", processors_views.new, name="processor-new"),
    path("processors/<uuid:reference>", processors_views.one, name="processor"),
    path("processors/<uuid:reference>/end", processors_views.end, name="processor-end"),
    path("processors/told/<int:pk>", processors_views.told, name="processors-told"),
    path("processors/ask/<slug:kbo>", processors_views.ask, name="processors-ask"),
    path("processors/for/<slug:kbo>.pdf", processors_views.pdf, name="processors-pdf"),
    path("notices", notices_views.overview, name="notices"),
    path("notices/new/<slug:protocol_id>/<int:version>", notices_views.new, name="notice-new"),
    path("notices/<uuid:reference>", notices_views.one, name="notice"),
    path("notices/<uuid:reference>.pdf", notices_views.pdf, name="notice-pdf"),
    path("notices/<uuid:reference>/acknowledge", notices_views.acknowledge, name="notice-acknowledge"),
    path("evidence", evidence_views.overview, name="evidence"),
    path("evidence/ask/<slug:kbo>", evidence_views.ask, name="evidence-ask"),
    path("evidence/<uuid:reference>", evidence_views.one, name="evidence-pack"),
    path("evidence/<uuid:reference>.pdf", export_views.evidence_pdf, name="evidence-pdf"),
    path("evidence/<uuid:reference>.zip", export_views.evidence_zip, name="evidence-zip"),
    path("evidence/<uuid:reference>.json", evidence_views.as_json, name="evidence-json"),
    path("evidence/<uuid:reference>/make", evidence_views.make, name="evidence-make"),
    path("evidence/<uuid:reference>/acknowledge", evidence_views.acknowledge, name="evidence-acknowledge"),
    path("log-book", log_book_views.log_book, name="ledger"),
    path("log-book/verify", log_book_views.verify, name="ledger-verify"),
    path("log-book/odd/<int:number>/close", log_book_views.close, name="ledger-close"),
    path("documents/<int:pk>.pdf", views.document_pdf, name="document-pdf"),
]
