"""Addresses of the frame: log-in, home, language, accessibility; and the page of components in a demo."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from brug.face.web import consents, file_export, help, quarantine, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("brug.face.web.login_urls")),
    path("language", login_not_required(set_language), name="language"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("components", views.components, name="components"),
    path("", include("brug.face.web.protocol_urls")),
    path("", include("brug.face.web.oversight")),
    path("cases/files/<uuid:reference>/export", file_export.export, name="file-export"),
    path("referrals/<uuid:reference>/receipt", consents.consent_receipt, name="consent-receipt"),
    path("referrals/<uuid:reference>/consent.jsonld", consents.consent_record, name="consent-record"),
    path("hulp/", help.page, name="help"),
    path("hulp/<slug:name>", help.page, name="help"),
    path("info/", include("brug.face.web.leaflet_urls")),
    path("mail", quarantine.overview, name="quarantine"),
    path("mail/<int:pk>/discard", quarantine.discard, name="quarantine-discard"),
    path("mail/<int:pk>/ask", quarantine.ask_again, name="quarantine-ask"),
    path("mail/<int:pk>/again", quarantine.look_again, name="quarantine-again"),
    path("mail/sent/<int:pk>/again", quarantine.send_again, name="quarantine-send-again"),
]
