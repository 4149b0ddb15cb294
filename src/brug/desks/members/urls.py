"""Addresses of who works here."""

from __future__ import annotations

from django.urls import path

from brug.desks.members import away_views, views

urlpatterns = [
    path("", views.members, name="members"),
    path("away", away_views.away, name="away"),
    path("away/<int:pk>/back", away_views.back, name="away-back"),
    path("new", views.member_new, name="member-new"),
    path("<int:pk>", views.member, name="member"),
    path("<int:pk>/invite", views.member_invite, name="member-invite"),
    path("<int:pk>/role", views.member_role, name="member-role"),
    path("<int:pk>/attest", views.member_attest, name="member-attest"),
    path("<int:pk>/leave", views.member_leave, name="member-leave"),
]
