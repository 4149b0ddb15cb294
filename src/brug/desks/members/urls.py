"""Addresses of who works here; the node gives `leaving`, which knows every desk."""

from __future__ import annotations

from django.urls import URLPattern, path

from brug.desks.members import views as members
from brug.desks.members.views import Leaving


def addresses(leaving: Leaving) -> list[URLPattern]:
    """The addresses below `members/`."""
    return [
        path("", members.members, name="members"),
        path("new", members.member_new, name="member-new"),
        path("<int:pk>", members.member, name="member"),
        path("<int:pk>/invite", members.member_invite, name="member-invite"),
        path("<int:pk>/role", members.member_role, name="member-role"),
        path("<int:pk>/attest", members.member_attest, name="member-attest"),
        path("<int:pk>/leave", members.member_leave, {"leaving": leaving}, name="member-leave"),
    ]
