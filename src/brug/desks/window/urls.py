"""Addresses of the window: the door is public, no code and no record of a family stands in its address."""

from django.urls import path

from brug.desks.window import public_views, views

urlpatterns = [
    path("", public_views.door, name="window"),
    path("<str:language>/", public_views.door, name="window-door"),
    path("of/<slug:desk>/<uuid:reference>", views.of, name="window-of"),
    path("of/<slug:desk>/<uuid:reference>/paper", views.paper, name="window-paper"),
    path("for/officers", views.switch, name="window-switch"),
]
