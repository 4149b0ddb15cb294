"""Addresses of the leaflets: public, for a family's own telephone or the team member's tablet."""

from __future__ import annotations

from django.urls import path

from brug.face.web import leaflets_views as leaflets

urlpatterns = [
    path("", leaflets.overview, name="leaflets"),
    path("<str:kind>/<str:language>/", leaflets.leaflet, name="leaflet"),
    path("<str:kind>/<str:language>/<slug:protocol_id>/", leaflets.leaflet, name="leaflet"),
    path("<str:kind>/<str:language>/<slug:protocol_id>/aloud", leaflets.aloud, name="leaflet-aloud"),
    path("<str:kind>/<str:language>/<slug:protocol_id>/pdf", leaflets.pdf, name="leaflet-pdf"),
]
