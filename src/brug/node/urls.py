"""Addresses of a node. None holds personal data: a referral and a case are known by a random reference."""

from django.urls import include, path

from brug.node import monitoring
from brug.office import plug

urlpatterns = [
    path("healthz", monitoring.healthz, name="healthz"),
    path("metrics", monitoring.metrics, name="metrics"),
    path("", include("brug.face.web.urls")),
    *(path(beginning, include(module)) for beginning, module in plug.urls()),
]

handler429 = "brug.kit.pages.too_often"  # asked for by django-allauth
handler500 = "brug.kit.pages.server_error"
