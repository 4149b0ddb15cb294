"""Addresses of a node. None holds personal data: a referral and a case are known by a random reference."""

from django.urls import include, path

from brug.node import monitoring

urlpatterns = [
    path("healthz", monitoring.healthz, name="healthz"),
    path("metrics", monitoring.metrics, name="metrics"),
    path("", include("brug.face.web.urls")),
    path("", include("brug.desks.members.login_urls")),
    path("", include("brug.desks.protocols.urls")),
    path("members/", include("brug.desks.members.urls")),
    path("", include("brug.desks.mailroom.urls")),
    path("referrals/", include("brug.desks.referrals.urls")),
    path("cases/", include("brug.desks.casework.urls")),
    path("quality/", include("brug.desks.quality.urls")),
    path("breaches/", include("brug.desks.breaches.urls")),
    path("requests/", include("brug.desks.requests.urls")),
    path("oversight/", include("brug.desks.oversight.urls")),
    path("window/", include("brug.desks.window.urls")),
    path("api/v1/", include("brug.face.api.urls")),
    path("connections/", include("brug.face.api.page_urls")),
]

handler429 = "brug.desks.members.login_views.too_often"  # asked for by django-allauth
handler500 = "brug.kit.pages.server_error"
