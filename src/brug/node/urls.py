"""Addresses of a node. None holds personal data: a referral and a case are known by a random reference."""

from django.urls import include, path

urlpatterns = [
    path("", include("brug.face.web.urls")),
    path("referrals/", include("brug.desks.referrals.urls")),
    path("cases/", include("brug.desks.casework.urls")),
]
