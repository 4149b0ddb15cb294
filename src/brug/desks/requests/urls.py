"""Addresses of this desk: a request is known by a random reference."""

from django.urls import path

from brug.desks.requests import views

urlpatterns = [
    path("", views.overview, name="requests"),
    path("new", views.receive, name="request-receive"),
    path("<uuid:reference>", views.detail, name="request"),
    path("<uuid:reference>/find", views.find, name="request-find"),
    path("<uuid:reference>/letter", views.letter, name="request-letter"),
    path("<uuid:reference>/gather", views.gather, name="request-gather"),
    path("<uuid:reference>/answer", views.answer, name="request-answer"),
    path("<uuid:reference>/<slug:name>", views.step, name="request-step"),
    path("<uuid:reference>/<int:place>/rectify", views.rectify, name="request-rectify"),
    path("<uuid:reference>/<int:place>/allow", views.allow, name="request-allow"),
    path("<uuid:reference>/<int:place>/<str:deed>", views.carry_out, name="request-carry-out"),
]
