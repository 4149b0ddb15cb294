"""Addresses of a node. None holds personal data: a referral and a case are known by a random reference."""

from django.urls import include, path

from brug.desks.mailroom import urls as mail_urls
from brug.desks.members import urls as member_urls
from brug.node import crossings, gathering, leaving, monitoring, worker

urlpatterns = [
    path("healthz", monitoring.healthz, name="healthz"),
    path("metrics", monitoring.metrics, name="metrics"),
    path("", include("brug.face.web.urls")),
    path("", include("brug.desks.members.login_urls")),
    path("", include("brug.desks.protocols.urls")),
    path("members/", include(member_urls.addresses(leaving.LEAVING))),
    path("", include(mail_urls.addresses(worker.VERBS))),
    path("referrals/", include("brug.desks.referrals.urls")),
    path("cases/", include("brug.desks.casework.urls")),
    path("quality/", include("brug.desks.quality.urls"), {"desks": crossings.QUALITY}),
    path("breaches/", include("brug.desks.breaches.urls"), {"desks": crossings.BREACHES}),
    path("requests/", include("brug.desks.requests.urls"), {"desks": gathering.REQUESTS}),
    path("oversight/", include("brug.desks.oversight.urls")),
    path("api/v1/", include("brug.face.api.urls")),
    path("connections/", include("brug.face.api.page_urls")),
]

handler429 = "brug.desks.members.login_views.too_often"  # asked for by django-allauth
